//! An owner takes entries of its own feed back.
//!
//! After a restored backup the follower holds entries that the owner signed and
//! no longer has. They come back as the frames that once left. The owner
//! believes nothing of them: each must extend its own tree to a root under its
//! own key. Blocks come out as they were: the same bytes, the same stored hashes,
//! and the same checkpoints, because Ed25519 signs deterministically.

use rmd_proto::v1;

use crate::{
    Block, Checkpoint, Error, FeedKey, Follower, Log, Refusal, StoredEntry, frame, packing,
};

/// What one frame brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    /// The entries that were lacking, oldest first.
    pub entries: Vec<StoredEntry>,
    /// The blocks that hold them, to be stored as if they were appended now.
    pub blocks: Vec<Block>,
}

impl Log {
    /// Verifies a frame of this feed against the log and goes on after it. Nothing
    /// comes of a frame that is known, and nothing changes on a refusal.
    pub fn adopt(&mut self, frame: &v1::Frame, key: &FeedKey) -> Result<Adopted, Box<Refusal>> {
        let refuse = |error: &Error| Box::new(Refusal::new(error, Vec::new()));
        let mut follower = self.follower(key).map_err(|error| refuse(&error))?;
        let entries = follower.accept(frame).map_err(Box::new)?;
        if entries.is_empty() {
            return Ok(Adopted { entries, blocks: Vec::new() });
        }
        let mut after = self.clone();
        let blocks = after.rebuild(frame, &entries, key).map_err(|error| refuse(&error))?;
        *self = after;
        Ok(Adopted { entries, blocks })
    }

    /// A follower that has just what this log has.
    fn follower(&self, key: &FeedKey) -> Result<Follower, Error> {
        let checkpoint = match self.size() {
            0 => None,
            size => Some(Checkpoint { size, root: self.root() }.sign(self.origin(), key)?),
        };
        let (feed, epoch, origin) = (self.feed(), self.epoch(), self.origin().clone());
        let edge = self.edge().clone();
        Follower::restore(feed, epoch, origin, key.verifier(), self.size(), edge, checkpoint)
    }

    /// The blocks of which the frame was made, those that are lacking.
    fn rebuild(
        &mut self,
        frame: &v1::Frame,
        entries: &[StoredEntry],
        key: &FeedKey,
    ) -> Result<Vec<Block>, Error> {
        let mut blocks = Vec::new();
        let mut rest = entries;
        let mut first = frame.first_seq;
        for (body, count) in packing::parts(frame::place(frame), &frame.body)? {
            let (seen, last) = (first, first + count - 1);
            first = last + 1;
            if last <= self.size() {
                continue;
            }
            let expected = self.size() + 1;
            let gap = Error::Gap { feed: self.feed().to_owned(), expected, seen };
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let lacking = rest.split_at_checked(count).filter(|_| seen == expected);
            let (now, later) = lacking.ok_or(gap)?;
            blocks.push(self.put_back(now, body, key)?);
            rest = later;
        }
        Ok(blocks)
    }

    fn put_back(
        &mut self,
        entries: &[StoredEntry],
        body: &[u8],
        key: &FeedKey,
    ) -> Result<Block, Error> {
        let mut edge = self.edge().clone();
        let (first_seq, hash_first) = (edge.size() + 1, edge.next_index());
        let hashes = entries.iter().flat_map(|entry| edge.push(entry.leaf_hash()));
        let hashes = hashes.collect::<Vec<_>>().concat();
        let (last_seq, root) = (edge.size(), edge.root());
        let checkpoint = Checkpoint { size: last_seq, root }.sign(self.origin(), key)?;
        *self = Self::restore(self.feed(), self.epoch(), self.origin().clone(), edge);
        Ok(Block { first_seq, last_seq, body: body.to_vec(), checkpoint, hash_first, hashes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewEntry, Origin};

    const OWNER: &str = "rmd.net/COD/cod-mines";

    fn entry(key: u64, text: &str) -> NewEntry {
        NewEntry {
            entity: "Lot".to_owned(),
            key: key.to_string(),
            rev: 1,
            op: v1::Op::Upsert,
            reason: String::new(),
            event_time_us: 0,
            captured_at_us: 1,
            mapping_id: String::new(),
            previous_seq: 0,
            payload: text.as_bytes().to_vec(),
        }
    }

    fn log() -> Log {
        Log::new("transactions", 1, Origin::new(OWNER, "transactions", 1))
    }

    fn append(log: &mut Log, key: &FeedKey, count: u64, text: &str) -> Block {
        let first = log.size() + 1;
        let entries: Vec<NewEntry> =
            (first..first + count).map(|number| entry(number, text)).collect();
        log.append(&entries, key).unwrap()
    }

    #[test]
    fn a_restored_log_gets_back_the_very_blocks_that_it_lost() {
        let key = FeedKey::generate(OWNER).unwrap();
        let mut whole = log();
        let blocks: Vec<Block> =
            [3, 256, 1, 40].into_iter().map(|n| append(&mut whole, &key, n, "x")).collect();
        for kept in 0..blocks.len() {
            let mut restored = log();
            for block in &blocks[..kept] {
                let frame =
                    frame::build("transactions", 1, std::slice::from_ref(block), restored.size());
                let adopted = restored.adopt(&frame.unwrap(), &key).unwrap();
                assert_eq!(adopted.blocks, std::slice::from_ref(block));
            }
            // One frame with everything: what is known is passed over.
            let frame = frame::build("transactions", 1, &blocks, 0).unwrap();
            let adopted = restored.adopt(&frame, &key).unwrap();
            assert_eq!(adopted.blocks, blocks[kept..]);
            assert_eq!(restored, whole);
            assert_eq!(restored.adopt(&frame, &key).unwrap().blocks, []);
        }
    }

    #[test]
    fn entries_of_another_key_or_another_history_are_not_taken_back() {
        let key = FeedKey::generate(OWNER).unwrap();
        let other = FeedKey::generate(OWNER).unwrap();
        let mut whole = log();
        append(&mut whole, &key, 5, "x");
        let before = whole.clone();
        let tail = append(&mut whole, &key, 5, "x");
        let frame = frame::build("transactions", 1, &[tail], 5).unwrap();
        assert!(before.clone().adopt(&frame, &other).is_err());
        let mut forked = log();
        append(&mut forked, &key, 5, "y");
        let kept = forked.clone();
        let refusal = forked.adopt(&frame, &key).unwrap_err();
        assert_eq!(refusal.code, rmd_proto::Code::RootMismatch);
        assert!(!refusal.evidence.is_empty());
        assert_eq!(forked, kept);
    }
}
