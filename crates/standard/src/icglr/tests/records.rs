use super::*;
use crate::{
    icglr::{extension::extensions_mut, parse, write_to},
    model::{Part, Value, part_of},
    sample,
};

/// Takes out of a sample what no reader makes: messages that hold nothing, and
/// attributes that stand nowhere. The text of a polygon is as a tree is written.
fn made_solid(record: &mut Record) {
    if let Some(extensions) = extensions_mut(record) {
        extensions.clear();
    }
    if let Record::MineSite(site) = record
        && let Some(location) = &mut site.mine_site_location
        && let Ok(polygon) = serde_json::from_str::<Json>(&location.polygon)
    {
        location.polygon = polygon.to_string();
    }
    drop_hollow(part_of(record));
}

fn drop_hollow(part: &mut dyn Part) {
    for index in 0..part.len() {
        match part.value(index) {
            Value::Part(slot) => {
                slot.get().into_iter().for_each(drop_hollow);
                if !slot.is_present() {
                    slot.clear();
                }
            }
            Value::List(items) => {
                for element in 0..items.len() {
                    items.get(element).into_iter().for_each(drop_hollow);
                }
            }
            _ => {}
        }
    }
}

/// Writes a record and reads it again.
fn again(record: &Record, usage: Usage) -> Record {
    let written = write(record, usage, &sample::context().zone);
    let mut bytes = Vec::new();
    write_to(record, usage, &sample::context().zone, &mut bytes);
    assert_eq!(parse(&bytes).unwrap(), written, "both writers agree, and no member stands twice");
    match read(record.entity(), &written, &sample::context()) {
        Ok(valid) => valid.record().clone(),
        Err(refusal) => panic!("{:#?}\n{written:#}", refusal.findings),
    }
}

#[test]
fn every_record_that_is_written_is_read_as_it_was() {
    for entity in Entity::ALL {
        let complete = (0..400)
            .map(|seed| sample::random(entity, seed * 7919 + 1))
            .chain([sample::complete(entity)]);
        for mut record in complete {
            made_solid(&mut record);
            for usage in [Usage::Icglr, Usage::Rwanda] {
                assert_eq!(again(&record, usage), record, "{entity} {usage}");
            }
        }
    }
}

#[test]
fn a_released_record_says_what_is_withheld_and_is_read_as_it_was() {
    for entity in Entity::ALL {
        for seed in 0..100 {
            let mut record = sample::random(entity, seed * 104_729 + 3);
            made_solid(&mut record);
            let valid = Valid::recheck(record, &sample::context()).unwrap();
            let released = valid.release().into_record();
            for usage in [Usage::Icglr, Usage::Rwanda] {
                let written = write(&released, usage, &sample::context().zone);
                assert_eq!(written.get("withheld").is_some(), !released.withheld().is_empty());
                assert_eq!(again(&released, usage), released, "{entity} {usage} {written:#}");
            }
        }
    }
}

#[test]
fn attributes_that_are_kept_back_leave_their_places() {
    let document = changed(LOT, &[("/colour", json!("scarlet")), ("/creator/rdbNumber", json!(5))]);
    let country = context("BI");
    let released = read(Entity::Lot, &document, &country).unwrap().release().into_record();
    let written = write(&released, Usage::Icglr, &zone());
    assert!(!written.to_string().contains("scarlet"));
    assert!(written["withheld"].as_array().unwrap().contains(&json!("extension[1].json")));
    let again = read(Entity::Lot, &written, &country).unwrap();
    assert_eq!(again.record(), &released);
}

#[test]
fn withheld_texts_are_written_as_such_in_objects_that_hold_nothing_else() {
    let country = context("BI");
    let document: Json = serde_json::from_str(LOT).unwrap();
    let released = read(Entity::Lot, &document, &country).unwrap().release().into_record();
    let written = write(&released, Usage::Icglr, &zone());
    let contact = &written["creator"]["contactDetails"];
    assert_eq!(
        contact,
        &json!({ "legalRepresentative": "N/A", "contactPhoneNumber": "N/A", "contactEmail": "N/A" })
    );
    assert_eq!(written["tag"]["issuer"]["tin"], "N/A");
    assert_eq!(written["responsibleStaff"], "N/A");
    let withheld = written["withheld"].as_array().unwrap();
    for path in
        ["creator.contactDetails.contactPhoneNumber", "tag[0].issuer.tin", "responsibleStaff"]
    {
        assert!(withheld.contains(&Json::from(path)), "{path}: {withheld:?}");
    }
    let text = written.to_string();
    for person in ["Nduwimana", "+257", "Bizimana", "@"] {
        assert!(!text.contains(person), "{person}");
    }
}

#[test]
fn every_integer_of_a_mass_survives() {
    for milligrams in
        [1, 999_999_999_999_999, 1_000_000_000_000_001, 1_234_567_890_123_456_789, i64::MAX]
    {
        let lot = lot(&[("/mass", Json::Null), ("/massMg", json!(milligrams))]);
        assert_eq!(lot.mass_mg, milligrams);
        for usage in [Usage::Icglr, Usage::Rwanda] {
            let written = written(&Record::Lot(lot.clone()), usage);
            assert_eq!(
                written.get("massMg").is_some(),
                milligrams > 999_999_999_999_999,
                "{written}"
            );
        }
    }
}
