//! No text and no number makes any normaliser panic, and what one has made it
//! leaves as it is.

use proptest::prelude::*;
use rmd_standard::{Cell, Entity, column};
use rust_decimal::Decimal;

use crate::mapping::normalisers::{
    Axis, DateFormats, EmptyWords, Epoch, Legacy, Mass, Normal, Phone, Pipeline, Point,
};

fn all() -> Vec<Normal> {
    let formats = ["%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d %B %Y %H:%M:%S", "%s"];
    let formats: Vec<String> = formats[..4].iter().map(|format| (*format).to_owned()).collect();
    let mut normals = vec![
        Normal::Whitespace,
        Normal::EmptyWords(EmptyWords::new(["néant", "-"], true)),
        Normal::HtmlEntities,
        Normal::LegacyEncoding(Legacy::of_label("windows-1252").unwrap()),
        Normal::Date(DateFormats::new(formats, Some(30)).unwrap()),
        Normal::ExcelSerialDate(Epoch::Y1900),
        Normal::ExcelSerialDate(Epoch::Y1904),
        Normal::PhoneE164(Phone::of_country("CD").unwrap()),
        Normal::DegreesMinutesSeconds(Axis::Latitude),
        Normal::DegreesMinutesSeconds(Axis::Longitude),
    ];
    for point in [Point::Refuse, Point::Decimal, Point::Thousands] {
        normals.push(Normal::DecimalComma(point));
        normals.push(Normal::MassWithUnit(Mass { default: Some("KGM"), point }));
    }
    normals
}

fn pipeline(normal: Normal) -> Pipeline {
    Pipeline { steps: vec![normal], unit: column(Entity::Lot, None, "unit_of_measurement") }
}

fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        any::<String>().prop_map(Cell::Text),
        "[-+0-9., '°′″\"NSEWO dms:/kKgGtT]{0,24}".prop_map(Cell::Text),
        "[+0-9 ()./;-]{0,48}".prop_map(Cell::Text),
        "[&#x0-9a-z;Ã©\u{80}-\u{ff}]{0,24}".prop_map(Cell::Text),
        any::<i64>().prop_map(Cell::Integer),
        any::<f64>().prop_map(Cell::Real),
        any::<bool>().prop_map(Cell::Bool),
        (any::<i64>(), 0_u32..28)
            .prop_map(|(number, scale)| Cell::Decimal(Decimal::new(number, scale))),
        Just(Cell::Null),
    ]
}

proptest! {
    #[test]
    fn every_normaliser_is_total(cell in cells(), bytes: Vec<u8>) {
        for normal in all() {
            let name = normal.name();
            let pipeline = pipeline(normal);
            let first = pipeline.read(&cell);
            let again = pipeline.read(&cell);
            prop_assert_eq!(&first, &again, "{} depends on nothing but the cell", name);
            if let Err(unread) = first {
                prop_assert!(unread.why.rule.starts_with("NORMALISE-"));
            }
            let _ = pipeline.text_of(&bytes);
        }
    }

    #[test]
    fn a_number_written_with_a_comma_is_that_number(number: i32, places in 0_u32..6) {
        let number = Decimal::new(number.into(), places);
        let text = Cell::Text(number.to_string().replace('.', ","));
        let read = pipeline(Normal::DecimalComma(Point::Refuse)).read(&text).unwrap();
        prop_assert_eq!(read.cell, Cell::Decimal(number));
    }

    #[test]
    fn degrees_written_in_parts_are_those_degrees(
        degrees in 0_i64..90, minutes in 0_i64..60, tenths in 0_i64..600, south: bool,
    ) {
        let side = if south { 'S' } else { 'N' };
        let text = format!("{degrees}°{minutes}'{}.{}\"{side}", tenths / 10, tenths % 10);
        let read = pipeline(Normal::DegreesMinutesSeconds(Axis::Latitude)).read(&Cell::Text(text));
        let all = degrees * 36_000 + minutes * 600 + tenths;
        let expected = Decimal::from(if south { -all } else { all }) / Decimal::from(36_000);
        prop_assert_eq!(read.unwrap().cell, Cell::Decimal(expected.round_dp(7).normalize()));
    }

    #[test]
    fn a_day_comes_back_from_every_format(days in -20_000_i32..40_000) {
        use jiff::ToSpan as _;
        let day = jiff::civil::date(2000, 1, 1).checked_add(days.days()).unwrap();
        for format in ["%d/%m/%Y", "%Y.%m.%d", "%d %B %Y"] {
            let formats = DateFormats::new(vec![format.to_owned()], None).unwrap();
            let text = Cell::Text(day.strftime(format).to_string());
            let read = pipeline(Normal::Date(formats)).read(&text).unwrap();
            prop_assert_eq!(read.cell, Cell::Text(day.to_string()));
        }
    }

    #[test]
    fn text_misread_once_or_twice_is_turned_back(text in "[A-Za-zàâçéèêëîïôùûü' -]{1,20}", rounds in 1_usize..3) {
        let mut misread = text.clone();
        for _ in 0..rounds {
            misread = encoding_rs::WINDOWS_1252.decode_without_bom_handling(misread.as_bytes()).0.into_owned();
        }
        let legacy = Legacy::of_label("windows-1252").unwrap();
        let read = pipeline(Normal::LegacyEncoding(legacy)).read(&Cell::Text(misread)).unwrap();
        prop_assume!(!text.trim().is_empty());
        prop_assert_eq!(read.cell, Cell::Text(text));
    }
}
