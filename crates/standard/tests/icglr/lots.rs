//! Lots in every tolerated variant.

use rmd_standard::icglr::Usage;
use serde_json::{Value as Json, json};

use crate::generate::{Pair, Source, business};

const ROLES: [(u8, &str); 3] = [(1, "miner"), (4, "processor"), (8, "government")];
const OPERATIONS: [(u8, &str); 3] = [(2, "purchase"), (3, "combination"), (7, "import")];

/// MD.12.
pub(crate) fn lot(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    pair.maybe(source, "country", |_| (json!("RW"), json!("RW")));
    let number = source.identifier();
    pair.same(source, "lotNumber", number);
    registration(source, &mut pair);
    let creator = business(source);
    pair.embed(source, "creator", creator);
    pair.maybe(source, "mineral", |_| (json!(" 2609.00.00 "), json!("2609.00.00")));
    pair.maybe(source, "concentration", |source| source.decimal(4));
    weight(source, &mut pair);
    for (name, codes) in [("creatorRole", &ROLES), ("originatingOperation", &OPERATIONS)] {
        let (first, second) = (source.code(codes), source.code(codes));
        let given = match source.pick(3) {
            0 => json!([first.0, second.0]),
            1 => json!(format!("{};{}", first.1, second.1)),
            _ => json!([first.0, second.1]),
        };
        pair.put(source, name, (given, json!([first.1, second.1])));
    }
    pair.texts(
        source,
        &[
            "packageType",
            "responsibleStaff",
            "transportationMethod",
            "transportationRoute",
            "transportCompany",
        ],
    );
    pair.maybe(source, "nrOfPackages", |source| source.decimal(3));
    pair.dates(source, &["dateIn", "purchaseDate", "dateSealed"]);
    pair.maybe(source, "mineSiteId", |_| {
        (json!("RW-1.9641+30.0619-1"), json!("RW-1.9641+30.0619-1"))
    });
    pair.maybe(source, "purchaseNumber", |source| {
        let number = source.identifier();
        (source.one(&[json!(number), json!([number])]), json!(number))
    });
    price(source, &mut pair);
    if source.chance() {
        let recipient = business(source);
        pair.embed(source, "recipient", recipient);
    }
    inputs(source, &mut pair);
    tags(source, &mut pair);
    taxes(source, &mut pair);
    pair.unknown(source);
    pair
}

fn registration(source: &mut Source, pair: &mut Pair) {
    let (_, date) = source.date();
    let (spelled, plain, zone) = source.time();
    let rwanda = source.usage == Usage::Rwanda;
    let shown = |time: &str| if rwanda { time.to_owned() } else { time.replace(':', "") };
    if source.chance() {
        let timestamp = json!(format!("{}T{plain}+02:00", date.as_str().expect("a date")));
        let name = source.one(&["timestamp", "registeredAt", "registered_at"]);
        pair.given.insert(name.to_owned(), timestamp);
    } else {
        pair.given.insert(
            source.one(&["dateRegistration", "date_registration"]).to_owned(),
            date.clone(),
        );
        pair.given.insert(
            source.one(&["timeRegistration", "time_registration"]).to_owned(),
            json!(spelled),
        );
        if !zone.is_empty() {
            // Another zone may be another day: the instant is compared by the unit tests.
            return;
        }
    }
    pair.expected.insert("dateRegistration".to_owned(), date);
    pair.expected.insert("timeRegistration".to_owned(), json!(shown(&plain)));
}

fn weight(source: &mut Source, pair: &mut Pair) {
    let mass = source.decimal(3);
    pair.put(source, "mass", mass.clone());
    let (given, written, grams) = source.one(&[
        ("KGM", "KGM", false),
        ("TNE", "TNE", false),
        ("kgm", "KGM", false),
        ("GRM", "KGM", true),
    ]);
    pair.put(source, "unitOfMeasurement", (json!(given), json!(written)));
    if grams {
        pair.expected.insert("sourceUnitOfMeasurement".to_owned(), json!("GRM"));
        let thousandths = (mass.1.as_f64().expect("a number") * 1e3).round() / 1e6;
        pair.expected.insert("mass".to_owned(), json!(thousandths));
    }
}

fn price(source: &mut Source, pair: &mut Pair) {
    let (given, number) = source.decimal(2);
    let rwanda = source.usage == Usage::Rwanda;
    match source.pick(4) {
        0 | 1 => return,
        2 => drop(pair.given.insert("price".to_owned(), given)),
        _ => {
            pair.given.insert("pricePerKg".to_owned(), given);
            pair.given.insert("priceCurrency".to_owned(), json!("USD"));
        }
    }
    pair.expected.insert(if rwanda { "price" } else { "pricePerKg" }.to_owned(), number);
    let name = source.one(&["miner", "minerName", "miner_name"]);
    pair.given.insert(name.to_owned(), json!("Jean"));
    pair.expected.insert(if rwanda { "miner" } else { "minerName" }.to_owned(), json!("Jean"));
}

fn inputs(source: &mut Source, pair: &mut Pair) {
    let (given, expected): (Vec<Json>, Vec<Json>) = (0..source.pick(4))
        .map(|index| match source.pick(4) {
            0 => (json!(format!("L{index}")), json!({ "lotNumber": format!("L{index}") })),
            1 => (json!({ "lot_number": index.to_string() }), json!({ "lotNumber": index.to_string() })),
            2 => {
                let full = json!({ "lotNumber": "F", "creator": { "identifier": "X" }, "mass": 5, "mineral": "2609.00.00" });
                let mut expected = full.clone();
                expected["creatorIdentifier"] = json!("X");
                (full, expected)
            }
            _ => {
                let ours = json!({ "lotNumber": "O", "country": "BI", "creatorIdentifier": "Y", "contributedConcentration": 60.5 });
                (ours.clone(), ours)
            }
        })
        .unzip();
    pair.put(source, "inputLot", (json!(given), json!(expected)));
}

fn tags(source: &mut Source, pair: &mut Pair) {
    let tags: Vec<Pair> = (0..source.pick(4)).map(|index| tag(source, index)).collect();
    if tags.is_empty() {
        return;
    }
    let given: Vec<Json> = tags.iter().map(|tag| Json::Object(tag.given.clone())).collect();
    let expected: Vec<Json> = tags.into_iter().map(|tag| Json::Object(tag.expected)).collect();
    match source.pick(3) {
        0 if given.len() == 1 => drop(pair.given.insert("tag".to_owned(), given[0].clone())),
        0 | 1 => drop(pair.given.insert("tag".to_owned(), json!(given))),
        _ => {
            pair.given.insert("tag".to_owned(), given[0].clone());
            pair.given.insert("otherTag".to_owned(), json!(given[1..]));
        }
    }
    pair.expected.insert("tag".to_owned(), expected[0].clone());
    if expected.len() > 1 {
        pair.expected.insert("otherTag".to_owned(), json!(expected[1..]));
    }
}

fn tag(source: &mut Source, index: usize) -> Pair {
    let mut pair = Pair::default();
    pair.same(source, "identifier", format!("T-{index}"));
    pair.dates(source, &["issueDate"]);
    if source.chance() {
        let issuer = business(source);
        pair.embed(source, "issuer", issuer);
    }
    if source.chance() {
        let (spelled, plain, zone) = source.time();
        let rwanda = source.usage == Usage::Rwanda;
        let expected = if rwanda { format!("{plain}{zone}") } else { plain.replace(':', "") };
        pair.put(source, "issueTime", (json!(spelled), json!(expected)));
        if !rwanda && !zone.is_empty() {
            pair.expected.insert("issueTimeZone".to_owned(), json!(zone));
        }
    }
    pair.unknown(source);
    pair
}

fn taxes(source: &mut Source, pair: &mut Pair) {
    let taxes: Vec<Pair> = (0..source.pick(3))
        .map(|_| {
            let mut pair = Pair::default();
            pair.texts(source, &["taxType", "taxAuthority", "receiptReference"]);
            pair.maybe(source, "taxAmount", |source| source.decimal(2));
            pair.maybe(source, "currency", |_| (json!("USD"), json!("USD")));
            pair.dates(source, &["taxPaidDate"]);
            pair.unknown(source);
            // Without its currency an amount is kept as it was given.
            if let (Some(given), None) = (
                pair.given.get("taxAmount").or(pair.given.get("tax_amount")),
                pair.expected.get("currency"),
            ) && pair.expected.contains_key("taxAmount")
            {
                pair.expected.insert("taxAmount".to_owned(), given.clone());
            }
            pair
        })
        .collect();
    if !taxes.is_empty() {
        pair.list(source, "taxPaid", taxes);
    }
}
