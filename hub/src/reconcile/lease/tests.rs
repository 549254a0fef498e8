//! One holds it, the next is told who, and it never lasts for ever.

use std::sync::Arc;

use rmd_runtime::clock::ManualClock;

use super::*;
use crate::store::testing::on_each_store;

/// A store, and a clock that stands still.
fn clock() -> (Arc<ManualClock>, SharedClock) {
    let clock = Arc::new(ManualClock::new("2026-10-15T12:00:00Z".parse().unwrap()));
    (Arc::clone(&clock), clock)
}

#[tokio::test]
async fn who_comes_second_is_told_who_is_at_it_until_it_is_given_back() {
    on_each_store(async |store| {
        let (_, clock) = clock();
        let first = take(&store, &clock).await.unwrap().unwrap();
        let held = take(&store, &clock).await.unwrap().unwrap_err();
        assert!(held.holder.contains(&std::process::id().to_string()), "{held}");
        assert_eq!(held.since, clock.now());
        let message = held.to_string();
        let both = ["reconciles since 2026-10-15T12:00:00Z", "rapproche depuis", "12:00:30Z"];
        assert!(both.iter().all(|part| message.contains(part)), "{message}");
        first.give_back().await.unwrap();
        let second = take(&store, &clock).await.unwrap().unwrap();
        second.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_lease_of_who_was_killed_ends_by_itself() {
    on_each_store(async |store| {
        let (manual, clock) = clock();
        // A process that was killed neither renews it nor gives it back.
        let mut killed = take(&store, &clock).await.unwrap().unwrap();
        killed.stop();
        killed.is_given_back = true;
        manual.advance(LASTS - SignedDuration::from_secs(1));
        assert!(take(&store, &clock).await.unwrap().is_err());
        manual.advance(SignedDuration::from_secs(1));
        let next = take(&store, &clock).await.unwrap().unwrap();
        // Who was thought dead and comes back has lost it, and takes nothing away.
        assert!(!killed.own.take().await.unwrap());
        killed.own.give_back().await.unwrap();
        assert!(take(&store, &clock).await.unwrap().is_err());
        next.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_goes_on_since_it_was_taken() {
    on_each_store(async |store| {
        let (manual, clock) = clock();
        let begun = clock.now();
        let lease = take(&store, &clock).await.unwrap().unwrap();
        for _ in 0..5 {
            manual.advance(SignedDuration::from_secs(20));
            assert!(lease.own.take().await.unwrap());
            let held = take(&store, &clock).await.unwrap().unwrap_err();
            assert_eq!((held.since, held.until), (begun, clock.now() + LASTS));
        }
        lease.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_dropped_is_given_back() {
    on_each_store(async |store| {
        let (_, clock) = clock();
        drop(take(&store, &clock).await.unwrap().unwrap());
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            match take(&store, &clock).await.unwrap() {
                Ok(lease) => break lease.give_back().await.unwrap(),
                Err(held) => assert!(std::time::Instant::now() < deadline, "{held}"),
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}
