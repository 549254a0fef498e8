//! The JSON-LD context: which term each name of the standard's JSON means.
//!
//! The vocabulary is the standard's own; a few names have well-known terms
//! elsewhere. Types follow from the shapes of the members.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use super::{
    plan::plans,
    shape::{Paid, Shape},
};
use crate::model::Form;

/// The vocabulary of the standard.
const VOCABULARY: &str = "https://icglr.org/vocab/";

/// Names with a term of another vocabulary.
const TERMS: [(&str, &str); 13] = [
    ("latitude", "geo:lat"),
    ("longitude", "geo:long"),
    ("lat", "geo:lat"),
    ("long", "geo:long"),
    ("altitude", "geo:alt"),
    ("name", "schema:name"),
    ("contactPhoneNumber", "schema:telephone"),
    ("otherPhoneNumber", "schema:telephone"),
    ("contactEmail", "schema:email"),
    ("mass", "schema:weight"),
    ("unitOfMeasurement", "schema:unitCode"),
    ("currency", "schema:priceCurrency"),
    ("country", "schema:addressCountry"),
];

static CONTEXT: LazyLock<Json> = LazyLock::new(|| {
    let mut terms = Map::new();
    for (prefix, of) in [
        ("icglr", VOCABULARY),
        ("schema", "https://schema.org/"),
        ("geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ] {
        terms.insert(prefix.to_owned(), Json::from(of));
    }
    terms.insert("@version".to_owned(), json!(1.1));
    terms.insert("@vocab".to_owned(), Json::from(VOCABULARY));
    for plan in &plans().all {
        terms.insert(plan.title.to_owned(), Json::from(format!("icglr:{}", plan.title)));
        for member in &plan.members {
            let kind = type_of(member.shape, member.spec.form);
            terms.entry(member.name.clone()).or_insert_with(|| term(&member.name, kind));
        }
    }
    for (name, kind) in [
        ("dateRegistration", Some("xsd:date")),
        ("timeRegistration", Some("xsd:time")),
        ("otherTag", None),
        ("otherPhoneNumber", Some("xsd:string")),
        ("lat", Some("xsd:decimal")),
        ("long", Some("xsd:decimal")),
        ("polygonAsGiven", Some("@json")),
    ] {
        terms.insert(name.to_owned(), term(name, kind));
    }
    json!({ "@context": terms })
});

/// The context document.
pub fn context() -> &'static Json {
    &CONTEXT
}

fn term(name: &str, kind: Option<&str>) -> Json {
    let known = TERMS.iter().find(|(known, _)| *known == name);
    let id = known.map_or_else(|| format!("icglr:{name}"), |(_, term)| (*term).to_owned());
    match kind {
        Some(kind) => json!({ "@id": id, "@type": kind }),
        // An embedded entity says itself what it is.
        None => json!({ "@id": id }),
    }
}

fn type_of(shape: Shape, form: Form) -> Option<&'static str> {
    Some(match shape {
        Shape::Number(_) | Shape::Numbers(_) | Shape::Integer => "xsd:integer",
        Shape::Decimal(_)
        | Shape::Measured(_)
        | Shape::Mass(_)
        | Shape::Money(Paid::Plain | Paid::Price, _) => "xsd:decimal",
        Shape::Time => "xsd:time",
        Shape::Instant | Shape::Registered => "xsd:dateTime",
        Shape::Polygon => "@json",
        Shape::Part
        | Shape::Locality
        | Shape::Parts
        | Shape::Tags
        | Shape::Inputs
        | Shape::Extensions => {
            return None;
        }
        _ if matches!(form, Form::Date) => "xsd:date",
        _ => "xsd:string",
    })
}
