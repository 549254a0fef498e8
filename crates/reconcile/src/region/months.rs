//! Months of sites with their peers, their past and what fell near them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Span, civil::Date};
use rmd_proto::v1::{ActivityStatus, CertificationStatus, GeoPoint, ProductionDeclaration};
use rmd_standard::{mineral, site_id};

use super::{
    Region,
    sites::{SiteFact, Sites, cells_for, place, province},
};
use crate::{
    Context, Fact, Named, Parameter,
    geography::{border_m, distance_m},
    view::{SiteMonthView, day},
};

type Production = Arc<Fact<ProductionDeclaration>>;

/// What productions have in common: by province and month, and by site.
#[derive(Default)]
pub(super) struct Alike<'a> {
    by_province: BTreeMap<Province<'a>, Vec<&'a Production>>,
    by_site: BTreeMap<(String, String), Vec<&'a Production>>,
}

/// State, province, mineral and month.
type Province<'a> = (&'a str, &'a str, String, &'a str);

impl<'a> Alike<'a> {
    pub(super) fn of(region: &'a Region, sites: &Sites<'a>) -> Self {
        let mut alike = Self::default();
        for one in region.productions.values().filter(|one| !one.is_void) {
            if let Some(key) = province_of(one, sites) {
                alike.by_province.entry(key).or_default().push(one);
            }
            alike.by_site.entry(of_site(one)).or_default().push(one);
        }
        alike
    }

    /// A view of a production declaration.
    pub(super) fn view(
        &self,
        one: &'a Production,
        sites: &Sites<'a>,
        context: &Context,
    ) -> SiteMonthView {
        let first = first_day(one);
        let peers = province_of(one, sites).and_then(|key| self.by_province.get(&key));
        let peers = peers.into_iter().flatten();
        let before = self.by_site.get(&of_site(one)).into_iter().flatten().filter(|other| {
            let (Some(first), Some(of_other)) = (first, first_day(other)) else { return false };
            of_other < first && first.saturating_sub(Span::new().months(12)) <= of_other
        });
        let site = site_of(one, sites);
        let at = site.and_then(|site| place(&site.record));
        let fallen = at.zip(first).zip(site);
        SiteMonthView {
            production: Arc::clone(one),
            site: site.and_then(|site| sites.facts(site.key())),
            peers: peers
                .filter(|other| other.record.mine_site_id != one.record.mine_site_id)
                .map(|other| Arc::clone(other))
                .collect(),
            before: before.map(|other| Arc::clone(other)).collect(),
            fallen: fallen
                .map(|((at, first), site)| fallen_near(site, at, first, sites, context))
                .unwrap_or_default(),
            border_m: at.and_then(|at| border_m(one.country(), at)),
        }
    }
}

fn site_of<'a>(one: &Production, sites: &Sites<'a>) -> Option<&'a SiteFact> {
    sites.fact(&site_id::key_of(&one.record.mine_site_id)?)
}

/// None where the site tells no province, or is of another state.
fn province_of<'a>(one: &'a Production, sites: &Sites<'a>) -> Option<Province<'a>> {
    let site = site_of(one, sites).filter(|site| site.country() == one.country())?;
    Some((site.country(), province(&site.record)?, hs6(one), &one.record.period))
}

fn first_day(one: &Production) -> Option<Date> {
    day(&format!("{}-01", one.record.period))
}

fn hs6(one: &Production) -> String {
    mineral::hs6(&one.record.mineral).unwrap_or_default()
}

fn of_site(one: &Production) -> (String, String) {
    let site = site_id::key_of(&one.record.mine_site_id);
    (site.unwrap_or_else(|| one.record.mine_site_id.clone()), hs6(one))
}

/// Sites near by that turned Red or inactive in the three months before a month.
fn fallen_near(
    site: &SiteFact,
    at: GeoPoint,
    first: Date,
    sites: &Sites<'_>,
    context: &Context,
) -> Vec<Named> {
    let near = context.limit(Parameter::SpikeNeighbour, site.country(), "");
    let from = first.saturating_sub(Span::new().months(3));
    let others = sites.within(at, cells_for(near)).filter(|other| {
        let distance = place(&other.record).map(|place| distance_m(at, place));
        other.key() != site.key()
            && distance.is_some_and(|distance| distance <= near)
            && has_fallen(other, from, first, sites, context)
    });
    others.map(|other| other.named.clone()).collect()
}

fn has_fallen(site: &SiteFact, from: Date, to: Date, sites: &Sites<'_>, context: &Context) -> bool {
    let record = &site.record;
    let is_within = |day: Date| from <= day && day < to;
    let rests =
        matches!(record.activity_status(), ActivityStatus::NonActive | ActivityStatus::Abandoned);
    if rests && day(&record.activity_since).is_some_and(is_within) {
        return true;
    }
    let last = to.yesterday().unwrap_or(to);
    sites.facts(site.key()).is_some_and(|facts| {
        let status = context.status_on(&facts, last);
        status.status == CertificationStatus::Red && is_within(status.since)
    })
}
