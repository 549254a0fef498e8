//! Sites with their history, their tags and their neighbours.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use rmd_proto::v1::{GeoPoint, MineSite, TagKind};
use rmd_standard::effective::SiteHistory;

use super::{Region, index::Index};
use crate::view::{Neighbour, SiteFacts, SiteView, is_production};

/// Sites that are not void, by key.
pub(super) type SitesByKey = BTreeMap<Arc<str>, Arc<SiteFacts>>;

/// Side of a cell of the map in ten-millionths of a degree: over a kilometre, more
/// than two sites may ever lie apart and still be neighbours.
const CELL_E7: i32 = 100_000;

impl Region {
    /// Every site with its history. A revision is known from the beginning: which of
    /// them was known when is the business of who keeps them.
    pub(super) fn site_facts(&self) -> SitesByKey {
        let sites = self.sites.iter().filter(|(_, site)| !site.is_void);
        let facts = sites.map(|(key, site)| {
            let history = SiteHistory::new(&site.record, Timestamp::UNIX_EPOCH);
            let decisions = self.decisions.get(key).into_iter().flatten().cloned();
            let history = decisions.fold(history, SiteHistory::with_decision);
            (Arc::clone(key), Arc::new(SiteFacts { site: (**site).clone(), history }))
        });
        facts.collect()
    }

    /// A view of every site.
    pub(super) fn site_views(&self, facts: &SitesByKey, index: &Index) -> Vec<SiteView> {
        let map = Map::of(facts);
        let by_national_id = by_national_id(facts);
        let view = |(key, facts): (&Arc<str>, &Arc<SiteFacts>)| {
            let decisions = self.decisions.get(key).into_iter().flatten();
            let national = national_id(facts);
            let alike = by_national_id.get(&national).into_iter().flatten();
            SiteView {
                facts: Arc::clone(facts),
                decided_on: decisions.map(|decision| decision.decided_on).collect(),
                applied_tags: self.applied_tags(key, index),
                neighbours: map.around(facts),
                same_national_id: alike
                    .filter(|other| other.site.key() != facts.site.key())
                    .map(|other| other.site.named.clone())
                    .collect(),
            }
        };
        facts.iter().map(view).collect()
    }

    /// Mine tags on production lots of a site, each once.
    fn applied_tags(&self, site: &str, index: &Index) -> u64 {
        let lots = index.of_site.get(site).into_iter().flatten();
        let lots = lots.filter_map(|key| self.lots.get(key)).map(|lot| &lot.record);
        let tags = lots.filter(|lot| is_production(lot)).flat_map(|lot| &lot.tag);
        let mine = tags.filter(|tag| matches!(tag.kind(), TagKind::Mine | TagKind::Unspecified));
        let names: BTreeSet<_> = mine.map(|tag| (tag.scheme, &tag.identifier)).collect();
        names.len() as u64
    }
}

/// State and national id; nothing where there is none.
fn national_id(facts: &SiteFacts) -> Option<(String, String)> {
    let id = &facts.site.record.national_id;
    (!id.is_empty()).then(|| (facts.site.country().to_owned(), id.clone()))
}

type ByNationalId<'a> = BTreeMap<Option<(String, String)>, Vec<&'a Arc<SiteFacts>>>;

fn by_national_id(facts: &SitesByKey) -> ByNationalId<'_> {
    let mut found = ByNationalId::new();
    for one in facts.values() {
        if let Some(id) = national_id(one) {
            found.entry(Some(id)).or_default().push(one);
        }
    }
    found
}

/// Where a site lies.
pub(super) fn place(site: &MineSite) -> Option<GeoPoint> {
    site.mine_site_location.as_ref()?.geolocalization
}

/// Sites by cell of the map.
pub(super) struct Map<'a>(BTreeMap<(i32, i32), Vec<&'a Arc<SiteFacts>>>);

impl<'a> Map<'a> {
    pub(super) fn of(facts: &'a SitesByKey) -> Self {
        let mut cells = BTreeMap::<_, Vec<_>>::new();
        for one in facts.values() {
            if let Some(at) = place(&one.site.record) {
                cells.entry(cell(at)).or_default().push(one);
            }
        }
        Self(cells)
    }

    /// The others in the cells around a site.
    fn around(&self, facts: &SiteFacts) -> Vec<Neighbour> {
        let Some(at) = place(&facts.site.record) else { return Vec::new() };
        let others = self.within(at, 1).filter(|other| other.site.key() != facts.site.key());
        let neighbour = |other: &Arc<SiteFacts>| {
            let owner = other.site.record.owner.as_ref();
            Some(Neighbour {
                site: other.site.named.clone(),
                at: place(&other.site.record)?,
                owner: owner.map_or_else(String::new, |owner| owner.identifier.clone()),
            })
        };
        others.filter_map(neighbour).collect()
    }

    /// Sites in so many cells around a point.
    pub(super) fn within(
        &self,
        at: GeoPoint,
        cells: i32,
    ) -> impl Iterator<Item = &'a Arc<SiteFacts>> {
        let (row, column) = cell(at);
        let rows = self.0.range((row - cells, i32::MIN)..=(row + cells, i32::MAX));
        let near = move |column_of: i32| (column_of - column).abs() <= cells;
        rows.filter(move |((_, of), _)| near(*of)).flat_map(|(_, sites)| sites.iter().copied())
    }
}

fn cell(at: GeoPoint) -> (i32, i32) {
    (at.latitude_e7.div_euclid(CELL_E7), at.longitude_e7.div_euclid(CELL_E7))
}

/// Cells that hold every point within so many metres, of the latitudes of the region.
pub(super) fn cells_for(metres: i64) -> i32 {
    // A hundredth of a degree of longitude at 35 degrees of latitude.
    const CELL_METRES_LEAST: i64 = 900;
    i32::try_from(metres / CELL_METRES_LEAST + 1).unwrap_or(i32::MAX / 2)
}
