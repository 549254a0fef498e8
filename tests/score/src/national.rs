//! A national database with the records that do not come over the REST API: types that
//! the standard has no path for, and records that lack what the standard demands of who
//! posts. One table for each type, one row a record; SQL takes the values out.

mod flat;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
    path::Path,
};

use anyhow::{Context as _, Result};
use rmd_standard::{Entity, aliases};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::set::{State, Taken};

/// A database that is being filled.
#[derive(Debug)]
pub(crate) struct National {
    connection: SqliteConnection,
    /// Rows by type and key.
    rows: BTreeMap<(Entity, String), i64>,
}

/// What a row says from a later revision on.
#[derive(Debug, Clone)]
pub(crate) struct Later {
    /// From 1.
    pub(crate) revision: u64,
    entity: Entity,
    id: i64,
    values: Value,
}

/// The URL of a database in a folder.
pub(crate) fn url(folder: &Path, state: State) -> String {
    format!("sqlite://{}", folder.join(format!("{}.sqlite", state.alpha3)).display())
}

impl National {
    /// An empty one.
    pub(crate) async fn create(folder: &Path, state: State) -> Result<Self> {
        let url = format!("{}?mode=rwc", url(folder, state));
        let mut connection = SqliteConnection::connect(&url).await.context("make a database")?;
        for entity in Entity::ALL {
            let table = table(entity);
            let create =
                format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)");
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await?;
        }
        sqlx::raw_sql("BEGIN").execute(&mut connection).await?;
        Ok(Self { connection, rows: BTreeMap::new() })
    }

    /// Adds a record; a revision of one that is there waits.
    pub(crate) async fn add(&mut self, one: &Taken) -> Result<Option<Later>> {
        let values = flat::values(one.valid.record());
        let count = i64::try_from(self.rows.len())?;
        match self.rows.entry((one.entity, one.valid.key().to_owned())) {
            Entry::Occupied(row) => {
                let (revision, entity, id) = (one.revision, one.entity, *row.get());
                Ok(Some(Later { revision, entity, id, values }))
            }
            Entry::Vacant(free) => {
                let id = *free.insert(count + 1);
                let insert = format!("INSERT INTO {} (id, doc) VALUES (?, ?)", table(one.entity));
                let query = sqlx::query(AssertSqlSafe(insert)).bind(id).bind(values.to_string());
                query.execute(&mut self.connection).await.context("write a national record")?;
                Ok(None)
            }
        }
    }

    /// Keeps everything.
    pub(crate) async fn finish(mut self) -> Result<()> {
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        self.connection.close().await.context("close a national database")
    }
}

/// Writes the rows of a revision into the database of a state.
pub(crate) async fn revise(
    folder: &Path,
    state: State,
    later: &[Later],
    revision: u64,
) -> Result<()> {
    let of_turn: Vec<&Later> = later.iter().filter(|one| one.revision == revision).collect();
    if of_turn.is_empty() {
        return Ok(());
    }
    let mut connection = SqliteConnection::connect(&url(folder, state)).await?;
    for one in of_turn {
        let update = format!("UPDATE {} SET doc = ? WHERE id = ?", table(one.entity));
        let query = sqlx::query(AssertSqlSafe(update)).bind(one.values.to_string()).bind(one.id);
        query.execute(&mut connection).await.context("revise a national record")?;
    }
    connection.close().await.context("close a national database")
}

fn table(entity: Entity) -> String {
    format!("records_{}", entity.name().to_lowercase())
}

/// How the tables become records.
pub(crate) fn mapping(state: State) -> String {
    let name = state.alpha3.to_lowercase();
    let mut text = format!("[mapping]\nname = \"{name}-score\"\nzone = \"Africa/Lubumbashi\"\n");
    for entity in Entity::ALL {
        // Writing into a String cannot fail.
        let _ = write!(text, "{}", of_entity(entity));
    }
    text
}

fn of_entity(entity: Entity) -> String {
    let (table, name) = (table(entity), entity.name());
    let columns = columns(entity, None, "t.doc");
    let mut text = format!(
        "\n[[record]]\nentity = \"{name}\"\nkey = \"t.id\"\nrows = '''\nSELECT t.id AS \"_key\"{columns}\nFROM {table} t /* where-keys */\n'''\n"
    );
    for list in entity.lists().iter().filter(|list| **list != "extension") {
        let columns = columns_of_list(entity, list);
        let _ = write!(
            text,
            "[[record.child]]\nlist = \"{list}\"\nkey = \"t.id\"\nrows = '''\nSELECT t.id AS \"_key\"{columns}\nFROM {table} t JOIN json_each(t.doc, '$.{list}') c /* where-keys */\nORDER BY t.id, c.key\n'''\n"
        );
    }
    let _ = write!(text, "[[record.watch]]\ntable = \"{table}\"\nmode = \"diff\"\n");
    text
}

fn columns_of_list(entity: Entity, list: &str) -> String {
    columns(entity, Some(list), "c.value")
}

fn columns(entity: Entity, list: Option<&str>, doc: &str) -> String {
    let mut text = String::new();
    for alias in aliases(entity, list).into_iter().filter(|alias| !alias.starts_with("extension")) {
        let _ = write!(text, ",\n    json_extract({doc}, '$.\"{alias}\"') AS \"{alias}\"");
    }
    text
}
