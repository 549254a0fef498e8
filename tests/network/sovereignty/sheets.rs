//! Sheets: workbooks with a sheet for each list, and texts with lists in columns.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Workbook, Worksheet};
use serde_json::Value;

use super::planted::{Made, Row};

/// Writes a workbook: the records of one type, and a sheet for each list.
pub(super) fn workbook(path: &Path, records: &[&Made]) -> Result<()> {
    let entity = &records.first().context("a record")?.entity;
    let mut workbook = Workbook::new();
    let rows: Vec<Row> = records.iter().map(|made| made.row.clone()).collect();
    grid(workbook.add_worksheet().set_name("data")?, entity, &rows)?;
    let lists: Vec<&String> =
        records[0].row.iter().filter(|(_, value)| value.is_array()).map(|(name, _)| name).collect();
    for list in lists {
        let mut elements = Vec::new();
        for made in records {
            let parent = parent(made)?;
            for element in made.row[list].as_array().into_iter().flatten() {
                let mut row = element.as_object().cloned().unwrap_or_default();
                row.insert("_parent".to_owned(), parent.clone());
                elements.push(row);
            }
        }
        grid(workbook.add_worksheet().set_name(list)?, &format!("{entity}.{list}"), &elements)?;
    }
    workbook.save(path)?;
    Ok(())
}

/// Writes a text with separators: elements of lists stand in columns of the record.
pub(super) fn text(path: &Path, made: &Made, more: &[(&str, &str)]) -> Result<()> {
    let mut columns: Vec<(String, String)> = Vec::new();
    for (name, value) in &made.row {
        match value {
            Value::String(text) => columns.push((name.clone(), text.clone())),
            Value::Array(elements) => {
                let element = elements.first().and_then(Value::as_object).into_iter().flatten();
                columns.extend(element.map(|(field, value)| {
                    (format!("{name}.{field}"), value.as_str().unwrap_or_default().to_owned())
                }));
            }
            _ => {}
        }
    }
    columns.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    writer.write_record(columns.iter().map(|(_, value)| value))?;
    writer.flush()?;
    Ok(())
}

/// Writes values alone: no row says what they are.
pub(super) fn without_headers(path: &Path, values: &[String]) -> Result<()> {
    let mut lines = String::new();
    for three in values.chunks(3) {
        lines.push_str(&three.join(","));
        lines.push('\n');
    }
    fs::write(path, lines)?;
    Ok(())
}

fn parent(made: &Made) -> Result<Value> {
    let own = ["national_id", "lot_number"].iter().find_map(|name| made.row.get(*name));
    own.cloned().context("a record with lists has a name")
}

fn grid(sheet: &mut Worksheet, marker: &str, rows: &[Row]) -> Result<()> {
    let first = rows.first().context("a row")?;
    let columns: Vec<&String> =
        first.iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name).collect();
    sheet.write_string(0, 0, marker)?;
    for (column, name) in (1_u16..).zip(&columns) {
        sheet.write_string(0, column, *name)?;
        for (number, row) in (1_u32..).zip(rows) {
            sheet.write_string(number, column, row[*name].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}
