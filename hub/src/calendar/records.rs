//! Which records belong to a month, and how many a state has of them.
//!
//! A lot belongs to the month in which it was registered, a certificate to that of its
//! issue, a declaration to that in which the goods crossed the border, production and
//! stocks to the month that they name. Void records count: that one was declared void
//! later is a change.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, FromRow};

use super::Month;
use crate::store;

/// Records of a state and month, held against an edition of the month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) records: u64,
    /// As they were when the edition was made.
    pub(super) unchanged: u64,
    /// Of which the last revision came later.
    pub(super) later: u64,
    /// Of these, those of which no revision had come.
    pub(super) added: u64,
    /// Of which that cannot be told, because their feed began a new epoch.
    pub(super) unknown: u64,
}

#[derive(FromRow)]
struct Row {
    country: String,
    records: i64,
    unchanged: i64,
    later: i64,
    added: i64,
    unknown: i64,
}

/// `$1` month, `$2` the month after it, `$3` and `$4` the instants at which both begin,
/// `$5` edition.
const COUNT: &str = "WITH dated AS (\
     SELECT 'Lot' AS entity, country, record_key FROM lot \
     WHERE registered_at_us >= $3 AND registered_at_us < $4 \
     UNION ALL SELECT 'ExportCertificate', issuing_country, record_key FROM export_certificate \
     WHERE date_of_issuance >= $1 AND date_of_issuance < $2 \
     UNION ALL SELECT 'ExportDeclaration', country, record_key FROM export_declaration \
     WHERE exit_date >= $1 AND exit_date < $2 \
     UNION ALL SELECT 'ImportDeclaration', country, record_key FROM import_declaration \
     WHERE entry_date >= $1 AND entry_date < $2 \
     UNION ALL SELECT 'ProductionDeclaration', country, record_key FROM production_declaration \
     WHERE period >= $1 AND period < $2 \
     UNION ALL SELECT 'StockDeclaration', country, record_key FROM stock_declaration \
     WHERE period >= $1 AND period < $2) \
     SELECT d.country AS country, COUNT(*) AS records, \
     COUNT(CASE WHEN f.epoch = r.epoch AND r.seq <= f.size THEN 1 END) AS unchanged, \
     COUNT(CASE WHEN f.epoch IS NULL OR r.seq > f.size THEN 1 END) AS later, \
     COUNT(CASE WHEN r.rev = 1 AND (f.epoch IS NULL OR r.seq > f.size) THEN 1 END) AS added, \
     COUNT(CASE WHEN f.epoch <> r.epoch THEN 1 END) AS unknown \
     FROM dated d \
     JOIN record r ON r.entity = d.entity AND r.record_key = d.record_key \
     LEFT JOIN month_feed f ON f.month = $1 AND f.edition = $5 \
     AND f.node_id = r.node_id AND f.feed = r.feed \
     GROUP BY d.country";

/// Counts the records of a month by state (alpha-2), held against one of its editions;
/// against 0, which there is none of, all came later.
pub(super) async fn count(
    connection: &mut AnyConnection,
    month: Month,
    edition: i64,
) -> Result<BTreeMap<String, Count>, store::Error> {
    let rows: Vec<Row> = sqlx::query_as(COUNT)
        .bind(month.to_string())
        .bind(month.next().to_string())
        .bind(month.begins_at_us())
        .bind(month.next().begins_at_us())
        .bind(edition)
        .fetch_all(connection)
        .await?;
    let of_row = |row: Row| {
        let count = Count {
            records: row.records.unsigned_abs(),
            unchanged: row.unchanged.unsigned_abs(),
            later: row.later.unsigned_abs(),
            added: row.added.unsigned_abs(),
            unknown: row.unknown.unsigned_abs(),
        };
        (row.country, count)
    };
    Ok(rows.into_iter().map(of_row).collect())
}
