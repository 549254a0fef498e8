//! The regional tables, and which witness stands for each.

use anyhow::{Context as _, Result, bail};

use super::rows::Row;

/// A regional table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) entity: &'static str,
    pub(super) parent: Option<&'static str>,
    /// Column that holds the state, of the table or of its parent.
    country: &'static str,
    /// Columns that name a record in the standard.
    key: &'static [&'static str],
}

const fn record(name: &'static str, entity: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, entity, parent: None, country: key[0], key }
}

const fn child(
    name: &'static str,
    entity: &'static str,
    parent: &'static str,
    country: &'static str,
) -> Table {
    Table { name, entity, parent: Some(parent), country, key: &[] }
}

/// Every regional table, parents before children.
pub(super) const TABLES: [Table; 20] = [
    record("mine_site", "MineSite", &["address_country", "national_id"]),
    child("mine_site_license", "MineSite", "mine_site", "address_country"),
    child("mine_site_operator", "MineSite", "mine_site", "address_country"),
    child("mine_site_inspection", "MineSite", "mine_site", "address_country"),
    child("mine_site_status_change", "MineSite", "mine_site", "address_country"),
    child("mine_site_capacity", "MineSite", "mine_site", "address_country"),
    child("mine_site_tag_allocation", "MineSite", "mine_site", "address_country"),
    record("exporter_status", "ExporterStatus", &["country", "exporter_identifier"]),
    record("lot", "Lot", &["country", "creator_identifier", "lot_number"]),
    child("lot_input", "Lot", "lot", "country"),
    child("lot_tag", "Lot", "lot", "country"),
    child("lot_tax", "Lot", "lot", "country"),
    record("export_certificate", "ExportCertificate", &["issuing_country", "identifier"]),
    record("export_declaration", "ExportDeclaration", &["country", "declaration_number", "line"]),
    record("import_declaration", "ImportDeclaration", &["country", "declaration_number", "line"]),
    record(
        "production_declaration",
        "ProductionDeclaration",
        &["country", "mine_site_id", "mineral", "period"],
    ),
    record(
        "stock_declaration",
        "StockDeclaration",
        &["country", "party_identifier", "mineral", "period"],
    ),
    record("audit", "Audit", &["country", "audit_number"]),
    record("incident", "Incident", &["country", "incident_number"]),
    record("reporting_period", "ReportingPeriod", &["country", "period", "feed"]),
];

impl Table {
    /// What names a row of this table in the standard.
    pub(super) fn name_of(&self, row: &Row) -> String {
        let part = |column: &&str| row.get(*column).cloned().flatten().unwrap_or_default();
        self.key.iter().map(part).collect::<Vec<_>>().join("/")
    }

    /// The rows of a state, whole.
    pub(super) fn regional_query(&self, country: &str) -> Result<String> {
        let (table, column) = (self.name, self.country);
        let country = alpha2(country)?;
        Ok(match self.parent {
            None => format!("SELECT * FROM {table} WHERE {column} = '{country}'"),
            Some(parent) => format!(
                "SELECT c.* FROM {table} c JOIN {parent} p ON p.record_key = c.record_key WHERE p.{column} = '{country}'"
            ),
        })
    }
}

/// The two letters of a demonstration state.
pub(super) fn alpha2(country: &str) -> Result<&'static str> {
    Ok(match country {
        "COD" => "CD",
        "RWA" => "RW",
        "UGA" => "UG",
        other => bail!("{other} is no state of the demonstration"),
    })
}

/// The witness query of a table; none if the state has nothing to put there.
pub(super) fn witness(country: &str, table: &str) -> Result<Option<&'static str>> {
    let text = match country {
        "COD" => include_str!("../../compare/cod.sql"),
        "RWA" => include_str!("../../compare/rwa.sql"),
        "UGA" => include_str!("../../compare/uga.sql"),
        other => bail!("{other} is no state of the demonstration"),
    };
    for section in text.split("-- table: ").skip(1) {
        let (name, query) = section.split_once('\n').context("split a section of the witness")?;
        if name.trim() == table {
            return Ok(Some(query.trim().trim_end_matches(';')));
        }
    }
    Ok(None)
}
