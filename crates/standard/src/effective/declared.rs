//! The state's own history of a site: declared status changes, the current
//! status with the day since which it holds, and the inspections.
//!
//! Days that the source does not give are not made up: a current status
//! without any day counts from when a revision first said so, and for all days
//! before as well. Saying it again, beside another change, begins nothing anew.

use jiff::civil::Date;
use rmd_proto::v1::{CertificationStatus, MineSite};

use super::{
    Policy, Reason,
    clock::{self, Period},
    revisions::{Said, Statement},
};
use crate::model;

/// What one revision of a site's record declares.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// The state, alpha-2.
    country: String,
    current: CertificationStatus,
    since: Option<Date>,
    changes: Vec<Event>,
    inspections: Vec<Event>,
    /// Whether Green ends a year after the inspection.
    is_inspected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Event {
    on: Date,
    status: CertificationStatus,
}

/// Consecutive declarations of one status.
#[derive(Debug)]
struct Segment {
    status: CertificationStatus,
    /// The days on which it was declared, the first of them its beginning.
    declared: Vec<Date>,
}

impl Declared {
    pub(super) fn of(site: &MineSite) -> Self {
        let event = |day: &str, status: CertificationStatus| {
            let on = model::day(day)?;
            (status != CertificationStatus::Unspecified).then_some(Event { on, status })
        };
        let changes = site.status_change.iter();
        let visits = site.inspection.iter();
        let mut declared = Self {
            country: site.address_country.clone(),
            current: site.certification_status(),
            since: model::day(&site.certification_status_since),
            changes: changes
                .filter_map(|one| event(&one.date_of_change, one.new_status()))
                .collect(),
            inspections: visits
                .filter_map(|one| event(&one.inspection_date, one.inspection_result()))
                .collect(),
            is_inspected: true,
        };
        declared.changes.sort_by_key(|change| change.on);
        declared.inspections.sort_by_key(|visit| visit.on);
        declared
    }

    /// A status that no inspection supports and no year ends.
    pub(super) fn plain(country: &str, current: CertificationStatus, since: &str) -> Self {
        Self {
            country: country.to_owned(),
            current,
            since: model::day(since),
            changes: Vec::new(),
            inspections: Vec::new(),
            is_inspected: false,
        }
    }

    /// The days on which something is declared or was inspected.
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        let events = self.changes.iter().chain(&self.inspections).map(|event| event.on);
        events.chain(self.since)
    }

    /// The declarations that were made by `day`, in order.
    fn events(&self, day: Date, said: Said) -> Vec<Event> {
        let mut events = self.changes.clone();
        if let Some(on) = self.since {
            let place = events.partition_point(|event| event.on <= on);
            events.insert(place, Event { on, status: self.current });
        }
        let by_then = events.iter().rev().find(|event| event.on <= said.on).copied();
        let agrees = |event: Option<Event>| event.is_some_and(|one| one.status == self.current);
        let given = agrees(events.last().copied()) || agrees(by_then);
        if !given && self.current != CertificationStatus::Unspecified {
            // The current status has no day of its own, or the days contradict it.
            let on = self.supposed_day(by_then).unwrap_or(match by_then {
                // Said before what contradicts it, it was said anew since.
                Some(contrary) if contrary.on >= said.first => said.on,
                Some(_) => said.first,
                None if said.is_anew => said.first,
                None => said.first.min(day),
            });
            let place = events.partition_point(|event| event.on <= on);
            events.insert(place, Event { on, status: self.current });
        }
        events.retain(|event| event.on <= day);
        events
    }

    /// The inspection that the current status seems to follow from.
    fn supposed_day(&self, last: Option<Event>) -> Option<Date> {
        let follows = |visit: &&Event| {
            visit.status == self.current && last.is_none_or(|event| event.on <= visit.on)
        };
        self.inspections.iter().rev().find(follows).map(|visit| visit.on)
    }

    fn run(
        &self,
        segment: &Segment,
        earlier: Option<Date>,
        end: Date,
        blue_since: Option<Date>,
        policy: &Policy,
    ) -> Vec<Period> {
        let since = segment.declared[0];
        match segment.status {
            CertificationStatus::Green if !self.is_inspected => clock::endless_green(since),
            CertificationStatus::Green => self.green(segment, earlier, end),
            // Blue that follows a lapse goes on: declaring it again wins no years.
            CertificationStatus::Blue => {
                clock::blue(since, blue_since.unwrap_or(since), Reason::Declaration)
            }
            CertificationStatus::Yellow => clock::yellow(since, &self.country, policy),
            CertificationStatus::Red | CertificationStatus::Unspecified => clock::red(since),
        }
    }

    /// Green counts from its latest inspection that found Green; an inspection
    /// before the status that Green replaced does not support it.
    fn green(&self, segment: &Segment, earlier: Option<Date>, end: Date) -> Vec<Period> {
        let since = segment.declared[0];
        let supports = |visit: &&Event| {
            visit.status == CertificationStatus::Green
                && visit.on <= end
                && earlier.is_none_or(|earlier| visit.on >= earlier)
        };
        let inspected: Vec<Date> =
            self.inspections.iter().filter(supports).map(|visit| visit.on).collect();
        let mut bases: Vec<(Date, Reason)> = if inspected.is_empty() {
            segment.declared.iter().map(|on| (*on, Reason::Declaration)).collect()
        } else {
            inspected.iter().map(|on| (*on, Reason::Inspection)).collect()
        };
        if bases.first().is_none_or(|(first, _)| *first > since) {
            bases.insert(0, (since, Reason::Declaration));
        }
        let (mut base, mut reason) = bases[0];
        let mut begun = since;
        for (next, why) in &bases[1..] {
            if *next > clock::next_day(clock::year_after(base)) {
                begun = begun.max(*next);
            }
            (base, reason) = (*next, *why);
        }
        let mut periods = clock::green(begun, base, reason);
        for period in &mut periods {
            // A status that had lapsed before it was declared holds from the declaration.
            period.since = period.since.max(since);
        }
        periods
    }
}

impl Statement for Declared {
    fn current(&self) -> CertificationStatus {
        self.current
    }

    fn is_silent(&self) -> bool {
        let is_told = self.current != CertificationStatus::Unspecified || self.since.is_some();
        !is_told && self.changes.is_empty()
    }

    fn first_day(&self, said: Said) -> Option<Date> {
        self.events(Date::MAX, said).first().map(|event| event.on)
    }

    fn course(&self, day: Date, said: Said, policy: &Policy) -> Option<(Date, Vec<Period>)> {
        let segments = segments(&self.events(day, said));
        let mut blue_since = None;
        let mut course = None;
        for (index, segment) in segments.iter().enumerate() {
            let earlier = index.checked_sub(1).map(|before| segments[before].declared[0]);
            let end = match segments.get(index + 1) {
                Some(next) => clock::day_before(next.declared[0]),
                None => day,
            };
            let periods = self.run(segment, earlier, end, blue_since, policy);
            blue_since = blue_at(&periods, end);
            course = segment.declared.last().map(|on| (*on, periods));
        }
        course
    }
}

fn segments(events: &[Event]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for event in events {
        match segments.last_mut() {
            Some(last) if last.status == event.status => last.declared.push(event.on),
            // Two declarations of one day: the later in the list counts.
            Some(last) if last.declared == [event.on] => last.status = event.status,
            _ => segments.push(Segment { status: event.status, declared: vec![event.on] }),
        }
    }
    segments
}

/// From which day the three years of Blue count on `day`, if they are running or over.
fn blue_at(periods: &[Period], day: Date) -> Option<Date> {
    let blue = periods.iter().find(|period| period.status == CertificationStatus::Blue)?;
    let reached = blue.until.is_some_and(|until| until < day) || blue.holds_on(day);
    reached.then_some(blue.base)
}
