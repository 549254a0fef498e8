//! R15: no designated mineral leaves without a certificate that holds.
//!
//! An export declaration of tin, tantalum, tungsten or gold, procedure normal,
//! without a certificate, with one that nobody issued, or with one that did not
//! hold on the exit day (not yet issued, expired, revoked, replaced or void):
//! serious. A certificate is unknown only where its state's certificates count.

use rmd_proto::v1::Procedure;
use rmd_standard::{Entity, mineral};

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Rule, Sentence, Severity, Subject, SubjectKind,
    view::{CertificateLink, ExportView, holds_on, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R15-NONE",
        en: "{mass} of {mineral} left without a certificate",
        fr: "{mass} de {mineral} sont sortis sans certificat",
    },
    Sentence {
        id: "R15-UNKNOWN",
        en: "{mass} of {mineral} left with the certificate {certificate}, which nobody issued",
        fr: "{mass} de {mineral} sont sortis avec le certificat {certificate}, que personne n'a émis",
    },
    Sentence {
        id: "R15-NOT-VALID",
        en: "{mass} of {mineral} left on {exit} with the certificate {certificate}, which did not hold on that day",
        fr: "{mass} de {mineral} sont sortis le {exit} avec le certificat {certificate}, qui ne valait pas ce jour-là",
    },
];

pub(super) fn judge(view: &ExportView, context: &Context) -> Outcome {
    let export = &view.export;
    let hs6 = mineral::hs6(&export.record.mineral).unwrap_or_default();
    if export.record.procedure() == Procedure::Transit || !nature::is_designated(&hs6) {
        return Outcome::passed();
    }
    let mut measures = vec![
        Measure::mass("mass", i128::from(export.record.net_mass_mg)),
        Measure::text("mineral", hs6),
    ];
    let mut finder = Finder {
        rule: Rule::ExportWithoutCertificate,
        subject: Subject::new(SubjectKind::Export, export.key()),
        country: export.country().to_owned(),
        evidence: vec![export.named.clone()],
    };
    match &view.certificate {
        CertificateLink::Unquoted => finder.raise(Severity::Serious, &SENTENCES[0], measures),
        CertificateLink::Unknown { country, identifier } => {
            if let Some(missing) = context.coverage.lacks(country, Entity::ExportCertificate) {
                return Outcome::lacking(missing);
            }
            measures.push(Measure::text("certificate", format!("{country} {identifier}")));
            finder.raise(Severity::Serious, &SENTENCES[1], measures)
        }
        CertificateLink::Known(certificate) => {
            let Some(exit) = nature::day(&export.record.exit_date) else {
                let what = "ExportDeclaration.exit_date";
                return Outcome::lacking(Missing::new(what, export.key(), Lack::Absent));
            };
            if holds_on(certificate, exit) {
                return Outcome::passed();
            }
            finder.evidence.push(certificate.named.clone());
            measures.push(Measure::text("exit", exit.to_string()));
            measures.push(Measure::text("certificate", certificate.key()));
            finder.raise(Severity::Serious, &SENTENCES[2], measures)
        }
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{CertificateState, ExportCertificate};

    use super::*;
    use crate::testing::{KG, certificate, context, export, fact, told};

    fn on(exit: &str, certificate: CertificateLink) -> (Vec<Severity>, usize) {
        let view = ExportView { export: export("E", exit, KG, "C-1"), certificate };
        told(&judge(&view, &context()))
    }

    fn known(certificate: ExportCertificate) -> CertificateLink {
        CertificateLink::Known(fact(Entity::ExportCertificate, "RW", "RW/C-1", certificate).into())
    }

    #[test]
    fn a_certificate_holds_from_issuance_to_expiry() {
        assert_eq!(on("2026-07-03", known(certificate())), (vec![], 0));
        assert_eq!(on("2026-10-01", known(certificate())), (vec![], 0));
        assert_eq!(on("2026-07-02", known(certificate())), (vec![Severity::Serious], 0));
        assert_eq!(on("2026-10-02", known(certificate())), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_revoked_certificate_held_until_the_day_on_which_it_was_revoked() {
        let revoked = |day: &str| {
            known(ExportCertificate {
                state: CertificateState::Revoked.into(),
                void_date: day.to_owned(),
                ..certificate()
            })
        };
        assert_eq!(on("2026-07-09", revoked("2026-07-10")), (vec![], 0));
        assert_eq!(on("2026-07-10", revoked("2026-07-10")), (vec![Severity::Serious], 0));
        assert_eq!(on("2026-07-09", revoked("")), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_used_certificate_held_for_its_export() {
        let used = ExportCertificate { state: CertificateState::Used.into(), ..certificate() };
        assert_eq!(on("2026-07-09", known(used)), (vec![], 0));
    }

    #[test]
    fn none_and_an_unknown_one_are_serious_where_certificates_count() {
        assert_eq!(on("2026-07-09", CertificateLink::Unquoted), (vec![Severity::Serious], 0));
        let unknown = |country: &str| CertificateLink::Unknown {
            country: country.to_owned(),
            identifier: "C-9".to_owned(),
        };
        assert_eq!(on("2026-07-09", unknown("RW")), (vec![Severity::Serious], 0));
        assert_eq!(on("2026-07-09", unknown("BE")), (vec![], 1));
    }

    #[test]
    fn transits_and_other_minerals_need_none() {
        let mut transit = (*export("E", "2026-07-09", KG, "")).clone();
        transit.record.procedure = Procedure::Transit.into();
        let certificate = CertificateLink::Unquoted;
        let view = ExportView { export: transit.into(), certificate: certificate.clone() };
        assert!(judge(&view, &context()).is_passed());
        let mut copper = (*export("E", "2026-07-09", KG, "")).clone();
        copper.record.mineral = "260300".to_owned();
        assert!(judge(&ExportView { export: copper.into(), certificate }, &context()).is_passed());
    }
}
