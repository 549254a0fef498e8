//! What each normaliser makes of what national databases hold.

use rmd_standard::Cell;
use rust_decimal::Decimal;

use crate::mapping::Mapping;
use crate::mapping::normalisers::{LISTED, Pipeline};

/// The pipeline of a line of `[record.normalise]` of a lot, or of a site where the
/// alias is one of its.
fn pipeline(line: &str) -> Pipeline {
    try_pipeline(line).unwrap_or_else(|faults| panic!("{line}: {faults}"))
}

fn try_pipeline(line: &str) -> Result<Pipeline, String> {
    let entity =
        if line.contains("mass") || line.contains("date_sealed") { "Lot" } else { "MineSite" };
    let text = format!(
        "[mapping]\nname = \"t\"\nzone = \"UTC\"\n[[record]]\nentity = \"{entity}\"\nkey = \"t.k\"\n\
         rows = '''SELECT t.k AS \"_key\" FROM t /* where-keys */'''\n[record.normalise]\n{line}\n\
         [[record.watch]]\ntable = \"t\"\nmode = \"diff\"\n"
    );
    let mapping = Mapping::parse("t.toml", &text).map_err(|faults| faults.to_string())?;
    Ok(mapping.records[0].normalise.values().next().cloned().unwrap())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(text: &str) -> Cell {
    Cell::Decimal(text.parse::<Decimal>().unwrap())
}

/// What a text becomes; none where it cannot be read.
fn read(pipeline: &Pipeline, given: &str) -> Option<String> {
    let read = pipeline.read(&text(given)).ok()?;
    let value = crate::mapping::key_text(&read.cell).unwrap_or_default();
    Some(match read.unit {
        Some(unit) => format!("{value} {unit}"),
        None => value,
    })
}

fn holds(line: &str, table: &[(&str, &str)]) {
    let pipeline = pipeline(line);
    for (given, expected) in table {
        assert_eq!(read(&pipeline, given).as_deref(), Some(*expected), "{line}: {given:?}");
    }
}

fn refuses(line: &str, texts: &[&str]) {
    let pipeline = pipeline(line);
    for given in texts {
        let unread = pipeline.read(&text(given)).expect_err(given);
        let name = line.split('"').find(|word| LISTED.iter().any(|listed| listed.name == *word));
        assert!(unread.why.en[0].contains(name.unwrap()), "{given}: {:?}", unread.why);
        assert!(unread.why.fr[0].contains(name.unwrap()) && !unread.why.fr[1].is_empty());
    }
}

#[test]
fn every_listed_example_is_true() {
    for listed in &LISTED {
        holds(listed.example, &[(listed.before, listed.after)]);
        assert!(listed.example.contains(listed.name), "{}", listed.name);
    }
}

#[test]
fn a_decimal_comma_is_always_decimal() {
    let table = [
        ("12,5", "12.5"),
        ("1,234", "1.234"),
        ("1.234,56", "1234.56"),
        ("1 234 567,8", "1234567.8"),
        ("1\u{202f}234\u{202f}567", "1234567"),
        ("1\u{a0}234,5", "1234.5"),
        ("1\u{2009}234", "1234"),
        ("1'234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("-0,25", "-0.25"),
        ("+3", "3"),
        (",5", "0.5"),
        ("12.5", "12.5"),
        ("0.250", "0.250"),
        ("1234.567", "1234.567"),
        ("350 kg", "350 kg"),
        ("1 350,5kg", "1350.5 kg"),
    ];
    holds("mass = \"decimal_comma\"", &table);
    let refused = [
        "1.234", "1,2,3", "1,234.5", "12 34", "1 2345", "12.34,5", "", "abc", "5 %", "1..2", "--1",
        "1.23.456",
    ];
    refuses("mass = \"decimal_comma\"", &refused[..6]);
    refuses("mass = \"decimal_comma\"", &refused[7..]);
    holds(
        "mass = { name = \"decimal_comma\", point = \"thousands\" }",
        &[("1.234", "1234"), ("1.5", "1.5")],
    );
    holds("mass = { name = \"decimal_comma\", point = \"decimal\" }", &[("1.234", "1.234")]);
}

#[test]
fn a_mass_brings_its_unit() {
    let table = [
        ("1,2 t", "1.2 TNE"),
        ("350 kg", "350 KGM"),
        ("12.5KG", "12.5 KGM"),
        ("45 g", "45 GRM"),
        ("1 200 Kgs.", "1200 KGM"),
        ("2 tonnes", "2 TNE"),
        ("3,5 Kilogrammes", "3.5 KGM"),
        ("7", "7"),
    ];
    holds("mass = \"mass_with_unit\"", &table);
    holds("mass = [\"decimal_comma\", \"mass_with_unit\"]", &[("1 200,5 kg", "1200.5 KGM")]);
    holds(
        "mass = { name = \"mass_with_unit\", default = \"kg\" }",
        &[("7", "7 KGM"), ("1 t", "1 TNE")],
    );
    refuses("mass = \"mass_with_unit\"", &["kg", "12 lbs", "1.200 kg", "12 kg 5", "3 sacs"]);
    let read =
        pipeline("mass = { name = \"mass_with_unit\", default = \"g\" }").read(&Cell::Integer(5));
    assert_eq!(read.unwrap().unit, Some("GRM"));
}

#[test]
fn degrees_are_read_as_people_write_them() {
    let longitude =
        "\"mine_site_location.geolocalization.longitude\" = \"degrees_minutes_seconds\"";
    let table = [
        ("28°42'45.6\"E", "28.7126667"),
        ("28° 42′ 45,6″ E", "28.7126667"),
        ("E 28 42 45.6", "28.7126667"),
        ("28°42'45.6''E", "28.7126667"),
        ("28:42:45.6", "28.7126667"),
        ("28d42m45.6s", "28.7126667"),
        ("28º 42.76’ Est", "28.7126667"),
        ("10°30' O", "-10.5"),
        ("10°30' Ouest", "-10.5"),
        ("10.5 W", "-10.5"),
        ("-10,5", "-10.5"),
        ("\u{2212}10 30", "-10.5"),
        ("29.8739", "29.8739"),
        ("180", "180"),
    ];
    holds(longitude, &table);
    let wrong = [
        "28°42'N",
        "28°60'E",
        "28°42'60\"E",
        "28.5°30'E",
        "181",
        "-10 W",
        "E 10 W",
        "10 20 30 40",
        "près de Bisie",
        "28°'",
        "'5",
    ];
    refuses(longitude, &wrong);
    let latitude = "\"mine_site_location.geolocalization.latitude\" = \"degrees_minutes_seconds\"";
    holds(
        latitude,
        &[
            ("1°56'25\" S", "-1.9402778"),
            ("S1°56.418'", "-1.9403"),
            ("1 56 25 Sud", "-1.9402778"),
            ("2° N", "2"),
            ("56s", "-56"),
        ],
    );
    refuses(latitude, &["91", "10 E", "90°0'1\"S"]);
    let kept = pipeline(latitude).read(&Cell::Real(-1.9403)).unwrap();
    assert_eq!(kept.cell, Cell::Real(-1.9403));
}

#[test]
fn days_are_read_in_the_first_format_that_fits() {
    let line = "date_sealed = { name = \"date\", formats = [\"%d/%m/%Y\", \"%Y-%m-%d\", \"%d %b %Y\", \"%d.%m.%Y %H:%M\", \"%Y%m%d\"] }";
    let table = [
        ("28/11/2017", "2017-11-28"),
        ("03/04/2017", "2017-04-03"),
        (" 3/4/2017 ", "2017-04-03"),
        ("2017-04-03", "2017-04-03"),
        ("3 Apr 2017", "2017-04-03"),
        ("28.11.2017 13:05", "2017-11-28T13:05:00"),
        ("20171128", "2017-11-28"),
    ];
    holds(line, &table);
    refuses(line, &["31/02/2017", "28/11/17", "28/13/2017", "0000-00-00", "hier", "28/11/2017 x"]);
    let read = pipeline(line).read(&Cell::Integer(20_171_128)).unwrap();
    assert_eq!(read.cell, text("2017-11-28"));
    let short = "date_sealed = { name = \"date\", formats = [\"%d/%m/%y\"], pivot = 30 }";
    holds(
        short,
        &[
            ("28/11/17", "2017-11-28"),
            ("28/11/31", "1931-11-28"),
            ("01/01/30", "2030-01-01"),
            ("29/02/00", "2000-02-29"),
        ],
    );
}

#[test]
fn days_of_a_spreadsheet_are_counted_as_it_counts_them() {
    let table = [
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("43067", "2017-11-28"),
        ("43067.5", "2017-11-28T12:00:00"),
        ("43067,25", "2017-11-28T06:00:00"),
        ("43067.999999", "2017-11-29T00:00:00"),
        ("2958465", "9999-12-31"),
        ("2017-11-28", "2017-11-28"),
    ];
    holds("date_sealed = \"excel_serial_date\"", &table);
    refuses(
        "date_sealed = \"excel_serial_date\"",
        &["0", "60", "60.5", "-1", "2958466", "28/11/2017", "99999999999999999999"],
    );
    holds(
        "date_sealed = { name = \"excel_serial_date\", system = 1904 }",
        &[("0", "1904-01-01"), ("41605", "2017-11-28")],
    );
    let read = pipeline("date_sealed = \"excel_serial_date\"").read(&Cell::Real(43067.5)).unwrap();
    assert_eq!(read.cell, text("2017-11-28T12:00:00"));
}

#[test]
fn empty_words_are_absent_and_others_stay() {
    let exact =
        pipeline("national_id = { name = \"empty_words\", words = [\"néant\", \"-\", \"0\"] }");
    assert_eq!(exact.read(&text(" néant ")).unwrap().cell, Cell::Null);
    assert_eq!(exact.read(&text("NÉANT")).unwrap().cell, text("NÉANT"));
    assert_eq!(exact.read(&Cell::Integer(0)).unwrap().cell, Cell::Null);
    let folded =
        pipeline("national_id = { name = \"empty_words\", words = [\"Néant\"], fold = true }");
    for word in ["NEANT", "neant", "Néant", "NE\u{301}ANT"] {
        assert_eq!(folded.read(&text(word)).unwrap().cell, Cell::Null, "{word}");
    }
    assert_eq!(folded.read(&text("néants")).unwrap().cell, text("néants"));
}

#[test]
fn entities_and_blanks_are_cleaned_and_nothing_else() {
    holds(
        "site_name = \"html_entities\"",
        &[
            ("Bisi&eacute; &amp; fils", "Bisié & fils"),
            ("&#233;&#xE9;", "éé"),
            ("&amp;eacute;", "é"),
            ("A & B", "A & B"),
            ("&inconnu;", "&inconnu;"),
        ],
    );
    holds("site_name = \"whitespace\"", &[(" a\t\u{a0} b\u{200b}\n", "a b"), ("é", "é")]);
}

#[test]
fn misread_text_is_turned_back_and_good_text_stays() {
    holds(
        "site_name = \"legacy_encoding\"",
        &[
            ("CassitÃ©rite", "Cassitérite"),
            ("KalÃ©hÃ©", "Kaléhé"),
            ("lâ€™or", "l’or"),
            ("CassitÃƒÂ©rite", "Cassitérite"),
            ("Cassitérite", "Cassitérite"),
            ("Ça là-bas, à côté", "Ça là-bas, à côté"),
            ("Rubaya", "Rubaya"),
            ("漢字", "漢字"),
        ],
    );
    refuses("site_name = \"legacy_encoding\"", &["Cassit\u{fffd}rite"]);
    let legacy = pipeline("site_name = \"legacy_encoding\"");
    assert_eq!(legacy.text_of(b"Cassit\xe9rite \x80"), Some(text("Cassitérite €")));
    assert_eq!(pipeline("site_name = \"whitespace\"").text_of(b"\xe9"), None);
    let dos = pipeline("site_name = { name = \"legacy_encoding\", encoding = \"ibm866\" }");
    assert_eq!(dos.text_of(b"\x80"), Some(text("А")));
}

#[test]
fn phones_are_those_of_their_country() {
    let line = "\"owner.contact_details.contact_phone_number\" = { name = \"phone_e164\", country = \"CD\" }";
    holds(
        line,
        &[
            ("0812345678", "+243812345678"),
            ("+243 81 234 56 78", "+243812345678"),
            ("00243-812-345-678", "+243812345678"),
            ("243812345678", "+243812345678"),
            ("0812345678 / +250 788 123 456", "+243812345678;+250788123456"),
            ("0812345678;0812345678", "+243812345678"),
        ],
    );
    refuses(
        line,
        &[
            "12",
            "voir bureau",
            "0812345678 ou 9",
            "+999123456789",
            "08123456789012345678901234567890",
        ],
    );
    let read = pipeline(line).read(&Cell::Integer(812_345_678)).unwrap();
    assert_eq!(read.cell, text("+243812345678"));
}

#[test]
fn what_stands_wrong_in_a_mapping_is_named() {
    for (line, word) in [
        ("mass = \"decimal_coma\"", "did you mean decimal_comma?"),
        ("masse = \"decimal_comma\"", "did you mean \"mass\"?"),
        ("date_sealed = \"date\"", "formats"),
        ("date_sealed = { name = \"date\", formats = [\"%d/%m/%y\"] }", "pivot = 30"),
        ("date_sealed = { name = \"date\", formats = [\"%d/%m\"] }", "year, month and day"),
        ("date_sealed = { name = \"date\", formats = [\"%d/%Q/%Y\"] }", "not understood"),
        ("date_sealed = { name = \"date\", formats = [], pivot = 1 }", "at least one format"),
        ("date_sealed = { name = \"date\", formats = [\"%F\"], zone = 1 }", "zone"),
        ("date_sealed = { name = \"excel_serial_date\", system = 1905 }", "1904"),
        ("date_sealed = \"mass_with_unit\"", "for a mass"),
        ("date_sealed = \"degrees_minutes_seconds\"", "latitude"),
        ("mass = { name = \"mass_with_unit\", default = \"lb\" }", "no unit of mass"),
        ("mass = { name = \"mass_with_unit\", unit = \"lot_number\" }", "unit = "),
        ("mass = []", "no normaliser"),
        ("mass = 3", "no normaliser"),
        ("site_name = { name = \"legacy_encoding\", encoding = \"utf-16\" }", "one byte a letter"),
        ("national_id = { name = \"phone_e164\", country = \"XX\" }", "alpha-2"),
        ("mass = { name = \"decimal_comma\", point = \"comma\" }", "comma"),
    ] {
        let said = try_pipeline(line).expect_err(line);
        assert!(said.contains(word) && said.contains("normalise"), "{line}: {said}");
    }
}

#[test]
fn a_value_that_is_good_already_passes() {
    let mass = pipeline("mass = [\"decimal_comma\", \"mass_with_unit\"]");
    for cell in [Cell::Integer(5), Cell::Real(0.5), number("1.5"), Cell::Null, text("  ")] {
        assert_eq!(mass.read(&cell).unwrap().cell, cell);
    }
}
