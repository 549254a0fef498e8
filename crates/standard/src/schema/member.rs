//! One member: its type, its limits, its description.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::{
    code::{self, List},
    icglr::{Joint, Member, Paid, Plan, Shape, Weighed},
    model::{Class, Form},
};

use super::comment;

/// The member states, alpha-2: whose sites and certificates these can be.
const MEMBER_STATES: [&str; 12] =
    ["AO", "BI", "CD", "CF", "CG", "KE", "RW", "SD", "SS", "TZ", "UG", "ZM"];

/// A member that stands by itself.
pub(super) fn leaf(member: &Member) -> Json {
    match member.shape {
        Shape::Number(list) => integers(list),
        Shape::Numbers(list) => {
            let mut numbers = json!({ "type": "array", "items": integers(list) });
            if member.always {
                numbers["minItems"] = json!(1);
            }
            numbers
        }
        Shape::Name(list) => {
            json!({ "type": "string", "enum": list.codes.iter().map(|code| code.word).collect::<Vec<_>>() })
        }
        Shape::Integer | Shape::Decimal(_) | Shape::Measured(_) => number(member),
        Shape::Money(Paid::Joined, _) => {
            json!({ "type": "string", "pattern": "^[A-Z]{3} [0-9]+(\\.[0-9]+)?$" })
        }
        Shape::Money(..) => json!({ "type": "number", "minimum": 0 }),
        Shape::Instant => instant(),
        Shape::Words => {
            let mut words = json!({ "type": "array", "items": text(member) });
            if member.always {
                words["minItems"] = json!(1);
            }
            words
        }
        Shape::Joined(Joint::Origin) => {
            json!({ "type": "string", "pattern": "^([A-Z]{2}|0)(;([A-Z]{2}|0))*$" })
        }
        Shape::Joined(_) => json!({ "type": "string", "minLength": 1 }),
        _ => text(member),
    }
}

/// A mass, and the unit that no field keeps.
pub(super) fn mass(member: &Member, weighed: Weighed) -> Vec<(String, Json)> {
    let zero_counts = matches!(member.spec.form, Form::MassOrZero);
    let bound = if zero_counts { "minimum" } else { "exclusiveMinimum" };
    let mut written = vec![(member.name.clone(), json!({ "type": "number", bound: 0 }))];
    if let Weighed::Stated = weighed {
        written
            .push(("unitOfMeasurement".to_owned(), json!({ "type": "string", "enum": ["KGM"] })));
    }
    written
}

fn integers(list: &List) -> Json {
    let numbers: Vec<u8> = list.codes.iter().filter_map(|code| code.standard).collect();
    json!({ "type": "integer", "enum": numbers })
}

fn number(member: &Member) -> Json {
    match member.spec.form {
        Form::Degrees { max } => json!({ "type": "number", "minimum": -max, "maximum": max }),
        Form::Altitude => json!({ "type": "number", "minimum": -100, "maximum": 6000 }),
        Form::Concentration => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
        Form::Thousandths => json!({ "type": "number", "minimum": 0 }),
        Form::LineNumber => json!({ "type": "integer", "minimum": 1 }),
        Form::Level => json!({ "type": "integer", "minimum": 1, "maximum": 3 }),
        _ => json!({ "type": "integer", "minimum": 0 }),
    }
}

fn text(member: &Member) -> Json {
    let pattern = match member.spec.form {
        // Bytes are never fewer than characters.
        Form::Text { max, .. } => {
            return json!({ "type": "string", "minLength": 1, "maxLength": max });
        }
        Form::Date => return date(),
        Form::Country if matches!(member.spec.name, "address_country" | "issuing_country") => {
            return json!({ "type": "string", "enum": MEMBER_STATES });
        }
        Form::Email => {
            return json!({ "type": "string", "pattern": "^(N/A|[^@\\s]+@[^@\\s]+\\.[^@\\s]+)$", "maxLength": 254 });
        }
        Form::Country => "^[A-Z]{2}$",
        Form::Origin => "^([A-Z]{2}|UNKNOWN)$",
        Form::Subdivision => "^[A-Z]{2}-[A-Z0-9]{1,3}$",
        Form::Month => "^[0-9]{4}-[0-9]{2}$",
        Form::Mineral => "^([0-9]+(\\.[0-9]+)*|IMA[0-9]{4}-[0-9A-Z]+)$",
        Form::Currency if member.spec.class == Class::National => "^(N/A|[A-Z]{3})$",
        Form::Currency => "^[A-Z]{3}$",
        Form::SiteId | Form::SiteReference => {
            "^[A-Z]{2}(-[+-]?|\\+)[0-9]+\\.[0-9]{4}[+-][0-9]+\\.[0-9]{4}-[0-9]+$"
        }
        Form::Phone => "^(N/A|\\+[1-9][0-9]{6,14})$",
        Form::Feed => "^(master-data|transactions)$",
        _ => return json!({ "type": "string" }),
    };
    json!({ "type": "string", "pattern": pattern })
}

pub(super) fn date() -> Json {
    json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

pub(super) fn instant() -> Json {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn polygon() -> Json {
    let coordinate =
        |max: u32| json!({ "type": "number", "minimum": -i64::from(max), "maximum": max });
    let position = json!({
        "type": "array",
        "items": [coordinate(180), coordinate(90)],
        "minItems": 2,
        "maxItems": 2,
    });
    let ring = json!({ "type": "array", "minItems": 4, "items": position });
    json!({
        "type": "object",
        "required": ["type", "coordinates"],
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "enum": ["Polygon"] },
            "coordinates": { "type": "array", "minItems": 1, "items": ring },
        },
    })
}

/// What the .proto text says of the field, what it looks like, and who may see it.
pub(super) fn description(plan: &Plan, member: &Member, name: &str) -> String {
    let mut text = if name == member.name || matches!(member.shape, Shape::Registered) {
        comment::of_field(plan.title, member.spec.name)
    } else {
        comment::OURS.to_owned()
    };
    if let (Form::Code(list), true) = (member.spec.form, name == member.name) {
        // Writing into a String cannot fail.
        let _ = write!(text, " {}.", coded(list, member));
    }
    if member.spec.class == Class::National {
        text.push_str(" N/A outside its state.");
    }
    text
}

fn coded(list: &List, member: &Member) -> String {
    if list.name == code::UNIT_OF_MEASUREMENT.name {
        return "TNE tonne, KGM kilogram; grams are written as kilograms".to_owned();
    }
    let counted = matches!(member.shape, Shape::Number(_) | Shape::Numbers(_));
    let codes = list.codes.iter().map(|code| match code.standard.filter(|_| counted) {
        Some(number) => format!("{number} {}", code.word),
        None => code.word.to_owned(),
    });
    codes.collect::<Vec<_>>().join(", ")
}
