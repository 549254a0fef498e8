//! A record as columns: the names of the mapping's aliases, amounts in the units that
//! people write.

use iso_currency::Currency;
use jiff::Timestamp;
use rmd_standard::{Entity, Record, aliases};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

const LONG_PREFIX: &str = "mine_site_location.local_geographic_designation.";
const SHORT_PREFIX: &str = "local_geographic_designation.";

/// The values of a record by alias; lists as arrays of the same.
pub(super) fn values(record: &Record) -> Value {
    let entity = record.entity();
    let mut flat = Flat { entity, list: None, values: Map::new() };
    let Value::Object(members) = record.to_json() else { return Value::Null };
    let (lists, fields): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|(name, _)| entity.lists().contains(&name.as_str()));
    flat.members("", &fields.into_iter().collect());
    flat.unit();
    for (name, list) in lists {
        let items = list.as_array().into_iter().flatten().filter_map(Value::as_object);
        let items = items.map(|item| {
            let mut child = Flat { entity, list: Some(&name), values: Map::new() };
            child.members("", item);
            child.unit();
            Value::Object(child.values)
        });
        let items: Vec<Value> = items.collect();
        flat.values.insert(name.clone(), Value::Array(items));
    }
    Value::Object(flat.values)
}

struct Flat<'a> {
    entity: Entity,
    list: Option<&'a str>,
    values: Map<String, Value>,
}

impl Flat<'_> {
    fn members(&mut self, prefix: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            let path = format!("{prefix}{name}");
            match value {
                Value::Object(inner) => self.members(&format!("{path}."), inner),
                value => self.leaf(&path, value, members),
            }
        }
    }

    fn leaf(&mut self, path: &str, value: &Value, beside: &Map<String, Value>) {
        let (bare, text) = written(path, value, beside);
        let alias = match bare.strip_prefix(LONG_PREFIX) {
            Some(rest) => format!("{SHORT_PREFIX}{rest}"),
            None => bare,
        };
        if aliases(self.entity, self.list).contains(&alias.as_str()) {
            self.values.insert(alias, Value::String(text));
        }
    }

    /// Masses are written in kilograms: the unit says so.
    fn unit(&mut self) {
        for alias in ["unit_of_measurement", "lot_weight_uom", "contributed_unit"] {
            if aliases(self.entity, self.list).contains(&alias) {
                self.values.insert(alias.to_owned(), json!("KGM"));
            }
        }
    }
}

/// The alias of a field without its unit, and its value as people write it.
fn written(path: &str, value: &Value, beside: &Map<String, Value>) -> (String, String) {
    const SCALES: [(&str, u32); 5] = [("_mg", 6), ("_ppm", 4), ("_e7", 7), ("_e3", 3), ("_cm", 2)];
    let plain = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts = items.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(";")
        }
        other => other.to_string(),
    };
    let Some(number) = value.as_i64() else { return (path.to_owned(), plain) };
    let scaled = |scale: u32| Decimal::new(number, scale).normalize().to_string();
    if let Some(bare) = path.strip_suffix("_minor") {
        let currency = ["customs_value_currency", "price_currency", "currency"].into_iter();
        let mut codes = currency.filter_map(|name| beside.get(name)?.as_str());
        let exponent = codes.find_map(Currency::from_code).and_then(Currency::exponent);
        return (bare.to_owned(), scaled(exponent.map_or(2, u32::from)));
    }
    if let Some(bare) = path.strip_suffix("_us") {
        let instant = Timestamp::from_microsecond(number).unwrap_or_default();
        return (bare.to_owned(), instant.to_string());
    }
    let known = SCALES.iter().find_map(|(unit, scale)| Some((path.strip_suffix(unit)?, *scale)));
    known.map_or_else(|| (path.to_owned(), plain), |(bare, scale)| (bare.to_owned(), scaled(scale)))
}
