//! What is new of a status: each change since it was told last.
//!
//! A change is a day from which another status holds than the one that was told for
//! that day. A revision that came with others behind it is heard as of the day on which
//! it was said, so that a hub that was away, or whose node was, tells the same as one
//! that heard each in its time. What held before the first day that was ever told is no
//! news. Refuses nothing, reads no store.

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::CertificationStatus;
use rmd_standard::effective::{Effective, Policy, calendar_day};

use super::course::{Course, Turn};
use crate::share::{
    decision::{Decision, word},
    subject::Subject,
};

/// What was told of a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// The days from which another status holds, oldest first.
    turns: Vec<(Date, String)>,
    /// The status that was told last.
    last: String,
    /// Of how many revisions that was computed.
    pub(super) revisions: usize,
}

/// What a record is, and what of it is new.
pub(super) struct News {
    pub(super) course: Course,
    /// What holds on the day.
    pub(super) present: Effective,
    /// Changes that were not told, oldest first.
    changes: Vec<Effective>,
    pub(super) heard: Heard,
}

impl Heard {
    /// What a row keeps.
    pub(super) fn read(course: &str, last: &str, revisions: usize) -> Self {
        let turn = |turn: &str| {
            let (on, status) = turn.split_once(' ')?;
            Some((on.parse().ok()?, status.to_owned()))
        };
        let turns = course.split(';').filter_map(turn).collect();
        Self { turns, last: last.to_owned(), revisions }
    }

    pub(super) fn text(&self) -> String {
        let turns = self.turns.iter().map(|(on, status)| format!("{on} {status}"));
        turns.collect::<Vec<_>>().join(";")
    }

    /// The status that was told for a day; none before the first.
    fn on(&self, day: Date) -> Option<&str> {
        let turn = self.turns.iter().rfind(|turn| turn.0 <= day);
        turn.map(|turn| turn.1.as_str())
    }

    /// Takes in all that held up to a day, and what holds on it; gives what of it was
    /// not told.
    fn take(&mut self, turns: Vec<Turn>, present: Effective) -> Vec<Effective> {
        let mut changes = Vec::new();
        let mut turns = merged(turns);
        if let Some(now) = turns.last_mut().filter(|now| now.effective.status == present.status) {
            now.effective = present;
        }
        // While nothing is declared, nothing is told, and what was told stands.
        let Some(now) = turns.last().copied() else { return changes };
        for turn in &turns {
            let status = word(turn.effective.status);
            if self.on(turn.on).is_some_and(|told| told != status) {
                status.clone_into(&mut self.last);
                changes.push(turn.effective);
            }
        }
        let status = word(now.effective.status);
        if self.last != status {
            status.clone_into(&mut self.last);
            changes.push(now.effective);
        }
        let turn = |turn: &Turn| (turn.on, word(turn.effective.status).to_owned());
        self.turns = turns.iter().map(turn).collect();
        changes
    }
}

/// Turns at which the status is another one, without those of no status.
fn merged(turns: Vec<Turn>) -> Vec<Turn> {
    let mut merged: Vec<Turn> = Vec::new();
    let told = turns.into_iter();
    for turn in told.filter(|turn| turn.effective.status != CertificationStatus::Unspecified) {
        match merged.last_mut() {
            Some(last) if last.effective.status == turn.effective.status => {
                // The status as it is at its end, with the day since which it held.
                let since = last.effective.since.min(turn.effective.since);
                last.effective = Effective { since, ..turn.effective };
            }
            _ => merged.push(turn),
        }
    }
    merged
}

impl News {
    /// What is new of a record on a day; nothing is of one that was never seen.
    pub(super) fn of(
        subject: &Subject,
        decisions: &[Decision],
        heard: Option<Heard>,
        day: Date,
        policy: &Policy,
    ) -> Self {
        let said_at = subject.said_at();
        let all = said_at.len();
        let course = Course::of_subject(subject, all, decisions);
        // Whatever the clock of the hub says: it knows what it has.
        let present = course.on(day, Timestamp::MAX, policy);
        let take = |heard: &mut Heard, course: &Course, day| {
            let now = course.on(day, Timestamp::MAX, policy);
            heard.take(course.turns(Timestamp::MAX, Some(day), policy), now)
        };
        let is_first = heard.is_none();
        let mut heard = heard.unwrap_or_else(|| Heard::read("", word(present.status), 0));
        let mut changes = Vec::new();
        if !heard.turns.is_empty() {
            for count in heard.revisions + 1..all {
                let course = Course::of_subject(subject, count, decisions);
                let said_on = calendar_day(said_at[count - 1]).min(day);
                changes.extend(take(&mut heard, &course, said_on));
            }
        }
        changes.extend(take(&mut heard, &course, day));
        if is_first {
            changes.clear();
            // What is decided about it was decided under another key.
            changes.extend((!decisions.is_empty()).then_some(present));
        }
        heard.revisions = all;
        Self { course, present, changes, heard }
    }

    /// What bulletins are made of, oldest first. Of a record of which there was one
    /// already, whatever else changed is told as well.
    pub(super) fn to_tell(&self, was_told: bool) -> impl Iterator<Item = &Effective> {
        let present = Some(&self.present);
        let is_due = was_told || !self.changes.is_empty();
        let present = present.filter(|present| is_due && self.changes.last() != Some(*present));
        let all = self.changes.iter().chain(present);
        // A node takes no bulletin without a status.
        all.filter(|one| one.status != CertificationStatus::Unspecified)
    }
}
