//! The day of evaluation, and what a later day would change.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{Span, civil::Date};

/// A day, and the first later one on which an answer given would be another.
#[derive(Debug)]
pub(super) struct Clock {
    day: Date,
    // Not a cell, so that a context may be lent across threads.
    next: Mutex<Option<Date>>,
}

impl Clone for Clock {
    fn clone(&self) -> Self {
        Self::at(self.day)
    }
}

impl Clock {
    pub(super) fn at(day: Date) -> Self {
        Self { day, next: Mutex::new(None) }
    }

    /// The day. Whoever reads it notes what a later day would change.
    pub(super) fn day(&self) -> Date {
        self.day
    }

    /// Whether the day is after a limit.
    pub(super) fn has_passed(&self, limit: Date) -> bool {
        if self.day > limit {
            return true;
        }
        if let Ok(next) = limit.tomorrow() {
            self.comes_to(next);
        }
        false
    }

    /// The first day of its month.
    pub(super) fn month(&self) -> Date {
        let month = self.day.first_of_month();
        self.comes_to(month.saturating_add(Span::new().months(1)));
        month
    }

    /// A day that makes a difference when it comes; one that has come made it already.
    pub(super) fn comes_to(&self, day: Date) {
        if day > self.day {
            let mut next = self.noted();
            *next = Some(next.map_or(day, |noted| noted.min(day)));
        }
    }

    pub(super) fn forget(&self) {
        *self.noted() = None;
    }

    pub(super) fn next(&self) -> Option<Date> {
        *self.noted()
    }

    fn noted(&self) -> MutexGuard<'_, Option<Date>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
