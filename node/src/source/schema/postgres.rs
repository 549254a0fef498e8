//! The schema of a PostgreSQL database: what the account may read, outside of the
//! server's own schemas.

use super::super::{Error, Session, Statement};
use super::{COUNTED_MAX, ColumnInfo, Count, TABLES_MAX, Table, at, foreign_keys, indexes, quoted};

/// The schema that a FROM need not name.
const DEFAULT: &str = "public";

pub(super) async fn tables(session: &mut Session) -> Result<Vec<Table>, Error> {
    let mut statement = Statement::new(session.kind());
    statement.push(
        "SELECT n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::bigint \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
         AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
         AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2",
    );
    let lines = session.lines(&statement, TABLES_MAX).await?;
    let mut tables = Vec::with_capacity(lines.len());
    for line in &lines {
        let is_view = matches!(at(line, 2).as_str(), "v" | "m");
        let about = at(line, 3).parse().unwrap_or(-1_i64);
        tables.push(table(session, (at(line, 0), at(line, 1)), is_view, about).await?);
    }
    Ok(tables)
}

async fn table(
    session: &mut Session,
    (schema, name): (String, String),
    is_view: bool,
    about: i64,
) -> Result<Table, Error> {
    let named = [schema.as_str(), name.as_str()];
    let sql = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) \
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped \
               ORDER BY a.attnum";
    let lines = session.asked(sql, &named).await?;
    let columns = lines
        .iter()
        .map(|line| ColumnInfo { name: at(line, 0), type_name: at(line, 1).to_lowercase() })
        .collect();
    let sql = "SELECT i.indexrelid::text || i.indisprimary::text, i.indisunique, a.attname::text \
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum \
               WHERE n.nspname = ? AND c.relname = ? AND i.indpred IS NULL \
               AND i.indexprs IS NULL ORDER BY 1, k.place";
    let found = indexes(&session.asked(sql, &named).await?);
    let key = found.iter().find(|(name, _)| name.ends_with("true"));
    let primary_key = key.map(|(_, index)| index.columns.clone()).unwrap_or_default();
    let sql = "SELECT o.oid::text, a.attname::text, f.relname::text, b.attname::text \
               FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               JOIN pg_class f ON f.oid = o.confrelid \
               JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = o.conkey[1] \
               JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = o.confkey[1] \
               WHERE n.nspname = ? AND c.relname = ? AND o.contype = 'f' \
               AND array_length(o.conkey, 1) = 1 ORDER BY 1";
    let references = foreign_keys(&session.asked(sql, &named).await?);
    let from = if schema == DEFAULT {
        quoted(&name)
    } else {
        format!("{}.{}", quoted(&schema), quoted(&name))
    };
    let about = u64::try_from(about).unwrap_or(0);
    let rows = if about > COUNTED_MAX as u64 {
        Count::About(about)
    } else {
        session.counted(&from).await?
    };
    Ok(Table {
        from,
        name,
        is_view,
        columns,
        primary_key,
        foreign_keys: references,
        indexes: found.into_iter().map(|(_, index)| index).collect(),
        rows,
    })
}
