//! What a person lets go, and what of it followers see.

use rmd_proto::v1::Op;

use super::{all_gone, live, open_trips, release, release_mapping, waiting};
use crate::journal::{
    brake::{release::ReleaseError, report},
    testing::{ENTITY, TestJournal, batch, entries, gone, key, row, rows},
};

#[tokio::test]
async fn a_release_publishes_exactly_what_waits_in_order_with_its_ground() {
    let test = live().await;
    test.apply(rows(0, 600, 1)).await;
    let before = test.entries().await.len();
    let mut items = all_gone(0, 300);
    items.extend(rows(300, 400, 2));
    let applied = test.apply(items).await;
    assert_eq!((applied.held, applied.appended), (400, 0));
    // One is deleted after all, one comes back as it was.
    test.apply(vec![row("r5", 5, 1)]).await;
    let trips = open_trips(&test.journal).await;
    assert_eq!(trips.len(), 2);
    for trip in trips {
        let order = report::waiting(test.journal.store(), trip.trip_id, u32::MAX).await.unwrap();
        let size = test.entries().await.len();
        let released = release(&test.journal, trip.trip_id).await.unwrap();
        assert_eq!(released.published, order.len() as u64);
        let entries = test.entries().await;
        let range = (released.first_seq, released.last_seq);
        assert_eq!(range, (size as u64 + 1, entries.len() as u64));
        let told: Vec<_> = entries[size..].iter().map(|entry| &entry.header).collect();
        let keys: Vec<&str> = told.iter().map(|header| header.key.as_str()).collect();
        let waited: Vec<&str> = order.iter().map(|waiting| waiting.record_key.as_str()).collect();
        assert_eq!(keys, waited);
        let ground = format!("released:{}: sites were closed", trip.trip_id);
        assert!(told.iter().all(|header| header.reason.ends_with(&ground)), "{:?}", told[0]);
    }
    let entries = test.entries().await;
    assert_eq!(entries.len(), before + 399);
    let published = test.published().await;
    assert_eq!((published.len(), published[&key(5)], published[&key(300)]), (301, 1, 2));
    assert!(waiting(&test.journal).await.is_empty());
    assert_eq!((test.counts().await.published, test.counts().await.held), (301, 0));
    // The hash gate knows what was published: a sweep finds nothing new.
    assert_eq!(test.apply(rows(300, 400, 2)).await.unchanged, 100);
}

#[tokio::test]
async fn what_a_person_let_go_does_not_count_against_what_comes() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 20)).await;
    let trip = open_trips(&test.journal).await[0].trip_id;
    release(&test.journal, trip).await.unwrap();
    assert_eq!(test.published().await.len(), 10);
    assert_eq!(test.apply(all_gone(20, 23)).await.appended, 3);
    assert_eq!(test.apply(all_gone(23, 24)).await.held, 1);
    assert_ne!(open_trips(&test.journal).await[0].trip_id, trip);
}

#[tokio::test]
async fn a_trip_is_released_once_and_an_unknown_one_never() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 30)).await;
    release(&test.journal, 1).await.unwrap();
    let again = release(&test.journal, 1).await;
    assert!(matches!(again, Err(ReleaseError::Over { trip_id: 1, .. })), "{again:?}");
    assert!(matches!(release(&test.journal, 7).await, Err(ReleaseError::Unknown(7))));
    assert_eq!(test.entries().await.len(), 60);
    let trips = report::trips(test.journal.store(), true, Some(1)).await.unwrap();
    let said = (trips[0].released_by.as_deref(), trips[0].published, trips[0].last_seq);
    assert_eq!(said, (Some("Cadastre"), Some(30), Some(60)));
}

#[tokio::test]
async fn a_released_record_that_moved_follows_the_end_of_its_old_key() {
    let test = live().await;
    test.apply(rows(0, 10, 1)).await;
    test.apply((0..5).map(|n| row(&format!("r{n}"), n + 100, 1)).collect()).await;
    // A sweep meets them again before they are released.
    test.apply((0..5).map(|n| row(&format!("r{n}"), n + 100, 1)).collect()).await;
    release(&test.journal, 1).await.unwrap();
    let entries = test.entries().await;
    let ops: Vec<Op> = entries[10..].iter().map(rmd_feed::StoredEntry::op).collect();
    assert_eq!(ops, [[Op::Tombstone; 5], [Op::Upsert; 5]].concat());
    assert!(entries[10].header.reason.starts_with("renamed:"));
    assert!(entries[15].header.reason.starts_with("renames:"), "{:?}", entries[15].header);
    assert_eq!(test.published().await.len(), 10);
}

#[tokio::test]
async fn a_crash_in_a_release_publishes_nothing_and_the_next_one_publishes_all() {
    let test = live().await;
    test.apply(rows(0, 300, 1)).await;
    test.apply(all_gone(0, 290)).await;
    // The last statement of the release fails, as the disk would under it.
    alter(
        &test,
        "CREATE TRIGGER cut BEFORE UPDATE ON brake_trip WHEN NEW.state = 'released'
                  BEGIN SELECT RAISE(ABORT, 'cut'); END",
    )
    .await;
    assert!(release(&test.journal, 1).await.is_err());
    assert_eq!(waiting(&test.journal).await.len(), 290);
    alter(&test, "DROP TRIGGER cut").await;
    let again = test.opened_again().await;
    assert_eq!(entries(&again).await.len(), 300);
    assert_eq!(release(&again, 1).await.unwrap().published, 290);
    assert_eq!(test.published().await.len(), 10);
}

#[tokio::test]
async fn what_was_published_in_the_meantime_is_not_published_twice() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 30)).await;
    // As after a restored store that took its own entries back.
    alter(
        &test,
        "UPDATE record SET op = 2 WHERE record_id IN (SELECT record_id FROM brake_held
                  ORDER BY place LIMIT 4)",
    )
    .await;
    assert_eq!(release(&test.journal, 1).await.unwrap().published, 26);
}

#[tokio::test]
async fn a_released_mapping_is_not_braked_until_it_has_read_everything() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    release_mapping(&test).await;
    let mut items = rows(0, 80, 2);
    items.extend(all_gone(80, 90));
    assert_eq!(test.apply(items).await.appended, 90);
    let mapping_id = batch(Vec::new()).mapping_id;
    test.journal.all_read(ENTITY, "another").await.unwrap();
    assert_eq!(test.apply(rows(0, 80, 3)).await.appended, 80);
    test.journal.all_read(ENTITY, &mapping_id).await.unwrap();
    assert_eq!(test.apply(rows(0, 80, 4)).await.held, 80);
}

#[tokio::test]
async fn a_released_mapping_leaves_what_waits_already() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    test.apply(rows(0, 80, 2)).await;
    release_mapping(&test).await;
    let mut items = rows(0, 80, 3);
    items.push(gone("r90"));
    let applied = test.apply(items).await;
    assert_eq!((applied.held, applied.appended), (80, 1));
    release(&test.journal, 1).await.unwrap();
    assert_eq!(test.apply(rows(0, 80, 3)).await.unchanged, 80);
}

#[tokio::test]
async fn the_order_of_a_batch_does_not_matter() {
    let mut told = Vec::new();
    for is_turned in [false, true] {
        let test = live().await;
        test.apply(rows(0, 100, 1)).await;
        let mut items = all_gone(0, 30);
        items.extend(rows(30, 90, 2));
        items.extend((90..95).map(|n| row(&format!("r{n}"), n + 100, 1)));
        if is_turned {
            items.reverse();
        }
        test.apply(items).await;
        told.push((waiting(&test.journal).await, test.published().await));
    }
    assert_eq!(told[0], told[1]);
}

async fn alter(test: &TestJournal, sql: &'static str) {
    let mut writing = test.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    sqlx::query(sql).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}
