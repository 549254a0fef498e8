//! What a follower takes, skips and refuses.

use rmd_feed::{
    Block, Error, FeedKey, Follower, Log, Origin, RightEdge, Standing, StoredEntry, evidence, frame,
};
use rmd_proto::{Code, Fault, v1};

use crate::common::{
    FEED, OWNER, blocks, entries, entry, follower, frames, key, log, origin, single, state,
};

fn seqs(entries: &[StoredEntry]) -> Vec<u64> {
    entries.iter().map(StoredEntry::seq).collect()
}

/// A log that shares a prefix of `common` entries with none; the rest differs.
fn rewritten(key: &FeedKey, sizes: &[u64]) -> (Log, Vec<Block>) {
    let mut log = log();
    let blocks = sizes
        .iter()
        .map(|&size| {
            let other: Vec<_> = (1..=size).map(|number| entry(1_000 + number)).collect();
            log.append(&other, key).unwrap()
        })
        .collect();
    (log, blocks)
}

#[test]
fn frames_in_order_are_applied_and_each_lands_on_the_owners_root() {
    let (mut log, key) = (log(), key());
    let mut follower = follower(&key);
    for size in [1, 7, 256] {
        let block = log.append(&entries(size), &key).unwrap();
        let new = follower.accept(&single(&block)).unwrap();
        assert_eq!(seqs(&new), (block.first_seq..=block.last_seq).collect::<Vec<_>>());
        assert_eq!((follower.cursor(), follower.edge().root()), (log.size(), log.root()));
        assert_eq!(follower.checkpoint(), Some(block.checkpoint.as_str()));
    }
}

#[test]
fn a_repeat_is_no_fault_and_an_overlap_brings_its_tail_alone() {
    let (mut log, key) = (log(), key());
    let mut follower = follower(&key);
    let blocks = blocks(&mut log, &key, &[4, 4, 4]);
    let frames = frames(&blocks);
    follower.accept(&frames[0]).unwrap();
    follower.accept(&frames[1]).unwrap();
    for repeat in [&frames[0], &frames[1]] {
        let before = follower.clone();
        assert_eq!(follower.accept(repeat).unwrap(), []);
        assert_eq!(follower, before);
    }
    let wide = frame::build(FEED, 1, &blocks, 0).unwrap();
    assert_eq!(seqs(&follower.accept(&wide).unwrap()), [9, 10, 11, 12]);
    assert_eq!(follower.edge().root(), log.root());
}

#[test]
fn a_gap_is_refused_with_the_seq_that_is_missing() {
    let (mut log, key) = (log(), key());
    let frames = frames(&blocks(&mut log, &key, &[4, 4]));
    let refusal = follower(&key).accept(&frames[1]).unwrap_err();
    assert_eq!(refusal.code, Code::FrameGap);
    assert!(!refusal.freezes());
    assert!(refusal.message.contains("expected seq 1 next, got 5"), "{}", refusal.message);
    assert!(refusal.message_fr.contains("seq 1 attendu, 5 reçu"), "{}", refusal.message_fr);
    assert_eq!(Fault::from(refusal).code, Code::FrameGap);
}

#[test]
fn rewritten_history_is_refused_with_both_signed_checkpoints() {
    let (mut log, key) = (log(), key());
    let honest = blocks(&mut log, &key, &[4, 4]);
    let (_, other) = rewritten(&key, &[4, 4, 4]);
    let mut follower = follower(&key);
    for frame in frames(&honest) {
        follower.accept(&frame).unwrap();
    }
    let overlapping = frame::build(FEED, 1, &other[1..], 7).unwrap();
    for offered in [single(&other[1]), single(&other[2]), overlapping] {
        let before = follower.clone();
        let refusal = follower.accept(&offered).unwrap_err();
        assert_eq!(refusal.code, Code::RootMismatch, "{refusal}");
        assert!(refusal.freezes());
        let pair = evidence::read(&refusal.evidence);
        assert_eq!(pair, Some((Some(honest[1].checkpoint.as_str()), offered.checkpoint.as_str())));
        assert_eq!(follower, before);
    }
}

#[test]
fn entries_that_were_exchanged_under_an_honest_checkpoint_are_refused() {
    let (mut log, key) = (log(), key());
    let honest = log.append(&entries(4), &key).unwrap();
    let (_, other) = rewritten(&key, &[4]);
    let mixed = v1::Frame { body: other[0].body.clone(), ..single(&honest) };
    let refusal = follower(&key).accept(&mixed).unwrap_err();
    assert_eq!(refusal.code, Code::RootMismatch);
    assert_eq!(evidence::read(&refusal.evidence), Some((None, honest.checkpoint.as_str())));
}

#[test]
fn a_checkpoint_of_another_key_owner_feed_or_epoch_is_refused() {
    let key = key();
    let stranger = self::key();
    let signed = |origin: &Origin, key: &FeedKey| {
        let mut log = Log::new(FEED, 1, origin.clone());
        single(&log.append(&entries(2), key).unwrap())
    };
    let mut unsigned = signed(&origin(), &key);
    unsigned.checkpoint = unsigned.checkpoint.split_once("— ").unwrap().0.to_owned();
    let mut endless = signed(&origin(), &key);
    endless.checkpoint = "x".repeat(2_000_000);
    for frame in [
        signed(&origin(), &stranger),
        signed(&Origin::new("rmd.net/RWA/rwa-mines", FEED, 1), &key),
        signed(&Origin::new(OWNER, "transactions", 1), &key),
        signed(&Origin::new(OWNER, FEED, 2), &key),
        unsigned,
        endless,
    ] {
        let refusal = follower(&key).accept(&frame).unwrap_err();
        assert_eq!(refusal.code, Code::CheckpointUnsigned, "{refusal}");
        assert!(refusal.freezes());
        assert!(refusal.evidence.len() < 5_000 && refusal.message.len() < 500);
    }
    let mut log = log();
    let frames = frames(&blocks(&mut log, &key, &[2, 2]));
    let other_size = v1::Frame { checkpoint: frames[1].checkpoint.clone(), ..frames[0].clone() };
    let refusal = follower(&key).accept(&other_size).unwrap_err();
    assert_eq!(refusal.code, Code::FrameMalformed, "{refusal}");
}

#[test]
fn a_frame_of_another_feed_or_epoch_is_refused_by_name() {
    let (mut log, key) = (log(), key());
    let frame = single(&log.append(&entries(2), &key).unwrap());
    let other = v1::Frame { feed: "transactions".to_owned(), ..frame.clone() };
    let refusal = follower(&key).accept(&other).unwrap_err();
    assert_eq!(refusal.code, Code::FrameMalformed);
    assert!(refusal.message.contains("transactions"));
    let later = v1::Frame { epoch: 2, ..frame };
    let refusal = follower(&key).accept(&later).unwrap_err();
    assert_eq!(refusal.code, Code::EpochUnknown);
    assert!(refusal.message.contains("expected epoch 1, got 2"), "{}", refusal.message);
}

#[test]
fn a_repeat_is_bounded_like_any_frame() {
    let (mut log, key) = (log(), key());
    let frames = frames(&blocks(&mut log, &key, &[3, 3]));
    let mut follower = follower(&key);
    for frame in &frames {
        follower.accept(frame).unwrap();
    }
    let heavy = v1::Frame { body: vec![0; rmd_feed::FRAME_BYTES_MAX + 1], ..frames[0].clone() };
    assert_eq!(follower.accept(&heavy).unwrap_err().code, Code::FrameOversized);
    let backwards = v1::Frame { first_seq: 4, ..frames[0].clone() };
    assert_eq!(follower.accept(&backwards).unwrap_err().code, Code::FrameMalformed);
}

#[test]
fn a_frozen_follower_takes_nothing_and_shows_its_evidence() {
    let (mut log, key) = (log(), key());
    let frame = single(&log.append(&entries(2), &key).unwrap());
    let mut follower = follower(&key);
    follower.freeze(b"both notes".to_vec());
    let refusal = follower.accept(&frame).unwrap_err();
    assert_eq!((refusal.code, refusal.evidence.as_slice()), (Code::FeedFrozen, &b"both notes"[..]));
    assert_eq!((follower.frozen(), follower.cursor()), (Some(&b"both notes"[..]), 0));
}

#[test]
fn a_store_that_contradicts_itself_is_not_followed() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[3, 2]);
    let restore = |cursor, edge: &RightEdge, checkpoint: Option<&Block>| {
        let note = checkpoint.map(|block| block.checkpoint.clone());
        Follower::restore(FEED, 1, origin(), key.verifier(), cursor, edge.clone(), note)
    };
    let good = restore(5, log.edge(), Some(&blocks[1])).unwrap();
    assert_eq!((good.cursor(), good.edge().root()), (5, log.root()));
    assert!(restore(0, &RightEdge::default(), None).is_ok());
    let mut bytes = log.edge().to_bytes();
    bytes[0] ^= 1;
    let flipped = RightEdge::from_bytes(5, &bytes).unwrap();
    for broken in [
        restore(4, log.edge(), Some(&blocks[1])),
        restore(5, log.edge(), Some(&blocks[0])),
        restore(5, log.edge(), None),
        restore(5, &flipped, Some(&blocks[1])),
    ] {
        assert!(matches!(broken, Err(Error::Inconsistent { .. })), "{broken:?}");
    }
}

#[test]
fn hello_tells_normal_smaller_rewritten_new_epoch_and_unsigned_apart() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[4, 4]);
    let mut follower = follower(&key);
    let empty = state(&self::log(), "");
    assert_eq!(follower.compare(&empty), Standing::Normal { behind: 0 });
    let whole = state(&log, &blocks[1].checkpoint);
    assert_eq!(follower.compare(&whole), Standing::Normal { behind: 8 });
    follower.accept(&single(&blocks[0])).unwrap();
    assert_eq!(follower.compare(&whole), Standing::Normal { behind: 4 });
    follower.accept(&single(&blocks[1])).unwrap();
    assert_eq!(follower.compare(&whole), Standing::Normal { behind: 0 });
    let half = v1::FeedState { size: 4, checkpoint: blocks[0].checkpoint.clone(), ..whole.clone() };
    assert_eq!(follower.compare(&half), Standing::OwnerSmaller);
    assert_eq!(follower.compare(&empty), Standing::OwnerSmaller);

    let (other_log, other) = rewritten(&key, &[4, 4]);
    let Standing::Rewritten { evidence } =
        follower.compare(&state(&other_log, &other[1].checkpoint))
    else {
        panic!("another root at the same size is rewritten history")
    };
    assert_eq!(
        evidence::read(&evidence),
        Some((Some(blocks[1].checkpoint.as_str()), other[1].checkpoint.as_str()))
    );
    let later = v1::FeedState { epoch: 2, ..whole.clone() };
    assert_eq!(follower.compare(&later), Standing::EpochChanged);
    for unsigned in [
        v1::FeedState { size: 9, ..whole.clone() },
        v1::FeedState { checkpoint: String::new(), ..whole },
    ] {
        assert_eq!(follower.compare(&unsigned), Standing::Unsigned);
    }
}
