//! Which feeds of a node are followed, and how far each record type is applied.
//!
//! The lesser of the node's and the hub's entitlement is in force. A feed that
//! the hub does not want is not pulled; one that the node does not release is
//! followed all the same, because nothing comes until it does.

use std::collections::BTreeMap;

use rmd_proto::v1;
use rmd_standard::Entity;
use sqlx::AnyConnection;

use super::Error;
use crate::{
    regional::Levels,
    registry::entitlement::{self, Level},
};

/// How one feed is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedPlan {
    /// The level in force of each record type.
    pub(crate) levels: Levels,
}

/// The feeds of a node that are followed, by name.
pub(crate) type Plan = BTreeMap<String, FeedPlan>;

/// What is in force between the hub's entitlements and what the node states.
pub(crate) async fn make(
    connection: &mut AnyConnection,
    node_id: &str,
    stated: &[v1::FeedState],
) -> Result<Plan, Error> {
    let hub = entitlement::levels(connection, node_id).await?;
    let plan = stated
        .iter()
        .filter(|feed| hub.wants(&feed.feed))
        .map(|feed| {
            let levels = Entity::ALL
                .into_iter()
                .filter(|entity| entity.feed() == feed.feed)
                .map(|entity| (entity, hub.of(entity).min(stated_level(feed, entity))))
                .collect();
            (feed.feed.clone(), FeedPlan { levels })
        })
        .collect();
    Ok(plan)
}

/// The node's own level; what it does not speak of is not held back.
fn stated_level(feed: &v1::FeedState, entity: Entity) -> Level {
    let count = feed.entity.iter().find(|count| count.entity == entity.name());
    match count.map(|count| count.entitlement.as_str()) {
        None | Some("live") => Level::Live,
        Some("shadow") => Level::Shadow,
        Some(_) => Level::Off,
    }
}
