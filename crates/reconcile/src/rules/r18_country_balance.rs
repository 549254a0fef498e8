//! R18: a state exports what it has.
//!
//! Over the twelve calendar months before the day, per mineral, procedure normal
//! only: X > (P + I + S₀ − S₁)·(1 + limit): serious; in contained metal where all
//! concentrations are known. Not testable while a source is missing: production,
//! imports, a stock at either end, or a month that is overdue.

use jiff::civil::Date;
use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, Subject,
    SubjectKind, amount,
    view::{Amount, BalanceView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R18-MASS",
        en: "exports of {exported} from {from} to {to} exceed sources of {sources}",
        fr: "les exportations de {exported} de {from} à {to} dépassent des sources de {sources}",
    },
    Sentence {
        id: "R18-METAL",
        en: "exports of {exported} of contained metal from {from} to {to} exceed sources of {sources}",
        fr: "les exportations de {exported} de métal contenu de {from} à {to} dépassent des sources de {sources}",
    },
];

const SOURCES: [Entity; 4] = [
    Entity::ExportDeclaration,
    Entity::ImportDeclaration,
    Entity::ProductionDeclaration,
    Entity::StockDeclaration,
];

pub(super) fn judge(view: &BalanceView, context: &Context) -> Outcome {
    let last = nature::day(&format!("{}-01", view.months.1)).map(Date::last_of_month);
    let missing = SOURCES.iter().filter_map(|source| match last {
        Some(last) => context.coverage.lacks_on(&view.country, *source, last),
        None => context.coverage.lacks(&view.country, *source),
    });
    let missing: Vec<Missing> = missing.collect();
    if !missing.is_empty() {
        return Outcome { missing, ..Outcome::default() };
    }
    let flows = &view.flows;
    let (Some(opening), Some(closing)) = (flows.opening, flows.closing) else {
        let what = "StockDeclaration.closing_mass_mg";
        return Outcome::lacking(Missing::new(what, &*view.country, Lack::Absent));
    };
    let sum = |of: fn(&Amount) -> Option<i128>| {
        let sources = of(&flows.produced)? + of(&flows.imported)? + of(&opening)? - of(&closing)?;
        Some((of(&flows.exported)?, sources))
    };
    let metal = sum(|amount| amount.metal_mg);
    let sentence = &SENTENCES[usize::from(metal.is_some())];
    let Some((exported, sources)) = metal.or_else(|| sum(|amount| Some(amount.mass_mg))) else {
        return Outcome::passed();
    };
    let limit = context.limit(Parameter::CountryBalance, &view.country, &view.mineral);
    if !amount::exceeds(exported, sources.max(0), limit) {
        return Outcome::passed();
    }
    let finder = Finder {
        rule: Rule::CountryBalance,
        subject: Subject::new(SubjectKind::Balance, view.key()),
        country: view.country.clone(),
        evidence: view.evidence.clone(),
    };
    let measures = vec![
        Measure::mass("exported", exported),
        Measure::text("from", &view.months.0),
        Measure::text("to", &view.months.1),
        Measure::mass("sources", sources),
    ];
    finder.raise(Severity::Serious, sentence, measures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{KG, context, told},
        view::Flows,
    };

    fn amount(mass_kg: i64, metal_kg: Option<i64>) -> Amount {
        let mg = |kg: i64| i128::from(kg) * i128::from(KG);
        Amount { mass_mg: mg(mass_kg), metal_mg: metal_kg.map(mg) }
    }

    fn year(exported: Amount, closing: Option<Amount>) -> BalanceView {
        BalanceView {
            country: "RW".to_owned(),
            mineral: "260900".to_owned(),
            months: ("2025-10".to_owned(), "2026-09".to_owned()),
            flows: Flows {
                exported,
                produced: amount(800, Some(400)),
                imported: amount(200, Some(100)),
                opening: Some(amount(100, Some(50))),
                closing,
            },
            evidence: Vec::new(),
        }
    }

    fn weights(view: &BalanceView) -> (Vec<Severity>, usize) {
        told(&judge(view, &context()))
    }

    #[test]
    fn exports_may_exceed_sources_by_five_percent() {
        let closing = Some(amount(100, None));
        assert_eq!(weights(&year(amount(1_050, None), closing)), (vec![], 0));
        assert_eq!(weights(&year(amount(1_051, None), closing)), (vec![Severity::Serious], 0));
    }

    #[test]
    fn contained_metal_counts_where_it_is_known_everywhere() {
        let closing = Some(amount(100, Some(50)));
        assert_eq!(weights(&year(amount(2_000, Some(525)), closing)), (vec![], 0));
        let view = year(amount(100, Some(526)), closing);
        assert_eq!(weights(&view), (vec![Severity::Serious], 0));
    }

    #[test]
    fn without_a_stock_or_with_a_month_overdue_it_stays_open() {
        assert_eq!(weights(&year(amount(9_000, None), None)), (vec![], 1));
        let mut context = context();
        let feed = Entity::StockDeclaration.feed();
        context.coverage.set_overdue("RW", feed, jiff::civil::date(2026, 9, 1));
        let view = year(amount(9_000, None), Some(amount(0, None)));
        assert!(judge(&view, &context).raised.is_empty());
    }
}
