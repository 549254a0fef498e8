//! How long a status holds by itself.
//!
//! A limit day is still inside; the next status begins the day after. A year
//! or month ends on the same calendar day, or on the last day of the month if
//! that day does not exist: 29 February is followed by 28 February.

use jiff::{Span, civil::Date};
use rmd_proto::v1::CertificationStatus;

use super::{Effective, Policy, Reason};

/// MD.01: Green is valid for one year.
const GREEN_YEARS: i64 = 1;
/// MD.01: Blue is valid for at most three years.
const BLUE_YEARS: i64 = 3;

/// Days on which one status holds for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) status: CertificationStatus,
    pub(super) since: Date,
    pub(super) until: Option<Date>,
    pub(super) reason: Reason,
    /// The day from which the clock of this status runs, not after `since`.
    pub(super) base: Date,
}

impl Period {
    pub(super) fn holds_on(&self, day: Date) -> bool {
        self.since <= day && self.until.is_none_or(|until| day <= until)
    }

    pub(super) fn as_effective(&self, until: Option<Date>) -> Effective {
        Effective { status: self.status, since: self.since, until, reason: self.reason }
    }

    fn endless(status: CertificationStatus, since: Date, reason: Reason) -> Self {
        Self { status, since, until: None, reason, base: since }
    }
}

/// Green that lapses; `base` is the inspection, or the declaration without one.
pub(super) fn green(since: Date, base: Date, reason: Reason) -> Vec<Period> {
    let until = after(base, Span::new().years(GREEN_YEARS));
    let lapsed = blue(next_day(until), next_day(until), Reason::Lapse);
    let green =
        Period { status: CertificationStatus::Green, since, until: Some(until), reason, base };
    std::iter::once(green).chain(lapsed).collect()
}

/// Blue that ends in Red; `base` is the day from which the three years count.
pub(super) fn blue(since: Date, base: Date, reason: Reason) -> Vec<Period> {
    let until = after(base, Span::new().years(BLUE_YEARS));
    let blue =
        Period { status: CertificationStatus::Blue, since, until: Some(until), reason, base };
    vec![blue, Period::endless(CertificationStatus::Red, next_day(until), Reason::Overdue)]
}

/// Yellow that ends in Red.
pub(super) fn yellow(since: Date, country: &str, policy: &Policy) -> Vec<Period> {
    let months = policy.yellow_months_in(country).min(1200);
    let until = after(since, Span::new().months(i64::from(months)));
    let reason = Reason::Declaration;
    let base = since;
    let yellow =
        Period { status: CertificationStatus::Yellow, since, until: Some(until), reason, base };
    vec![yellow, Period::endless(CertificationStatus::Red, next_day(until), Reason::Overdue)]
}

/// Red, until something else is declared.
pub(super) fn red(since: Date) -> Vec<Period> {
    vec![Period::endless(CertificationStatus::Red, since, Reason::Declaration)]
}

/// Green that nothing has to support.
pub(super) fn endless_green(since: Date) -> Vec<Period> {
    vec![Period::endless(CertificationStatus::Green, since, Reason::Declaration)]
}

/// A course that ends on a day in Red; where it was Red by then, that goes on.
pub(super) fn barred(course: Vec<Period>, from: Date, reason: Reason) -> Vec<Period> {
    let mut barred: Vec<Period> = course.into_iter().filter(|one| one.since < from).collect();
    if let Some(last) = barred.last_mut() {
        let is_red = last.status == CertificationStatus::Red;
        if is_red && last.until.is_none_or(|until| until >= from) {
            last.until = None;
            return barred;
        }
        let end = day_before(from);
        last.until = Some(last.until.map_or(end, |until| until.min(end)));
    }
    barred.push(Period::endless(CertificationStatus::Red, from, reason));
    barred
}

pub(super) fn next_day(day: Date) -> Date {
    day.saturating_add(Span::new().days(1))
}

pub(super) fn day_before(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

/// The last day of one year that begins with `day`.
pub(super) fn year_after(day: Date) -> Date {
    after(day, Span::new().years(GREEN_YEARS))
}

fn after(day: Date, span: Span) -> Date {
    day.saturating_add(span)
}
