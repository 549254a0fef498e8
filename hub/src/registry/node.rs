//! The enrolled nodes.
//!
//! Invariant: the feed key of a node is pinned at its first enrolment; a later
//! enrolment of the same node with another key is refused.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::Error;
use crate::store::expect_rows;

/// A node as the hub knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Node {
    /// ALPHA-3/name.
    pub(crate) id: String,
    /// Alpha-3 code of the state.
    pub(crate) country: String,
    pub(crate) name: String,
    /// The spiffe URI in its certificate.
    pub(crate) identity: String,
    /// Public key of its feeds, a C2SP vkey.
    pub(crate) feed_vkey: String,
    /// `host:port` at which the hub reaches it; empty with no inbound port.
    pub(crate) address: String,
    pub(crate) certificate_serial: String,
    pub(crate) certificate_not_after_us: i64,
    pub(crate) enrolled_at_us: i64,
}

impl TryFrom<AnyRow> for Node {
    type Error = Error;

    fn try_from(row: AnyRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("node_id")?,
            country: row.try_get("country")?,
            name: row.try_get("name")?,
            identity: row.try_get("identity")?,
            feed_vkey: row.try_get("feed_vkey")?,
            address: row.try_get("address")?,
            certificate_serial: row.try_get("certificate_serial")?,
            certificate_not_after_us: row.try_get("certificate_not_after_us")?,
            enrolled_at_us: row.try_get("enrolled_at_us")?,
        })
    }
}

/// Every node, by id.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Node>, Error> {
    sqlx::query(
        "SELECT node_id, country, name, identity, feed_vkey, address,
                certificate_serial, certificate_not_after_us, enrolled_at_us
         FROM node
         ORDER BY node_id",
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Node::try_from)
    .collect()
}

/// One node; none if it is not enrolled.
pub(crate) async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Node>, Error> {
    sqlx::query(
        "SELECT node_id, country, name, identity, feed_vkey, address,
                certificate_serial, certificate_not_after_us, enrolled_at_us
         FROM node
         WHERE node_id = $1",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?
    .map(Node::try_from)
    .transpose()
}

/// Writes an enrolled node; a known one gets its new certificate and address.
/// The feed key is written once; [`pin`] alone replaces it.
pub(super) async fn enrol(connection: &mut AnyConnection, node: &Node) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO node
             (node_id, country, name, identity, feed_vkey, address,
              certificate_serial, certificate_not_after_us, enrolled_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (node_id) DO UPDATE SET
             address = excluded.address,
             certificate_serial = excluded.certificate_serial,
             certificate_not_after_us = excluded.certificate_not_after_us
         WHERE node.feed_vkey = excluded.feed_vkey",
    )
    .bind(&node.id)
    .bind(&node.country)
    .bind(&node.name)
    .bind(&node.identity)
    .bind(&node.feed_vkey)
    .bind(&node.address)
    .bind(&node.certificate_serial)
    .bind(node.certificate_not_after_us)
    .bind(node.enrolled_at_us)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("node", 1, affected)?)
}

/// Pins another feed key, where an invitation allowed it.
pub(super) async fn pin(
    connection: &mut AnyConnection,
    id: &str,
    feed_vkey: &str,
) -> Result<(), Error> {
    let affected = sqlx::query("UPDATE node SET feed_vkey = $1 WHERE node_id = $2")
        .bind(feed_vkey)
        .bind(id)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(expect_rows("node", 1, affected)?)
}

/// Writes a renewed certificate; an empty address keeps the known one.
pub(super) async fn renew(
    connection: &mut AnyConnection,
    id: &str,
    address: &str,
    serial: &str,
    not_after: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE node SET
             address = CASE WHEN $1 = '' THEN address ELSE $1 END,
             certificate_serial = $2,
             certificate_not_after_us = $3,
             renewed_at_us = $4
         WHERE node_id = $5",
    )
    .bind(address)
    .bind(serial)
    .bind(not_after.as_microsecond())
    .bind(now.as_microsecond())
    .bind(id)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("node", 1, affected)?)
}
