//! Where this node was enrolled, and with what keys of the hub.
//!
//! Owns the table `enrolment`. The certificates themselves lie in `tls/`, the
//! node's own feed key in `keys/feed.key`.

use serde::Serialize;
use sqlx::FromRow;

use super::{Error, store::Store};

/// What the Secretariat answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Enrolment {
    /// Identity in the node's certificate, a spiffe URI.
    pub(crate) identity: String,
    /// Identity of the hub, a spiffe URI.
    pub(crate) hub_identity: String,
    /// Public key of the hub's feeds, C2SP.
    pub(crate) hub_feed_vkey: String,
    /// Address of the hub's enrolment listener.
    pub(crate) hub_address: String,
    /// Address at which the hub reaches the node.
    pub(crate) advertise: String,
    /// End of the certificate, UTC microseconds.
    pub(crate) not_after_us: i64,
}

/// Keeps the answer; a later one replaces it.
pub(crate) async fn save(store: &Store, enrolment: &Enrolment) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "INSERT OR REPLACE INTO enrolment (
             id, identity, hub_identity, hub_feed_vkey, hub_address, advertise,
             not_after_us, enrolled_at_us)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(&enrolment.identity)
    .bind(&enrolment.hub_identity)
    .bind(&enrolment.hub_feed_vkey)
    .bind(&enrolment.hub_address)
    .bind(&enrolment.advertise)
    .bind(enrolment.not_after_us)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("enrolment", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
}

/// Keeps the end of a renewed certificate.
pub(crate) async fn renewed(store: &Store, not_after_us: i64) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query("UPDATE enrolment SET not_after_us = ?1 WHERE id = 1")
        .bind(not_after_us)
        .execute(&mut *transaction)
        .await?;
    Error::expect_rows("enrolment", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
}

/// The enrolment; none before `rmd-node enrol`.
pub(crate) async fn load(store: &Store) -> Result<Option<Enrolment>, Error> {
    Ok(sqlx::query_as(
        "SELECT identity,
                hub_identity,
                hub_feed_vkey,
                hub_address,
                advertise,
                not_after_us
         FROM enrolment
         WHERE id = 1",
    )
    .fetch_optional(store.readers())
    .await?)
}
