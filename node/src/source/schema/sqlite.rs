//! The schema of an SQLite file.

use super::super::{Error, Session, Statement};
use super::{ColumnInfo, TABLES_MAX, Table, at, foreign_keys, indexes, quoted};

pub(super) async fn tables(session: &mut Session) -> Result<Vec<Table>, Error> {
    let mut statement = Statement::new(session.kind());
    statement.push(
        "SELECT name, type FROM sqlite_master \
         WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    );
    let lines = session.lines(&statement, TABLES_MAX).await?;
    let mut tables = Vec::with_capacity(lines.len());
    for line in &lines {
        tables.push(table(session, at(line, 0), at(line, 1) == "view").await?);
    }
    Ok(tables)
}

async fn table(session: &mut Session, name: String, is_view: bool) -> Result<Table, Error> {
    // Generated columns are told as hidden ones; those of virtual tables are left out.
    let sql = "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid";
    let lines = match session.asked(sql, &[&name]).await {
        // A view of what is not there any more.
        Err(Error::Query { .. }) => Vec::new(),
        lines => lines?,
    };
    let columns = lines
        .iter()
        .map(|line| ColumnInfo { name: at(line, 0), type_name: at(line, 1).to_lowercase() })
        .collect();
    let mut key: Vec<(u32, String)> = lines
        .iter()
        .filter_map(|line| {
            Some((at(line, 2).parse().ok().filter(|place| *place > 0)?, at(line, 0)))
        })
        .collect();
    key.sort();
    let sql =
        "SELECT id, \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq";
    let references = foreign_keys(&session.asked(sql, &[&name]).await?);
    let sql = "SELECT l.name, l.\"unique\", i.name FROM pragma_index_list(?) l, \
               pragma_index_info(l.name) i WHERE l.partial = 0 ORDER BY l.name, i.seqno";
    let found = indexes(&session.asked(sql, &[&name]).await?);
    let from = quoted(&name);
    let rows = session.counted(&from).await?;
    Ok(Table {
        from,
        name,
        is_view,
        columns,
        primary_key: key.into_iter().map(|(_, column)| column).collect(),
        foreign_keys: references,
        indexes: found.into_iter().map(|(_, index)| index).collect(),
        rows,
    })
}
