//! Payloads are taken out of blocks and frames, and every proof holds.

use prost::Message;
use rmd_feed::{Body, StoredEntry, erase, frame, verify::Replay};
use rmd_proto::v1;

use crate::common::{FEED, blocks, entry, follower, key, log, origin, single, unpacked};

fn bodies(entries: &[StoredEntry]) -> Vec<bool> {
    entries.iter().map(|entry| entry.body == Body::Erased).collect()
}

#[test]
fn a_block_loses_the_meant_payloads_and_keeps_leaves_hashes_and_checkpoint() {
    let key = key();
    let mut block = log().append(&(1..=5).map(entry).collect::<Vec<_>>(), &key).unwrap();
    let before = frame::open(&single(&block)).unwrap();
    let erased = erase::block(FEED, 1, &block, |entry| [2, 5].contains(&entry.seq()));
    let erased = erased.unwrap().unwrap();
    assert_eq!(erased.seqs, [2, 5]);
    block.body = erased.now;
    let after = frame::open(&single(&block)).unwrap();
    assert_eq!(bodies(&after), [false, true, false, false, true]);
    for (after, before) in after.iter().zip(&before) {
        assert_eq!(after.leaf_hash(), before.leaf_hash());
        assert_eq!(after.header_bytes, before.header_bytes);
        assert!(after.body == Body::Erased || after.body == before.body);
    }
    let raw = unpacked(&block.body).encode_to_vec();
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(!text.contains("payload of 2") && text.contains("payload of 3"), "{text}");
    // The owner's stored hashes, its checkpoint and a follower from nothing agree.
    Replay::new(FEED, 1, origin(), key.verifier()).push((&block).into()).unwrap();
    assert_eq!(follower(&key).accept(&single(&block)).unwrap().len(), 5);
}

#[test]
fn a_frame_of_several_blocks_stays_one_that_its_owner_takes_back() {
    let key = key();
    let mut whole = log();
    let blocks = blocks(&mut whole, &key, &[3, 4, 2]);
    let sent = frame::build(FEED, 1, &blocks, 0).unwrap();
    let erased = erase::in_frame(&sent, |entry| entry.seq() == 5).unwrap().unwrap();
    assert_eq!(erased.seqs, [5]);
    let mut restored = log();
    let adopted = restored.adopt(&erased.now, &key).unwrap();
    assert_eq!((restored.root(), adopted.blocks.len()), (whole.root(), 3));
    assert_eq!((&adopted.blocks[0], &adopted.blocks[2]), (&blocks[0], &blocks[2]));
    assert_eq!(adopted.blocks[1].checkpoint, blocks[1].checkpoint);
}

#[test]
fn a_refused_frame_is_kept_with_its_leaves_and_says_nothing() {
    let key = key();
    let blocks = blocks(&mut log(), &key, &[3, 2]);
    let sent = frame::build(FEED, 1, &blocks, 0).unwrap();
    let kept = erase::refused(&sent);
    assert_eq!(bodies(&frame::open(&kept).unwrap()), [true; 5]);
    assert_eq!(follower(&key).accept(&kept).unwrap().len(), 5, "it proves as much");
    assert_eq!(erase::refused(&kept), kept);
    let torn = v1::Frame { body: sent.body[..sent.body.len() / 2].to_vec(), ..sent.clone() };
    let kept = erase::refused(&torn);
    assert_eq!((kept.body.len(), kept.checkpoint), (0, sent.checkpoint));
}

#[test]
fn what_is_erased_or_has_no_payload_is_not_erased_again() {
    let key = key();
    let gone = rmd_feed::NewEntry { op: v1::Op::Tombstone, payload: Vec::new(), ..entry(2) };
    let mut block = log().append(&[entry(1), gone], &key).unwrap();
    block.body = erase::block(FEED, 1, &block, |_| true).unwrap().unwrap().now;
    let entries = frame::open(&single(&block)).unwrap();
    assert_eq!(bodies(&entries), [true, false]);
    assert_eq!(erase::block(FEED, 1, &block, |_| true).unwrap(), None);
    assert_eq!(erase::in_frame(&single(&block), |_| true).unwrap(), None);
}

#[test]
fn a_seal_is_of_one_key_one_record_and_one_content() {
    let (own, other) = (key(), key());
    let seal = erase::seal(&own, "Lot", "CD/1/2", b"content");
    assert_eq!(erase::seal(&own, "Lot", "CD/1/2", b"content"), seal);
    for another in [
        erase::seal(&other, "Lot", "CD/1/2", b"content"),
        erase::seal(&own, "Lot", "CD/1/3", b"content"),
        erase::seal(&own, "Lo", "tCD/1/2", b"content"),
        erase::seal(&own, "Lot", "CD/1/2", b"contents"),
    ] {
        assert_ne!(another, seal);
    }
}

/// An entry that erases, as seq 4 of epoch 2.
fn order(change: impl FnOnce(&mut v1::Erasure)) -> StoredEntry {
    let mut order = v1::Erasure {
        ground: v1::ErasureGround::CourtOrder.into(),
        document_sha256: vec![1; 32],
        erased: vec![v1::ErasedEntry { epoch: 2, seq: 3, rev: 1, seal: vec![2; 32] }],
        executed: None,
    };
    change(&mut order);
    let header = v1::EntryHeader {
        feed: FEED.to_owned(),
        epoch: 2,
        seq: 4,
        entity: "MineSite".to_owned(),
        key: "CD-1".to_owned(),
        rev: 2,
        op: v1::Op::Erase.into(),
        captured_at_us: 1,
        schema_id: rmd_proto::SCHEMA_ID.to_owned(),
        previous_seq: 3,
        ..v1::EntryHeader::default()
    };
    let entry = v1::Entry {
        header: header.encode_to_vec(),
        salt: vec![0; 16],
        payload: order.encode_to_vec(),
        erased_digest: Vec::new(),
    };
    StoredEntry::decode(entry).unwrap()
}

/// What is altered in an order.
type Change = fn(&mut v1::Erasure);

#[test]
fn an_order_names_a_ground_and_entries_before_itself() {
    let erased = |epoch, seq| {
        move |order: &mut v1::Erasure| {
            order.erased[0].epoch = epoch;
            order.erased[0].seq = seq;
        }
    };
    for (epoch, seq) in [(2, 3), (2, 1), (1, 9)] {
        assert!(erase::read(&order(erased(epoch, seq))).is_ok(), "{epoch}/{seq}");
    }
    for (epoch, seq) in [(2, 4), (2, 5), (3, 1), (0, 1), (2, 0)] {
        assert_eq!(erase::read(&order(erased(epoch, seq))).unwrap_err().field, "erased");
    }
    let changes: [(&str, Change); 4] = [
        ("ground", |order| order.ground = 0),
        ("document_sha256", |order| order.document_sha256 = vec![1; 31]),
        ("erased", |order| order.erased.clear()),
        ("seal", |order| order.erased[0].seal = vec![1]),
    ];
    for (field, change) in changes {
        assert_eq!(erase::read(&order(change)).unwrap_err().field, field);
    }
    // What a follower reports names none where it held none.
    let executed = order(|order| {
        order.erased.clear();
        order.executed = Some(v1::ErasureExecution::default());
    });
    assert!(erase::read(&executed).is_ok());
}
