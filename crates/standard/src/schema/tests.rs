use serde_json::Value as Json;

use super::{definitions, of};
use crate::{
    Entity, Valid,
    icglr::{Usage, write},
    sample,
};

fn names(schema: &Json) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// What the schema says against a document.
fn faults(schema: &Json, document: &Json) -> Vec<String> {
    let validator = jsonschema::draft7::new(schema).unwrap();
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn what_is_written_satisfies_its_schema_complete_and_released() {
    for entity in Entity::ALL {
        let schema = of(entity, Usage::Icglr);
        let record = sample::complete(entity);
        let zone = sample::context().zone;
        let complete = write(&record, Usage::Icglr, &zone);
        assert_eq!(faults(&schema, &complete), Vec::<String>::new(), "{entity} {complete:#}");
        let released = Valid::recheck(record, &sample::context()).unwrap().release().into_record();
        let regional = write(&released, Usage::Icglr, &zone);
        assert_eq!(faults(&schema, &regional), Vec::<String>::new(), "{entity} {regional:#}");
    }
}

#[test]
fn a_document_that_breaks_a_form_does_not_satisfy_its_schema() {
    let record = sample::complete(Entity::Lot);
    let written = write(&record, Usage::Icglr, &sample::context().zone);
    for (pointer, value) in [
        ("/mass", Json::from("1")),
        ("/mass", Json::from(0)),
        ("/concentration", Json::from(101)),
        ("/unitOfMeasurement", Json::from("GRM")),
        ("/creatorRole", Json::from(vec![9])),
        ("/timeRegistration", Json::from("10:00:00")),
        ("/creator/contactDetails/contactPhoneNumber", Json::from("0788")),
        ("/tag/issuer/legalAddress/country", Json::from("cd")),
    ] {
        let mut broken = written.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!faults(&of(Entity::Lot, Usage::Icglr), &broken).is_empty(), "{pointer}");
    }
}

#[test]
fn required_members_are_those_of_the_standard() {
    let site = of(Entity::MineSite, Usage::Icglr);
    assert_eq!(
        names(&site),
        [
            "icglrId",
            "addressCountry",
            "nationalId",
            "certificationStatus",
            "activityStatus",
            "mineSiteLocation",
            "mineral",
            "license",
            "owner"
        ]
    );
    let lot = of(Entity::Lot, Usage::Icglr);
    assert_eq!(
        names(&lot),
        [
            "lotNumber",
            "dateRegistration",
            "timeRegistration",
            "creator",
            "mineral",
            "concentration",
            "mass",
            "unitOfMeasurement",
            "creatorRole",
            "originatingOperation"
        ]
    );
    assert_eq!(names(&of(Entity::ExportCertificate, Usage::Icglr)).len(), 20);
    for (title, required) in [
        ("BusinessEntity", vec!["identifier", "name", "tin", "contactDetails"]),
        ("Address", vec!["country", "addressLocalityText"]),
        ("Tag", vec!["identifier", "issuer", "issueDate", "issueTime"]),
        ("Tax", vec!["taxType", "taxAmount", "currency"]),
    ] {
        assert_eq!(names(&lot["definitions"][title]), required, "{title}");
    }
    assert_eq!(names(&site["definitions"]["License"]), ["licenseType", "coveredCommodities"]);
}

#[test]
fn rwanda_requires_what_its_derivation_adds() {
    let site = of(Entity::MineSite, Usage::Rwanda);
    assert!(names(&site).contains(&"allowedTags") && !names(&site).contains(&"nationalId"));
    assert_eq!(names(&site["definitions"]["Geolocalization"]), ["lat", "long"]);
    let lot = of(Entity::Lot, Usage::Rwanda);
    assert!(names(&lot).contains(&"price"));
    assert!(names(&lot["definitions"]["Tag"]).contains(&"representativeRMB"));
    assert!(names(&lot["definitions"]["BusinessEntity"]).contains(&"businessType"));
}

#[test]
fn descriptions_name_the_standard_or_us() {
    for entity in Entity::ALL {
        let schema = of(entity, Usage::Icglr);
        for (name, member) in schema["properties"].as_object().unwrap() {
            let text = member["description"].as_str().unwrap_or_default();
            let placed =
                text.contains("MD.") || text.contains("MDC.") || text.contains("Our addition");
            assert!(placed, "{entity}.{name}: {text}");
        }
    }
}

#[test]
fn components_refer_to_each_other_only() {
    let components = definitions();
    let text = serde_json::to_string(&components).unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(components.contains_key(name), "{name}");
    }
    for entity in Entity::ALL {
        assert!(components.contains_key(entity.name()));
    }
}
