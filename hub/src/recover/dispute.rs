//! Nodes to which nothing is given until an officer has decided.
//!
//! An officer may keep a node out. A node that answers may be a copy of the one that was enrolled, or one that wrote
//! its history anew; what it were given then could be told twice, or lost.

use rmd_proto::{Code, Fault};
use sqlx::AnyConnection;

use super::boot;
use crate::{registry::standing, store};

/// Why nothing is given to a node; none if it may be.
pub(crate) async fn of_node(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Option<Fault>, store::Error> {
    if let Some(fault) = standing::of(connection, node_id).await?.refusal(node_id) {
        return Ok(Some(fault));
    }
    if let Some(fault) = boot::refusal_of_last(connection, node_id).await? {
        return Ok(Some(fault));
    }
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT feed
         FROM feed_recovery
         WHERE node_id = $1 AND state = 'diverged'
         ORDER BY feed
         LIMIT 1",
    )
    .bind(node_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(feed,)| two_histories(node_id, &feed)))
}

fn two_histories(node_id: &str, feed: &str) -> Fault {
    let message = format!(
        "{node_id} and the hub hold two histories of the feed {feed}; nothing is given to the node \
         until an officer runs `rmd-hub node confirm-recovery {node_id} --by NAME --reason TEXT`\n\
         {node_id} et le pivot détiennent deux historiques du flux {feed} ; rien n'est remis au nœud \
         avant qu'un agent lance `rmd-hub node confirm-recovery {node_id} --by NOM --reason TEXTE`"
    );
    Fault::at(Code::FeedFrozen, "feed", message)
}
