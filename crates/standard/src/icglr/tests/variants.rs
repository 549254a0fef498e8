//! Each tolerated variant, and what it is written as.

use rmd_proto::v1::UnitOfMeasurement;

use super::*;

#[test]
fn times_are_read_in_every_spelling_of_the_texts() {
    let base = lot(&[]);
    assert_eq!(base.registered_at_us, 1_741_673_722_000_000);
    for (time, offset_hours) in
        [("081522", 2), ("08:15:22", 2), ("08:15:22+03:00", 3), ("081522+0300", 3), ("081522Z", 0)]
    {
        let lot = lot(&[("/timeRegistration", json!(time))]);
        let shift = (2 - offset_hours) * 3_600_000_000;
        assert_eq!(lot.registered_at_us, base.registered_at_us + shift, "{time}");
    }
    let short = lot(&[("/timeRegistration", json!("08:15"))]);
    assert_eq!(short.registered_at_us, base.registered_at_us - 22_000_000);
    for draft in ["2025-03-11T08:15:22+02:00", "2025-03-11T06:15:22Z", "2025-03-11T08:15:22"] {
        let members = [
            ("/dateRegistration", Json::Null),
            ("/timeRegistration", Json::Null),
            ("/timestamp", json!(draft)),
        ];
        assert_eq!(lot(&members).registered_at_us, base.registered_at_us, "{draft}");
    }
    let exact = lot(&[("/registeredAt", json!("2025-03-11T06:15:22.000250Z"))]);
    assert_eq!(exact.registered_at_us, base.registered_at_us + 250);
    let written = written(&Record::Lot(exact), Usage::Rwanda);
    assert_eq!(written["timeRegistration"], "08:15:22");
    assert_eq!(written["registeredAt"], "2025-03-11T06:15:22.00025Z");
}

#[test]
fn a_share_is_read_as_the_integer_that_is_stored() {
    let known = lot(&[]).concentration_ppm;
    let stored = |value: Json| [("/concentration", Json::Null), ("/concentrationPpm", value)];
    for value in [json!(625_001), json!("625001")] {
        assert_eq!(lot(&stored(value)).concentration_ppm, Some(625_001));
    }
    assert_eq!(lot(&[("/concentrationPpm", json!(known))]).concentration_ppm, known);
}

#[test]
fn a_time_of_issue_keeps_its_zone() {
    for (given, zone, kept, icglr, beside) in [
        ("080000", None, "08:00:00", "080000", None),
        ("08:00", None, "08:00:00", "080000", None),
        ("08:00:00+02", None, "08:00:00+02:00", "080000", Some("+02:00")),
        ("080000Z", None, "08:00:00Z", "080000", Some("Z")),
        ("080000", Some("-01:00"), "08:00:00-01:00", "080000", Some("-01:00")),
    ] {
        let lot = lot(&[("/tag/issueTime", json!(given)), ("/tag/issueTimeZone", json!(zone))]);
        assert_eq!(lot.tag[0].issue_time, kept);
        let document = written(&Record::Lot(lot.clone()), Usage::Icglr);
        assert_eq!(document["tag"]["issueTime"], icglr);
        assert_eq!(document["tag"].get("issueTimeZone").and_then(Json::as_str), beside);
        assert_eq!(written(&Record::Lot(lot), Usage::Rwanda)["tag"]["issueTime"], kept);
    }
}

#[test]
fn several_tags_and_phones_are_read_in_every_shape() {
    let tag = json!({ "identifier": "2", "schemeNote": "x" });
    let one: Json = serde_json::from_str::<Json>(LOT).unwrap()["tag"].clone();
    for members in [
        vec![("/tag", json!([one, tag]))],
        vec![("/otherTag", json!([tag]))],
        vec![("/otherTag", tag.clone())],
    ] {
        let lot = lot(&members);
        assert_eq!(lot.tag.len(), 2);
        assert_eq!(lot.extension[0].path, "tag[1].schemeNote");
        let written = written(&Record::Lot(lot), Usage::Icglr);
        assert_eq!((&written["tag"], &written["otherTag"]), (&one, &json!([tag])));
    }
    let phones = |site: &rmd_proto::v1::MineSite| {
        site.owner.clone().unwrap().contact_details.unwrap().contact_phone_number
    };
    let details = "/owner/contactDetails";
    for (main, other) in [
        (json!(["+25779555012", "+25779555013"]), Json::Null),
        (json!("+25779555012; +25779555013"), Json::Null),
        (json!("+25779555012"), json!("+25779555013")),
        (json!("+25779555012"), json!(["+25779555013"])),
    ] {
        let site = site(&[
            (&format!("{details}/contactPhoneNumber"), main),
            (&format!("{details}/otherPhoneNumber"), other),
        ]);
        assert_eq!(phones(&site), ["+25779555012", "+25779555013"]);
        let written = written(&Record::MineSite(site), Usage::Icglr);
        assert_eq!(written["owner"]["contactDetails"]["contactPhoneNumber"], "+25779555012");
        assert_eq!(written["owner"]["contactDetails"]["otherPhoneNumber"], json!(["+25779555013"]));
    }
}

#[test]
fn amounts_and_masses_keep_their_units() {
    for (given, minor, currency) in [
        (json!("USD 85000.00"), 8_500_000, "USD"),
        (json!("85000 USD"), 8_500_000, "USD"),
        (json!(85000.5), 8_500_050, "USD"),
        (json!("85000"), 8_500_000, "USD"),
        (json!("TZS 1200.75"), 120_075, "TZS"),
        (json!("RWF 1200"), 1200, "RWF"),
    ] {
        let certificate = certificate(&[("/customsValue", given)]);
        assert_eq!(certificate.customs_value_minor, Some(minor));
        assert_eq!(certificate.customs_value_currency, currency);
    }
    for (unit, source, milligrams, kept) in [
        ("KGM", Json::Null, 61_500_000, UnitOfMeasurement::Kgm),
        ("kgm", Json::Null, 61_500_000, UnitOfMeasurement::Kgm),
        ("TNE", Json::Null, 61_500_000_000, UnitOfMeasurement::Tne),
        ("GRM", Json::Null, 61_500, UnitOfMeasurement::Grm),
        ("KGM", json!("GRM"), 61_500_000, UnitOfMeasurement::Grm),
    ] {
        let lot = lot(&[("/unitOfMeasurement", json!(unit)), ("/sourceUnitOfMeasurement", source)]);
        assert_eq!((lot.mass_mg, lot.unit_of_measurement()), (milligrams, kept));
        let written = written(&Record::Lot(lot), Usage::Icglr);
        assert!(matches!(written["unitOfMeasurement"].as_str(), Some("KGM" | "TNE")));
    }
    let tax = lot(&[("/taxPaid/0/taxAmount", json!("48200"))]);
    assert_eq!(tax.tax_paid[0].tax_amount_minor, Some(48_200));
}

#[test]
fn lists_in_one_text_are_taken_apart_and_joined_with_semicolons() {
    for origin in
        [json!("TZ;0"), json!("TZ,0"), json!("TZ 0"), json!(["TZ", "0"]), json!("TZ; UNKNOWN")]
    {
        let certificate = certificate(&[("/mineralOrigin", origin)]);
        assert_eq!(certificate.mineral_origin, ["TZ", "UNKNOWN"]);
        assert_eq!(
            written(&Record::ExportCertificate(certificate), Usage::Icglr)["mineralOrigin"],
            "TZ;0"
        );
    }
    let several = certificate(&[("/lotNumber", json!(["KM 1", "KM-2,3"]))]);
    assert_eq!(several.lot_number, ["KM 1", "KM-2,3"]);
    for purchase in [json!("PO-1"), json!(["PO-1"])] {
        assert_eq!(lot(&[("/purchaseNumber", purchase)]).purchase_number, "PO-1");
    }
    assert_eq!(lot(&[("/creatorRole", json!("1;2"))]).creator_role, [2, 3]);
    assert_eq!(lot(&[("/creatorRole", json!(["miner", "2", 4.0]))]).creator_role, [2, 3, 5]);
    assert_eq!(site(&[("/mineral", json!("2609.00.00"))]).mineral, ["2609.00.00"]);
}

#[test]
fn input_lots_are_references_full_lots_or_bare_numbers() {
    let full =
        json!({ "lotNumber": "A", "creator": { "identifier": "X", "name": "Y" }, "mass": 5 });
    let lot =
        lot(&[("/inputLot", json!(["B", full, { "lotNumber": "17", "contributedMass": 61.5 }]))]);
    assert_eq!(lot.input_lot[0].lot_number, "B");
    assert_eq!(
        (lot.input_lot[1].lot_number.as_str(), lot.input_lot[1].creator_identifier.as_str()),
        ("A", "X")
    );
    assert_eq!(lot.input_lot[2].contributed_mass_mg, Some(61_500_000));
    let paths: Vec<&str> = lot.extension.iter().map(|extension| extension.path.as_str()).collect();
    assert_eq!(paths, ["inputLot[1].creator", "inputLot[1].mass"]);
    let written = written(&Record::Lot(lot), Usage::Icglr);
    assert_eq!(written["inputLot"][1]["creator"]["name"], "Y");
}

#[test]
fn a_contribution_is_restated_in_the_unit_of_its_lot() {
    let input = json!([{ "lotNumber": "A", "contributedMass": 0.0615, "contributedUnit": "TNE" }]);
    let lot = lot(&[("/inputLot", input)]);
    assert_eq!(lot.input_lot[0].contributed_mass_mg, Some(61_500_000));
    let written = written(&Record::Lot(lot), Usage::Icglr);
    assert_eq!(written["inputLot"][0], json!({ "lotNumber": "A", "contributedMass": 61.5 }));
}

#[test]
fn places_are_points_words_and_polygons_of_any_spelling() {
    let location = "/mineSiteLocation";
    let rwandan = site(&[(
        &format!("{location}/geolocalization"),
        json!({ "lat": "-2.7419", "long": 30.4318 }),
    )]);
    let point = rwandan.mine_site_location.as_ref().unwrap().geolocalization.unwrap();
    assert_eq!((point.latitude_e7, point.longitude_e7), (-27_419_000, 304_318_000));
    let precise = written(&Record::MineSite(site(&[])), Usage::Rwanda);
    assert_eq!(
        precise["mineSiteLocation"]["geolocalization"],
        json!({ "lat": -2.7419, "latitude": -2.74194, "long": 30.4318, "longitude": 30.43176 })
    );
    let words =
        site(&[(&format!("{location}/localGeographicDesignation"), json!("Behind the river"))]);
    let address = words.mine_site_location.unwrap().local_geographic_designation.unwrap();
    assert_eq!(
        (address.country.as_str(), address.address_locality_text.as_str()),
        ("BI", "Behind the river")
    );
    let polygon = json!({"type":"Polygon","coordinates":[[[30.43121,-2.7424],[30.4324,-2.7424],[30.4324,-2.7413],[30.43121,-2.7424]]]});
    for given in [polygon.clone(), json!(polygon.to_string())] {
        let site = site(&[(&format!("{location}/polygon"), given)]);
        let written = written(&Record::MineSite(site), Usage::Icglr);
        assert_eq!(written["mineSiteLocation"]["polygonAsGiven"], polygon);
        assert_eq!(
            written["mineSiteLocation"]["polygon"]["coordinates"][0][0],
            json!([30.4312, -2.7424])
        );
    }
    assert_eq!(
        site(&[(&format!("{location}/altitude"), json!("1873.5"))])
            .mine_site_location
            .unwrap()
            .altitude_cm,
        Some(187_350)
    );
}

#[test]
fn codes_are_numbers_words_or_truth_values() {
    for status in [json!(1), json!("1"), json!("active"), json!(true), json!(1.0)] {
        assert_eq!(site(&[("/license/0/licenseStatus", status)]).license[0].license_status, 2);
    }
    for status in [json!(0), json!("0"), json!("Blue")] {
        assert_eq!(site(&[("/certificationStatus", status)]).certification_status, 1);
    }
    assert_eq!(
        site(&[("/statusHistory", json!([{ "date_of_change": "2025-01-01", "new_status": "3" }]))])
            .status_change[0]
            .new_status,
        4
    );
}

#[test]
fn rwandas_own_attributes_are_kept_or_understood() {
    let lot = lot(&[
        ("/price", json!(45.5)),
        ("/miner", json!("Jean")),
        ("/tag/representativeRMB", json!("J. M.")),
    ]);
    assert_eq!((lot.price_per_kg_minor, lot.price_currency.as_str()), (Some(4550), "USD"));
    assert_eq!(lot.miner_name, "Jean");
    let rwandan = written(&Record::Lot(lot.clone()), Usage::Rwanda);
    assert_eq!((&rwandan["price"], &rwandan["miner"]), (&json!(45.5), &json!("Jean")));
    assert!(rwandan.get("priceCurrency").is_none() && rwandan.get("minerName").is_none());
    assert_eq!(rwandan["tag"]["representativeRMB"], "J. M.");
    let regional = written(&Record::Lot(lot), Usage::Icglr);
    assert_eq!(
        (&regional["pricePerKg"], &regional["priceCurrency"]),
        (&json!(45.5), &json!("USD"))
    );
    let counted = site(&[("/allowedTags", json!(100))]);
    assert_eq!(written(&Record::MineSite(counted), Usage::Rwanda)["allowedTags"], 100);
    let range =
        json!([{ "scheme": "itsci", "fromIdentifier": "1", "toIdentifier": "9", "tagCount": 9 }]);
    let derived = site(&[("/tagAllocation", range.clone()), ("/allowedTags", json!(9))]);
    assert!(derived.extension.iter().all(|extension| extension.path != "allowedTags"));
    assert_eq!(written(&Record::MineSite(derived), Usage::Rwanda)["allowedTags"], 9);
    let other = site(&[("/tagAllocation", range), ("/allowedTags", json!(12))]);
    assert_eq!(written(&Record::MineSite(other), Usage::Rwanda)["allowedTags"], 12);
}

#[test]
fn what_nobody_knows_comes_back_at_its_place() {
    let odd = json!({ "x": [1, null, { "y": "\u{7f}" }], "": 1.5e-7 });
    let members = [
        ("/creator/rdbNumber", json!("R-1")),
        ("/creator/contactDetails/a.b", odd.clone()),
        ("/tag/issuer/legalAddress/streetAddress", json!("KN 5")),
        ("/taxPaid/0/x[0]", json!(false)),
        ("/", json!("the empty name")),
        ("/colour", Json::Array(vec![])),
    ];
    let lot = lot(&members);
    let document = written(&Record::Lot(lot), Usage::Icglr);
    for (pointer, value) in &members {
        assert_eq!(document.pointer(pointer), Some(value), "{pointer}");
    }
    // Of an object that says nothing else they alone are kept: they may not leave the state.
    let hollow = super::lot(&[("/recipient", json!({ "rdbNumber": 7 }))]);
    assert!(hollow.recipient.is_none());
    assert_eq!(written(&Record::Lot(hollow), Usage::Icglr)["recipient"]["rdbNumber"], 7);
}

#[test]
fn null_and_blank_are_absent() {
    let lot =
        lot(&[("/packageType", json!("  ")), ("/dateIn", json!("")), ("/recipient", json!({}))]);
    assert!(lot.package_type.is_empty() && lot.date_in.is_empty() && lot.recipient.is_none());
}
