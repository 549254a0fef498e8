//! R26: a state reports each month, and does not rewrite what it reported.
//!
//! A month neither counted nor declared zero by the deadline of the next month: a
//! warning; by that of the month after: serious. Late and missing are one, judged on
//! the day of evaluation. A frozen feed: serious. More than its share of a closed
//! month rewritten: a warning. More than their share of records refused: information.
//! The last bulletin applied too long ago: a warning.

use jiff::Span;

use super::{Finder, r16_pairing::deadline};
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, Subject,
    SubjectKind, Unit, amount,
    view::{FeedView, PeriodView},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R26-MISSING",
        en: "{country} has not closed {month} of {feed}, which was due on {due}",
        fr: "{country} n'a pas clos {month} de {feed}, attendu le {due}",
    },
    Sentence {
        id: "R26-REWRITTEN",
        en: "{country} changed {changed} of {records} records of {month} after closing it",
        fr: "{country} a modifié {changed} des {records} fiches de {month} après clôture",
    },
    Sentence {
        id: "R26-FROZEN",
        en: "the feed {feed} of {node} is frozen: what it shows is not what it showed",
        fr: "le flux {feed} de {node} est gelé : il ne montre pas ce qu'il a montré",
    },
    Sentence {
        id: "R26-REFUSED",
        en: "{refused} of {captured} records of {node} were refused",
        fr: "{refused} des {captured} fiches de {node} ont été refusées",
    },
    Sentence {
        id: "R26-BULLETIN",
        en: "{node} has not applied bulletins since {since}",
        fr: "{node} n'a pas appliqué de bulletins depuis le {since}",
    },
];

pub(super) fn judge_period(view: &PeriodView, context: &Context) -> Outcome {
    let Some(first) = view.first_day() else {
        let what = Missing::new("ReportingPeriod.period", view.key(), Lack::Absent);
        return Outcome::lacking(what);
    };
    let finder = Finder {
        rule: Rule::Reporting,
        subject: Subject::new(SubjectKind::Period, view.key()),
        country: view.country.clone(),
        evidence: view.closed.iter().map(|closed| closed.named.clone()).collect(),
    };
    // A month that is closed without a count says nothing of how much was reported.
    let is_closed = view.closed.as_ref().is_some_and(|closed| closed.record.record_count.is_some());
    if is_closed {
        return of_rewriting(view, &finder, context);
    }
    let due = deadline(first, &view.country, context);
    let next = first.saturating_add(Span::new().months(1));
    let severity = if context.has_passed(deadline(next, &view.country, context)) {
        Severity::Serious
    } else if context.has_passed(due) {
        Severity::Warning
    } else {
        return Outcome::passed();
    };
    let measures = vec![
        Measure::text("country", &view.country),
        Measure::text("month", &view.month),
        Measure::text("feed", &view.feed),
        Measure::text("due", due.to_string()),
    ];
    finder.raise(severity, &SENTENCES[0], measures)
}

fn of_rewriting(view: &PeriodView, finder: &Finder, context: &Context) -> Outcome {
    let Some((records, changed)) = view.rewritten else { return Outcome::passed() };
    let limit = context.limit(Parameter::Rewritten, &view.country, "");
    if !is_beyond(changed, records, limit) {
        return Outcome::passed();
    }
    let measures = vec![
        Measure::text("country", &view.country),
        count("changed", changed),
        count("records", records),
        Measure::text("month", &view.month),
    ];
    finder.raise(Severity::Warning, &SENTENCES[1], measures)
}

pub(super) fn judge_feed(view: &FeedView, context: &Context) -> Outcome {
    let finder = Finder {
        rule: Rule::Reporting,
        subject: Subject::new(SubjectKind::Feed, view.key()),
        country: view.country.clone(),
        evidence: Vec::new(),
    };
    let node = || Measure::text("node", &view.node);
    let mut outcome = Outcome::passed();
    if view.is_frozen {
        let measures = vec![Measure::text("feed", &view.feed), node()];
        outcome = outcome.and(finder.raise(Severity::Serious, &SENTENCES[2], measures));
    }
    let limit = |parameter| context.limit(parameter, &view.country, "");
    if is_beyond(view.refused, view.captured, limit(Parameter::Refused)) {
        let measures =
            vec![count("refused", view.refused), count("captured", view.captured), node()];
        outcome = outcome.and(finder.raise(Severity::Information, &SENTENCES[3], measures));
    }
    let waits = view.bulletin_waits_since.filter(|since| {
        let days = limit(Parameter::BulletinDays).clamp(0, 3_650);
        context.has_passed(since.saturating_add(Span::new().days(days)))
    });
    if let Some(since) = waits {
        let measures = vec![node(), Measure::text("since", since.to_string())];
        outcome = outcome.and(finder.raise(Severity::Warning, &SENTENCES[4], measures));
    }
    outcome
}

fn is_beyond(part: u64, whole: u64, limit_ppm: i64) -> bool {
    let part = i128::from(part) * i128::from(amount::MILLION);
    part > i128::from(whole) * i128::from(limit_ppm)
}

fn count(name: &str, number: u64) -> Measure {
    Measure::number(name, Unit::Count, i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use rmd_proto::v1::ReportingPeriod;
    use rmd_standard::Entity;

    use super::*;
    use crate::testing::{context, fact, told};

    fn month(closed: Option<ReportingPeriod>, rewritten: Option<(u64, u64)>) -> PeriodView {
        let closed = closed.map(|period| {
            fact(Entity::ReportingPeriod, "RW", "RW/2026-08/transactions", period).into()
        });
        PeriodView {
            country: "RW".to_owned(),
            month: "2026-08".to_owned(),
            feed: "transactions".to_owned(),
            closed,
            rewritten,
        }
    }

    fn counted(record_count: Option<u64>) -> ReportingPeriod {
        ReportingPeriod { record_count, ..ReportingPeriod::default() }
    }

    fn on(day: Date, view: &PeriodView) -> (Vec<Severity>, usize) {
        told(&judge_period(view, &context().on(day)))
    }

    #[test]
    fn a_month_is_due_on_the_fifteenth_of_the_next_and_serious_a_month_later() {
        let missing = month(None, None);
        assert_eq!(on(date(2026, 9, 15), &missing), (vec![], 0));
        assert_eq!(on(date(2026, 9, 16), &missing), (vec![Severity::Warning], 0));
        assert_eq!(on(date(2026, 10, 15), &missing), (vec![Severity::Warning], 0));
        assert_eq!(on(date(2026, 10, 16), &missing), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_count_and_a_zero_close_a_month_and_a_statement_without_one_does_not() {
        let day = date(2026, 12, 1);
        assert_eq!(on(day, &month(Some(counted(Some(12))), None)), (vec![], 0));
        assert_eq!(on(day, &month(Some(counted(Some(0))), None)), (vec![], 0));
        assert_eq!(on(day, &month(Some(counted(None)), None)), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_fifth_of_a_closed_month_may_be_rewritten() {
        let day = date(2026, 9, 1);
        assert_eq!(on(day, &month(Some(counted(Some(100))), Some((100, 20)))), (vec![], 0));
        let rewritten = month(Some(counted(Some(100))), Some((100, 21)));
        assert_eq!(on(day, &rewritten), (vec![Severity::Warning], 0));
    }

    fn feed(is_frozen: bool, refused: u64, waits: Option<Date>) -> Vec<Severity> {
        let view = FeedView {
            country: "RW".to_owned(),
            node: "RWA/rwa-mines".to_owned(),
            feed: "transactions".to_owned(),
            is_frozen,
            captured: 100,
            refused,
            bulletin_waits_since: waits,
        };
        told(&judge_feed(&view, &context())).0
    }

    #[test]
    fn a_feed_is_frozen_refused_or_behind() {
        assert_eq!(feed(false, 5, Some(date(2026, 10, 8))), []);
        assert_eq!(feed(true, 0, None), [Severity::Serious]);
        assert_eq!(feed(false, 6, None), [Severity::Information]);
        assert_eq!(feed(false, 0, Some(date(2026, 10, 7))), [Severity::Warning]);
    }
}
