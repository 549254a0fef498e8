//! What may be put into a frame, and what comes out of one.

use prost::Message;
use rmd_feed::{DECODED_BYTES_MAX, Error, FRAME_BYTES_MAX, Measure, frame};
use rmd_proto::{Code, v1};

use crate::common::{FEED, blocks, checksummed, entries, key, log, repacked, single, unpacked};

/// A frame of three entries, changed before it is packed again.
fn changed(change: impl FnOnce(&mut v1::EntryBlock)) -> v1::Frame {
    repacked(&single(&log().append(&entries(3), &key()).unwrap()), change)
}

/// Changes the header of the second entry.
fn with_header(change: impl FnOnce(&mut v1::EntryHeader)) -> v1::Frame {
    changed(|block| {
        let mut header = v1::EntryHeader::decode(block.entry[1].header.as_slice()).unwrap();
        change(&mut header);
        block.entry[1].header = header.encode_to_vec();
    })
}

#[test]
fn blocks_become_a_frame_end_to_end_with_the_last_checkpoint() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[4, 5, 6]);
    let frame = frame::build(FEED, 1, &blocks, 0).unwrap();
    assert_eq!((frame.first_seq, frame.last_seq), (1, 15));
    assert_eq!(frame.checkpoint, blocks[2].checkpoint);
    assert_eq!(frame::open(&frame).unwrap().len(), 15);
    // A cursor within a block gets the whole block.
    assert_eq!(frame::build(FEED, 1, &blocks[1..], 6).unwrap().first_seq, 5);
    for (chosen, after) in [(&blocks[1..], 3), (&blocks[..1], 4), (&blocks[1..2], 9)] {
        let error = frame::build(FEED, 1, chosen, after).unwrap_err();
        assert!(matches!(error, Error::Gap { .. }), "{error}");
    }
    let skipping = [blocks[0].clone(), blocks[2].clone()];
    assert!(matches!(
        frame::build(FEED, 1, &skipping, 0),
        Err(Error::Gap { expected: 5, seen: 10, .. })
    ));
    assert!(frame::build(FEED, 1, &[], 0).is_err());
}

#[test]
fn a_frame_takes_as_many_blocks_as_fit_and_always_one() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[256; 12]);
    let two = blocks[0].body.len() + blocks[1].body.len();
    assert_eq!(frame::fitting(&blocks, two), 2);
    assert_eq!(frame::fitting(&blocks, two - 1), 1);
    assert_eq!(frame::fitting(&blocks, 1), 1);
    assert_eq!(frame::fitting(&[], FRAME_BYTES_MAX), 0);
    assert_eq!(frame::fitting(&blocks, usize::MAX), 12);
    assert_eq!(frame::bytes_max(0), 256 << 10);
    assert_eq!(frame::bytes_max(1), 16 << 10);
    assert_eq!(frame::bytes_max(u32::MAX), FRAME_BYTES_MAX);
    // Blocks that compress well still may not decode to more than a follower takes.
    let dense: Vec<_> = (0..10)
        .map(|_| {
            let large = rmd_feed::NewEntry { payload: vec![1; 450_000], ..crate::common::entry(1) };
            log.append(&[large.clone(), large], &key).unwrap()
        })
        .collect();
    assert_eq!(frame::fitting(&dense, FRAME_BYTES_MAX), 9);
    let error = frame::build(FEED, 1, &dense, dense[0].first_seq - 1).unwrap_err();
    assert_eq!(error.code(), Code::FrameOversized);
}

#[test]
fn a_header_field_that_breaks_a_rule_is_refused_with_seq_and_field() {
    type Change = fn(&mut v1::EntryHeader);
    let cases: [(&str, Change); 13] = [
        ("feed", |header| header.feed = "transactions".to_owned()),
        ("epoch", |header| header.epoch = 2),
        ("seq", |header| header.seq = 3),
        ("entity", |header| header.entity.clear()),
        ("key", |header| header.key.clear()),
        ("rev", |header| header.rev = 0),
        ("op", |header| header.op = 0),
        ("op", |header| header.op = 9),
        ("captured_at_us", |header| header.captured_at_us = -1),
        ("schema_id", |header| header.schema_id.clear()),
        ("previous_seq", |header| header.previous_seq = 2),
        ("payload_digest", |header| header.payload_digest = Some(vec![1; 32])),
        ("payload_digest", |header| header.payload_digest = Some(Vec::new())),
    ];
    for (field, change) in cases {
        let error = frame::open(&with_header(change)).unwrap_err();
        let Error::Entry { seq: 2, defect, .. } = &error else { panic!("{field}: {error}") };
        assert_eq!(defect.field, field, "{error}");
        assert_eq!(error.code(), Code::FrameMalformed);
        assert!(error.english().contains("seq 2") && error.french().contains("seq 2"));
    }
}

#[test]
fn a_payload_or_salt_of_another_length_than_the_rules_allow_is_refused() {
    for frame in [
        changed(|block| block.entry[1].salt.truncate(8)),
        changed(|block| block.entry[1].salt.clear()),
        changed(|block| block.entry[1].payload.clear()),
        // The same bytes under the digest, cut elsewhere.
        changed(|block| {
            let moved = block.entry[1].payload.remove(0);
            block.entry[1].salt.push(moved);
        }),
        changed(|block| block.entry[1].payload = vec![0; 600_000]),
        changed(|block| block.entry[1].header = vec![0; 5_000]),
    ] {
        let error = frame::open(&frame).unwrap_err();
        assert!(matches!(error, Error::Entry { seq: 2, .. }), "{error}");
    }
}

#[test]
fn a_count_or_an_order_that_is_not_the_announced_one_is_refused() {
    let missing = changed(|block| drop(block.entry.pop()));
    let extra = changed(|block| {
        let again = block.entry[0].clone();
        block.entry.push(again);
    });
    for (frame, seen) in [(missing, 2), (extra, 4)] {
        let error = frame::open(&frame).unwrap_err();
        assert!(
            matches!(&error, Error::Count { expected: 3, seen: s, .. } if *s == seen),
            "{error}"
        );
    }
    let swapped = changed(|block| block.entry.swap(0, 1));
    assert!(matches!(frame::open(&swapped), Err(Error::Entry { seq: 1, .. })));
    for (first, last) in [(0, 2), (3, 1), (1, u64::MAX), (u64::MAX, u64::MAX)] {
        let frame = v1::Frame { first_seq: first, last_seq: last, ..changed(|_| ()) };
        assert_eq!(frame::open(&frame).unwrap_err().code(), Code::FrameMalformed);
    }
    let frame = v1::Frame { feed: "f".repeat(300), ..changed(|_| ()) };
    assert!(frame::open(&frame).unwrap_err().english().len() < 500);
    let frame = v1::Frame { feed: "\u{1b}[2J".to_owned(), ..changed(|_| ()) };
    let told = frame::open(&frame).unwrap_err().english();
    assert!(!told.contains(char::is_control), "{told:?}");
}

#[test]
fn a_frame_beyond_a_limit_is_refused_before_it_is_read() {
    let oversized = |frame: &v1::Frame| match frame::open(frame).unwrap_err() {
        error @ Error::Oversized { what, .. } => {
            assert_eq!(error.code(), Code::FrameOversized);
            what
        }
        error => panic!("{error}"),
    };
    let heavy = v1::Frame { body: vec![0; FRAME_BYTES_MAX + 1], ..changed(|_| ()) };
    assert_eq!(oversized(&heavy), Measure::CompressedBytes);
    let many = v1::Frame { last_seq: 65_537, ..changed(|_| ()) };
    assert_eq!(oversized(&many), Measure::Entries);
    // 1 GiB of zeros in 32 KiB, and the same hidden in the second of two parts.
    let bomb = zstd_of_zeros(1 << 30);
    assert!(bomb.len() < FRAME_BYTES_MAX);
    let frame = v1::Frame { body: bomb.clone(), ..changed(|_| ()) };
    assert_eq!(oversized(&frame), Measure::DecodedBytes);
    let mut two = zstd_of_zeros(10);
    two.extend(bomb);
    let frame = v1::Frame { body: two, ..changed(|_| ()) };
    assert_eq!(oversized(&frame), Measure::DecodedBytes);
    // Four million empty entries in 8 MiB, counted but never made.
    let empty = checksummed(&[0x0A, 0x00].repeat(DECODED_BYTES_MAX / 2));
    let frame = v1::Frame { body: empty, ..changed(|_| ()) };
    assert!(matches!(frame::open(&frame), Err(Error::Count { seen: 4_194_304, .. })));
    let just = v1::Frame { body: zstd_of_zeros(DECODED_BYTES_MAX), ..changed(|_| ()) };
    assert!(
        matches!(frame::open(&just), Err(Error::Packing { .. })),
        "within the limit, but no block"
    );
}

#[test]
fn bytes_that_zstd_would_skip_or_ignore_are_refused() {
    let good = changed(|_| ());
    let skippable = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
    let mut before = skippable.to_vec();
    before.extend(&good.body);
    let mut after = good.body.clone();
    after.extend(skippable);
    let mut trailing = good.body.clone();
    trailing.push(0);
    let unchecked = zstd::bulk::compress(&unpacked(&good.body).encode_to_vec(), 3).unwrap();
    let cut = good.body[..good.body.len() - 1].to_vec();
    for body in [before, after, trailing, unchecked, cut, Vec::new()] {
        let error = frame::open(&v1::Frame { body, ..good.clone() }).unwrap_err();
        assert!(matches!(error, Error::Packing { .. }), "{error}");
    }
}

fn zstd_of_zeros(count: usize) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    let part = vec![0; 1 << 20];
    let mut left = count;
    while left > 0 {
        let now = left.min(part.len());
        std::io::Write::write_all(&mut encoder, &part[..now]).unwrap();
        left -= now;
    }
    encoder.finish().unwrap()
}
