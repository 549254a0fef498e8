//! Erased content is gone, stays gone, and every proof holds.

use rmd_feed::{Body, StoredEntry, erase as wire, frame};
use rmd_proto::v1::{self, Op};

use super::brake::{live as braked, open_trips};
use crate::journal::{
    Fate, Journal, blocks_after,
    entitlement::Level,
    erase::{EraseError, Ground, Order, Outcome, list, scrub},
    testing::{ENTITY, FEED, TestJournal, entries, gone, key, row, rows},
    verify,
};

const DOCUMENT: [u8; 32] = [9; 32];

async fn erase(journal: &Journal, key: &str) -> Result<Outcome, EraseError> {
    let order = Order {
        entity: ENTITY,
        record_key: key,
        ground: Ground::CourtOrder,
        document: Some(DOCUMENT),
        by: "Greffe",
        reason: "jugement 12",
    };
    journal.erase(order).await
}

fn seqs(outcome: &Outcome) -> Vec<u64> {
    outcome.planned.entries.iter().map(|leaves| leaves.seq).collect()
}

fn erased(entries: &[StoredEntry]) -> Vec<u64> {
    entries.iter().filter(|entry| entry.body == Body::Erased).map(StoredEntry::seq).collect()
}

async fn assert_whole(test: &TestJournal) {
    let verifier = test.key.verifier();
    let owner = &test.journal.owner().name;
    let feeds = verify::verify(test.journal.store(), owner, &verifier, &|_, _, _| ()).await;
    for feed in feeds.unwrap() {
        assert!(feed.whole, "{feed:?}");
    }
}

/// Everything in one frame, as a follower gets it.
async fn whole(journal: &Journal, after: u64) -> v1::Frame {
    let readers = journal.store().readers();
    let blocks = blocks_after(readers, FEED, 1, after, 1 << 20).await.unwrap();
    frame::build(FEED, 1, &blocks, after).unwrap()
}

#[tokio::test]
async fn every_revision_of_a_record_loses_its_payload_and_nothing_else_changes() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 600, 1)).await;
    test.apply(vec![row("r7", 7, 2)]).await;
    test.apply(vec![row("r7", 7, 3), row("r8", 8, 2)]).await;
    let before = test.entries().await;
    let planned = test.journal.plan_erasure(ENTITY, &key(7)).await.unwrap();
    let outcome = erase(&test.journal, &key(7)).await.unwrap();
    assert_eq!((seqs(&outcome), outcome.seq), (vec![8, 601, 602], Some(604)));
    assert_eq!(planned, outcome.planned, "the dry run said so");
    assert_eq!(planned.source_rows, ["r7"]);

    let after = test.entries().await;
    assert_eq!(erased(&after), [8, 601, 602]);
    for (now, was) in after.iter().zip(&before) {
        assert_eq!((now.leaf_hash(), &now.header_bytes), (was.leaf_hash(), &was.header_bytes));
        assert!(now.body == Body::Erased || now.body == was.body);
    }
    let order = after.last().unwrap();
    let header = &order.header;
    assert_eq!((header.op(), header.rev, header.previous_seq), (Op::Erase, 4, 602));
    assert_eq!((header.key.as_str(), header.reason.as_str()), (&*key(7), "erased:court-order"));
    let said = wire::read(order).unwrap();
    assert_eq!(said.document_sha256, DOCUMENT);
    assert_eq!(
        said.erased.iter().map(|one| (one.seq, one.rev)).collect::<Vec<_>>(),
        [(8, 1), (601, 2), (602, 3)]
    );
    let words = String::from_utf8_lossy(order.payload().unwrap()).into_owned();
    assert!(!words.contains("Greffe") && !words.contains("jugement"), "{words}");
    assert_whole(&test).await;
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.captured, counts.refused), (599, 600, 1));
}

#[tokio::test]
async fn the_same_row_stays_out_and_a_corrected_one_is_the_next_revision() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    erase(&test.journal, &key(1)).await.unwrap();
    let quarantine = test.quarantine().await;
    assert_eq!((quarantine.len(), quarantine[0].source_key.as_str()), (1, "r1"));
    let finding = &quarantine[0].findings[0];
    assert_eq!((finding.rule.as_str(), finding.value.as_str()), ("ERASED", ""));
    for _ in 0..2 {
        let again = test.apply(rows(0, 3, 1)).await;
        assert_eq!((again.appended, again.unchanged, again.refused), (0, 2, 1));
    }
    assert_eq!(test.apply(vec![row("r1", 1, 2)]).await.appended, 1);
    let last = test.entries().await.pop().unwrap();
    assert_eq!((last.header.rev, last.header.previous_seq, last.op()), (3, 4, Op::Upsert));
    assert!(test.quarantine().await.is_empty());
    assert_eq!(test.counts().await.published, 3);
    // And back, as a clerk may undo it; also under another key of the source.
    let back = test.apply(vec![row("r1", 1, 1)]).await;
    assert!(matches!(&back.fates[0], Fate::Refused(findings) if findings[0].rule == "ERASED"));
    assert_eq!(test.entries().await.len(), 5);
    test.apply(vec![gone("r1")]).await;
    assert_eq!(test.apply(vec![row("other", 1, 1)]).await.refused, 1);
    assert_whole(&test).await;
}

#[tokio::test]
async fn a_second_order_takes_what_came_since_or_nothing() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 2, 1)).await;
    erase(&test.journal, &key(1)).await.unwrap();
    let again = erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!((again.seq, again.planned.erased_before), (None, 1));
    assert_eq!(test.entries().await.len(), 3);
    test.apply(vec![row("r1", 1, 2)]).await;
    let third = erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!((seqs(&third), third.seq, third.planned.erased_before), (vec![4], Some(5), 1));
    assert_eq!(erased(&test.entries().await), [2, 4]);
    let listed = list(test.journal.store()).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.seq).collect::<Vec<_>>().len(), 2);
    assert!(listed.iter().all(|one| one.erased_by == "Greffe" && one.executed_at_us.is_none()));
}

#[tokio::test]
async fn a_record_that_is_not_there_or_never_left_is_said_to_be_so() {
    let test = TestJournal::new().await;
    test.set(Level::Off).await;
    test.apply(rows(0, 2, 1)).await;
    assert!(matches!(erase(&test.journal, "CD/x").await, Err(EraseError::Unknown { .. })));
    let never = erase(&test.journal, &key(1)).await;
    assert!(matches!(never, Err(EraseError::NeverPublished { .. })), "{never:?}");
    assert!(list(test.journal.store()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_withdrawn_record_is_erased_and_not_withdrawn_again() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    test.apply(vec![gone("r1")]).await;
    let outcome = erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!(seqs(&outcome), [2]);
    assert_eq!(test.counts().await.published, 2);
    test.set(Level::Off).await;
    let withdrawn = test.entries().await.split_off(5);
    assert_eq!(withdrawn.len(), 2, "the others");
    test.set(Level::Live).await;
    let again = test.apply(rows(0, 3, 1)).await;
    assert_eq!((again.appended, again.refused), (2, 1), "a promotion does not bring it back");
}

#[tokio::test]
async fn a_change_that_waits_in_the_brake_goes_with_it() {
    let test = braked().await;
    test.apply(rows(0, 200, 1)).await;
    assert_eq!(test.apply(rows(0, 80, 2)).await.held, 80);
    let outcome = erase(&test.journal, &key(7)).await.unwrap();
    assert!(outcome.planned.held);
    let trips = open_trips(&test.journal).await;
    assert_eq!((trips[0].held, test.counts().await.held), (79, 79));
    let counts = test.counts().await;
    assert_eq!((counts.published, counts.refused), (199, 1));
    // What waited was not corrected for the order; it stays out as well.
    let again = test.apply(vec![row("r7", 7, 2)]).await;
    assert_eq!((again.refused, again.held), (1, 0));
}

#[tokio::test]
async fn a_row_that_contends_for_the_key_keeps_no_payload() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    test.apply(vec![row("b", 1, 2)]).await;
    assert_eq!(test.quarantine().await.len(), 2, "both are refused for their key");
    let outcome = erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!(outcome.planned.source_rows, ["a", "b"]);
    let pending: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM quarantine WHERE payload IS NOT NULL")
            .fetch_one(test.journal.store().readers())
            .await
            .unwrap();
    assert_eq!(pending, 0);
    let rules: Vec<String> =
        test.quarantine().await.into_iter().map(|row| row.findings[0].rule.clone()).collect();
    assert_eq!(rules, ["ERASED", "ERASED"]);
}

#[tokio::test]
async fn a_node_that_lost_its_store_gets_the_erased_entries_back_and_keeps_the_row_out() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 5, 1)).await;
    erase(&test.journal, &key(3)).await.unwrap();
    let frame = whole(&test.journal, 0).await;
    let lost = TestJournal::live_with(test.key.clone()).await;
    assert_eq!(lost.journal.adopt(&frame).await.unwrap(), 6);
    let again = lost.apply(rows(0, 5, 1)).await;
    assert_eq!((again.appended, again.unchanged, again.refused), (0, 4, 1));
    assert_eq!(lost.apply(vec![row("r3", 3, 2)]).await.appended, 1);
    let listed = list(lost.journal.store()).await.unwrap();
    assert_eq!((listed.len(), listed[0].seq, listed[0].erased_by.as_str()), (1, 6, ""));
    assert_whole(&lost).await;
}

#[tokio::test]
async fn a_node_restored_from_before_the_order_carries_it_out_once_it_is_back() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 5, 1)).await;
    let earlier = whole(&test.journal, 0).await;
    let restored = TestJournal::live_with(test.key.clone()).await;
    restored.journal.adopt(&earlier).await.unwrap();
    restored.apply(rows(0, 5, 1)).await;
    erase(&test.journal, &key(3)).await.unwrap();
    assert_eq!(erased(&entries(&restored.journal).await), Vec::<u64>::new());
    restored.journal.adopt(&whole(&test.journal, 5).await).await.unwrap();
    assert_eq!(erased(&entries(&restored.journal).await), [4]);
    assert_eq!(restored.quarantine().await[0].findings[0].rule, "ERASED");
    assert_whole(&restored).await;
    assert!(!scrub::due(restored.journal.store()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_order_that_was_given_up_with_a_tail_is_given_again() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    erase(&test.journal, &key(1)).await.unwrap();
    let folder = test.path().with_file_name("tails");
    test.journal.discard(FEED, 3, &folder).await.unwrap().unwrap();
    let again = erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!((seqs(&again), again.seq), (vec![2], Some(4)));
    assert_whole(&test).await;
}

#[tokio::test]
async fn the_files_are_written_anew_once() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let store = test.journal.store();
    erase(&test.journal, &key(1)).await.unwrap();
    assert_eq!(scrub::due(store).await.unwrap().len(), 1);
    scrub::begin(store).await.unwrap();
    assert!(scrub::scrub(test.path()).await.unwrap());
    // Executed meanwhile: not in what was written.
    erase(&test.journal, &key(2)).await.unwrap();
    scrub::end(store).await.unwrap();
    let due = scrub::due(store).await.unwrap();
    assert_eq!(due.iter().map(|due| due.record_key.clone()).collect::<Vec<_>>(), [key(2)]);
    assert_whole(&test).await;
    assert_eq!(test.apply(vec![row("r9", 9, 1)]).await.appended, 1, "the writer goes on");
}
