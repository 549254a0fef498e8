//! A node that holds more of the hub's own feeds than the hub.
//!
//! The hub was restored and its mark did not tell. What the node gives back was signed
//! by the hub, which proves the loss; then other nodes may hold still more, so nothing
//! is published before each of them was heard.

use super::{
    hold,
    recall::{Failure, Recall},
};
use crate::{registry::node::Node, share::OwnFeed};

/// Takes back what a node holds of a feed and the hub does not; how many entries.
/// Nothing where the node is waited for already: then all its feeds are asked for.
pub(crate) async fn take_back(
    recall: &Recall,
    node: &Node,
    feed: &OwnFeed,
) -> Result<u64, Failure> {
    let waiting = hold::nodes(&mut *recall.store.acquire().await?).await?;
    if waiting.contains(&node.id) {
        return Ok(0);
    }
    let brought = recall.bring_back(node, feed).await?;
    if brought > 0 {
        let mut transaction = recall.store.begin().await?;
        hold::begin(&mut transaction, recall.clock.now().as_microsecond()).await?;
        transaction.commit().await?;
    }
    Ok(brought)
}
