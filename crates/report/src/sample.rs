//! Made-up reports: to see the pages before there are data, and for tests.
//!
//! Nothing in them is true, and their notice says so. They are as full, as uneven and
//! as long-worded as real ones, and the same at every call.

mod followed;
mod method;
mod parts;

use crate::{Closing, Edition, FORMAT, Month, MonthlyReport, Notice};

/// Names of parties that stand in the full edition, and must not in the public one.
pub const PARTIES: [&str; 3] =
    ["Comptoir Planté SARL", "Planted Traders Ltd", "Société Minière du Jardin Potager"];

/// Twelve states, two years, every outcome.
pub fn realistic() -> MonthlyReport {
    let month = Month::of(jiff::civil::date(2026, 10, 1));
    MonthlyReport {
        format: FORMAT,
        network: "greatlakes".to_owned(),
        month,
        evaluated_on: jiff::civil::date(2026, 11, 22),
        edition: Edition::Full,
        notice: Some(notice()),
        closing: Some(Closing {
            closed_on: jiff::civil::date(2026, 11, 16),
            digest: "9f2c61e07d4ab835".repeat(4),
        }),
        reporting: Some(parts::reporting(month)),
        flows: Some(parts::flows(month, false)),
        matching: Some(parts::matching()),
        findings: Some(parts::findings()),
        cases: Some(followed::cases()),
        statuses: Some(parts::statuses()),
        method: method::method(true),
    }
}

/// The same for everybody, with some figures suppressed.
pub fn public() -> MonthlyReport {
    let mut report = realistic().into_public();
    let month = report.month;
    report.flows = Some(parts::flows(month, true));
    report
}

/// The first month of a network: states are known, and nobody reported yet.
pub fn nearly_empty() -> MonthlyReport {
    let month = Month::of(jiff::civil::date(2026, 10, 1));
    MonthlyReport {
        format: FORMAT,
        network: "greatlakes".to_owned(),
        month,
        evaluated_on: jiff::civil::date(2026, 11, 22),
        edition: Edition::Full,
        notice: Some(notice()),
        closing: None,
        reporting: Some(parts::no_reporting(month)),
        flows: None,
        matching: None,
        findings: None,
        cases: None,
        statuses: None,
        method: method::method(false),
    }
}

fn notice() -> Notice {
    Notice {
        en: "Specimen: every figure and name is made up".to_owned(),
        fr: "Spécimen : tous les chiffres et tous les noms sont inventés".to_owned(),
    }
}

/// Numbers that look uneven and are the same at every call.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, most: u64) -> u64 {
        // The constants of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 16) % most
    }

    fn mass(&mut self, least: i64, most: u64) -> i64 {
        least + i64::try_from(self.up_to(most)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_as_json_is_read_back_equal() {
        for report in [realistic(), nearly_empty()] {
            let json = serde_json::to_string(&report).unwrap();
            assert_eq!(serde_json::from_str::<MonthlyReport>(&json).unwrap(), report);
        }
    }

    #[test]
    fn a_public_edition_names_no_party() {
        let full = serde_json::to_string(&realistic()).unwrap();
        let public = serde_json::to_string(&public()).unwrap();
        for party in PARTIES {
            assert!(full.contains(party));
            assert!(!public.contains(party));
        }
    }

    #[test]
    fn a_public_edition_tells_no_exporter_and_of_no_state_that_was_asked() {
        let (full, public) = (realistic(), public());
        let exporters = |report: &MonthlyReport| {
            let changes = report.statuses.iter().flat_map(|statuses| &statuses.changes);
            changes.filter(|change| change.whose == crate::Whose::Exporter).count()
        };
        assert!(exporters(&full) > 0 && exporters(&public) == 0);
        let count = |report: &MonthlyReport| {
            let cases = report.cases.as_ref().unwrap();
            let standing = cases.standing.iter().map(|one| (one.count, one.overdue));
            let steps = cases.steps.iter().map(|one| (one.count, 0));
            standing.chain(steps).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        assert_eq!(count(&full), count(&public));
        let cases = public.cases.unwrap();
        assert!(cases.standing.iter().all(|one| one.country.is_none()));
        assert!(cases.steps.iter().all(|one| one.country.is_none()));
    }

    #[test]
    fn a_public_edition_shows_no_mass_of_pairs() {
        let masses = |report: MonthlyReport| {
            let rows = report.matching.into_iter().flat_map(|matching| matching.rows);
            rows.flat_map(|row| [row.exported, row.imported]).flatten().collect::<Vec<_>>()
        };
        assert!(masses(realistic()).iter().any(|one| *one != crate::Figure::Suppressed));
        let public = masses(realistic().into_public());
        assert!(!public.is_empty());
        assert!(public.iter().all(|one| *one == crate::Figure::Suppressed));
    }
}
