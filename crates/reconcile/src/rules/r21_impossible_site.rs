//! R21: what is produced is produced under a licence, by somebody.
//!
//! Production declared, or a production lot, at a site with no licence that covers
//! the mineral on that day (for a month: on any day of it), or whose workers are
//! declared as zero: serious. An artisanal site that says that it is unlicensed: a
//! warning. Unknown workers are not zero; a site that tells no licences is not
//! testable.

use jiff::civil::Date;
use rmd_standard::mineral;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Rule, Sentence, Severity,
    view::{Cover, LotView, SiteFacts, SiteLink, SiteMonthView, cover, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R21-LICENCE",
        en: "the site {site} had no licence for {mineral} in {when}",
        fr: "le site {site} n'avait pas de licence pour {mineral} en {when}",
    },
    Sentence {
        id: "R21-UNLICENSED",
        en: "the site {site} is artisanal and says that it has no licence",
        fr: "le site {site} est artisanal et dit n'avoir pas de licence",
    },
    Sentence {
        id: "R21-WORKERS",
        en: "the site {site} declares no workers",
        fr: "le site {site} ne déclare aucun travailleur",
    },
];

pub(super) fn judge_lot(view: &LotView, _context: &Context) -> Outcome {
    let SiteLink::Known(facts) = &view.site else { return Outcome::passed() };
    let lot = &view.lot;
    if !nature::is_production(&lot.record) {
        return Outcome::passed();
    }
    let finder = Finder::about_lot(Rule::ImpossibleSite, view, [facts.site.named.clone()]);
    let workers = of_workers(facts, facts.site.record.workers_declared, &finder);
    let Some(day) = nature::registered_on(&lot.record) else {
        let what = Missing::new("Lot.registered_at_us", lot.key(), Lack::Absent);
        return workers.and(Outcome::lacking(what));
    };
    let when = When { days: (day, day), written: day.to_string() };
    workers.and(of_licence(facts, &nature::hs6(&lot.record), &when, &finder))
}

pub(super) fn judge_month(view: &SiteMonthView, _context: &Context) -> Outcome {
    let production = &view.production;
    if production.record.mass_mg.is_none_or(|mass| mass == 0) {
        return Outcome::passed();
    }
    let Some(facts) = &view.site else { return Outcome::passed() };
    let finder = Finder::about_month(Rule::ImpossibleSite, view, [facts.site.named.clone()]);
    let told = production.record.workers_declared.or(facts.site.record.workers_declared);
    let workers = of_workers(facts, told, &finder);
    let Some(days) = view.days() else {
        let what = Missing::new("ProductionDeclaration.period", production.key(), Lack::Absent);
        return workers.and(Outcome::lacking(what));
    };
    let hs6 = mineral::hs6(&production.record.mineral).unwrap_or_default();
    let when = When { days, written: production.record.period.clone() };
    workers.and(of_licence(facts, &hs6, &when, &finder))
}

/// Days, and how they are written.
struct When {
    days: (Date, Date),
    written: String,
}

fn of_workers(facts: &SiteFacts, told: Option<u32>, finder: &Finder) -> Outcome {
    if told != Some(0) {
        return Outcome::passed();
    }
    let measures = vec![Measure::text("site", &facts.site.record.icglr_id)];
    finder.raise(Severity::Serious, &SENTENCES[2], measures)
}

fn of_licence(facts: &SiteFacts, hs6: &str, when: &When, finder: &Finder) -> Outcome {
    let site = &facts.site;
    let lacking = |what| Outcome::lacking(Missing::new(what, site.key(), Lack::Absent));
    let mut measures = vec![Measure::text("site", &site.record.icglr_id)];
    match cover(&site.record, hs6, when.days.0, when.days.1) {
        Cover::Covered => Outcome::passed(),
        Cover::Untold => lacking("MineSite.license"),
        Cover::Open => lacking("MineSite.license.covered_commodities"),
        Cover::Unlicensed => finder.raise(Severity::Warning, &SENTENCES[1], measures),
        Cover::None => {
            measures.push(Measure::text("mineral", hs6));
            measures.push(Measure::text("when", &when.written));
            finder.raise(Severity::Serious, &SENTENCES[0], measures)
        }
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{License, LicenseType, MineSite, OriginatingOperation::Production};

    use super::*;
    use crate::testing::{KG, context, lot, month, site_facts, told, view};

    fn site(expires: &str, workers_declared: Option<u32>) -> MineSite {
        let license = License {
            license_type: LicenseType::ArtisanalPermit.into(),
            expiring_date: expires.to_owned(),
            covered_commodities: vec!["2609.00.00".to_owned()],
            ..License::default()
        };
        MineSite { license: vec![license], workers_declared, ..MineSite::default() }
    }

    #[test]
    fn a_lot_after_the_last_day_of_the_licence_is_found() {
        let told_of = |expires: &str| {
            let view = view(lot("A", KG, &[Production])).with_site(site(expires, None));
            told(&judge_lot(&view, &context()))
        };
        assert_eq!(told_of("2026-07-01"), (vec![], 0));
        assert_eq!(told_of("2026-06-30"), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_month_with_one_licensed_day_is_licensed() {
        let told_of = |expires: &str, workers| {
            let mut view = month("2026-09", Some(KG), None);
            view.site = Some(site_facts(site(expires, workers)));
            told(&judge_month(&view, &context()))
        };
        assert_eq!(told_of("2026-09-01", None), (vec![], 0));
        assert_eq!(told_of("2026-08-31", None), (vec![Severity::Serious], 0));
        assert_eq!(told_of("2026-12-31", Some(0)), (vec![Severity::Serious], 0));
        assert_eq!(told_of("2026-08-31", Some(0)), (vec![Severity::Serious; 2], 0));
    }

    #[test]
    fn a_month_without_production_needs_no_licence() {
        let mut view = month("2026-09", Some(0), Some(0));
        view.site = Some(site_facts(site("2020-01-01", Some(0))));
        assert!(judge_month(&view, &context()).is_passed());
    }
}
