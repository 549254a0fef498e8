//! What Rwanda's derivation adds, requires and narrows. Its own attributes are
//! no fields of ours: they are kept as attributes of a national usage.

use serde_json::{Map, Value as Json, json};

use crate::icglr::Member;

/// Changes the members of a message to those of Rwanda's derivation.
pub(super) fn adapt(code: &str, properties: &mut Map<String, Json>, required: &mut Vec<String>) {
    let mut add = |name: &str, schema: Json, needed: bool| {
        properties.insert(name.to_owned(), schema);
        if needed {
            required.push(name.to_owned());
        }
    };
    let text = |description: &str| json!({ "type": "string", "description": description });
    match code {
        "MD01" => {
            add("addressCountry", json!({ "type": "string", "enum": ["RW"] }), false);
            add("allowedTags", count("Number of tags that the site may use."), true);
            add("minesLocations", points(), false);
            required.retain(|name| name != "nationalId");
        }
        "MD03" => add("issuingCountry", json!({ "type": "string", "enum": ["RW"] }), false),
        "MD04" => {
            add("businessType", text("Type of business in the national register."), true);
            for name in ["rdbNumber", "rcaNumber", "otherInfo"] {
                add(name, text("Of the national register."), false);
            }
        }
        "MD05" => add("streetAddress", text("Street and number."), false),
        "MD11" => {
            add("representativeRMB", text("Who approved the tag for the mines board."), true);
            add("tagType", text("Numeric, QR code or other."), false);
        }
        "MD12" => {
            add(
                "price",
                json!({ "type": "number", "minimum": 0, "description": "US dollars a kilogram." }),
                true,
            );
            add("miner", text("Name of the miner who stood for the team."), false);
            properties.remove("minerName");
        }
        _ => {}
    }
}

/// A coordinate under Rwanda's name, and with all its digits.
pub(super) fn coordinate(member: &Member) -> Vec<(String, Json)> {
    let (name, max) = if member.spec.name == "latitude_e7" { ("lat", 90) } else { ("long", 180) };
    let bounded = json!({ "type": "number", "minimum": -max, "maximum": max });
    let mut short = bounded.clone();
    short["multipleOf"] = json!(0.0001);
    vec![(name.to_owned(), short), (member.name.clone(), bounded)]
}

fn count(description: &str) -> Json {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn points() -> Json {
    json!({
        "type": "array",
        "items": { "$ref": "#/definitions/Geolocalization" },
        "description": "The points of the site's mines.",
    })
}
