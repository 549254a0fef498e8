//! A feed of lots that hang together, of which a part can be held back.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use rand::{SeedableRng as _, rngs::StdRng};
use rmd_feed::{BLOCK_ENTRIES_MAX, Block, FeedKey, Log, NewEntry, Origin, frame};
use rmd_proto::v1::{self, Op};
use rmd_standard::Record;

use super::chain::{self, LOTS};

pub(super) const NETWORK: &str = "bench";
pub(super) const FEED: &str = "transactions";
const OWNER: &str = "rmd.bench/COD/cod-bench";

/// Blocks as a node stores them.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) key: FeedKey,
    blocks: Vec<Block>,
    /// Entries of the first load.
    pub(super) first: u64,
    /// The last seq that is served.
    until: AtomicU64,
}

/// A log in the making.
struct Writer {
    log: Log,
    key: FeedKey,
    blocks: Vec<Block>,
    entries: Vec<NewEntry>,
}

impl Writer {
    fn take(&mut self, record: &Record, rev: u64, previous_seq: u64) -> Result<()> {
        self.entries.push(entry(record, rev, previous_seq)?);
        if self.entries.len() == BLOCK_ENTRIES_MAX { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<()> {
        if !self.entries.is_empty() {
            self.blocks.push(self.log.append(&self.entries, &self.key)?);
            self.entries.clear();
        }
        Ok(())
    }
}

/// Another revision of a lot, or of the line at customs with which the balance of its
/// state changes; none of records of other types.
fn revised(mut record: Record) -> Option<Record> {
    match &mut record {
        Record::Lot(lot) => "drum".clone_into(&mut lot.package_type),
        Record::ExportDeclaration(line) => line.net_mass_mg -= 1_000_000,
        _ => return None,
    }
    Some(record)
}

impl Feed {
    /// So many lots, one revision each, and behind them second revisions of some, with the lines at customs
    /// of their chains.
    pub(super) fn make(lots: u64, changed: u64, seed: u64) -> Result<Self> {
        let key = FeedKey::generate(OWNER)?;
        let log = Log::new(FEED, 1, Origin::new(OWNER, FEED, 1));
        let (blocks, entries) = (Vec::new(), Vec::with_capacity(BLOCK_ENTRIES_MAX));
        let mut writer = Writer { log, key, blocks, entries };
        let mut rng = StdRng::seed_from_u64(seed);
        let (chains, mut seq) = (lots.div_ceil(LOTS), 0);
        // Of the chains that change, spread over all of them, the records again.
        let every = chains.div_ceil(changed.div_ceil(LOTS)).max(1);
        let mut again = Vec::new();
        for chain in 0..chains {
            for record in chain::records(chain, &mut rng) {
                seq += 1;
                writer.take(&record, 1, 0)?;
                let revised = Some(record).filter(|_| chain % every == 0).and_then(revised);
                again.extend(revised.map(|record| (record, seq)));
            }
        }
        writer.end()?;
        let mut rest = changed;
        for (record, seq) in &again {
            let is_lot = matches!(record, Record::Lot(_));
            if is_lot && rest == 0 {
                break;
            }
            rest -= u64::from(is_lot);
            writer.take(record, 2, *seq)?;
        }
        writer.end()?;
        let Writer { key, blocks, .. } = writer;
        Ok(Self { key, blocks, first: seq, until: AtomicU64::new(seq) })
    }

    /// Serves all of it from now on.
    pub(super) fn open(&self) {
        self.until.store(u64::MAX, Ordering::Relaxed);
    }

    pub(super) fn size(&self) -> u64 {
        self.served().last().map_or(0, |block| block.last_seq)
    }

    fn served(&self) -> &[Block] {
        let until = self.until.load(Ordering::Relaxed);
        &self.blocks[..self.blocks.partition_point(|block| block.last_seq <= until)]
    }

    pub(super) fn state(&self) -> v1::FeedState {
        let last = self.served().last();
        v1::FeedState {
            feed: FEED.to_owned(),
            epoch: 1,
            size: self.size(),
            checkpoint: last.map(|last| last.checkpoint.clone()).unwrap_or_default(),
            schema_id: vec![rmd_proto::SCHEMA_ID.to_owned()],
            entity: Vec::new(),
        }
    }

    /// The frame after a seq, as a node builds it; none at the end.
    pub(super) fn frame_after(&self, seq: u64, bytes_max: usize) -> Option<v1::Frame> {
        let served = self.served();
        let rest = &served[served.partition_point(|block| block.last_seq <= seq)..];
        let count = frame::fitting(rest, bytes_max);
        frame::build(FEED, 1, &rest[..count], seq).ok()
    }
}

fn entry(record: &Record, rev: u64, previous_seq: u64) -> Result<NewEntry> {
    Ok(NewEntry {
        entity: record.entity().name().to_owned(),
        key: record.key().ok().context("name a made-up record")?,
        rev,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1_514_764_800_000_000,
        mapping_id: "0011223344556677".to_owned(),
        previous_seq,
        payload: record.encode(),
    })
}
