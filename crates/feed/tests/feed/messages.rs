//! Messages say the same in both languages, and nothing of a peer's unbounded text.

use rmd_feed::{Defect, Error, Measure, NoteFault, StoreFault};

/// One fault of every kind, with numbers that occur nowhere else.
fn every_fault() -> Vec<Error> {
    let feed = || "master-data".to_owned();
    let origin = || "rmd.net/COD/cod-mines/master-data/31".to_owned();
    let defect = || {
        let (expected, seen) = ("> 41".to_owned(), "42".to_owned());
        Box::new(Defect { field: "rev", expected, seen })
    };
    let (expected, seen) = ([0x51; 32], [0x52; 32]);
    let (entity, key) = ("MineSite".to_owned(), "CD-43".to_owned());
    vec![
        Error::Key,
        Error::KeyName { name: "a 44".to_owned() },
        Error::Origin { origin: origin() },
        Error::BlockCount { feed: feed(), count: 45 },
        Error::BlockOversized { feed: feed(), bytes: 46 },
        Error::NewEntry { feed: feed(), entity, key, defect: defect() },
        Error::Full { feed: feed() },
        Error::Edge { size: 47, expected: 48, seen: 49 },
        Error::Inconsistent { feed: feed(), size: 50, fault: StoreFault::Cursor },
        Error::Inconsistent { feed: feed(), size: 50, fault: StoreFault::CheckpointMissing },
        Error::Inconsistent { feed: feed(), size: 50, fault: StoreFault::CheckpointSize },
        Error::Inconsistent { feed: feed(), size: 50, fault: StoreFault::Root },
        Error::OtherFeed { expected: feed(), seen: "\"53\"".to_owned() },
        Error::OtherEpoch { feed: feed(), expected: 54, seen: 55 },
        Error::Range { feed: feed(), first: 56, last: 57 },
        oversized(Measure::CompressedBytes),
        oversized(Measure::DecodedBytes),
        oversized(Measure::Entries),
        Error::Packing { feed: feed(), first: 58, last: 59, detail: "\"60\"".to_owned() },
        Error::Count { feed: feed(), first: 61, expected: 62, seen: 63 },
        Error::Entry { feed: feed(), seq: 64, defect: defect() },
        Error::Gap { feed: feed(), expected: 65, seen: 66 },
        Error::Unsigned { origin: origin(), size: 67, fault: NoteFault::Malformed },
        Error::Unsigned { origin: origin(), size: 67, fault: NoteFault::OtherOrigin },
        Error::Unsigned { origin: origin(), size: 67, fault: NoteFault::OtherKey },
        Error::Unsigned { origin: origin(), size: 67, fault: NoteFault::Signature },
        Error::CheckpointSize { origin: origin(), expected: 68, seen: 69 },
        Error::Root { origin: origin(), size: 70, expected, seen },
        Error::Leaf { feed: feed(), seq: 71 },
        Error::Frozen { feed: feed(), cursor: 72 },
        Error::ProofRange { size: 73, asked: 74 },
        Error::HashMissing { index: 75 },
        Error::ProofInvalid { size: 76, asked: 77 },
    ]
}

fn oversized(what: Measure) -> Error {
    Error::Oversized { feed: "shared".to_owned(), first: 78, what, seen: 79, limit: 80 }
}

/// The words with digits, sorted: values, which no translation changes.
fn values(text: &str) -> Vec<String> {
    let mut values: Vec<_> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.contains(|letter: char| letter.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    values.sort();
    values
}

#[test]
fn every_fault_is_told_in_both_languages_with_the_same_values_and_a_remedy() {
    let (mut english, mut french) = (Vec::new(), Vec::new());
    for fault in every_fault() {
        assert_eq!(values(&fault.english()), values(&fault.french()), "{fault}");
        assert!(fault.english().starts_with(&fault.to_string()));
        assert!(fault.english().contains("; ") && fault.french().contains(" ; "), "{fault}");
        assert_ne!(fault.english(), fault.french());
        english.push(fault.english());
        french.push(fault.french());
    }
    for mut texts in [english, french] {
        let count = texts.len();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), count, "two faults must not read the same");
    }
}

#[test]
fn a_fault_names_the_seq_that_it_is_about() {
    for fault in every_fault() {
        if let Some(seq) = fault.seq() {
            assert!(values(&fault.english()).contains(&seq.to_string()), "{fault}");
        }
    }
}
