//! R16: what left one state arrived in the other.
//!
//! Of a pair: |Δm| / mean beyond the limit and beyond the floor: a warning, further
//! out serious. Value on entry by value on exit outside the limits: a warning, of one
//! currency only. Another mineral: a warning. An export without an import, after its
//! days: a warning. An import without an export, after the reporting deadline of the
//! month of its entry: serious.
//!
//! Between states whose declarations count. What is not there cannot be told while
//! the other state is overdue.

use jiff::{Span, civil::Date};
use rmd_standard::{Entity, mineral};

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, Subject,
    SubjectKind,
    amount::MILLION,
    pairing::{Export, Import, Paired},
    view::nature,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R16-WEIGHT",
        en: "{out} left for {to}, {into} arrived from {from}",
        fr: "{out} sont partis pour {to}, {into} sont arrivés de {from}",
    },
    Sentence {
        id: "R16-VALUE",
        en: "the value on entry is {share} of the value on exit",
        fr: "la valeur à l'entrée est de {share} de la valeur à la sortie",
    },
    Sentence {
        id: "R16-MINERAL",
        en: "{out} left, {into} arrived under the same certificate",
        fr: "{out} est sorti, {into} est arrivé sous le même certificat",
    },
    Sentence {
        id: "R16-EXPORT",
        en: "{out} left for {to} on {day}, and no import there answers to it",
        fr: "{out} sont partis pour {to} le {day}, et aucune importation n'y répond",
    },
    Sentence {
        id: "R16-IMPORT",
        en: "{into} arrived from {from} on {day}, and no export there answers to it",
        fr: "{into} sont arrivés de {from} le {day}, et aucune exportation n'y répond",
    },
];

pub(super) fn judge(paired: &Paired, context: &Context) -> Outcome {
    match paired {
        Paired::Pair(export, import) => {
            let weight = of_weight(export, import, context);
            weight.and(of_value(export, import, context)).and(of_mineral(export, import))
        }
        Paired::Export(export) => of_export(export, context),
        Paired::Import(import) => of_import(import, context),
    }
}

/// Findings about a pair stand with the export.
fn about(export: &Export, import: Option<&Import>) -> Finder {
    let evidence = [export.named.clone()].into_iter();
    Finder {
        rule: Rule::Pairing,
        subject: Subject::new(SubjectKind::Export, export.key()),
        country: export.country().to_owned(),
        evidence: evidence.chain(import.map(|import| import.named.clone())).collect(),
    }
}

fn limit(export: &Export, context: &Context, parameter: Parameter) -> i128 {
    let hs6 = mineral::hs6(&export.record.mineral).unwrap_or_default();
    context.limit(parameter, export.country(), &hs6).into()
}

fn of_weight(export: &Export, import: &Import, context: &Context) -> Outcome {
    let out = i128::from(export.record.net_mass_mg);
    let into = i128::from(import.record.net_mass_mg);
    let gap = (out - into).abs();
    let limit = |parameter| limit(export, context, parameter);
    // |Δ| / ((out + into) / 2) > limit, without dividing.
    let beyond = |parameter| 2 * gap * i128::from(MILLION) > (out + into) * limit(parameter);
    let severity = match gap > limit(Parameter::PairWeightFloor) {
        true if beyond(Parameter::PairWeightSerious) => Severity::Serious,
        true if beyond(Parameter::PairWeightWarning) => Severity::Warning,
        _ => return Outcome::passed(),
    };
    let measures = vec![
        Measure::mass("out", out),
        Measure::text("to", import.country()),
        Measure::mass("into", into),
        Measure::text("from", export.country()),
    ];
    about(export, Some(import)).raise(severity, &SENTENCES[0], measures)
}

fn of_value(export: &Export, import: &Import, context: &Context) -> Outcome {
    let lacking = |what, key| Outcome::lacking(Missing::new(what, key, Lack::Absent));
    let Some(out) = export.record.customs_value_minor.filter(|value| *value > 0) else {
        return lacking("ExportDeclaration.customs_value_minor", export.key());
    };
    let Some(into) = import.record.customs_value_minor else {
        return lacking("ImportDeclaration.customs_value_minor", import.key());
    };
    if export.record.customs_value_currency != import.record.customs_value_currency {
        let what = "ImportDeclaration.customs_value_currency";
        return Outcome::lacking(Missing::new(what, import.key(), Lack::Ambiguous));
    }
    let scaled = i128::from(into) * i128::from(MILLION);
    let at = |parameter| i128::from(out) * limit(export, context, parameter);
    if (at(Parameter::PairValueLeast)..=at(Parameter::PairValueMost)).contains(&scaled) {
        return Outcome::passed();
    }
    let share = i64::try_from(scaled / i128::from(out)).unwrap_or(i64::MAX);
    let measures = vec![Measure::share("share", share)];
    about(export, Some(import)).raise(Severity::Warning, &SENTENCES[1], measures)
}

fn of_mineral(export: &Export, import: &Import) -> Outcome {
    let (out, into) = (mineral::hs6(&export.record.mineral), mineral::hs6(&import.record.mineral));
    let (Some(out), Some(into)) = (out, into) else { return Outcome::passed() };
    if out == into {
        return Outcome::passed();
    }
    let measures = vec![Measure::text("out", out), Measure::text("into", into)];
    about(export, Some(import)).raise(Severity::Warning, &SENTENCES[2], measures)
}

fn of_export(export: &Export, context: &Context) -> Outcome {
    let to = &export.record.destination_country;
    let Some(exit) = nature::day(&export.record.exit_date) else {
        let what = "ExportDeclaration.exit_date";
        return Outcome::lacking(Missing::new(what, export.key(), Lack::Absent));
    };
    let days = i64::try_from(limit(export, context, Parameter::ExportUnmatchedDays));
    let days = Span::new().days(days.unwrap_or(i64::MAX).clamp(0, 3_650));
    let last = exit.saturating_add(days);
    if !context.has_passed(last) {
        return Outcome::passed();
    }
    if let Some(missing) = context.coverage.lacks_on(to, Entity::ImportDeclaration, last) {
        return Outcome::lacking(missing);
    }
    let measures = vec![
        Measure::mass("out", export.record.net_mass_mg.into()),
        Measure::text("to", to),
        Measure::text("day", exit.to_string()),
    ];
    about(export, None).raise(Severity::Warning, &SENTENCES[3], measures)
}

fn of_import(import: &Import, context: &Context) -> Outcome {
    let from = &import.record.consignor_country;
    let Some(entry) = nature::day(&import.record.entry_date) else {
        let what = "ImportDeclaration.entry_date";
        return Outcome::lacking(Missing::new(what, import.key(), Lack::Absent));
    };
    if !context.has_passed(deadline(entry, from, context)) {
        return Outcome::passed();
    }
    if let Some(missing) = context.coverage.lacks_on(from, Entity::ExportDeclaration, entry) {
        return Outcome::lacking(missing);
    }
    let finder = Finder {
        rule: Rule::Pairing,
        subject: Subject::new(SubjectKind::Import, import.key()),
        country: import.country().to_owned(),
        evidence: vec![import.named.clone()],
    };
    let measures = vec![
        Measure::mass("into", import.record.net_mass_mg.into()),
        Measure::text("from", from),
        Measure::text("day", entry.to_string()),
    ];
    finder.raise(Severity::Serious, &SENTENCES[4], measures)
}

/// The day of the month after a day by which a state reports that month.
pub(crate) fn deadline(day: Date, country: &str, context: &Context) -> Date {
    let within = context.limit(Parameter::DeadlineDay, country, "").clamp(1, 28);
    let next = day.first_of_month().saturating_add(Span::new().months(1));
    next.saturating_add(Span::new().days(within - 1))
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{ExportDeclaration, ImportDeclaration};

    use super::*;
    use crate::testing::{KG, context, export, fact, import, told};

    fn pair(out_kg: i64, into_kg: i64) -> (ExportDeclaration, ImportDeclaration) {
        let mut out = export("E", "2026-03-10", out_kg * KG, "").record.clone();
        let mut into = import("I", "2026-03-12", into_kg * KG, "").record.clone();
        (out.customs_value_minor, into.customs_value_minor) = (Some(1_000_000), Some(1_000_000));
        out.customs_value_currency = "USD".to_owned();
        into.customs_value_currency = "USD".to_owned();
        (out, into)
    }

    fn weights((out, into): (ExportDeclaration, ImportDeclaration)) -> (Vec<Severity>, usize) {
        let out = fact(Entity::ExportDeclaration, "RW", "E", out).into();
        let into = fact(Entity::ImportDeclaration, "UG", "I", into).into();
        told(&judge(&Paired::Pair(out, into), &context()))
    }

    #[test]
    fn weights_differ_beyond_share_and_floor() {
        assert_eq!(weights(pair(10_000, 10_000)), (vec![], 0));
        assert_eq!(weights(pair(10_000, 9_705)), (vec![], 0));
        assert_eq!(weights(pair(10_000, 9_704)), (vec![Severity::Warning], 0));
        assert_eq!(weights(pair(10_000, 9_047)), (vec![Severity::Serious], 0));
        // Half of it, and within 50 kg.
        assert_eq!(weights(pair(100, 50)), (vec![], 0));
        assert_eq!(weights(pair(100, 49)), (vec![Severity::Serious], 0));
    }

    #[test]
    fn gold_has_a_floor_of_a_hundred_grams() {
        let mut lines = pair(1, 1);
        (lines.0.mineral, lines.1.mineral) = ("710812".to_owned(), "710812".to_owned());
        lines.1.net_mass_mg = KG - KG / 10;
        assert_eq!(weights(lines.clone()), (vec![], 0));
        lines.1.net_mass_mg -= 1;
        assert_eq!(weights(lines), (vec![Severity::Serious], 0));
    }

    #[test]
    fn values_are_compared_in_one_currency() {
        for (value, found) in [(950_000, 0), (949_999, 1), (1_300_000, 0), (1_300_001, 1)] {
            let mut lines = pair(10, 10);
            lines.1.customs_value_minor = Some(value);
            assert_eq!(weights(lines), (vec![Severity::Warning; found], 0), "{value}");
        }
        let mut lines = pair(10, 10);
        lines.1.customs_value_currency = "EUR".to_owned();
        assert_eq!(weights(lines), (vec![], 1));
    }

    #[test]
    fn another_mineral_under_one_certificate_warns() {
        let mut lines = pair(10, 10);
        lines.1.mineral = "261100".to_owned();
        assert_eq!(weights(lines), (vec![Severity::Warning], 0));
    }

    #[test]
    fn an_export_waits_sixty_days_for_its_import() {
        let told_of = |exit| told(&judge(&Paired::Export(export("E", exit, KG, "")), &context()));
        assert_eq!(told_of("2026-08-16"), (vec![], 0));
        assert_eq!(told_of("2026-08-15"), (vec![Severity::Warning], 0));
    }

    #[test]
    fn an_import_waits_for_the_deadline_of_the_other_states_month() {
        let told_of = |entry| told(&judge(&Paired::Import(import("I", entry, KG, "")), &context()));
        assert_eq!(told_of("2026-09-01"), (vec![], 0));
        assert_eq!(told_of("2026-08-31"), (vec![Severity::Serious], 0));
    }

    #[test]
    fn what_is_not_there_stays_open_while_the_other_state_is_overdue() {
        let mut context = context();
        let feed = Entity::ExportDeclaration.feed();
        context.coverage.set_overdue("RW", feed, jiff::civil::date(2026, 8, 1));
        let told_of = |entry| told(&judge(&Paired::Import(import("I", entry, KG, "")), &context));
        assert_eq!(told_of("2026-08-31"), (vec![], 1));
        assert_eq!(told_of("2026-07-31"), (vec![Severity::Serious], 0));
    }
}
