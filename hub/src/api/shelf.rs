//! What there is to list of one collection, and whose.
//!
//! Reads the tally that the frames keep, and the entitlements in force. A node
//! whose record type is not live is barred from every answer, also while its
//! records wait to be taken out of the typed tables.

use std::collections::BTreeMap;

use rmd_standard::Entity;
use sqlx::{AnyConnection, FromRow};

use crate::{
    registry::entitlement::{self, Level},
    store::Error,
};

/// Run for each list: a row a node.
pub(crate) const TALLY: &str = "SELECT t.node_id, t.country, t.shown, t.members, t.revisions, \
     (SELECT e.level FROM node_entitlement e \
      WHERE e.node_id = t.node_id AND e.feed = $1 AND e.entity = t.entity) AS of_entity, \
     (SELECT e.level FROM node_entitlement e \
      WHERE e.node_id = t.node_id AND e.feed = $1 AND e.entity = '') AS of_feed, \
     (SELECT o.entitlement FROM owner_entity o \
      WHERE o.node_id = t.node_id AND o.feed = $1 AND o.entity = t.entity) AS stated \
     FROM record_tally t \
     WHERE t.entity = $2 \
     ORDER BY t.node_id";

#[derive(FromRow)]
struct Row {
    node_id: String,
    country: String,
    shown: i64,
    members: i64,
    revisions: i64,
    of_entity: Option<String>,
    of_feed: Option<String>,
    stated: Option<String>,
}

impl Row {
    /// The lesser of both copies is in force; what a node does not speak of is
    /// not held back.
    fn is_live(&self, feed: &str) -> bool {
        let live = Level::Live.as_str();
        let hub = self.of_entity.as_deref().or(self.of_feed.as_deref());
        hub.unwrap_or_else(|| entitlement::default(feed).as_str()) == live
            && self.stated.as_deref().is_none_or(|stated| stated == live)
    }
}

/// One collection as it stands.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Records of each state that are not void.
    pub(super) shown: BTreeMap<String, u64>,
    /// Nodes whose records are in no answer.
    pub(super) barred: Vec<String>,
    /// Goes up when a record appears or goes.
    pub(super) members: i64,
    /// Goes up when anything changes.
    pub(super) revisions: i64,
}

impl Shelf {
    pub(super) async fn read(
        connection: &mut AnyConnection,
        entity: Entity,
    ) -> Result<Self, Error> {
        let feed = entity.feed();
        let rows: Vec<Row> =
            sqlx::query_as(TALLY).bind(feed).bind(entity.name()).fetch_all(connection).await?;
        let mut shelf = Self::default();
        for row in rows {
            shelf.members = shelf.members.wrapping_add(row.members);
            shelf.revisions = shelf.revisions.wrapping_add(row.revisions);
            if row.is_live(feed) {
                *shelf.shown.entry(row.country).or_default() += row.shown.max(0).unsigned_abs();
            } else {
                shelf.barred.push(row.node_id);
            }
        }
        Ok(shelf)
    }
}
