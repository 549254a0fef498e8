use proptest::prelude::*;
use prost::Message;
use rmd_proto::v1;

use super::*;

/// Entries as different as their rules allow, and payloads that are records or not.
fn entry() -> impl Strategy<Value = v1::Entry> {
    let header = ("[A-Za-z]{0,9}", "[A-Z/0-9-]{0,20}", any::<u64>(), any::<i64>(), 0_u64..3);
    let header = header.prop_map(|(entity, key, seq, captured_at_us, rev)| v1::EntryHeader {
        feed: "transactions".to_owned(),
        epoch: 1,
        seq,
        entity,
        key,
        rev,
        captured_at_us,
        ..v1::EntryHeader::default()
    });
    let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
    let payload = prop_oneof![
        2 => lot().prop_map(|lot| lot.encode_to_vec()),
        1 => bytes(60),
    ];
    (header, bytes(20), payload, bytes(40)).prop_map(|(header, salt, payload, erased_digest)| {
        v1::Entry { header: header.encode_to_vec(), salt, payload, erased_digest }
    })
}

fn lot() -> impl Strategy<Value = v1::Lot> {
    let party = ("[A-Z]{0,3}", "\\PC{0,9}").prop_map(|(identifier, name)| v1::BusinessEntity {
        identifier,
        name,
        ..v1::BusinessEntity::default()
    });
    let tag = ("[a-f0-9]{10}", prop::option::of(party.clone()))
        .prop_map(|(identifier, issuer)| v1::Tag { identifier, issuer, ..v1::Tag::default() });
    let tags = prop::collection::vec(tag, 0..4);
    (tags, prop::option::of(party), any::<i64>(), prop::collection::vec(0_i32..4, 0..3)).prop_map(
        |(tag, creator, mass_mg, creator_role)| v1::Lot {
            lot_number: format!("L-{}", mass_mg.unsigned_abs() % 1_000_000),
            tag,
            creator,
            mass_mg,
            creator_role,
            ..v1::Lot::default()
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<u8>> {
    let block = |entry| v1::EntryBlock { entry }.encode_to_vec();
    prop_oneof![
        prop::collection::vec(entry(), 0..20).prop_map(block),
        // Alike, as entries of one feed are.
        (entry(), 0_usize..40).prop_map(move |(entry, count)| block(vec![entry; count])),
    ]
}

proptest! {
    #[test]
    fn what_is_taken_apart_is_put_together_to_the_byte(rows in rows()) {
        let split = split(&rows).expect("prost writes the canonical encoding");
        prop_assert_eq!(join(&split.bytes, rows.len()).unwrap(), rows.clone());
        prop_assert!(split.cuts.is_sorted() && split.cuts.iter().all(|cut| *cut <= split.bytes.len()));
        for announced in [0, rows.len() - usize::from(!rows.is_empty()), rows.len() + 1] {
            if announced != rows.len() {
                prop_assert!(join(&split.bytes, announced).is_err());
            }
        }
    }

    #[test]
    fn columns_that_were_damaged_make_no_more_rows_than_announced(
        rows in rows(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut columns = split(&rows).unwrap().bytes;
        let at = at.index(columns.len());
        columns[at] = byte;
        for columns in [&columns[..], &columns[..cut.index(columns.len())]] {
            if let Ok(joined) = join(columns, rows.len()) {
                prop_assert_eq!(joined.len(), rows.len());
            }
        }
    }

    #[test]
    fn any_bytes_are_put_together_or_refused(
        columns in prop::collection::vec(prop_oneof![0_u8..18, any::<u8>()], 0..200),
        announced in 0_usize..2000,
    ) {
        if let Ok(rows) = join(&columns, announced) {
            prop_assert_eq!(rows.len(), announced);
        }
    }
}

#[test]
fn an_encoding_that_is_not_the_canonical_one_stays_in_rows() {
    let header = |bytes: &[u8]| {
        let header = bytes.to_vec();
        v1::EntryBlock { entry: vec![v1::Entry { header, ..v1::Entry::default() }] }.encode_to_vec()
    };
    // seq 1 in two bytes, in a header: no message of ours, so a text, and restored as such.
    for rows in [header(&[0x18, 0x81, 0x00]), header(&[0x18, 0x01]), header(b"no message")] {
        let columns = split(&rows).unwrap().bytes;
        assert_eq!(join(&columns, rows.len()).unwrap(), rows);
    }
    // An entry whose length is written in two bytes where one does.
    assert!(split(&[0x0A, 0x80, 0x00]).is_none());
    assert!(split(&[0x12, 0x00]).is_none());
    assert!(split(&[0x0A, 0x02, 0x08]).is_none());
}

#[test]
fn few_bytes_never_make_many() {
    // A million entries of nothing, of one shape without tags.
    let mut columns = Vec::new();
    put(&mut columns, 1 << 20);
    columns.extend([0, 1]);
    assert!(join(&columns, 1 << 20).is_err());
    // One entry of 40 fields, each of which is a message of 40 fields, and so on.
    let mut columns = vec![1, 0, 40];
    columns.extend([0x0A; 40]);
    for _ in 1..DEPTH_MAX {
        columns.extend([texts::MESSAGES | texts::REPEATS, list::EACH, 0]);
        columns.extend([1; 39]);
        columns.extend([0, 40]);
        columns.extend([0x0A; 40]);
    }
    columns.extend([0, 0, 0]);
    assert_eq!(join(&columns, 1 << 20), Err("more bytes than the rows have"));
    // One entry of as many fields as can be, each the same text of half a mebibyte.
    let mut columns = vec![1, 0];
    put(&mut columns, 500_000);
    columns.extend(vec![0x12; 500_000]);
    columns.extend([texts::REPEATS, list::EACH, 0]);
    columns.extend(vec![1; 499_999]);
    put(&mut columns, 500_000);
    columns.extend(vec![b'a'; 500_000]);
    assert!(join(&columns, 1 << 20).is_err());
    // As many entries as can be, of a shape of as many fields as can be.
    let mut columns = Vec::new();
    put(&mut columns, 400_000);
    columns.extend([list::EACH, 0]);
    columns.extend(vec![1; 399_999]);
    put(&mut columns, 400_000);
    columns.extend(vec![0x08; 400_000]);
    columns.extend([0, 7]);
    assert_eq!(join(&columns, 1 << 20), Err("more values than the rows have"));
}
