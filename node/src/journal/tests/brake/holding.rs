//! What trips the brake, and what it holds.

use super::{all_gone, live, open_trips, waiting};
use crate::journal::{
    Applied, Fate, Mode,
    entitlement::Level,
    testing::{ENTITY, TestJournal, bad, batch, gone, key, row, rows},
};

#[tokio::test]
async fn a_table_of_thirty_that_is_emptied_is_held_whole() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    let applied = test.apply(all_gone(0, 30)).await;
    assert_eq!((applied.appended, applied.tombstones, applied.held), (0, 0, 30));
    assert_eq!(test.published().await.len(), 30, "what is published stays");
    let trips = open_trips(&test.journal).await;
    let told = (&*trips[0].kind, trips[0].counted, trips[0].allowed, trips[0].base);
    assert_eq!(told, ("delete", 30, 3, 30));
    assert!(trips[0].emptied && waiting(&test.journal).await.len() == 30);
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.held), (30, 30));
}

#[tokio::test]
async fn five_percent_deleted_in_ten_slices_trips_at_the_limit() {
    let test = live().await;
    test.apply(rows(0, 1000, 1)).await;
    let mut held = Vec::new();
    for slice in 0..10 {
        held.push(test.apply(all_gone(slice * 5, slice * 5 + 5)).await.held);
    }
    assert_eq!(held, [0, 0, 0, 0, 5, 5, 5, 5, 5, 5], "2 % of 1000 are 20");
    assert_eq!(test.published().await.len(), 980);
    assert_eq!((open_trips(&test.journal).await.len(), test.counts().await.held), (1, 30));
}

#[tokio::test]
async fn a_few_deletions_pass_and_the_fourth_waits() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    assert_eq!(test.apply(all_gone(0, 3)).await.appended, 3);
    assert_eq!(test.apply(all_gone(3, 4)).await.held, 1);
    assert_eq!(test.published().await.len(), 27);
}

#[tokio::test]
async fn the_last_record_of_a_type_waits_however_few_there_were() {
    let test = live().await;
    test.apply(rows(0, 1, 1)).await;
    assert_eq!(test.apply(all_gone(0, 1)).await.held, 1, "one of one");
    let two = live().await;
    two.apply(rows(0, 2, 1)).await;
    assert_eq!(two.apply(all_gone(0, 1)).await.appended, 1);
    assert_eq!(two.apply(all_gone(1, 2)).await.held, 1);
    assert!(open_trips(&two.journal).await[0].emptied);
}

#[tokio::test]
async fn a_type_is_emptied_when_all_but_what_waits_is_gone() {
    let test = live().await;
    test.apply(rows(0, 1, 1)).await;
    test.apply(all_gone(0, 1)).await;
    test.apply(rows(5, 6, 1)).await;
    assert_eq!(test.apply(all_gone(5, 6)).await.held, 1);
}

#[tokio::test]
async fn a_mass_update_waits_and_new_records_pass() {
    let test = live().await;
    test.apply(rows(0, 1000, 1)).await;
    let mut items = rows(0, 200, 2);
    items.extend(rows(1000, 1100, 1));
    let applied = test.apply(items).await;
    assert_eq!((applied.held, applied.appended), (200, 100), "new ones never wait");
    let trips = open_trips(&test.journal).await;
    let told = (&*trips[0].kind, trips[0].counted, trips[0].allowed, trips[0].base);
    assert_eq!(told, ("change", 200, 110, 1100), "10 % of what the first load brought");
    assert_eq!(test.published().await.values().filter(|rev| **rev > 1).count(), 0);
}

#[tokio::test]
async fn deletions_that_wait_do_not_hold_changes_up() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    let mut items = all_gone(0, 30);
    items.extend(rows(30, 60, 2));
    items.push(bad("x", None));
    let applied = test.apply(items).await;
    assert_eq!((applied.held, applied.appended, applied.refused), (30, 30, 1));
    assert_eq!(test.published().await.values().filter(|rev| **rev == 2).count(), 30);
}

#[tokio::test]
async fn a_record_that_changes_often_counts_once() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    for count in 2..80 {
        assert_eq!(test.apply(vec![row("r1", 1, count)]).await.appended, 1);
    }
    assert_eq!(test.apply(rows(2, 51, 2)).await.appended, 49);
    assert_eq!(test.apply(vec![row("r60", 60, 2)]).await.held, 1, "the 51st record");
}

#[tokio::test]
async fn a_key_that_is_read_again_replaces_what_waits() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 30)).await;
    let applied = test.apply(vec![row("r7", 7, 9)]).await;
    assert_eq!((applied.held, applied.fates), (1, vec![Fate::Held]));
    let waits = waiting(&test.journal).await;
    assert_eq!((waits.len(), waits[&key(7)], waits[&key(8)]), (30, "upsert", "tombstone"));
    // What waits is met again by every sweep, and written once.
    assert_eq!(test.apply(vec![row("r7", 7, 9)]).await.held, 1);
    test.apply(vec![gone("r7")]).await;
    assert_eq!(waiting(&test.journal).await[&key(7)], "tombstone");
}

#[tokio::test]
async fn a_key_that_goes_back_leaves_the_hold_and_a_table_that_comes_back_ends_it() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 30)).await;
    let applied = test.apply(rows(0, 10, 1)).await;
    assert_eq!((applied.unchanged, applied.held, applied.appended), (10, 0, 0));
    assert_eq!(test.counts().await.held, 20);
    test.apply(rows(10, 30, 1)).await;
    assert!(open_trips(&test.journal).await.is_empty());
    assert_eq!((test.counts().await.held, test.entries().await.len()), (0, 30));
    // Nothing of it counts any more.
    assert_eq!(test.apply(all_gone(0, 3)).await.appended, 3);
}

#[tokio::test]
async fn a_record_whose_key_changes_waits_with_its_successor() {
    let test = live().await;
    test.apply(rows(0, 10, 1)).await;
    let moved = |by: u32| (0..5).map(move |n| row(&format!("r{n}"), n + by, 1)).collect();
    let applied = test.apply(moved(100)).await;
    assert_eq!((applied.held, applied.appended), (10, 0), "neither key of a record alone");
    assert_eq!(waiting(&test.journal).await[&key(100)], "upsert");
    let applied = test.apply(moved(200)).await;
    assert_eq!((applied.held, applied.appended), (5, 0));
    let waits = waiting(&test.journal).await;
    assert!(!waits.contains_key(&key(100)) && waits[&key(200)] == "upsert");
    test.apply(moved(0)).await;
    assert!(waiting(&test.journal).await.is_empty());
    assert_eq!(test.published().await.len(), 10);
}

#[tokio::test]
async fn posts_and_sheets_count_with_the_rest() {
    let test = live().await;
    let mode = |mode| {
        let test = &test;
        async move |from, to, count| -> Applied {
            let (mapping_id, items) = (format!("{mode:?}"), rows(from, to, count));
            let batch = super::super::super::Batch { mode, mapping_id, ..batch(items) };
            test.journal.offer(batch).await.unwrap()
        }
    };
    let (api, sheet) = (mode(Mode::Api), mode(Mode::Sheet));
    api(0, 100, 1).await;
    sheet(100, 200, 1).await;
    test.apply(rows(200, 300, 1)).await;
    assert_eq!(api(0, 20, 2).await.appended, 20);
    assert_eq!(sheet(100, 120, 2).await.appended, 20);
    assert_eq!(test.apply(rows(200, 210, 2)).await.appended, 10);
    let applied = api(50, 51, 2).await;
    assert_eq!((applied.held, &applied.fates[..]), (1, &[Fate::Held][..]));
    assert_eq!(sheet(150, 151, 2).await.held, 1);
}

#[tokio::test]
async fn a_record_type_that_is_withdrawn_holds_nothing_and_begins_anew() {
    let test = live().await;
    test.apply(rows(0, 30, 1)).await;
    test.apply(all_gone(0, 20)).await;
    test.set(Level::Off).await;
    assert_eq!((test.counts().await.held, test.counts().await.published), (0, 0));
    assert!(open_trips(&test.journal).await.is_empty());
    test.set(Level::Live).await;
    assert_eq!(test.apply(rows(20, 30, 2)).await.appended, 10, "a first load");
    assert_eq!(ends(&test).await, 30);
}

/// Tombstones in the feed.
async fn ends(test: &TestJournal) -> usize {
    let entries = test.entries().await;
    assert!(entries.iter().all(|entry| entry.header.entity == ENTITY.name()));
    entries.iter().filter(|entry| entry.op() == rmd_proto::v1::Op::Tombstone).count()
}
