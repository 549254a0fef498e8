//! R13: a certificate says what its lots are.
//!
//! |m(cert) − Σ m(lots)| / m(cert) beyond the limits: a warning, then serious. A lot
//! of another mineral, or an exporter who is not the creator, that is the custodian,
//! of the exported lot: serious. Masses cannot be compared while a lot that the
//! certificate names is not there.

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::{CertificateLot, CertificateView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R13-MASS",
        en: "the certificate covers {mass}, its lots weigh {lots}",
        fr: "le certificat couvre {mass}, ses lots pèsent {lots}",
    },
    Sentence {
        id: "R13-MINERAL",
        en: "the certificate is for {stated}, the lot {lot} is of {other}",
        fr: "le certificat est pour {stated}, le lot {lot} est de {other}",
    },
    Sentence {
        id: "R13-EXPORTER",
        en: "the exporter is {exporter}, the custodian of the lot {lot} is {custodian}",
        fr: "l'exportateur est {exporter}, le détenteur du lot {lot} est {custodian}",
    },
];

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let each = view.lots.iter().fold(Outcome::passed(), |outcome, one| {
        outcome.and(of_mineral(view, one)).and(of_exporter(view, one))
    });
    each.and(of_mass(view, context))
}

fn of_mass(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    if !view.unresolved.is_empty() {
        return Outcome { missing: view.unresolved.clone(), ..Outcome::default() };
    }
    if view.lots.is_empty() {
        let what = "ExportCertificate.lot_number";
        return Outcome::lacking(Missing::new(what, certificate.key(), Lack::Absent));
    }
    let (mass, lots) = (i128::from(certificate.record.lot_weight_mg), view.mass_of_lots());
    let hs6 = view.hs6();
    let beyond = |parameter| {
        let limit = context.limit(parameter, certificate.country(), &hs6);
        amount::deviates(mass, lots, mass, limit)
    };
    let severity = if beyond(Parameter::CertificateLotsSerious) {
        Severity::Serious
    } else if beyond(Parameter::CertificateLotsWarning) {
        Severity::Warning
    } else {
        return Outcome::passed();
    };
    let finder = Finder::about_certificate(Rule::CertificateAgainstLots, view, view.named_lots());
    let measures = vec![Measure::mass("mass", mass), Measure::mass("lots", lots)];
    finder.raise(severity, &SENTENCES[0], measures)
}

fn of_mineral(view: &CertificateView, one: &CertificateLot) -> Outcome {
    let (stated, other) = (view.hs6(), nature::hs6(&one.lot.record));
    if stated.is_empty() || other.is_empty() || stated == other {
        return Outcome::passed();
    }
    let named = [one.lot.named.clone()];
    let finder = Finder::about_certificate(Rule::CertificateAgainstLots, view, named);
    let measures = vec![
        Measure::text("stated", stated),
        Measure::text("lot", one.lot.key()),
        Measure::text("other", other),
    ];
    finder.raise(Severity::Serious, &SENTENCES[1], measures)
}

fn of_exporter(view: &CertificateView, one: &CertificateLot) -> Outcome {
    let certificate = &view.certificate;
    let exporter = certificate.record.exporter.as_ref().map_or("", |party| &party.identifier);
    if exporter.is_empty() {
        let what = "ExportCertificate.exporter.identifier";
        return Outcome::lacking(Missing::new(what, certificate.key(), Lack::Absent));
    }
    let custodian = nature::creator(&one.lot.record);
    if custodian == exporter {
        return Outcome::passed();
    }
    let named = [one.lot.named.clone()];
    let finder = Finder::about_certificate(Rule::CertificateAgainstLots, view, named);
    let measures = vec![
        Measure::text("exporter", exporter),
        Measure::text("lot", one.lot.key()),
        Measure::text("custodian", custodian),
    ];
    finder.raise(Severity::Serious, &SENTENCES[2], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::Lot;

    use super::*;
    use crate::testing::{KG, certificate, certificate_view, context, lot, told, traced};

    fn weights(lot: Lot) -> (Vec<Severity>, usize) {
        told(&judge(&certificate_view(certificate()).with_lot(lot, traced("RW")), &context()))
    }

    #[test]
    fn masses_agree_within_two_percent_and_beyond_five_it_is_serious() {
        for (mass, found) in [
            (980 * KG, vec![]),
            (980 * KG - 1, vec![Severity::Warning]),
            (1_050 * KG, vec![Severity::Warning]),
            (1_050 * KG + 1, vec![Severity::Serious]),
        ] {
            assert_eq!(weights(lot("A", mass, &[])), (found, 0), "{mass}");
        }
    }

    #[test]
    fn another_mineral_and_another_custodian_are_serious() {
        let other = Lot { mineral: "261100".to_owned(), ..lot("A", 1_000 * KG, &[]) };
        assert_eq!(weights(other), (vec![Severity::Serious], 0));
        let mut other = lot("A", 1_000 * KG, &[]);
        other.creator.get_or_insert_default().identifier = "T-2".to_owned();
        assert_eq!(weights(other), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_lot_that_is_not_there_leaves_the_masses_open() {
        let mut view = certificate_view(certificate()).with_lot(lot("A", KG, &[]), traced("RW"));
        view.unresolved = vec![Missing::new("Lot", "RW//B", Lack::Unresolved)];
        assert_eq!(told(&judge(&view, &context())), (vec![], 1));
    }
}
