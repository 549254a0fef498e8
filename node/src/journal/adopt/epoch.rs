//! Begins a feed where the hub says that it goes on.
//!
//! A node that was enrolled again may have lost its store, its key or both. With
//! its key it goes on in the epoch that the hub holds, once the entries are back.
//! Without it a new epoch begins, whose first entry names the last checkpoint of
//! the old one, and every record is published again.

use rmd_feed::{Checkpoint, Origin};
use rmd_proto::v1;
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, Owner,
        feeds::{self, FEEDS},
        ids, recovery,
        store::Store,
    },
    capture_anew, written,
};

/// How a feed goes on after an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GoesOn {
    /// With what is here.
    AsItIs,
    /// Once its entries are back from the hub.
    Lacking,
    /// In a new epoch.
    NewEpoch,
}

/// Takes what the hub said at the enrolment about the feeds that it holds.
pub(crate) async fn enrolled(
    store: &Store,
    owner: &Owner,
    held: &[v1::HeldFeed],
) -> Result<Vec<(&'static str, GoesOn)>, Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let mut feeds = Vec::new();
    for feed in FEEDS {
        if let Some(held) = held.iter().find(|held| held.feed == feed) {
            let goes_on = begin(&mut transaction, store, owner, feed, held).await?;
            feeds.push((feed, goes_on));
        }
    }
    transaction.commit().await?;
    for feed in FEEDS {
        feeds::forget(store, feed);
    }
    Ok(feeds)
}

async fn begin(
    connection: &mut SqliteConnection,
    store: &Store,
    owner: &Owner,
    feed: &'static str,
    held: &v1::HeldFeed,
) -> Result<GoesOn, Error> {
    let now_us = store.now_us();
    let known = written(connection, feed).await?;
    let size = known.as_ref().map_or(0, |known| known.edge.size());
    if known.as_ref().is_some_and(|known| known.epoch > held.epoch) {
        return Ok(GoesOn::AsItIs);
    }
    let origin = Origin::new(&owner.name, feed, held.epoch);
    let ours = Checkpoint::open(&held.checkpoint, &origin, &owner.key.verifier(), size).ok();
    let is_begun = known.as_ref().is_some_and(|known| known.epoch == held.epoch);
    let Some(theirs) = ours else {
        if is_begun {
            return Ok(GoesOn::AsItIs);
        }
        let epoch = (feed, held.epoch);
        feeds::insert_epoch(connection, &owner.name, epoch, &held.checkpoint, now_us).await?;
        publish_again(connection, feed).await?;
        recovery::clear(connection, feed).await?;
        let seqs = (0, u64::from(held.epoch));
        recovery::happened(connection, (feed, "epoch"), seqs, "", now_us).await?;
        return Ok(GoesOn::NewEpoch);
    };
    if !is_begun {
        feeds::insert_epoch(connection, &owner.name, (feed, held.epoch), "", now_us).await?;
        publish_again(connection, feed).await?;
    }
    if is_begun && theirs.size <= size {
        return Ok(GoesOn::AsItIs);
    }
    let seqs = (size + 1, theirs.size);
    recovery::happened(connection, (feed, "restored"), seqs, "", now_us).await?;
    let lost = recovery::Lost {
        feed: feed.to_owned(),
        state: recovery::State::Lacking,
        held_size: theirs.size,
        held_checkpoint: held.checkpoint.clone(),
        common_size: None,
        evidence: String::new(),
        since_us: now_us,
    };
    recovery::set(connection, &lost).await?;
    Ok(GoesOn::Lacking)
}

/// Sets every record of a feed back to where nothing was appended of it.
async fn publish_again(connection: &mut SqliteConnection, feed: &str) -> Result<(), Error> {
    for entity in Entity::ALL.into_iter().filter(|entity| entity.feed() == feed) {
        let (low, high) = ids::range(entity);
        sqlx::query(
            "UPDATE record SET rev = 0, seq = 0, op = 0, content_hash = x''
             WHERE record_id BETWEEN ?1 AND ?2",
        )
        .bind(low)
        .bind(high)
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE entitlement SET published = 0 WHERE entity = ?1")
            .bind(entity.name())
            .execute(&mut *connection)
            .await?;
    }
    capture_anew(connection, feed).await
}
