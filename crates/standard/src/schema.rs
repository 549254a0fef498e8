//! JSON Schemas of what [`crate::icglr::write`] gives, out of the tables.
//!
//! Owns types, patterns, limits and the lists of required members; the lists
//! are those of the standard. A national record that is complete satisfies the
//! standard's own schemas too; a regional one satisfies these, which let `N/A`
//! stand where a form would not.
//!
//! Draft-07, as the standard's own. Nothing is closed: who adds members does
//! no harm.

mod comment;
mod member;
mod rwanda;

use serde_json::{Map, Value as Json, json};

use crate::{
    Entity,
    icglr::{Member, Plan, Shape, Usage, plans},
};

/// Where a schema refers to another.
const DEFINITIONS: &str = "#/definitions/";
/// Where an OpenAPI document keeps schemas.
const COMPONENTS: &str = "#/components/schemas/";

/// The schema of a record type, as one document.
pub fn of(entity: Entity, usage: Usage) -> Json {
    let root = plans().root(entity);
    let maker = Maker { usage, prefix: DEFINITIONS };
    let mut needed = Vec::new();
    collect(root, &mut needed);
    let definitions: Map<String, Json> = needed
        .into_iter()
        .filter(|plan| plan.code != root.code)
        .map(|plan| (plan.title.to_owned(), maker.object(plan)))
        .collect();
    let Json::Object(body) = maker.object(root) else { return Json::Null };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), Json::from("http://json-schema.org/draft-07/schema#"));
    schema.insert("$id".to_owned(), Json::from(format!("urn:rmd:schema:{usage}:{}", root.title)));
    schema.extend(body);
    if !definitions.is_empty() {
        schema.insert("definitions".to_owned(), Json::Object(definitions));
    }
    Json::Object(schema)
}

/// The schemas of all record types and of what they contain, as OpenAPI keeps them.
pub fn definitions() -> Map<String, Json> {
    let maker = Maker { usage: Usage::Icglr, prefix: COMPONENTS };
    let mut needed = Vec::new();
    for entity in Entity::ALL {
        collect(plans().root(entity), &mut needed);
    }
    needed.into_iter().map(|plan| (plan.title.to_owned(), maker.object(plan))).collect()
}

/// The messages that a plan contains, each once.
fn collect(plan: &'static Plan, found: &mut Vec<&'static Plan>) {
    if found.iter().any(|known| known.code == plan.code) {
        return;
    }
    found.push(plan);
    for member in &plan.members {
        // Attributes of a national usage stand at their own places.
        if let (Some(child), false) =
            (plans().child(member), matches!(member.shape, Shape::Extensions))
        {
            collect(child, found);
        }
    }
}

struct Maker {
    usage: Usage,
    prefix: &'static str,
}

impl Maker {
    fn object(&self, plan: &'static Plan) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for member in &plan.members {
            self.add(plan, member, &mut properties, &mut required);
        }
        if is_record(plan) {
            properties.insert("withheld".to_owned(), withheld());
        }
        if self.usage == Usage::Rwanda {
            rwanda::adapt(plan.code, &mut properties, &mut required);
        }
        let mut object = Map::new();
        object.insert("title".to_owned(), Json::from(plan.title));
        object.insert("description".to_owned(), Json::from(comment::of_message(plan.title)));
        object.insert("type".to_owned(), Json::from("object"));
        if !required.is_empty() {
            object.insert("required".to_owned(), Json::from(required));
        }
        object.insert("properties".to_owned(), Json::Object(properties));
        Json::Object(object)
    }

    fn add(
        &self,
        plan: &'static Plan,
        member: &'static Member,
        properties: &mut Map<String, Json>,
        required: &mut Vec<String>,
    ) {
        let written = self.written(plan, member);
        let needed = member.always && is_required(plan, member);
        for (index, (name, mut schema)) in written.into_iter().enumerate() {
            if needed && (index == 0 || matches!(member.shape, Shape::Registered) && index == 1) {
                required.push(name.clone());
            }
            if let Json::Object(schema) = &mut schema {
                let text = member::description(plan, member, &name);
                schema.entry("description").or_insert_with(|| Json::from(text));
            }
            properties.insert(name, schema);
        }
    }

    /// The members that one field is written as; the standard's own come first.
    fn written(&self, plan: &'static Plan, member: &'static Member) -> Vec<(String, Json)> {
        let name = member.name.clone();
        match member.shape {
            // The one stand at their own places, the other in the amount.
            Shape::Extensions | Shape::Currency => Vec::new(),
            Shape::Registered => vec![
                ("dateRegistration".to_owned(), member::date()),
                ("timeRegistration".to_owned(), self.time()),
                (name, member::instant()),
            ],
            Shape::Time => {
                let zone = json!({ "type": "string", "pattern": "^(Z|[+-][0-9]{2}:[0-9]{2})$" });
                vec![(name.clone(), self.time()), (format!("{name}Zone"), zone)]
            }
            Shape::Unit => vec![
                (name, json!({ "type": "string", "enum": ["TNE", "KGM"] })),
                (
                    "sourceUnitOfMeasurement".to_owned(),
                    json!({ "type": "string", "enum": ["GRM"] }),
                ),
            ],
            Shape::Phones => vec![
                (name, member::leaf(member)),
                (
                    "otherPhoneNumber".to_owned(),
                    json!({ "type": "array", "items": member::leaf(member) }),
                ),
            ],
            Shape::Polygon => {
                let given = json!({ "type": "object", "required": ["type", "coordinates"] });
                vec![(name, member::polygon()), ("polygonAsGiven".to_owned(), given)]
            }
            Shape::Part | Shape::Locality => vec![(name, self.reference(member))],
            Shape::Parts | Shape::Inputs => vec![(name, self.list(member))],
            Shape::Tags => vec![
                (name, self.reference(member)),
                (
                    "otherTag".to_owned(),
                    json!({ "type": "array", "items": self.reference(member) }),
                ),
            ],
            Shape::Mass(weighed) => member::mass(member, weighed),
            _ if plan.code == "MD06" && self.usage == Usage::Rwanda => rwanda::coordinate(member),
            _ => vec![(name, member::leaf(member))],
        }
    }

    fn time(&self) -> Json {
        let pattern = match self.usage {
            Usage::Icglr => "^[0-9]{6}$",
            Usage::Rwanda => {
                "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-][01][0-9]:[0-5][0-9])?$"
            }
        };
        json!({ "type": "string", "pattern": pattern })
    }

    fn reference(&self, member: &'static Member) -> Json {
        let title = plans().child(member).map_or("", |child| child.title);
        // Draft-07 reads nothing beside a reference.
        json!({ "allOf": [{ "$ref": format!("{}{title}", self.prefix) }] })
    }

    fn list(&self, member: &'static Member) -> Json {
        let title = plans().child(member).map_or("", |child| child.title);
        let mut list = json!({
            "type": "array",
            "items": { "$ref": format!("{}{title}", self.prefix) },
            "maxItems": crate::model::ELEMENTS_MAX,
        });
        if member.always {
            list["minItems"] = json!(1);
        }
        list
    }
}

fn is_record(plan: &Plan) -> bool {
    Entity::ALL.iter().any(|entity| plans().root(*entity).code == plan.code)
}

/// What the standard does not know it cannot require; our own messages can.
fn is_required(plan: &Plan, member: &Member) -> bool {
    !comment::is_ours(plan.title, member.spec.name)
        || comment::of_message(plan.title).contains(comment::OURS)
}

fn withheld() -> Json {
    json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "Our addition. Paths of what the owner keeps back; it is present at the source.",
    })
}

#[cfg(test)]
mod tests;
