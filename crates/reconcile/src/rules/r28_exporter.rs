//! R28: certificates go to exporters in good standing.
//!
//! A certificate issued to an exporter who on the issue date is Red or suspended, or
//! whose licence has expired: serious. No third-party audit within its months up to
//! the issue date: information. A status that began later says nothing of that day.

use jiff::{Span, civil::Date};
use rmd_proto::v1::{AuditType, CertificationStatus};
use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    view::{CertificateView, ExporterFact, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R28-RED",
        en: "on {day} the exporter {exporter} was Red, since {since}",
        fr: "le {day} l'exportateur {exporter} était rouge, depuis le {since}",
    },
    Sentence {
        id: "R28-SUSPENDED",
        en: "on {day} the exporter {exporter} was suspended, since {since}",
        fr: "le {day} l'exportateur {exporter} était suspendu, depuis le {since}",
    },
    Sentence {
        id: "R28-LICENCE",
        en: "on {day} the licence of the exporter {exporter} had expired, on {since}",
        fr: "le {day} la licence de l'exportateur {exporter} avait expiré, le {since}",
    },
    Sentence {
        id: "R28-AUDIT",
        en: "on {day} the exporter {exporter} had no third-party audit since {since}",
        fr: "le {day} l'exportateur {exporter} n'avait pas d'audit tiers depuis le {since}",
    },
];

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    if let Some(missing) = context.coverage.lacks(certificate.country(), Entity::ExporterStatus) {
        return Outcome::lacking(missing);
    }
    let lacking = |what, lack| Outcome::lacking(Missing::new(what, certificate.key(), lack));
    let Some(status) = &view.exporter else {
        return lacking("ExporterStatus", Lack::Unresolved);
    };
    let Some(issued) = nature::day(&certificate.record.date_of_issuance) else {
        return lacking("ExportCertificate.date_of_issuance", Lack::Absent);
    };
    let named = [status.named.clone()];
    let about =
        About { finder: Finder::about_certificate(Rule::Exporter, view, named), status, issued };
    let months = context.limit(Parameter::AuditMonths, certificate.country(), "").clamp(0, 1_200);
    about
        .of_status()
        .and(about.of_suspension())
        .and(about.of_licence())
        .and(about.of_audit(view, issued.saturating_sub(Span::new().months(months))))
}

struct About<'a> {
    finder: Finder,
    status: &'a ExporterFact,
    issued: Date,
}

impl About<'_> {
    fn raise(&self, severity: Severity, sentence: &'static Sentence, since: Date) -> Outcome {
        let exporter = self.status.record.exporter.as_ref();
        let exporter = exporter.map_or("", |party| &*party.identifier);
        let measures = vec![
            Measure::text("day", self.issued.to_string()),
            Measure::text("exporter", exporter),
            Measure::text("since", since.to_string()),
        ];
        self.finder.raise(severity, sentence, measures)
    }

    fn lacking(&self, what: &str) -> Outcome {
        Outcome::lacking(Missing::new(what, self.status.key(), Lack::Absent))
    }

    fn of_status(&self) -> Outcome {
        let record = &self.status.record;
        let since = nature::day(&record.certification_status_since);
        match (record.certification_status(), since) {
            (CertificationStatus::Unspecified, _) => {
                self.lacking("ExporterStatus.certification_status")
            }
            (_, Some(since)) if since > self.issued => {
                self.lacking("ExporterStatus.certification_status_before")
            }
            (CertificationStatus::Red, since) => {
                self.raise(Severity::Serious, &SENTENCES[0], since.unwrap_or(self.issued))
            }
            _ => Outcome::passed(),
        }
    }

    fn of_suspension(&self) -> Outcome {
        match nature::day(&self.status.record.suspended_since) {
            Some(since) if since <= self.issued => {
                self.raise(Severity::Serious, &SENTENCES[1], since)
            }
            _ => Outcome::passed(),
        }
    }

    fn of_licence(&self) -> Outcome {
        match nature::day(&self.status.record.license_expiring_date) {
            Some(expired) if expired < self.issued => {
                self.raise(Severity::Serious, &SENTENCES[2], expired)
            }
            Some(_) => Outcome::passed(),
            None => self.lacking("ExporterStatus.license_expiring_date"),
        }
    }

    fn of_audit(&self, view: &CertificateView, since: Date) -> Outcome {
        let audits = view.audits.iter().map(|audit| &audit.record);
        let third_party = audits.filter(|audit| audit.audit_type() == AuditType::ThirdParty);
        let days = third_party.filter_map(|audit| nature::day(&audit.audit_date));
        let mut days = days.chain(nature::day(&self.status.record.last_audit_date));
        if days.any(|day| (since..=self.issued).contains(&day)) {
            return Outcome::passed();
        }
        self.raise(Severity::Information, &SENTENCES[3], since)
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::ExporterStatus;

    use super::*;
    use crate::testing::{certificate, certificate_view, context, fact, told};

    fn standing() -> ExporterStatus {
        ExporterStatus {
            country: "RW".to_owned(),
            certification_status: CertificationStatus::Green.into(),
            certification_status_since: "2026-01-01".to_owned(),
            license_expiring_date: "2026-07-03".to_owned(),
            last_audit_date: "2023-07-03".to_owned(),
            ..ExporterStatus::default()
        }
    }

    /// Of a certificate issued on 3 July 2026.
    fn weights(status: ExporterStatus) -> (Vec<Severity>, usize) {
        let mut view = certificate_view(certificate());
        view.exporter = Some(fact(Entity::ExporterStatus, "RW", "RW/T-1", status).into());
        told(&judge(&view, &context()))
    }

    #[test]
    fn an_exporter_in_good_standing_passes_on_every_last_day() {
        assert_eq!(weights(standing()), (vec![], 0));
    }

    #[test]
    fn red_suspended_or_without_a_licence_is_serious_from_the_first_day() {
        let red = CertificationStatus::Red.into();
        let since = |day: &str| ExporterStatus {
            certification_status: red,
            certification_status_since: day.to_owned(),
            ..standing()
        };
        assert_eq!(weights(since("2026-07-03")), (vec![Severity::Serious], 0));
        assert_eq!(weights(since("2026-07-04")), (vec![], 1));
        let suspended =
            |day: &str| ExporterStatus { suspended_since: day.to_owned(), ..standing() };
        assert_eq!(weights(suspended("2026-07-03")), (vec![Severity::Serious], 0));
        assert_eq!(weights(suspended("2026-07-04")), (vec![], 0));
        let expired =
            ExporterStatus { license_expiring_date: "2026-07-02".to_owned(), ..standing() };
        assert_eq!(weights(expired), (vec![Severity::Serious], 0));
    }

    #[test]
    fn an_audit_is_good_for_thirty_six_months() {
        let audited = ExporterStatus { last_audit_date: "2023-07-02".to_owned(), ..standing() };
        assert_eq!(weights(audited), (vec![Severity::Information], 0));
    }

    #[test]
    fn an_exporter_that_nobody_lists_stays_open() {
        assert_eq!(told(&judge(&certificate_view(certificate()), &context())), (vec![], 1));
    }
}
