//! What left, to whom, and when.
//!
//! Owns the tables `audit` and `peer`. Who a peer is comes from its verified
//! certificate. Invariant: a frame is written down, durably, before it is handed
//! to the network; so the audit may hold a frame that was cut on its way, and
//! never lacks one that arrived.

use rmd_link::Peer;
use rmd_proto::v1::Frame;
use serde::Serialize;
use sqlx::FromRow;

use super::{Error, feeds::number, store::Store};

/// One call of a peer that took entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Entry {
    /// Number of the row.
    pub(crate) audit_id: i64,
    /// Identity in the verified certificate, or the one for whom a bundle was made.
    pub(crate) peer: String,
    /// Serial of that certificate; of a bundle the key that opens it.
    pub(crate) serial: String,
    /// Pull, Follow, Prove or Bundle.
    pub(crate) call: String,
    /// Name of the feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: i64,
    /// First seq that was sent.
    pub(crate) first_seq: i64,
    /// Last seq that was sent.
    pub(crate) last_seq: i64,
    /// Frames that were sent.
    pub(crate) frames: i64,
    /// Compressed bytes that were sent.
    pub(crate) bytes: i64,
    /// The first frame, UTC microseconds.
    pub(crate) began_at_us: i64,
    /// The last frame, UTC microseconds.
    pub(crate) last_at_us: i64,
}

/// A peer that said hello.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct SeenPeer {
    /// Identity in the verified certificate.
    pub(crate) identity: String,
    /// TLS version of the session.
    pub(crate) tls_version: String,
    /// Last Hello, UTC microseconds.
    pub(crate) last_seen_us: i64,
}

/// One call that is being written down.
#[derive(Debug)]
pub(crate) struct Call {
    store: Store,
    peer: String,
    serial: String,
    name: &'static str,
    row: Option<i64>,
}

impl Call {
    /// Nothing is written before the first frame.
    pub(crate) fn new(store: Store, peer: Peer, name: &'static str) -> Self {
        let (identity, serial) = (peer.identity.to_string(), peer.serial);
        Self { store, peer: identity, serial, name, row: None }
    }

    /// Entries that leave in a file which only `peer` can open, with the key whose
    /// public half stands in the place of a certificate's serial.
    pub(crate) const fn in_a_bundle(store: Store, peer: String, recipient: String) -> Self {
        Self { store, peer, serial: recipient, name: "Bundle", row: None }
    }

    /// Writes down a frame that is about to leave.
    pub(crate) async fn leaving(&mut self, frame: &Frame) -> Result<(), Error> {
        let bytes = frame.body.len() + frame.checkpoint.len();
        let (first, last) = (number(frame.first_seq)?, number(frame.last_seq)?);
        let bytes = number(bytes as u64)?;
        self.note(&frame.feed, frame.epoch, (first, last), bytes).await
    }

    /// Writes down a proof about a range of entries.
    pub(crate) async fn proving(
        &mut self,
        feed: &str,
        epoch: u32,
        (first, last): (u64, u64),
        bytes: u64,
    ) -> Result<(), Error> {
        self.note(feed, epoch, (number(first)?, number(last)?), number(bytes)?).await
    }

    async fn note(
        &mut self,
        feed: &str,
        epoch: u32,
        (first, last): (i64, i64),
        bytes: i64,
    ) -> Result<(), Error> {
        let mut writing = self.store.write().await;
        let mut transaction = writing.begin().await?;
        let row: i64 = sqlx::query_scalar(
            "INSERT INTO audit (
                 audit_id, peer, serial, call, feed, epoch,
                 first_seq, last_seq, frames, bytes, began_at_us, last_at_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?10)
             ON CONFLICT (audit_id) DO UPDATE SET
                 last_seq = excluded.last_seq,
                 frames = frames + 1,
                 bytes = bytes + excluded.bytes,
                 last_at_us = excluded.last_at_us
             RETURNING audit_id",
        )
        .bind(self.row)
        .bind(&self.peer)
        .bind(&self.serial)
        .bind(self.name)
        .bind(feed)
        .bind(epoch)
        .bind(first)
        .bind(last)
        .bind(bytes)
        .bind(self.store.now_us())
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        drop(writing);
        self.row = Some(row);
        Ok(())
    }
}

/// The latest calls, newest first.
pub(crate) async fn list(store: &Store, limit: u32) -> Result<Vec<Entry>, Error> {
    Ok(sqlx::query_as(
        "SELECT audit_id,
                peer,
                serial,
                call,
                feed,
                epoch,
                first_seq,
                last_seq,
                frames,
                bytes,
                began_at_us,
                last_at_us
         FROM audit
         ORDER BY audit_id DESC
         LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}

/// Notes a peer that said hello. Whether it is new: its certificate or its TLS
/// version is not that of its last Hello.
pub(crate) async fn seen(store: &Store, peer: &Peer) -> Result<bool, Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let identity = peer.identity.to_string();
    let known: Option<(String, String)> =
        sqlx::query_as("SELECT serial, tls_version FROM peer WHERE identity = ?1")
            .bind(&identity)
            .fetch_optional(&mut *transaction)
            .await?;
    let is_new = known.is_none_or(|(serial, tls_version)| {
        (serial, tls_version) != (peer.serial.clone(), peer.tls_version.clone())
    });
    sqlx::query(
        "INSERT INTO peer (identity, tls_version, serial, last_seen_us) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (identity) DO UPDATE SET
             tls_version = excluded.tls_version,
             serial = excluded.serial,
             last_seen_us = excluded.last_seen_us",
    )
    .bind(identity)
    .bind(&peer.tls_version)
    .bind(&peer.serial)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(is_new)
}

/// The hub as it last said hello.
pub(crate) async fn last_hub(store: &Store) -> Result<Option<SeenPeer>, Error> {
    Ok(sqlx::query_as(
        "SELECT identity, tls_version, last_seen_us
         FROM peer
         WHERE identity LIKE '%/hub'
         ORDER BY last_seen_us DESC
         LIMIT 1",
    )
    .fetch_optional(store.readers())
    .await?)
}
