//! Receipts: what the hub says, under its cosignature, to hold of this node's feeds.
//!
//! Owns the tables `receipt` and `receipt_key`. A receipt is the node's own signed
//! checkpoint with a timed cosignature of the hub below it. Taken is what is
//! cosigned by a key that the pinned feed key of the hub vouches for, and what is
//! about a feed of this node; anything else is logged and left. One row a day for
//! each feed, epoch and standing is kept, [`DAYS_MAX`] days long: a receipt for a
//! checkpoint that this node does not have is evidence of a restored or copied
//! state, or of a forged checkpoint, and no later one takes its place.

pub(crate) mod report;
#[cfg(test)]
mod tests;

use rmd_feed::{Checkpoint, CosignatureVerifier, FeedVerifier, Origin, proof::Claim};
use rmd_proto::v1;
use serde::Serialize;
use sqlx::SqliteConnection;
use tracing::{error, warn};

use super::Inbox;
use crate::journal::{Error, FEEDS, Owner, Store, prove};

/// Days of which receipts are kept.
const DAYS_MAX: i64 = 400;

/// Seconds of a day, and of the offset in which days are counted: UTC+2.
const DAY_S: i64 = 24 * 3600;
const OFFSET_S: i64 = 2 * 3600;

/// How a cosigned checkpoint stands to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// The journal has that root at that size.
    Held,
    /// The journal has fewer entries, or not that epoch.
    Beyond,
    /// The journal has another root at that size.
    OtherRoot,
    /// The note is not signed by this node's key.
    Unsigned,
}

impl Standing {
    /// The word in tables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Beyond => "beyond",
            Self::OtherRoot => "other-root",
            Self::Unsigned => "unsigned",
        }
    }
}

/// One receipt as it came.
#[derive(Debug)]
struct Receipt<'a> {
    feed: &'static str,
    epoch: u32,
    checkpoint: Checkpoint,
    at_s: i64,
    note: &'a str,
    standing: Standing,
}

impl Inbox {
    /// Keeps the receipts that came with a Hello of the hub.
    pub(crate) async fn receipts(
        &self,
        owner: &Owner,
        cosigner: Option<&v1::CosignatureKey>,
        receipts: &[&str],
    ) -> Result<(), Error> {
        keep(&self.store, owner, &self.verifier, cosigner, receipts).await
    }
}

/// Keeps the receipts that hold; `hub` is the pinned feed key of the hub. A receipt
/// that does not hold costs nothing but a line in the log.
pub(crate) async fn keep(
    store: &Store,
    owner: &Owner,
    hub: &FeedVerifier,
    cosigner: Option<&v1::CosignatureKey>,
    receipts: &[&str],
) -> Result<(), Error> {
    let Some(cosigner) = cosigner else { return Ok(()) };
    let verifier = CosignatureVerifier::parse(&cosigner.vkey).ok();
    let Some(verifier) = verifier.filter(|key| key.is_vouched_by(hub, &cosigner.proof)) else {
        warn!("the hub's feed key does not vouch for the key of its receipts");
        return Ok(());
    };
    for note in receipts.iter().filter(|note| !note.is_empty()) {
        let Some(receipt) = read(store, owner, &verifier, note).await? else {
            warn!("a receipt is not the hub's, or about no feed of this node");
            continue;
        };
        if is_known(store, &receipt).await? {
            continue;
        }
        if receipt.standing != Standing::Held {
            error!(
                feed = receipt.feed,
                size = receipt.checkpoint.size,
                standing = receipt.standing.as_str(),
                "the hub holds a checkpoint that this journal has not, read receipts list"
            );
        }
        let mut writing = store.write().await;
        let mut transaction = writing.begin().await?;
        save(&mut transaction, &receipt, verifier.vkey(), store.now_us()).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// A note that the hub cosigned about a feed of ours; none for any other.
async fn read<'a>(
    store: &Store,
    owner: &Owner,
    verifier: &CosignatureVerifier,
    note: &'a str,
) -> Result<Option<Receipt<'a>>, Error> {
    let Ok(at_s) = verifier.check(note) else { return Ok(None) };
    let claimed = Checkpoint::claimed(note);
    let named = claimed.and_then(|(origin, checkpoint)| {
        let (feed, epoch) = feed_of(&origin, &owner.name)?;
        Some((feed, epoch, checkpoint))
    });
    let Some((feed, epoch, checkpoint)) = named else { return Ok(None) };
    let standing = standing(store, owner, (feed, epoch), note, checkpoint).await?;
    let at_s = i64::try_from(at_s).unwrap_or(i64::MAX);
    Ok(Some(Receipt { feed, epoch, checkpoint, at_s, note, standing }))
}

/// The feed and epoch of an origin of this owner.
fn feed_of(origin: &Origin, owner: &str) -> Option<(&'static str, u32)> {
    let rest = origin.as_str().strip_prefix(owner)?.strip_prefix('/')?;
    let (name, epoch) = rest.split_once('/')?;
    let feed = FEEDS.into_iter().find(|feed| *feed == name)?;
    let epoch: u32 = epoch.parse().ok()?;
    (Origin::new(owner, feed, epoch) == *origin).then_some((feed, epoch))
}

/// How a checkpoint stands to the journal now.
pub(crate) async fn standing(
    store: &Store,
    owner: &Owner,
    (feed, epoch): (&str, u32),
    note: &str,
    checkpoint: Checkpoint,
) -> Result<Standing, Error> {
    let origin = Origin::new(&owner.name, feed, epoch);
    if Checkpoint::open(note, &origin, &owner.key.verifier(), checkpoint.size).is_err() {
        return Ok(Standing::Unsigned);
    }
    let held: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(last_seq), 0) FROM block WHERE feed = ?1 AND epoch = ?2",
    )
    .bind(feed)
    .bind(epoch)
    .fetch_one(store.readers())
    .await?;
    if checkpoint.size > held.unsigned_abs() || checkpoint.size == 0 {
        return Ok(Standing::Beyond);
    }
    let size = checkpoint.size;
    let (_, root) = prove::prove(store.readers(), feed, epoch, size, Claim::Root).await?;
    Ok(if root == checkpoint.root { Standing::Held } else { Standing::OtherRoot })
}

/// Whether the day has this receipt, or a larger one of the same standing.
async fn is_known(store: &Store, receipt: &Receipt<'_>) -> Result<bool, Error> {
    let known: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT size, root
         FROM receipt
         WHERE feed = ?1 AND epoch = ?2 AND day = ?3 AND standing = ?4",
    )
    .bind(receipt.feed)
    .bind(receipt.epoch)
    .bind(day(receipt.at_s))
    .bind(receipt.standing.as_str())
    .fetch_optional(store.readers())
    .await?;
    let Checkpoint { size, root } = receipt.checkpoint;
    Ok(known.is_some_and(|(kept, kept_root)| {
        kept.cast_unsigned() > size || (kept.cast_unsigned() == size && kept_root == root)
    }))
}

async fn save(
    connection: &mut SqliteConnection,
    receipt: &Receipt<'_>,
    vkey: &str,
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO receipt_key (vkey, seen_at_us) VALUES (?1, ?2)
         ON CONFLICT (vkey) DO NOTHING",
    )
    .bind(vkey)
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    let written = sqlx::query(
        "INSERT OR REPLACE INTO receipt (
             feed, epoch, day, standing, size, root, cosigned_at_s, vkey, note, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(receipt.feed)
    .bind(receipt.epoch)
    .bind(day(receipt.at_s))
    .bind(receipt.standing.as_str())
    .bind(receipt.checkpoint.size.cast_signed())
    .bind(receipt.checkpoint.root.to_vec())
    .bind(receipt.at_s)
    .bind(vkey)
    .bind(receipt.note)
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    Error::expect_rows("receipt", written.rows_affected(), 1)?;
    sqlx::query("DELETE FROM receipt WHERE feed = ?1 AND epoch = ?2 AND day <= ?3")
        .bind(receipt.feed)
        .bind(receipt.epoch)
        .bind(day(now_us / 1_000_000) - DAYS_MAX)
        .execute(connection)
        .await?;
    Ok(())
}

/// The day of an instant, counted from 1970-01-01 in UTC+2.
const fn day(at_s: i64) -> i64 {
    at_s.saturating_add(OFFSET_S).div_euclid(DAY_S)
}
