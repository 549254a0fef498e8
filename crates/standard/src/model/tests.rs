use super::*;
use crate::{Entity, check, sample};

/// The fields of a message in the .proto text, `withheld` left out.
fn proto_fields(message: &str) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/rmd/v1");
    let texts = ["mine_site", "party", "lot", "trade", "declaration"]
        .map(|name| std::fs::read_to_string(format!("{folder}/{name}.proto")).unwrap());
    let head = format!("\nmessage {message} {{");
    let body = texts.iter().find_map(|text| text.split_once(&head)).expect(message).1;
    body.split_once("\n}")
        .unwrap()
        .0
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//") && line.contains(" = "))
        .map(|line| line.split_once(" = ").unwrap().0.rsplit_once(' ').unwrap().1.to_owned())
        .filter(|name| name != "withheld")
        .collect()
}

fn assert_described<M: Message>(name: &str) {
    let rows: Vec<&str> = M::FIELDS.iter().map(|field| field.spec.name).collect();
    assert_eq!(rows, proto_fields(name), "{name}");
}

#[test]
fn every_field_of_the_proto_text_has_one_row() {
    use rmd_proto::v1;
    assert_described::<v1::MineSite>("MineSite");
    assert_described::<v1::License>("License");
    assert_described::<v1::Location>("Location");
    assert_described::<v1::GeoPoint>("GeoPoint");
    assert_described::<v1::Inspection>("Inspection");
    assert_described::<v1::StatusChange>("StatusChange");
    assert_described::<v1::BusinessEntity>("BusinessEntity");
    assert_described::<v1::Address>("Address");
    assert_described::<v1::ContactDetails>("ContactDetails");
    assert_described::<v1::Lot>("Lot");
    assert_described::<v1::InputLot>("InputLot");
    assert_described::<v1::Tag>("Tag");
    assert_described::<v1::Tax>("Tax");
    assert_described::<v1::ExportCertificate>("ExportCertificate");
    assert_described::<v1::ExportDeclaration>("ExportDeclaration");
    assert_described::<v1::ImportDeclaration>("ImportDeclaration");
    assert_described::<v1::ReportingPeriod>("ReportingPeriod");
    assert_described::<v1::Extension>("Extension");
    assert_described::<v1::Capacity>("Capacity");
    assert_described::<v1::TagAllocation>("TagAllocation");
    assert_described::<v1::ExporterStatus>("ExporterStatus");
    assert_described::<v1::ProductionDeclaration>("ProductionDeclaration");
    assert_described::<v1::StockDeclaration>("StockDeclaration");
    assert_described::<v1::Audit>("Audit");
    assert_described::<v1::Incident>("Incident");
}

#[test]
fn lists_of_an_entity_are_its_list_fields() {
    for entity in Entity::ALL {
        let mut record = Record::empty(entity);
        let part = part_of(&mut record);
        let mut lists = Vec::new();
        for index in 0..part.len() {
            if matches!(part.value(index), Value::List(_)) {
                lists.push(part.spec(index).name);
            }
        }
        // What a national usage adds is in no table of a ministry.
        lists.retain(|list| *list != "extension");
        assert_eq!(lists, entity.lists());
        assert_eq!(Entity::from_name(entity.name()), Some(entity));
    }
    assert_eq!(Entity::from_name("minesite"), None);
}

#[test]
fn each_row_reaches_its_own_field() {
    for entity in Entity::ALL {
        let mut record = sample::complete(entity);
        assert_eq!(Record::decode(entity, &record.encode()).unwrap(), record);
        let part = part_of(&mut record);
        for index in 0..part.len() {
            assert!(!part.value(index).is_absent(), "{}", part.spec(index).name);
            part.value(index).clear();
            assert!(
                part.value(index).is_absent() || matches!(part.value(index), Value::Degrees(_))
            );
        }
        assert!(record.encode().is_empty(), "{entity}");
    }
}

#[test]
fn complete_records_break_no_rule() {
    for entity in Entity::ALL {
        let mut record = sample::complete(entity);
        let (_, issues) = check::national(&mut record, &sample::context(), Vec::new()).unwrap();
        assert!(issues.is_empty(), "{entity}: {issues:?}");
    }
}

/// The national fields of a part and of everything inside it, as `MD07 inspector_name`.
fn national_fields(part: &mut dyn Part, found: &mut std::collections::BTreeSet<String>) {
    for index in 0..part.len() {
        let spec = part.spec(index);
        if spec.class == Class::National {
            found.insert(format!("{} {}", part.code(), spec.name));
        }
        match part.value(index) {
            Value::Part(slot) => national_fields(slot.blank().as_mut(), found),
            Value::List(items) => national_fields(items.blank().as_mut(), found),
            _ => {}
        }
    }
}

/// Whether a part has national fields, told by its rows and not by what they say of others.
fn holds_national(part: &mut dyn Part) -> bool {
    let mut found = std::collections::BTreeSet::new();
    national_fields(part, &mut found);
    for index in 0..part.len() {
        let spec = part.spec(index);
        let inside = match part.value(index) {
            Value::Part(slot) => holds_national(slot.blank().as_mut()),
            Value::List(items) => holds_national(items.blank().as_mut()),
            _ => spec.class == Class::National,
        };
        assert_eq!(spec.holds_national, inside, "{} {}", part.code(), spec.name);
    }
    !found.is_empty()
}

#[test]
fn a_row_knows_whether_anything_national_is_behind_it() {
    for entity in Entity::ALL {
        holds_national(part_of(&mut Record::empty(entity)));
    }
}

#[test]
fn persons_phones_mail_tin_price_and_extensions_are_national_and_nothing_else_is() {
    let mut found = std::collections::BTreeSet::new();
    for entity in Entity::ALL {
        national_fields(part_of(&mut Record::empty(entity)), &mut found);
    }
    let expected = [
        "AUDIT lead_auditor_name",
        "EXTENSION json",
        "EXTENSION path",
        "INCIDENT description",
        "MD03 id_of_verifier",
        "MD03 name_of_validator",
        "MD03 name_of_verifier",
        "MD04 tin",
        "MD07 government_id",
        "MD07 inspector_name",
        "MD09 contact_email",
        "MD09 contact_phone_number",
        "MD09 legal_representative",
        "MD12 miner_name",
        "MD12 price_currency",
        "MD12 price_per_kg_minor",
        "MD12 responsible_staff",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}
