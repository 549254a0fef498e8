use proptest::prelude::*;

use super::*;
use crate::{Context, Entity, National, Regional, Valid, check, sample};

fn valid(mut record: Record) -> Valid<Record, National> {
    let (key, issues) = check::national(&mut record, &sample::context(), Vec::new()).unwrap();
    Valid::new(record, key, issues)
}

fn entity() -> impl Strategy<Value = Entity> {
    prop::sample::select(Entity::ALL.to_vec())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn released_record_is_accepted_and_holds_no_national_value(entity in entity(), seed: u64) {
        let national = valid(sample::random(entity, seed));
        let (texts, fields) = sample::national_values(national.record());
        let key = national.key().to_owned();
        let before: Vec<_> = national.findings().to_vec();
        let bytes = national.release().into_record().encode();
        for text in &texts {
            prop_assert!(!contains(&bytes, text), "{text}");
        }
        let arrived = Record::decode(entity, &bytes).unwrap();
        prop_assert_eq!(sample::national_values(&arrived).1, 0);
        prop_assert_eq!(arrived.withheld().len(), fields);
        let regional = Valid::<_, Regional>::check(arrived, &sample::context()).unwrap();
        prop_assert_eq!(regional.key(), key);
        prop_assert_eq!(regional.findings(), before);
        prop_assert_eq!(regional.into_record().encode(), bytes);
    }

    #[test]
    fn bytes_of_any_kind_are_decoded_or_refused(entity in entity(), bytes: Vec<u8>) {
        if let Ok(record) = Record::decode(entity, &bytes)
            && let Err(refusal) = Valid::<_, Regional>::check(record, &sample::context())
        {
            prop_assert!(refusal.findings.iter().any(|one| one.severity == crate::Severity::Refuse));
        }
    }
}

#[test]
fn withheld_paths_carry_list_indexes() {
    let released = valid(sample::complete(Entity::MineSite)).release();
    let withheld = released.record().withheld();
    for path in [
        "inspection[0].inspector_name",
        "inspection[0].government_id",
        "license[0].owner.tin",
        "operator[0].contact_details.contact_phone_number",
        "owner.contact_details.legal_representative",
        "owner.contact_details.contact_email",
    ] {
        assert!(withheld.iter().any(|one| one == path), "{path} {withheld:?}");
    }
    let Record::MineSite(site) = released.record() else { unreachable!() };
    assert_eq!(site.owner.as_ref().unwrap().contact_details, None);
    assert!(!site.inspection[0].inspector_position.is_empty());
}

#[test]
fn price_and_staff_of_a_lot_stay_at_home() {
    let released = valid(sample::complete(Entity::Lot)).release();
    let json = released.record().to_json();
    for field in ["price_per_kg_minor", "price_currency", "responsible_staff"] {
        assert!(json.get(field).is_none(), "{field}");
        assert!(json["withheld"].as_array().unwrap().contains(&field.into()), "{field}");
    }
    for field in ["mass_mg", "tax_paid", "transport_company"] {
        assert!(json.get(field).is_some(), "{field}");
    }
}

#[test]
fn value_that_the_source_lacks_is_not_withheld() {
    let Record::MineSite(mut site) = sample::complete(Entity::MineSite) else { unreachable!() };
    site.inspection[0].inspector_name.clear();
    site.owner = None;
    let national = valid(Record::MineSite(site));
    let rules: Vec<_> = national.findings().iter().map(|finding| finding.rule.clone()).collect();
    assert_eq!(rules, ["MD01-OWNER-REQUIRED", "MD07-INSPECTOR-NAME-REQUIRED"]);
    let released = national.release();
    let withheld = released.record().withheld();
    assert!(!withheld.iter().any(|path| path.ends_with("inspector_name")));
    assert!(!withheld.iter().any(|path| path.starts_with("owner")));
    let record = released.into_record();
    let arrived = Valid::<_, Regional>::check(record, &sample::context()).unwrap();
    assert_eq!(arrived.findings().len(), 2);
}

#[test]
fn blank_address_is_none_before_and_after_release() {
    let Record::MineSite(mut site) = sample::complete(Entity::MineSite) else { unreachable!() };
    let owner = site.owner.as_mut().unwrap();
    owner.legal_address = None;
    owner.physical_address = Some(rmd_proto::v1::Address::default());
    let national = valid(Record::MineSite(site));
    let before = national.findings().to_vec();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].path, "owner.legal_address");
    let released = national.release().into_record();
    let arrived = Valid::<_, Regional>::check(released, &sample::context()).unwrap();
    assert_eq!(arrived.findings(), before);
}

#[test]
fn withheld_that_names_anything_else_is_refused() {
    let good = || valid(sample::complete(Entity::MineSite)).release().into_record();
    let refused = |change: &dyn Fn(&mut Vec<String>)| {
        let mut record = good();
        change(record.withheld_mut());
        let refusal = Valid::<_, Regional>::check(record, &sample::context()).unwrap_err();
        refusal.findings.iter().any(|finding| finding.rule == "WITHHELD-PATHS")
    };
    assert!(refused(&|paths| paths.push("certification_status".into())));
    assert!(refused(&|paths| paths.push("inspection[1].inspector_name".into())));
    assert!(refused(&|paths| paths.push("owner.tin".into())));
    assert!(refused(&|paths| paths.push("é".into())));
    assert!(Valid::<_, Regional>::check(good(), &sample::context()).is_ok());
}

#[test]
fn record_of_another_state_is_refused() {
    let record = valid(sample::complete(Entity::MineSite)).release().into_record();
    let context = Context { country: "RW".into(), ..sample::context() };
    let refusal = Valid::<_, Regional>::check(record, &context).unwrap_err();
    assert_eq!(refusal.key.as_deref(), Some("CD-0.3319-28.7126-191"));
    assert_eq!(refusal.findings[0].rule, "MD01-ADDRESS-COUNTRY-OWN");
}

#[test]
fn endless_lists_are_refused_without_being_read() {
    let Record::Lot(mut lot) = sample::complete(Entity::Lot) else { unreachable!() };
    lot.tag = vec![rmd_proto::v1::Tag::default(); 100_000];
    let refusal = Valid::<_, Regional>::check(Record::Lot(lot), &sample::context()).unwrap_err();
    assert!(refusal.findings.iter().any(|finding| finding.rule == "MD12-TAG-RANGE"));
    let Record::Lot(mut lot) = sample::complete(Entity::Lot) else { unreachable!() };
    lot.tag = vec![rmd_proto::v1::Tag::default(); model::ELEMENTS_MAX];
    lot.date_shipped = "2018-01-14".into();
    let refusal = Valid::<_, Regional>::check(Record::Lot(lot), &sample::context()).unwrap_err();
    assert!(refusal.findings.len() <= 1001);
    assert_eq!(refusal.findings[0].severity, crate::Severity::Refuse);
}

#[test]
fn endless_identifiers_do_not_multiply_in_messages() {
    let Record::Lot(mut lot) = sample::complete(Entity::Lot) else { unreachable!() };
    lot.creator.get_or_insert_default().identifier = "/".repeat(200_000);
    lot.country = "C".repeat(200_000);
    lot.withheld = vec!["x".repeat(200_000)];
    lot.tag = vec![rmd_proto::v1::Tag::default(); 100];
    let refusal = Valid::<_, Regional>::check(Record::Lot(lot), &sample::context()).unwrap_err();
    assert_eq!(refusal.key, None);
    let rules = ["MD04-IDENTIFIER-RANGE", "COUNTRY-OWN", "WITHHELD-PATHS"];
    for rule in rules {
        assert!(refusal.findings.iter().any(|one| one.rule == rule), "{rule}");
    }
    for finding in &refusal.findings {
        assert!(finding.en.len() + finding.fr.len() + finding.value.len() < 2048, "{finding:?}");
    }
}

#[test]
fn what_a_state_adds_is_listed_and_stays_at_home() {
    for entity in [Entity::MineSite, Entity::Lot, Entity::ExportCertificate] {
        let national = valid(sample::complete(entity));
        let extension = national.record().to_json()["extension"][0].clone();
        let json = national.release().record().to_json();
        for field in ["path", "json"] {
            let text = extension[field].as_str().unwrap();
            assert!(!json.to_string().contains(text), "{text}");
            let path = format!("extension[0].{field}");
            assert!(json["withheld"].as_array().unwrap().contains(&path.into()), "{json}");
        }
    }
}

#[test]
fn text_of_an_incident_and_its_auditor_stay_at_home() {
    for (entity, field, kept) in [
        (Entity::Incident, "description", "summary"),
        (Entity::Audit, "lead_auditor_name", "auditor"),
    ] {
        let json = valid(sample::complete(entity)).release().record().to_json();
        assert_eq!((json.get(field), json["withheld"].as_array().unwrap().len()), (None, 1));
        assert!(json.get(kept).is_some(), "{json}");
    }
}
