//! How large the frames of one link may be.
//!
//! A link that breaks within a frame brings nothing of it. Where entries were due and none
//! came before it broke, the next session asks for frames a quarter as large, down to
//! the smallest; a session that lasts takes that back step by step. So a link that is
//! cut every few seconds still brings a frame between two cuts.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use rmd_feed::{FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX, FRAME_BYTES_MIN};

/// Each step is a quarter: from the largest frame to the smallest there are three.
const STEP: u32 = 4;

const MIN: u32 = FRAME_BYTES_MIN as u32;
const DEFAULT: u32 = FRAME_BYTES_DEFAULT as u32;
const MAX: u32 = FRAME_BYTES_MAX as u32;

/// The limit of a link. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Pace(Arc<State>);

#[derive(Debug)]
struct State {
    /// Most bytes of a frame; the largest frame is no limit.
    limit: AtomicU32,
    /// What was asked for last, where entries were due.
    asked: AtomicU32,
    is_due: AtomicBool,
}

impl Default for Pace {
    fn default() -> Self {
        let state = State {
            limit: AtomicU32::new(MAX),
            asked: AtomicU32::new(DEFAULT),
            is_due: AtomicBool::new(false),
        };
        Self(Arc::new(state))
    }
}

impl Pace {
    /// What to ask for where `wanted` would be best and so many entries are due;
    /// 0 leaves it to the owner.
    pub(super) fn ask(&self, wanted: u32, due: u64) -> u32 {
        let limit = self.0.limit.load(Ordering::Relaxed);
        let best = if wanted == 0 { DEFAULT } else { wanted };
        if due > 0 {
            self.0.asked.store(best.min(limit), Ordering::Relaxed);
            self.0.is_due.store(true, Ordering::Relaxed);
        }
        if limit < best { limit } else { wanted }
    }

    /// A session ended: whether a frame landed in it, and whether it lasted.
    pub(super) fn ended(&self, has_landed: bool, has_lasted: bool) {
        let was_due = self.0.is_due.swap(false, Ordering::Relaxed);
        let limit = self.0.limit.load(Ordering::Relaxed);
        let next = if was_due && !has_landed {
            (self.0.asked.load(Ordering::Relaxed) / STEP).max(MIN)
        } else if has_lasted {
            limit.saturating_mul(STEP).min(MAX)
        } else {
            limit
        };
        self.0.limit.store(next, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_brings_no_frame_is_asked_for_smaller_ones() {
        let pace = Pace::default();
        let mut asked = Vec::new();
        for _ in 0..4 {
            asked.push(pace.ask(512 << 10, 10_000));
            pace.ended(false, false);
        }
        assert_eq!(asked, [512 << 10, 128 << 10, 32 << 10, MIN]);
        assert_eq!(pace.ask(0, 1), MIN);
    }

    #[test]
    fn frames_that_land_keep_their_size_and_sessions_that_last_make_them_larger() {
        let pace = Pace::default();
        pace.ask(0, 10);
        pace.ended(false, false);
        assert_eq!(pace.ask(0, 10), DEFAULT / STEP);
        pace.ended(true, false);
        assert_eq!(pace.ask(0, 10), DEFAULT / STEP);
        pace.ended(true, true);
        assert_eq!(pace.ask(0, 10), 0);
    }

    #[test]
    fn a_link_that_breaks_with_nothing_due_changes_nothing() {
        let pace = Pace::default();
        assert_eq!(pace.ask(0, 0), 0);
        pace.ended(false, false);
        assert_eq!(pace.ask(512 << 10, 0), 512 << 10);
    }
}
