//! Points in the right countries, no two of them near each other.
//!
//! With the file of IPIS visits, sites of COD lie where their points are.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result, ensure};
use rmd_proto::v1::GeoPoint;
use rmd_reconcile::geography::outside_m;

use super::{
    draw::Draw,
    mineral::Mineral,
    state::{Belt, State},
};

/// Side of a cell in ten-millionths of a degree: over two hundred metres.
const CELL_E7: i32 = 20_000;

/// Tries before a belt is called full.
const TRIES: usize = 10_000;

/// Where a site may lie, and what else is known of the place.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The point.
    pub(crate) at: GeoPoint,
    /// ISO 3166-2.
    pub(crate) province: String,
    /// The state's own number of the site, where the place has one.
    pub(crate) national_id: Option<String>,
    /// Name of the place, where it has one.
    pub(crate) name: Option<String>,
}

/// Hands out places.
#[derive(Debug, Default)]
pub(crate) struct Places {
    taken: BTreeSet<(i32, i32)>,
    /// Points of the file of visits, with what is dug there.
    observed: Vec<(Place, Mineral)>,
}

impl Places {
    /// With the points of a file of IPIS visits.
    pub(crate) fn with_ipis(file: &Path, draw: &mut Draw) -> Result<Self> {
        let mut reader =
            csv::Reader::from_path(file).with_context(|| format!("open {}", file.display()))?;
        let headers = reader.headers().context("read the header of the visits")?.clone();
        let column = |name: &str| {
            let found = headers.iter().position(|header| header == name);
            found.with_context(|| format!("find the column {name} in {}", file.display()))
        };
        let columns = [
            column("pcode")?,
            column("longitude")?,
            column("latitude")?,
            column("province")?,
            column("mineral1")?,
            column("name")?,
        ];
        let mut seen = BTreeSet::new();
        let mut observed = Vec::new();
        for row in reader.records() {
            let row = row.context("read a visit")?;
            let cells = columns.map(|column| row.get(column).unwrap_or_default());
            if seen.insert(cells[0].to_owned()) {
                observed.extend(observed_at(cells));
            }
        }
        ensure!(!observed.is_empty(), "{} has no point of a known mineral", file.display());
        draw.shuffle(&mut observed);
        Ok(Self { observed, ..Self::default() })
    }

    /// A new place in a state, for a site of a mineral.
    pub(crate) fn take(
        &mut self,
        state: &State,
        mineral: Mineral,
        draw: &mut Draw,
    ) -> Result<Place> {
        let wanted = |one: &(Place, Mineral)| one.1 == mineral;
        let is_observed = state.code == "CD";
        while let Some(found) = self.observed.iter().rposition(wanted).filter(|_| is_observed) {
            let (place, _) = self.observed.swap_remove(found);
            if self.is_free(state, place.at) {
                self.keep(place.at);
                return Ok(place);
            }
        }
        let belt = draw.pick(state.belts);
        let at = self.point(state, belt, draw)?;
        let province = belt.province.to_owned();
        Ok(Place { at, province, national_id: None, name: None })
    }

    fn point(&mut self, state: &State, belt: &Belt, draw: &mut Draw) -> Result<GeoPoint> {
        // Four decimals of a degree, as the standard writes them.
        let mut angle = |(low, high): (i64, i64)| {
            i32::try_from(draw.within(low * 100..=high * 100) * 1_000).unwrap_or_default()
        };
        for _ in 0..TRIES {
            let at =
                GeoPoint { latitude_e7: angle(belt.latitude), longitude_e7: angle(belt.longitude) };
            if self.is_free(state, at) {
                self.keep(at);
                return Ok(at);
            }
        }
        anyhow::bail!("{} is full of sites", belt.province)
    }

    fn is_free(&self, state: &State, at: GeoPoint) -> bool {
        let (row, column) = cell(at);
        let mut around = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
        around.all(|(down, right)| !self.taken.contains(&(row + down, column + right)))
            && outside_m(state.code, at) == Some(0)
    }

    /// Keeps others away from a point.
    pub(crate) fn keep(&mut self, at: GeoPoint) {
        self.taken.insert(cell(at));
    }
}

fn cell(at: GeoPoint) -> (i32, i32) {
    (at.latitude_e7.div_euclid(CELL_E7), at.longitude_e7.div_euclid(CELL_E7))
}

/// The place of a visit, in four decimals; none without a point or of another mineral.
fn observed_at(
    [code, longitude, latitude, province, mineral, name]: [&str; 6],
) -> Option<(Place, Mineral)> {
    let mineral = match mineral {
        "Cassitérite" => Mineral::Tin,
        "Coltan" => Mineral::Tantalum,
        "Wolframite" => Mineral::Tungsten,
        "Or" => Mineral::Gold,
        _ => return None,
    };
    let province = match province {
        "Nord-Kivu" => "CD-NK",
        "Sud-Kivu" => "CD-SK",
        "Maniema" => "CD-MA",
        "Ituri" => "CD-IT",
        "Tanganyika" => "CD-TA",
        "Haut-Katanga" => "CD-HK",
        "Haut-Uele" | "Haut-Uélé" => "CD-HU",
        "Bas-Uele" | "Bas-Uélé" => "CD-BU",
        "Tshopo" => "CD-TO",
        _ => return None,
    };
    let angle = |text: &str| {
        let degrees: rust_decimal::Decimal = text.trim().parse().ok()?;
        let rounded = (degrees * rust_decimal::Decimal::from(10_000)).round();
        i32::try_from(i64::try_from(rounded).ok()? * 1_000).ok()
    };
    let at = GeoPoint { latitude_e7: angle(latitude)?, longitude_e7: angle(longitude)? };
    let named = (!name.trim().is_empty()).then(|| name.trim().to_owned());
    let place = Place {
        at,
        province: province.to_owned(),
        national_id: Some(code.to_owned()),
        name: named,
    };
    Some((place, mineral))
}
