//! R11: the days of a certificate are in order, and nothing that it must say is missing.
//!
//! expires − issued beyond the limit, a customs exit after it expires or before it
//! was issued, or verified after it was issued: serious. A mandatory field that is
//! missing and not kept back: a warning. The planned shipment is no exit.

use jiff::civil::Date;
use rmd_proto::v1::Procedure;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    view::{CertificateView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R11-LONG",
        en: "issued on {issued}, the certificate expires on {expires}, after {days} days",
        fr: "émis le {issued}, le certificat expire le {expires}, après {days} jours",
    },
    Sentence {
        id: "R11-VERIFIED",
        en: "the certificate was issued on {issued} and verified only on {verified}",
        fr: "le certificat a été émis le {issued} et vérifié seulement le {verified}",
    },
    Sentence {
        id: "R11-EXPIRED",
        en: "the goods left on {exit}; the certificate had expired on {expires}",
        fr: "les marchandises sont sorties le {exit} ; le certificat avait expiré le {expires}",
    },
    Sentence {
        id: "R11-EARLY",
        en: "the goods left on {exit}; the certificate was issued only on {issued}",
        fr: "les marchandises sont sorties le {exit} ; le certificat n'a été émis que le {issued}",
    },
    Sentence {
        id: "R11-MISSING",
        en: "the certificate does not say what it must: {fields}",
        fr: "le certificat ne dit pas ce qu'il doit dire : {fields}",
    },
];

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    of_days(view, context).and(of_exits(view)).and(of_fields(view))
}

/// A day of the certificate, or that it is missing.
fn day(view: &CertificateView, what: &str, text: &str) -> Result<Date, Missing> {
    let key = view.certificate.key();
    nature::day(text).ok_or_else(|| Missing::new(what, key, Lack::Absent))
}

fn of_days(view: &CertificateView, context: &Context) -> Outcome {
    let record = &view.certificate.record;
    let finder = Finder::about_certificate(Rule::CertificateValidity, view, []);
    let issued = match day(view, "ExportCertificate.date_of_issuance", &record.date_of_issuance) {
        Ok(issued) => issued,
        Err(missing) => return Outcome::lacking(missing),
    };
    let named = |name, day: Date| Measure::text(name, day.to_string());
    let long = match day(view, "ExportCertificate.date_of_expiration", &record.date_of_expiration) {
        Err(missing) => Outcome::lacking(missing),
        Ok(expires) => {
            let days = i64::from((expires - issued).get_days());
            let limit =
                context.limit(Parameter::CertificateDays, view.certificate.country(), &view.hs6());
            let measures = || {
                let days = Measure::number("days", crate::Unit::Days, days);
                vec![named("issued", issued), named("expires", expires), days]
            };
            if days > limit {
                finder.raise(Severity::Serious, &SENTENCES[0], measures())
            } else {
                Outcome::passed()
            }
        }
    };
    let verified =
        day(view, "ExportCertificate.date_of_verification", &record.date_of_verification);
    let verified = match verified {
        Ok(verified) if verified > issued => {
            let measures = vec![named("issued", issued), named("verified", verified)];
            finder.raise(Severity::Serious, &SENTENCES[1], measures)
        }
        Ok(_) => Outcome::passed(),
        Err(missing) => Outcome::lacking(missing),
    };
    long.and(verified)
}

fn of_exits(view: &CertificateView) -> Outcome {
    let record = &view.certificate.record;
    let (issued, expires) =
        (nature::day(&record.date_of_issuance), nature::day(&record.date_of_expiration));
    let mut outcome = Outcome::passed();
    // What passes through a state left its own before.
    let own = view.exports.iter().filter(|one| one.record.procedure() != Procedure::Transit);
    for export in own {
        let Some(exit) = nature::day(&export.record.exit_date) else {
            let what = Missing::new("ExportDeclaration.exit_date", export.key(), Lack::Absent);
            outcome = outcome.and(Outcome::lacking(what));
            continue;
        };
        let finder =
            Finder::about_certificate(Rule::CertificateValidity, view, [export.named.clone()]);
        let raised = |sentence, name, day: Date| {
            let measures =
                vec![Measure::text("exit", exit.to_string()), Measure::text(name, day.to_string())];
            finder.raise(Severity::Serious, sentence, measures)
        };
        if let Some(expires) = expires.filter(|expires| exit > *expires) {
            outcome = outcome.and(raised(&SENTENCES[2], "expires", expires));
        }
        if let Some(issued) = issued.filter(|issued| exit < *issued) {
            outcome = outcome.and(raised(&SENTENCES[3], "issued", issued));
        }
    }
    outcome
}

fn of_fields(view: &CertificateView) -> Outcome {
    if view.incomplete.is_empty() {
        return Outcome::passed();
    }
    let mut fields = view.incomplete.clone();
    fields.sort_unstable();
    fields.dedup();
    let finder = Finder::about_certificate(Rule::CertificateValidity, view, []);
    let measures = vec![Measure::text("fields", fields.join(", "))];
    finder.raise(Severity::Warning, &SENTENCES[4], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::ExportCertificate;

    use super::*;
    use crate::testing::{KG, certificate, certificate_view, context, export, told};

    fn told_of(certificate: ExportCertificate, exits: &[&str]) -> (Vec<Severity>, usize) {
        let mut view = certificate_view(certificate);
        let line = |(at, exit): (usize, &&str)| export(&format!("E{at}"), exit, KG, "C-1");
        view.exports = exits.iter().enumerate().map(line).collect();
        told(&judge(&view, &context()))
    }

    #[test]
    fn ninety_days_are_in_order() {
        let expiring =
            |day: &str| ExportCertificate { date_of_expiration: day.to_owned(), ..certificate() };
        assert_eq!(told_of(expiring("2026-10-01"), &[]), (vec![], 0));
        assert_eq!(told_of(expiring("2026-10-02"), &[]), (vec![Severity::Serious], 0));
    }

    #[test]
    fn goods_leave_between_issuance_and_expiry() {
        assert_eq!(told_of(certificate(), &["2026-07-03", "2026-10-01"]), (vec![], 0));
        assert_eq!(told_of(certificate(), &["2026-07-02"]), (vec![Severity::Serious], 0));
        assert_eq!(told_of(certificate(), &["2026-10-02"]), (vec![Severity::Serious], 0));
    }

    #[test]
    fn verification_comes_before_issuance() {
        let verified =
            |day: &str| ExportCertificate { date_of_verification: day.to_owned(), ..certificate() };
        assert_eq!(told_of(verified("2026-07-03"), &[]), (vec![], 0));
        assert_eq!(told_of(verified("2026-07-04"), &[]), (vec![Severity::Serious], 0));
        assert_eq!(told_of(verified(""), &[]), (vec![], 1));
    }

    #[test]
    fn a_mandatory_field_that_is_missing_warns() {
        let mut view = certificate_view(certificate());
        view.incomplete = vec!["certificate_file".to_owned(), "lot_grade".to_owned()];
        let outcome = judge(&view, &context());
        assert_eq!(told(&outcome), (vec![Severity::Warning], 0));
    }
}
