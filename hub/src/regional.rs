//! The regional view: what each state released, record by record.
//!
//! Owns the table of all records and the typed tables, one file a record type.
//! It takes verified entries, decides what each does ([`examine()`]), and writes
//! many rows a statement ([`apply`]); the caller owns the transaction and the
//! cursor. A record belongs to one node of one state, a revision applies only
//! if it counts up, and a record in shadow stands in no typed table.

mod audit;
mod batch;
mod examine;
mod export_certificate;
mod export_declaration;
mod exporter_status;
pub(crate) mod findings;
mod fresh;
mod import_declaration;
mod incident;
mod lot;
mod mine_site;
mod party;
mod plan;
mod production_declaration;
mod record;
mod reporting_period;
mod rules;
pub(crate) mod settle;
mod stock_declaration;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rmd_proto::v1;
use rmd_standard::{Entity, Record, code::List, site_id};
use sqlx::AnyConnection;

pub(crate) use batch::{Batch, Rest};
pub(crate) use examine::{Change, Examined, Owner, Released, Revision, examine};
pub(crate) use fresh::{Ground, fresh};
pub(crate) use plan::{Applied, Incoming, apply};
pub(crate) use record::{Standing, findings_json, op_word};
pub(crate) use rules::storable_text;

use crate::{
    registry::entitlement::Level,
    store::{
        Error,
        bulk::{self, Cell, Rows, Table, Value},
    },
};

/// The columns with which every typed row begins.
#[derive(Debug, Clone, Copy)]
struct Head<'a> {
    key: &'a str,
    rev: u64,
    is_void: bool,
}

impl<'a> Head<'a> {
    fn values(&self) -> Vec<Cell<'a>> {
        vec![
            Cell::required(self.key),
            Cell::unsigned(self.rev),
            Cell::integer(i64::from(self.is_void)),
        ]
    }

    /// The columns with which a row of a list begins.
    fn child(&self, position: i64) -> [Cell<'a>; 2] {
        [Cell::required(self.key), Cell::integer(position)]
    }
}

/// A record as its typed row shows it.
#[derive(Debug)]
struct Shown {
    key: String,
    rev: u64,
    is_void: bool,
    record: Record,
}

const fn table(entity: Entity) -> &'static Table {
    match entity {
        Entity::MineSite => &mine_site::TABLE,
        Entity::ExporterStatus => &exporter_status::TABLE,
        Entity::Lot => &lot::TABLE,
        Entity::ExportCertificate => &export_certificate::TABLE,
        Entity::ExportDeclaration => &export_declaration::TABLE,
        Entity::ImportDeclaration => &import_declaration::TABLE,
        Entity::ProductionDeclaration => &production_declaration::TABLE,
        Entity::StockDeclaration => &stock_declaration::TABLE,
        Entity::ReportingPeriod => &reporting_period::TABLE,
        Entity::Audit => &audit::TABLE,
        Entity::Incident => &incident::TABLE,
    }
}

/// The tables of an entity's lists that the store does not clear by itself.
const fn lists(entity: Entity) -> &'static [&'static Table] {
    match entity {
        Entity::Lot => &lot::LISTS,
        _ => &[],
    }
}

/// Removes typed rows and their lists.
async fn hide(connection: &mut AnyConnection, entity: Entity, keys: &[&str]) -> Result<(), Error> {
    for list in lists(entity) {
        bulk::delete(connection, list, keys).await?;
    }
    bulk::delete(connection, table(entity), keys).await.map(drop)
}

/// Marks a typed row as void, where there is one.
async fn mark_void(
    connection: &mut AnyConnection,
    entity: Entity,
    key: &str,
    rev: u64,
) -> Result<(), Error> {
    let values = [Value::unsigned(rev), Value::required(key)];
    bulk::update(connection, table(entity), "rev = $1, void = 1 WHERE record_key = $2", values)
        .await
        .map(drop)
}

/// Typed rows of which none exists, ready to be written.
#[derive(Debug, Default)]
struct Typed(Vec<Rows>);

impl Typed {
    fn of(shown: &[Shown]) -> Self {
        let mut sorted = Sorted::default();
        for row in shown {
            let head = Head { key: &row.key, rev: row.rev, is_void: row.is_void };
            match &row.record {
                Record::MineSite(record) => sorted.mine_sites.push((head, record)),
                Record::ExporterStatus(record) => sorted.exporters.push((head, record)),
                Record::Lot(record) => sorted.lots.push((head, record)),
                Record::ExportCertificate(record) => sorted.certificates.push((head, record)),
                Record::ExportDeclaration(record) => sorted.exports.push((head, record)),
                Record::ImportDeclaration(record) => sorted.imports.push((head, record)),
                Record::ProductionDeclaration(record) => sorted.productions.push((head, record)),
                Record::StockDeclaration(record) => sorted.stocks.push((head, record)),
                Record::ReportingPeriod(record) => sorted.periods.push((head, record)),
                Record::Audit(record) => sorted.audits.push((head, record)),
                Record::Incident(record) => sorted.incidents.push((head, record)),
            }
        }
        let mut rows = mine_site::rows(&sorted.mine_sites);
        rows.extend(exporter_status::rows(&sorted.exporters));
        rows.extend(lot::rows(&sorted.lots));
        rows.extend(export_certificate::rows(&sorted.certificates));
        rows.extend(export_declaration::rows(&sorted.exports));
        rows.extend(import_declaration::rows(&sorted.imports));
        rows.extend(production_declaration::rows(&sorted.productions));
        rows.extend(stock_declaration::rows(&sorted.stocks));
        rows.extend(reporting_period::rows(&sorted.periods));
        rows.extend(audit::rows(&sorted.audits));
        rows.extend(incident::rows(&sorted.incidents));
        Self(rows)
    }

    /// Adds rows of the same tables.
    fn append(&mut self, other: Self) {
        for rows in other.0 {
            match self.0.iter_mut().find(|known| known.is_of_table_of(&rows)) {
                Some(known) => known.append(rows),
                None => self.0.push(rows),
            }
        }
    }

    async fn write(self, connection: &mut AnyConnection) -> Result<(), Error> {
        for rows in self.0 {
            rows.insert(connection).await?;
        }
        Ok(())
    }
}

/// Rows by table.
#[derive(Default)]
struct Sorted<'a> {
    mine_sites: Vec<(Head<'a>, &'a v1::MineSite)>,
    exporters: Vec<(Head<'a>, &'a v1::ExporterStatus)>,
    lots: Vec<(Head<'a>, &'a v1::Lot)>,
    certificates: Vec<(Head<'a>, &'a v1::ExportCertificate)>,
    exports: Vec<(Head<'a>, &'a v1::ExportDeclaration)>,
    imports: Vec<(Head<'a>, &'a v1::ImportDeclaration)>,
    productions: Vec<(Head<'a>, &'a v1::ProductionDeclaration)>,
    stocks: Vec<(Head<'a>, &'a v1::StockDeclaration)>,
    periods: Vec<(Head<'a>, &'a v1::ReportingPeriod)>,
    audits: Vec<(Head<'a>, &'a v1::Audit)>,
    incidents: Vec<(Head<'a>, &'a v1::Incident)>,
}

/// The record key of the site that an id names; absent if it is no id of a site.
fn site_key(icglr_id: &str) -> Cell<'static> {
    Cell::maybe(site_id::key_of(icglr_id))
}

/// The standard's word of an enumeration number; absent for 0.
fn word(list: &List, number: i32) -> Cell<'static> {
    Cell::maybe(list.word_of(number))
}

/// The standard's words of enumeration numbers.
fn words(list: &List, numbers: &[i32]) -> Cell<'static> {
    Cell::list(numbers.iter().filter_map(|number| list.word_of(*number)))
}

/// The level in force of each record type of one feed.
pub(crate) type Levels = BTreeMap<Entity, Level>;
