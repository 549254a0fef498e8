//! Mine sites in every tolerated variant.

use serde_json::{Value as Json, json};

use crate::generate::{Pair, Source, address, business, point};

const STATUS: [(u8, &str); 4] = [(0, "blue"), (1, "green"), (2, "yellow"), (3, "red")];
const ACTIVITY: [(u8, &str); 3] = [(1, "active"), (0, "abandoned"), (2, "non_active")];

/// MD.01.
pub(crate) fn site(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    let id = source.one(&[
        "RW-1.9641+30.0619-00001",
        "RW--1.9641+30.0619-7",
        "RW-+1.9641+30.0619-7",
        "RW+1.9641+30.0619-7",
    ]);
    pair.same(source, "icglrId", id);
    pair.same(source, "addressCountry", "RW");
    pair.maybe(source, "nationalId", |source| {
        let id = source.identifier();
        (json!(id), json!(id))
    });
    let status = source.code(&STATUS);
    pair.put(source, "certificationStatus", status);
    pair.maybe(source, "activityStatus", |source| source.code(&ACTIVITY));
    let place = location(source);
    pair.embed(source, "mineSiteLocation", place);
    pair.maybe(source, "mineral", Source::minerals);
    pair.texts(source, &["listOfMinerals", "siteName"]);
    pair.maybe(source, "workersDeclared", |source| {
        let count = source.pick(200);
        (source.one(&[json!(count), json!(count.to_string())]), json!(count))
    });
    if source.chance() {
        let owner = business(source);
        pair.embed(source, "owner", owner);
    }
    licenses(source, &mut pair);
    if source.pick(3) == 1 {
        // None is a statement that the standard's own examples make.
        let operators: Vec<Pair> = (0..source.pick(3)).map(|_| business(source)).collect();
        if operators.is_empty() {
            pair.same(source, "operator", json!([]));
        } else {
            pair.list(source, "operator", operators);
        }
    }
    inspections(source, &mut pair);
    if source.chance() {
        let count = source.pick(100);
        pair.given.insert("allowedTags".to_owned(), json!(count));
        pair.expected.insert("allowedTags".to_owned(), json!(count));
    }
    if source.chance() {
        let range = json!({ "scheme": "itsci", "fromIdentifier": "1", "toIdentifier": "9", "tagCount": source.pick(100) });
        pair.same(source, "tagAllocation", json!([range]));
    }
    pair.unknown(source);
    pair
}

fn location(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    let point = point(source);
    pair.embed(source, "geolocalization", point);
    pair.texts(source, &["nationalCadasterLocalization"]);
    match source.pick(3) {
        0 => {}
        1 => {
            let address = address(source);
            pair.embed(source, "localGeographicDesignation", address);
        }
        _ => {
            let text = source.text();
            let expected = json!({ "country": "RW", "addressLocalityText": text });
            pair.put(source, "localGeographicDesignation", (json!(text), expected));
        }
    }
    pair.maybe(source, "altitude", |source| source.decimal(2));
    if source.chance() {
        polygon(source, &mut pair);
    }
    pair.unknown(source);
    pair
}

fn polygon(source: &mut Source, pair: &mut Pair) {
    let exact = source.chance();
    let first = if exact { 30.061_912_3 } else { 30.0619 };
    let rounded = json!({ "type": "Polygon", "coordinates": [[[30.0619, -1.9641], [30.0623, -1.9641], [30.0623, -1.9637], [30.0619, -1.9641]]] });
    let mut polygon = rounded.clone();
    for index in [0, 3] {
        polygon["coordinates"][0][index][0] = json!(first);
    }
    let given = if source.chance() { json!(polygon.to_string()) } else { polygon.clone() };
    pair.put(source, "polygon", (given, rounded));
    if exact {
        pair.expected.insert("polygonAsGiven".to_owned(), polygon);
    }
}

fn licenses(source: &mut Source, pair: &mut Pair) {
    let licenses: Vec<Pair> = (0..source.pick(3)).map(|_| license(source)).collect();
    if !licenses.is_empty() {
        pair.list(source, "license", licenses);
    }
}

fn license(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    pair.maybe(source, "licenseType", |source| {
        let word = source.one(&["mining_license", "artisanal_permit", "unlicensed"]);
        (source.one(&[json!(word), json!(word.to_uppercase())]), json!(word))
    });
    pair.maybe(source, "licenseStatus", |source| {
        let status = source.pick(2);
        let word = ["not_active", "active"][status];
        (
            source.one(&[
                json!(status),
                json!(status.to_string()),
                json!(word),
                json!(status == 1),
            ]),
            json!(status),
        )
    });
    pair.dates(source, &["appliedDate"]);
    pair.maybe(source, "coveredCommodities", Source::minerals);
    if source.chance() {
        let owner = business(source);
        pair.embed(source, "owner", owner);
    }
    pair.unknown(source);
    pair
}

fn inspections(source: &mut Source, pair: &mut Pair) {
    let count = source.pick(3);
    let inspections: Vec<Pair> = (0..count)
        .map(|index| {
            let mut pair = Pair::default();
            pair.same(source, "inspectionId", format!("PS-{index}"));
            pair.dates(source, &["inspectionDate"]);
            pair.maybe(source, "inspectionResult", |source| source.code(&STATUS));
            pair.texts(
                source,
                &["inspectorName", "inspectorPosition", "governmentAgency", "inspectionPurpose"],
            );
            pair.unknown(source);
            pair
        })
        .collect();
    if count > 0 {
        pair.list(source, "inspection", inspections);
    }
    if source.chance() {
        let status = source.code(&STATUS);
        let given = json!([{ "dateOfChange": "2024-03-15", "newStatus": status.0 }]);
        let name = source.one(&["statusChange", "statusHistory", "status_history"]);
        pair.given.insert(name.to_owned(), given);
        let expected: Json = json!([{ "dateOfChange": "2024-03-15", "newStatus": status.1 }]);
        pair.expected.insert("statusChange".to_owned(), expected);
    }
}
