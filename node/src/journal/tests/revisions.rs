//! One row after another: what becomes a revision and what does not.

use jiff::civil::date;
use rmd_feed::StoredEntry;
use rmd_proto::v1::Op;
use rmd_standard::Entity;

use super::super::{
    Annulment, BATCH_ITEMS_MAX, Error, Item, Mode, ids,
    testing::{ENTITY, TestJournal, bad, batch, gone, key, row, rows},
};

#[tokio::test]
async fn unchanged_rows_are_dropped_and_changed_ones_are_the_next_revision() {
    let test = TestJournal::live().await;
    assert_eq!(test.apply(rows(0, 600, 1)).await.appended, 600);
    let again = test.apply(rows(0, 600, 1)).await;
    assert_eq!((again.appended, again.unchanged), (0, 600));
    let changed = test.apply(vec![row("r7", 7, 2), row("r8", 8, 1)]).await;
    assert_eq!((changed.appended, changed.unchanged), (1, 1));

    let entries = test.entries().await;
    let seqs: Vec<u64> = entries.iter().map(StoredEntry::seq).collect();
    assert_eq!(seqs, (1..=601).collect::<Vec<_>>());
    let last = &entries.last().unwrap().header;
    assert_eq!((last.key.as_str(), last.rev, last.previous_seq), (key(7).as_str(), 2, 8));
    assert_eq!(test.counts().await.published, 600);
}

#[tokio::test]
async fn a_row_that_is_gone_is_a_tombstone_and_comes_back_as_the_next_revision() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    let ended = test.apply(vec![gone("a"), gone("never there")]).await;
    assert_eq!((ended.appended, ended.tombstones), (1, 1));
    assert!(ended.row_ids[0].is_some() && ended.row_ids[1].is_none());
    assert_eq!(test.apply(vec![gone("a")]).await.appended, 0);
    assert_eq!(test.counts().await.published, 0);

    test.apply(vec![row("b", 1, 1)]).await;
    let last = &test.entries().await[2].header;
    assert_eq!((last.rev, last.previous_seq), (3, 2));
    assert_eq!(test.counts().await.published, 1);
}

#[tokio::test]
async fn a_renamed_record_leaves_a_tombstone_and_each_names_the_other() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    let applied = test.apply(vec![row("a", 2, 1)]).await;
    assert_eq!((applied.appended, applied.tombstones), (2, 1));
    let entries = test.entries().await;
    let told: Vec<(&str, Op, &str)> = entries[1..]
        .iter()
        .map(|entry| (entry.header.key.as_str(), entry.op(), entry.header.reason.as_str()))
        .collect();
    let (old, new) = (key(1), key(2));
    assert_eq!(
        told,
        [
            (old.as_str(), Op::Tombstone, format!("renamed:{new}").as_str()),
            (new.as_str(), Op::Upsert, format!("renames:{old}").as_str()),
        ]
    );
}

#[tokio::test]
async fn rows_that_swap_their_keys_swap_without_a_tombstone() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1), row("b", 2, 2)]).await;
    let applied = test.apply(vec![row("a", 2, 1), row("b", 1, 2)]).await;
    assert_eq!((applied.appended, applied.tombstones, applied.refused), (2, 0, 0));
    assert_eq!(test.published().await.into_values().collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn a_refused_row_keeps_what_it_had_published_and_holds_nobody_up() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    let applied = test.apply(vec![bad("a", Some(key(1))), row("b", 2, 1)]).await;
    assert_eq!((applied.refused, applied.appended, applied.tombstones), (1, 1, 0));
    assert_eq!(test.published().await.len(), 2);
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.refused), (2, 1));
    assert_eq!(counts.refused_by_rule["TEST"], 1);

    test.apply(vec![row("a", 1, 1)]).await;
    assert!(test.quarantine().await.is_empty());
    test.apply(vec![bad("a", None)]).await;
    test.apply(vec![gone("a")]).await;
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.counts().await.published, 1);
}

#[tokio::test]
async fn an_annulment_is_a_revision_with_day_and_ground_and_can_be_taken_back() {
    let test = TestJournal::live().await;
    let annulled = |reason: &str| {
        let Item::Present { source_key, outcome, .. } = row("a", 1, 1) else { unreachable!() };
        let reason = reason.to_owned();
        let annulled = Some(Annulment { on: date(2017, 12, 31), reason });
        vec![Item::Present { source_key, outcome, annulled }]
    };
    test.apply(vec![row("a", 1, 1)]).await;
    assert_eq!(test.apply(annulled("double")).await.appended, 1);
    assert_eq!(test.apply(annulled("double")).await.unchanged, 1);
    assert_eq!(test.apply(annulled("forged")).await.appended, 1);
    assert_eq!(test.apply(vec![row("a", 1, 1)]).await.appended, 1);
    let entries = test.entries().await;
    assert_eq!((entries[1].op(), entries[1].header.reason.as_str()), (Op::Annul, "double"));
    let start: jiff::Timestamp = "2017-12-30T22:00:00Z".parse().unwrap();
    assert_eq!(entries[1].header.event_time_us, start.as_microsecond());
    assert_eq!(entries[3].op(), Op::Upsert);
    assert_eq!(test.counts().await.published, 1);
}

#[tokio::test]
async fn a_source_key_that_comes_twice_is_refused_once() {
    let test = TestJournal::live().await;
    let applied = test.apply(vec![row("a", 1, 1), row("a", 2, 1), row("b", 3, 1)]).await;
    assert_eq!((applied.refused, applied.appended), (1, 1));
    assert_eq!(applied.row_ids.len(), 3);
    assert_eq!(test.quarantine().await[0].findings[0].rule, "ROW-DOUBLED");
}

#[tokio::test]
async fn a_batch_beyond_its_limit_is_refused_whole() {
    let test = TestJournal::live().await;
    let items = (0..=BATCH_ITEMS_MAX).map(|at| gone(&at.to_string())).collect();
    let error = test.journal.apply(batch(items)).await.unwrap_err();
    assert!(matches!(error, Error::BatchOversized { .. }));
}

#[tokio::test]
async fn keys_that_meet_in_one_number_stay_apart() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    let mut writing = test.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    // As if "a" had the hash of "b".
    sqlx::query("UPDATE row_place_fresh SET hash = ?1")
        .bind(ids::hash(ENTITY, "b"))
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    drop(writing);

    assert_eq!(test.apply(vec![row("b", 2, 1)]).await.appended, 1);
    assert_eq!(test.apply(vec![row("b", 2, 1)]).await.unchanged, 1);
    let rows = test.journal.rows_after(ENTITY, Mode::Mapped, i64::MIN, 10).await.unwrap();
    let keys: Vec<&str> = rows.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
}

#[tokio::test]
async fn rows_are_listed_in_pages_and_only_those_of_the_entity() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 10, 1)).await;
    test.apply(vec![bad("x", None), gone("r3")]).await;
    let (mut after, mut seen) = (i64::MIN, Vec::new());
    loop {
        let page = test.journal.rows_after(ENTITY, Mode::Mapped, after, 4).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        seen.extend(page.into_iter().map(|(_, key)| key));
    }
    seen.sort();
    assert_eq!(seen, ["r0", "r1", "r2", "r4", "r5", "r6", "r7", "r8", "r9", "x"]);
    assert!(
        test.journal.rows_after(Entity::Lot, Mode::Mapped, i64::MIN, 10).await.unwrap().is_empty()
    );
}
