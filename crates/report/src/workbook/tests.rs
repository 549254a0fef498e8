//! Workbooks as calamine reads them back.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::sample;

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let rows = |range: calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    names
        .into_iter()
        .map(|name| (name.clone(), rows(book.worksheet_range(&name).unwrap())))
        .collect()
}

/// A cell as the sheet must have it.
fn is_equal(data: Option<&Data>, cell: &Cell, lang: Lang) -> bool {
    let day = |data: &Data, day: Date| match data {
        Data::DateTime(read) => {
            read.to_ymd_hms_milli() == {
                let (year, month, day) = (day.year(), day.month(), day.day());
                (year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs(), 0, 0, 0, 0)
            }
        }
        _ => false,
    };
    let number = |data: &Data, number: f64| matches!(data, Data::Float(float) if (float - number).abs() < 1e-9);
    let text = |data: &Data, text: &str| matches!(data, Data::String(string) if string == text);
    let Some(data) = data else { return *cell == Cell::Nothing };
    match cell {
        Cell::Text(wanted) if wanted.is_empty() => *data == Data::Empty || text(data, ""),
        Cell::Text(wanted) => text(data, wanted),
        Cell::Said(en, fr) => text(data, &lang.set(lang.pick(en, fr))),
        Cell::Coded(word) => text(data, word.of(lang)),
        Cell::Country(alpha2) => text(data, &table::named(alpha2, lang)),
        Cell::Count(count) => number(data, exact(*count)),
        Cell::Mass(mg) => number(data, exact(*mg) / 1e6),
        Cell::Day(wanted) => day(data, *wanted),
        Cell::Month(month) => day(data, month.first_day()),
        Cell::Nothing => *data == Data::Empty,
    }
}

#[test]
fn a_workbook_read_back_holds_the_tables() {
    let report = sample::realistic();
    for lang in Lang::ALL {
        let read = sheets(workbook(&report, lang).unwrap());
        let tables = table::all(&report);
        assert_eq!(read.len(), tables.len());
        for ((name, rows), table) in read.iter().zip(&tables) {
            assert_eq!(name, table.name.of(lang));
            assert_holds(rows, table, lang);
        }
    }
}

fn assert_holds(rows: &[Vec<Data>], table: &Table, lang: Lang) {
    let name = table.name.code;
    assert_eq!(rows.len(), table.rows.len().max(1) + 2, "{name}");
    let head = |text: &str| Data::String(text.to_owned());
    for (place, column) in table.columns.iter().enumerate() {
        assert_eq!(rows[0][place], head(column.head.en), "{name}");
        assert_eq!(rows[1][place], head(column.head.fr), "{name}");
    }
    for (row, cells) in rows[2..].iter().zip(&table.rows) {
        for (place, cell) in cells.iter().enumerate() {
            assert!(is_equal(row.get(place), cell, lang), "{name}: {cell:?} {row:?}");
        }
    }
}

#[test]
fn an_empty_table_says_so_and_shows_no_zero() {
    let read = sheets(workbook(&sample::nearly_empty(), Lang::Fr).unwrap());
    let (_, flows) = read.iter().find(|(name, _)| name == "Flux").unwrap();
    assert_eq!(flows.len(), 3);
    assert_eq!(flows[2][0], Data::String("pas encore de données".to_owned()));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let report = sample::realistic();
    assert_eq!(workbook(&report, Lang::En).unwrap(), workbook(&report, Lang::En).unwrap());
}
