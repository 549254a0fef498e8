//! The tables of both stores, embedded.
//!
//! Owns which migrations exist and which a store has had. Migrations go
//! forward only; a store that is newer than this program is refused. The two
//! folders say the same but for the name of the type of bytes; a test compares
//! what they make, table by table and column by column.

use std::collections::{BTreeMap, BTreeSet};

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

/// Has every column of texts compared byte by byte, as SQLite does it, whatever the
/// database was made with: in the order of a language the server asks its C library
/// for each pair of keys. A database that was made so has nothing to be changed.
const COMPARE_BYTES: &str = r#"
DO $$
DECLARE
    change RECORD;
BEGIN
    IF EXISTS (
        SELECT FROM pg_database
        WHERE datname = current_database() AND datcollate IN ('C', 'POSIX')
          AND COALESCE(to_jsonb(pg_database) ->> 'datlocprovider', 'c') = 'c'
    ) THEN
        RETURN;
    END IF;
    FOR change IN
        SELECT format('ALTER TABLE %s %s', attrelid::regclass, string_agg(
            format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', attname), ', ')) AS statement
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
          AND relname !~ '^_sqlx' AND attnum > 0 AND NOT attisdropped
          AND atttypid = 'text'::regtype AND attcollation <> '"C"'::regcollation
        GROUP BY attrelid
    LOOP
        EXECUTE change.statement;
    END LOOP;
END
$$"#;

/// Refuses a store that has had what this program does not know: a later version, or
/// another program, wrote it, and would be written over here.
async fn check(kind: Kind, connection: &mut AnyConnection) -> Result<BTreeSet<i64>, Error> {
    let migrator = migrator(kind);
    connection.ensure_migrations_table(&migrator.table_name).await.map_err(Error::Migrate)?;
    let applied = connection.list_applied_migrations(&migrator.table_name).await;
    let applied = applied.map_err(Error::Migrate)?;
    let known: BTreeMap<i64, &[u8]> =
        migrator.iter().map(|one| (one.version, one.checksum.as_ref())).collect();
    for had in &applied {
        if known.get(&had.version).is_none_or(|checksum| *checksum != had.checksum.as_ref()) {
            let last = known.last_key_value().map_or(0, |(version, _)| *version);
            return Err(Error::Foreign { found: had.version, last });
        }
    }
    Ok(applied.into_iter().map(|had| had.version).collect())
}

/// Applies what the store has not had.
pub(super) async fn run(kind: Kind, connection: &mut AnyConnection) -> Result<(), Error> {
    check(kind, connection).await?;
    migrator(kind).run_direct(None, &mut *connection, false).await.map_err(Error::Migrate)?;
    if kind == Kind::Postgres {
        sqlx::query(COMPARE_BYTES).execute(connection).await?;
    }
    Ok(())
}

/// Names what the store has not had.
pub(super) async fn pending(
    kind: Kind,
    connection: &mut AnyConnection,
) -> Result<Vec<String>, Error> {
    let applied = check(kind, connection).await?;
    Ok(migrator(kind)
        .iter()
        .filter(|migration| !applied.contains(&migration.version))
        .map(|migration| format!("{}_{}", migration.version, migration.description))
        .collect())
}

#[cfg(test)]
mod later;
#[cfg(test)]
mod tests;
