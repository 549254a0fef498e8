//! Proves what was kept, from the bytes alone.
//!
//! Replays every stored frame of every feed from its first seq: entries,
//! digests, leaves and roots are computed again and must lead to the owner's
//! signed roots. Then the other tables are held against the ledger: the cursor
//! stands at its end with the same tree, and each record stands at the last
//! revision that was not refused. All of it is read as of one moment, so that a
//! frame that lands meanwhile is no difference. Nothing is changed.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use rmd_feed::{FeedVerifier, Origin, verify::Replay};
use rmd_proto::v1;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use crate::{
    cases,
    follow::cursor,
    recover::epoch::{self, Ended},
    regional::Owner,
    registry,
    store::{Error, Store},
};

/// What was found out about one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeedReport {
    /// The node.
    pub(crate) node_id: String,
    /// The feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: u32,
    /// Frames that hold.
    pub(crate) frames: u64,
    /// Entries that hold.
    pub(crate) entries: u64,
    /// Root over them, in hexadecimal.
    pub(crate) root: String,
    /// Records that the feed leaves, withdrawn ones included.
    pub(crate) records: u64,
    /// Everything that does not hold; empty if all does.
    pub(crate) faults: Vec<FaultFound>,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FaultFound {
    /// The first seq that it is about, where there is one.
    pub(crate) first_bad_seq: Option<u64>,
    /// The sentence.
    pub(crate) message: String,
}

impl FeedReport {
    /// Whether everything holds.
    pub(crate) fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, first_bad_seq: Option<u64>, message: String) {
        self.faults.push(FaultFound { first_bad_seq, message });
    }
}

/// Verifies every followed feed, or those of one node.
pub(crate) async fn verify(
    store: &Store,
    network: &str,
    node_id: Option<&str>,
) -> Result<Vec<FeedReport>, registry::Error> {
    let mut connection = store.snapshot().await?;
    let mut reports = Vec::new();
    for feed in cursor::all(&mut connection).await? {
        if node_id.is_some_and(|wanted| wanted != feed.node_id) {
            continue;
        }
        let node = registry::node::find(&mut connection, &feed.node_id)
            .await?
            .ok_or_else(|| registry::Error::NodeUnknown(feed.node_id.clone()))?;
        let verifier = FeedVerifier::parse(&node.feed_vkey)?;
        let owner = Owner {
            node_id: feed.node_id,
            country: node.country,
            feed: feed.feed,
            epoch: feed.epoch,
        };
        let origin =
            Origin::new(&format!("rmd.{network}/{}", owner.node_id), &owner.feed, owner.epoch);
        let replay = Replay::new(&owner.feed, owner.epoch, origin, verifier);
        reports.push(verify_feed(&mut connection, &owner, replay).await?);
    }
    for ended in epoch::ended(&mut connection).await? {
        if node_id.is_none_or(|wanted| wanted == ended.node_id) {
            reports.push(verify_ended(&mut connection, network, ended).await?);
        }
    }
    Ok(reports)
}

/// Verifies the frames of an epoch that ended, with the key that signed it.
async fn verify_ended(
    connection: &mut AnyConnection,
    network: &str,
    ended: Ended,
) -> Result<FeedReport, registry::Error> {
    let verifier = FeedVerifier::parse(&ended.feed_vkey)?;
    let epoch = u32::try_from(ended.epoch).unwrap_or(0);
    let origin = Origin::new(&format!("rmd.{network}/{}", ended.node_id), &ended.feed, epoch);
    let mut replay = Replay::new(&ended.feed, epoch, origin, verifier);
    let (node_id, feed) = (ended.node_id, ended.feed);
    let owner = Owner { node_id, country: String::new(), feed, epoch };
    let mut report = FeedReport {
        node_id: owner.node_id.clone(),
        feed: owner.feed.clone(),
        epoch,
        frames: 0,
        entries: 0,
        root: String::new(),
        records: 0,
        faults: Vec::new(),
    };
    let mut revisions = Revisions::default();
    replay_frames(connection, &owner, &mut replay, &mut report, &mut revisions).await?;
    report.entries = replay.size();
    report.root = hex::encode(replay.root());
    report.records = revisions.last.len() as u64;
    let is_whole =
        replay.size() == ended.size.unsigned_abs() && replay.edge().to_bytes() == ended.edge;
    if report.holds() && !is_whole {
        let message = "the kept end of the epoch is not the end of its frames".to_owned();
        report.fault(Some(replay.size() + 1), message);
    }
    Ok(report)
}

/// Where the ledger leaves a record: the revision it must stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Expected {
    seq: u64,
    rev: u64,
}

/// What the entries leave, by entity and key: the last revision that was not refused.
#[derive(Debug, Default)]
struct Revisions {
    refused: BTreeSet<u64>,
    last: BTreeMap<(String, String), Expected>,
}

impl Revisions {
    fn add(&mut self, header: v1::EntryHeader) {
        if !self.refused.contains(&header.seq) {
            let expected = Expected { seq: header.seq, rev: header.rev };
            self.last.insert((header.entity, header.key), expected);
        }
    }
}

async fn verify_feed(
    connection: &mut AnyConnection,
    owner: &Owner,
    mut replay: Replay,
) -> Result<FeedReport, Error> {
    let mut report = FeedReport {
        node_id: owner.node_id.clone(),
        feed: owner.feed.clone(),
        epoch: owner.epoch,
        frames: 0,
        entries: 0,
        root: String::new(),
        records: 0,
        faults: Vec::new(),
    };
    let refused = refused_seqs(connection, owner).await?;
    let mut revisions = Revisions { refused, ..Default::default() };
    replay_frames(connection, owner, &mut replay, &mut report, &mut revisions).await?;
    report.entries = replay.size();
    report.root = hex::encode(replay.root());
    report.records = revisions.last.len() as u64;
    if report.holds() {
        check_cursor(connection, owner, &replay, &mut report).await?;
        if owner.feed == cases::ANSWERS {
            check_answers(connection, owner, revisions.last, &mut report).await?;
        } else {
            check_records(connection, owner, revisions.last, &mut report).await?;
        }
    }
    Ok(report)
}

async fn replay_frames(
    connection: &mut AnyConnection,
    owner: &Owner,
    replay: &mut Replay,
    report: &mut FeedReport,
    revisions: &mut Revisions,
) -> Result<(), Error> {
    let mut after = 0;
    while let Some(stored) = super::next_after(connection, owner, after).await? {
        let next = replay.size() + 1;
        let Ok(frame) = v1::Frame::decode(stored.frame.as_slice()) else {
            report.fault(
                Some(next),
                format!("the bytes of the frame of seq {} are no frame", stored.first_seq),
            );
            return Ok(());
        };
        if (frame.first_seq, frame.last_seq) != (stored.first_seq, stored.last_seq) {
            report.fault(
                Some(next),
                format!(
                    "the row says seq {} to {}, its frame {} to {}",
                    stored.first_seq, stored.last_seq, frame.first_seq, frame.last_seq
                ),
            );
            return Ok(());
        }
        let entries = match replay.push_frame(&frame) {
            Ok(entries) => entries,
            Err(broken) => {
                report.fault(Some(broken.first_seq), broken.to_string());
                return Ok(());
            }
        };
        for entry in entries {
            revisions.add(entry.header);
        }
        report.frames += 1;
        after = stored.first_seq;
    }
    Ok(())
}

async fn check_cursor(
    connection: &mut AnyConnection,
    owner: &Owner,
    replay: &Replay,
    report: &mut FeedReport,
) -> Result<(), Error> {
    let position = cursor::load(connection, &owner.node_id, &owner.feed).await?;
    let Some(position) = position else { return Ok(()) };
    let size = replay.size();
    if position.cursor != size {
        report.fault(
            Some(position.cursor.min(size) + 1),
            format!("the cursor stands at {}, the ledger ends at {size}", position.cursor),
        );
    } else if position.edge != *replay.edge() {
        report.fault(None, format!("the kept right edge at {size} is not that of the ledger"));
    }
    Ok(())
}

#[derive(FromRow)]
struct NameRow {
    entity: String,
    record_key: String,
    seq: i64,
    rev: i64,
}

/// Every record stands at its last revision that was not refused, and there is
/// no record that the feed does not have.
async fn check_records(
    connection: &mut AnyConnection,
    owner: &Owner,
    mut expected: BTreeMap<(String, String), Expected>,
    report: &mut FeedReport,
) -> Result<(), Error> {
    let rows: Vec<NameRow> = sqlx::query_as(
        "SELECT entity, record_key, seq, rev \
         FROM record \
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 \
         ORDER BY seq",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .fetch_all(connection)
    .await?;
    for row in rows {
        let seen = Expected { seq: row.seq.unsigned_abs(), rev: row.rev.unsigned_abs() };
        let name = format!("{} {}", row.entity, row.record_key);
        match expected.remove(&(row.entity, row.record_key)) {
            Some(expected) if expected == seen => {}
            Some(expected) => report.fault(
                Some(expected.seq.min(seen.seq)),
                format!(
                    "{name} stands at seq {} rev {}, the ledger leaves it at seq {} rev {}",
                    seen.seq, seen.rev, expected.seq, expected.rev
                ),
            ),
            None => report
                .fault(Some(seen.seq), format!("{name} at seq {} is not in the ledger", seen.seq)),
        }
    }
    tell_missing(expected, report);
    Ok(())
}

/// Every answer is kept, and there is none that the feed does not have.
async fn check_answers(
    connection: &mut AnyConnection,
    owner: &Owner,
    mut expected: BTreeMap<(String, String), Expected>,
    report: &mut FeedReport,
) -> Result<(), Error> {
    for (key, seq) in cases::kept(connection, owner).await? {
        if expected.remove(&(cases::REPLY.to_owned(), key.clone())).is_none() {
            report.fault(Some(seq), format!("answer {key} at seq {seq} is not in the ledger"));
        }
    }
    tell_missing(expected, report);
    Ok(())
}

fn tell_missing(expected: BTreeMap<(String, String), Expected>, report: &mut FeedReport) {
    for ((entity, key), missing) in expected {
        report.fault(
            Some(missing.seq),
            format!("{entity} {key} of seq {} is in the ledger and in no table", missing.seq),
        );
    }
}

async fn refused_seqs(
    connection: &mut AnyConnection,
    owner: &Owner,
) -> Result<BTreeSet<u64>, Error> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        // An entry that was applied after all has its own seq there.
        "SELECT seq FROM quarantine
         WHERE node_id = $1 AND feed = $2 AND epoch = $3
           AND (superseded_by_seq IS NULL OR superseded_by_seq <> seq)",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(seq,)| seq.unsigned_abs()).collect())
}

#[cfg(test)]
mod tests;
