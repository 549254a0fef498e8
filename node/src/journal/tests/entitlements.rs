//! What may leave, and what happens when that changes.

use rmd_feed::StoredEntry;
use rmd_proto::v1::Op;
use rmd_standard::Entity;

use super::super::{
    Error,
    entitlement::{self, Level},
    report,
    testing::{ENTITY, TestJournal, batch, gone, key, row, rows},
};

#[tokio::test]
async fn master_data_is_live_and_transactions_are_off_until_granted() {
    let test = TestJournal::new().await;
    for report in report::entities(test.journal.store()).await.unwrap() {
        let expected = if report.feed == "master-data" { Level::Live } else { Level::Off };
        assert_eq!(report.entitlement, expected, "{}", report.entity);
    }
}

#[tokio::test]
async fn off_appends_nothing_and_a_grant_makes_the_next_pass_a_first_load() {
    let test = TestJournal::new().await;
    let mut marked = batch(rows(0, 20, 1));
    marked.mark = Some(("periodes".to_owned(), "m1".to_owned()));
    let applied = test.journal.apply(marked).await.unwrap();
    assert_eq!((applied.appended, applied.withheld_by_entitlement), (0, 20));
    assert!(applied.row_ids.iter().all(Option::is_some));
    assert!(test.entries().await.is_empty());
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.off), (0, 20));
    assert!(test.journal.mark(ENTITY, "periodes").await.unwrap().is_some());

    let changes = test.set(Level::Live).await;
    assert_eq!((changes[0].before, changes[0].after), (Level::Off, Level::Live));
    assert_eq!(test.journal.mark(ENTITY, "periodes").await.unwrap(), None);
    assert_eq!(test.apply(rows(0, 20, 1)).await.appended, 20);
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.off), (20, 0));
}

#[tokio::test]
async fn a_mark_of_a_pass_that_began_before_the_grant_is_not_kept() {
    let test = TestJournal::new().await;
    assert_eq!(test.journal.mark(ENTITY, "periodes").await.unwrap(), None);
    test.set(Level::Live).await;
    let mut marked = batch(rows(5, 6, 1));
    marked.mark = Some(("periodes".to_owned(), "late".to_owned()));
    test.journal.apply(marked).await.unwrap();
    assert_eq!(test.journal.mark(ENTITY, "periodes").await.unwrap(), None);
}

#[tokio::test]
async fn a_demotion_withdraws_every_published_record() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 600, 1)).await;
    test.apply(vec![gone("r0")]).await;
    let changes = test.set(Level::Off).await;
    assert_eq!(changes[0].withdrawn, 599);
    assert!(test.published().await.is_empty());
    let entries = test.entries().await;
    assert_eq!(entries.len(), 601 + 599);
    let withdrawn = &entries[601..];
    assert!(withdrawn.iter().all(|entry| entry.op() == Op::Tombstone
        && entry.header.reason == "withdrawn"
        && entry.header.rev == 2));
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.off), (0, 599));
    // Nothing of it leaves any more, also not as a change or an end.
    assert_eq!(test.apply(vec![row("r5", 5, 9), gone("r6")]).await.appended, 0);

    test.set(Level::Live).await;
    assert_eq!(test.apply(rows(1, 600, 1)).await.appended, 599);
    assert_eq!(test.published().await[&key(1)], 3);
}

#[tokio::test]
async fn shadow_is_appended_and_going_live_appends_nothing_more() {
    let test = TestJournal::new().await;
    test.set(Level::Shadow).await;
    test.apply(rows(0, 3, 1)).await;
    assert_eq!(test.entries().await.len(), 3);
    let changes = test.set(Level::Live).await;
    assert_eq!(changes[0].withdrawn, 0);
    assert_eq!(test.apply(rows(0, 3, 1)).await.unchanged, 3);
    test.set(Level::Shadow).await;
    assert_eq!(test.entries().await.len(), 3);
}

#[tokio::test]
async fn without_an_enrolment_nothing_published_can_be_withdrawn() {
    let test = TestJournal::live().await;
    let store = test.journal.store();
    // Nothing was published of it, so no key is needed.
    entitlement::set(store, None, &[Entity::Lot], Level::Live, &|_| ()).await.unwrap();
    entitlement::set(store, None, &[Entity::Lot], Level::Off, &|_| ()).await.unwrap();
    test.apply(rows(0, 3, 1)).await;
    let error = entitlement::set(store, None, &[ENTITY], Level::Off, &|_| ()).await.unwrap_err();
    assert!(matches!(error, Error::NotEnrolled));
    assert_eq!(test.counts().await.entitlement, Level::Live);
}

#[tokio::test]
async fn another_process_withdraws_while_the_node_goes_on() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 10, 1)).await;
    let other = test.opened_again().await;
    let owner = Some(other.owner());
    entitlement::set(other.store(), owner, &[ENTITY], Level::Off, &|_| ()).await.unwrap();
    let applied = test.apply(rows(0, 10, 2)).await;
    assert_eq!((applied.appended, applied.withheld_by_entitlement), (0, 10));
    test.set(Level::Live).await;
    assert_eq!(test.apply(rows(0, 10, 2)).await.appended, 10);
    let seqs: Vec<u64> = test.entries().await.iter().map(StoredEntry::seq).collect();
    assert_eq!(seqs, (1..=30).collect::<Vec<_>>());
}

/// The payloads that wait in quarantine for their key.
async fn waiting(test: &TestJournal) -> i64 {
    sqlx::query_scalar("SELECT COUNT(payload) FROM quarantine")
        .fetch_one(test.journal.store().readers())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_may_not_leave_is_not_kept_for_later_either() {
    let test = TestJournal::new().await;
    test.apply(vec![row("a", 1, 1), row("b", 1, 2)]).await;
    assert_eq!((test.quarantine().await.len(), waiting(&test).await), (2, 0));
    test.set(Level::Live).await;
    test.apply(vec![row("a", 1, 1), row("b", 1, 2)]).await;
    assert_eq!(waiting(&test).await, 2);
    test.set(Level::Off).await;
    assert_eq!((test.quarantine().await.len(), waiting(&test).await), (2, 0));

    // The row that remains is published by the pass after the grant, not before it.
    test.set(Level::Live).await;
    assert_eq!(test.apply(vec![gone("a")]).await.appended, 0);
    assert_eq!(test.apply(vec![row("b", 1, 2)]).await.appended, 1);
    assert!(test.quarantine().await.is_empty());
}
