//! Months of sites with their peers, their past and what fell near them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Span, civil::Date};
use rmd_proto::v1::{ActivityStatus, CertificationStatus, GeoPoint, ProductionDeclaration};
use rmd_standard::{mineral, site_id};

use super::{
    Region,
    sites::{Map, SitesByKey, cells_for, place},
};
use crate::{
    Context, Fact, Named, Parameter,
    geography::{border_m, distance_m},
    view::{SiteFacts, SiteMonthView, day},
};

type Production = Arc<Fact<ProductionDeclaration>>;

/// What productions have in common: by province and month, and by site.
#[derive(Default)]
struct Alike {
    by_province: BTreeMap<(String, String, String, String), Vec<Production>>,
    by_site: BTreeMap<(String, String), Vec<Production>>,
}

impl Region {
    /// A view of every production declaration that is not void.
    pub(super) fn months(&self, sites: &SitesByKey, context: &Context) -> Vec<SiteMonthView> {
        let productions: Vec<&Production> =
            self.productions.values().filter(|one| !one.is_void).collect();
        let mut alike = Alike::default();
        for one in &productions {
            let site = site_of(one, sites);
            if let Some(key) = province_of(one, site) {
                alike.by_province.entry(key).or_default().push(Arc::clone(one));
            }
            alike.by_site.entry(of_site(one)).or_default().push(Arc::clone(one));
        }
        let map = Map::of(sites);
        productions.into_iter().map(|one| view(one, sites, &alike, &map, context)).collect()
    }
}

fn view(
    one: &Production,
    sites: &SitesByKey,
    alike: &Alike,
    map: &Map<'_>,
    context: &Context,
) -> SiteMonthView {
    let site = site_of(one, sites);
    let first = first_day(one);
    let peers = province_of(one, site).and_then(|key| alike.by_province.get(&key));
    let before = alike.by_site.get(&of_site(one)).into_iter().flatten().filter(|other| {
        let (Some(first), Some(of_other)) = (first, first_day(other)) else { return false };
        of_other < first && first.saturating_sub(Span::new().months(12)) <= of_other
    });
    let at = site.and_then(|facts| place(&facts.site.record));
    let fallen = at.zip(first).zip(site);
    SiteMonthView {
        production: Arc::clone(one),
        site: site.cloned(),
        peers: peers
            .into_iter()
            .flatten()
            .filter(|other| other.record.mine_site_id != one.record.mine_site_id)
            .cloned()
            .collect(),
        before: before.cloned().collect(),
        fallen: fallen
            .map(|((at, first), site)| fallen_near(site, at, first, map, context))
            .unwrap_or_default(),
        border_m: at.and_then(|at| border_m(one.country(), at)),
    }
}

fn site_of<'a>(one: &Production, sites: &'a SitesByKey) -> Option<&'a Arc<SiteFacts>> {
    sites.get(&*site_id::key_of(&one.record.mine_site_id)?)
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

/// State, province, mineral and month; none where the site tells no province.
fn province_of(
    one: &Production,
    site: Option<&Arc<SiteFacts>>,
) -> Option<(String, String, String, String)> {
    let location = site?.site.record.mine_site_location.as_ref()?;
    let address = location.local_geographic_designation.as_ref()?;
    let told = [&address.subnational_division_l1, &address.subnational_division_l1_text];
    let province = told.into_iter().find(|text| !text.is_empty())?;
    Some((one.country().to_owned(), province.clone(), hs6(one), one.record.period.clone()))
}

/// Sites near by that turned Red or inactive in the three months before a month.
fn fallen_near(
    site: &SiteFacts,
    at: GeoPoint,
    first: Date,
    map: &Map<'_>,
    context: &Context,
) -> Vec<Named> {
    let near = context.limit(Parameter::SpikeNeighbour, site.site.country(), "");
    let from = first.saturating_sub(Span::new().months(3));
    let others = map.within(at, cells_for(near)).filter(|other| {
        let distance = place(&other.site.record).map(|place| distance_m(at, place));
        other.site.key() != site.site.key()
            && distance.is_some_and(|distance| distance <= near)
            && has_fallen(other, from, first, context)
    });
    others.map(|other| other.site.named.clone()).collect()
}

fn has_fallen(site: &SiteFacts, from: Date, to: Date, context: &Context) -> bool {
    let record = &site.site.record;
    let is_within = |day: Date| from <= day && day < to;
    let rests =
        matches!(record.activity_status(), ActivityStatus::NonActive | ActivityStatus::Abandoned);
    if rests && day(&record.activity_since).is_some_and(is_within) {
        return true;
    }
    let last = to.yesterday().unwrap_or(to);
    let status = site.status_on(last, context.day, &context.policy(site.site.country()));
    status.status == CertificationStatus::Red && is_within(status.since)
}
