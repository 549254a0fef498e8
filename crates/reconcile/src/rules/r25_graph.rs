//! R25: lots form a graph without rings, in the order of time, without loose ends.
//!
//! A ring of two or more lots: serious. Registered before a parent: a warning. A
//! parent that is missing after its days: a warning. Neither used nor exported after
//! its months: information; part use is use. A change of custody told on one row is
//! no ring.

use jiff::{Span, civil::Date};
use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, Unit,
    view::{LotView, Parent, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R25-RING",
        en: "the lot is among its own ancestors",
        fr: "le lot est parmi ses propres ancêtres",
    },
    Sentence {
        id: "R25-ORDER",
        en: "the lot was registered on {day}, before its input {parent} on {before}",
        fr: "le lot a été enregistré le {day}, avant son apport {parent} le {before}",
    },
    Sentence {
        id: "R25-PARENT",
        en: "its input {parent} is not there, more than {days} days after the lot was registered on {day}",
        fr: "son apport {parent} n'est pas là, plus de {days} jours après l'enregistrement du lot le {day}",
    },
    Sentence {
        id: "R25-UNUSED",
        en: "registered on {day}, the lot was neither used nor exported since",
        fr: "enregistré le {day}, le lot n'a depuis été ni utilisé ni exporté",
    },
];

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    let finder = Finder::about_lot(Rule::Graph, view, []);
    let ring = if view.is_in_cycle {
        finder.raise(Severity::Serious, &SENTENCES[0], Vec::new())
    } else {
        Outcome::passed()
    };
    let Some(day) = nature::registered_on(&lot.record) else {
        let what = Missing::new("Lot.registered_at_us", lot.key(), Lack::Absent);
        return ring.and(Outcome::lacking(what));
    };
    ring.and(of_order(view, day))
        .and(of_parents(view, day, context))
        .and(of_use(view, day, context))
}

fn of_order(view: &LotView, day: Date) -> Outcome {
    view.parents().fold(Outcome::passed(), |outcome, parent| {
        if parent.record.registered_at_us <= view.lot.record.registered_at_us {
            return outcome;
        }
        let before = nature::registered_on(&parent.record).unwrap_or(day);
        let finder = Finder::about_lot(Rule::Graph, view, [parent.named.clone()]);
        let measures = vec![
            Measure::text("day", day.to_string()),
            Measure::text("parent", parent.key()),
            Measure::text("before", before.to_string()),
        ];
        outcome.and(finder.raise(Severity::Warning, &SENTENCES[1], measures))
    })
}

fn of_parents(view: &LotView, day: Date, context: &Context) -> Outcome {
    let lot = &view.lot;
    let limit = context.limit(Parameter::ParentDays, lot.country(), &nature::hs6(&lot.record));
    let last = day.saturating_add(Span::new().days(limit.clamp(0, 36_500)));
    let unknown = view.inputs.iter().filter(|input| matches!(input.parent, Parent::Unknown));
    unknown.fold(Outcome::passed(), |outcome, input| {
        if !context.has_passed(last) {
            return outcome;
        }
        if let Some(missing) = context.coverage.lacks_on(&input.country, Entity::Lot, day) {
            return outcome.and(Outcome::lacking(missing));
        }
        let finder = Finder::about_lot(Rule::Graph, view, []);
        let parent = format!("{} {}", input.country, input.stated.lot_number);
        let measures = vec![
            Measure::text("parent", &*parent),
            Measure::text("day", day.to_string()),
            Measure::number("days", Unit::Days, limit),
        ];
        outcome.and(finder.raise(Severity::Warning, &SENTENCES[2], measures).about(&parent))
    })
}

fn of_use(view: &LotView, day: Date, context: &Context) -> Outcome {
    let lot = &view.lot;
    if !view.uses.is_empty() || !view.certificates.is_empty() {
        return Outcome::passed();
    }
    let limit = context.limit(Parameter::UnusedMonths, lot.country(), &nature::hs6(&lot.record));
    let last = day.saturating_add(Span::new().months(limit.clamp(0, 1_200)));
    if !context.has_passed(last) {
        return Outcome::passed();
    }
    if let Some(missing) = context.coverage.lacks_on(lot.country(), Entity::Lot, last) {
        return Outcome::lacking(missing);
    }
    let measures = vec![Measure::text("day", day.to_string())];
    Finder::about_lot(Rule::Graph, view, []).raise(Severity::Information, &SENTENCES[3], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{InputLot, Lot};

    use super::*;
    use crate::{
        testing::{KG, context, lot, told, view},
        view::Input,
    };

    const DAY_US: i64 = 86_400_000_000;

    /// A lot registered so many days before the day of evaluation.
    fn aged(number: &str, days: i64) -> Lot {
        // 1 July to 15 October 2026 are 106 days.
        let lot = lot(number, KG, &[]);
        Lot { registered_at_us: lot.registered_at_us + (106 - days) * DAY_US, ..lot }
    }

    fn weights(view: &LotView) -> (Vec<Severity>, usize) {
        told(&judge(view, &context()))
    }

    #[test]
    fn a_lot_in_a_ring_is_serious() {
        let mut view = view(aged("A", 1));
        view.is_in_cycle = true;
        assert_eq!(weights(&view), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_parent_comes_first_or_at_the_same_instant() {
        let after = |days| view(aged("B", 5)).with_input(aged("A", days), Some(KG));
        assert_eq!(weights(&after(5)), (vec![], 0));
        assert_eq!(weights(&after(4)), (vec![Severity::Warning], 0));
    }

    #[test]
    fn a_parent_may_be_missing_for_thirty_days() {
        let missing = |days, country: &str| {
            let mut view = view(aged("B", days));
            let stated = InputLot { lot_number: "Z".to_owned(), ..InputLot::default() };
            let country = country.to_owned();
            view.inputs.push(Input { stated, country, parent: Parent::Unknown });
            view
        };
        assert_eq!(weights(&missing(30, "RW")), (vec![], 0));
        assert_eq!(weights(&missing(31, "RW")), (vec![Severity::Warning], 0));
        assert_eq!(weights(&missing(31, "BE")), (vec![], 1));
    }

    #[test]
    fn a_lot_may_lie_for_twelve_months_and_part_use_is_use() {
        assert_eq!(weights(&view(aged("A", 365))), (vec![], 0));
        assert_eq!(weights(&view(aged("A", 366))), (vec![Severity::Information], 0));
        let used = view(aged("A", 900)).with_use(aged("B", 1), Some(1));
        assert_eq!(weights(&used), (vec![], 0));
    }
}
