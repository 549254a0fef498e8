//! What a hub may make a node believe of its own feeds.

use std::fs;

use rmd_feed::{Log, NewEntry, Origin, frame};
use rmd_proto::v1;

use super::announced;
use crate::journal::{
    blocks_after,
    recovery::{self, State},
    testing::{FEED, OWNER, TestJournal, row, rows},
};

/// The signed note of another history of the feed, at this size.
fn other_history(test: &TestJournal, size: u64) -> String {
    let mut log = Log::new(FEED, 1, Origin::new(OWNER, FEED, 1));
    let entry = |number: u64| NewEntry {
        entity: "ReportingPeriod".to_owned(),
        key: number.to_string(),
        rev: 1,
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1,
        mapping_id: String::new(),
        previous_seq: 0,
        payload: b"other".to_vec(),
    };
    let entries: Vec<NewEntry> = (0..size).map(entry).collect();
    log.append(&entries, &test.key).unwrap().checkpoint
}

async fn state(test: &TestJournal) -> Option<State> {
    let lost = recovery::find(test.journal.store().readers(), FEED).await.unwrap();
    lost.map(|lost| lost.state)
}

#[tokio::test]
async fn a_hub_cannot_end_a_difference_by_its_word() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let said = |diverged: bool, common_size: u64| v1::AnnounceRequest {
        feed: FEED.to_owned(),
        epoch: 1,
        held_checkpoint: other_history(&test, 2),
        common_size,
        diverged,
        ..Default::default()
    };
    announced(&test.journal, &said(true, 0)).await.unwrap();
    assert_eq!(state(&test).await, Some(State::Diverged));
    for request in [said(true, 3), said(true, u64::MAX >> 1), said(false, 2)] {
        announced(&test.journal, &request).await.unwrap();
        assert_eq!(state(&test).await, Some(State::Diverged), "{request:?}");
        // A frame that is here already must not let the feed go on.
        let blocks = blocks_after(test.journal.store().readers(), FEED, 1, 0, 1 << 20).await;
        let known = frame::build(FEED, 1, &blocks.unwrap(), 0).unwrap();
        assert_eq!(test.journal.adopt(&known).await.unwrap(), 3);
        assert_eq!(state(&test).await, Some(State::Diverged), "{request:?}");
    }
}

#[tokio::test]
async fn a_second_dropped_tail_leaves_the_file_of_the_first() {
    let test = TestJournal::live().await;
    let folder = test.path().with_file_name("tails");
    let mut files = Vec::new();
    for count in [1, 2] {
        test.apply(rows(0, 3, count)).await;
        let dropped = test.journal.discard(FEED, 0, &folder).await.unwrap().unwrap();
        assert_eq!((dropped.first_seq, dropped.last_seq), (1, 3));
        files.push(dropped.file);
    }
    let kept: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(files[0] != files[1] && kept[0] != kept[1], "{files:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[tokio::test]
async fn as_many_entries_of_another_process_do_not_pass_for_the_own() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let other = test.opened_again().await;
    other.discard(FEED, 0, &test.path().with_file_name("tails")).await.unwrap();
    other.apply(crate::journal::testing::batch(rows(0, 3, 2))).await.unwrap();
    test.apply(vec![row("r9", 9, 1)]).await;
    let blocks = blocks_after(test.journal.store().readers(), FEED, 1, 0, 1 << 20).await.unwrap();
    let whole = frame::build(FEED, 1, &blocks, 0).unwrap();
    let mut fresh = Log::new(FEED, 1, Origin::new(OWNER, FEED, 1));
    assert_eq!(fresh.adopt(&whole, &test.key).unwrap().entries.len(), 4, "one tree over all");
}
