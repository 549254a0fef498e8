//! Each fault with the rule and the path that name it.

use super::*;

/// What is found, as rule and path, in order.
fn found(entity: Entity, document: &Json) -> Vec<(String, String)> {
    let refusal = read_as(entity, document).unwrap_err();
    for finding in &refusal.findings {
        assert!(
            finding.en.contains(&finding.rule) && finding.fr.contains(&finding.rule),
            "{finding:?}"
        );
        let names_it = finding.path.is_empty()
            || finding.en.contains(&finding.path) && finding.fr.contains(&finding.path);
        assert!(names_it, "{finding:?}");
    }
    refusal.findings.into_iter().map(|finding| (finding.rule, finding.path)).collect()
}

/// Puts each value in its place, and expects that rule at that path.
fn each(entity: Entity, text: &str, rows: Vec<(&str, Json, &str, &str)>) {
    for (pointer, value, rule, path) in rows {
        let found = found(entity, &changed(text, &[(pointer, value)]));
        assert!(found.contains(&(rule.to_owned(), path.to_owned())), "{rule} at {path}: {found:?}");
    }
}

#[test]
fn a_value_of_a_lot_that_cannot_be_read_is_found_where_it_is() {
    each(
        Entity::Lot,
        LOT,
        vec![
            ("/mass", json!("12,5"), "MD12-MASS-MG-FORM", "mass"),
            ("/mass", json!(0.000_000_1), "MD12-MASS-MG-PRECISION", "mass"),
            ("/mass", json!(12.345_678_901_234_567), "MD12-MASS-MG-PRECISION", "mass"),
            ("/mass", json!(1e300), "MD12-MASS-MG-RANGE", "mass"),
            ("/mass", json!("NaN"), "MD12-MASS-MG-FORM", "mass"),
            ("/mass", json!(-1), "MD12-MASS-MG-RANGE", "mass"),
            ("/concentration", json!(100.5), "MD12-CONCENTRATION-PPM-RANGE", "concentration"),
            (
                "/unitOfMeasurement",
                json!("LBR"),
                "MD12-UNIT-OF-MEASUREMENT-LIST",
                "unitOfMeasurement",
            ),
            ("/creatorRole", json!([1, 9]), "MD12-CREATOR-ROLE-LIST", "creatorRole[1]"),
            ("/tag/issueDate", json!("11/03/2025"), "MD11-ISSUE-DATE-FORM", "tag.issueDate"),
            ("/tag", json!([{ "issueDate": "x" }]), "MD11-ISSUE-DATE-FORM", "tag[0].issueDate"),
            (
                "/otherTag",
                json!([{ "issueDate": "x" }]),
                "MD11-ISSUE-DATE-FORM",
                "otherTag[0].issueDate",
            ),
            (
                "/dateRegistration",
                json!("2025-02-30"),
                "MD12-REGISTERED-AT-US-FORM",
                "dateRegistration",
            ),
            ("/timeRegistration", json!("25:00"), "MD12-REGISTERED-AT-US-FORM", "timeRegistration"),
            ("/registeredAt", json!("yesterday"), "MD12-REGISTERED-AT-US-FORM", "registeredAt"),
        ],
    );
}

#[test]
fn a_member_of_the_wrong_shape_is_found_where_it_is() {
    let big = vec![json!({ "identifier": "t" }); 5000];
    each(
        Entity::Lot,
        LOT,
        vec![
            ("/mass", json!([1]), "JSON-TYPE", "mass"),
            ("/massMg", json!(1), "JSON-TWICE", "mass"),
            ("/concentrationPpm", json!(1), "JSON-TWICE", "concentration"),
            ("/unitOfMeasurement", json!(3), "JSON-TYPE", "unitOfMeasurement"),
            ("/creator", json!("Dukore Neza"), "JSON-TYPE", "creator"),
            ("/creator/name", json!(["a", "b"]), "JSON-TYPE", "creator.name"),
            ("/otherTag", json!(big), "JSON-ELEMENTS", "tag"),
            ("/taxPaid/0/Currency", json!("USD"), "JSON-NAME", "taxPaid[0].Currency"),
            ("/LotNumber", json!("x"), "JSON-NAME", "LotNumber"),
            ("/lot_number", json!("x"), "JSON-TWICE", "lot_number"),
            ("/registeredAt", json!("2019-01-01T00:00:00Z"), "JSON-TWICE", "dateRegistration"),
            ("/national", json!("x".repeat(9000)), "JSON-EXTENSION", "national"),
            ("/inputLot", json!([1.5]), "JSON-TYPE", "inputLot[0]"),
            ("/withheld", json!("tin"), "JSON-TYPE", "withheld"),
            ("/withheld", json!(["creator.name"]), "WITHHELD-PATHS", "withheld"),
        ],
    );
}

#[test]
fn a_fault_of_a_mine_site_is_found_where_it_is() {
    each(
        Entity::MineSite,
        SITE,
        vec![
            (
                "/mineSiteLocation/geolocalization/latitude",
                Json::Null,
                "MD06-LATITUDE-E7-REQUIRED",
                "mineSiteLocation.geolocalization.latitude",
            ),
            (
                "/mineSiteLocation/geolocalization/latitude",
                json!(95),
                "MD06-LATITUDE-E7-RANGE",
                "mineSiteLocation.geolocalization.latitude",
            ),
            (
                "/mineSiteLocation/geolocalization/lat",
                json!(1.5),
                "JSON-TWICE",
                "mineSiteLocation.geolocalization.lat",
            ),
            (
                "/mineSiteLocation/polygon",
                json!({"type":"Point"}),
                "MD08-POLYGON-FORM",
                "mineSiteLocation.polygon",
            ),
            (
                "/license/0/licenseType",
                json!("lease"),
                "MD02-LICENSE-TYPE-LIST",
                "license[0].licenseType",
            ),
            ("/workersDeclared", json!(1.5), "MD01-WORKERS-DECLARED-FORM", "workersDeclared"),
            ("/icglrId", json!("nowhere"), "MD01-ICGLR-ID-FORM", "icglrId"),
            ("/icglrId", Json::Null, "MD01-ICGLR-ID-REQUIRED", "icglrId"),
        ],
    );
}

#[test]
fn a_number_or_a_truth_value_is_no_text() {
    for wrong in [json!(123), json!(1.5), json!(true)] {
        let at = |path: &str| {
            let pointer = format!("/{}", path.replace('.', "/").replace("[0]", "/0"));
            let found = found(Entity::Lot, &changed(LOT, &[(&pointer, wrong.clone())]));
            assert!(
                found.contains(&("JSON-TYPE".to_owned(), path.to_owned())),
                "{path}: {found:?}"
            );
        };
        for path in [
            "lotNumber",
            "mineral",
            "purchaseNumber",
            "packageType",
            "country",
            "creator.identifier",
            "creator.contactDetails.contactPhoneNumber",
            "tag.identifier",
            "tag.issueDate",
            "tag.issueTime",
            "tag.issueTimeZone",
            "taxPaid[0].currency",
        ] {
            at(path);
        }
        let inputs = [("/inputLot", json!([{ "lotNumber": wrong.clone() }]))];
        let found = found(Entity::Lot, &changed(LOT, &inputs));
        assert!(
            found.contains(&("JSON-TYPE".to_owned(), "inputLot[0].lotNumber".to_owned())),
            "{found:?}"
        );
    }
    // Text that is a number is still read as one.
    assert_eq!(lot(&[("/mass", json!("61.5"))]).mass_mg, 61_500_000);
}

#[test]
fn an_empty_object_or_array_is_no_number_and_no_text() {
    for (path, wrong) in [
        ("/mass", json!({})),
        ("/mass", json!([])),
        ("/lotNumber", json!({})),
        ("/packageType", json!([])),
        ("/timeRegistration", json!({})),
        ("/recipient", json!([])),
        ("/inputLot", json!({})),
        ("/inputLot", json!("")),
    ] {
        let found = found_or_none(&changed(LOT, &[(path, wrong.clone())]));
        let is_type = found.contains(&("JSON-TYPE".to_owned(), path[1..].to_owned()));
        assert_eq!(is_type, !wrong.is_string(), "{path}: {found:?}");
    }
    assert!(lot(&[("/inputLot", json!([]))]).input_lot.is_empty());
    assert!(lot(&[("/tag", json!({}))]).tag.is_empty());
}

/// What is found in a lot, if anything is.
fn found_or_none(document: &Json) -> Vec<(String, String)> {
    if read_as(Entity::Lot, document).is_ok() {
        return Vec::new();
    }
    found(Entity::Lot, document)
}

#[test]
fn a_fault_of_a_certificate_is_found_where_it_is() {
    each(
        Entity::ExportCertificate,
        CERTIFICATE,
        vec![
            ("/customsValue", json!("much"), "MD03-CUSTOMS-VALUE-MINOR-FORM", "customsValue"),
            ("/customsValue", json!("XYZ 5"), "MD03-CUSTOMS-VALUE-CURRENCY-LIST", "customsValue"),
            ("/customsValue", json!(0.001), "MD03-CUSTOMS-VALUE-MINOR-PRECISION", "customsValue"),
            ("/mineralOrigin", json!("TZ;Zaire"), "MD03-MINERAL-ORIGIN-LIST", "mineralOrigin"),
        ],
    );
}

#[test]
fn all_faults_are_found_at_once() {
    let document = changed(
        LOT,
        &[
            ("/mass", json!("heavy")),
            ("/creatorRole", json!([0])),
            ("/dateSealed", json!("soon")),
            ("/MINERAL", json!("2609.00.00")),
            ("/creator/identifier", Json::Null),
        ],
    );
    let found = found(Entity::Lot, &document);
    for path in ["mass", "creatorRole[0]", "dateSealed", "MINERAL", "creator.identifier"] {
        assert!(found.iter().any(|(_, known)| known == path), "{path}: {found:?}");
    }
    assert!(
        found.iter().all(|(rule, _)| rule != "MD12-MASS-MG-REQUIRED"),
        "it is there: {found:?}"
    );
}

#[test]
fn findings_hold_no_names_and_no_phones() {
    let document = changed(
        LOT,
        &[
            ("/creator/contactDetails/legalRepresentative", json!(["Secretname"])),
            ("/creator/contactDetails/contactEmail", json!({ "a": "Secretname" })),
            ("/responsibleStaff", json!(true)),
            ("/recipient", json!("Secretname")),
            ("/TAG", json!("Secretname")),
        ],
    );
    let refusal = read_as(Entity::Lot, &document).unwrap_err();
    assert!(refusal.findings.len() >= 5);
    assert!(!format!("{refusal:?}").contains("Secretname"));
}

#[test]
fn a_record_type_without_national_attributes_refuses_what_it_does_not_know() {
    let document = json!({ "country": "BI", "period": "2025-03", "feed": "transactions", "recordCount": 0, "note": "x", "@context": "y" });
    let found = found(Entity::ReportingPeriod, &document);
    assert!(found.contains(&("JSON-UNKNOWN".to_owned(), "note".to_owned())), "{found:?}");
    assert!(found.iter().all(|(_, path)| path != "@context"));
}

#[test]
fn no_document_is_no_record() {
    for document in [json!([]), json!("lot"), json!(5), Json::Null] {
        let found = found(Entity::Lot, &document);
        assert!(found.contains(&("JSON-TYPE".to_owned(), String::new())), "{found:?}");
    }
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let found = found(Entity::Lot, &changed(LOT, &[("/deep", deep)]));
    assert!(found.contains(&("JSON-DEPTH".to_owned(), String::new())), "{found:?}");
}

#[test]
fn incomplete_values_that_cannot_be_read_are_kept() {
    let lot = lot(&[
        ("/taxPaid/0/currency", Json::Null),
        ("/receivedAt", json!("2025-03-12")),
        ("/mineSiteId", json!("pit 7")),
    ]);
    assert_eq!(lot.tax_paid[0].tax_amount_minor, None);
    let written = written(&Record::Lot(lot), Usage::Icglr);
    assert_eq!(
        (&written["taxPaid"][0]["taxAmount"], &written["receivedAt"]),
        (&json!(48200), &json!("2025-03-12"))
    );
    assert_eq!(written["mineSiteId"], "pit 7");
}

#[test]
fn every_rule_of_the_json_is_listed_in_both_languages() {
    let rules: Vec<_> = crate::icglr::rules(Entity::Lot).collect();
    assert_eq!(rules.len(), 11);
    for rule in rules {
        assert!(
            rule.id.starts_with("JSON-")
                && rule.en.ends_with('.')
                && rule.fr.ends_with('.')
                && rule.en != rule.fr
        );
    }
}
