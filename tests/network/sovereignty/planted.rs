//! Records of which every national field holds a string of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use serde_json::{Map, Value};

use super::{
    needle::{self, Core, Kind},
    protos::{National, Protos},
};

/// What records say of themselves in every part of the region: `#` is a number
/// of their own, `@` a string that must leave.
const RECORDS: &str = include_str!("records.json");

/// Columns by alias; lists are lists of such objects.
pub(super) type Row = Map<String, Value>;

/// How the national fields of a record are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// As the fields demand.
    Good,
    /// So that each is refused.
    Bad,
    /// Good, but phones: they are left out of a record that is published.
    Misread,
    /// Good, beside a regional value that refuses the record.
    BesideFault,
}

/// A string in one field of one record.
#[derive(Debug, Clone)]
pub(super) struct Plant {
    /// Way in, record type and what became of the record.
    pub(super) record: String,
    /// Path of the field.
    pub(super) path: String,
    pub(super) core: Core,
}

/// One record with its strings.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) entity: String,
    /// Name of the row at its source.
    pub(super) name: String,
    pub(super) row: Row,
    /// The string that must leave.
    pub(super) regional: String,
    /// Paths of what was planted.
    pub(super) paths: BTreeSet<String>,
}

impl Made {
    /// The id of a mine site, which even the portal shows.
    pub(super) fn site(&self) -> Option<&str> {
        self.row.get("icglr_id")?.as_str()
    }
}

/// Makes records and remembers what was planted.
#[derive(Debug)]
pub(super) struct Garden {
    pub(super) random: StdRng,
    templates: BTreeMap<String, Row>,
    fields: BTreeMap<String, Vec<National>>,
    next: u32,
    pub(super) plants: Vec<Plant>,
}

impl Garden {
    /// Templates for each record type that has a national field.
    pub(super) fn new(protos: &Protos, random: StdRng) -> Result<Self> {
        let templates: BTreeMap<String, Row> = serde_json::from_str(RECORDS)?;
        let mut fields = BTreeMap::new();
        for entity in protos.entities() {
            let national = protos.national(entity)?;
            if !national.is_empty() {
                fields.insert(entity.to_owned(), national);
            }
        }
        let (known, wanted): (BTreeSet<_>, BTreeSet<_>) =
            (templates.keys().collect(), fields.keys().collect());
        assert_eq!(known, wanted, "a template for each record type with a national field");
        Ok(Self { random, templates, fields, next: 1001, plants: Vec::new() })
    }

    /// The record types with national fields.
    pub(super) fn entities(&self) -> Vec<String> {
        self.fields.keys().cloned().collect()
    }

    /// Paths of all national fields of a record type but attributes, which only JSON has.
    pub(super) fn columns(&self, entity: &str) -> Vec<&National> {
        self.fields[entity].iter().filter(|field| !is_extension(field)).collect()
    }

    /// Every national path of a record type.
    pub(super) fn paths(&self, entity: &str) -> BTreeSet<String> {
        self.fields[entity].iter().map(National::whole).collect()
    }

    /// A new record.
    pub(super) fn record(&mut self, entity: &str, way: &str, fill: Fill) -> Result<Made> {
        let number = self.next;
        self.next += 1;
        self.filled(entity, number, way, fill)
    }

    /// The same record later, with other strings everywhere.
    pub(super) fn again(&mut self, made: &Made, way: &str) -> Result<Made> {
        let number = made.name.rsplit('-').next().and_then(|number| number.parse().ok());
        self.filled(&made.entity, number.context("read the number")?, way, Fill::Good)
    }

    fn filled(&mut self, entity: &str, number: u32, way: &str, fill: Fill) -> Result<Made> {
        let regional = format!("Region{}", needle::letters(&mut self.random));
        let text = serde_json::to_string(&self.templates[entity])?
            .replace('#', &number.to_string())
            .replace('@', &regional);
        let mut row: Row = serde_json::from_str(&text)?;
        let mut paths = BTreeSet::new();
        let columns: Vec<National> = self.columns(entity).into_iter().cloned().collect();
        for field in &columns {
            let kind = Kind::of(&field.path);
            let (value, core) = match (fill, kind) {
                (Fill::Bad, _) | (Fill::Misread, Kind::Phone) => {
                    needle::bad(kind, &mut self.random)
                }
                _ => needle::good(kind, &mut self.random),
            };
            let alias = field.path.strip_suffix("_minor").unwrap_or(&field.path);
            let holder = match &field.list {
                Some(list) => row[list][0].as_object_mut().context("find the list")?,
                None => &mut row,
            };
            holder.insert(alias.to_owned(), Value::from(value));
            self.plant(&format!("{way} {entity}"), field.whole(), core);
            if (fill, kind) != (Fill::Misread, Kind::Phone) {
                paths.insert(field.whole());
            }
        }
        if fill == Fill::BesideFault {
            let (column, value) = fault(entity);
            row.insert(column.to_owned(), Value::from(value));
        }
        let name = format!("{entity}-{number}");
        Ok(Made { entity: entity.to_owned(), name, row, regional, paths })
    }

    /// Remembers a string.
    pub(super) fn plant(&mut self, record: &str, path: String, core: Core) {
        self.plants.push(Plant { record: record.to_owned(), path, core });
    }
}

fn is_extension(field: &National) -> bool {
    field.list.as_deref() == Some("extension")
}

/// What refuses a record of that type, and is not national.
fn fault(entity: &str) -> (&'static str, &'static str) {
    match entity {
        "MineSite" => ("mine_site_location.geolocalization.latitude", "95.5"),
        "Lot" => ("mass", "-950"),
        "ExportCertificate" => ("lot_weight", "0"),
        "ExporterStatus" => ("exporter.identifier", ""),
        "Audit" => ("audit_number", ""),
        _ => ("incident_number", ""),
    }
}
