//! Records as JSON, and requests over a socket.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::{
    needle::{self, Core},
    planted::{Garden, Made, Row},
};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer over HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Head and body, as they came.
    pub(super) bytes: Vec<u8>,
    head: usize,
}

impl Answer {
    /// The body.
    pub(super) fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(self.body()).context("read the JSON of an answer")
    }
}

/// One request on a connection of its own, in the version of HTTP that knows no chunks.
pub(super) fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).with_context(|| format!("read the answer to {path}"))?;
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("read a head")? + 4;
    let line = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("read the status of {path}"))?;
    Ok(Answer { status, bytes, head })
}

/// The record as nested JSON, with numbers where the standard has them.
pub(super) fn document(row: &Row) -> Value {
    let mut object = Map::new();
    for (alias, value) in row {
        let value = match value {
            Value::Array(elements) => {
                elements.iter().filter_map(Value::as_object).map(document).collect()
            }
            // A site has several minerals, a lot is of one.
            Value::String(text) if alias == "mineral" && row.contains_key("national_id") => {
                json!([text])
            }
            Value::String(text) => leaf(alias, text),
            other => other.clone(),
        };
        put(&mut object, alias, value);
    }
    Value::Object(object)
}

fn put(object: &mut Map<String, Value>, alias: &str, value: Value) {
    match alias.split_once('.') {
        Some((part, rest)) => {
            let part = object.entry(part).or_insert_with(|| json!({}));
            if let Some(part) = part.as_object_mut() {
                put(part, rest, value);
            }
        }
        None => {
            object.insert(alias.to_owned(), value);
        }
    }
}

fn leaf(alias: &str, text: &str) -> Value {
    const NUMBERS: [&str; 6] =
        ["latitude", "longitude", "concentration", "mass", "lot_weight", "price_per_kg"];
    const LISTS: [&str; 3] = ["covered_commodities", "creator_role", "originating_operation"];
    let name = alias.rsplit('.').next().unwrap_or(alias);
    if NUMBERS.contains(&name)
        && let Ok(number) = text.parse::<f64>()
    {
        return Value::from(number);
    }
    if LISTS.contains(&name) { json!([text]) } else { Value::from(text) }
}

/// Adds attributes that the standard does not know: at the top, in a party, in
/// a list, and one that is an object; names and values are strings of their own.
pub(super) fn extend(garden: &mut Garden, made: &mut Made, record: &str, more: usize) -> Value {
    let mut document = document(&made.row);
    let places: &[&str] = match made.entity.as_str() {
        "MineSite" => &["", "/owner", "/license/0", "/operator/0/contact_details"],
        "Lot" => &["", "/creator", "/tag/0", "/recipient/contact_details"],
        _ => &["", "/exporter", "/importer/contact_details"],
    };
    for (index, place) in places.iter().enumerate() {
        let name = fresh(garden, record, format!("extension[{index}].path"));
        let value = fresh(garden, record, format!("extension[{index}].json"));
        let value = format!("{value}{}", "x".repeat(more));
        let value = if index == 0 { json!({ "inner": [value, 7] }) } else { json!(value) };
        if let Some(holder) = document.pointer_mut(place).and_then(Value::as_object_mut) {
            holder.insert(name, value);
            made.paths.insert(format!("extension[{index}].path"));
            made.paths.insert(format!("extension[{index}].json"));
        }
    }
    document
}

fn fresh(garden: &mut Garden, record: &str, path: String) -> String {
    let letters = needle::letters(&mut garden.random);
    garden.plant(record, path, Core::Text(letters.clone()));
    letters
}
