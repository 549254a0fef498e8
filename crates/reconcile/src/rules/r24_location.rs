//! R24: a site is where it says, and is one site.
//!
//! Its point outside the country beyond the limit: serious. Further than the limit
//! from the point in its own id: a warning. Two ids of different owners nearer than the
//! limit: information. One national id with two ids: serious. A polygon that crosses
//! itself: a warning.

use rmd_proto::v1::{GeoPoint, MineSite};
use rmd_standard::site_id::{Angle, Sign, SiteId};

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Named, Outcome, Parameter, Rule, Sentence, Severity, Unit,
    geography::{crosses_itself, distance_m, outside_m},
    view::SiteView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R24-OUTSIDE",
        en: "the site lies {distance} outside {country}",
        fr: "le site est à {distance} hors de {country}",
    },
    Sentence {
        id: "R24-ID",
        en: "the site lies {distance} from the point in its id",
        fr: "le site est à {distance} du point de son identifiant",
    },
    Sentence {
        id: "R24-NEAR",
        en: "the site lies {distance} from {other}, which has another owner",
        fr: "le site est à {distance} de {other}, qui a un autre propriétaire",
    },
    Sentence {
        id: "R24-NATIONAL",
        en: "{other} has the same national id, {national}",
        fr: "{other} a le même identifiant national, {national}",
    },
    Sentence {
        id: "R24-POLYGON",
        en: "the polygon of the site crosses itself",
        fr: "le polygone du site se croise lui-même",
    },
];

pub(super) fn judge(view: &SiteView, context: &Context) -> Outcome {
    let site = &view.facts.site;
    let place = site.record.mine_site_location.as_ref();
    let polygon = place.map_or("", |place| &*place.polygon);
    let mut outcome = of_national_id(view);
    if crosses_itself(polygon) == Some(true) {
        outcome = outcome.and(raise(view, None, Severity::Warning, &SENTENCES[4], Vec::new()));
    }
    let Some(at) = place.and_then(|place| place.geolocalization) else {
        let what = Missing::new("MineSite.mine_site_location", site.key(), Lack::Absent);
        return outcome.and(Outcome::lacking(what));
    };
    outcome
        .and(of_country(view, at, context))
        .and(of_id(view, at, context))
        .and(of_others(view, at, context))
}

fn raise(
    view: &SiteView,
    other: Option<&Named>,
    severity: Severity,
    sentence: &'static Sentence,
    measures: Vec<Measure>,
) -> Outcome {
    let finder = Finder::about_site(Rule::Location, view, other.cloned());
    finder.raise(severity, sentence, measures)
}

fn metres(distance: i64) -> Measure {
    Measure::number("distance", Unit::Metres, distance)
}

fn limit(view: &SiteView, context: &Context, parameter: Parameter) -> i64 {
    context.limit(parameter, view.facts.site.country(), "")
}

fn of_country(view: &SiteView, at: GeoPoint, context: &Context) -> Outcome {
    let country = view.facts.site.country();
    let outside = outside_m(country, at).unwrap_or(0);
    if outside <= limit(view, context, Parameter::OutsideCountry) {
        return Outcome::passed();
    }
    let measures = vec![metres(outside), Measure::text("country", country)];
    raise(view, None, Severity::Serious, &SENTENCES[0], measures)
}

fn of_id(view: &SiteView, at: GeoPoint, context: &Context) -> Outcome {
    let Some(id) = SiteId::parse(&view.facts.site.record.icglr_id) else {
        return Outcome::passed();
    };
    let point = GeoPoint {
        latitude_e7: near(id.latitude_e4, at.latitude_e7),
        longitude_e7: near(id.longitude_e4, at.longitude_e7),
    };
    let distance = distance_m(at, point);
    if distance <= limit(view, context, Parameter::OutsideId) {
        return Outcome::passed();
    }
    raise(view, None, Severity::Warning, &SENTENCES[1], vec![metres(distance)])
}

/// An angle of an id in ten-millionths. A sign that the spelling leaves open is taken
/// from where the site lies: nobody is blamed for a hyphen.
fn near(angle: Angle, at_e7: i32) -> i32 {
    let size = i32::try_from(angle.size).unwrap_or(i32::MAX).saturating_mul(1_000);
    match angle.sign {
        Some(Sign::Plus) => size,
        None if at_e7 >= 0 => size,
        Some(Sign::Minus) | None => -size,
    }
}

fn of_others(view: &SiteView, at: GeoPoint, context: &Context) -> Outcome {
    let owner = owner(&view.facts.site.record);
    let near = limit(view, context, Parameter::SitesNear);
    view.neighbours.iter().fold(Outcome::passed(), |outcome, other| {
        let distance = distance_m(at, other.at);
        let is_alike = owner.is_empty() || other.owner.is_empty() || owner == other.owner;
        if is_alike || distance >= near {
            return outcome;
        }
        let measures = vec![metres(distance), Measure::text("other", &*other.site.key)];
        let sentence = &SENTENCES[2];
        outcome.and(raise(view, Some(&other.site), Severity::Information, sentence, measures))
    })
}

fn owner(site: &MineSite) -> &str {
    site.owner.as_ref().map_or("", |owner| &owner.identifier)
}

fn of_national_id(view: &SiteView) -> Outcome {
    let national = &view.facts.site.record.national_id;
    view.same_national_id.iter().fold(Outcome::passed(), |outcome, other| {
        let measures =
            vec![Measure::text("other", &*other.key), Measure::text("national", national)];
        outcome.and(raise(view, Some(other), Severity::Serious, &SENTENCES[3], measures))
    })
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{BusinessEntity, Location};
    use rmd_standard::Entity;

    use super::*;
    use crate::{
        testing::{context, site_facts, site_view, told},
        view::Neighbour,
    };

    /// A site of Rwanda with an id of -1.9403, 29.8739.
    fn site(latitude_e7: i32, longitude_e7: i32, polygon: &str) -> SiteView {
        let geolocalization = Some(GeoPoint { latitude_e7, longitude_e7 });
        let polygon = polygon.to_owned();
        let site = MineSite {
            icglr_id: "RW-1.9403+29.8739-00001".to_owned(),
            address_country: "RW".to_owned(),
            national_id: "N-1".to_owned(),
            mine_site_location: Some(Location { geolocalization, polygon, ..Location::default() }),
            owner: Some(BusinessEntity { identifier: "O-1".to_owned(), ..Default::default() }),
            ..MineSite::default()
        };
        let facts = site_facts(site);
        site_view(facts)
    }

    fn named(key: &str) -> Named {
        let (key, country) = (key.into(), "RW".into());
        Named { entity: Entity::MineSite, key, country, rev: 1, digest: [0; 32] }
    }

    fn found(view: &SiteView) -> Vec<Severity> {
        told(&judge(view, &context())).0
    }

    #[test]
    fn a_site_may_lie_eleven_hundred_metres_from_its_ids_point() {
        // 0.00989 degrees of latitude are 1 100 m.
        assert_eq!(found(&site(-19_403_000, 298_739_000, "")), []);
        assert_eq!(found(&site(-19_403_000 + 98_900, 298_739_000, "")), []);
        assert_eq!(found(&site(-19_403_000 + 99_100, 298_739_000, "")), [Severity::Warning]);
    }

    #[test]
    fn a_site_beyond_the_border_is_serious() {
        let mut found = found(&site(-16_600_000, 290_000_000, ""));
        found.sort_unstable();
        assert_eq!(found, [Severity::Warning, Severity::Serious]);
    }

    #[test]
    fn neighbours_of_other_owners_and_shared_national_ids_are_found() {
        let mut view = site(-19_403_000, 298_739_000, "");
        let at = |metres: i32| GeoPoint {
            latitude_e7: -19_403_000 + metres * 90,
            longitude_e7: 298_739_000,
        };
        let neighbour = |owner: &str, metres| Neighbour {
            site: named("RW-2"),
            at: at(metres),
            owner: owner.to_owned(),
        };
        view.neighbours = vec![neighbour("O-1", 10), neighbour("O-2", 120), neighbour("", 10)];
        assert_eq!(found(&view), []);
        view.neighbours.push(neighbour("O-2", 90));
        assert_eq!(found(&view), [Severity::Information]);
        view.neighbours.clear();
        view.same_national_id = vec![named("RW-9")];
        assert_eq!(found(&view), [Severity::Serious]);
    }

    #[test]
    fn a_polygon_that_crosses_itself_warns() {
        let bow = r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#;
        assert_eq!(found(&site(-19_403_000, 298_739_000, bow)), [Severity::Warning]);
    }
}
