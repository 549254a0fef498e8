//! Entries of the node's own feeds as records of the API.
//!
//! Owns the table `followed`. The last entry of a key counts; a tombstone takes
//! the record away, an annulment keeps it and marks it.

use std::collections::BTreeMap;

use rmd_feed::StoredEntry;
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Record};
use sqlx::SqliteConnection;
use tracing::warn;

use super::{Error, Store};
use crate::api::{
    shelf::{self, Origin, Put},
    terms,
};

/// How far a feed was read. A feed in another epoch is read from its beginning:
/// everything that is published is in it.
pub(super) async fn cursor(store: &Store, feed: &str, epoch: u32) -> Result<u64, Error> {
    let row: Option<(u32, i64)> = sqlx::query_as("SELECT epoch, seq FROM followed WHERE feed = ?1")
        .bind(feed)
        .fetch_optional(store.readers())
        .await?;
    match row {
        Some((known, seq)) if known == epoch => {
            u64::try_from(seq).map_err(|_| Error::Inconsistent { table: "followed", column: "seq" })
        }
        Some(_) => {
            clear(store, feed).await?;
            Ok(0)
        }
        None => Ok(0),
    }
}

/// Applies entries up to a seq in one transaction.
pub(super) async fn apply(
    store: &Store,
    (feed, epoch): (&str, u32),
    last_seq: u64,
    entries: Vec<StoredEntry>,
) -> Result<(), Error> {
    let mut last: BTreeMap<(Entity, String), StoredEntry> = BTreeMap::new();
    let mut erased: Vec<(Entity, String, i64)> = Vec::new();
    for entry in entries {
        let entity = Entity::from_name(&entry.header.entity).filter(|e| terms::is_shown(*e));
        if let Some(entity) = entity {
            if entry.op() == Op::Erase {
                erased.push((entity, entry.header.key.clone(), entry.header.captured_at_us));
            }
            last.insert((entity, entry.header.key.clone()), entry);
        }
    }
    for entity in Entity::ALL.into_iter().filter(|entity| terms::is_shown(*entity)) {
        let of_entity = last.keys().filter(|(of, _)| *of == entity);
        let keys: Vec<&str> = of_entity.map(|(_, key)| key.as_str()).collect();
        if !keys.is_empty() {
            // Posted records stay as they are: most of what a busy API publishes.
            let posted = shelf::posted(store.readers(), entity, &keys).await?;
            last.retain(|(of, key), _| *of != entity || !posted.contains(key));
        }
    }
    // A crash takes back cursor and records together.
    let mut writing = store.write_soft().await?;
    let mut transaction = writing.begin().await?;
    for (entity, key, at_us) in &erased {
        shelf::erase(&mut transaction, *entity, key, *at_us).await?;
    }
    for entity in Entity::ALL {
        let of_entity = last.iter().filter(|((of, _), _)| *of == entity);
        let (mut puts, mut gone) = (Vec::new(), Vec::new());
        for ((_, key), entry) in of_entity {
            match shown(entity, key, entry) {
                Some(put) => puts.push(put),
                None => gone.push(key.as_str()),
            }
        }
        if !gone.is_empty() {
            shelf::remove_published(&mut transaction, entity, &gone).await?;
        }
        if !puts.is_empty() {
            let now_us = store.now_us();
            shelf::put(&mut transaction, entity, Origin::Published, now_us, &puts).await?;
        }
    }
    save_cursor(&mut transaction, feed, epoch, last_seq).await?;
    Ok(transaction.commit().await?)
}

/// What an entry leaves of a record; none if nothing can be shown any more.
fn shown(entity: Entity, key: &str, entry: &StoredEntry) -> Option<Put> {
    let payload = entry.payload().filter(|payload| !payload.is_empty())?;
    if !matches!(entry.op(), Op::Upsert | Op::Annul) {
        return None;
    }
    let Ok(record) = Record::decode(entity, payload) else {
        // Written by a version with another form of the record; capture writes it anew.
        warn!(entity = entity.name(), seq = entry.seq(), "entry of an older form not shown");
        return None;
    };
    Some(Put {
        key: key.to_owned(),
        payload: payload.to_vec(),
        terms: terms::of(&record),
        annulled: entry.op() == Op::Annul,
    })
}

async fn save_cursor(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    seq: u64,
) -> Result<(), Error> {
    let seq =
        i64::try_from(seq).map_err(|_| Error::Inconsistent { table: "followed", column: "seq" })?;
    let written = sqlx::query(
        "INSERT INTO followed (feed, epoch, seq) VALUES (?1, ?2, ?3)
         ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq",
    )
    .bind(feed)
    .bind(epoch)
    .bind(seq)
    .execute(connection)
    .await?;
    Error::expect_rows("followed", written.rows_affected(), 1)
}

/// Takes away what was published on a feed that began again.
async fn clear(store: &Store, feed: &str) -> Result<(), Error> {
    let mut writing = store.write_soft().await?;
    let mut transaction = writing.begin().await?;
    for entity in Entity::ALL.into_iter().filter(|entity| entity.feed() == feed) {
        let keys: Vec<String> = sqlx::query_scalar(
            "SELECT record_key FROM record WHERE entity = ?1 AND origin = 'published'",
        )
        .bind(entity.name())
        .fetch_all(&mut *transaction)
        .await?;
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        shelf::remove_published(&mut transaction, entity, &keys).await?;
    }
    sqlx::query("DELETE FROM followed WHERE feed = ?1")
        .bind(feed)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}
