//! Sites with their history, their tags and their neighbours.

use std::{
    cell::RefCell,
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use jiff::Timestamp;
use rmd_proto::v1::{GeoPoint, MineSite};
use rmd_standard::effective::SiteHistory;

use super::Region;
use crate::{
    Fact,
    view::{Neighbour, SiteFacts, SiteView},
};

/// A site as it stands in the region.
pub(super) type SiteFact = Arc<Fact<MineSite>>;

/// Side of a cell of the map in ten-millionths of a degree: over a kilometre, more
/// than two sites may ever lie apart and still be neighbours.
const CELL_E7: i32 = 100_000;

/// Sites that are not void, and where they lie.
pub(super) struct Sites<'a> {
    region: &'a Region,
    cells: BTreeMap<(i32, i32), Vec<&'a SiteFact>>,
    by_national_id: BTreeMap<(&'a str, &'a str), Vec<&'a SiteFact>>,
    /// Those with their history that somebody asked for.
    histories: RefCell<BTreeMap<Arc<str>, Arc<SiteFacts>>>,
}

impl<'a> Sites<'a> {
    pub(super) fn of(region: &'a Region) -> Self {
        let (mut cells, mut by_national_id) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::new());
        for site in region.sites.values().filter(|site| !site.is_void) {
            if let Some(at) = place(&site.record) {
                cells.entry(cell(at)).or_default().push(site);
            }
            let id = &*site.record.national_id;
            if !id.is_empty() {
                let alike = by_national_id.entry((site.country(), id)).or_insert_with(Vec::new);
                alike.push(site);
            }
        }
        Self { region, cells, by_national_id, histories: RefCell::default() }
    }

    /// A site that is not void.
    pub(super) fn fact(&self, key: &str) -> Option<&'a SiteFact> {
        self.region.sites.get(key).filter(|site| !site.is_void)
    }

    /// A site with its history. A revision is known from the beginning: which of them was
    /// known when is the business of who keeps them.
    pub(super) fn facts(&self, key: &str) -> Option<Arc<SiteFacts>> {
        let site = self.fact(key)?;
        let mut histories = self.histories.borrow_mut();
        let facts = match histories.entry(Arc::clone(&site.named.key)) {
            btree_map::Entry::Occupied(facts) => facts.into_mut(),
            btree_map::Entry::Vacant(place) => {
                let history = SiteHistory::new(&site.record, Timestamp::UNIX_EPOCH);
                let decisions = self.region.decisions.get(key).into_iter().flatten().cloned();
                let history = decisions.fold(history, SiteHistory::with_decision);
                place.insert(Arc::new(SiteFacts { site: Arc::clone(site), history }))
            }
        };
        Some(Arc::clone(facts))
    }

    /// A view of a site.
    pub(super) fn view(&self, key: &str, applied_tags: u64) -> Option<SiteView> {
        let facts = self.facts(key)?;
        let decisions = self.region.decisions.get(key).into_iter().flatten();
        let name = (facts.site.country(), &*facts.site.record.national_id);
        let alike = self.by_national_id.get(&name).into_iter().flatten();
        Some(SiteView {
            decided_on: decisions.map(|decision| decision.decided_on).collect(),
            applied_tags,
            neighbours: self.around(&facts.site),
            same_national_id: alike
                .filter(|other| other.key() != key)
                .map(|other| other.named.clone())
                .collect(),
            facts: Arc::clone(&facts),
        })
    }

    /// The others in the cells around a site.
    fn around(&self, site: &SiteFact) -> Vec<Neighbour> {
        let Some(at) = place(&site.record) else { return Vec::new() };
        let others = self.within(at, 1).filter(|other| other.key() != site.key());
        let neighbour = |other: &SiteFact| {
            let owner = other.record.owner.as_ref();
            Some(Neighbour {
                site: other.named.clone(),
                at: place(&other.record)?,
                owner: owner.map_or_else(String::new, |owner| owner.identifier.clone()),
            })
        };
        others.filter_map(neighbour).collect()
    }

    /// Sites in so many cells around a point.
    pub(super) fn within(&self, at: GeoPoint, cells: i32) -> impl Iterator<Item = &'a SiteFact> {
        let (row, column) = cell(at);
        let rows = self.cells.range((row - cells, i32::MIN)..=(row + cells, i32::MAX));
        let near = move |column_of: i32| (column_of - column).abs() <= cells;
        rows.filter(move |((_, of), _)| near(*of)).flat_map(|(_, sites)| sites.iter().copied())
    }
}

/// Where a site lies.
pub(crate) fn place(site: &MineSite) -> Option<GeoPoint> {
    site.mine_site_location.as_ref()?.geolocalization
}

/// The province that a site tells.
pub(crate) fn province(site: &MineSite) -> Option<&str> {
    let location = site.mine_site_location.as_ref()?;
    let address = location.local_geographic_designation.as_ref()?;
    let told = [&address.subnational_division_l1, &address.subnational_division_l1_text];
    told.into_iter().map(String::as_str).find(|text| !text.is_empty())
}

/// The cell of a hundredth of a degree in which a point lies: row and column.
pub fn cell(at: GeoPoint) -> (i32, i32) {
    (at.latitude_e7.div_euclid(CELL_E7), at.longitude_e7.div_euclid(CELL_E7))
}

/// Cells that hold every point within so many metres, of the latitudes of the region.
pub fn cells_for(metres: i64) -> i32 {
    // A hundredth of a degree of longitude at 35 degrees of latitude.
    const CELL_METRES_LEAST: i64 = 900;
    i32::try_from(metres / CELL_METRES_LEAST + 1).unwrap_or(i32::MAX / 2)
}
