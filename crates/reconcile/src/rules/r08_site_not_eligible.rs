//! R08: lots come from sites that may trade.
//!
//! A production lot of day d, where the effective status of its site on d, out of
//! what is known on the day of evaluation, is Red (a Blue beyond its years and an
//! overdue Yellow are Red), or the site is unknown, or it is not active on d:
//! serious. The current activity counts from `activity_since`, else for all days.
//!
//! Not testable while the state of the site reports no master data, and for a day
//! before the current activity began.

use rmd_proto::v1::{ActivityStatus, CertificationStatus};
use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Rule, Sentence, Severity,
    view::{LotView, SiteFacts, SiteLink, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R08-UNKNOWN",
        en: "no state has the site {site}",
        fr: "aucun État n'a le site {site}",
    },
    Sentence {
        id: "R08-RED",
        en: "the site {site} was Red on {day}, since {since}",
        fr: "le site {site} était rouge le {day}, depuis le {since}",
    },
    Sentence {
        id: "R08-INACTIVE",
        en: "the site {site} was not active on {day}",
        fr: "le site {site} n'était pas actif le {day}",
    },
];

/// Whether the lot comes from a site that may not trade.
pub fn is_barred(view: &LotView, context: &Context) -> bool {
    !judge(view, context).raised.is_empty()
}

pub(super) fn judge(view: &LotView, context: &Context) -> Outcome {
    let lot = &view.lot;
    if !nature::is_production(&lot.record) {
        return Outcome::passed();
    }
    match &view.site {
        SiteLink::Unnamed => {
            Outcome::lacking(Missing::new("Lot.mine_site_id", lot.key(), Lack::Absent))
        }
        SiteLink::Unknown { id, country } => of_unknown(view, id, country, context),
        SiteLink::Known(facts) => of_known(view, facts, context),
    }
}

fn of_unknown(view: &LotView, id: &str, country: &str, context: &Context) -> Outcome {
    if let Some(missing) = context.coverage.lacks(country, Entity::MineSite) {
        return Outcome::lacking(missing);
    }
    let finder = Finder::about_lot(Rule::SiteNotEligible, view, []);
    finder.raise(Severity::Serious, &SENTENCES[0], vec![Measure::text("site", id)])
}

fn of_known(view: &LotView, facts: &SiteFacts, context: &Context) -> Outcome {
    let (lot, site) = (&view.lot, &facts.site);
    if let Some(missing) = context.coverage.lacks(site.country(), Entity::MineSite) {
        return Outcome::lacking(missing);
    }
    let Some(day) = nature::registered_on(&lot.record) else {
        return Outcome::lacking(Missing::new("Lot.registered_at_us", lot.key(), Lack::Absent));
    };
    let finder = Finder::about_lot(Rule::SiteNotEligible, view, [site.named.clone()]);
    let status = context.status_on(facts, day);
    let id = &site.record.icglr_id;
    let mut measures = vec![Measure::text("site", id), Measure::text("day", day.to_string())];
    if status.status == CertificationStatus::Red {
        measures.push(Measure::text("since", status.since.to_string()));
        return finder.raise(Severity::Serious, &SENTENCES[1], measures);
    }
    let since = site.record.activity_since.parse().ok();
    let lacking = |what| Outcome::lacking(Missing::new(what, site.key(), Lack::Absent));
    match site.record.activity_status() {
        ActivityStatus::Unspecified => lacking("MineSite.activity_status"),
        _ if since.is_some_and(|since| day < since) => lacking("MineSite.activity_before"),
        ActivityStatus::Active => Outcome::passed(),
        ActivityStatus::Abandoned | ActivityStatus::NonActive => {
            finder.raise(Severity::Serious, &SENTENCES[2], measures)
        }
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{
        Inspection, MineSite,
        OriginatingOperation::{Production, Purchase},
        StatusChange,
    };

    use super::*;
    use crate::testing::{KG, context, lot, told, view};

    /// 1 July 2026, 12:00 in UTC+2: the day of the lots of `testing`.
    const DAY: &str = "2026-07-01";

    fn site(changes: &[(&str, CertificationStatus)]) -> MineSite {
        let turned = |(day, status): &(&str, CertificationStatus)| StatusChange {
            date_of_change: (*day).to_owned(),
            new_status: (*status).into(),
            ..StatusChange::default()
        };
        let inspected = |(day, status): &(&str, CertificationStatus)| Inspection {
            inspection_date: (*day).to_owned(),
            inspection_result: (*status).into(),
            ..Inspection::default()
        };
        let current = changes.last().map_or(CertificationStatus::Unspecified, |change| change.1);
        MineSite {
            icglr_id: "RW-1.9403+29.8739-00001".to_owned(),
            address_country: "RW".to_owned(),
            certification_status: current.into(),
            certification_status_since: changes.last().unwrap().0.to_owned(),
            activity_status: ActivityStatus::Active.into(),
            status_change: changes.iter().map(turned).collect(),
            inspection: changes.iter().map(inspected).collect(),
            ..MineSite::default()
        }
    }

    fn told_of(site: MineSite) -> (Vec<Severity>, usize) {
        told(&judge(&view(lot("A", KG, &[Production])).with_site(site), &context()))
    }

    #[test]
    fn a_site_that_is_red_on_the_day_bars_its_lots_and_one_that_turns_red_later_does_not() {
        use CertificationStatus::{Green, Red};
        assert_eq!(told_of(site(&[("2026-01-10", Green)])), (vec![], 0));
        assert_eq!(told_of(site(&[("2026-01-10", Red)])), (vec![Severity::Serious], 0));
        assert_eq!(told_of(site(&[("2026-01-10", Green), ("2026-07-02", Red)])), (vec![], 0));
        let turned = site(&[("2026-01-10", Green), (DAY, Red)]);
        assert_eq!(told_of(turned), (vec![Severity::Serious], 0));
    }

    #[test]
    fn a_site_that_rests_bars_its_lots_from_the_day_on_which_it_rests() {
        let resting = |since: &str| MineSite {
            activity_status: ActivityStatus::NonActive.into(),
            activity_since: since.to_owned(),
            ..site(&[("2026-01-10", CertificationStatus::Green)])
        };
        assert_eq!(told_of(resting("")), (vec![Severity::Serious], 0));
        assert_eq!(told_of(resting(DAY)), (vec![Severity::Serious], 0));
        assert_eq!(told_of(resting("2026-07-02")), (vec![], 1));
    }

    #[test]
    fn a_site_that_nobody_has_is_found_only_where_its_state_reports_sites() {
        let mut view = view(lot("A", KG, &[Production]));
        let id = "UG-0.1000+30.0000-00009".to_owned();
        view.site = SiteLink::Unknown { id, country: "UG".to_owned() };
        assert_eq!(told(&judge(&view, &context())), (vec![Severity::Serious], 0));
        let mut context = context();
        context.coverage = crate::Coverage::default();
        assert_eq!(told(&judge(&view, &context)), (vec![], 1));
    }

    #[test]
    fn only_lots_out_of_the_ground_have_a_site() {
        let view = view(lot("A", KG, &[Purchase]));
        assert!(judge(&view, &context()).is_passed());
        assert!(!is_barred(&view, &context()));
    }
}
