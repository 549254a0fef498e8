//! The tables of both stores, embedded.
//!
//! Owns which migrations exist and which a store has had. Migrations go
//! forward only; a store that is newer than this program is refused. The two
//! folders say the same but for the name of the type of bytes; a test compares
//! what they make, table by table and column by column.

use std::collections::BTreeSet;

use sqlx::{
    AnyConnection,
    migrate::{Migrate as _, Migrator},
};

use super::{Error, Kind};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const fn migrator(kind: Kind) -> &'static Migrator {
    match kind {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    }
}

/// Applies what the store has not had.
pub(super) async fn run(kind: Kind, connection: &mut AnyConnection) -> Result<(), Error> {
    migrator(kind).run_direct(None, connection, false).await.map_err(Error::Migrate)
}

/// Names what the store has not had.
pub(super) async fn pending(
    kind: Kind,
    connection: &mut AnyConnection,
) -> Result<Vec<String>, Error> {
    let migrator = migrator(kind);
    connection.ensure_migrations_table(&migrator.table_name).await.map_err(Error::Migrate)?;
    let applied: BTreeSet<i64> = connection
        .list_applied_migrations(&migrator.table_name)
        .await
        .map_err(Error::Migrate)?
        .into_iter()
        .map(|migration| migration.version)
        .collect();
    Ok(migrator
        .iter()
        .filter(|migration| !applied.contains(&migration.version))
        .map(|migration| format!("{}_{}", migration.version, migration.description))
        .collect())
}

#[cfg(test)]
mod tests;
