//! R17: what a third country says it imported is what the state exported to it.
//!
//! Per state, partner, mineral and year: asym = (M_partner − X_own) / mean; |asym|
//! beyond the limit and the gap beyond the floor: a warning; in two consecutive years
//! the second is serious. A partner's row without own exports is tested; own exports
//! without a row are not.

use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Measure, Outcome, Parameter, Rule, Sentence, Severity, Subject, SubjectKind,
    amount::MILLION, view::MirrorView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R17",
        en: "{partner} reports imports of {reported} from {country} in {year}; exports there are {exported}",
        fr: "{partner} déclare des importations de {reported} de {country} en {year} ; les exportations vers ce pays sont de {exported}",
    },
    Sentence {
        id: "R17-NIOBIUM",
        en: "{partner} reports imports of {reported} from {country} in {year}; exports there are {exported}. The code includes niobium and vanadium ores",
        fr: "{partner} déclare des importations de {reported} de {country} en {year} ; les exportations vers ce pays sont de {exported}. Le code comprend les minerais de niobium et de vanadium",
    },
];

pub(super) fn judge(view: &MirrorView, context: &Context) -> Outcome {
    let Some(reported) = view.reported_mg else { return Outcome::passed() };
    let lacking = context.coverage.lacks(&view.country, Entity::ExportDeclaration);
    if let Some(missing) = lacking {
        return Outcome::lacking(missing);
    }
    if !is_beyond(view, reported, view.exported_mg, context) {
        return Outcome::passed();
    }
    let again = view.before.is_some_and(|(reported, own)| is_beyond(view, reported, own, context));
    let severity = if again { Severity::Serious } else { Severity::Warning };
    let sentence = &SENTENCES[usize::from(view.mineral == "261590")];
    let finder = Finder {
        rule: Rule::MirrorStatistics,
        subject: Subject::new(SubjectKind::Mirror, view.key()),
        country: view.country.clone(),
        evidence: view.evidence.clone(),
    };
    let measures = vec![
        Measure::text("partner", &view.partner),
        Measure::mass("reported", reported),
        Measure::text("country", &view.country),
        Measure::text("year", view.year.to_string()),
        Measure::mass("exported", view.exported_mg),
    ];
    finder.raise(severity, sentence, measures)
}

fn is_beyond(view: &MirrorView, reported: i128, own: i128, context: &Context) -> bool {
    let limit = |parameter| i128::from(context.limit(parameter, &view.country, &view.mineral));
    let gap = (reported - own).abs();
    // |M − X| / ((M + X) / 2) > limit, without dividing.
    2 * gap * i128::from(MILLION) > (reported + own) * limit(Parameter::MirrorAsymmetry)
        && gap > limit(Parameter::MirrorFloor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, context, told};

    fn year(reported_t: i64, exported_t: i64, before_t: Option<(i64, i64)>) -> MirrorView {
        let mass = |tons: i64| i128::from(tons) * 1_000 * i128::from(KG);
        MirrorView {
            country: "RW".to_owned(),
            partner: "TH".to_owned(),
            mineral: "260900".to_owned(),
            year: 2025,
            reported_mg: Some(mass(reported_t)),
            exported_mg: mass(exported_t),
            before: before_t.map(|(reported, own)| (mass(reported), mass(own))),
            evidence: Vec::new(),
        }
    }

    fn weights(view: &MirrorView) -> (Vec<Severity>, usize) {
        told(&judge(view, &context()))
    }

    #[test]
    fn share_and_gap_must_both_be_beyond() {
        assert_eq!(weights(&year(900, 700, None)), (vec![], 0));
        assert_eq!(weights(&year(901, 700, None)), (vec![Severity::Warning], 0));
        assert_eq!(weights(&year(5, 0, None)), (vec![], 0));
        assert_eq!(weights(&year(6, 0, None)), (vec![Severity::Warning], 0));
    }

    #[test]
    fn the_second_year_is_serious() {
        assert_eq!(weights(&year(901, 700, Some((6, 0)))), (vec![Severity::Serious], 0));
        assert_eq!(weights(&year(901, 700, Some((5, 0)))), (vec![Severity::Warning], 0));
        assert_eq!(weights(&year(900, 700, Some((6, 0)))), (vec![], 0));
    }

    #[test]
    fn own_exports_without_a_row_are_not_tested() {
        let view = MirrorView { reported_mg: None, ..year(0, 900, None) };
        assert!(judge(&view, &context()).is_passed());
    }
}
