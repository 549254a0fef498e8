//! How large the frames of one link may be.
//!
//! A link that breaks within a frame brings nothing of it. Where entries were due and none
//! came before it broke, the next session asks for frames a quarter as large, down to
//! the smallest; a link that lasts takes that back step by step, within a session and
//! from one to the next. So a link that is cut every few seconds still brings a frame
//! between two cuts, and one that became sound is soon used as such.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use rmd_feed::{FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX, FRAME_BYTES_MIN};

/// Each step is a quarter: from the largest frame to the smallest there are three.
const STEP: u32 = 4;

const MIN: u32 = bytes(FRAME_BYTES_MIN);
const DEFAULT: u32 = bytes(FRAME_BYTES_DEFAULT);
const MAX: u32 = bytes(FRAME_BYTES_MAX);

#[expect(clippy::cast_possible_truncation, reason = "the largest frame is some MiB")]
const fn bytes(limit: usize) -> u32 {
    limit as u32
}

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
    /// Whether a stream of the session took a step up by itself.
    has_grown: AtomicBool,
    /// How long a stream must have run before it asks for larger frames.
    sound_after: Duration,
}

impl Pace {
    /// No limit yet.
    pub(super) fn new(sound_after: Duration) -> Self {
        Self(Arc::new(State {
            limit: AtomicU32::new(MAX),
            asked: AtomicU32::new(DEFAULT),
            is_due: AtomicBool::new(false),
            has_grown: AtomicBool::new(false),
            sound_after,
        }))
    }

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

    /// Whether a stream that asked for so many bytes, because that was the limit, and
    /// has brought frames for so long, may ask for larger ones. Of the streams of a
    /// link that do, one takes the step.
    pub(super) fn may_grow(&self, asked: u32, sound: Duration) -> bool {
        if sound <= self.0.sound_after {
            return false;
        }
        let next = asked.saturating_mul(STEP).min(MAX);
        let order = Ordering::Relaxed;
        if self.0.limit.compare_exchange(asked, next, order, order).is_ok() {
            self.0.has_grown.store(true, order);
        }
        true
    }

    /// A session ended: whether a frame landed in it, and whether it lasted.
    pub(super) fn ended(&self, has_landed: bool, has_lasted: bool) {
        let was_due = self.0.is_due.swap(false, Ordering::Relaxed);
        let has_grown = self.0.has_grown.swap(false, Ordering::Relaxed);
        let limit = self.0.limit.load(Ordering::Relaxed);
        let next = if was_due && !has_landed {
            (self.0.asked.load(Ordering::Relaxed) / STEP).max(MIN)
        } else if has_lasted && !has_grown {
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

    const SOUND: Duration = Duration::from_mins(1);

    #[test]
    fn a_link_that_brings_no_frame_is_asked_for_smaller_ones() {
        let pace = Pace::new(SOUND);
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
        let pace = Pace::new(SOUND);
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
        let pace = Pace::new(SOUND);
        assert_eq!(pace.ask(0, 0), 0);
        pace.ended(false, false);
        assert_eq!(pace.ask(512 << 10, 0), 512 << 10);
    }

    #[test]
    fn a_stream_that_runs_soundly_asks_for_larger_frames_and_no_other_for_larger_still() {
        let pace = Pace::new(SOUND);
        for _ in 0..2 {
            pace.ask(0, 10);
            pace.ended(false, false);
        }
        let small = pace.ask(0, 10);
        assert_eq!(small, DEFAULT / STEP / STEP);
        assert!(!pace.may_grow(small, SOUND));
        let longer = SOUND + Duration::from_secs(1);
        assert!(pace.may_grow(small, longer) && pace.may_grow(small, longer));
        assert_eq!(pace.ask(0, 10), DEFAULT / STEP);
        // What the session took it does not take again as it ends.
        pace.ended(true, true);
        assert_eq!(pace.ask(0, 10), DEFAULT / STEP);
    }
}
