//! Two packings of the same entries: by column, and as rows for whoever reads no more.

use prost::Message;
use rmd_feed::{
    Block, Error, NewEntry,
    frame::{self, Reads},
};
use rmd_proto::v1;

use crate::common::{FEED, checksummed, entries, entry, follower, key, log, single};

/// Lots as a registry has them, with a tombstone and a text that is no record among them.
fn lots(count: u64) -> Vec<NewEntry> {
    let lot = |number: u64| v1::Lot {
        country: "CD".to_owned(),
        lot_number: format!(
            "CD-{number:06}-{:08x}",
            number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
        ),
        creator: Some(v1::BusinessEntity {
            identifier: format!("CD-PARTY-{}", number % 7),
            name: format!("Coopérative numéro {}", number % 7),
            ..v1::BusinessEntity::default()
        }),
        mass_mg: i64::try_from(number % 900).unwrap() * 1_000_000,
        ..v1::Lot::default()
    };
    let mut entries: Vec<NewEntry> = (1..=count)
        .map(|number| NewEntry {
            entity: "Lot".to_owned(),
            key: format!("CD/CD-PARTY-{}/{}", number % 7, lot(number).lot_number),
            payload: lot(number).encode_to_vec(),
            ..entry(number)
        })
        .collect();
    entries.push(NewEntry { op: v1::Op::Tombstone, payload: Vec::new(), ..entry(count + 1) });
    entries.push(entry(count + 2));
    entries
}

fn rows(block: &Block, reads: &Reads) -> Block {
    frame::readable(FEED, 1, vec![block.clone()], reads).unwrap().remove(0)
}

#[test]
fn a_peer_that_says_nothing_gets_rows_that_hold_the_same_entries() {
    let (mut log, key) = (log(), key());
    for entries in [lots(1), lots(254), entries(3)] {
        let block = log.append(&entries, &key).unwrap();
        assert_eq!(block.body[0], 0x43, "written by column");
        let plain = rows(&block, &Reads::default());
        // As the version before read them: zstd alone, then an EntryBlock.
        let bytes = zstd::stream::decode_all(plain.body.as_slice()).unwrap();
        let before = v1::EntryBlock::decode(bytes.as_slice()).unwrap();
        assert_eq!(before.entry.len(), entries.len());
        let opened = frame::open(&single(&block)).unwrap();
        assert_eq!(frame::open(&single(&plain)).unwrap(), opened);
        for (before, opened) in before.entry.iter().zip(&opened) {
            assert_eq!(before.header, opened.header_bytes);
        }
        assert_eq!(rows(&block, &Reads::ours()), block, "as it is stored");
        assert_eq!(rows(&plain, &Reads::ours()), plain);
    }
}

#[test]
fn a_follower_takes_either_packing_and_both_in_one_frame() {
    let (mut log, key) = (log(), key());
    let blocks = [lots(30), lots(20), lots(10)].map(|entries| log.append(&entries, &key).unwrap());
    let mixed = [blocks[0].clone(), rows(&blocks[1], &Reads::default()), blocks[2].clone()];
    let frame = frame::build(FEED, 1, &mixed, 0).unwrap();
    let mut follower = follower(&key);
    assert_eq!(follower.accept(&frame).unwrap().len(), 66);
    assert_eq!(follower.edge().root(), log.root());
    assert_eq!(frame::fitting(&mixed, usize::MAX), 3);
}

#[test]
fn a_peer_without_a_dictionary_gets_what_it_reads() {
    let (mut log, key) = (log(), key());
    let block = log.append(&lots(5), &key).unwrap();
    let without = Reads::stated(frame::PACKING_MAX, &[]);
    let ours = Reads::ours();
    let needs_one = rows(&block, &without) != block;
    assert_eq!(needs_one, !ours.dictionaries().is_empty());
    assert_eq!(
        rows(&block, &Reads::stated(1, ours.dictionaries())),
        rows(&block, &Reads::default())
    );
    assert_eq!(frame::open(&single(&rows(&block, &without))), frame::open(&single(&block)));
}

#[test]
fn columns_are_much_smaller_than_rows() {
    let (mut log, key) = (log(), key());
    let block = log.append(&lots(254), &key).unwrap();
    let plain = rows(&block, &Reads::default());
    let (columns, rows) = (block.body.len(), plain.body.len());
    assert!(6 * columns < 5 * rows, "{columns} of {rows} bytes");
}

#[test]
fn columns_that_say_another_length_are_refused() {
    let (mut log, key) = (log(), key());
    let block = log.append(&entries(3), &key).unwrap();
    let good = single(&block);
    let length = good.body[1..].iter().position(|byte| *byte < 0x80).unwrap() + 2;
    let zstd = &good.body[length + 4..];
    let sealed = |length: &[u8], zstd: &[u8]| {
        let sum = crc32fast::hash(&[&[0x43], length, zstd].concat());
        [&[0x43], length, &sum.to_le_bytes(), zstd].concat()
    };
    assert_eq!(sealed(&good.body[1..length], zstd), good.body);
    let with_checksum = checksummed(&[]);
    for body in [
        sealed(&[0x01], zstd),
        sealed(&[0xFF, 0xFF, 0xFF, 0x7F], zstd),
        sealed(&[0x80; 11], zstd),
        sealed(&good.body[1..length], &with_checksum),
        sealed(&good.body[1..length], &zstd::bulk::compress(&[], 3).unwrap()),
        zstd.to_vec(),
    ] {
        let error = frame::open(&v1::Frame { body, ..good.clone() }).unwrap_err();
        assert!(matches!(error, Error::Packing { .. } | Error::Oversized { .. }), "{error}");
        assert!(error.english().contains(FEED) && error.french().contains(FEED));
    }
}
