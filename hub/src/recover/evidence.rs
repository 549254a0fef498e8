//! What owners signed that cannot all be true.
//!
//! Owns the table `feed_evidence`. Rows are only ever inserted: neither a second
//! divergence nor a confirmation nor a new epoch takes one away, and a repeated
//! sighting is the row that is there. Each holds the key that was in force when it was
//! seen: a feed that goes on under another key makes no evidence worthless.

use rmd_feed::{
    FeedVerifier,
    evidence::{self, Extension, Proven, Statement},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow};

use super::diverged::Diverged;
use crate::{
    follow::cursor::Freeze,
    store::{Error, expect_rows},
};

/// What the inquiry found after the freeze of a feed.
const TWO_HISTORIES: &str = "two-histories";

/// How an id is given on the command line at least: none of two is so alike.
const PREFIX_CHARS_MIN: usize = 8;

/// Something to keep.
#[derive(Debug, Default)]
pub(crate) struct Found<'a> {
    /// Owner of the feed; `hub` for the hub.
    pub(crate) node_id: &'a str,
    pub(crate) feed: &'a str,
    pub(crate) epoch: i64,
    pub(crate) kind: &'a str,
    /// The key in force, a C2SP vkey; empty if none was known.
    pub(crate) vkey: &'a str,
    pub(crate) held: &'a [u8],
    pub(crate) offered: &'a [u8],
    /// SHA-256 of the frame that was refused. Not the frame: it may hold what is erased later.
    pub(crate) frame_sha256: Option<Vec<u8>>,
    /// Root and hashes, as [`Diverged`] has them.
    pub(crate) extension: Option<(&'a [u8], &'a [u8])>,
}

impl Found<'_> {
    /// The same for the same sighting, whenever it is.
    fn id(&self) -> String {
        let mut digest = Sha256::new();
        let (root, proof) = self.extension.unwrap_or_default();
        let frame = self.frame_sha256.as_deref().unwrap_or_default();
        let texts = [self.node_id, self.feed, self.kind, self.vkey].map(str::as_bytes);
        for part in texts.into_iter().chain([self.held, self.offered, frame, root, proof]) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.update(self.epoch.to_be_bytes());
        hex::encode(digest.finalize())
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Kept {
    /// SHA-256 in hexadecimal.
    pub(crate) evidence_id: String,
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: i64,
    /// When it was first seen, UTC microseconds.
    pub(crate) found_at_us: i64,
    /// Code of the freeze, or two-histories.
    pub(crate) kind: String,
    /// The key that was in force then.
    pub(crate) feed_vkey: String,
    #[serde(skip)]
    held: Vec<u8>,
    #[serde(skip)]
    offered: Vec<u8>,
    #[serde(skip)]
    prefix_root: Option<Vec<u8>>,
    #[serde(skip)]
    proof: Option<Vec<u8>>,
}

impl Kept {
    /// What others can check.
    pub(crate) fn statement(&self) -> Statement {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let hash = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).ok();
        let root = self.prefix_root.as_deref().and_then(hash);
        let proof: Option<Vec<[u8; 32]>> =
            self.proof.as_ref().and_then(|proof| proof.chunks(32).map(hash).collect());
        let (key, held, offered) = (self.feed_vkey.clone(), text(&self.held), text(&self.offered));
        let extension =
            root.zip(proof).map(|(prefix_root, proof)| Extension { prefix_root, proof });
        Statement { key, held, offered, extension }
    }

    /// What it proves about the holder of the key; none if it only tells.
    pub(crate) fn proven(&self) -> Option<Proven> {
        let verifier = FeedVerifier::parse(&self.feed_vkey).ok()?;
        self.statement().check(&verifier).ok()
    }
}

/// Keeps a sighting; one that is there stays as it is. Its id.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    found: &Found<'_>,
    now_us: i64,
) -> Result<String, Error> {
    let id = found.id();
    let affected = sqlx::query(
        "INSERT INTO feed_evidence
             (evidence_id, node_id, feed, epoch, found_at_us, kind, feed_vkey,
              held, offered, frame_sha256, prefix_root, proof)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (evidence_id) DO NOTHING",
    )
    .bind(&id)
    .bind(found.node_id)
    .bind(found.feed)
    .bind(found.epoch)
    .bind(now_us)
    .bind(found.kind)
    .bind(found.vkey)
    .bind(found.held.to_vec())
    .bind(found.offered.to_vec())
    .bind(found.frame_sha256.clone())
    .bind(found.extension.map(|(root, _)| root.to_vec()))
    .bind(found.extension.map(|(_, proof)| proof.to_vec()))
    .execute(connection)
    .await?
    .rows_affected();
    // None where it is there already.
    if affected != 0 {
        expect_rows("feed_evidence", 1, affected)?;
    }
    Ok(id)
}

/// Keeps what a feed is frozen for, under the key that is pinned at this moment.
pub(crate) async fn frozen(
    connection: &mut AnyConnection,
    freeze: &Freeze<'_>,
    now_us: i64,
) -> Result<(), Error> {
    let frame = freeze.frame.map(prost::Message::encode_to_vec);
    let frame = frame.map(|frame| Sha256::digest(frame).to_vec());
    let notes = evidence::read(freeze.evidence);
    if notes.is_none() && frame.is_none() {
        return Ok(());
    }
    let (held, offered) = notes.unwrap_or_default();
    let row: Option<(i64, Option<String>)> = sqlx::query_as(
        "SELECT c.epoch, n.feed_vkey
         FROM feed_cursor c
         LEFT JOIN node n ON n.node_id = c.node_id
         WHERE c.node_id = $1 AND c.feed = $2",
    )
    .bind(freeze.node_id)
    .bind(freeze.feed)
    .fetch_optional(&mut *connection)
    .await?;
    let (epoch, vkey) = row.unwrap_or_default();
    let found = Found {
        node_id: freeze.node_id,
        feed: freeze.feed,
        epoch,
        kind: freeze.code.as_str(),
        vkey: vkey.as_deref().unwrap_or_default(),
        held: held.unwrap_or_default().as_bytes(),
        offered: offered.as_bytes(),
        frame_sha256: frame,
        extension: None,
    };
    keep(connection, &found, now_us).await?;
    Ok(())
}

/// Keeps the proof that the inquiry into a frozen feed came to.
pub(super) async fn diverged(
    connection: &mut AnyConnection,
    found: &Diverged,
    vkey: &str,
    now_us: i64,
) -> Result<(), Error> {
    let (held, offered) = found.notes();
    let extension = found.extension();
    let found = Found {
        node_id: &found.node_id,
        feed: &found.feed,
        epoch: found.epoch,
        kind: TWO_HISTORIES,
        vkey,
        held: held.as_bytes(),
        offered: offered.as_bytes(),
        frame_sha256: None,
        extension,
    };
    keep(connection, &found, now_us).await?;
    Ok(())
}

/// Takes over what versions before this table kept beside the cursors. A repeat
/// changes nothing.
pub(crate) async fn take_over(connection: &mut AnyConnection) -> Result<(), Error> {
    type Old = (String, String, i64, i64, String, Option<Vec<u8>>, Option<String>, Option<String>);
    let old: Vec<Old> = sqlx::query_as(
        "SELECT c.node_id, c.feed, c.epoch, c.updated_at_us, c.frozen_code, c.evidence,
                e.feed_vkey AS ended_vkey, n.feed_vkey
         FROM feed_cursor c
         LEFT JOIN epoch_end e
             ON e.node_id = c.node_id AND e.feed = c.feed AND e.epoch = c.epoch
         LEFT JOIN node n ON n.node_id = c.node_id
         WHERE c.state = 'frozen' AND c.evidence IS NOT NULL
           AND NOT EXISTS (
               SELECT 1 FROM feed_evidence f
               WHERE f.node_id = c.node_id AND f.feed = c.feed AND f.epoch = c.epoch)",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (node_id, feed, epoch, at_us, kind, pair, ended, pinned) in old {
        let pair = pair.unwrap_or_default();
        let Some((held, offered)) = evidence::read(&pair) else { continue };
        let vkey = ended.or(pinned).unwrap_or_default();
        let found = Found {
            node_id: &node_id,
            feed: &feed,
            epoch,
            kind: &kind,
            vkey: &vkey,
            held: held.unwrap_or_default().as_bytes(),
            offered: offered.as_bytes(),
            ..Found::default()
        };
        keep(connection, &found, at_us).await?;
    }
    for known in super::diverged::all(connection).await? {
        let vkey = super::epoch::vkey_of(connection, &known).await?;
        diverged(connection, &known, &vkey, known.since_us).await?;
    }
    Ok(())
}

/// Everything that is kept, newest first; of one owner, or of all.
pub(crate) async fn all(
    connection: &mut AnyConnection,
    node_id: Option<&str>,
) -> Result<Vec<Kept>, Error> {
    Ok(sqlx::query_as(
        "SELECT evidence_id, node_id, feed, epoch, found_at_us, kind, feed_vkey,
                held, offered, prefix_root, proof
         FROM feed_evidence
         WHERE $1 = '' OR node_id = $1
         ORDER BY found_at_us DESC, kind DESC, evidence_id",
    )
    .bind(node_id.unwrap_or_default())
    .fetch_all(connection)
    .await?)
}

/// The row of an id, or of its first characters; none if there is none, or several.
pub(crate) async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Kept>, Error> {
    if id.len() < PREFIX_CHARS_MIN {
        return Ok(None);
    }
    let all = all(connection, None).await?;
    let mut alike = all.into_iter().filter(|kept| kept.evidence_id.starts_with(id));
    let first = alike.next();
    Ok(if alike.next().is_none() { first } else { None })
}

/// The newest that proves something of a feed; where none does, the newest.
pub(crate) async fn of_feed(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<Option<Kept>, Error> {
    let mut of_feed = all(connection, Some(node_id)).await?;
    of_feed.retain(|kept| kept.feed == feed);
    let best = of_feed.iter().position(|kept| kept.proven().is_some()).unwrap_or(0);
    Ok(of_feed.into_iter().nth(best))
}

#[cfg(test)]
mod tests;
