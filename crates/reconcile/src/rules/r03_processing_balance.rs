//! R03: processing adds neither mass nor metal.
//!
//! m(L) > Σ mᵢ·(1 + limit): serious. m·g(L) > Σ mᵢgᵢ·(1 + limit): serious.
//! m·g(L) / Σ mᵢgᵢ below the least recovery: information. The metal cannot be
//! tested where an analyte differs or a concentration is missing.

use rmd_proto::v1::Analyte;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{Contribution, LotView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R03-MASS",
        en: "the processed lot weighs {mass}, more than the {inputs} that went in",
        fr: "le lot traité pèse {mass}, plus que les {inputs} qui y sont entrés",
    },
    Sentence {
        id: "R03-METAL",
        en: "the processed lot contains {metal} of metal, more than the {inputs} that went in",
        fr: "le lot traité contient {metal} de métal, plus que les {inputs} qui y sont entrés",
    },
    Sentence {
        id: "R03-RECOVERY",
        en: "of {inputs} of metal that went in, the processed lot contains {metal}: {share}",
        fr: "sur {inputs} de métal entrés, le lot traité contient {metal} : {share}",
    },
];

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    if !nature::is_processing(&view.lot.record) {
        return Outcome::passed();
    }
    let contributions = match view.contributions() {
        Ok(contributions) => contributions,
        Err(missing) => return Outcome { missing, ..Outcome::default() },
    };
    of_mass(view, &contributions, context).and(of_metal(view, &contributions, context))
}

fn finder(view: &LotView) -> Finder {
    let parents = view.parents().map(|parent| parent.named.clone());
    Finder::about_lot(Rule::ProcessingBalance, view, parents)
}

fn limit(view: &LotView, context: &Context, parameter: Parameter) -> i64 {
    context.limit(parameter, view.lot.country(), &nature::hs6(&view.lot.record))
}

fn of_mass(view: &LotView, contributions: &[Contribution], context: &Context) -> Outcome {
    let inputs: i128 = contributions.iter().map(|one| one.mass_mg).sum();
    let mass = i128::from(view.lot.record.mass_mg);
    if !amount::exceeds(mass, inputs, limit(view, context, Parameter::ProcessingMass)) {
        return Outcome::passed();
    }
    let measures = vec![Measure::mass("mass", mass), Measure::mass("inputs", inputs)];
    finder(view).raise(Severity::Serious, &SENTENCES[0], measures)
}

fn of_metal(view: &LotView, contributions: &[Contribution], context: &Context) -> Outcome {
    let (metal, inputs) = match metals(view, contributions) {
        Ok(metals) => metals,
        Err(missing) => return Outcome::lacking(missing),
    };
    let least = i128::from(limit(view, context, Parameter::RecoveryLeast));
    let (severity, sentence) =
        if amount::exceeds(metal, inputs, limit(view, context, Parameter::ProcessingMetal)) {
            (Severity::Serious, &SENTENCES[1])
        } else if metal * i128::from(amount::MILLION) < inputs * least {
            (Severity::Information, &SENTENCES[2])
        } else {
            return Outcome::passed();
        };
    let written = |name, metal: i128| Measure::mass(name, metal / i128::from(amount::MILLION));
    let share = amount::share_ppm(metal, inputs).unwrap_or_default();
    let measures =
        vec![written("metal", metal), written("inputs", inputs), Measure::share("share", share)];
    finder(view).raise(severity, sentence, measures)
}

/// Contained metal of the lot and of what went in, in milligrams times a million.
fn metals(view: &LotView, contributions: &[Contribution]) -> Result<(i128, i128), Missing> {
    let lot = &view.lot;
    let analyte = nature::analyte(&lot.record);
    for parent in view.parents() {
        if analyte == Analyte::Unspecified || nature::analyte(&parent.record) != analyte {
            return Err(Missing::new("Lot.analyte", parent.key(), Lack::Ambiguous));
        }
    }
    let concentration = lot.record.concentration_ppm;
    let absent = || Missing::new("Lot.concentration_ppm", lot.key(), Lack::Absent);
    let metal = i128::from(lot.record.mass_mg) * i128::from(concentration.ok_or_else(absent)?);
    let mut inputs = 0;
    for one in contributions {
        let what = "Lot.input_lot.contributed_concentration_ppm";
        let absent = || Missing::new(what, lot.key(), Lack::Absent);
        inputs += one.mass_mg * i128::from(one.concentration_ppm.ok_or_else(absent)?);
    }
    Ok((metal, inputs))
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{Lot, OriginatingOperation::Processing};

    use super::*;
    use crate::testing::{KG, context, lot, told, view};

    fn ore(concentration_ppm: Option<u32>) -> Lot {
        Lot { concentration_ppm, ..lot("A", 1_000 * KG, &[]) }
    }

    fn processed(mass_kg: i64, concentration_ppm: Option<u32>) -> LotView {
        view(Lot { concentration_ppm, ..lot("P", mass_kg * KG, &[Processing]) })
            .with_input(ore(Some(300_000)), Some(1_000 * KG))
    }

    fn weights(view: &LotView) -> (Vec<Severity>, usize) {
        told(&judge(view, &context()))
    }

    #[test]
    fn mass_and_metal_may_grow_by_their_limits_and_no_further() {
        assert_eq!(weights(&processed(1_010, Some(290_000))), (vec![], 0));
        assert_eq!(weights(&processed(1_011, Some(290_000))), (vec![Severity::Serious], 0));
        assert_eq!(weights(&processed(450, Some(700_000))), (vec![], 0));
        assert_eq!(weights(&processed(451, Some(700_000))), (vec![Severity::Serious], 0));
    }

    #[test]
    fn half_of_the_metal_is_the_least_that_comes_out() {
        assert_eq!(weights(&processed(200, Some(750_000))), (vec![], 0));
        assert_eq!(weights(&processed(199, Some(750_000))), (vec![Severity::Information], 0));
    }

    #[test]
    fn without_a_concentration_or_of_another_analyte_the_metal_stays_open() {
        assert_eq!(weights(&processed(500, None)), (vec![], 1));
        assert_eq!(weights(&processed(2_000, None)), (vec![Severity::Serious], 1));
        let other = Lot { mineral: "2615.90.00".to_owned(), ..ore(Some(300_000)) };
        let view = processed(900, Some(300_000)).with_input(other, Some(KG));
        assert_eq!(weights(&view), (vec![], 1));
    }

    #[test]
    fn the_concentration_stated_with_the_input_counts_before_the_lots_own() {
        let mut view = processed(450, Some(700_000));
        view.inputs[0].stated.contributed_concentration_ppm = Some(100_000);
        assert_eq!(weights(&view), (vec![Severity::Serious], 0));
    }
}
