//! Recomputing what a journal or a ledger holds finds the first bad seq.

use rmd_feed::{
    Block, Error, frame,
    verify::{Broken, Replay, Stored},
};
use rmd_proto::v1;

use crate::common::{FEED, blocks, frames, key, log, origin};

fn replay(key: &rmd_feed::FeedKey) -> Replay {
    Replay::new(FEED, 1, origin(), key.verifier())
}

fn read(key: &rmd_feed::FeedKey, blocks: &[Block]) -> Result<Replay, Broken> {
    let mut replay = replay(key);
    for block in blocks {
        replay.push(Stored::from(block))?;
    }
    Ok(replay)
}

#[test]
fn an_unaltered_journal_and_ledger_give_the_logs_root_and_edge() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[3, 256, 1]);
    let journal = read(&key, &blocks).unwrap();
    assert_eq!((journal.size(), journal.root()), (log.size(), log.root()));
    assert_eq!(journal.edge(), log.edge());
    let mut ledger = replay(&key);
    for frame in frames(&blocks) {
        ledger.push_frame(&frame).unwrap();
    }
    assert_eq!((ledger.root(), ledger.edge()), (log.root(), log.edge()));
    let mut wide = replay(&key);
    wide.push_frame(&frame::build(FEED, 1, &blocks, 0).unwrap()).unwrap();
    assert_eq!(wide.root(), log.root());
}

/// One stored byte is altered, at every place of body, checkpoint and hashes in turn.
#[test]
fn any_altered_stored_byte_is_found_in_its_block() {
    let (mut log, key) = (log(), key());
    let good = blocks(&mut log, &key, &[2, 3, 2]);
    let mut altered = 0;
    for place in 0.. {
        let mut blocks = good.clone();
        let block = &mut blocks[1];
        let (body, note) = (block.body.len(), block.checkpoint.len());
        if place < body {
            block.body[place] ^= 0x20;
        } else if place < body + note {
            let mut bytes = block.checkpoint.clone().into_bytes();
            bytes[place - body] ^= 0x01;
            // A store whose text column holds no text any more fails before us.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            block.checkpoint = text;
        } else if place < body + note + block.hashes.len() {
            block.hashes[place - body - note] ^= 0x80;
        } else {
            break;
        }
        let broken = read(&key, &blocks).unwrap_err();
        assert!((3..=5).contains(&broken.first_seq), "place {place}: {broken}");
        assert!((3..=5).contains(&broken.last_seq), "place {place}: {broken}");
        altered += 1;
    }
    assert!(altered > 400, "only {altered} places were tried");
}

#[test]
fn an_entry_that_was_exchanged_is_named_by_its_seq_where_hashes_are_stored() {
    let (mut log, key) = (log(), key());
    let good = blocks(&mut log, &key, &[5]);
    // The same five records with other salts: well-formed, but not what was signed.
    let mut other = crate::common::log();
    let other = blocks(&mut other, &key, &[5]);
    let mixed = Block { body: other[0].body.clone(), ..good[0].clone() };
    let broken = read(&key, std::slice::from_ref(&mixed)).unwrap_err();
    assert_eq!((broken.first_seq, broken.last_seq), (1, 1));
    assert!(matches!(broken.error, Error::Leaf { seq: 1, .. }), "{broken}");
    let without = Stored { hashes: None, ..Stored::from(&mixed) };
    let broken = replay(&key).push(without).unwrap_err();
    assert_eq!((broken.first_seq, broken.last_seq), (1, 5));
    assert!(matches!(broken.error, Error::Root { size: 5, .. }), "{broken}");
}

#[test]
fn missing_surplus_or_foreign_parts_are_found() {
    let (mut log, key) = (log(), key());
    let good = blocks(&mut log, &key, &[2, 2, 2]);
    let skipped = [good[0].clone(), good[2].clone()];
    let broken = read(&key, &skipped).unwrap_err();
    assert_eq!(broken.first_seq, 3);
    assert!(matches!(broken.error, Error::Gap { expected: 3, seen: 5, .. }), "{broken}");
    for cut in [32, 1] {
        let mut short = good.clone();
        let kept = short[1].hashes.len() - cut;
        short[1].hashes.truncate(kept);
        assert!(matches!(read(&key, &short).unwrap_err().error, Error::Leaf { seq: 4, .. }));
    }
    let mut surplus = good.clone();
    surplus[1].hashes.extend([0; 32]);
    assert!(matches!(read(&key, &surplus).unwrap_err().error, Error::Leaf { seq: 4, .. }));
    let frame = frames(&good)[0].clone();
    let foreign = [
        v1::Frame { feed: "shared".to_owned(), ..frame.clone() },
        v1::Frame { epoch: 9, ..frame.clone() },
        v1::Frame { checkpoint: good[1].checkpoint.clone(), ..frame },
    ];
    for frame in foreign {
        assert!(replay(&key).push_frame(&frame).is_err());
    }
    let stranger = self::key();
    let broken = read(&stranger, &good).unwrap_err();
    assert!(matches!(broken.error, Error::Unsigned { .. }), "{broken}");
}
