//! Of the revisions of a record, which one says something of a day.
//!
//! The last one counts for every day of which it says something. What an earlier one
//! said of the days before stays said: a source that keeps its present status alone
//! does not take back what it said in its time. A revision that says nothing at all, as
//! one that withdraws the record, takes back whatever was said before it.

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::CertificationStatus;

use super::{
    Policy, calendar_day,
    clock::{self, Period},
};

/// What a revision says of a status.
pub(super) trait Statement {
    /// The current status.
    fn current(&self) -> CertificationStatus;

    /// Whether it says nothing of any day.
    fn is_silent(&self) -> bool;

    /// The first day of which it says something.
    fn first_day(&self, said: Said) -> Option<Date>;

    /// The day of the latest declaration by `day`, and the course of the status from
    /// there on; none if it says nothing of the day.
    fn course(&self, day: Date, said: Said, policy: &Policy) -> Option<(Date, Vec<Period>)>;
}

/// When a revision said what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Day of the revision.
    pub(super) on: Date,
    /// Day of the first of the revisions up to it that say the same status.
    pub(super) first: Date,
    /// Whether another status had been said before that.
    pub(super) is_anew: bool,
}

/// Revisions by the instant at which they became known.
#[derive(Debug, Clone)]
pub(super) struct Revisions<T>(Vec<Revision<T>>);

#[derive(Debug, Clone)]
struct Revision<T> {
    known_at: Timestamp,
    said_on: Date,
    says: T,
}

impl<T> Default for Revisions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Statement> Revisions<T> {
    /// Adds one that was said at an instant, as far as it is not after it became known.
    pub(super) fn push(&mut self, says: T, known_at: Timestamp, said_at: Timestamp) {
        let said_on = calendar_day(said_at.min(known_at));
        self.0.push(Revision { known_at, said_on, says });
        self.0.sort_by_key(|one| one.known_at);
    }

    /// The days on which they became known.
    pub(super) fn known_on(&self) -> impl Iterator<Item = Date> {
        self.0.iter().map(|one| calendar_day(one.known_at))
    }

    /// What they say, with the day on which each said it.
    pub(super) fn each(&self) -> impl Iterator<Item = (Date, &T)> {
        self.0.iter().map(|one| (one.said_on, &one.says))
    }

    /// The day of the latest declaration by `day`, and the course from there on, out of
    /// what was known by an instant.
    pub(super) fn course(
        &self,
        day: Date,
        known_at: Timestamp,
        policy: &Policy,
    ) -> Option<(Date, Vec<Period>)> {
        let known = &self.0[..self.0.partition_point(|one| one.known_at <= known_at)];
        let silent = known.iter().rposition(|one| one.says.is_silent());
        let spoken = &known[silent.map_or(0, |place| place + 1)..];
        let mut ends: Option<Date> = None;
        for place in (0..spoken.len()).rev() {
            let (says, said) = (&spoken[place].says, said(&spoken[..=place]));
            if let Some((on, course)) = says.course(day, said, policy) {
                let course = match ends {
                    Some(from) => before(course, from),
                    None => course,
                };
                return Some((on, course));
            }
            ends = [ends, says.first_day(said)].into_iter().flatten().min();
        }
        None
    }
}

/// When the last of some revisions said what it says. A clock that ran backwards says
/// nothing earlier than what was said before.
fn said<T: Statement>(revisions: &[Revision<T>]) -> Said {
    let current = revisions.last().map(|last| last.says.current());
    let same = revisions.iter().rev().take_while(|one| Some(one.says.current()) == current).count();
    let day = |revisions: &[Revision<T>]| revisions.iter().map(|one| one.said_on).max();
    let before = revisions.len() - same;
    Said {
        on: day(revisions).unwrap_or(Date::MIN),
        first: day(&revisions[..=before.min(revisions.len().saturating_sub(1))])
            .unwrap_or(Date::MIN),
        is_anew: before > 0,
    }
}

/// The part of a course before a day from which another revision counts.
fn before(course: Vec<Period>, from: Date) -> Vec<Period> {
    let mut course: Vec<Period> = course.into_iter().filter(|one| one.since < from).collect();
    if let Some(last) = course.last_mut() {
        let end = clock::day_before(from);
        last.until = Some(last.until.map_or(end, |until| until.min(end)));
    }
    course
}
