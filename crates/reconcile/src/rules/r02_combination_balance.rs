//! R02: a lot that only combines others weighs what went into it.
//!
//! Combination without Processing: |m(L) − Σ contributions| beyond the limits of
//! Σ contributions; a warning, and serious further out.

use super::Finder;
use crate::{
    Context, Measure, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{LotView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R02",
    en: "the combined lot weighs {mass}, what went into it {inputs}",
    fr: "le lot combiné pèse {mass}, ce qui y est entré {inputs}",
}];

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    if !nature::is_combination(&lot.record) || nature::is_processing(&lot.record) {
        return Outcome::passed();
    }
    let inputs: i128 = match view.contributions() {
        Ok(contributions) => contributions.iter().map(|one| one.mass_mg).sum(),
        Err(missing) => return Outcome { missing, ..Outcome::default() },
    };
    let mass = i128::from(lot.record.mass_mg);
    let hs6 = nature::hs6(&lot.record);
    let beyond = |limit| {
        let limit = context.limit(limit, lot.country(), &hs6);
        amount::deviates(mass, inputs, inputs, limit)
    };
    let severity =
        match (beyond(Parameter::CombinationSerious), beyond(Parameter::CombinationWarning)) {
            (true, _) => Severity::Serious,
            (false, true) => Severity::Warning,
            (false, false) => return Outcome::passed(),
        };
    let parents = view.parents().map(|parent| parent.named.clone());
    let finder = Finder::about_lot(Rule::CombinationBalance, view, parents);
    let measures = vec![Measure::mass("mass", mass), Measure::mass("inputs", inputs)];
    finder.raise(severity, &SENTENCES[0], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::OriginatingOperation::{Combination, Processing, Production};

    use super::*;
    use crate::testing::{KG, context, lot, told, view};

    fn combined(mass_mg: i64) -> LotView {
        view(lot("C", mass_mg, &[Combination]))
            .with_input(lot("A", 700 * KG, &[Production]), Some(600 * KG))
            .with_input(lot("B", 400 * KG, &[Production]), Some(400 * KG))
    }

    #[test]
    fn one_percent_is_inside_and_a_milligram_more_warns() {
        for mass in [990 * KG, 1_000 * KG, 1_010 * KG] {
            assert!(judge(&combined(mass), &context()).is_passed(), "{mass}");
        }
        for mass in [990 * KG - 1, 1_010 * KG + 1, 950 * KG, 1_050 * KG] {
            assert_eq!(told(&judge(&combined(mass), &context())), (vec![Severity::Warning], 0));
        }
        for mass in [950 * KG - 1, 1_050 * KG + 1] {
            assert_eq!(told(&judge(&combined(mass), &context())), (vec![Severity::Serious], 0));
        }
    }

    #[test]
    fn an_input_without_a_mass_and_no_input_at_all_cannot_be_tested() {
        let view = combined(1_000 * KG).with_input(lot("D", KG, &[]), None);
        assert_eq!(told(&judge(&view, &context())), (vec![], 1));
        let view = crate::testing::view(lot("C", KG, &[Combination]));
        assert_eq!(told(&judge(&view, &context())), (vec![], 1));
    }

    #[test]
    fn a_processed_lot_is_the_business_of_another_rule() {
        let view = view(lot("C", 5 * KG, &[Combination, Processing]))
            .with_input(lot("A", KG, &[]), Some(KG));
        assert!(judge(&view, &context()).is_passed());
    }
}
