//! Whatever is sent, the reader answers: with a record that is written and read
//! as it was, or with findings.

use proptest::prelude::*;
use rmd_standard::{
    Entity,
    icglr::{self, Usage},
};
use serde_json::Value as Json;

use crate::{context, document, entities};

/// JSON of any shape, with names of the standard among the others.
fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>()
            .prop_filter("JSON has no other", |float| float.is_finite())
            .prop_map(Json::from),
        ".{0,20}".prop_map(Json::from),
        prop::sample::select(vec![
            "N/A",
            "1e400",
            "NaN",
            "USD 1",
            "2024-02-30",
            "RW-",
            "0",
            "-0",
            "25:61"
        ])
        .prop_map(Json::from),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "mass",
            "lotNumber",
            "tag",
            "otherTag",
            "creator",
            "withheld",
            "mineral",
            "license",
            "polygon",
            "mineSiteLocation",
            "geolocalization",
            "lat",
            "customsValue",
            "extension",
            "timestamp",
            "inputLot",
            "massMg",
            "price",
            "sourceUnitOfMeasurement",
            "dateRegistration",
            "timeRegistration",
            "LotNumber",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::hash_map(name.clone(), inner, 0..8)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Puts a value at the place that the numbers lead to.
fn put(document: &mut Json, path: &[usize], value: Json) {
    let inner = match (document, path) {
        (Json::Object(map), [first, ..]) if !map.is_empty() => {
            let place = first % map.len();
            map.values_mut().nth(place)
        }
        (Json::Array(list), [first, ..]) if !list.is_empty() => {
            let place = first % list.len();
            list.get_mut(place)
        }
        (other, _) => {
            *other = value;
            return;
        }
    };
    if let Some(inner) = inner {
        put(inner, &path[1..], value);
    }
}

/// What is read is written and read as it was; what is refused says why.
fn answers(entity: Entity, document: &Json) -> Result<(), TestCaseError> {
    match icglr::read(entity, document, &context()) {
        Ok(valid) => {
            for usage in [Usage::Icglr, Usage::Rwanda] {
                let written = icglr::write(valid.record(), usage, &context().zone);
                let again = icglr::read(entity, &written, &context());
                let again = again
                    .map_err(|refusal| TestCaseError::fail(format!("{refusal:#?}\n{written:#}")))?;
                prop_assert_eq!(again.record(), valid.record(), "{:#}", written);
            }
        }
        Err(refusal) => {
            prop_assert!(!refusal.findings.is_empty());
            prop_assert!(refusal.findings.len() <= 3000);
            for finding in refusal.findings {
                prop_assert!(!finding.en.is_empty() && !finding.fr.is_empty());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(json) = icglr::parse(&bytes) {
            answers(Entity::Lot, &json)?;
        }
    }

    #[test]
    fn what_is_almost_json_is_parsed_as_serde_json_parses_it(text in r#"[\[\]{}":,0-9eE+.\- a-c\\ntu]{0,60}"#) {
        let read = serde_json::from_str::<Json>(&text);
        match icglr::parse(text.as_bytes()) {
            Ok(json) => prop_assert_eq!(json, read.map_err(|error| TestCaseError::fail(error.to_string()))?),
            Err(finding) => prop_assert!(read.is_err() || finding.rule == "JSON-DUPLICATE", "{}", finding.en),
        }
    }

    #[test]
    fn any_json_is_answered(index in 0..Entity::ALL.len(), json in anything()) {
        answers(Entity::ALL[index], &json)?;
    }

    #[test]
    fn a_document_with_anything_anywhere_is_answered(
        entity in entities(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        path in prop::collection::vec(any::<usize>(), 0..6),
        value in anything(),
    ) {
        let mut json = Json::Object(document(entity, Usage::Icglr, &bytes).given);
        put(&mut json, &path, value);
        answers(entity, &json)?;
    }
}

#[test]
fn no_text_of_a_document_acts_on_the_terminal_that_shows_its_findings() {
    let json = serde_json::json!({
        "lotNumber": "L\u{1b}[2J\u{7}", "mass": "\u{9b}2J", "\u{1b}[2J": 1, "mineral": "\r\n",
        "mineSiteId": "RW\u{0}", "LOTNUMBER\u{8}": {},
    });
    let refusal = icglr::read(Entity::Lot, &json, &context()).expect_err("it is no lot");
    let quotes = |finding: &rmd_standard::Finding| finding.en.contains("\\u{1b}[2J");
    assert!(refusal.findings.iter().any(quotes), "{refusal:#?}");
    for finding in refusal.findings {
        let told = [&finding.en, &finding.fr];
        assert!(!told.iter().any(|text| text.contains(char::is_control)), "{told:?}");
    }
}

#[test]
fn a_million_elements_are_refused_in_bounded_time() {
    let begin = std::time::Instant::now();
    for (name, element) in [
        ("creatorRole", "1"),
        ("tag", "{}"),
        ("inputLot", "0"),
        ("mystery", "0"),
        ("withheld", "\"a\""),
    ] {
        let text = format!("{{\"{name}\":[{}{element}]}}", format!("{element},").repeat(1_000_000));
        let refused = match icglr::parse(text.as_bytes()) {
            Ok(json) => icglr::read(Entity::Lot, &json, &context())
                .map(drop)
                .map_err(|refusal| refusal.findings.len()),
            Err(_) => Err(1),
        };
        let findings = refused.expect_err("no lot has a million of anything");
        assert!(findings < 3000, "{name}: {findings}");
    }
    // Five documents of up to 4 MiB, on a slow machine and without optimisation.
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn a_large_released_lot_costs_in_proportion() {
    let tag = |index: usize| {
        serde_json::json!({
            "identifier": format!("T-{index}"),
            "issuer": { "identifier": "RMB", "tin": "1", "contactDetails": { "legalRepresentative": "A", "contactPhoneNumber": "+250788123456" } },
            "seal": index,
        })
    };
    let json = serde_json::json!({
        "lotNumber": "L", "creator": { "identifier": "C" }, "mass": 1, "unitOfMeasurement": "KGM",
        "tag": (0..4000).map(tag).collect::<Vec<_>>(),
    });
    let begin = std::time::Instant::now();
    let released = icglr::read(Entity::Lot, &json, &context()).expect("it is a lot").release();
    let written = icglr::write(released.record(), Usage::Icglr, &context().zone);
    assert_eq!(written["otherTag"][3998]["issuer"]["contactDetails"]["contactPhoneNumber"], "N/A");
    let again = icglr::read(Entity::Lot, &written, &context()).expect("it was written");
    assert_eq!(again.record(), released.record());
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}
