use rmd_standard::code;
use rust_decimal::Decimal;

use super::*;

fn number(text: &str, point: Point) -> Result<Cell, &'static str> {
    let raw = Raw::Text(text.to_owned());
    read(&raw, (Shape::Mass, "mass"), point).map_err(|why| why.rule)
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Decimal(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn numbers_of_people_become_plain_ones() {
    for (given, expected) in [
        ("1234.5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u{a0}234\u{202f}567,25", "1234567.25"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("0,125", "0.125"),
        ("12,5", "12.5"),
        ("-4,15915", "-4.15915"),
        ("12 kg", "12 kg"),
        ("1,2,3", "1,2,3"),
    ] {
        assert_eq!(number(given, Point::Unsaid).map(|cell| text(&cell)), Ok(expected.to_owned()));
    }
}

#[test]
fn a_comma_with_two_readings_is_refused_unless_the_file_says_which() {
    assert_eq!(number("1,234", Point::Unsaid), Err("SHEET-NUMBER-COMMA"));
    assert_eq!(number("1,234", Point::Comma), Ok(Cell::Text("1.234".to_owned())));
}

#[test]
fn a_formula_gives_what_the_sheet_shows() {
    let sum = Raw::Number(0.1 + 0.2);
    let mass = read(&sum, (Shape::Mass, "mass"), Point::Unsaid);
    assert_eq!(mass, Ok(Cell::Decimal(Decimal::new(3, 1))));
    let share = Raw::Percent(0.485);
    let grade = read(&share, (Shape::Number, "concentration"), Point::Unsaid);
    assert_eq!(grade.map(|cell| text(&cell)), Ok("48.5".to_owned()));
    let grade = read(&Raw::Text("48,5 %".into()), (Shape::Number, "concentration"), Point::Unsaid);
    assert_eq!(grade.map(|cell| text(&cell).trim().to_owned()), Ok("48.5".to_owned()));
}

#[test]
fn days_are_read_as_numbers_and_as_text() {
    for raw in [
        Raw::Stamp(43_115.0),
        Raw::Stamp(43_115.75),
        Raw::Number(43_115.0),
        Raw::Number(20_180_115.0),
        Raw::Text("15/01/2018".into()),
        Raw::Text("15.1.2018".into()),
        Raw::Text("2018-01-15".into()),
        Raw::Text("2018/01/15 07:05".into()),
        Raw::Text("20180115".into()),
    ] {
        let cell = read(&raw, (Shape::Date, "date_in"), Point::Unsaid).unwrap();
        assert_eq!(text(&cell), "2018-01-15", "{raw:?}");
    }
    for wrong in ["01/15/2018", "15/01/18", "hier", "2018-01-15 banana"] {
        let cell = read(&Raw::Text(wrong.into()), (Shape::Date, "date_in"), Point::Unsaid);
        assert_eq!(cell, Ok(Cell::Text(wrong.into())));
    }
}

#[test]
fn times_months_and_instants_are_read() {
    let of = |raw: &Raw, shape| text(&read(raw, (shape, "x"), Point::Unsaid).unwrap());
    assert_eq!(of(&Raw::Stamp(0.5), Shape::Time), "12:00:00");
    assert_eq!(of(&Raw::Number(70_509.0), Shape::Time), "070509");
    assert_eq!(of(&Raw::Text("07:05".into()), Shape::Time), "07:05");
    for raw in [
        Raw::Stamp(43_101.0),
        Raw::Number(201_801.0),
        Raw::Text("01/2018".into()),
        Raw::Text("2018-01".into()),
        Raw::Text("31/01/2018".into()),
    ] {
        assert_eq!(of(&raw, Shape::Month), "2018-01", "{raw:?}");
    }
    assert_eq!(of(&Raw::Stamp(43_115.5), Shape::Instant), "2018-01-15T12:00:00");
    assert_eq!(of(&Raw::Text("15/01/2018 7h05".into()), Shape::Instant), "2018-01-15T07:05:00");
    let iso = "2018-01-15T07:05:09Z";
    assert_eq!(of(&Raw::Text(iso.into()), Shape::Instant), iso);
}

#[test]
fn identifiers_keep_their_digits_and_errors_are_named() {
    let of = |raw: &Raw| read(raw, (Shape::Text, "lot_number"), Point::Unsaid);
    assert_eq!(of(&Raw::Number(120_045.0)), Ok(Cell::Text("120045".into())));
    assert_eq!(of(&Raw::Number(1e16)).map_err(|why| why.rule), Err("SHEET-DIGITS-LOST"));
    assert_eq!(of(&Raw::Fault("#N/A".into())).map_err(|why| why.rule), Err("SHEET-CELL-ERROR"));
    let long = Raw::Text("x".repeat(TEXT_CHARS_MAX + 1));
    assert_eq!(of(&long).map_err(|why| why.rule), Err("SHEET-TEXT-LONG"));
    let unit = Shape::Code(&code::UNIT_OF_MEASUREMENT);
    let cell = read(&Raw::Text("Tonnes".into()), (unit, "u"), Point::Unsaid);
    assert_eq!(cell, Ok(Cell::Text("tne".into())));
}
