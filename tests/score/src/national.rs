//! A national database with the records that do not come over the REST API: types that
//! the standard has no path for, and records that lack what the standard demands of who
//! posts. One table for each type, one row a record; SQL takes the values out.

mod flat;

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, Result};
use rmd_standard::{Entity, Record, aliases};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::set::State;

/// A database that is being filled.
#[derive(Debug)]
pub(crate) struct National {
    connection: SqliteConnection,
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
        Ok(Self { connection })
    }

    /// Adds a record.
    pub(crate) async fn add(&mut self, record: &Record) -> Result<()> {
        let insert = format!("INSERT INTO {} (doc) VALUES (?)", table(record.entity()));
        let values = flat::values(record).to_string();
        let query = sqlx::query(AssertSqlSafe(insert)).bind(values);
        query.execute(&mut self.connection).await.context("write a national record")?;
        Ok(())
    }

    /// Keeps everything.
    pub(crate) async fn finish(mut self) -> Result<()> {
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        self.connection.close().await.context("close a national database")
    }
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
