//! Whether the node's clock can be believed.
//!
//! A clock that is behind the last entry, or behind the day on which this program was
//! built, was set wrong or lost its battery. Then nothing is appended, because entries
//! would lie about their time, and nobody is dialled, because certificates could not be
//! judged. It goes on by itself once the clock is right.

use super::{Error, feeds::FEEDS, store::Store};

/// A clock may go back so far, as time servers make it do, before it counts as behind.
pub(super) const TOLERANCE_US: i64 = 300 * 1_000_000;

/// When this program was built, UTC microseconds.
pub(crate) fn built_at_us() -> i64 {
    let seconds: i64 = env!("RMD_BUILT_AT").parse().unwrap_or(0);
    seconds.saturating_mul(1_000_000)
}

/// Refuses a clock before the build of this program.
pub(super) fn check_build(store: &Store) -> Result<(), Error> {
    let behind_us = store.not_before_us().saturating_sub(store.now_us());
    if behind_us > TOLERANCE_US {
        return Err(Error::ClockBeforeBuild { behind_s: behind_us / 1_000_000 });
    }
    Ok(())
}

/// Refuses a clock behind the last entry of a feed.
pub(super) fn check_entry(
    feed: &'static str,
    last_entry_us: i64,
    now_us: i64,
) -> Result<(), Error> {
    let behind_us = last_entry_us.saturating_sub(now_us);
    if behind_us > TOLERANCE_US {
        return Err(Error::ClockBehind { feed, behind_s: behind_us / 1_000_000 });
    }
    Ok(())
}

/// Refuses a clock under which the node must not begin anything.
pub(crate) async fn check(store: &Store) -> Result<(), Error> {
    check_build(store)?;
    let last: Vec<(String, i64)> =
        sqlx::query_as("SELECT feed, last_entry_us FROM feed").fetch_all(store.readers()).await?;
    for (name, last_entry_us) in last {
        let Some(feed) = FEEDS.into_iter().find(|feed| *feed == name) else { continue };
        check_entry(feed, last_entry_us, store.now_us())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::journal::testing::{FEED, TestJournal, batch, rows};

    #[tokio::test]
    async fn nothing_is_appended_or_dialled_under_a_clock_before_the_build() {
        let test = TestJournal::live().await;
        let store = test.journal.store();
        assert!(check(store).await.is_ok());
        store.not_before(store.now_us() + TOLERANCE_US + 86_400 * 1_000_000);
        let error = test.journal.apply(batch(rows(0, 3, 1))).await.unwrap_err();
        assert!(matches!(error, Error::ClockBeforeBuild { behind_s: 86_700 }), "{error}");
        assert!(error.to_string().contains("retarde"), "{error}");
        assert!(matches!(check(store).await, Err(Error::ClockBeforeBuild { .. })));
        test.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(test.journal.apply(batch(rows(0, 3, 1))).await.unwrap().appended, 3);
        assert!(check(store).await.is_ok());
    }

    #[tokio::test]
    async fn nobody_is_dialled_under_a_clock_behind_the_last_entry() {
        let test = TestJournal::live().await;
        test.apply(rows(0, 3, 1)).await;
        test.clock.advance(-SignedDuration::from_mins(4));
        assert!(check(test.journal.store()).await.is_ok());
        test.clock.advance(-SignedDuration::from_mins(2));
        let error = check(test.journal.store()).await.unwrap_err();
        assert!(matches!(error, Error::ClockBehind { feed: FEED, behind_s: 360 }), "{error}");
    }

    #[test]
    fn the_program_knows_when_it_was_built() {
        assert!(built_at_us() > 1_500_000_000 * 1_000_000);
    }
}
