//! A feed that lies ready: blocks as a node stores them.

use anyhow::{Context as _, Result};
use rand::{SeedableRng as _, rngs::StdRng};
use rmd_feed::{BLOCK_ENTRIES_MAX, Block, FeedKey, Log, NewEntry, Origin, frame};
use rmd_proto::v1::{self, Op};

use super::lots;

pub(super) const NETWORK: &str = "bench";
pub(super) const FEED: &str = "transactions";
const OWNER: &str = "rmd.bench/COD/cod-bench";

#[derive(Debug)]
pub(super) struct Feed {
    pub(super) key: FeedKey,
    blocks: Vec<Block>,
}

impl Feed {
    /// So many lots, one revision each.
    pub(super) fn make(lots: u64, seed: u64) -> Result<Self> {
        let key = FeedKey::generate(OWNER)?;
        let mut log = Log::new(FEED, 1, Origin::new(OWNER, FEED, 1));
        let mut rng = StdRng::seed_from_u64(seed);
        let mut blocks = Vec::new();
        let mut entries = Vec::with_capacity(BLOCK_ENTRIES_MAX);
        for index in 0..lots {
            entries.push(entry(index, &mut rng)?);
            if entries.len() == BLOCK_ENTRIES_MAX || index + 1 == lots {
                blocks.push(log.append(&entries, &key)?);
                entries.clear();
            }
        }
        Ok(Self { key, blocks })
    }

    pub(super) fn size(&self) -> u64 {
        self.blocks.last().map_or(0, |block| block.last_seq)
    }

    pub(super) fn state(&self) -> v1::FeedState {
        v1::FeedState {
            feed: FEED.to_owned(),
            epoch: 1,
            size: self.size(),
            checkpoint: self.blocks.last().map(|last| last.checkpoint.clone()).unwrap_or_default(),
            schema_id: vec![rmd_proto::SCHEMA_ID.to_owned()],
            entity: Vec::new(),
        }
    }

    /// The frame after a seq, as a node builds it; none at the end.
    pub(super) fn frame_after(&self, seq: u64, bytes_max: usize) -> Option<v1::Frame> {
        let first = self.blocks.partition_point(|block| block.last_seq <= seq);
        let rest = &self.blocks[first..];
        let count = frame::fitting(rest, bytes_max);
        frame::build(FEED, 1, &rest[..count], seq).ok()
    }
}

fn entry(index: u64, rng: &mut StdRng) -> Result<NewEntry> {
    let record = lots::lot(index, rng);
    let key = record.key().ok().context("name a made-up lot")?;
    Ok(NewEntry {
        entity: record.entity().name().to_owned(),
        key,
        rev: 1,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1_514_764_800_000_000,
        mapping_id: "0011223344556677".to_owned(),
        previous_seq: 0,
        payload: record.encode(),
    })
}
