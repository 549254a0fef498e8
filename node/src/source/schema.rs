//! What tables a source has: columns, keys, indexes, sizes and sample values.
//!
//! Owns the questions to the catalogues of three servers. Reads no more than a
//! bounded number of rows of any table, and only tables that the account may
//! read. Invariant: nothing of it is kept; it is for a person to look at.

mod mysql;
mod postgres;
mod sqlite;

use rmd_standard::Cell;

use super::{Bind, Error, Kind, Session, Statement};

/// Tables that are looked at; no ministry has as many in one schema.
const TABLES_MAX: usize = 2_000;

/// Lines of a catalogue about one table.
const LINES_MAX: usize = 5_000;

/// Rows counted one by one; a larger table is estimated, or told as "at least".
const COUNTED_MAX: usize = 100_000;

/// One table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Name as a FROM has to write it, with its schema where that is not the default.
    pub(crate) from: String,
    /// Name alone.
    pub(crate) name: String,
    /// Whether it is a view.
    pub(crate) is_view: bool,
    /// Its columns in their order; none of a view that is broken.
    pub(crate) columns: Vec<ColumnInfo>,
    /// Columns of the primary key; none where there is none.
    pub(crate) primary_key: Vec<String>,
    /// References of one column to another table.
    pub(crate) foreign_keys: Vec<ForeignKey>,
    /// Its indexes, that of the primary key included.
    pub(crate) indexes: Vec<Index>,
    /// How many rows it has.
    pub(crate) rows: Count,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnInfo {
    /// Its name.
    pub(crate) name: String,
    /// Its type as it was declared.
    pub(crate) type_name: String,
}

/// A column that names a row of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignKey {
    /// The column.
    pub(crate) column: String,
    /// The other table, as its [`Table::name`].
    pub(crate) table: String,
    /// The column there; empty for its primary key.
    pub(crate) target: String,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// Its columns in their order.
    pub(crate) columns: Vec<String>,
    /// Whether no two rows have the same.
    pub(crate) is_unique: bool,
}

/// A number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// Counted.
    Exactly(u64),
    /// By the statistics of the server.
    About(u64),
    /// More than were counted.
    Over(u64),
}

impl Count {
    /// The number, whatever it is worth.
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::About(number) | Self::Over(number) => number,
        }
    }
}

impl Table {
    /// Whether a look-up by this column is served by an index.
    pub(crate) fn is_indexed(&self, column: &str) -> bool {
        let leads = |index: &Index| index.columns.first().is_some_and(|first| first == column);
        self.primary_key.first().is_some_and(|first| first == column)
            || self.indexes.iter().any(leads)
    }

    /// Whether no two rows have the same in this column.
    pub(crate) fn is_unique(&self, column: &str) -> bool {
        let alone = |columns: &[String]| columns.len() == 1 && columns[0] == column;
        alone(&self.primary_key)
            || self.indexes.iter().any(|index| index.is_unique && alone(&index.columns))
    }
}

/// Lines of a catalogue, every value as text.
type Lines = Vec<Vec<Option<String>>>;

impl Session {
    /// Every table that the account may read, in the order of their names.
    pub(crate) async fn schema(&mut self) -> Result<Vec<Table>, Error> {
        let mut tables = match self.kind() {
            Kind::Sqlite => sqlite::tables(self).await,
            Kind::Postgres => postgres::tables(self).await,
            Kind::MySql => mysql::tables(self).await,
        }?;
        // The notes of the node's own triggers are no data of the ministry.
        tables.retain(|table| table.name != super::side::SIDE_TABLE);
        Ok(tables)
    }

    /// The first rows of a table, every value as text; one list a row.
    pub(crate) async fn samples(&mut self, table: &Table, limit: usize) -> Result<Lines, Error> {
        let mut statement = Statement::new(self.kind());
        statement.push("SELECT ");
        for (place, column) in table.columns.iter().enumerate() {
            let name = quoted(&column.name);
            statement.push(if place == 0 { "" } else { ", " });
            statement.push(&self.kind().as_text(&name)).push(" AS ").push(&format!("c{place}"));
        }
        statement.push(" FROM ").push(&table.from).push(" LIMIT ").push_number(limit);
        self.lines(&statement, limit).await
    }

    /// The values of a column with how often they stand in its first rows, the most
    /// frequent first; more than `limit` are cut.
    pub(crate) async fn words(
        &mut self,
        table: &Table,
        column: &str,
        limit: usize,
    ) -> Result<Vec<(String, u64)>, Error> {
        let value = self.kind().as_text(&quoted(column));
        let mut statement = Statement::new(self.kind());
        statement.push("SELECT w.word AS word, COUNT(*) AS times FROM (SELECT ").push(&value);
        statement.push(" AS word FROM ").push(&table.from).push(" LIMIT ");
        statement.push_number(COUNTED_MAX);
        statement.push(") AS w WHERE w.word IS NOT NULL GROUP BY w.word ORDER BY 2 DESC, 1 LIMIT ");
        statement.push_number(limit);
        let lines = self.lines(&statement, limit).await?;
        Ok(lines
            .into_iter()
            .filter_map(|mut line| {
                let times = line.pop()??.parse().ok()?;
                Some((line.pop()??, times))
            })
            .collect())
    }

    /// Runs one question in a snapshot of its own.
    async fn lines(&mut self, statement: &Statement, limit: usize) -> Result<Lines, Error> {
        self.begin().await?;
        let rows = self.fetch(statement, limit).await;
        // The next question is asked even where this one was refused.
        self.end().await?;
        let rows = rows?;
        Ok(rows.rows.into_iter().map(|row| row.cells.iter().map(text).collect()).collect())
    }

    /// Asks a catalogue about one table.
    async fn asked(&mut self, sql: &str, about: &[&str]) -> Result<Lines, Error> {
        let mut statement = Statement::new(self.kind());
        let mut parts = sql.split('?');
        statement.push(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(about) {
            statement.bind(Bind::Text((*value).to_owned()), None).push(part);
        }
        self.lines(&statement, LINES_MAX).await
    }

    /// Counts the rows of a table up to a limit; one that cannot be read has none.
    async fn counted(&mut self, from: &str) -> Result<Count, Error> {
        let mut statement = Statement::new(self.kind());
        statement.push("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM ").push(from);
        statement.push(" LIMIT ").push_number(COUNTED_MAX + 1).push(") AS counted");
        let lines = match self.lines(&statement, 1).await {
            Err(Error::Query { .. }) => Lines::new(),
            lines => lines?,
        };
        let number = lines.first().and_then(|line| line.first().cloned().flatten());
        let number = number.and_then(|text| text.parse().ok()).unwrap_or(0);
        let most = COUNTED_MAX as u64;
        Ok(if number > most { Count::Over(most) } else { Count::Exactly(number) })
    }
}

/// A name in double quotes, which name columns and tables in every dialect.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Bool(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => Some(value.to_string()),
        Cell::Decimal(value) => Some(value.to_string()),
        Cell::Text(value) => Some(value.clone()),
    }
}

/// One value of a line; empty if it is null.
fn at(line: &[Option<String>], place: usize) -> String {
    line.get(place).cloned().flatten().unwrap_or_default()
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true" | "YES")
}

/// Puts the columns of indexes together: lines of name, unique, column in order.
fn indexes(lines: &Lines) -> Vec<(String, Index)> {
    let mut indexes: Vec<(String, Index)> = Vec::new();
    for line in lines {
        let (name, is_unique, column) = (at(line, 0), is_true(&at(line, 1)), at(line, 2));
        match indexes.last_mut() {
            Some((last, index)) if *last == name => index.columns.push(column),
            _ => indexes.push((name, Index { columns: vec![column], is_unique })),
        }
    }
    indexes
}

/// References: lines of constraint, column, table, target; those of several
/// columns are left out.
fn foreign_keys(lines: &Lines) -> Vec<ForeignKey> {
    let is_alone = |name: &str| lines.iter().filter(|line| at(line, 0) == name).count() == 1;
    lines
        .iter()
        .filter(|line| is_alone(&at(line, 0)))
        .map(|line| ForeignKey { column: at(line, 1), table: at(line, 2), target: at(line, 3) })
        .collect()
}
