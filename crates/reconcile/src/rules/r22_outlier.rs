//! R22: value and concentration are such as occur.
//!
//! Value of a certificate per kilogram of contained metal against the median of the
//! other certificates of the mineral, of the days up to its issuance: |ln ratio|
//! beyond ln of the limits: a warning, then serious; too few others are not testable.
//! Concentration of a lot or certificate above that of the pure mineral: serious;
//! outside the usual band: a warning.

use rmd_proto::v1::Analyte;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{CertificateView, LotView, Priced, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R22-VALUE",
        en: "the value for a kilogram of metal is {share} of the median of {peers} other certificates",
        fr: "la valeur du kilogramme de métal est de {share} de la médiane de {peers} autres certificats",
    },
    Sentence {
        id: "R22-CEILING",
        en: "a concentration of {share}; the pure mineral has {limit}",
        fr: "une concentration de {share} ; le minéral pur a {limit}",
    },
    Sentence {
        id: "R22-BAND",
        en: "a concentration of {share}; usual are {least} to {most}",
        fr: "une concentration de {share} ; d'usage de {least} à {most}",
    },
];

pub(super) fn judge_lot(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    let finder = Finder::about_lot(Rule::Outlier, view, []);
    let hs6 = nature::hs6(&lot.record);
    let concentration = lot.record.concentration_ppm;
    of_concentration(&finder, concentration, lot.record.analyte(), &hs6, context)
}

pub(super) fn judge_certificate(view: &CertificateView, context: &Context) -> Outcome {
    let record = &view.certificate.record;
    let finder = Finder::about_certificate(Rule::Outlier, view, []);
    let stated = record.concentration_ppm;
    of_concentration(&finder, stated, record.analyte(), &view.hs6(), context)
        .and(of_value(view, context))
}

fn of_concentration(
    finder: &Finder,
    concentration_ppm: Option<u32>,
    stated: Analyte,
    hs6: &str,
    context: &Context,
) -> Outcome {
    let Some(concentration) = concentration_ppm.map(i64::from) else {
        return Outcome::passed();
    };
    if stated != Analyte::Unspecified && stated != nature::usual_analyte(hs6) {
        let what = Missing::new("analyte", &*finder.subject.key, Lack::Ambiguous);
        return Outcome::lacking(what);
    }
    let limit = |parameter| context.limit(parameter, &finder.country, hs6);
    let ceiling = limit(Parameter::GradeCeiling);
    let (least, most) = (limit(Parameter::GradeLeast), limit(Parameter::GradeMost));
    let share = Measure::share("share", concentration);
    if concentration > ceiling {
        let measures = vec![share, Measure::share("limit", ceiling)];
        return finder.raise(Severity::Serious, &SENTENCES[1], measures);
    }
    if (least..=most).contains(&concentration) {
        return Outcome::passed();
    }
    let measures = vec![share, Measure::share("least", least), Measure::share("most", most)];
    finder.raise(Severity::Warning, &SENTENCES[2], measures)
}

fn of_value(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    let lacking = |what| Outcome::lacking(Missing::new(what, certificate.key(), Lack::Absent));
    let Some(own) = Priced::of(&certificate.record) else {
        return lacking("ExportCertificate.customs_value_minor");
    };
    let limit = |parameter| context.limit(parameter, certificate.country(), &view.hs6());
    let alike = view.peers.iter().filter(|peer| peer.currency == own.currency);
    let mut others: Vec<i128> = alike.map(|peer| peer.per_kilogram).collect();
    let peers = i64::try_from(others.len()).unwrap_or(i64::MAX);
    let median = amount::twice_median(&mut others).filter(|median| *median > 0);
    let Some(median) = median.filter(|_| peers >= limit(Parameter::ValuePeers)) else {
        return lacking("ExportCertificate.customs_value_minor of others");
    };
    let doubled = 2 * own.per_kilogram;
    let million = i128::from(amount::MILLION);
    let beyond = |parameter| {
        let limit = i128::from(limit(parameter));
        doubled * million > median * limit || doubled * limit < median * million
    };
    let severity = if beyond(Parameter::ValueSerious) {
        Severity::Serious
    } else if beyond(Parameter::ValueWarning) {
        Severity::Warning
    } else {
        return Outcome::passed();
    };
    let share = amount::share_ppm(doubled, median).unwrap_or(i64::MAX);
    let measures =
        vec![Measure::share("share", share), Measure::number("peers", crate::Unit::Count, peers)];
    Finder::about_certificate(Rule::Outlier, view, []).raise(severity, &SENTENCES[0], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{ExportCertificate, Lot};

    use super::*;
    use crate::testing::{KG, certificate, context, lot, told, view};

    #[test]
    fn concentrations_keep_to_the_band_and_below_the_pure_mineral() {
        for (ppm, weights) in [
            (200_000, vec![]),
            (199_999, vec![Severity::Warning]),
            (750_000, vec![]),
            (788_000, vec![Severity::Warning]),
            (788_001, vec![Severity::Serious]),
        ] {
            let view = view(Lot { concentration_ppm: Some(ppm), ..lot("A", KG, &[]) });
            assert_eq!(told(&judge_lot(&view, &context())), (weights, 0), "{ppm}");
        }
    }

    #[test]
    fn another_analyte_has_no_limits() {
        let one = Lot { concentration_ppm: Some(990_000), ..lot("A", KG, &[]) };
        let view = view(Lot { analyte: Analyte::Sno2.into(), ..one });
        assert_eq!(told(&judge_lot(&view, &context())), (vec![], 1));
    }

    fn priced(value: i64, others: &[i64]) -> (Vec<Severity>, usize) {
        let paper = |value| ExportCertificate {
            lot_weight_mg: 1_000 * KG,
            concentration_ppm: Some(500_000),
            customs_value_minor: Some(value),
            customs_value_currency: "USD".to_owned(),
            ..certificate()
        };
        let mut view = crate::testing::certificate_view(paper(value));
        let other = |value: &i64| {
            let other = crate::testing::certificate_view(paper(*value));
            Priced::of(&other.certificate.record).expect("it has a value")
        };
        view.peers = others.iter().map(other).collect();
        told(&judge_certificate(&view, &context()))
    }

    #[test]
    fn a_value_is_measured_by_the_median_of_others() {
        let others = [900, 1_000, 1_000_000];
        assert_eq!(priced(1_500, &others), (vec![], 0));
        assert_eq!(priced(1_501, &others), (vec![Severity::Warning], 0));
        assert_eq!(priced(2_501, &others), (vec![Severity::Serious], 0));
        assert_eq!(priced(667, &others), (vec![], 0));
        assert_eq!(priced(666, &others), (vec![Severity::Warning], 0));
        assert_eq!(priced(399, &others), (vec![Severity::Serious], 0));
        assert_eq!(priced(9_999, &others[..2]), (vec![], 1));
    }
}
