//! How far the hub is in the feeds of this node, as this node knows.
//!
//! Two sources, the later one counts: the last call of the hub, which asked for
//! what comes after its cursor, and the last return bundle. What a return bundle
//! says is held against the journal: it must be a checkpoint of this feed.

use rmd_proto::v1;
use serde::Serialize;
use sqlx::FromRow;

use super::Error;
use crate::journal::Store;

/// What a return bundle says of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Acknowledged {
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    pub(crate) cursor: u64,
    /// What does not fit, English then French; none if it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
}

#[derive(Debug, FromRow)]
struct At {
    cursor: i64,
    at_us: i64,
}

/// The last seq that the hub is known to have applied; 0 if nothing is known.
pub(super) async fn cursor(store: &Store, feed: &str, epoch: u32) -> Result<u64, Error> {
    let called: Option<At> = sqlx::query_as(
        "SELECT first_seq - 1 AS cursor,
                began_at_us AS at_us
         FROM audit
         WHERE feed = ?1 AND epoch = ?2 AND call IN ('Pull', 'Follow') AND peer LIKE '%/hub'
         ORDER BY audit_id DESC
         LIMIT 1",
    )
    .bind(feed)
    .bind(epoch)
    .fetch_optional(store.readers())
    .await?;
    let returned: Option<At> = sqlx::query_as(
        "SELECT cursor,
                made_at_us AS at_us
         FROM bundle_acknowledged
         WHERE feed = ?1 AND epoch = ?2",
    )
    .bind(feed)
    .bind(epoch)
    .fetch_optional(store.readers())
    .await?;
    let latest = [called, returned].into_iter().flatten().max_by_key(|at| at.at_us);
    Ok(latest.map_or(0, |at| u64::try_from(at.cursor).unwrap_or(0)))
}

/// Keeps what a return bundle says, if it is a checkpoint of ours and no older
/// bundle.
pub(super) async fn keep(
    store: &Store,
    said: &v1::BundleCursor,
    made_at_us: i64,
) -> Result<Acknowledged, Error> {
    let v1::BundleCursor { feed, epoch, cursor, checkpoint, .. } = said;
    let mut acknowledged =
        Acknowledged { feed: feed.clone(), epoch: *epoch, cursor: *cursor, fault: None };
    let ours: Option<String> = sqlx::query_scalar(
        "SELECT checkpoint FROM block WHERE feed = ?1 AND epoch = ?2 AND last_seq = ?3",
    )
    .bind(feed)
    .bind(epoch)
    .bind(cursor.cast_signed())
    .fetch_optional(store.readers())
    .await?;
    // Ed25519 signs deterministically: the same root is the same note.
    if *cursor > 0 && ours.as_ref() != Some(checkpoint) {
        acknowledged.fault = Some(format!(
            "the hub holds {cursor} entries of the feed {feed} that are not those of this node; it was \
             restored from a backup, or is a copy: see the section on backups\n\
             le pivot détient {cursor} écritures du flux {feed} qui ne sont pas celles de ce nœud ; il \
             a été restauré d'une sauvegarde, ou c'est une copie : voyez la section des sauvegardes"
        ));
        return Ok(acknowledged);
    }
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "INSERT INTO bundle_acknowledged (feed, epoch, cursor, made_at_us) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (feed, epoch) DO UPDATE SET
             cursor = excluded.cursor,
             made_at_us = excluded.made_at_us
         WHERE excluded.made_at_us > made_at_us",
    )
    .bind(feed)
    .bind(epoch)
    .bind(cursor.cast_signed())
    .bind(made_at_us)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(acknowledged)
}
