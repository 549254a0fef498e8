//! What is captured is published, refused, held or withheld.

use super::super::{
    entitlement::Level,
    testing::{ENTITY, TestJournal, bad, gone, key, row, rows},
};

/// The counts as they are kept, held against the rows themselves.
async fn assert_sum(test: &TestJournal) -> (i64, i64) {
    let counts = test.counts().await;
    let readers = test.journal.store().readers();
    // A row that is gone counts as long as its deletion waits.
    let captured: i64 = sqlx::query_scalar(
        "SELECT (SELECT COUNT(*) FROM source_row WHERE state <> 'gone')
              + (SELECT COUNT(*) FROM brake_held WHERE op = 2)",
    )
    .fetch_one(readers)
    .await
    .unwrap();
    let outdated: i64 = sqlx::query_scalar(
        "SELECT COUNT(*)
         FROM record r
         LEFT JOIN source_row s ON s.row_id = r.row_id
         LEFT JOIN brake_held h ON h.record_id = r.record_id
         WHERE r.op IN (1, 3) AND (s.state = 'refused' OR h.record_id IS NOT NULL)",
    )
    .fetch_one(readers)
    .await
    .unwrap();
    assert_eq!((counts.captured, counts.outdated), (captured, outdated), "{counts:?}");
    assert_eq!(
        counts.captured + counts.outdated,
        counts.published + counts.refused + counts.held + counts.off,
        "{counts:?}"
    );
    (counts.captured, counts.outdated)
}

#[tokio::test]
async fn every_captured_row_is_published_refused_or_withheld() {
    let test = TestJournal::new().await;
    test.apply(rows(0, 4, 1)).await;
    assert_eq!(assert_sum(&test).await, (4, 0), "withheld: nothing may leave");
    assert_eq!(test.counts().await.off, 4);
    test.set(Level::Live).await;
    test.apply(rows(0, 10, 1)).await;
    assert_eq!(assert_sum(&test).await, (10, 0));
    // One is refused that was published, one that never was; two ask for one key.
    test.apply(vec![
        bad("r1", Some(key(1))),
        bad("new", None),
        row("twin", 2, 9),
        gone("r3"),
        gone("never"),
    ])
    .await;
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.refused), (9, 4));
    assert_eq!(assert_sum(&test).await, (11, 2));
    test.apply(vec![gone("twin"), row("r1", 1, 2), gone("new")]).await;
    assert_eq!(assert_sum(&test).await, (9, 0));
    test.set(Level::Off).await;
    assert_eq!(assert_sum(&test).await, (9, 0));
    assert_eq!(test.counts().await.off, 9);
}

#[tokio::test]
async fn what_the_brake_holds_is_captured_and_outdated() {
    let test = TestJournal::braked().await;
    test.set(Level::Live).await;
    test.apply(rows(0, 100, 1)).await;
    assert_eq!(assert_sum(&test).await, (100, 0));
    test.apply((0..20).map(|month| gone(&format!("r{month}"))).collect()).await;
    let counts = test.counts().await;
    assert!(counts.held > 0 && counts.published == 100, "{counts:?}");
    let (captured, outdated) = assert_sum(&test).await;
    assert_eq!((captured, outdated), (100, counts.held));
    test.apply(rows(30, 90, 7)).await;
    assert_sum(&test).await;
    test.apply(vec![bad("r95", Some(key(95)))]).await;
    assert_sum(&test).await;
    assert_eq!(test.counts().await.entity, ENTITY.name());
}
