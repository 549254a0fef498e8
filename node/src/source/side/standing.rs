//! Whether the triggers are there and fire.
//!
//! Owns the questions to the catalogues. Beside the names it reads what changes
//! when a trigger is made anew, switched off or on, or the side table is emptied
//! by force: as long as that fingerprint stays the same, nothing was missed
//! between two looks at it.

use sha2::{Digest as _, Sha256};

use super::super::{Error, Kind, Session, Statement};
use super::names::{bare, means};
use super::{Noting, SIDE_TABLE};

/// Triggers that a catalogue may list; three or four for each watched table.
const TRIGGERS_MAX: usize = 10_000;

/// How the triggers of some watched tables stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Changes whenever changes may have been missed.
    pub(crate) fingerprint: String,
    /// One per table asked for: its triggers that are missing or switched off.
    pub(crate) missing: Vec<Vec<String>>,
}

/// A trigger of ours as a catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Schema where the server says it and the table cannot be found without it.
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    /// What changes when it is made anew.
    state: String,
    pub(super) fires: bool,
}

impl Session {
    /// How the triggers of these tables stand. In the open snapshot.
    pub(crate) async fn standing(&mut self, notings: &[Noting]) -> Result<Standing, Error> {
        let kind = self.kind();
        let found = self.triggers().await?;
        let fires = |noting: &Noting, name: &str| {
            found.iter().any(|trigger| {
                trigger.fires
                    && trigger.name == name
                    && means(kind, &noting.table, &trigger.schema, &trigger.table)
            })
        };
        let missing = notings.iter().map(|noting| {
            let mut names = noting.triggers(kind);
            names.retain(|name| !fires(noting, name));
            names
        });
        let missing = missing.collect();
        let ours: Vec<String> = notings.iter().flat_map(|noting| noting.triggers(kind)).collect();
        let mut states: Vec<&str> = found
            .iter()
            .filter(|trigger| trigger.name.is_empty() || ours.contains(&trigger.name))
            .map(|trigger| trigger.state.as_str())
            .collect();
        states.sort_unstable();
        let hash = Sha256::digest(states.join("\n").as_bytes());
        Ok(Standing { fingerprint: hex::encode(&hash[..8]), missing })
    }

    /// Every trigger of ours.
    pub(super) async fn triggers(&mut self) -> Result<Vec<Found>, Error> {
        let kind = self.kind();
        let mut statement = Statement::new(kind);
        statement.push(match kind {
            Kind::Sqlite => SQLITE,
            Kind::Postgres => POSTGRES,
            Kind::MySql => MYSQL,
        });
        let rows = self.fetch(&statement, TRIGGERS_MAX).await?.rows;
        let mut cells = rows.iter().map(|row| {
            row.cells.iter().map(|cell| match cell {
                rmd_standard::Cell::Text(text) => text.clone(),
                rmd_standard::Cell::Integer(number) => number.to_string(),
                _ => String::new(),
            })
        });
        if kind == Kind::MySql {
            let text = cells.next().and_then(|mut row| row.next()).unwrap_or_default();
            return Ok(text.lines().filter_map(of_line).collect());
        }
        Ok(cells
            .filter_map(|mut row| {
                let [schema, table, name] = [row.next()?, row.next()?, row.next()?];
                let (fires, state) = (row.next()?, row.next()?);
                let fires = matches!(fires.as_str(), "O" | "A");
                Some(Found { schema, table, state: format!("{name} {state}"), name, fires })
            })
            .collect())
    }

    /// The side table's schema on PostgreSQL, or the one in which it would be made;
    /// the database on MySQL; empty on SQLite.
    pub(super) async fn side_schema(&mut self) -> Result<String, Error> {
        let kind = self.kind();
        let sql = match kind {
            Kind::Sqlite => return Ok(String::new()),
            Kind::MySql => "SELECT DATABASE() AS of_side".to_owned(),
            Kind::Postgres => format!(
                "SELECT CAST(COALESCE((SELECT n.nspname FROM pg_catalog.pg_class c \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.oid = to_regclass('{SIDE_TABLE}')), current_schema()) AS text) AS of_side"
            ),
        };
        self.word(&sql).await
    }

    /// One text that a server gives.
    pub(in crate::source) async fn word(&mut self, sql: &str) -> Result<String, Error> {
        let mut statement = Statement::new(self.kind());
        statement.push(sql);
        let rows = self.fetch(&statement, 1).await?.rows;
        Ok(match rows.first().and_then(|row| row.cells.first()) {
            Some(rmd_standard::Cell::Text(text)) => text.clone(),
            _ => String::new(),
        })
    }

    /// Sets of columns in which no two rows of an SQLite table are alike.
    pub(super) async fn unique_sets(&mut self, table: &str) -> Result<Vec<Vec<String>>, Error> {
        let mut statement = Statement::new(self.kind());
        statement.push("SELECT 'the key' AS a, t.name AS b FROM pragma_table_info(");
        statement.bind(super::text(table), None);
        statement
            .push(") AS t WHERE t.pk > 0 UNION ALL SELECT l.name, i.name FROM pragma_index_list(");
        statement.bind(super::text(table), None);
        statement.push(
            ") AS l JOIN pragma_index_info(l.name) AS i WHERE l.\"unique\" = 1 AND l.partial = 0",
        );
        let rows = self.fetch(&statement, TRIGGERS_MAX).await?.rows;
        let mut sets: Vec<(String, Vec<String>)> = Vec::new();
        for row in rows {
            let mut names = row.cells.into_iter().map(|cell| match cell {
                rmd_standard::Cell::Text(text) => text,
                _ => String::new(),
            });
            let (Some(set), Some(column)) = (names.next(), names.next()) else { continue };
            match sets.iter_mut().find(|(name, _)| *name == set) {
                Some((_, columns)) => columns.push(column),
                None => sets.push((set, vec![column])),
            }
        }
        // A column without a name is an expression; a row that it replaces is found
        // by the sweep.
        let sets = sets.into_iter().map(|(_, columns)| columns);
        Ok(sets.filter(|columns| columns.iter().all(|column| !column.is_empty())).collect())
    }

    /// The type of a column in the words of the driver.
    pub(in crate::source) async fn type_of(
        &mut self,
        table: &str,
        column: &str,
    ) -> Result<String, Error> {
        if self.kind() == Kind::MySql {
            // The driver gives a text whose collation compares bytes for bytes.
            let [table, column] = [table, column].map(|name| super::names::literal(bare(name)));
            self.begin().await?;
            let found = self
                .word(&format!(
                    "SELECT UPPER(DATA_TYPE) AS typed FROM information_schema.COLUMNS \
                     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {table} AND COLUMN_NAME = {column}"
                ))
                .await;
            self.end().await?;
            return found;
        }
        let mut statement = Statement::new(self.kind());
        statement.push("SELECT ").push(column).push(" FROM ").push(table);
        let fields = self.describe(&statement).await?;
        Ok(fields.into_iter().next().map(|field| field.type_name).unwrap_or_default())
    }
}

/// Any change of the schema may have been one of a trigger.
const SQLITE: &str = "SELECT '' AS a, m.tbl_name AS b, m.name AS c, 'A' AS d, \
    (SELECT schema_version FROM pragma_schema_version) AS e \
    FROM sqlite_master AS m WHERE m.type = 'trigger' AND m.name LIKE 'rmd#_changed#_%' ESCAPE '#'";

/// The row of a trigger is written anew when it is switched off or on, and the
/// side table has another file once it was emptied by TRUNCATE.
const POSTGRES: &str = "SELECT CAST(CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN '' \
    ELSE n.nspname END AS text) AS a, CAST(c.relname AS text) AS b, CAST(t.tgname AS text) AS c, \
    CAST(t.tgenabled AS text) AS d, concat(t.oid, '.', t.xmin, '.', \
    pg_catalog.pg_relation_filenode('rmd_changed')) AS e \
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'rmd\\_changed\\_%'";

/// Without the right to change triggers nobody sees them: a function of the
/// installing account looks for us.
const MYSQL: &str = "SELECT rmd_changed_triggers() AS a";

/// `name|made at|table`, as the function of the installing account gives it; the
/// side table itself stands there without a name.
fn of_line(line: &str) -> Option<Found> {
    let (name, rest) = line.split_once('|')?;
    let (_, table) = rest.split_once('|')?;
    let [name, table] = [name, table].map(str::to_owned);
    Some(Found { schema: String::new(), table, name, state: line.to_owned(), fires: true })
}
