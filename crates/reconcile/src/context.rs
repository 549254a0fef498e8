//! What a rule may know beside its subject.
//!
//! The day of evaluation is private: a rule asks what has passed by it, and every
//! answer that a later day would change is noted. So the first day on which the clock
//! alone may change an outcome is known without any rule telling it.

mod clock;

use std::collections::BTreeMap;

use jiff::{Span, civil::Date};
use rmd_standard::effective::{Effective, Policy};

use crate::{Coverage, Parameter, Parameters, view::SiteFacts};
use clock::Clock;

/// The day of evaluation, and what is in force on it.
#[derive(Debug, Clone)]
pub struct Context {
    clock: Clock,
    /// Limits of the rules.
    pub parameters: Parameters,
    /// Which states report what, and until when.
    pub coverage: Coverage,
    /// Clocks of the states that have their own, by alpha-2 code.
    pub policies: BTreeMap<String, Policy>,
}

impl Context {
    /// A day of evaluation, after which nothing is known.
    pub fn new(day: Date, parameters: Parameters, coverage: Coverage) -> Self {
        Self { clock: Clock::at(day), parameters, coverage, policies: BTreeMap::new() }
    }

    /// The same on another day.
    #[must_use]
    pub fn on(self, day: Date) -> Self {
        Self { clock: Clock::at(day), ..self }
    }

    /// Whether the day of evaluation is after a limit; on the limit it is not.
    pub fn has_passed(&self, limit: Date) -> bool {
        self.clock.has_passed(limit)
    }

    /// The first and the last day of the twelve calendar months before the day of
    /// evaluation.
    pub fn year_before(&self) -> (Date, Date) {
        let month = self.clock.month();
        let first = month.saturating_sub(Span::new().months(12));
        (first, month.yesterday().unwrap_or(first))
    }

    /// The status of a site that counted on a day, out of what is known.
    pub fn status_on(&self, site: &SiteFacts, day: Date) -> Effective {
        for known in site.history.known_on() {
            self.clock.comes_to(known);
        }
        site.status_on(day, self.clock.day(), &self.policy(site.site.country()))
    }

    /// The status of a site that counts on the day of evaluation.
    pub fn status_of(&self, site: &SiteFacts) -> Effective {
        let now = self.status_on(site, self.clock.day());
        for begins in site.history.begins_on() {
            self.clock.comes_to(begins);
        }
        if let Some(until) = now.until {
            self.clock.has_passed(until);
        }
        now
    }

    /// The limit for a state (alpha-2) and a mineral (HS6).
    pub fn limit(&self, parameter: Parameter, country: &str, mineral: &str) -> i64 {
        self.parameters.get(parameter, country, mineral)
    }

    /// The clock of a state's statuses.
    pub fn policy(&self, country: &str) -> Policy {
        self.policies.get(country).cloned().unwrap_or_default()
    }

    /// An answer, and the first day on which the clock alone may change it; none if no
    /// day does.
    pub(crate) fn watched<T>(&self, answer: impl FnOnce() -> T) -> (T, Option<Date>) {
        self.clock.forget();
        let answer = answer();
        (answer, self.clock.next())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::testing::{DAY, context};

    #[test]
    fn the_first_limit_that_is_still_to_pass_is_the_one_that_counts() {
        let context = context();
        let ask = |limits: &[jiff::civil::Date]| {
            context
                .watched(|| limits.iter().map(|one| context.has_passed(*one)).collect::<Vec<_>>())
        };
        assert_eq!(ask(&[date(2026, 10, 14)]), (vec![true], None));
        assert_eq!(ask(&[DAY]), (vec![false], Some(date(2026, 10, 16))));
        let both = ask(&[date(2026, 12, 31), date(2026, 11, 1), date(2026, 12, 1)]);
        assert_eq!(both, (vec![false; 3], Some(date(2026, 11, 2))));
        assert_eq!(ask(&[]), (vec![], None));
    }

    #[test]
    fn a_year_ends_with_the_month_before_and_moves_on_the_first_of_the_next() {
        let context = context();
        let (year, due) = context.watched(|| context.year_before());
        assert_eq!(year, (date(2025, 10, 1), date(2026, 9, 30)));
        assert_eq!(due, Some(date(2026, 11, 1)));
        assert_eq!(context.on(date(2026, 11, 1)).year_before().1, date(2026, 10, 31));
    }
}
