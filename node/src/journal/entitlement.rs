//! What may leave of each record type.
//!
//! Owns the table `entitlement` and what a change of it means: a demotion to
//! `off` withdraws every published record in the same transaction, a promotion
//! forgets the capture marks, so that the next pass is a first load. Defaults:
//! master data is `live`, transactions are `off` until granted.

mod withdraw;

use std::{fmt, str::FromStr};

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::SqliteConnection;

use super::{Error, Owner, store::Store};

/// How much of a record type leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Nothing; never appended.
    Off,
    /// Pulled and checked by the hub, shown nowhere.
    Shadow,
    /// Part of the regional view.
    Live,
}

/// A word that is no level.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no level; expected off, shadow or live / attendu : off, shadow ou live")]
pub(crate) struct UnknownLevel(String);

impl Level {
    /// The word in the table, on the command line and on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Live => "live",
        }
    }

    fn default_of(entity: Entity) -> Self {
        if entity.feed() == "master-data" { Self::Live } else { Self::Off }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(word: &str) -> Result<Self, UnknownLevel> {
        [Self::Off, Self::Shadow, Self::Live]
            .into_iter()
            .find(|level| level.as_str() == word)
            .ok_or_else(|| UnknownLevel(word.to_owned()))
    }
}

/// What a change did to one record type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// Name of the entity.
    pub(crate) entity: &'static str,
    /// Its feed.
    pub(crate) feed: &'static str,
    /// The level before.
    pub(crate) before: Level,
    /// The level now.
    pub(crate) after: Level,
    /// Published records that were withdrawn.
    pub(crate) withdrawn: u64,
}

/// The level in force, with the number of its last change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) level: Level,
    pub(super) generation: i64,
    /// Records published and not withdrawn.
    pub(super) published: i64,
    /// Records that the brake holds, and the tombstones among them.
    pub(super) held: i64,
    pub(super) held_deletes: i64,
}

/// Gives every record type its default, once.
pub(super) async fn seed(store: &Store) -> Result<(), Error> {
    let known: Vec<String> =
        sqlx::query_scalar("SELECT entity FROM entitlement").fetch_all(store.readers()).await?;
    if Entity::ALL.iter().all(|entity| known.iter().any(|known| known == entity.name())) {
        return Ok(());
    }
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    for entity in Entity::ALL {
        sqlx::query(
            "INSERT INTO entitlement (
                 entity, feed, level, generation, published, rows_off, changed_at_us)
             VALUES (?1, ?2, ?3, 0, 0, 0, ?4)
             ON CONFLICT (entity) DO NOTHING",
        )
        .bind(entity.name())
        .bind(entity.feed())
        .bind(Level::default_of(entity).as_str())
        .bind(store.now_us())
        .execute(&mut *transaction)
        .await?;
    }
    Ok(transaction.commit().await?)
}

/// The level of a record type.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    entity: Entity,
) -> Result<Standing, Error> {
    let (level, generation, published, held, held_deletes): (String, i64, i64, i64, i64) =
        sqlx::query_as(
            "SELECT e.level,
                    e.generation,
                    e.published,
                    COALESCE(SUM(t.held), 0),
                    COALESCE(SUM(t.deletes), 0)
             FROM entitlement e
             LEFT JOIN brake_trip t ON t.entity = e.entity AND t.state = 'open'
             WHERE e.entity = ?1
             GROUP BY e.entity",
        )
        .bind(entity.name())
        .fetch_one(connection)
        .await?;
    let level = level.parse().map_err(|_| Error::inconsistent("entitlement", "level", 0))?;
    Ok(Standing { level, generation, published, held, held_deletes })
}

/// The number of the last change of a record type's level.
pub(crate) async fn generation(store: &Store, entity: Entity) -> Result<i64, Error> {
    let mut reader = store.readers().acquire().await?;
    Ok(standing(&mut reader, entity).await?.generation)
}

/// Moves the counts of a record type.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    entity: Entity,
    published: i64,
    rows_off: i64,
) -> Result<(), Error> {
    if published == 0 && rows_off == 0 {
        return Ok(());
    }
    let written = sqlx::query(
        "UPDATE entitlement
         SET published = published + ?2, rows_off = rows_off + ?3
         WHERE entity = ?1",
    )
    .bind(entity.name())
    .bind(published)
    .bind(rows_off)
    .execute(connection)
    .await?;
    Error::expect_rows("entitlement", written.rows_affected(), 1)
}

/// Moves the number of source rows that are known and not gone.
pub(super) async fn count_known(
    connection: &mut SqliteConnection,
    entity: Entity,
    rows_known: i64,
) -> Result<(), Error> {
    if rows_known == 0 {
        return Ok(());
    }
    let written =
        sqlx::query("UPDATE entitlement SET rows_known = rows_known + ?2 WHERE entity = ?1")
            .bind(entity.name())
            .bind(rows_known)
            .execute(connection)
            .await?;
    Error::expect_rows("entitlement", written.rows_affected(), 1)
}

/// Sets the level of record types, all in one transaction. `progress` is told
/// how many records were withdrawn so far.
pub(crate) async fn set(
    store: &Store,
    owner: Option<&Owner>,
    entities: &[Entity],
    level: Level,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Change>, Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let mut changes = Vec::new();
    for entity in entities {
        let before = standing(&mut transaction, *entity).await?.level;
        let mut withdrawn = 0;
        if before != level {
            save_level(&mut transaction, store.now_us(), *entity, level).await?;
        }
        if level > before {
            forget_marks(&mut transaction, *entity).await?;
        } else if level == Level::Off && before != Level::Off {
            withdrawn =
                withdraw::withdraw(&mut transaction, store, owner, *entity, progress).await?;
        }
        let (entity, feed) = (entity.name(), entity.feed());
        changes.push(Change { entity, feed, before, after: level, withdrawn });
    }
    transaction.commit().await?;
    Ok(changes)
}

async fn save_level(
    connection: &mut SqliteConnection,
    now_us: i64,
    entity: Entity,
    level: Level,
) -> Result<(), Error> {
    let written = sqlx::query(
        "UPDATE entitlement
         SET level = ?2, generation = generation + 1, changed_at_us = ?3
         WHERE entity = ?1",
    )
    .bind(entity.name())
    .bind(level.as_str())
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("entitlement", written.rows_affected(), 1)
}

async fn forget_marks(connection: &mut SqliteConnection, entity: Entity) -> Result<(), Error> {
    sqlx::query("DELETE FROM capture_mark WHERE entity = ?1")
        .bind(entity.name())
        .execute(connection)
        .await?;
    Ok(())
}
