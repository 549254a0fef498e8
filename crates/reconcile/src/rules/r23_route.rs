//! R23: a shipment takes the route that its certificate tells.
//!
//! A state on the way whose declarations count and that declared no transit of the
//! certificate: information. Two consecutive African countries without a common
//! border: a warning; between two coasts the leg may be by sea, and a leg that leaves
//! or enters Africa is by sea or air. Exit by a post of a country that is not on the
//! route: a warning; a post tells its country where it is a UN/LOCODE.

use std::collections::BTreeSet;

use rmd_proto::v1::Procedure;
use rmd_standard::{Entity, country::is_country};

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Rule, Sentence, Severity,
    geography::{has_coast, have_border},
    view::CertificateView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R23-TRANSIT",
        en: "the route {route} passes through {country}, which declared no transit",
        fr: "l'itinéraire {route} passe par {country}, qui n'a pas déclaré de transit",
    },
    Sentence {
        id: "R23-LEG",
        en: "on the route {route}, {one} and {other} have no common border",
        fr: "sur l'itinéraire {route}, {one} et {other} n'ont pas de frontière commune",
    },
    Sentence {
        id: "R23-POST",
        en: "the goods left by {post}, which is not on the route {route}",
        fr: "les marchandises sont sorties par {post}, qui n'est pas sur l'itinéraire {route}",
    },
];

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    let text = &certificate.record.shipment_route;
    let lacking = |lack| {
        let what = "ExportCertificate.shipment_route";
        Outcome::lacking(Missing::new(what, certificate.key(), lack))
    };
    if text.trim().is_empty() {
        return lacking(Lack::Absent);
    }
    let Some(route) = countries(text) else { return lacking(Lack::Ambiguous) };
    let finder = Finder::about_certificate(Rule::Route, view, []);
    let written = route.join(";");
    of_transits(view, &route, &finder, context)
        .and(of_legs(&route, &written, &finder))
        .and(of_posts(view, &route, &written))
}

/// The countries of a route; none if a part of it is no country.
fn countries(text: &str) -> Option<Vec<String>> {
    let parts =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    let parts = parts.map(str::to_uppercase);
    let mut route: Vec<String> =
        parts.map(|part| is_country(&part).then_some(part)).collect::<Option<_>>()?;
    route.dedup();
    Some(route)
}

fn of_transits(
    view: &CertificateView,
    route: &[String],
    finder: &Finder,
    context: &Context,
) -> Outcome {
    let transits = |procedure: Procedure, country: &str| {
        (procedure == Procedure::Transit).then(|| country.to_owned())
    };
    let exports =
        view.exports.iter().filter_map(|one| transits(one.record.procedure(), one.country()));
    let imports =
        view.imports.iter().filter_map(|one| transits(one.record.procedure(), one.country()));
    let declared: BTreeSet<String> = exports.chain(imports).collect();
    let last = route.len().saturating_sub(1);
    let between = route.iter().enumerate().filter(|(place, country)| {
        *place > 0 && *place < last && country.as_str() != view.certificate.country()
    });
    between.fold(Outcome::passed(), |outcome, (_, country)| {
        let reports = context.coverage.is_live(country, Entity::ExportDeclaration);
        if !reports || declared.contains(country) || view.exports.is_empty() {
            return outcome;
        }
        let measures =
            vec![Measure::text("route", route.join(";")), Measure::text("country", country)];
        let raised = finder.raise(Severity::Information, &SENTENCES[0], measures);
        outcome.and(raised.about(country))
    })
}

fn of_legs(route: &[String], written: &str, finder: &Finder) -> Outcome {
    route.windows(2).fold(Outcome::passed(), |outcome, leg| {
        let by_sea = has_coast(&leg[0]) && has_coast(&leg[1]);
        if by_sea || have_border(&leg[0], &leg[1]) != Some(false) {
            return outcome;
        }
        let measures = vec![
            Measure::text("route", written),
            Measure::text("one", &leg[0]),
            Measure::text("other", &leg[1]),
        ];
        let raised = finder.raise(Severity::Warning, &SENTENCES[1], measures);
        outcome.and(raised.about(&leg.join(";")))
    })
}

fn of_posts(view: &CertificateView, route: &[String], written: &str) -> Outcome {
    view.exports.iter().fold(Outcome::passed(), |outcome, export| {
        let post = &export.record.exit_post;
        let Some(country) = country_of(post) else { return outcome };
        if route.contains(&country) || country == view.certificate.country() {
            return outcome;
        }
        let finder = Finder::about_certificate(Rule::Route, view, [export.named.clone()]);
        let measures = vec![Measure::text("post", post), Measure::text("route", written)];
        outcome.and(finder.raise(Severity::Warning, &SENTENCES[2], measures))
    })
}

/// The country of a UN/LOCODE: two letters of a country and three of a place.
fn country_of(post: &str) -> Option<String> {
    let letters: String = post.chars().filter(|letter| !letter.is_whitespace()).collect();
    let is_code = letters.len() == 5
        && letters.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let country = letters.get(..2).filter(|code| is_code && is_country(code))?;
    Some(country.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, certificate, certificate_view, context, export, told};

    fn on_route(route: &str, posts: &[(&str, Procedure)]) -> (Vec<Severity>, usize) {
        let mut certificate = certificate();
        certificate.shipment_route = route.to_owned();
        let mut view = certificate_view(certificate);
        for (post, procedure) in posts {
            let mut one = (*export("E", "2026-07-09", KG, "C-1")).clone();
            one.record.exit_post = (*post).to_owned();
            one.record.procedure = (*procedure).into();
            if *procedure == Procedure::Transit {
                one.named.country = post[..2].into();
            }
            view.exports.push(one.into());
        }
        told(&judge(&view, &context()))
    }

    const OUT: (&str, Procedure) = ("RWKGL", Procedure::Normal);

    #[test]
    fn a_state_on_the_way_declares_the_transit() {
        let transit = ("UGKLA", Procedure::Transit);
        assert_eq!(on_route("RW;UG;KE", &[OUT, transit]), (vec![], 0));
        assert_eq!(on_route("RW;UG;KE", &[OUT]), (vec![Severity::Information], 0));
        assert_eq!(on_route("RW;UG", &[OUT]), (vec![], 0));
    }

    #[test]
    fn neighbours_and_coasts_are_joined_and_others_are_not() {
        assert_eq!(on_route("RW;KE", &[OUT]), (vec![Severity::Warning], 0));
        assert_eq!(on_route("KE;ZA", &[OUT]), (vec![], 0));
        assert_eq!(on_route("RW - AE", &[OUT]), (vec![], 0));
    }

    #[test]
    fn a_post_is_on_the_route() {
        assert_eq!(
            on_route("RW;UG", &[("BIBJM", Procedure::Normal)]),
            (vec![Severity::Warning], 0)
        );
        assert_eq!(on_route("RW;UG", &[("Gatuna", Procedure::Normal)]), (vec![], 0));
    }

    #[test]
    fn a_route_in_words_stays_open() {
        assert_eq!(on_route("by road to Mombasa", &[OUT]), (vec![], 1));
        assert_eq!(on_route("", &[OUT]), (vec![], 1));
    }
}
