//! A national database with a table for each record type, and its mapping.
//!
//! Columns are named as the standard names them, so that a field that the
//! protocol adds is planted and mapped without a change here.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::Value;

use super::planted::{Made, Row};

/// Tables for rows like these.
pub(super) fn schema(samples: &[Made]) -> String {
    let mut sql = String::new();
    for (table, columns) in tables(samples) {
        let columns: Vec<String> = columns.iter().map(|name| format!("\"{name}\" TEXT")).collect();
        let _ = writeln!(
            sql,
            "CREATE TABLE \"{table}\" (row_key TEXT NOT NULL, {});",
            columns.join(", ")
        );
        let _ = writeln!(sql, "CREATE INDEX \"{table} by key\" ON \"{table}\" (row_key);");
    }
    sql
}

/// The mapping of these tables.
pub(super) fn mapping(samples: &[Made]) -> String {
    let mut text = String::from("[mapping]\nname = \"sovereignty\"\nzone = \"Africa/Kigali\"\n");
    for (table, columns) in tables(samples) {
        let selected: Vec<String> =
            columns.iter().map(|name| format!("t.\"{name}\" AS \"{name}\"")).collect();
        match table.split_once('.') {
            None => {
                let _ = writeln!(text, "\n[[record]]\nentity = \"{table}\"");
            }
            Some((_, list)) => {
                let _ = writeln!(text, "[[record.child]]\nlist = \"{list}\"");
            }
        }
        let _ = writeln!(
            text,
            "key = \"t.row_key\"\nrows = '''\nSELECT t.row_key AS \"_key\", {}\nFROM \"{table}\" t\n/* where-keys */\n'''",
            selected.join(", ")
        );
        text.push_str(&normalisers(&table, &columns));
        if !table.contains('.') {
            let _ = writeln!(text, "[[record.watch]]\ntable = \"{table}\"\nmode = \"diff\"");
        }
    }
    text
}

/// What reads phones and prices, as a ministry's mapping has it.
fn normalisers(table: &str, columns: &[String]) -> String {
    let section = if table.contains('.') { "record.child.normalise" } else { "record.normalise" };
    let mut text = format!("[{section}]\n");
    for column in columns {
        let normaliser = match column.rsplit('.').next() {
            Some("contact_phone_number") => "{ name = \"phone_e164\", country = \"RW\" }",
            Some("price_per_kg") => "\"decimal_comma\"",
            Some("legal_representative") => "[\"html_entities\", \"whitespace\"]",
            _ => continue,
        };
        let _ = writeln!(text, "\"{column}\" = {normaliser}");
    }
    text
}

/// Statements that write a row.
pub(super) fn insert(made: &Made) -> String {
    insert_as(made, &made.name, quoted)
}

/// The same where every national text is bytes that are no UTF-8.
pub(super) fn insert_unreadable(made: &Made) -> String {
    let national: BTreeSet<&str> =
        made.paths.iter().map(|path| path.rsplit("[0].").next().unwrap_or(path)).collect();
    let is_national = |column: &str| {
        national.contains(column) || national.contains(format!("{column}_minor").as_str())
    };
    insert_with(made, &made.name, &|column, value| {
        if is_national(column) {
            format!("CAST(x'ff' || {} AS TEXT)", quoted(value))
        } else {
            quoted(value)
        }
    })
}

/// The same record in a second row.
pub(super) fn insert_double(made: &Made) -> String {
    insert_as(made, &format!("{}-again", made.name), quoted)
}

/// Statements that remove a row.
pub(super) fn delete(made: &Made) -> String {
    let mut sql = String::new();
    for (table, _) in rows(made) {
        let _ = writeln!(sql, "DELETE FROM \"{table}\" WHERE row_key = {};", quoted(&made.name));
    }
    sql
}

/// Statements that declare a record void.
pub(super) fn annul(made: &Made) -> String {
    format!(
        "UPDATE \"{}\" SET \"_annulled_on\" = '2017-12-01', \"_annulled_reason\" = 'entered twice' WHERE row_key = {};",
        made.entity,
        quoted(&made.name)
    )
}

fn insert_as(made: &Made, key: &str, write: fn(&str) -> String) -> String {
    insert_with(made, key, &|_, value| write(value))
}

fn insert_with(made: &Made, key: &str, write: &dyn Fn(&str, &str) -> String) -> String {
    let mut sql = String::new();
    for (table, row) in rows(made) {
        let cells: Vec<(&String, &str)> =
            row.iter().filter_map(|(name, value)| Some((name, value.as_str()?))).collect();
        let names: Vec<String> = cells.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let values: Vec<String> = cells.iter().map(|(name, value)| write(name, value)).collect();
        let _ = writeln!(
            sql,
            "INSERT INTO \"{table}\" (row_key, {}) VALUES ({}, {});",
            names.join(", "),
            quoted(key),
            values.join(", ")
        );
    }
    sql
}

/// The row of the record and those of its lists, with their tables.
fn rows(made: &Made) -> Vec<(String, Row)> {
    let mut rows = vec![(made.entity.clone(), made.row.clone())];
    for (list, elements) in &made.row {
        let elements = elements.as_array().into_iter().flatten().filter_map(Value::as_object);
        rows.extend(elements.map(|row| (format!("{}.{list}", made.entity), row.clone())));
    }
    rows
}

/// Tables and columns; the lists of a record type follow it.
fn tables(samples: &[Made]) -> Vec<(String, Vec<String>)> {
    let mut tables = Vec::new();
    for made in samples {
        for (table, row) in rows(made) {
            let mut columns: Vec<String> = row
                .iter()
                .filter(|(_, value)| value.is_string())
                .map(|(name, _)| name.clone())
                .collect();
            if !table.contains('.') {
                columns.extend(["_annulled_on".to_owned(), "_annulled_reason".to_owned()]);
            }
            tables.push((table, columns));
        }
    }
    tables
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
