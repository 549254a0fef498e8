//! Any rows in any batches: what is published follows from the rows alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::{collection::vec, option, prelude::*, test_runner::Config};
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Record};

use super::super::testing::{TestJournal, gone, key, row};

/// What a row is at the source: month and count, or nothing.
type Content = Option<(u32, i64)>;

/// Few rows and few months, so that they meet often.
fn batches() -> impl Strategy<Value = Vec<BTreeMap<u32, Content>>> {
    let content = option::weighted(0.8, (0..4_u32, 0..3_i64));
    let batch = vec((0..5_u32, content), 1..5).prop_map(BTreeMap::from_iter);
    vec(batch, 1..8)
}

/// Record counts by key, as a follower has them; revisions and seqs are checked.
async fn followed(test: &TestJournal) -> BTreeMap<String, i64> {
    let mut records = BTreeMap::new();
    let mut last: HashMap<String, (u64, u64)> = HashMap::new();
    for (seq, entry) in (1..).zip(test.entries().await) {
        let header = &entry.header;
        let (rev, previous) = last.insert(header.key.clone(), (header.rev, seq)).unwrap_or((0, 0));
        assert_eq!((header.seq, header.rev, header.previous_seq), (seq, rev + 1, previous));
        if entry.op() == Op::Tombstone {
            assert!(records.remove(&header.key).is_some(), "a tombstone of nothing");
            continue;
        }
        let record = Record::decode(Entity::ReportingPeriod, entry.payload().unwrap()).unwrap();
        let Record::ReportingPeriod(period) = record else { unreachable!() };
        let count = i64::try_from(period.record_count.unwrap()).unwrap();
        assert_ne!(records.insert(header.key.clone(), count), Some(count), "nothing changed");
    }
    records
}

/// What must be true of the feed and the quarantine, whatever came before.
async fn check(test: &TestJournal, rows: &BTreeMap<u32, (u32, i64)>) {
    let mut claims: BTreeMap<u32, Vec<(u32, i64)>> = BTreeMap::new();
    for (row, (month, count)) in rows {
        claims.entry(*month).or_default().push((*row, *count));
    }
    let published = followed(test).await;
    let mut clashing = BTreeSet::new();
    for (month, claimants) in &claims {
        if let [(_, count)] = claimants.as_slice() {
            assert_eq!(published.get(&key(*month)), Some(count), "month {month} of {rows:?}");
        } else {
            clashing.extend(claimants.iter().map(|(row, _)| format!("r{row}")));
        }
    }
    let refused: BTreeSet<String> =
        test.quarantine().await.into_iter().map(|entry| entry.source_key).collect();
    assert_eq!(refused, clashing);
    if clashing.is_empty() {
        assert_eq!(published.len(), claims.len());
    }
    let counts = test.counts().await;
    assert_eq!(counts.published, i64::try_from(published.len()).unwrap());
    let refused = i64::try_from(refused.len()).unwrap();
    assert_eq!(counts.refused, refused);
    let by_rule = (refused > 0).then(|| ("KEY-CLASH".to_owned(), refused));
    assert_eq!(counts.refused_by_rule, by_rule.into_iter().collect());
}

async fn run(batches: Vec<BTreeMap<u32, Content>>) {
    let test = TestJournal::live().await;
    let mut rows = BTreeMap::new();
    for batch in batches {
        let mut items = Vec::new();
        for (number, content) in batch {
            let source_key = format!("r{number}");
            if let Some((month, count)) = content {
                rows.insert(number, (month, count));
                items.push(row(&source_key, month, count));
            } else {
                rows.remove(&number);
                items.push(gone(&source_key));
            }
        }
        test.apply(items).await;
        check(&test, &rows).await;
    }
    // Everybody gets a key of his own: nothing of the past is left.
    let moved: BTreeMap<u32, (u32, i64)> =
        rows.into_iter().map(|(number, (_, count))| (number, (100 + number, count))).collect();
    let items = moved.iter().map(|(n, (month, count))| row(&format!("r{n}"), *month, *count));
    test.apply(items.collect()).await;
    check(&test, &moved).await;
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_published_follows_from_the_rows(batches in batches()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(batches));
    }
}
