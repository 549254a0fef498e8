//! Recomputes the feeds from their stored bytes.
//!
//! Owns `journal verify`. Believes nothing that is stored about the bytes; the
//! computing is `rmd-feed`'s. Invariant: a feed is whole only if the last root
//! that was computed is the one with which the next entry would be appended. Feeds
//! and blocks are read as of one moment, so that a running node is no fault.

use futures_util::TryStreamExt as _;
use rmd_feed::{FeedVerifier, Origin, verify};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::{Error, store::Store};

/// What the recomputing of one epoch of one feed found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Verified {
    /// Name of the feed.
    pub(crate) feed: String,
    /// The epoch.
    pub(crate) epoch: u32,
    /// Entries whose leaf, digest and place hold.
    pub(crate) entries: u64,
    /// Root over them, hexadecimal.
    pub(crate) root: String,
    /// Whether everything holds.
    pub(crate) whole: bool,
    /// The first seq that does not hold.
    pub(crate) first_bad_seq: Option<u64>,
    /// What does not hold, in English.
    pub(crate) fault: Option<String>,
    /// The same in French.
    pub(crate) fault_fr: Option<String>,
}

#[derive(Debug, FromRow)]
struct RowOfEpoch {
    feed: String,
    epoch: u32,
    size: i64,
    edge: Vec<u8>,
}

#[derive(Debug, FromRow)]
struct RowOfBlock {
    first_seq: i64,
    last_seq: i64,
    body: Vec<u8>,
    checkpoint: String,
    hashes: Vec<u8>,
}

/// Verifies every feed in the epoch that is written. `progress` gets the feed,
/// the entries verified and the size.
pub(crate) async fn verify(
    store: &Store,
    owner: &str,
    verifier: &FeedVerifier,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<Vec<Verified>, Error> {
    let mut snapshot = store.readers().begin().await?;
    let epochs: Vec<RowOfEpoch> =
        sqlx::query_as("SELECT feed, epoch, size, edge FROM feed ORDER BY feed")
            .fetch_all(&mut *snapshot)
            .await?;
    let mut reports = Vec::with_capacity(epochs.len());
    for epoch in &epochs {
        reports.push(verify_epoch(&mut snapshot, owner, verifier, epoch, progress).await?);
    }
    Ok(reports)
}

async fn verify_epoch(
    snapshot: &mut SqliteConnection,
    owner: &str,
    verifier: &FeedVerifier,
    stored: &RowOfEpoch,
    progress: &(dyn Fn(&str, u64, u64) + Sync),
) -> Result<Verified, Error> {
    let size =
        u64::try_from(stored.size).map_err(|_| Error::inconsistent("feed", "size", stored.size))?;
    let origin = Origin::new(owner, &stored.feed, stored.epoch);
    let mut replay = verify::Replay::new(&stored.feed, stored.epoch, origin, verifier.clone());
    let mut rows = sqlx::query_as::<_, RowOfBlock>(
        "SELECT first_seq,
                last_seq,
                body,
                checkpoint,
                hashes
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND first_seq <= ?3
         ORDER BY first_seq",
    )
    .bind(&stored.feed)
    .bind(stored.epoch)
    .bind(stored.size)
    .fetch(snapshot);
    let mut broken = None;
    while let Some(row) = rows.try_next().await? {
        if let Err(error) = replay.push(row.as_stored()) {
            broken = Some((error.first_seq, error.error.english(), error.error.french()));
            break;
        }
        progress(&stored.feed, replay.size(), size);
    }
    if broken.is_none() && (replay.size() != size || replay.edge().to_bytes() != stored.edge) {
        broken = Some(differing_end(&stored.feed, replay.size(), size));
    }
    let (first_bad_seq, fault, fault_fr) = match broken {
        None => (None, None, None),
        Some((seq, en, fr)) => (Some(seq), Some(en), Some(fr)),
    };
    Ok(Verified {
        feed: stored.feed.clone(),
        epoch: stored.epoch,
        entries: replay.size(),
        root: hex::encode(replay.root()),
        whole: first_bad_seq.is_none(),
        first_bad_seq,
        fault,
        fault_fr,
    })
}

fn differing_end(feed: &str, entries: u64, size: u64) -> (u64, String, String) {
    (
        entries.min(size) + 1,
        format!(
            "feed {feed}: the blocks hold {entries} entries and the feed states {size}, or its \
             right edge is another; restore node.sqlite from a backup"
        ),
        format!(
            "flux {feed} : les blocs contiennent {entries} entrées et le flux en déclare {size}, \
             ou son bord droit diffère ; restaurez node.sqlite depuis une sauvegarde"
        ),
    )
}

impl RowOfBlock {
    fn as_stored(&self) -> verify::Stored<'_> {
        verify::Stored {
            // A negative number fits no place, and is named as a gap.
            first_seq: u64::try_from(self.first_seq).unwrap_or(0),
            last_seq: u64::try_from(self.last_seq).unwrap_or(0),
            body: &self.body,
            checkpoint: &self.checkpoint,
            hashes: Some(&self.hashes),
        }
    }
}
