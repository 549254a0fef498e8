//! What a hub may make a node believe of its own feeds.

use std::fs;

use rmd_feed::{Log, NewEntry, Origin, frame};
use rmd_proto::v1;

use super::announced::announced;
use crate::journal::{
    Journal, blocks_after,
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

/// The folder of the store as a state directory.
fn directory(test: &TestJournal) -> crate::config::Directory {
    let directory = crate::config::Directory::new(test.path().parent().unwrap());
    fs::create_dir_all(directory.epochs().parent().unwrap()).unwrap();
    directory
}

#[tokio::test]
async fn a_store_put_back_from_before_a_new_epoch_appends_nothing_to_the_one_that_ended() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let directory = directory(&test);
    let backup = test.path().with_file_name("backup.sqlite");
    sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM INTO '{}'", backup.display())))
        .execute(&mut sqlite(&test).await)
        .await
        .unwrap();
    super::epochs::inspect(&directory, test.journal.store()).await.unwrap();
    // The key was lost, and the node came back in epoch 2.
    let held = v1::HeldFeed { feed: FEED.to_owned(), epoch: 2, checkpoint: "lost".to_owned() };
    let (store, owner) = (test.journal.store(), test.journal.owner());
    crate::journal::adopt::epoch::enrolled(store, owner, &[held]).await.unwrap();
    super::epochs::inspect(&directory, store).await.unwrap();
    assert_eq!(state(&test).await, None);
    assert_eq!(fs::read_to_string(directory.epochs()).unwrap(), "transactions 2\n");
    let restored = Journal::open(&backup, owner.clone(), store.clock().clone()).await.unwrap();
    super::epochs::inspect(&directory, restored.store()).await.unwrap();
    let found = recovery::find(restored.store().readers(), FEED).await.unwrap().unwrap();
    assert_eq!(found.state, State::Closed);
    let error = restored.apply(crate::journal::testing::batch(rows(3, 4, 1))).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    // The hub that knows nothing of it, or of the old epoch alone, does not open it again.
    super::heard(&restored, &[]).await.unwrap();
    let frame = frame::build(
        FEED,
        1,
        &blocks_after(restored.store().readers(), FEED, 1, 0, 1 << 20).await.unwrap(),
        0,
    )
    .unwrap();
    restored.adopt(&frame).await.unwrap();
    let found = recovery::find(restored.store().readers(), FEED).await.unwrap().unwrap();
    assert_eq!(found.state, State::Closed);
    assert_eq!(fs::read_to_string(directory.epochs()).unwrap(), "transactions 2\n");
}

fn note_of_epoch_two(key: &rmd_feed::FeedKey) -> String {
    let origin = Origin::new(OWNER, FEED, 2);
    rmd_feed::Checkpoint { size: 5, root: [7; 32] }.sign(&origin, key).unwrap()
}

async fn sqlite(test: &TestJournal) -> sqlx::SqliteConnection {
    let url = format!("sqlite://{}", test.path().display());
    <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap()
}

#[tokio::test]
async fn a_hub_that_follows_a_later_epoch_ends_the_appending_to_the_old_one() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let other = rmd_feed::FeedKey::generate(OWNER).unwrap();
    let checkpoint = note_of_epoch_two(&other);
    for (checkpoint, epoch) in [(checkpoint, 0), (String::new(), 2)] {
        let mut writing = test.journal.store().write().await;
        let mut transaction = writing.begin().await.unwrap();
        recovery::clear(&mut transaction, FEED).await.unwrap();
        transaction.commit().await.unwrap();
        drop(writing);
        let known =
            v1::KnownCheckpoint { feed: FEED.to_owned(), checkpoint, epoch, ..Default::default() };
        super::heard(&test.journal, &[known]).await.unwrap();
        assert_eq!(state(&test).await, Some(State::Closed), "epoch {epoch}");
        let appended = test.journal.apply(crate::journal::testing::batch(rows(3, 4, 1))).await;
        assert!(appended.is_err());
    }
}

#[tokio::test]
async fn with_the_key_of_the_later_epoch_its_entries_are_waited_for() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let checkpoint = note_of_epoch_two(&test.key);
    let known = v1::KnownCheckpoint { feed: FEED.to_owned(), checkpoint, ..Default::default() };
    super::heard(&test.journal, &[known]).await.unwrap();
    assert_eq!(state(&test).await, Some(State::Lacking));
    let feeds = crate::journal::report::feeds(test.journal.store()).await.unwrap();
    let feed = feeds.into_iter().find(|feed| feed.feed == FEED).unwrap();
    assert_eq!((feed.epoch, feed.size), (2, 0));
}

#[tokio::test]
async fn entries_that_come_back_unannounced_are_captured_anew_all_the_same() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let blocks = blocks_after(test.journal.store().readers(), FEED, 1, 0, 1 << 20).await.unwrap();
    let frame = frame::build(FEED, 1, &blocks, 0).unwrap();
    let restored = TestJournal::live_with(test.key.clone()).await;
    let generation = async || -> i64 {
        sqlx::query_scalar("SELECT generation FROM entitlement WHERE entity = 'ReportingPeriod'")
            .fetch_one(restored.journal.store().readers())
            .await
            .unwrap()
    };
    let before = generation().await;
    assert_eq!(restored.journal.adopt(&frame).await.unwrap(), 3);
    assert!(generation().await > before, "no Announce came before it");
}

// A file of 20 blocks: more than are read at a time.
#[tokio::test]
async fn a_long_tail_is_dropped_some_blocks_at_a_time_and_every_record_stands_as_before() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 40, 1)).await;
    for block in 0..20_u32 {
        test.apply(rows(2 * block, 2 * block + 3, i64::from(block) + 2)).await;
    }
    let before = test.published().await;
    assert!(before.values().any(|rev| *rev > 2), "some records were changed twice");
    let folder = test.path().with_file_name("tails");
    let dropped = test.journal.discard(FEED, 40, &folder).await.unwrap().unwrap();
    assert_eq!((dropped.first_seq, dropped.last_seq), (41, 100));
    let bytes = fs::read(&dropped.file).unwrap();
    let (mut rest, mut entries) = (bytes.as_slice(), 0);
    while !rest.is_empty() {
        let kept = <v1::Frame as prost::Message>::decode_length_delimited(&mut rest).unwrap();
        entries += frame::open(&kept).unwrap().len();
    }
    assert_eq!(entries, 60);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing unfinished is left");
    // Each record stands at its first revision again: the same rows are unchanged.
    let again = test.apply(rows(0, 40, 1)).await;
    assert_eq!((again.unchanged, again.appended), (40, 0));
}
