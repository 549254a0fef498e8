//! The parser and the collector by themselves: any bytes, and every kind of message.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::nominate::Note;
use super::collect::{Collected, Seen, Target};
use super::pgoutput::{Malformed, Message, Value, parse};

/// A message in the making.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn tag(tag: u8, id: u32) -> Self {
        Self([&[tag][..], &id.to_be_bytes()].concat())
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// A row: `-` is null, `~` is unchanged.
    fn row(self, tag: u8, values: &[&str]) -> Self {
        let count = u16::try_from(values.len()).unwrap().to_be_bytes();
        values.iter().fold(self.with(&[tag]).with(&count), |row, value| match *value {
            "-" => row.with(b"n"),
            "~" => row.with(b"u"),
            text => {
                let length = u32::try_from(text.len()).unwrap().to_be_bytes();
                row.with(b"t").with(&length).with(text.as_bytes())
            }
        })
    }
}

fn begin(xid: u32) -> Vec<u8> {
    Bytes::default().with(b"B").with(&[0; 16]).with(&xid.to_be_bytes()).0
}

fn commit(end: u64) -> Vec<u8> {
    Bytes::default().with(b"C").with(&[0; 9]).with(&end.to_be_bytes()).with(&[0; 8]).0
}

fn relation(columns: &[(&str, bool)]) -> Vec<u8> {
    let count = u16::try_from(columns.len()).unwrap().to_be_bytes();
    let head = Bytes::tag(b'R', 7).with(b"public\0visites\0d").with(&count);
    let all = columns.iter().fold(head, |head, (name, is_identity)| {
        head.with(&[u8::from(*is_identity)]).with(name.as_bytes()).with(&[0; 9])
    });
    all.0
}

fn insert(values: &[&str]) -> Vec<u8> {
    Bytes::tag(b'I', 7).row(b'N', values).0
}

fn update(old: Option<(u8, &[&str])>, new: &[&str]) -> Vec<u8> {
    let head = Bytes::tag(b'U', 7);
    let head = match old {
        Some((tag, values)) => head.row(tag, values),
        None => head,
    };
    head.row(b'N', new).0
}

fn seen(messages: &[Vec<u8>]) -> Seen {
    let targets = [Target { table: 7, column: "site".to_owned(), index: 1 }];
    let mut collected = Collected::default();
    for message in messages {
        collected.push(message, &targets).unwrap();
    }
    collected.seen_by(|xid| xid != 99)
}

fn keys(keys: &[&str]) -> Vec<Note> {
    keys.iter().map(|key| Note::Key(1, (*key).to_owned())).collect()
}

const BY_SITE: &[(&str, bool)] = &[("id", true), ("site", true)];

#[test]
fn the_old_and_the_new_key_of_a_row_are_nominated() {
    let messages = [
        begin(5),
        relation(BY_SITE),
        insert(&["1", "A"]),
        update(None, &["1", "A"]),
        update(Some((b'K', &["1", "A"])), &["1", "B"]),
        update(Some((b'O', &["1", "C"])), &["1", "~"]),
        Bytes::tag(b'D', 7).row(b'K', &["1", "D"]).0,
        insert(&["2", "-"]),
        commit(80),
    ];
    let seen = seen(&messages);
    let expected = [keys(&["A", "B", "C", "D"]), vec![Note::Keyless(1)]].concat();
    assert_eq!(seen, Seen { notes: expected, end: Some(80), is_cut: false });
}

#[test]
fn a_key_that_the_log_does_not_tell_stands_for_everything() {
    let without = relation(&[("id", true), ("site", false)]);
    let deleted = Bytes::tag(b'D', 7).row(b'K', &["1", "-"]).0;
    let truncated = Bytes::default().with(b"T").with(&[0, 0, 0, 1, 0, 0, 0, 0, 7]).0;
    for (of, message) in [
        (&without, deleted.clone()),
        (&without, update(None, &["1", "A"])),
        (&relation(&[("id", true)]), insert(&["1"])),
        (&relation(BY_SITE), update(None, &["1", "~"])),
        (&relation(BY_SITE), insert(&["1"])),
        (&relation(BY_SITE), truncated),
    ] {
        let seen = seen(&[begin(5), of.clone(), insert(&["1", "A"]), message.clone(), commit(80)]);
        assert_eq!(seen.notes, [Note::Everything], "{message:?}");
        assert_eq!(seen.end, Some(80));
    }
}

#[test]
fn a_transaction_that_is_not_seen_yet_stays_with_all_behind_it() {
    let messages = [
        begin(5),
        relation(BY_SITE),
        insert(&["1", "A"]),
        commit(80),
        begin(99),
        insert(&["2", "B"]),
        commit(90),
        begin(6),
        insert(&["3", "C"]),
        commit(100),
    ];
    assert_eq!(seen(&messages), Seen { notes: keys(&["A"]), end: Some(80), is_cut: true });
    assert_eq!(seen(&messages[4..]), Seen { notes: Vec::new(), end: None, is_cut: true });
    // A transaction without its end is none.
    assert_eq!(seen(&messages[..3]).end, None);
}

#[test]
fn more_keys_than_the_bound_stand_for_everything() {
    let rows = (0..50_001).map(|number| insert(&["1", &format!("K{number}")]));
    let many: Vec<_> = rows.collect();
    let head = [begin(4), relation(BY_SITE), insert(&["1", "A"]), commit(70), begin(5)];
    let all = [&head[..], &many, &[commit(80)]].concat();
    assert_eq!(seen(&all), Seen { notes: vec![Note::Everything], end: Some(80), is_cut: false });
    let all = [&head[..4], &[begin(99)], &many, &[commit(80)]].concat();
    assert_eq!(seen(&all), Seen { notes: keys(&["A"]), end: Some(70), is_cut: true });
}

#[test]
fn a_tuple_gives_its_values_by_place() {
    let bytes = insert(&["1", "-", "~"]);
    let Message::Insert { id: 7, new } = parse(&bytes).unwrap() else { panic!("{bytes:?}") };
    let values: Vec<_> = (0..4).map(|place| new.value(place)).collect();
    let one = Some(Value::Text(b"1".as_slice()));
    assert_eq!(values, [one, Some(Value::Null), Some(Value::Unchanged), None]);
    assert_eq!(parse(&bytes[..bytes.len() - 1]), Err(Malformed));
    assert_eq!(parse(b""), Err(Malformed));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(tag in prop::sample::select(b"BCRIUDTOYMSz".to_vec()), bytes in vec(any::<u8>(), 0..200)) {
        let message = [&[tag][..], &bytes].concat();
        if let Ok(Message::Insert { new, .. } | Message::Delete { old: new, .. }) = parse(&message) {
            let _ = new.value(0);
        }
        let targets = [Target { table: 7, column: "site".to_owned(), index: 0 }];
        let _ = Collected::default().push(&message, &targets);
    }

    #[test]
    fn a_message_with_one_byte_changed_is_read_or_refused(place in 0..200_usize, byte in any::<u8>()) {
        for mut message in [relation(BY_SITE), update(Some((b'K', &["1", "A"])), &["1", "B"])] {
            let place = place % message.len();
            message[place] = byte;
            let targets = [Target { table: 7, column: "site".to_owned(), index: 0 }];
            let mut collected = Collected::default();
            let _ = collected.push(&relation(BY_SITE), &targets);
            let _ = collected.push(&message, &targets);
        }
    }
}
