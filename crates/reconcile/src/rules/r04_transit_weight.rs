//! R04: a lot that only moved or changed hands weighs what it weighed.
//!
//! One input and no Production, Combination or Processing:
//! |m(L) − contributed| / contributed beyond the limit: a warning; a gain beyond
//! its own limit: serious. Customs records are the business of R16.

use super::Finder;
use crate::{
    Context, Measure, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{LotView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R04",
    en: "the lot weighs {mass}, of {input} that were passed on",
    fr: "le lot pèse {mass}, sur {input} transmis",
}];

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    if !nature::is_passed_on(&lot.record) {
        return Outcome::passed();
    }
    let input: i128 = match view.contributions() {
        Ok(contributions) => contributions.iter().map(|one| one.mass_mg).sum(),
        Err(missing) => return Outcome { missing, ..Outcome::default() },
    };
    let mass = i128::from(lot.record.mass_mg);
    let hs6 = nature::hs6(&lot.record);
    let limit = |parameter| context.limit(parameter, lot.country(), &hs6);
    let severity = if amount::exceeds(mass, input, limit(Parameter::TransitGain)) {
        Severity::Serious
    } else if amount::deviates(mass, input, input, limit(Parameter::TransitChange)) {
        Severity::Warning
    } else {
        return Outcome::passed();
    };
    let parents = view.parents().map(|parent| parent.named.clone());
    let finder = Finder::about_lot(Rule::TransitWeight, view, parents);
    let measures = vec![Measure::mass("mass", mass), Measure::mass("input", input)];
    finder.raise(severity, &SENTENCES[0], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::OriginatingOperation::{Combination, Purchase};

    use super::*;
    use crate::testing::{KG, context, lot, told, view};

    fn passed_on(mass_mg: i64) -> LotView {
        view(lot("B", mass_mg, &[Purchase])).with_input(lot("A", 900 * KG, &[]), Some(500 * KG))
    }

    #[test]
    fn a_loss_warns_beyond_two_percent_and_a_gain_is_serious_beyond_one() {
        for (mass, weights) in [
            (490 * KG, vec![]),
            (490 * KG - 1, vec![Severity::Warning]),
            (505 * KG, vec![]),
            (505 * KG + 1, vec![Severity::Serious]),
            (100 * KG, vec![Severity::Warning]),
        ] {
            assert_eq!(told(&judge(&passed_on(mass), &context())), (weights, 0), "{mass}");
        }
    }

    #[test]
    fn a_lot_of_several_inputs_was_not_only_passed_on() {
        let view = passed_on(5 * KG).with_input(lot("C", KG, &[]), Some(KG));
        assert!(judge(&view, &context()).is_passed());
        let view = crate::testing::view(lot("B", KG, &[Combination]))
            .with_input(lot("A", 9 * KG, &[]), Some(9 * KG));
        assert!(judge(&view, &context()).is_passed());
    }
}
