//! The SQL that makes the side table and its triggers, and the SQL that takes
//! them away again.
//!
//! Owns every statement that changes a national database, as text to be read
//! first. Triggers note values in the form in which the node reads them; a type
//! whose text does not find its row again is refused. Drops nothing but triggers of the
//! same table and record type that it makes anew; everything else goes by
//! `remove` alone.

use super::super::{Error, Kind, Session};
use super::names::{bare, literal, quoted, written};
use super::standing::Found;
use super::{Noting, SIDE_TABLE, prefix};

mod text;

/// Statements for the account that may change the database, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    /// The dialect.
    pub(crate) kind: Kind,
    /// What they are for, and what is left as it is; comments to be printed.
    pub(crate) notes: Vec<String>,
    /// The statements; none = everything is as it should be.
    pub(crate) statements: Vec<String>,
}

/// Why triggers cannot be made for a table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] Error),
    /// The text of the column depends on who reads it, or names no row.
    #[error(
        "column {key} of {table} has the type {type_name}, whose text does not find its row again; note another column, or watch the table by mode diff / la colonne {key} de {table} a le type {type_name}, dont le texte ne retrouve pas sa ligne ; notez une autre colonne, ou surveillez la table en mode diff"
    )]
    Type {
        /// The table.
        table: String,
        /// The column.
        key: String,
        /// Its type.
        type_name: String,
    },
}

/// The statements that are missing so that the changes of these tables are noted.
pub(crate) async fn install(
    session: &mut Session,
    notings: &[Noting],
) -> Result<Script, InstallError> {
    let kind = session.kind();
    session.begin().await?;
    let site = Site::of(session).await;
    session.end().await?;
    let site = site?;
    let mut statements = Vec::new();
    for noting in notings {
        let mut names = noting.triggers(kind);
        names.retain(|name| !site.has(kind, noting, name));
        if names.is_empty() {
            continue;
        }
        statements.extend(site.superseded(kind, noting));
        let table = Table::of(session, noting).await?;
        statements.extend(text::triggers(&site, noting, &table, kind));
    }
    let mut script = Script { kind, notes: Vec::new(), statements: Vec::new() };
    if statements.is_empty() && site.found.is_some() {
        script.notes.push("Everything is installed. Tout est installé.".to_owned());
        return Ok(script);
    }
    script.notes = text::notes(&site, notings, kind);
    script.statements.extend(text::opening(kind));
    script.statements.extend(text::side_table(&site, kind));
    script.statements.extend(statements);
    script.statements.extend(text::closing(kind));
    Ok(script)
}

/// The statements that take triggers away: those of one record type, or all of
/// them and the side table.
pub(crate) async fn remove(
    session: &mut Session,
    record: Option<&str>,
    notings: &[Noting],
) -> Result<Script, InstallError> {
    let kind = session.kind();
    session.begin().await?;
    let site = Site::of(session).await;
    session.end().await?;
    let site = site?;
    let of_record = record.map_or_else(|| format!("{SIDE_TABLE}_"), prefix);
    let mut found: Vec<Found> = site.found.clone().unwrap_or_default();
    found.retain(|trigger| trigger.name.starts_with(&of_record));
    let mut statements: Vec<String> =
        found.iter().flat_map(|trigger| text::drop_trigger(&site, trigger, kind)).collect();
    if kind == Kind::MySql {
        // The node does not see them where the side table was never complete.
        let names = notings.iter().filter(|noting| record.is_none_or(|of| of == noting.record));
        let names = names.flat_map(|noting| noting.triggers(kind));
        let unseen = names.filter(|name| !found.iter().any(|trigger| trigger.name == *name));
        statements.extend(unseen.map(|name| {
            format!("DROP TRIGGER IF EXISTS {}.{}", quoted(kind, &site.schema), quoted(kind, &name))
        }));
    }
    let table = site.side(kind);
    match record {
        Some(record) if site.found.is_some() => {
            statements.push(format!("DELETE FROM {table} WHERE record = {}", literal(record)));
        }
        Some(_) => {}
        None => statements.extend(text::drop_side_table(&site, kind)),
    }
    let mut script = Script { kind, notes: Vec::new(), statements: Vec::new() };
    script.statements.extend(text::opening(kind));
    script.statements.extend(statements);
    script.statements.extend(text::closing(kind));
    Ok(script)
}

/// What is there already, and for whom.
struct Site {
    /// Schema or database of the side table; empty on SQLite.
    schema: String,
    /// The account of the node, as the server names it; empty on SQLite.
    reader: String,
    /// Every trigger of ours; none where the side table cannot be read.
    found: Option<Vec<Found>>,
}

impl Site {
    async fn of(session: &mut Session) -> Result<Self, Error> {
        let schema = session.side_schema().await?;
        let reader = match session.kind() {
            Kind::Sqlite => String::new(),
            Kind::Postgres => session.word("SELECT CAST(current_user AS text) AS reader").await?,
            Kind::MySql => session.word("SELECT CURRENT_USER() AS reader").await?,
        };
        // A refusal may end the snapshot, so it is asked last.
        let is_there = session.noted("", &[""], 1).await.is_ok();
        let found = if is_there { session.triggers().await.ok() } else { None };
        Ok(Self { schema, reader, found })
    }

    /// The side table with its schema.
    fn side(&self, kind: Kind) -> String {
        self.qualified(kind, SIDE_TABLE)
    }

    fn qualified(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::Sqlite => name.to_owned(),
            _ => format!("{}.{}", quoted(kind, &self.schema), quoted(kind, name)),
        }
    }

    fn has(&self, kind: Kind, noting: &Noting, name: &str) -> bool {
        self.found.iter().flatten().any(|trigger| {
            trigger.fires
                && trigger.name == name
                && super::names::means(kind, &noting.table, &trigger.schema, &trigger.table)
        })
    }

    /// Drops what was made for the same table and record type before.
    fn superseded(&self, kind: Kind, noting: &Noting) -> Vec<String> {
        let is_same = |trigger: &&Found| {
            trigger.name.starts_with(&prefix(noting.record))
                && super::names::means(kind, &noting.table, &trigger.schema, &trigger.table)
        };
        let same = self.found.iter().flatten().filter(is_same);
        same.flat_map(|trigger| text::drop_trigger(self, trigger, kind)).collect()
    }
}

/// The watched table as its triggers name it.
struct Table {
    /// The table with its schema.
    name: String,
    /// The noted column.
    key: String,
    /// Type of the noted column in the words of the driver.
    type_name: String,
    /// SQLite: columns by which REPLACE may remove rows of another key unseen.
    replaced_by: Vec<Vec<String>>,
}

impl Table {
    async fn of(session: &mut Session, noting: &Noting) -> Result<Self, InstallError> {
        let kind = session.kind();
        let type_name = session.type_of(&noting.table, &noting.key).await?;
        let mut table = Self {
            name: written(kind, &noting.table),
            key: written(kind, &noting.key),
            type_name,
            replaced_by: Vec::new(),
        };
        check_type(kind, &noting.table, &noting.key, &table.type_name)?;
        session.begin().await?;
        let found = table.find(session, noting).await;
        session.end().await?;
        found?;
        Ok(table)
    }

    async fn find(&mut self, session: &mut Session, noting: &Noting) -> Result<(), Error> {
        match session.kind() {
            Kind::Sqlite => {
                let key = bare(&noting.key);
                let mut sets = session.unique_sets(bare(&noting.table)).await?;
                sets.retain(|set| !set.iter().any(|column| column.eq_ignore_ascii_case(key)));
                self.replaced_by = sets;
            }
            Kind::Postgres => {
                let table = literal(&noting.table);
                // Quoted by the server, so that it means the same to every account.
                self.name = session
                    .word(&format!(
                        "SELECT format('%I.%I', n.nspname, c.relname) AS named \
                         FROM pg_catalog.pg_class c \
                         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                         WHERE c.oid = to_regclass({table})"
                    ))
                    .await?;
            }
            Kind::MySql => {
                let schema = session.side_schema().await?;
                if !noting.table.contains('.') {
                    self.name = format!("{}.{}", quoted(Kind::MySql, &schema), self.name);
                }
            }
        }
        Ok(())
    }
}

/// Refuses a column whose text does not find its row again.
pub(in crate::source) fn check_type(
    kind: Kind,
    table: &str,
    key: &str,
    type_name: &str,
) -> Result<(), InstallError> {
    if is_steady(kind, type_name) {
        return Ok(());
    }
    let [table, key, type_name] = [table, key, type_name].map(str::to_owned);
    Err(InstallError::Type { table, key, type_name })
}

/// Whether the text of a type is the same in every session, and finds its row again.
fn is_steady(kind: Kind, type_name: &str) -> bool {
    const UNSTEADY: [&str; 14] = [
        "FLOAT4",
        "FLOAT8",
        "FLOAT",
        "DOUBLE",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "DATETIME",
        "YEAR",
        "BIT",
        "BYTEA",
        "JSON",
        "JSONB",
    ];
    let is_bytes = type_name.contains("BINARY") || type_name.contains("BLOB");
    // SQLite keeps the value itself.
    kind == Kind::Sqlite
        || !(is_bytes || UNSTEADY.contains(&type_name) || type_name.ends_with("[]"))
}

impl Script {
    /// This script, and another behind it.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.notes.extend(other.notes);
        self.statements.extend(other.statements);
        self
    }

    /// The script as a person runs it with the server's own client.
    pub(crate) fn to_text(&self) -> String {
        text::script(self)
    }
}
