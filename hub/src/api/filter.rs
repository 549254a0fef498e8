//! The filters of a list as conditions of SQL.
//!
//! Every condition means what the same filter means on the decoded record; a
//! filter that nothing can meet is found out here and asks no store.

use rmd_api::{Collection, LotFilter, Mineral, Query};
use rmd_standard::{code, mineral::hs6};
use sqlx::{AnyConnection, Row as _};

use super::{cache::Cache, shelf::Shelf, table};
use crate::store::{Error, bulk::Value, question::Piece};

/// No text of ours that is filtered by is longer.
const TEXT_BYTES_MAX: usize = 512;

/// How the records of a filter are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Reach {
    /// No filter: the tally has the counts.
    #[default]
    All,
    /// State by state in the order of keys.
    Walk,
    /// Through the index of what was asked for, if it leaves little.
    Few,
    /// Through the index of what was asked for.
    Seek,
}

/// Conditions, to be added behind others.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Written so that the stores look into their indexes.
    pub(super) conditions: Piece,
    /// The same, written so that they do not: for a walk in the order of keys.
    /// SQLite would rather sort half of a table than read on in the right index.
    pub(super) aside: Piece,
    pub(super) reach: Reach,
}

/// The filter of a query; none if no record can meet it.
pub(super) async fn make(
    connection: &mut AnyConnection,
    cache: &Cache,
    shelf: &Shelf,
    query: &Query,
) -> Result<Option<Filter>, Error> {
    let texts = [&query.identifier, &query.lot_number, &query.mine_site, &query.creator_identifier];
    if !texts.into_iter().flatten().all(|text| is_text(text)) {
        return Ok(None);
    }
    let mut filter = Filter::behind(barred(shelf));
    if let Some(mineral) = &query.mineral {
        let codes = codes(connection, cache, shelf, query.collection, mineral).await?;
        if codes.is_empty() {
            return Ok(None);
        }
        filter.of_codes(query.collection, &codes);
    }
    let is_possible = match query.collection {
        Collection::MineSites => filter.of_sites(query),
        Collection::ExportCertificates => filter.of_certificates(query),
        Collection::Lots => filter.of_lots(query),
    };
    Ok(is_possible.then_some(filter))
}

/// Whether a text can stand in a table: PostgreSQL takes no NUL.
pub(super) fn is_text(text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX && !text.contains('\0')
}

/// Leaves out the records of nodes that are barred.
pub(super) fn barred(shelf: &Shelf) -> Piece {
    let mut piece = Piece::default();
    if !shelf.barred.is_empty() {
        let nodes = shelf.barred.iter().map(Value::required);
        piece.push(" AND t.record_key NOT IN (SELECT b.record_key FROM record b WHERE ", []);
        piece.push_in("b.node_id IN", nodes);
        piece.push(")", []);
    }
    piece
}

impl Filter {
    /// Conditions that no index helps.
    pub(super) fn behind(conditions: Piece) -> Self {
        let reach = if conditions.is_empty() { Reach::All } else { Reach::Walk };
        Self { aside: conditions.clone(), conditions, reach }
    }

    /// Adds a condition that no index helps, or that always leads.
    fn add(&mut self, reach: Reach, sql: &'static str, value: impl Into<Wanted>) {
        self.add_both(reach, [sql, sql], value);
    }

    /// Adds a condition in both ways of writing it.
    fn add_both(&mut self, reach: Reach, sql: [&'static str; 2], value: impl Into<Wanted>) {
        let Wanted(value) = value.into();
        self.conditions.push(sql[0], [value.clone()]);
        self.aside.push(sql[1], [value]);
        self.reach = self.reach.max(reach);
    }

    fn of_codes(&mut self, collection: Collection, codes: &[String]) {
        let table = table::of(collection);
        self.conditions.push_in(table.of_codes, codes.iter().map(Value::required));
        self.aside.push_in(table.also_of_codes, codes.iter().map(Value::required));
        self.reach = self.reach.max(Reach::Few);
    }

    fn of_sites(&mut self, query: &Query) -> bool {
        const CERTIFICATION: [&str; 2] =
            [" AND t.certification_status = ?", " AND (t.certification_status || '') = ?"];
        const ACTIVITY: [&str; 2] =
            [" AND t.activity_status = ?", " AND (t.activity_status || '') = ?"];
        for (number, list, sql) in [
            (query.certification_status, &code::CERTIFICATION_STATUS, CERTIFICATION),
            (query.activity_status, &code::ACTIVITY_STATUS, ACTIVITY),
        ] {
            let Some(number) = number else { continue };
            let Some(word) = list.word_of(number) else { return false };
            self.add_both(Reach::Few, sql, word);
        }
        true
    }

    fn of_certificates(&mut self, query: &Query) -> bool {
        if let Some(identifier) = &query.identifier {
            self.add(Reach::Seek, " AND LOWER(t.identifier) = LOWER(?)", identifier.as_str());
        }
        if let Some(number) = &query.lot_number {
            let sql = " AND LOWER(';' || t.lot_number || ';') LIKE LOWER(?) ESCAPE '\\'";
            self.add(Reach::Walk, sql, format!("%;{};%", escaped(number)).as_str());
        }
        if let Some(day) = query.issued_from {
            let sql = [" AND t.date_of_issuance >= ?", " AND (t.date_of_issuance || '') >= ?"];
            self.add_both(Reach::Few, sql, day.to_string().as_str());
        }
        if let Some(day) = query.issued_to {
            let sql = [" AND t.date_of_issuance <= ?", " AND (t.date_of_issuance || '') <= ?"];
            self.add_both(Reach::Few, sql, day.to_string().as_str());
        }
        true
    }

    fn of_lots(&mut self, query: &Query) -> bool {
        if let Some(number) = &query.lot_number {
            self.add(Reach::Seek, " AND LOWER(t.lot_number) = LOWER(?)", number.as_str());
        }
        if let Some(key) = &query.mine_site {
            self.add(Reach::Seek, " AND t.mine_site_key = ?", key.as_str());
        }
        if let Some(creator) = &query.creator_identifier {
            let sql = " AND LOWER(t.creator_identifier) = LOWER(?)";
            self.add(Reach::Walk, sql, creator.as_str());
        }
        for (number, list, sql) in [
            (
                query.creator_role,
                &code::CREATOR_ROLE,
                " AND (';' || t.creator_role || ';') LIKE ? ESCAPE '\\'",
            ),
            (
                query.originating_operation,
                &code::ORIGINATING_OPERATION,
                " AND (';' || t.originating_operation || ';') LIKE ? ESCAPE '\\'",
            ),
        ] {
            let Some(number) = number else { continue };
            let Some(word) = list.word_of(number) else { return false };
            self.add(Reach::Walk, sql, format!("%;{};%", escaped(word)).as_str());
        }
        self.of_instants(query.registered_from_us, query.registered_before_us);
        true
    }

    /// The filter of a sum; false if no lot can meet it.
    pub(super) fn of_lot_filter(&mut self, wanted: &LotFilter) -> bool {
        if let Some(key) = &wanted.mine_site {
            self.add(Reach::Seek, " AND t.mine_site_key = ?", key.as_str());
        }
        self.of_instants(wanted.registered_from_us, wanted.registered_before_us);
        wanted.mine_site.as_deref().is_none_or(is_text)
    }

    /// Lots registered from an instant on and before another.
    fn of_instants(&mut self, from_us: Option<i64>, before_us: Option<i64>) {
        if let Some(from) = from_us {
            let sql = [" AND t.registered_at_us >= ?", " AND (t.registered_at_us + 0) >= ?"];
            self.add_both(Reach::Few, sql, from);
        }
        if let Some(before) = before_us {
            let sql = [" AND t.registered_at_us < ?", " AND (t.registered_at_us + 0) < ?"];
            self.add_both(Reach::Few, sql, before);
        }
    }
}

/// A value that a condition waits for.
struct Wanted(Value);

impl From<&str> for Wanted {
    fn from(text: &str) -> Self {
        Self(Value::required(text))
    }
}

impl From<i64> for Wanted {
    fn from(number: i64) -> Self {
        Self(Value::integer(number))
    }
}

/// A text as LIKE takes it literally.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The codes of minerals, as records write them, that a filter means. A site's
/// codes stand together in one text.
async fn codes(
    connection: &mut AnyConnection,
    cache: &Cache,
    shelf: &Shelf,
    collection: Collection,
    wanted: &Mineral,
) -> Result<Vec<String>, Error> {
    let known = if let Some(known) = cache.codes(collection, shelf.revisions) {
        known
    } else {
        let rows = sqlx::query(table::of(collection).codes).fetch_all(connection).await?;
        let codes = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<_>, _>>()?;
        cache.keep_codes(collection, shelf.revisions, codes)
    };
    let is_meant = |code: &str| match wanted {
        Mineral::Hs6(digits) => hs6(code).is_some_and(|own| own == *digits),
        Mineral::Text(text) => code.eq_ignore_ascii_case(text),
    };
    Ok(known.iter().filter(|codes| codes.split(';').any(is_meant)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_meant_literally() {
        assert_eq!(escaped(r"50%_a\b"), r"50\%\_a\\b");
    }
}
