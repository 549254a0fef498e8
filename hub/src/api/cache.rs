//! What lists need not find out again: counts, codes and places.
//!
//! Counts and codes hold for one state of the tables, which their version names;
//! an answer is never behind the tables. Places are keys at which pages begin:
//! *landmarks* spare a page far away the way there, while no record appeared or
//! went, and *steps* let a reader who turns page after page go on where the last
//! one ended, so that records which appear meanwhile neither double nor hide one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use rmd_api::Collection;

/// Questions whose counts are kept.
const COUNTS_MAX: usize = 512;
/// Places a state and collection: one in a thousand of ten million lots.
const LANDMARKS_MAX: usize = 10_000;
/// Records between two landmarks, at least: less is skipped faster than found.
const LANDMARKS_APART: u64 = 100;
/// Readers' places: hundreds of readers with dozens of pages each.
const STEPS_MAX: usize = 20_000;
/// How long a reader may stay on a page and go on where it ended.
const STEP_AGE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// Records of each state that meet a filter.
pub(super) type Counts = BTreeMap<String, u64>;

/// Where a page begins: behind a record of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) country: String,
    /// Empty for the state's first record.
    pub(super) after: String,
    /// Records of the state up to there, and for which members that holds.
    pub(super) exact: Option<(u64, i64)>,
}

#[derive(Debug, Default)]
struct Landmarks {
    members: i64,
    /// Key of the last record of so many.
    keys: BTreeMap<u64, String>,
}

#[derive(Debug, Default)]
struct Kept {
    counts: HashMap<String, (i64, Arc<Counts>)>,
    codes: HashMap<Collection, (i64, Arc<Vec<String>>)>,
    landmarks: HashMap<(Collection, String), Landmarks>,
    steps: HashMap<(String, u64), (Timestamp, Step)>,
}

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Cache {
    kept: Arc<Mutex<Kept>>,
}

impl Cache {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts of a question, if they hold for that version.
    pub(super) fn counts(&self, question: &str, version: i64) -> Option<Arc<Counts>> {
        let kept = self.lock();
        kept.counts
            .get(question)
            .filter(|counts| counts.0 == version)
            .map(|counts| counts.1.clone())
    }

    /// Keeps the counts of a question.
    pub(super) fn keep_counts(
        &self,
        question: String,
        version: i64,
        counts: Counts,
    ) -> Arc<Counts> {
        let counts = Arc::new(counts);
        let mut kept = self.lock();
        if kept.counts.len() >= COUNTS_MAX {
            kept.counts.clear();
        }
        kept.counts.insert(question, (version, counts.clone()));
        counts
    }

    /// The codes of minerals in a collection, if they hold for that version.
    pub(super) fn codes(&self, collection: Collection, version: i64) -> Option<Arc<Vec<String>>> {
        let kept = self.lock();
        kept.codes.get(&collection).filter(|codes| codes.0 == version).map(|codes| codes.1.clone())
    }

    /// Keeps them.
    pub(super) fn keep_codes(
        &self,
        collection: Collection,
        version: i64,
        codes: Vec<String>,
    ) -> Arc<Vec<String>> {
        let codes = Arc::new(codes);
        self.lock().codes.insert(collection, (version, codes.clone()));
        codes
    }

    /// The nearest known place of a state before a number of records: how many
    /// records come up to there, and the key of the last one.
    pub(super) fn landmark(
        &self,
        (collection, country): (Collection, &str),
        members: i64,
        records: u64,
    ) -> (u64, String) {
        let kept = self.lock();
        kept.landmarks
            .get(&(collection, country.to_owned()))
            .filter(|landmarks| landmarks.members == members)
            .and_then(|landmarks| landmarks.keys.range(..=records).next_back())
            .map_or_else(|| (0, String::new()), |(before, key)| (*before, key.clone()))
    }

    /// Keeps a place of a state.
    pub(super) fn keep_landmark(
        &self,
        (collection, country): (Collection, &str),
        members: i64,
        (records, key): (u64, &str),
    ) {
        let mut kept = self.lock();
        let landmarks = kept.landmarks.entry((collection, country.to_owned())).or_default();
        if landmarks.members != members {
            *landmarks = Landmarks { members, keys: BTreeMap::new() };
        }
        let near = records.saturating_sub(LANDMARKS_APART - 1)..=records;
        if landmarks.keys.len() < LANDMARKS_MAX && landmarks.keys.range(near).next().is_none() {
            landmarks.keys.insert(records, key.to_owned());
        }
    }

    /// Where a reader's page begins, if the reader was on the page before.
    pub(super) fn step(&self, reader: &str, page: u64, now: Timestamp) -> Option<Step> {
        let kept = self.lock();
        let (at, step) = kept.steps.get(&(reader.to_owned(), page))?;
        (now.duration_since(*at) <= STEP_AGE_MAX).then(|| step.clone())
    }

    /// Keeps where a reader's next page begins.
    pub(super) fn keep_step(&self, reader: String, page: u64, step: Step, now: Timestamp) {
        let mut kept = self.lock();
        if kept.steps.len() >= STEPS_MAX {
            kept.steps.retain(|_, (at, _)| now.duration_since(*at) <= STEP_AGE_MAX);
            if kept.steps.len() >= STEPS_MAX {
                kept.steps.clear();
            }
        }
        kept.steps.insert((reader, page), (now, step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOTS: (Collection, &str) = (Collection::Lots, "CD");

    #[test]
    fn what_holds_for_another_version_is_not_used() {
        let cache = Cache::default();
        cache.keep_counts("q".to_owned(), 1, Counts::from([("CD".to_owned(), 7)]));
        assert_eq!(cache.counts("q", 1).unwrap()["CD"], 7);
        assert_eq!(cache.counts("q", 2), None);
        cache.keep_landmark(LOTS, 1, (500, "k500"));
        assert_eq!(cache.landmark(LOTS, 1, 700), (500, "k500".to_owned()));
        assert_eq!(cache.landmark(LOTS, 1, 499), (0, String::new()));
        assert_eq!(cache.landmark(LOTS, 2, 700), (0, String::new()));
        assert_eq!(cache.landmark((Collection::MineSites, "CD"), 1, 700), (0, String::new()));
    }

    #[test]
    fn a_step_is_forgotten_with_time_and_belongs_to_its_reader() {
        let cache = Cache::default();
        let now: Timestamp = "2018-01-01T12:00:00Z".parse().unwrap();
        let step = Step { country: "CD".to_owned(), after: "k".to_owned(), exact: None };
        cache.keep_step("a".to_owned(), 2, step.clone(), now);
        assert_eq!(cache.step("a", 2, now), Some(step));
        assert_eq!(cache.step("b", 2, now), None);
        assert_eq!(cache.step("a", 3, now), None);
        assert_eq!(cache.step("a", 2, now + SignedDuration::from_mins(16)), None);
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let cache = Cache::default();
        let now: Timestamp = "2018-01-01T12:00:00Z".parse().unwrap();
        let step = Step { country: String::new(), after: String::new(), exact: None };
        for page in 0..u64::try_from(STEPS_MAX).unwrap() + 10 {
            cache.keep_step("a".to_owned(), page, step.clone(), now);
        }
        for number in 0..u64::try_from(LANDMARKS_MAX).unwrap() + 10 {
            cache.keep_landmark(LOTS, 1, (number * LANDMARKS_APART, "k"));
        }
        let kept = cache.lock();
        assert!(kept.steps.len() <= STEPS_MAX);
        assert!(kept.landmarks.values().all(|marks| marks.keys.len() <= LANDMARKS_MAX));
    }
}
