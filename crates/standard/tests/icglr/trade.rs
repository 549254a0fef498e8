//! Export certificates in every tolerated variant.

use serde_json::json;

use crate::generate::{Pair, Source, business};

/// MD.03.
pub(crate) fn certificate(source: &mut Source) -> Pair {
    let mut pair = Pair::default();
    pair.same(source, "issuingCountry", "RW");
    let identifier = source.identifier();
    pair.same(source, "identifier", identifier);
    for name in ["exporter", "importer"] {
        if source.chance() {
            let party = business(source);
            pair.embed(source, name, party);
        }
    }
    let lots: Vec<String> =
        (0..=source.pick(3)).map(|index| format!("LOT {index},{}", source.pick(9))).collect();
    let given = if source.chance() { json!(lots) } else { json!(lots.join("; ")) };
    pair.put(source, "lotNumber", (given, json!(lots.join(";"))));
    pair.maybe(source, "typeOfOre", |_| (json!("2615.90.00"), json!("2615.90.00")));
    let weight = source.decimal(6);
    pair.put(source, "lotWeight", weight);
    let unit = source.one(&["TNE", "KGM"]);
    pair.same(source, "lotWeightUOM", unit);
    pair.texts(
        source,
        &[
            "lotGrade",
            "designatedMineralDescription",
            "shipmentRoute",
            "transportCompany",
            "memberStateIssuingAuthority",
            "nameOfVerifier",
            "positionOfVerifier",
            "nameOfValidator",
            "certificateFile",
        ],
    );
    pair.maybe(source, "mineralOrigin", |source| {
        let origin = [
            json!("CD;BI;0"),
            json!("CD,BI, 0"),
            json!("CD BI 0"),
            json!(["CD", "BI", "0"]),
            json!("CD;BI;UNKNOWN"),
        ];
        (source.one(&origin), json!("CD;BI;0"))
    });
    pair.maybe(source, "customsValue", |source| {
        let (given, expected) = source.one(&[
            (json!("USD 85000.00"), "USD 85000.00"),
            (json!(85000), "USD 85000.00"),
            (json!(85000.5), "USD 85000.50"),
            (json!("85000"), "USD 85000.00"),
            (json!("RWF 1200"), "RWF 1200"),
            (json!("99.05 EUR"), "EUR 99.05"),
        ]);
        (given, json!(expected))
    });
    pair.dates(source, &["dateOfShipment"]);
    pair.unknown(source);
    pair
}
