//! What an owner's log and key do, and what they refuse.

use rmd_feed::{
    BLOCK_ENTRIES_MAX, Body, Checkpoint, Error, FeedKey, FeedVerifier, Log, NewEntry, Origin,
    RightEdge, frame,
};
use rmd_proto::{SCHEMA_ID, v1};

use crate::common::{FEED, OWNER, blocks, entries, entry, key, log, origin, single};

#[test]
fn seqs_count_from_one_without_a_gap_and_each_block_is_signed_at_its_end() {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[1, 256, 3]);
    let ends: Vec<_> = blocks.iter().map(|block| (block.first_seq, block.last_seq)).collect();
    assert_eq!(ends, [(1, 1), (2, 257), (258, 260)]);
    assert_eq!(log.size(), 260);
    let mut next_hash = 0;
    for block in &blocks {
        let signed =
            Checkpoint::open(&block.checkpoint, &origin(), &key.verifier(), block.last_seq)
                .unwrap();
        assert_eq!(signed.size, block.last_seq);
        assert_eq!(block.hash_first, next_hash, "stored hashes are consecutive over blocks");
        next_hash += block.hashes.len() as u64 / 32;
        let opened = frame::open(&single(block)).unwrap();
        let seqs: Vec<_> = opened.iter().map(rmd_feed::StoredEntry::seq).collect();
        assert_eq!(seqs, (block.first_seq..=block.last_seq).collect::<Vec<_>>());
    }
    let last = Checkpoint::open(&blocks[2].checkpoint, &origin(), &key.verifier(), 260).unwrap();
    assert_eq!(last.root, log.root());
}

#[test]
fn an_entry_comes_out_as_it_went_in_with_a_fresh_salt() {
    let (mut log, key) = (log(), key());
    let same = [entry(7), entry(7)];
    let block = log.append(&same, &key).unwrap();
    let opened = frame::open(&single(&block)).unwrap();
    let header = &opened[0].header;
    assert_eq!((header.feed.as_str(), header.epoch, header.seq), (FEED, 1, 1));
    assert_eq!(header.schema_id, SCHEMA_ID);
    assert_eq!((header.key.as_str(), header.rev, header.op()), ("CD-7", 1, v1::Op::Upsert));
    assert_eq!(opened[0].payload(), Some(same[0].payload.as_slice()));
    let salts: Vec<_> = opened
        .iter()
        .map(|entry| match &entry.body {
            Body::Released { salt, .. } => salt.clone(),
            Body::Erased => Vec::new(),
        })
        .collect();
    assert_eq!((salts[0].len(), salts[1].len()), (16, 16));
    assert_ne!(salts[0], salts[1], "two equal payloads must not have equal digests");
    assert_ne!(opened[0].digest(), opened[1].digest());
}

#[test]
fn a_tombstone_has_neither_payload_nor_salt() {
    let (mut log, key) = (log(), key());
    log.append(&entries(1), &key).unwrap();
    let gone = NewEntry {
        op: v1::Op::Tombstone,
        reason: "gone".to_owned(),
        rev: 2,
        previous_seq: 1,
        payload: Vec::new(),
        ..entry(1)
    };
    let block = log.append(&[gone], &key).unwrap();
    let opened = frame::open(&single(&block)).unwrap();
    assert_eq!(opened[0].op(), v1::Op::Tombstone);
    assert_eq!(opened[0].body, Body::Released { salt: Vec::new(), payload: Vec::new() });
    assert_eq!(
        hex::encode(opened[0].digest()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn an_entry_that_no_follower_would_accept_is_refused_and_nothing_is_appended() {
    let (mut log, key) = (log(), key());
    log.append(&entries(2), &key).unwrap();
    let before = log.clone();
    let broken: [(&str, NewEntry); 9] = [
        ("entity", NewEntry { entity: String::new(), ..entry(3) }),
        ("key", NewEntry { key: String::new(), ..entry(3) }),
        ("rev", NewEntry { rev: 0, ..entry(3) }),
        ("op", NewEntry { op: v1::Op::Unspecified, ..entry(3) }),
        ("captured_at_us", NewEntry { captured_at_us: 0, ..entry(3) }),
        ("previous_seq", NewEntry { rev: 2, previous_seq: 4, ..entry(3) }),
        ("previous_seq", NewEntry { previous_seq: 1, ..entry(3) }),
        ("payload", NewEntry { payload: Vec::new(), ..entry(3) }),
        ("payload", NewEntry { op: v1::Op::Tombstone, ..entry(3) }),
    ];
    for (field, new) in broken {
        let error = log.append(&[entry(9), new], &key).unwrap_err();
        let Error::NewEntry { defect, .. } = &error else { panic!("{error}") };
        assert_eq!(defect.field, field, "{error}");
        assert_eq!(log, before);
    }
    let wordy = NewEntry { reason: "r".repeat(5_000), ..entry(3) };
    assert!(matches!(log.append(&[wordy], &key), Err(Error::NewEntry { .. })));
    let large = NewEntry { payload: vec![0; 500_000], ..entry(3) };
    assert!(matches!(log.append(&[large], &key), Err(Error::NewEntry { .. })));
    assert_eq!(log, before);
}

#[test]
fn a_block_has_1_to_256_entries_and_fits_into_a_frame_whatever_they_hold() {
    let (mut log, key) = (log(), key());
    for count in [0, BLOCK_ENTRIES_MAX as u64 + 1] {
        let error = log.append(&entries(count), &key).unwrap_err();
        assert!(matches!(error, Error::BlockCount { .. }), "{error}");
    }
    // Bytes that cannot be compressed: SHA-256 of a counter.
    let noise = |seed: u64| -> Vec<u8> {
        (0..12_000_u64)
            .flat_map(|part| {
                tlog_tiles::record_hash(&[seed, part].map(u64::to_be_bytes).concat()).0
            })
            .collect()
    };
    let large: Vec<_> =
        (1..=5).map(|number| NewEntry { payload: noise(number), ..entry(number) }).collect();
    let fit = Log::fitting(&large);
    assert_eq!(fit, 2, "two of 384000 bytes fit into 1000000");
    assert!(matches!(log.append(&large, &key), Err(Error::BlockOversized { .. })));
    let block = log.append(&large[..fit], &key).unwrap();
    assert_eq!(frame::open(&single(&block)).unwrap().len(), fit);
    assert_eq!(Log::fitting(&[]), 0);
    assert_eq!(Log::fitting(&entries(300)), BLOCK_ENTRIES_MAX);
}

#[test]
fn a_log_restored_from_its_bytes_goes_on_to_the_same_roots() {
    let (mut log, key) = (log(), key());
    blocks(&mut log, &key, &[5, 8]);
    let edge = RightEdge::from_bytes(log.size(), &log.edge().to_bytes()).unwrap();
    assert_eq!(Log::restore(FEED, 1, origin(), edge), log);
}

#[test]
fn a_right_edge_of_the_wrong_length_or_an_impossible_size_is_refused() {
    assert!(RightEdge::from_bytes(3, &[0; 64]).is_ok());
    for (size, bytes) in [(3, 32), (3, 96), (3, 63), (0, 32), (u64::MAX, 2_048), (1 << 62, 32)] {
        let error = RightEdge::from_bytes(size, &vec![0; bytes]).unwrap_err();
        assert!(matches!(error, Error::Edge { .. }), "{error}");
    }
    let full = RightEdge::from_bytes((1 << 62) - 1, &[7; 62 * 32]).unwrap();
    let error = Log::restore(FEED, 1, origin(), full).append(&entries(1), &key()).unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
}

#[test]
fn a_key_survives_its_text_and_signs_the_same() {
    let key = key();
    let read = FeedKey::from_secret(&format!("{}\n", key.secret())).unwrap();
    assert_eq!((read.vkey(), read.secret()), (key.vkey(), key.secret()));
    assert_eq!(read.verifier(), FeedVerifier::parse(&key.vkey()).unwrap());
    assert_eq!((read.name(), read.verifier().name()), (OWNER, OWNER));
    let proof = key.sign_bytes(b"certificate request");
    assert!(read.verifier().verify_bytes(b"certificate request", &proof));
    assert!(!read.verifier().verify_bytes(b"another request", &proof));
    assert!(!read.verifier().verify_bytes(b"certificate request", &proof[..63]));
    assert!(!self::key().verifier().verify_bytes(b"certificate request", &proof));
}

#[test]
fn a_secret_is_in_no_debug_text_and_a_bad_key_text_is_refused() {
    let key = key();
    let secret = key.secret();
    // The seed itself may have a plus in it.
    let seed = secret.splitn(5, '+').last().unwrap();
    assert!(seed.len() > 40, "a seed and its mark");
    assert!(!format!("{key:?}").contains(seed));
    assert!(FeedKey::generate("with blank").is_err());
    assert!(FeedKey::from_secret(&key.vkey()).is_err());
    assert!(FeedKey::from_secret(&secret.replace(OWNER, "rmd.net/RWA/rwa-mines")).is_err());
    assert!(FeedVerifier::parse(&secret).is_err());
    assert!(FeedVerifier::parse("").is_err());
}

/// A signature asked for as a proof of possession must never serve as a checkpoint.
#[test]
fn a_proof_of_possession_cannot_pass_for_a_checkpoint() {
    let key = key();
    let note = Checkpoint { size: 1, root: [1; 32] }.sign(&origin(), &key).unwrap();
    let text = format!("{}\n", note.split_once("\n\n").unwrap().0);
    let signature = key.sign_bytes(text.as_bytes());
    assert!(key.verifier().verify_bytes(text.as_bytes(), &signature));
    let forged = signed_note::Signature::new(OWNER.to_owned(), key_id(&note), signature).unwrap();
    let mut forged_note = format!("{text}\n").into_bytes();
    forged_note.extend(forged.to_bytes());
    let forged_note = String::from_utf8(forged_note).unwrap();
    assert!(Checkpoint::open(&note, &origin(), &key.verifier(), 1).is_ok());
    assert!(Checkpoint::open(&forged_note, &origin(), &key.verifier(), 1).is_err());
}

#[test]
fn a_checkpoint_is_the_c2sp_text() {
    let key = key();
    let note = Checkpoint { size: 20_852, root: [0; 32] }.sign(&origin(), &key).unwrap();
    let lines: Vec<_> = note.lines().collect();
    assert_eq!(lines[0], "rmd.net/COD/cod-mines/master-data/1");
    assert_eq!(lines[1], "20852");
    assert_eq!(lines[2], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with("— rmd.net/COD/cod-mines "));
    for owner in ["", "two\nlines", &"x".repeat(300)] {
        let origin = Origin::new(owner, FEED, 1);
        let signed = Checkpoint { size: 1, root: [0; 32] }.sign(&origin, &key);
        assert_eq!(signed.is_ok(), owner.is_empty(), "{owner:?}");
    }
}

fn key_id(note: &str) -> u32 {
    let line = note.lines().last().unwrap();
    signed_note::Signature::from_bytes(line.as_bytes()).unwrap().id()
}

#[test]
fn key_under_which_one_signature_fits_many_messages_is_refused() {
    // The neutral element of the curve, and a point of order 2.
    let mut order_2 = [0xff; 32];
    (order_2[0], order_2[31]) = (0xec, 0x7f);
    for bytes in [std::array::from_fn(|index| u8::from(index == 0)), order_2] {
        let weak = ed25519_dalek::VerifyingKey::from_bytes(&bytes).unwrap();
        let vkey = signed_note::new_ed25519_verifier_key(OWNER, &weak);
        assert!(signed_note::StandardVerifier::new(&vkey).is_ok(), "a key in form");
        assert!(matches!(FeedVerifier::parse(&vkey), Err(Error::Key)));
    }
}
