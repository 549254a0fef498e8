//! Crashes, restarts and other processes.

use rmd_feed::{FeedVerifier, Follower, Origin, StoredEntry, frame};

use super::super::{
    Error, blocks_after, boot,
    testing::{ENTITY, FEED, OWNER, TestJournal, batch, entries, row, rows},
};

#[tokio::test]
async fn a_batch_that_was_cut_before_its_commit_is_repeated_and_never_doubled() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 300, 1)).await;
    // Dropped at every await in turn, as a kill leaves it, until it gets through.
    for polls in 1.. {
        let future = test.journal.apply(batch(rows(0, 600, 2)));
        let done = poll_at_most(Box::pin(future), polls).await;
        let seqs: Vec<u64> = test.entries().await.iter().map(StoredEntry::seq).collect();
        assert!([300, 900].contains(&seqs.len()), "{} entries after {polls} polls", seqs.len());
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
        if done {
            break;
        }
    }
    assert_eq!(test.apply(rows(0, 600, 2)).await.unchanged, 600);
    assert_eq!(test.entries().await.len(), 900);
}

/// Drives a future for some polls, then drops it. Whether it was done.
async fn poll_at_most<F: Future + Unpin>(mut future: F, polls: usize) -> bool {
    let mut left = polls;
    let driven = std::future::poll_fn(|context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        left -= 1;
        match polled {
            std::task::Poll::Ready(_) => std::task::Poll::Ready(true),
            std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(false),
            std::task::Poll::Pending => std::task::Poll::Pending,
        }
    });
    driven.await
}

#[tokio::test]
async fn a_restart_goes_on_in_the_same_feed_without_a_gap() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 300, 1)).await;
    let next = test.opened_again().await;
    next.apply(batch(rows(300, 500, 1))).await.unwrap();
    assert_eq!(next.apply(batch(rows(0, 500, 1))).await.unwrap().unchanged, 500);

    // A follower takes it all, so roots and signatures join up.
    let verifier = FeedVerifier::parse(&test.key.vkey()).unwrap();
    let mut follower = Follower::new(FEED, 1, Origin::new(OWNER, FEED, 1), verifier);
    let mut seen = 0;
    loop {
        let readers = next.store().readers();
        let blocks = blocks_after(readers, FEED, 1, follower.cursor(), 1).await.unwrap();
        if blocks.is_empty() {
            break;
        }
        let frame = frame::build(FEED, 1, &blocks, follower.cursor()).unwrap();
        seen += follower.accept(&frame).unwrap().len();
    }
    assert_eq!((seen, follower.cursor()), (500, 500));
}

#[tokio::test]
async fn two_processes_that_append_in_turn_write_one_feed() {
    let test = TestJournal::live().await;
    let other = test.opened_again().await;
    for round in 0..4 {
        let writer = if round % 2 == 0 { &test.journal } else { &other };
        writer.apply(batch(rows(round * 10, round * 10 + 10, 1))).await.unwrap();
    }
    let seqs: Vec<u64> = entries(&other).await.iter().map(StoredEntry::seq).collect();
    assert_eq!(seqs, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_start_has_a_boot_number_of_its_own() {
    let test = TestJournal::live().await;
    let first = boot::begin(test.journal.store()).await.unwrap();
    let next = test.opened_again().await;
    let second = boot::begin(next.store()).await.unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    assert_ne!(first.random, second.random);
    assert_eq!(boot::last(next.store()).await.unwrap(), Some(second));
}

#[tokio::test]
async fn a_mark_holds_with_its_batch_and_not_without() {
    let test = TestJournal::live().await;
    assert_eq!(test.journal.mark(ENTITY, "periodes").await.unwrap(), None);
    let mut marked = batch(rows(0, 3, 1));
    marked.mark = Some(("periodes".to_owned(), "m1".to_owned()));
    test.journal.apply(marked).await.unwrap();
    assert_eq!(test.journal.mark(ENTITY, "periodes").await.unwrap().as_deref(), Some("m1"));
    let again = test.opened_again().await;
    assert_eq!(again.mark(ENTITY, "periodes").await.unwrap().as_deref(), Some("m1"));
    assert_eq!(again.mark(ENTITY, "autre").await.unwrap(), None);
}

#[tokio::test]
async fn nothing_is_appended_while_the_clock_is_behind_the_last_entry() {
    let test = TestJournal::live().await;
    test.apply(vec![row("a", 1, 1)]).await;
    test.clock.set("2018-01-01T09:58:00Z".parse().unwrap());
    test.apply(vec![row("a", 1, 2)]).await;
    let entries = test.entries().await;
    assert_eq!(entries[0].header.captured_at_us, entries[1].header.captured_at_us);

    test.clock.set("2017-12-31T10:00:00Z".parse().unwrap());
    let error = test.journal.apply(batch(vec![row("a", 1, 3)])).await.unwrap_err();
    assert!(matches!(error, Error::ClockBehind { feed: FEED, behind_s: 86400 }), "{error}");
    assert_eq!(test.entries().await.len(), 2);
}
