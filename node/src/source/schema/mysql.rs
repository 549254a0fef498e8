//! The schema of a MySQL or MariaDB database: the one that the address names.

use super::super::{Error, Session, Statement};
use super::{COUNTED_MAX, ColumnInfo, Count, TABLES_MAX, Table, at, foreign_keys, indexes, quoted};

pub(super) async fn tables(session: &mut Session) -> Result<Vec<Table>, Error> {
    let mut statement = Statement::new(session.kind());
    statement.push(
        "SELECT TABLE_NAME AS a, TABLE_TYPE AS b, TABLE_ROWS AS c FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME",
    );
    let lines = session.lines(&statement, TABLES_MAX).await?;
    let mut tables = Vec::with_capacity(lines.len());
    for line in &lines {
        let is_view = at(line, 1).contains("VIEW");
        let about = at(line, 2).parse().unwrap_or(0);
        tables.extend(table(session, at(line, 0), is_view, about).await?);
    }
    Ok(tables)
}

/// None for a table that the account sees and may not read.
async fn table(
    session: &mut Session,
    name: String,
    is_view: bool,
    about: u64,
) -> Result<Option<Table>, Error> {
    let sql = "SELECT COLUMN_NAME AS a, COLUMN_TYPE AS b, PRIVILEGES AS c \
               FROM information_schema.COLUMNS \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";
    let lines = session.asked(sql, &[&name]).await?;
    let columns: Vec<ColumnInfo> = lines
        .iter()
        .filter(|line| at(line, 2).contains("select"))
        .map(|line| ColumnInfo { name: at(line, 0), type_name: at(line, 1).to_lowercase() })
        .collect();
    if columns.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT INDEX_NAME AS a, IF(NON_UNIQUE = 0, 1, 0) AS b, COLUMN_NAME AS c \
               FROM information_schema.STATISTICS \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME IS NOT NULL \
               ORDER BY INDEX_NAME, SEQ_IN_INDEX";
    let found = indexes(&session.asked(sql, &[&name]).await?);
    let key = found.iter().find(|(name, _)| name == "PRIMARY");
    let primary_key = key.map(|(_, index)| index.columns.clone()).unwrap_or_default();
    let sql = "SELECT CONSTRAINT_NAME AS a, COLUMN_NAME AS b, REFERENCED_TABLE_NAME AS c, \
               REFERENCED_COLUMN_NAME AS d FROM information_schema.KEY_COLUMN_USAGE \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? \
               AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1";
    let references = foreign_keys(&session.asked(sql, &[&name]).await?);
    let from = quoted(&name);
    let rows = if about > COUNTED_MAX as u64 {
        Count::About(about)
    } else {
        session.counted(&from).await?
    };
    Ok(Some(Table {
        from,
        name,
        is_view,
        columns,
        primary_key,
        foreign_keys: references,
        indexes: found.into_iter().map(|(_, index)| index).collect(),
        rows,
    }))
}
