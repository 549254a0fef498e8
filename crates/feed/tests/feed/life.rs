//! Random lives of an owner and a follower.
//!
//! Each step is something that happens to real ones: an append, a crash before
//! the commit, a restart from stored bytes, a frame delivered, delivered twice,
//! out of order, altered, or out of a rewritten history. After every step the
//! follower has a prefix of what the owner durably wrote, every seq once, under
//! the owner's root. Regressions are kept beside this file.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rmd_feed::{
    Block, FeedKey, Follower, Log, NewEntry, RightEdge, Standing, StoredEntry, frame,
    verify::{Replay, Stored},
};
use rmd_proto::{Code, v1};

use crate::common::{FEED, entry, follower, key, log, origin, state};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The owner appends and commits a block.
    Append { entries: u64 },
    /// The owner appends, and dies before the commit.
    AppendAndCrash { entries: u64 },
    /// The owner starts again from what it stored.
    RestartOwner,
    /// The follower pulls the next blocks and commits.
    Pull { blocks: usize },
    /// The follower pulls, and dies before the commit.
    PullAndCrash { blocks: usize },
    /// The follower starts again from what it stored.
    RestartFollower,
    /// Any range of blocks arrives: again, early, or overlapping.
    Deliver { from: usize, blocks: usize },
    /// The next frame arrives with one bit flipped.
    Flip { place: usize, bit: u8 },
    /// The owner rewrites its history after a block and sends that.
    Rewrite { from: usize, blocks: usize, entries: u64 },
    /// A frame signed by another key arrives.
    Impostor,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u64..7).prop_map(|entries| Step::Append { entries }),
        1 => (1_u64..7).prop_map(|entries| Step::AppendAndCrash { entries }),
        1 => Just(Step::RestartOwner),
        4 => (1_usize..4).prop_map(|blocks| Step::Pull { blocks }),
        1 => (1_usize..4).prop_map(|blocks| Step::PullAndCrash { blocks }),
        1 => Just(Step::RestartFollower),
        3 => (any::<usize>(), 1_usize..4).prop_map(|(from, blocks)| Step::Deliver { from, blocks }),
        2 => (any::<usize>(), 0_u8..8).prop_map(|(place, bit)| Step::Flip { place, bit }),
        2 => (any::<usize>(), 1_usize..5, 1_u64..7)
            .prop_map(|(from, blocks, entries)| Step::Rewrite { from, blocks, entries }),
        1 => Just(Step::Impostor),
    ]
}

/// Owner and follower with what each has durably stored.
struct World {
    key: FeedKey,
    log: Log,
    blocks: Vec<Block>,
    /// Right edge in bytes at each block end, as the owner stored it.
    edges: BTreeMap<u64, Vec<u8>>,
    follower: Follower,
    applied: Vec<StoredEntry>,
    written: u64,
}

impl World {
    fn new() -> Self {
        let key = key();
        Self {
            log: log(),
            blocks: Vec::new(),
            edges: BTreeMap::from([(0, Vec::new())]),
            follower: follower(&key),
            applied: Vec::new(),
            written: 0,
            key,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Append { entries } => {
                let batch = self.batch(entries);
                let block = self.log.append(&batch, &self.key).unwrap();
                self.edges.insert(self.log.size(), self.log.edge().to_bytes());
                self.blocks.push(block);
            }
            Step::AppendAndCrash { entries } => {
                let batch = self.batch(entries);
                self.log.append(&batch, &self.key).unwrap();
                self.restart_owner();
            }
            Step::RestartOwner => self.restart_owner(),
            Step::Pull { blocks } => self.pull(blocks),
            Step::PullAndCrash { blocks } => {
                let before = (self.follower.clone(), self.applied.clone());
                self.pull(blocks);
                (self.follower, self.applied) = before;
                self.restart_follower();
            }
            Step::RestartFollower => self.restart_follower(),
            Step::Deliver { from, blocks } => self.deliver(from, blocks),
            Step::Flip { place, bit } => self.flip(place, bit),
            Step::Rewrite { from, blocks, entries } => self.rewrite(from, blocks, entries),
            Step::Impostor => self.impostor(),
        }
    }

    fn batch(&mut self, count: u64) -> Vec<NewEntry> {
        let first = self.written + 1;
        self.written += count;
        (first..=self.written).map(entry).collect()
    }

    fn size(&self) -> u64 {
        self.blocks.last().map_or(0, |block| block.last_seq)
    }

    fn restart_owner(&mut self) {
        let edge = RightEdge::from_bytes(self.size(), &self.edges[&self.size()]).unwrap();
        self.log = Log::restore(FEED, 1, origin(), edge);
    }

    fn restart_follower(&mut self) {
        let held = &self.follower;
        let edge = RightEdge::from_bytes(held.cursor(), &held.edge().to_bytes()).unwrap();
        self.follower = Follower::restore(
            FEED,
            1,
            origin(),
            self.key.verifier(),
            held.cursor(),
            edge,
            held.checkpoint().map(str::to_owned),
        )
        .unwrap();
    }

    /// The next frame of at most `blocks` blocks for the follower's cursor.
    fn next_frame(&self, blocks: usize) -> Option<v1::Frame> {
        let cursor = self.follower.cursor();
        let from = self.blocks.iter().position(|block| block.last_seq > cursor)?;
        let until = (from + blocks).min(self.blocks.len());
        Some(frame::build(FEED, 1, &self.blocks[from..until], cursor).unwrap())
    }

    fn pull(&mut self, blocks: usize) {
        let Some(frame) = self.next_frame(blocks) else { return };
        let new = self.follower.accept(&frame).unwrap();
        assert_eq!(self.follower.cursor(), frame.last_seq);
        self.applied.extend(new);
    }

    fn deliver(&mut self, from: usize, blocks: usize) {
        if self.blocks.is_empty() {
            return;
        }
        let from = from % self.blocks.len();
        let chosen = &self.blocks[from..(from + blocks).min(self.blocks.len())];
        let frame = frame::build(FEED, 1, chosen, chosen[0].first_seq - 1).unwrap();
        let cursor = self.follower.cursor();
        match self.follower.accept(&frame) {
            Ok(new) => {
                assert_eq!(new.len() as u64, frame.last_seq.saturating_sub(cursor));
                self.applied.extend(new);
            }
            Err(refusal) => {
                assert_eq!(refusal.code, Code::FrameGap);
                assert!(frame.first_seq > cursor + 1);
            }
        }
    }

    fn flip(&mut self, place: usize, bit: u8) {
        let Some(mut frame) = self.next_frame(2) else { return };
        let place = place % frame.body.len();
        frame.body[place] ^= 1 << bit;
        self.refused(&frame, &[Code::FrameMalformed, Code::RootMismatch, Code::FrameOversized]);
    }

    fn impostor(&mut self) {
        let mut forged = self.log.clone();
        let block = forged.append(&[entry(u64::MAX)], &key()).unwrap();
        let frame = frame::build(FEED, 1, &[block], self.log.size()).unwrap();
        self.refused(&frame, &[Code::CheckpointUnsigned]);
    }

    /// The owner goes back to some block end that the follower has passed, and
    /// writes something else from there on.
    fn rewrite(&mut self, from: usize, blocks: usize, entries: u64) {
        let cursor = self.follower.cursor();
        let ends: Vec<_> = self.edges.keys().copied().filter(|&end| end < cursor).collect();
        if ends.is_empty() {
            return;
        }
        let end = ends[from % ends.len()];
        let edge = RightEdge::from_bytes(end, &self.edges[&end]).unwrap();
        let mut fork = Log::restore(FEED, 1, origin(), edge);
        let forged: Vec<_> = (0..blocks)
            .map(|_| {
                let batch = self.batch(entries);
                fork.append(&batch, &self.key).unwrap()
            })
            .collect();
        let last = forged.last().unwrap();
        let standing = self.follower.compare(&state(&fork, &last.checkpoint));
        match fork.size().cmp(&cursor) {
            std::cmp::Ordering::Less => assert_eq!(standing, Standing::OwnerSmaller),
            std::cmp::Ordering::Equal => assert!(matches!(standing, Standing::Rewritten { .. })),
            std::cmp::Ordering::Greater => assert!(matches!(standing, Standing::Normal { .. })),
        }
        for forged in &forged {
            let frame =
                frame::build(FEED, 1, std::slice::from_ref(forged), forged.first_seq - 1).unwrap();
            if frame.last_seq < cursor {
                // Older than the cursor: nothing to compare with, and nothing is taken.
                assert_eq!(self.follower.accept(&frame).unwrap(), []);
            } else {
                self.refused(&frame, &[Code::RootMismatch, Code::FrameGap]);
            }
        }
    }

    fn refused(&mut self, frame: &v1::Frame, codes: &[Code]) {
        let before = self.follower.clone();
        let refusal = self.follower.accept(frame).unwrap_err();
        assert!(codes.contains(&refusal.code), "{refusal}");
        assert_eq!(self.follower, before, "a refusal changes nothing");
    }

    fn check(&self) {
        let cursor = self.follower.cursor();
        assert_eq!(self.log.size(), self.size(), "the log stands where its store does");
        assert!(cursor <= self.size());
        let seqs: Vec<_> = self.applied.iter().map(StoredEntry::seq).collect();
        assert_eq!(seqs, (1..=cursor).collect::<Vec<_>>(), "every seq once");
        let edge = RightEdge::from_bytes(cursor, &self.edges[&cursor]).unwrap();
        assert_eq!(*self.follower.edge(), edge, "the follower has the owner's tree");
        assert!(edge.to_bytes().len() <= 64 * 32);
        let mut replay = Replay::new(FEED, 1, origin(), self.key.verifier());
        let mut stored = Vec::new();
        for block in &self.blocks {
            stored.extend(replay.push(Stored::from(block)).unwrap());
        }
        assert_eq!(replay.root(), self.log.root());
        assert_eq!(self.applied, stored[..self.applied.len()], "exact bytes, in order");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_follower_always_holds_a_proven_prefix(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
        world.pull(usize::MAX / 2);
        world.check();
        prop_assert_eq!(world.follower.edge().root(), world.log.root());
    }
}
