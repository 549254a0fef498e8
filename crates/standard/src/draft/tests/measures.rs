//! Masses, amounts and instants, which wait for another cell.

use super::*;

#[test]
fn masses_do_not_depend_on_the_order_of_cells() {
    let first = lot().text("mass", "1.25").text("unit_of_measurement", "TNE").finish().unwrap();
    let second = lot().text("unit_of_measurement", "TNE").text("mass", "1.25").finish().unwrap();
    assert_eq!(as_lot(&first).mass_mg, 1_250_000_000);
    assert_eq!(first.record(), second.record());
    let grams = lot()
        .cell(None, "mass", Cell::Real(31.103))
        .text("unit_of_measurement", "g")
        .codes("unit_of_measurement", &[("g", "grm")]);
    assert_eq!(rules(&grams.refused()), ["MD12-UNIT-OF-MEASUREMENT-LIST", "MD12-MASS-MG-UNIT"]);
    let grams = lot()
        .codes("unit_of_measurement", &[("g", "grm")])
        .cell(None, "mass", Cell::Real(31.103))
        .text("unit_of_measurement", "g");
    assert_eq!(as_lot(&grams.finish().unwrap()).mass_mg, 31_103);
}

#[test]
fn unreadable_masses_are_refused_by_name() {
    let rows = [
        (lot().text("mass", "1,25").text("unit_of_measurement", "KGM"), "MD12-MASS-MG-FORM"),
        (lot().text("mass", "1.25"), "MD12-MASS-MG-UNIT"),
        (lot().text("unit_of_measurement", "KGM"), "MD12-MASS-MG-REQUIRED"),
        (lot().text("mass", "0").text("unit_of_measurement", "KGM"), "MD12-MASS-MG-RANGE"),
        (
            lot().text("mass", "0.0000001").text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-PRECISION",
        ),
        (
            lot().cell(None, "mass", Cell::Real(f64::NAN)).text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-FORM",
        ),
        (
            lot().cell(None, "mass", Cell::Bool(true)).text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-FORM",
        ),
    ];
    for (row, rule) in rows {
        let findings = row.refused();
        assert_eq!(rules(&findings), [rule]);
        assert_eq!(findings[0].path, "mass_mg");
    }
    let found = lot().text("mass", "0.0000001").text("unit_of_measurement", "KGM").refused();
    assert!(found[0].en.contains("milligram") && found[0].fr.contains("milligramme"), "{found:?}");
    assert!(
        found[0].en.contains("Lot CD/TR-7/L-1") && found[0].en.contains("0.0000001"),
        "{found:?}"
    );
}

#[test]
fn contributions_are_in_their_own_unit_or_that_of_the_lot() {
    let valid = lot()
        .element("input_lot", &[("lot_number", "A"), ("contributed_mass", "2")])
        .element(
            "input_lot",
            &[("contributed_mass", "2"), ("contributed_unit", "TNE"), ("lot_number", "B")],
        )
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .finish()
        .unwrap();
    let masses: Vec<_> =
        as_lot(&valid).input_lot.iter().map(|input| input.contributed_mass_mg).collect();
    assert_eq!(masses, [Some(2_000_000), Some(2_000_000_000)]);
}

#[test]
fn taxes_and_values_follow_their_currency() {
    let valid = lot()
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .text("price_per_kg", "12.34")
        .text("price_currency", "USD")
        .element(
            "tax_paid",
            &[("tax_amount", "1500"), ("currency", "RWF"), ("tax_type", "royalty")],
        )
        .element("tax_paid", &[("currency", "USD"), ("tax_amount", "1500")])
        .finish()
        .unwrap();
    let taxes: Vec<_> = as_lot(&valid).tax_paid.iter().map(|tax| tax.tax_amount_minor).collect();
    assert_eq!(taxes, [Some(1500), Some(150_000)]);
    assert_eq!(as_lot(&valid).price_per_kg_minor, Some(1234));
    let certificate = |value: &str, currency: &str| {
        Row::new(Entity::ExportCertificate)
            .text("issuing_country", "CD")
            .text("identifier", "C-1")
            .text("lot_weight", "5")
            .text("lot_weight_uom", "KGM")
            .text("customs_value", value)
            .text("customs_value_currency", currency)
            .finish()
    };
    let value = |valid: &Valid<Record, National>| {
        let Record::ExportCertificate(one) = valid.record() else { panic!("{valid:?}") };
        let ExportCertificate { customs_value_minor, customs_value_currency, .. } = one.as_ref();
        (*customs_value_minor, customs_value_currency.clone())
    };
    let usd = (Some(8_500_000), "USD".to_owned());
    assert_eq!(value(&certificate("85000", "USD").unwrap()), usd);
    assert_eq!(value(&certificate("USD 85000.00", "").unwrap()), usd);
    assert_eq!(value(&certificate("USD 85000.00", "USD").unwrap()), usd);
    assert_eq!(value(&certificate("85000", "").unwrap()), (None, String::new()));
    let other = certificate("USD 85000.00", "RWF").unwrap_err().findings;
    assert!(rules(&other).contains(&"MD03-CUSTOMS-VALUE-MINOR-FORM"), "{other:?}");
    let fine = certificate("0.005", "USD").unwrap_err().findings;
    assert!(rules(&fine).contains(&"MD03-CUSTOMS-VALUE-MINOR-PRECISION"), "{fine:?}");
}

#[test]
fn declared_masses_have_a_unit_that_is_no_field() {
    let declaration = |unit: &str| {
        Row::new(Entity::ExportDeclaration)
            .text("country", "CD")
            .text("declaration_number", "E-1")
            .cell(None, "line", Cell::Integer(1))
            .cell(None, "net_mass", Cell::Decimal("0.75".parse().unwrap()))
            .text("unit_of_measurement", unit)
            .text("procedure", "normal")
            .finish()
    };
    let valid = declaration("TNE").unwrap();
    let Record::ExportDeclaration(one) = valid.record() else { panic!("{valid:?}") };
    let ExportDeclaration { net_mass_mg, line, .. } = **one;
    assert_eq!((net_mass_mg, line), (750_000_000, 1));
    let found = declaration("sacks").unwrap_err().findings;
    assert_eq!(found[0].rule, "EXPORT-NET-MASS-MG-UNIT");
    assert_eq!(found[0].value, "sacks");
}

#[test]
fn instants_come_from_local_days_and_times_or_as_they_are() {
    let registered = |cells: Cells<'_>| {
        let row = lot().text("mass", "5").text("unit_of_measurement", "KGM");
        let row = cells.iter().fold(row, |row, (alias, text)| row.text(alias, text));
        let valid = row.finish().unwrap();
        let untimed = rules(valid.findings()).contains(&"MD12-TIME-REGISTRATION-REQUIRED");
        (
            jiff::Timestamp::from_microsecond(as_lot(&valid).registered_at_us).unwrap().to_string(),
            untimed,
        )
    };
    let rows: [(Cells<'_>, &str, bool); 8] = [
        (
            &[("date_registration", "2018-01-02"), ("time_registration", "08:30:00")],
            "2018-01-02T06:30:00Z",
            false,
        ),
        (
            &[("time_registration", "083000"), ("date_registration", "2018-01-02 00:00:00")],
            "2018-01-02T06:30:00Z",
            false,
        ),
        (&[("registered_at", "2018-01-02T08:30:00Z")], "2018-01-02T08:30:00Z", false),
        (&[("registered_at", "2018-01-02 08:30:00+02")], "2018-01-02T06:30:00Z", false),
        (&[("registered_at", "2018-01-02 08:30:00")], "2018-01-02T06:30:00Z", false),
        (&[("registered_at", "2018-01-02T08:30:00.25")], "2018-01-02T06:30:00.25Z", false),
        (&[("registered_at", "2018-01-02")], "2018-01-01T22:00:00Z", true),
        (&[("date_registration", "2018-01-02")], "2018-01-01T22:00:00Z", true),
    ];
    for (cells, expected, untimed) in rows {
        assert_eq!(registered(cells), (expected.to_owned(), untimed), "{cells:?}");
    }
    let found = lot().text("registered_at", "02/01/2018").refused();
    assert!(rules(&found).contains(&"MD12-REGISTERED-AT-US-FORM"), "{found:?}");
    let period = Row::new(Entity::ReportingPeriod)
        .text("country", "CD")
        .text("period", "2017-12")
        .text("feed", "transactions")
        .cell(None, "record_count", Cell::Integer(0))
        .text("closed_at", "2018-01-03 10:00:00")
        .finish()
        .unwrap();
    let Record::ReportingPeriod(one) = period.record() else { panic!("{period:?}") };
    let ReportingPeriod { closed_at_us, record_count, .. } = one.as_ref();
    assert_eq!((*closed_at_us, *record_count), (1_514_966_400_000_000, Some(0)));
}

#[test]
fn days_are_taken_from_timestamps() {
    let change = |day: &str| {
        let row = site().element("status_change", &[("date_of_change", day), ("new_status", "1")]);
        row.finish().map(|valid| as_site(&valid).status_change[0].date_of_change.clone())
    };
    for day in
        ["2017-05-01", "2017-05-01 00:00:00", "2017-05-01T23:30:00Z", " 2017-05-01 10:00:00+02 "]
    {
        assert_eq!(change(day).unwrap(), "2017-05-01", "{day}");
    }
    for day in ["2017-05-01 at noon", "2017-02-30 00:00:00", "01/05/2017", "2017-05-011"] {
        assert_eq!(
            rules(&change(day).unwrap_err().findings)[0],
            "MD10-DATE-OF-CHANGE-FORM",
            "{day}"
        );
    }
}
