//! R27: a site's status has a ground, and does not run out unseen.
//!
//! Effective on the day of evaluation: Green for longer than its days, Blue for longer
//! than its months, Yellow due within its days: information. A declared change without
//! an inspection of that result or a decision since the status before (a lapse by the
//! clock needs none): a warning. Red to Green without an inspection strictly after Red
//! began: serious.

use jiff::{Span, civil::Date};
use rmd_proto::v1::CertificationStatus::{self, Blue, Green, Red, Yellow};
use rmd_standard::effective::Reason;

use super::Finder;
use crate::{
    Context, Measure, Outcome, Parameter, Rule, Sentence, Severity,
    view::{Declared, SiteView},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R27-DUE",
        en: "{status} runs out after {until}",
        fr: "{status} échoit après le {until}",
    },
    Sentence {
        id: "R27-GROUND",
        en: "declared {status} on {day} without an inspection or a decision",
        fr: "déclaré {status} le {day} sans inspection ni décision",
    },
    Sentence {
        id: "R27-CLEARED",
        en: "Red since {since}, declared Green on {day} without an inspection after Red began",
        fr: "rouge depuis le {since}, déclaré vert le {day} sans inspection depuis le début du rouge",
    },
];

pub(super) fn judge(view: &SiteView, context: &Context) -> Outcome {
    let declared = view.declared();
    let changes = declared.windows(2).map(|pair| of_change(view, &pair[0], &pair[1], context));
    changes.fold(of_clock(view, context), Outcome::and)
}

fn of_clock(view: &SiteView, context: &Context) -> Outcome {
    let country = view.facts.site.country();
    let limit = |parameter| context.limit(parameter, country, "").clamp(0, 36_500);
    let now = context.status_of(&view.facts);
    let Some(until) = now.until.filter(|_| now.reason != Reason::Unknown) else {
        return Outcome::passed();
    };
    let told_after = match now.status {
        Green => until
            .saturating_sub(Span::new().years(1))
            .saturating_add(Span::new().days(limit(Parameter::GreenDays))),
        Blue => until
            .saturating_sub(Span::new().years(3))
            .saturating_add(Span::new().months(limit(Parameter::BlueMonths))),
        Yellow => until.saturating_sub(Span::new().days(limit(Parameter::YellowDays) + 1)),
        CertificationStatus::Unspecified | Red => return Outcome::passed(),
    };
    if !context.has_passed(told_after) {
        return Outcome::passed();
    }
    let measures = vec![word(now.status), Measure::text("until", until.to_string())];
    Finder::about_site(Rule::InspectionClock, view, []).raise(
        Severity::Information,
        &SENTENCES[0],
        measures,
    )
}

fn of_change(view: &SiteView, before: &Declared, now: &Declared, context: &Context) -> Outcome {
    let finder = Finder::about_site(Rule::InspectionClock, view, []);
    let day = || Measure::text("day", now.on.to_string());
    let is_inspected = view.is_inspected(now.status, Some(before.on), now.on);
    let is_decided = view.decided_on.iter().any(|day| (before.on..=now.on).contains(day));
    if before.status == Red && now.status == Green && !is_inspected && !is_decided {
        let measures = vec![Measure::text("since", before.on.to_string()), day()];
        return finder.raise(Severity::Serious, &SENTENCES[2], measures).about(&now.on.to_string());
    }
    let named = &now.inspection_id;
    let mut inspections = view.facts.site.record.inspection.iter();
    let is_named =
        !named.is_empty() && inspections.any(|inspection| inspection.inspection_id == *named);
    let is_same_day = view.is_inspected(now.status, before.on.yesterday().ok(), now.on);
    let is_grounded = is_inspected || is_decided || is_named || is_same_day;
    if is_grounded || is_lapse(view, before, now, context) {
        return Outcome::passed();
    }
    let measures = vec![word(now.status), day()];
    finder.raise(Severity::Warning, &SENTENCES[1], measures).about(&now.on.to_string())
}

/// Whether the clock alone makes the change: the status before would have run out.
fn is_lapse(view: &SiteView, before: &Declared, now: &Declared, context: &Context) -> bool {
    let policy = context.policy(view.facts.site.country());
    let years = |day: Date, years: i64| day.saturating_add(Span::new().years(years));
    match (before.status, now.status) {
        (Green, Blue) => now.on > years(last_inspection(view, before), 1),
        (Blue, Red) => now.on > years(before.on, 3),
        (Yellow, Red) => {
            let months = i64::from(policy.yellow_months.min(1_200));
            now.on > before.on.saturating_add(Span::new().months(months))
        }
        _ => false,
    }
}

/// The day from which Green counts: its inspection, else the day that is declared.
fn last_inspection(view: &SiteView, before: &Declared) -> Date {
    let inspections = view.facts.site.record.inspection.iter();
    let green = inspections.filter(|one| one.inspection_result() == Green);
    let days = green.filter_map(|one| one.inspection_date.parse::<Date>().ok());
    days.filter(|day| *day <= before.on).max().unwrap_or(before.on)
}

fn word(status: CertificationStatus) -> Measure {
    let name = status.as_str_name().trim_start_matches("CERTIFICATION_STATUS_");
    Measure::text("status", name)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rmd_proto::v1::{Inspection, MineSite, StatusChange};

    use super::*;
    use crate::testing::{context, site_facts, site_view, told};

    fn site(
        changes: &[(&str, CertificationStatus)],
        inspections: &[(&str, CertificationStatus)],
    ) -> SiteView {
        let last = changes.last().unwrap();
        let site = MineSite {
            icglr_id: "RW-1.9403+29.8739-00001".to_owned(),
            address_country: "RW".to_owned(),
            certification_status: last.1.into(),
            certification_status_since: last.0.to_owned(),
            status_change: changes
                .iter()
                .map(|(day, status)| StatusChange {
                    date_of_change: (*day).to_owned(),
                    new_status: (*status).into(),
                    ..StatusChange::default()
                })
                .collect(),
            inspection: inspections
                .iter()
                .map(|(day, result)| Inspection {
                    inspection_date: (*day).to_owned(),
                    inspection_result: (*result).into(),
                    ..Inspection::default()
                })
                .collect(),
            ..MineSite::default()
        };
        let facts = site_facts(site);
        site_view(facts)
    }

    fn on(day: Date, view: &SiteView) -> Vec<Severity> {
        told(&judge(view, &context().on(day))).0
    }

    #[test]
    fn green_is_told_after_335_days() {
        let view = site(&[("2026-01-10", Green)], &[("2026-01-10", Green)]);
        assert_eq!(on(date(2026, 12, 11), &view), []);
        assert_eq!(on(date(2026, 12, 12), &view), [Severity::Information]);
    }

    #[test]
    fn blue_is_told_after_thirty_months_and_yellow_thirty_days_before() {
        let blue = site(&[("2024-04-10", Blue)], &[]);
        assert_eq!(on(date(2026, 10, 10), &blue), []);
        assert_eq!(on(date(2026, 10, 11), &blue), [Severity::Information]);
        let yellow = site(&[("2026-05-10", Yellow)], &[("2026-05-10", Yellow)]);
        assert_eq!(on(date(2026, 10, 10), &yellow), []);
        assert_eq!(on(date(2026, 10, 11), &yellow), [Severity::Information]);
    }

    #[test]
    fn a_change_needs_an_inspection_or_a_decision() {
        let changes = [("2026-01-10", Green), ("2026-06-10", Yellow)];
        let day = date(2026, 7, 1);
        let bare = site(&changes, &[("2026-01-10", Green)]);
        assert_eq!(on(day, &bare), [Severity::Warning]);
        let inspected = site(&changes, &[("2026-01-10", Green), ("2026-06-09", Yellow)]);
        assert_eq!(on(day, &inspected), []);
        let decided = SiteView { decided_on: vec![date(2026, 6, 10)], ..bare };
        assert_eq!(on(day, &decided), []);
    }

    #[test]
    fn a_lapse_by_the_clock_needs_no_ground() {
        let lapsed = |day: &'static str| {
            let changes = [("2025-01-10", Green), (day, Blue)];
            on(date(2026, 7, 1), &site(&changes, &[("2025-01-10", Green)]))
        };
        assert_eq!(lapsed("2026-01-11"), []);
        assert_eq!(lapsed("2026-01-10"), [Severity::Warning]);
    }

    #[test]
    fn red_is_cleared_by_an_inspection_after_it_began() {
        let cleared = |day: &'static str| {
            let changes = [("2026-01-10", Red), ("2026-08-10", Green)];
            on(date(2026, 9, 1), &site(&changes, &[(day, Green)]))
        };
        assert_eq!(cleared("2026-01-11"), []);
        assert_eq!(cleared("2026-01-10"), [Severity::Serious]);
        assert_eq!(cleared("2026-08-11"), [Severity::Serious]);
    }
}
