//! R01: no more leaves a lot than it holds.
//!
//! For lot X: max(exported(X), Σ contributed to lots of other countries) +
//! Σ contributed to lots of the same country > m(X)·(1 + limit), serious.
//! exported(X) is m(X) where X is a lot of a certificate that is not void, else 0:
//! an exported lot that the importer's lot names as its parent counts once.
//!
//! A use that does not say how much it took makes the sum a lower bound: what is
//! beyond the limit already is found, what is not cannot be tested.

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{LotView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R01",
    en: "{out} leave the lot, which holds {mass}: {abroad} exported or used in other states, {home} used in its own",
    fr: "{out} sortent du lot, qui contient {mass} : {abroad} exportés ou utilisés dans d'autres États, {home} utilisés dans le sien",
}];

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    let mass = i128::from(lot.record.mass_mg);
    let (mut home, mut abroad) = (0_i128, 0_i128);
    let mut outcome = Outcome::passed();
    for one in &view.uses {
        let Some(contributed) = one.contributed_mg else {
            let what = "Lot.input_lot.contributed_mass_mg";
            outcome.missing.push(Missing::new(what, one.child.key(), Lack::Absent));
            continue;
        };
        let side = if one.child.country() == lot.country() { &mut home } else { &mut abroad };
        *side += i128::from(contributed);
    }
    let exported = if view.certificates.is_empty() { 0 } else { mass };
    let abroad = abroad.max(exported);
    let limit = context.limit(Parameter::OverAllocation, lot.country(), &nature::hs6(&lot.record));
    if !amount::exceeds(abroad + home, mass, limit) {
        return outcome;
    }
    let others = view.uses.iter().map(|one| one.child.named.clone());
    let others = others.chain(view.certificates.iter().map(|one| one.named.clone()));
    let finder = Finder::about_lot(Rule::OverAllocation, view, others);
    let measures = vec![
        Measure::mass("out", abroad + home),
        Measure::mass("mass", mass),
        Measure::mass("abroad", abroad),
        Measure::mass("home", home),
    ];
    outcome.and(finder.raise(Severity::Serious, &SENTENCES[0], measures))
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{ExportCertificate, Lot};
    use rmd_standard::Entity;

    use super::*;
    use crate::testing::{KG, context, fact, lot, told, view};

    fn child(country: &str, number: &str) -> Lot {
        Lot { country: country.to_owned(), ..lot(number, KG, &[]) }
    }

    fn exported(mut view: LotView) -> LotView {
        let paper = fact(Entity::ExportCertificate, "RW", "RW/C-1", ExportCertificate::default());
        view.certificates.push(paper.into());
        view
    }

    #[test]
    fn a_lot_may_give_all_it_holds_and_half_a_percent_more() {
        let view = || view(lot("A", 1_000 * KG, &[])).with_use(child("RW", "B"), Some(600 * KG));
        let within = view().with_use(child("RW", "C"), Some(405 * KG));
        assert!(judge(&within, &context()).is_passed());
        let beyond = view().with_use(child("RW", "C"), Some(405 * KG + 1));
        assert_eq!(told(&judge(&beyond, &context())), (vec![Severity::Serious], 0));
    }

    #[test]
    fn what_the_importer_names_counts_once_with_the_export() {
        let view = view(lot("A", 1_000 * KG, &[])).with_use(child("UG", "B"), Some(990 * KG));
        let outcome = judge(&exported(view), &context());
        assert!(outcome.is_passed(), "{outcome:?}");
    }

    #[test]
    fn what_was_exported_cannot_be_used_at_home_again() {
        let view = view(lot("A", 1_000 * KG, &[])).with_use(child("RW", "B"), Some(6 * KG));
        let outcome = judge(&exported(view), &context());
        assert_eq!(told(&outcome), (vec![Severity::Serious], 0));
        assert_eq!(
            outcome.raised[0].sentence.english(&outcome.raised[0].measures),
            "1006 kg leave the lot, which holds 1000 kg: 1000 kg exported or used in other states, 6 kg used in its own",
        );
    }

    #[test]
    fn a_use_without_a_mass_leaves_open_only_what_is_not_found_already() {
        let view = || view(lot("A", 1_000 * KG, &[])).with_use(child("RW", "B"), None);
        assert_eq!(told(&judge(&view(), &context())), (vec![], 1));
        let beyond = view().with_use(child("RW", "C"), Some(1_100 * KG));
        assert_eq!(told(&judge(&beyond, &context())), (vec![Severity::Serious], 1));
    }
}
