//! What a case is about: an entity of one state, and a cause.
//!
//! Both follow from a finding alone, so that every run comes to the same number. A state
//! other than the finding's is asked under its own record's name: the finding's subject
//! would be a name of somebody else.

use rmd_reconcile::{Rule, SubjectKind};
use rmd_standard::Entity;
use sha2::{Digest as _, Sha256};

use super::{NUMBER_DIGITS, finding::Known};

/// One case, by what makes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct About {
    pub(super) country: String,
    pub(super) subject_kind: &'static str,
    pub(super) subject_key: String,
    pub(super) cause: &'static str,
}

impl About {
    /// The case of a state that a finding belongs to; none if it has no record in it.
    pub(super) fn of(known: &Known, country: &str) -> Option<Self> {
        let is_shared = known.subject.kind == SubjectKind::Tag;
        let (subject_kind, subject_key) = if country == known.country || is_shared {
            of_subject(known.subject.kind, &known.subject.key)
        } else {
            let own = known.evidence.iter().filter(|one| one.is_of(country));
            let first = own.min_by_key(|one| (&one.entity, &one.key))?;
            of_record(&first.entity, &first.key)
        };
        let country = country.to_owned();
        Some(Self { country, subject_kind, subject_key, cause: of_rule(known.rule) })
    }

    /// The number of the case.
    pub(super) fn case_id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&*self.country, self.subject_kind, &*self.subject_key, self.cause] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex::encode(&hash.finalize()[..NUMBER_DIGITS / 2])
    }
}

/// Rules that ask the same question have one cause.
const fn of_rule(rule: Rule) -> &'static str {
    match rule {
        Rule::OverAllocation => "allocation",
        Rule::CombinationBalance | Rule::ProcessingBalance | Rule::TransitWeight => "mass",
        Rule::DuplicateTag | Rule::TagOutOfAllocation | Rule::TagChronology => "tag",
        Rule::SiteNotEligible | Rule::ImpossibleSite => "site",
        Rule::ContaminatedAncestry | Rule::UntraceableShare | Rule::OriginMismatch => "origin",
        Rule::CertificateValidity | Rule::CertificateReuse | Rule::CertificateAgainstLots => {
            "certificate"
        }
        Rule::ExportWithoutCertificate => "uncertified-export",
        Rule::Pairing => "pairing",
        Rule::MirrorStatistics => "mirror",
        Rule::CountryBalance => "balance",
        Rule::Capacity | Rule::ProductionSpike => "production",
        Rule::Outlier => "value",
        Rule::Route => "route",
        Rule::Location => "location",
        Rule::Graph => "graph",
        Rule::Reporting => "reporting",
        Rule::InspectionClock => "inspection",
        Rule::Exporter => "exporter",
    }
}

/// The first parts of a key; keys join their parts by `/`.
fn first(key: &str, parts: usize) -> String {
    key.split('/').take(parts).collect::<Vec<_>>().join("/")
}

fn of_subject(kind: SubjectKind, key: &str) -> (&'static str, String) {
    match kind {
        SubjectKind::Lot | SubjectKind::Exporter => ("party", first(key, 2)),
        SubjectKind::Tag => ("tag", key.to_owned()),
        SubjectKind::Certificate => ("certificate", key.to_owned()),
        SubjectKind::Export | SubjectKind::Import => ("declaration", first(key, 2)),
        SubjectKind::MineSite | SubjectKind::SiteMonth => ("site", first(key, 1)),
        SubjectKind::Balance => ("balance", key.to_owned()),
        // Country, partner, mineral, year: the years are one case.
        SubjectKind::Mirror => ("mirror", first(key, 3)),
        // Country, month, feed: the months are one case.
        SubjectKind::Period => match key.split('/').collect::<Vec<_>>()[..] {
            [country, _, feed] => ("reporting", format!("{country}/{feed}")),
            _ => ("reporting", key.to_owned()),
        },
        SubjectKind::Feed => ("reporting", key.to_owned()),
    }
}

fn of_record(entity: &str, key: &str) -> (&'static str, String) {
    match Entity::from_name(entity) {
        Some(Entity::MineSite | Entity::ProductionDeclaration) => ("site", first(key, 1)),
        Some(Entity::Lot | Entity::ExporterStatus | Entity::StockDeclaration) => {
            ("party", first(key, 2))
        }
        Some(Entity::ExportCertificate) => ("certificate", key.to_owned()),
        Some(Entity::ExportDeclaration | Entity::ImportDeclaration) => {
            ("declaration", first(key, 2))
        }
        Some(Entity::ReportingPeriod) => of_subject(SubjectKind::Period, key),
        Some(Entity::Audit | Entity::Incident) | None => ("record", format!("{entity}/{key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::{CD, RW, known, record};

    #[test]
    fn lots_of_one_party_are_one_case_and_another_party_is_another() {
        let of = |key: &str| About::of(&known("R01", SubjectKind::Lot, key), RW).unwrap();
        let (one, same, other) = (of("RW/T-1/A"), of("RW/T-1/B"), of("RW/T-2/A"));
        assert_eq!((one.subject_kind, one.subject_key.as_str()), ("party", "RW/T-1"));
        assert_eq!(one.case_id(), same.case_id());
        assert_ne!(one.case_id(), other.case_id());
        assert_eq!(one.case_id().len(), 32);
        let cause = About { cause: "mass", ..one.clone() };
        assert_ne!(one.case_id(), cause.case_id());
    }

    #[test]
    fn another_state_is_asked_under_its_own_record() {
        let mut finding = known("R16", SubjectKind::Export, "RW/E-1/1");
        finding.evidence = vec![
            record("ExportDeclaration", "RW/E-1/1", RW),
            record("ImportDeclaration", "CD/I-9/2", CD),
        ];
        let about = About::of(&finding, CD).unwrap();
        assert_eq!((about.subject_kind, about.subject_key.as_str()), ("declaration", "CD/I-9"));
        assert_eq!(About::of(&finding, "UG"), None);
        assert_eq!(About::of(&finding, RW).unwrap().subject_key, "RW/E-1");
    }

    #[test]
    fn months_and_years_of_one_report_are_one_case() {
        let key = |kind, key: &str| About::of(&known("R26", kind, key), RW).unwrap().subject_key;
        assert_eq!(key(SubjectKind::Period, "RW/2026-05/transactions"), "RW/transactions");
        assert_eq!(key(SubjectKind::Mirror, "RW/TH/260900/2025"), "RW/TH/260900");
    }
}
