//! Whether a site has a licence for what it yields.

use jiff::civil::Date;
use rmd_proto::v1::{License, LicenseStatus, LicenseType, MineSite, OperationType};
use rmd_standard::mineral;

use super::nature;

/// What the licences of a site say about a mineral and some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// One covers the mineral on one of the days.
    Covered,
    /// One may, but does not say for what it is.
    Open,
    /// The site tells no licences.
    Untold,
    /// None does; the site is artisanal and says that it has none.
    Unlicensed,
    /// None does.
    None,
}

/// What the licences of a site say about a mineral (HS6) from a day to a day.
pub(crate) fn cover(site: &MineSite, hs6: &str, from: Date, to: Date) -> Cover {
    if site.license.is_empty() {
        return Cover::Untold;
    }
    let valid: Vec<&License> =
        site.license.iter().filter(|one| is_licence(one) && holds(one, from, to)).collect();
    let names = |one: &&License| {
        one.covered_commodities.iter().any(|code| mineral::hs6(code).as_deref() == Some(hs6))
    };
    if valid.iter().any(names) {
        return Cover::Covered;
    }
    if valid.iter().any(|one| one.covered_commodities.is_empty()) {
        return Cover::Open;
    }
    let says_none = site.license.iter().any(|one| one.license_type() == LicenseType::Unlicensed);
    if says_none && site.operation_type() == OperationType::Artisanal {
        return Cover::Unlicensed;
    }
    Cover::None
}

fn is_licence(license: &License) -> bool {
    license.license_type() != LicenseType::Unlicensed
}

/// Whether it holds on one of the days. A day that is not told is not held against
/// it; a licence that is not active ended on the day it tells, or never held.
fn holds(license: &License, from: Date, to: Date) -> bool {
    let granted = nature::day(&license.granted_date);
    let expires = nature::day(&license.expiring_date);
    let is_active = license.license_status() != LicenseStatus::NotActive;
    granted.is_none_or(|granted| granted <= to)
        && expires.map_or(is_active, |expires| from <= expires)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TIN: &str = "260900";

    fn license(commodities: &[&str], granted: &str, expires: &str) -> License {
        License {
            license_type: LicenseType::MiningLicense.into(),
            granted_date: granted.to_owned(),
            expiring_date: expires.to_owned(),
            covered_commodities: commodities.iter().map(|one| (*one).to_owned()).collect(),
            ..License::default()
        }
    }

    fn on(licenses: Vec<License>, day: Date) -> Cover {
        let site = MineSite { license: licenses, ..MineSite::default() };
        cover(&site, TIN, day, day)
    }

    #[test]
    fn a_licence_covers_its_commodities_from_the_first_to_the_last_day() {
        let one = || vec![license(&["2609.00.00"], "2026-01-01", "2026-06-30")];
        assert_eq!(on(one(), date(2026, 1, 1)), Cover::Covered);
        assert_eq!(on(one(), date(2026, 6, 30)), Cover::Covered);
        assert_eq!(on(one(), date(2025, 12, 31)), Cover::None);
        assert_eq!(on(one(), date(2026, 7, 1)), Cover::None);
        let gold = vec![license(&["7108.12.00"], "2026-01-01", "2026-06-30")];
        assert_eq!(on(gold, date(2026, 2, 1)), Cover::None);
    }

    #[test]
    fn a_month_is_covered_by_a_licence_of_one_of_its_days() {
        let site =
            MineSite { license: vec![license(&[TIN], "2026-06-30", "")], ..MineSite::default() };
        assert_eq!(cover(&site, TIN, date(2026, 6, 1), date(2026, 6, 30)), Cover::Covered);
        assert_eq!(cover(&site, TIN, date(2026, 5, 1), date(2026, 5, 31)), Cover::None);
    }

    #[test]
    fn what_is_not_told_stays_open() {
        assert_eq!(on(vec![], date(2026, 1, 1)), Cover::Untold);
        assert_eq!(on(vec![license(&[], "", "")], date(2026, 1, 1)), Cover::Open);
        let ended =
            License { license_status: LicenseStatus::NotActive.into(), ..license(&[TIN], "", "") };
        assert_eq!(on(vec![ended], date(2026, 1, 1)), Cover::None);
    }

    #[test]
    fn an_artisanal_site_may_say_that_it_has_none() {
        let none = License { license_type: LicenseType::Unlicensed.into(), ..License::default() };
        let mut site = MineSite { license: vec![none], ..MineSite::default() };
        let day = date(2026, 1, 1);
        assert_eq!(cover(&site, TIN, day, day), Cover::None);
        site.operation_type = OperationType::Artisanal.into();
        assert_eq!(cover(&site, TIN, day, day), Cover::Unlicensed);
    }
}
