//! Nodes that came after a case was sent.
//!
//! A notice goes to the nodes that its state has when it is published. One that is enrolled
//! later, or comes back after it was revoked, lacks what was told meanwhile: each node is
//! looked at once, and again after it was away. Owns no table.

use std::collections::BTreeSet;

use rmd_standard::country::alpha2_of;
use sqlx::{AnyConnection, Row as _};

use super::{Error, notice};

/// The nodes that have a notice of every case of which their state was told.
#[derive(Debug, Default)]
pub(super) struct Complete(BTreeSet<String>);

impl Complete {
    /// A case of which some node has no notice; none if all have all.
    pub(super) async fn next(
        &mut self,
        connection: &mut AnyConnection,
    ) -> Result<Option<String>, Error> {
        let nodes = notice::able(connection).await?;
        self.0.retain(|known| nodes.contains(known));
        for node_id in nodes {
            if self.0.contains(&node_id) {
                continue;
            }
            if let Some(case_id) = lacking(connection, &node_id).await? {
                return Ok(Some(case_id));
            }
            self.0.insert(node_id);
        }
        Ok(None)
    }
}

/// A case that was told to its state and of which this node of it has no notice.
async fn lacking(connection: &mut AnyConnection, node_id: &str) -> Result<Option<String>, Error> {
    let country = node_id.split('/').next().and_then(alpha2_of).unwrap_or_default();
    // One that is open again is not told before an officer sends it.
    let row = sqlx::query(
        "SELECT f.case_id
         FROM case_file f
         WHERE f.country = $1 AND f.sent_at_us IS NOT NULL AND f.state <> 'open'
           AND NOT EXISTS (
               SELECT 1 FROM case_notice n WHERE n.case_id = f.case_id AND n.node_id = $2)
         ORDER BY f.case_id
         LIMIT 1",
    )
    .bind(country)
    .bind(node_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
