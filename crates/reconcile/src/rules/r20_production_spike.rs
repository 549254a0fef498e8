//! R20: a site's production does not jump.
//!
//! Over the declarations of the twelve calendar months before (at least six; the
//! month itself left out): z = 0.6745·(P − median)/MAD beyond the limit, and P beyond
//! the limit times the median; a MAD of 0 is 5 % of the median. A warning; serious
//! if a site near by turned Red or inactive in the three months before, or the
//! border is near.

use rmd_standard::mineral;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    amount::{MILLION, twice_median},
    view::SiteMonthView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R20",
        en: "{mass} declared for {month}; the median of {months} months before is {median}",
        fr: "{mass} déclarés pour {month} ; la médiane de {months} mois précédents est de {median}",
    },
    Sentence {
        id: "R20-NEAR",
        en: "{mass} declared for {month}; the median of {months} months before is {median}, and a closed site or the border is near",
        fr: "{mass} déclarés pour {month} ; la médiane de {months} mois précédents est de {median}, et un site fermé ou la frontière est proche",
    },
];

/// 0.6745, what a MAD is of the standard deviation of a normal distribution, as a fraction.
const SCORE: (i128, i128) = (6_745, 10_000);

pub(super) fn judge(view: &SiteMonthView, context: &Context) -> Outcome {
    let production = &view.production;
    let Some(mass) = production.record.mass_mg.map(i128::from) else {
        let what = "ProductionDeclaration.mass_mg";
        return Outcome::lacking(Missing::new(what, production.key(), Lack::Absent));
    };
    let hs6 = mineral::hs6(&production.record.mineral).unwrap_or_default();
    let limit = |parameter| i128::from(context.limit(parameter, production.country(), &hs6));
    let mut before: Vec<i128> =
        view.before.iter().filter_map(|one| one.record.mass_mg).map(i128::from).collect();
    let months = before.len();
    let too_few = i128::try_from(months).unwrap_or(i128::MAX) < limit(Parameter::SpikeMonths);
    let median = twice_median(&mut before).filter(|_| !too_few);
    let Some(median) = median else {
        let what = "ProductionDeclaration";
        return Outcome::lacking(Missing::new(what, production.key(), Lack::Absent));
    };
    if !is_spike(mass, median, &before, &limit) {
        return Outcome::passed();
    }
    let near = i128::from(view.border_m.unwrap_or(i64::MAX)) < limit(Parameter::SpikeBorder);
    let (severity, sentence) = if near || !view.fallen.is_empty() {
        (Severity::Serious, &SENTENCES[1])
    } else {
        (Severity::Warning, &SENTENCES[0])
    };
    let others = view.before.iter().map(|one| one.named.clone()).chain(view.fallen.clone());
    let finder = Finder::about_month(Rule::ProductionSpike, view, others);
    let measures = vec![
        Measure::mass("mass", mass),
        Measure::text("month", &production.record.period),
        Measure::number("months", crate::Unit::Count, i64::try_from(months).unwrap_or(i64::MAX)),
        Measure::mass("median", median / 2),
    ];
    finder.raise(severity, sentence, measures)
}

/// `median` is twice the median, and so is everything that is compared with it.
fn is_spike(mass: i128, median: i128, before: &[i128], limit: &impl Fn(Parameter) -> i128) -> bool {
    let million = i128::from(MILLION);
    let mut distances: Vec<i128> = before.iter().map(|one| (2 * one - median).abs()).collect();
    // Twice the median of doubled distances: four times the MAD.
    let spread = match twice_median(&mut distances).unwrap_or(0) {
        0 => 2 * median * limit(Parameter::SpikeSpread) / million,
        spread => spread,
    };
    let above = 4 * mass - 2 * median;
    above * SCORE.0 * million > spread * SCORE.1 * limit(Parameter::SpikeScore)
        && 2 * mass * million > median * limit(Parameter::SpikeMedian)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, context, month, months, told};

    fn judged(mass_kg: i64, before_kg: &[i64]) -> Outcome {
        let mut view = month("2026-09", Some(mass_kg * KG), None);
        view.before = months(before_kg);
        judge(&view, &context())
    }

    #[test]
    fn a_jump_beyond_score_and_median_warns() {
        // Median 100, MAD 10: z = 3.5 at 151.89 kg; 1.5 times the median is 150 kg.
        let before = [80, 90, 100, 100, 110, 120];
        assert_eq!(told(&judged(151, &before)), (vec![], 0));
        assert_eq!(told(&judged(152, &before)), (vec![Severity::Warning], 0));
    }

    #[test]
    fn where_all_months_are_alike_the_spread_is_five_percent() {
        // z = 3.5 at 125.9 kg, so the median decides.
        let before = [100; 6];
        assert_eq!(told(&judged(150, &before)), (vec![], 0));
        assert_eq!(told(&judged(151, &before)), (vec![Severity::Warning], 0));
    }

    #[test]
    fn five_months_are_too_few() {
        assert_eq!(told(&judged(900, &[100; 5])), (vec![], 1));
    }

    #[test]
    fn near_the_border_it_is_serious() {
        let mut view = month("2026-09", Some(900 * KG), None);
        view.before = months(&[100; 6]);
        view.border_m = Some(19_999);
        assert_eq!(told(&judge(&view, &context())), (vec![Severity::Serious], 0));
        view.border_m = Some(20_000);
        assert_eq!(told(&judge(&view, &context())), (vec![Severity::Warning], 0));
    }
}
