//! Points, distances and borders.
//!
//! Borders are those of Natural Earth 1:10m (public domain), as `data/borders.mjs`
//! takes them out of a pinned package; they run up to some hundred metres beside the
//! ground, so limits in metres are wider than that. Distances are along great
//! circles, in whole metres.

use std::{collections::BTreeMap, sync::LazyLock};

use geo::{
    Contains, Coord, Distance, Haversine, HaversineClosestPoint, LineString, MultiPolygon, Point,
    Polygon, Validation, algorithm::validation::InvalidPolygon,
};
use rmd_proto::v1::GeoPoint;
use serde::Deserialize;

static BORDERS: LazyLock<Borders> = LazyLock::new(|| {
    let table: Table = serde_json::from_str(include_str!("../data/borders.json"))
        .expect("the table is a part of the program, and a test reads it");
    Borders::of(table)
});

/// The table as it is written.
#[derive(Deserialize)]
struct Table {
    coast: Vec<String>,
    neighbours: BTreeMap<String, Vec<String>>,
    /// Ten-thousandths of a degree, longitude first.
    polygons: BTreeMap<String, Vec<Vec<Vec<[i32; 2]>>>>,
}

struct Borders {
    coast: Vec<String>,
    neighbours: BTreeMap<String, Vec<String>>,
    areas: BTreeMap<String, MultiPolygon>,
}

impl Borders {
    fn of(table: Table) -> Self {
        let coord = |[x, y]: &[i32; 2]| Coord { x: f64::from(*x) / 1e4, y: f64::from(*y) / 1e4 };
        let ring = |points: &Vec<[i32; 2]>| points.iter().map(coord).collect::<LineString>();
        let polygon = |rings: &Vec<Vec<[i32; 2]>>| {
            let mut rings = rings.iter().map(ring);
            let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
            Polygon::new(outer, rings.collect())
        };
        let area = |parts: &Vec<Vec<Vec<[i32; 2]>>>| parts.iter().map(polygon).collect();
        let areas = table.polygons.iter().map(|(code, parts)| (code.clone(), area(parts)));
        Self { areas: areas.collect(), coast: table.coast, neighbours: table.neighbours }
    }
}

fn point(at: GeoPoint) -> Point {
    Point::new(f64::from(at.longitude_e7) / 1e7, f64::from(at.latitude_e7) / 1e7)
}

#[expect(clippy::cast_possible_truncation, reason = "no two points are 2^53 metres apart")]
fn metres(distance: f64) -> i64 {
    distance.round() as i64
}

/// Metres from one point to another.
pub fn distance_m(one: GeoPoint, other: GeoPoint) -> i64 {
    metres(Haversine.distance(point(one), point(other)))
}

/// Metres from a point to the border of a member (alpha-2), from whatever side.
pub fn border_m(country: &str, at: GeoPoint) -> Option<i64> {
    let area = BORDERS.areas.get(country)?;
    let rings = area
        .iter()
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    let at = point(at);
    let nearest = rings.filter_map(|ring| match ring.haversine_closest_point(&at) {
        geo::Closest::Intersection(on) | geo::Closest::SinglePoint(on) => {
            Some(metres(Haversine.distance(at, on)))
        }
        geo::Closest::Indeterminate => None,
    });
    nearest.min()
}

/// How many metres a point lies outside a member (alpha-2); 0 inside.
pub fn outside_m(country: &str, at: GeoPoint) -> Option<i64> {
    if BORDERS.areas.get(country)?.contains(&point(at)) {
        return Some(0);
    }
    border_m(country, at)
}

/// Whether two African states (alpha-2) have a common border; none for others.
pub fn have_border(one: &str, other: &str) -> Option<bool> {
    BORDERS.neighbours.get(other)?;
    Some(BORDERS.neighbours.get(one)?.iter().any(|code| code == other))
}

/// Whether an African state (alpha-2) has a coast.
pub fn has_coast(country: &str) -> bool {
    BORDERS.coast.iter().any(|code| code == country)
}

/// Whether the rings of a GeoJSON polygon cross themselves; none if it is no polygon.
pub fn crosses_itself(geojson: &str) -> Option<bool> {
    #[derive(Deserialize)]
    struct Shape {
        coordinates: Vec<Vec<Vec<f64>>>,
    }
    let shape: Shape = serde_json::from_str(geojson).ok()?;
    let coord = |pair: &Vec<f64>| Some(Coord { x: *pair.first()?, y: *pair.get(1)? });
    let ring = |points: &Vec<Vec<f64>>| points.iter().map(coord).collect::<Option<LineString>>();
    let mut rings = shape.coordinates.iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter();
    let polygon = Polygon::new(rings.next()?, rings.collect());
    let crosses = |error: &InvalidPolygon| matches!(error, InvalidPolygon::SelfIntersection(_));
    Some(polygon.validation_errors().iter().any(crosses))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> GeoPoint {
        #[expect(clippy::cast_possible_truncation, reason = "degrees")]
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        GeoPoint { latitude_e7: e7(latitude), longitude_e7: e7(longitude) }
    }

    #[test]
    fn a_minute_of_latitude_is_a_nautical_mile() {
        let metres = distance_m(at(0.0, 30.0), at(1.0 / 60.0, 30.0));
        assert!((1_850..1_856).contains(&metres), "{metres}");
        assert_eq!(distance_m(at(-1.5, 29.0), at(-1.5, 29.0)), 0);
    }

    #[test]
    fn every_member_has_its_area_and_its_capital_lies_inside() {
        for (country, latitude, longitude) in [
            ("AO", -8.84, 13.29),
            ("BI", -3.43, 29.93),
            ("CF", 4.39, 18.60),
            ("CG", -4.25, 15.24),
            ("CD", -4.42, 15.32),
            ("KE", -1.29, 36.82),
            ("RW", -1.95, 30.06),
            ("SS", 4.85, 31.58),
            ("SD", 15.55, 32.53),
            ("TZ", -6.17, 35.74),
            ("UG", 0.31, 32.58),
            ("ZM", -15.41, 28.29),
        ] {
            assert_eq!(outside_m(country, at(latitude, longitude)), Some(0), "{country}");
        }
        assert_eq!(outside_m("FR", at(48.8, 2.3)), None);
    }

    #[test]
    fn outside_is_measured_to_the_border() {
        // Goma lies in the Congo, a few kilometres from Rwanda.
        let goma = at(-1.66, 29.20);
        assert_eq!(outside_m("CD", goma), Some(0));
        let outside = outside_m("RW", goma).unwrap();
        assert!((500..8_000).contains(&outside), "{outside}");
        assert_eq!(border_m("RW", goma), Some(outside));
    }

    #[test]
    fn borders_between_states_are_known_both_ways() {
        assert_eq!(have_border("RW", "CD"), Some(true));
        assert_eq!(have_border("RW", "KE"), Some(false));
        assert_eq!(have_border("RW", "AE"), None);
        for (one, others) in &BORDERS.neighbours {
            for other in others {
                assert_eq!(have_border(other, one), Some(true), "{one} {other}");
            }
        }
        assert!(has_coast("KE") && !has_coast("RW"));
    }

    #[test]
    fn a_ring_that_crosses_itself_is_seen() {
        let polygon = |points: &str| {
            crosses_itself(&format!(r#"{{"type":"Polygon","coordinates":[[{points}]]}}"#))
        };
        assert_eq!(polygon("[0,0],[0,1],[1,1],[1,0],[0,0]"), Some(false));
        assert_eq!(polygon("[0,0],[1,1],[1,0],[0,1],[0,0]"), Some(true));
        assert_eq!(crosses_itself("POLYGON"), None);
    }
}
