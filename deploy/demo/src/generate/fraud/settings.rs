//! R24: where sites lie, and which they are.

use anyhow::Result;
use rmd_proto::v1::GeoPoint;
use rmd_reconcile::{Rule::Location, Severity::Serious, geography::outside_m};
use rmd_standard::site_id::mint;

use super::{remote, site_at};
use crate::generate::{label::Told, site::Site, world::World};

/// Sites outside their state, away from their ids, on top of each other.
pub(super) fn location(world: &mut World) -> Result<()> {
    for (metres, is_found) in [(2_030, true), (1_970, false)] {
        let at = outside(metres);
        let site = site_at(world, "CD", "CD-HK", at);
        world.on_site(Location, Told::serious(is_found), &site)?;
        world.add(site);
    }
    // The point of the id lies north of the site.
    for (ten_thousandths, is_found) in [(101, true), (98, false)] {
        let mut site = remote(world);
        let at = point(&site);
        let other = GeoPoint { latitude_e7: at.latitude_e7 + ten_thousandths * 1_000, ..at };
        site.record.icglr_id = mint("CD", other, &site.record.national_id);
        let told = if is_found { Told::WARNING } else { Told::NOT_WARNING };
        world.on_site(Location, told, &site)?;
        world.add(site);
    }
    beside(world)?;
    alike(world)?;
    for (ring, is_found) in [([0, 2, 1, 3], true), ([0, 1, 2, 3], false)] {
        let mut site = remote(world);
        let polygon = polygon(point(&site), ring);
        if let Some(place) = &mut site.record.mine_site_location {
            place.polygon = polygon;
        }
        let told = if is_found { Told::WARNING } else { Told::NOT_WARNING };
        world.on_site(Location, told, &site)?;
        world.add(site);
    }
    Ok(())
}

/// Two sites of two owners less, or more, than a hundred metres apart.
fn beside(world: &mut World) -> Result<()> {
    for (ten_thousandths, is_found) in [(8, true), (10, false)] {
        let one = remote(world);
        let at = point(&one);
        let near = GeoPoint { latitude_e7: at.latitude_e7 + ten_thousandths * 1_000, ..at };
        world.add(one.clone());
        let other = site_at(world, "CD", "CD-LU", near);
        let told = if is_found { Told::INFORMATION } else { Told::NOT_INFORMATION };
        world.on_site(Location, told, &one)?;
        world.on_site(Location, told, &other)?;
        world.add(other);
    }
    Ok(())
}

/// Two sites with one national id.
fn alike(world: &mut World) -> Result<()> {
    let one = remote(world);
    world.add(one.clone());
    let mut other = remote(world);
    other.record.national_id.clone_from(&one.record.national_id);
    world.on_site(Location, Serious, &one)?;
    world.on_site(Location, Serious, &other)?;
    world.add(other);
    Ok(())
}

fn point(site: &Site) -> GeoPoint {
    let place = site.record.mine_site_location.as_ref();
    place.and_then(|place| place.geolocalization).unwrap_or_default()
}

/// A point about so many metres outside of COD, in the south.
fn outside(metres: i64) -> GeoPoint {
    let longitude_e7 = 265_000_000 + i32::try_from(metres).unwrap_or_default() * 1_000;
    let at = |latitude_e7: i32| GeoPoint { latitude_e7, longitude_e7 };
    let (mut inner, mut outer) = (-100_000_000_i32, -140_000_000_i32);
    while inner - outer > 1_000 {
        let middle = i32::midpoint(inner, outer);
        let is_beyond = outside_m("CD", at(middle)).is_some_and(|outside| outside > metres);
        if is_beyond { outer = middle } else { inner = middle }
    }
    at(inner / 1_000 * 1_000)
}

/// A square of some hundred metres around a point, its corners in that order.
fn polygon(at: GeoPoint, order: [usize; 4]) -> String {
    let corners = [(-20, -20), (-20, 20), (20, 20), (20, -20)];
    let written = |ten_thousandths: i32| {
        rust_decimal::Decimal::new(i64::from(ten_thousandths), 4).to_string()
    };
    let corner = |place: usize| {
        let (east, north) = corners[place];
        let longitude = written(at.longitude_e7 / 1_000 + east);
        format!("[{longitude},{}]", written(at.latitude_e7 / 1_000 + north))
    };
    let ring: Vec<String> = order.into_iter().chain([order[0]]).map(corner).collect();
    format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}", ring.join(","))
}
