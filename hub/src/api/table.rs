//! The typed tables of the three collections, as lists read them.
//!
//! Owns the constant pieces of SQL. The keys of a state's lots are those between `CD/`
//! and `CD0`, the next character, so that the primary key leads to them. Lots and sites that their owner declared
//! void are in no answer, because the standard has no word that would say so; a
//! void certificate stays, and says it.

use std::collections::BTreeSet;

use rmd_api::Collection;

use crate::store::{bulk::Value, question::Piece};

/// Pieces of the questions about one collection; `t` is the typed table.
#[derive(Debug)]
pub(super) struct Table {
    /// Begins the list of keys.
    pub(super) keys: &'static str,
    /// Begins the counts by state.
    pub(super) counts: &'static str,
    /// Ends them.
    pub(super) group: &'static str,
    /// Begins a look at single records.
    pub(super) records: &'static str,
    /// The state; walks the index of pages. None where keys begin with the state, and
    /// pages walk the keys.
    pub(super) in_country: Option<&'static str>,
    /// The same, so that no index is used for it: another one leads.
    pub(super) also_in_country: &'static str,
    /// Leaves out what is void; empty where void records stay.
    pub(super) not_void: &'static str,
    /// Begins a list of states.
    pub(super) of_countries: &'static str,
    /// The codes of minerals that occur.
    pub(super) codes: &'static str,
    /// One of those codes.
    pub(super) of_codes: &'static str,
    /// The same, so that no index is used for it.
    pub(super) also_of_codes: &'static str,
}

/// The table of a collection.
pub(super) const fn of(collection: Collection) -> &'static Table {
    match collection {
        Collection::MineSites => &MINE_SITE,
        Collection::ExportCertificates => &EXPORT_CERTIFICATE,
        Collection::Lots => &LOT,
    }
}

static MINE_SITE: Table = Table {
    keys: "SELECT t.record_key FROM mine_site t WHERE ",
    counts: "SELECT t.address_country, COUNT(*) FROM mine_site t WHERE 1 = 1",
    group: " GROUP BY t.address_country",
    records: "SELECT r.record_key, r.payload, r.op, r.event_time_us \
              FROM mine_site t CROSS JOIN record r \
              WHERE r.entity = 'MineSite' AND r.record_key = t.record_key",
    in_country: Some("t.address_country = ?"),
    also_in_country: "(t.address_country || '') = ?",
    not_void: " AND t.record_key NOT IN (SELECT v.record_key FROM mine_site v WHERE v.void = 1)",
    of_countries: " AND t.address_country IN",
    codes: "SELECT DISTINCT mineral FROM mine_site WHERE mineral IS NOT NULL",
    of_codes: " AND t.mineral IN",
    also_of_codes: " AND (t.mineral || '') IN",
};

// Minerals of certificates and lots are found code by code through their index.
static EXPORT_CERTIFICATE: Table = Table {
    keys: "SELECT t.record_key FROM export_certificate t WHERE ",
    counts: "SELECT t.issuing_country, COUNT(*) FROM export_certificate t WHERE 1 = 1",
    group: " GROUP BY t.issuing_country",
    records: "SELECT r.record_key, r.payload, r.op, r.event_time_us \
              FROM export_certificate t CROSS JOIN record r \
              WHERE r.entity = 'ExportCertificate' AND r.record_key = t.record_key",
    in_country: Some("t.issuing_country = ?"),
    also_in_country: "(t.issuing_country || '') = ?",
    not_void: "",
    of_countries: " AND t.issuing_country IN",
    codes: "WITH RECURSIVE code (word) AS ( \
                SELECT MIN(type_of_ore) FROM export_certificate \
                UNION ALL \
                SELECT (SELECT MIN(t.type_of_ore) FROM export_certificate t \
                        WHERE t.type_of_ore > code.word) \
                FROM code WHERE code.word IS NOT NULL) \
            SELECT word FROM code WHERE word IS NOT NULL",
    of_codes: " AND t.type_of_ore IN",
    also_of_codes: " AND (t.type_of_ore || '') IN",
};

static LOT: Table = Table {
    keys: "SELECT t.record_key FROM lot t WHERE ",
    counts: "SELECT t.country, COUNT(*) FROM lot t WHERE 1 = 1",
    group: " GROUP BY t.country",
    records: "SELECT r.record_key, r.payload, r.op, r.event_time_us \
              FROM lot t CROSS JOIN record r \
              WHERE r.entity = 'Lot' AND r.record_key = t.record_key",
    in_country: None,
    also_in_country: "(t.country || '') = ?",
    not_void: " AND t.record_key NOT IN (SELECT v.record_key FROM lot v WHERE v.void = 1)",
    of_countries: " AND t.country IN",
    codes: "WITH RECURSIVE code (word) AS ( \
                SELECT MIN(mineral) FROM lot \
                UNION ALL \
                SELECT (SELECT MIN(t.mineral) FROM lot t WHERE t.mineral > code.word) \
                FROM code WHERE code.word IS NOT NULL) \
            SELECT word FROM code WHERE word IS NOT NULL",
    of_codes: " AND t.mineral IN",
    also_of_codes: " AND (t.mineral || '') IN",
};

/// Adds that records belong to one of these states, so that an index leads to them.
pub(super) fn push_countries(piece: &mut Piece, table: &Table, countries: &BTreeSet<String>) {
    if table.in_country.is_some() {
        return piece.push_in(table.of_countries, countries.iter().map(Value::required));
    }
    for (number, country) in countries.iter().enumerate() {
        piece.push(if number == 0 { " AND (" } else { " OR " }, []);
        let ends = ['/', '0'].map(|end| Value::required(format!("{country}{end}")));
        piece.push("(t.record_key > ? AND t.record_key < ?)", ends);
    }
    piece.push(")", []);
}

/// Begins a page: its keys stand in brackets behind.
pub(super) const PAGE: &str = "SELECT k.record_key, r.payload, r.op, r.event_time_us FROM (";
/// Ends it.
pub(super) const PAGE_RECORDS: &str = ") k CROSS JOIN record r \
     WHERE r.entity = ? AND r.record_key = k.record_key ORDER BY k.record_key";
