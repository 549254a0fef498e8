//! The hours over which is counted.

use jiff::SignedDuration;

use super::{all_gone, live, open_trips, waiting};
use crate::journal::testing::{TestJournal, rows};

/// Moves the clock of a node.
fn pass_hours(test: &TestJournal, hours: i64) {
    test.clock.advance(SignedDuration::from_hours(hours));
}

#[tokio::test]
async fn what_was_deleted_a_day_ago_counts_no_more() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    assert_eq!(test.apply(all_gone(0, 3)).await.appended, 3);
    pass_hours(&test, 23);
    assert_eq!(test.apply(all_gone(3, 4)).await.held, 1);
    test.apply(rows(3, 4, 1)).await;
    pass_hours(&test, 2);
    assert_eq!(test.apply(all_gone(3, 6)).await.appended, 3);
}

#[tokio::test]
async fn the_percentage_is_of_what_was_there_a_day_ago() {
    let test = live().await;
    test.apply(rows(0, 500, 1)).await;
    pass_hours(&test, 30);
    test.apply(rows(500, 1000, 1)).await;
    assert_eq!(test.apply(all_gone(0, 10)).await.appended, 10);
    assert_eq!(test.apply(all_gone(10, 11)).await.held, 1);
    let trips = open_trips(&test.journal).await;
    assert_eq!((trips[0].base, trips[0].allowed, trips[0].counted), (500, 10, 11));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_the_window_neither_longer_nor_empty() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    pass_hours(&test, 48);
    let held = test.apply(all_gone(0, 50)).await.held;
    assert_eq!(held, 50);
    // Nothing was appended in those two days, so the feed still takes entries.
    pass_hours(&test, -48);
    assert_eq!(test.apply(all_gone(50, 51)).await.held, 1, "they count");
    test.apply(rows(0, 51, 1)).await;
    assert!(waiting(&test.journal).await.is_empty());
    assert_eq!(test.apply(all_gone(0, 3)).await.appended, 3);
    pass_hours(&test, 26);
    assert_eq!(test.apply(all_gone(3, 6)).await.appended, 3, "and are forgotten a day later");
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_does_not_let_a_mass_deletion_through() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    pass_hours(&test, 24 * 400);
    assert_eq!(test.apply(all_gone(0, 100)).await.held, 100);
}

#[tokio::test]
async fn counts_and_what_waits_survive_a_restart() {
    let test = live().await;
    test.apply(rows(0, 100, 1)).await;
    test.apply(all_gone(0, 2)).await;
    let again = test.opened_again().await;
    let applied = again.apply(crate::journal::testing::batch(all_gone(2, 4))).await.unwrap();
    assert_eq!((applied.held, applied.appended), (2, 0));
    let third = test.opened_again().await;
    assert_eq!(waiting(&third).await.len(), 2);
    let one = crate::journal::testing::batch(all_gone(4, 5));
    assert_eq!(third.apply(one).await.unwrap().held, 1);
}
