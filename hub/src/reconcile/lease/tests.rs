//! One holds it, the next is told who, and it never lasts for ever.

use std::sync::Arc;

use rmd_runtime::clock::{Clock as _, ManualClock};

use super::*;
use crate::store::testing::on_each_store;

/// A clock that stands still, and the leases by it.
fn leases(store: &Store) -> (Arc<ManualClock>, Leases) {
    let clock = Arc::new(ManualClock::new("2026-10-15T12:00:00Z".parse().unwrap()));
    (Arc::clone(&clock), Leases::new(store.clone(), clock))
}

#[tokio::test]
async fn who_comes_second_is_told_who_is_at_it_until_it_is_given_back() {
    on_each_store(async |store| {
        let (clock, leases) = leases(&store);
        let first = leases.take().await.unwrap().unwrap();
        let held = leases.take().await.unwrap().unwrap_err();
        assert!(held.holder.contains(&std::process::id().to_string()), "{held}");
        assert_eq!(held.since, clock.now());
        let message = held.to_string();
        let both = ["reconciles since 2026-10-15T12:00:00Z", "rapproche depuis", "12:00:30Z"];
        assert!(both.iter().all(|part| message.contains(part)), "{message}");
        first.give_back().await.unwrap();
        let second = leases.take().await.unwrap().unwrap();
        second.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_lease_of_who_was_killed_ends_by_itself() {
    on_each_store(async |store| {
        let (clock, leases) = leases(&store);
        // A process that was killed neither renews it nor gives it back.
        let mut killed = leases.take().await.unwrap().unwrap();
        killed.stop();
        killed.is_given_back = true;
        clock.advance(LASTS - SignedDuration::from_secs(1));
        assert!(leases.take().await.unwrap().is_err());
        clock.advance(SignedDuration::from_secs(1));
        let next = leases.take().await.unwrap().unwrap();
        // Who was thought dead and comes back has lost it, and takes nothing away.
        assert!(!killed.own.take().await.unwrap());
        killed.own.give_back().await.unwrap();
        assert!(leases.take().await.unwrap().is_err());
        next.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_goes_on_since_it_was_taken() {
    on_each_store(async |store| {
        let (clock, leases) = leases(&store);
        let begun = clock.now();
        let lease = leases.take().await.unwrap().unwrap();
        for _ in 0..5 {
            clock.advance(SignedDuration::from_secs(20));
            assert!(lease.own.take().await.unwrap());
            let held = leases.take().await.unwrap().unwrap_err();
            assert_eq!((held.since, held.until), (begun, clock.now() + LASTS));
        }
        lease.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_dropped_is_given_back() {
    on_each_store(async |store| {
        let (_, leases) = leases(&store);
        drop(leases.take().await.unwrap().unwrap());
        leases.returned().await;
        leases.take().await.unwrap().unwrap().give_back().await.unwrap();
    })
    .await;
}
