//! Epochs of the feeds of nodes: one ends when a node comes back without its key.
//!
//! Owns the table `epoch_end`. An officer allows it with the invitation; nothing of
//! the old epoch is deleted: its frames stay in the ledger under the old key, and
//! its records in the regional view until the node has published them again.

use rmd_proto::v1;
use rmd_standard::Entity;
use sqlx::{AnyConnection, FromRow};

use super::{Error, Word, diverged::Diverged, event};
use crate::{
    follow::cursor::{self, FeedStatus},
    regional::{self, Change, Examined, Incoming, Levels, Owner, Revision},
    registry::{entitlement::Level, node::Node},
    store::{self, expect_rows},
    verdict,
};

/// What the hub holds of the feeds of a node that is enrolled again.
pub(crate) async fn held(
    connection: &mut AnyConnection,
    known: &Node,
    vkey: &str,
) -> Result<Vec<v1::HeldFeed>, store::Error> {
    let is_same_key = known.feed_vkey == vkey;
    let feeds = of_node(connection, &known.id).await?;
    let held = feeds.into_iter().filter_map(|feed| {
        let epoch = if is_same_key { feed.epoch } else { feed.epoch + 1 };
        let checkpoint = feed.position.checkpoint?;
        Some(v1::HeldFeed { feed: feed.feed, epoch, checkpoint })
    });
    Ok(held.collect())
}

/// Ends every epoch of a node that comes with another key.
pub(crate) async fn end(
    connection: &mut AnyConnection,
    known: &Node,
    now_us: i64,
) -> Result<(), store::Error> {
    for feed in of_node(connection, &known.id).await? {
        let Some(checkpoint) = &feed.position.checkpoint else { continue };
        let affected = sqlx::query(
            "INSERT INTO epoch_end
                 (node_id, feed, epoch, size, edge, checkpoint, feed_vkey, ended_at_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&known.id)
        .bind(&feed.feed)
        .bind(i64::from(feed.epoch))
        .bind(i64::try_from(feed.cursor).unwrap_or(i64::MAX))
        .bind(feed.position.edge.to_bytes())
        .bind(checkpoint)
        .bind(&known.feed_vkey)
        .bind(now_us)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        expect_rows("epoch_end", 1, affected)?;
        cursor::begin_epoch(connection, &known.id, &feed.feed, feed.epoch + 1, now_us).await?;
        let what = (known.id.as_str(), feed.feed.as_str(), "epoch");
        let detail = format!("epoch {} ended at seq {}", feed.epoch, feed.cursor);
        event::keep(connection, what, &detail, None, now_us).await?;
    }
    Ok(())
}

async fn of_node(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Vec<FeedStatus>, store::Error> {
    let all = cursor::all(connection).await?;
    Ok(all.into_iter().filter(|feed| feed.node_id == node_id).collect())
}

/// An epoch that ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Ended {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: i64,
    pub(crate) size: i64,
    pub(crate) edge: Vec<u8>,
    pub(crate) feed_vkey: String,
}

/// Every epoch that ended.
pub(crate) async fn ended(connection: &mut AnyConnection) -> Result<Vec<Ended>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, epoch, size, edge, feed_vkey
         FROM epoch_end
         ORDER BY node_id, feed, epoch",
    )
    .fetch_all(connection)
    .await?)
}

/// The key under which the epoch of two histories was written; empty if none is known.
pub(super) async fn vkey_of(
    connection: &mut AnyConnection,
    known: &Diverged,
) -> Result<String, store::Error> {
    let ended: Option<(String,)> = sqlx::query_as(
        "SELECT feed_vkey FROM epoch_end WHERE node_id = $1 AND feed = $2 AND epoch = $3",
    )
    .bind(&known.node_id)
    .bind(&known.feed)
    .bind(known.epoch)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some((vkey,)) = ended {
        return Ok(vkey);
    }
    let pinned: Option<(String,)> = sqlx::query_as("SELECT feed_vkey FROM node WHERE node_id = $1")
        .bind(&known.node_id)
        .fetch_optional(connection)
        .await?;
    Ok(pinned.map(|(vkey,)| vkey).unwrap_or_default())
}

/// A record that was published in an epoch that ended, and not again.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Left {
    entity: String,
    record_key: String,
    country: String,
    feed: String,
    epoch: i64,
    seq: i64,
    rev: i64,
}

/// Records of a node that were published in an epoch that ended and not again, of
/// feeds of which everything that the node has in the new epoch was applied.
pub(crate) async fn left_behind(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Vec<Left>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT r.entity, r.record_key, r.country, r.feed, r.epoch, r.seq, r.rev
         FROM record r
         JOIN feed_cursor c ON c.node_id = r.node_id AND c.feed = r.feed
         WHERE r.node_id = $1 AND r.epoch < c.epoch AND r.op <> 'tombstone'
           AND c.cursor > 0 AND c.cursor >= c.owner_size
         ORDER BY r.feed, r.epoch, r.entity, r.record_key",
    )
    .bind(node_id)
    .fetch_all(connection)
    .await?)
}

/// Ends these records: an officer said that the new epoch is whole without them.
pub(crate) async fn close(
    connection: &mut AnyConnection,
    node_id: &str,
    left: &[Left],
    word: &Word,
    now_us: i64,
) -> Result<(), Error> {
    if left.is_empty() {
        return Ok(());
    }
    let levels: Levels = Entity::ALL.into_iter().map(|entity| (entity, Level::Live)).collect();
    for of_epoch in left.chunk_by(|one, next| (&one.feed, one.epoch) == (&next.feed, next.epoch)) {
        let Some(first) = of_epoch.first() else { continue };
        let owner = Owner {
            node_id: node_id.to_owned(),
            country: first.country.clone(),
            feed: first.feed.clone(),
            epoch: u32::try_from(first.epoch).unwrap_or(0),
        };
        let entries = of_epoch.iter().filter_map(|left| ended_record(left, now_us)).collect();
        let incoming = Incoming { owner: &owner, levels: &levels, entries, received_at_us: now_us };
        regional::apply(connection, incoming).await?;
    }
    for Left { entity, record_key, .. } in left {
        verdict::due(connection, node_id, entity, record_key).await?;
    }
    let detail = format!("{} records of earlier epochs ended", left.len());
    Ok(event::keep(connection, (node_id, "", "closed"), &detail, Some(word), now_us).await?)
}

/// The tombstone that the node can no longer write in the old epoch.
fn ended_record(left: &Left, now_us: i64) -> Option<Examined> {
    let entity = Entity::from_name(&left.entity)?;
    let header = v1::EntryHeader {
        feed: left.feed.clone(),
        epoch: u32::try_from(left.epoch).ok()?,
        seq: left.seq.unsigned_abs(),
        entity: left.entity.clone(),
        key: left.record_key.clone(),
        rev: left.rev.unsigned_abs() + 1,
        op: v1::Op::Tombstone.into(),
        reason: "epoch closed".to_owned(),
        captured_at_us: now_us,
        schema_id: rmd_proto::SCHEMA_ID.to_owned(),
        ..Default::default()
    };
    let revision = Revision { entity, change: Change::Tombstone, findings: Vec::new() };
    Some(Examined { header, outcome: Ok(revision) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        follow::testing::{Publisher, Receiver, lot, upsert},
        store::testing::on_each_store,
    };

    const NODE: &str = "COD/cod-mines";

    async fn left_at(connection: &mut AnyConnection, (cursor, owner_size): (i64, i64)) -> usize {
        sqlx::query("UPDATE feed_cursor SET cursor = $1, owner_size = $2")
            .bind(cursor)
            .bind(owner_size)
            .execute(&mut *connection)
            .await
            .unwrap();
        left_behind(connection, NODE).await.unwrap().len()
    }

    #[tokio::test]
    async fn no_record_is_left_behind_before_the_new_epoch_was_read_to_its_end() {
        on_each_store(async |store| {
            let mut publisher = Publisher::new(NODE, "transactions");
            let mut receiver = Receiver::take(&store, &publisher, Level::Live).await;
            receiver.land(&publisher.publish([upsert(lot(1, 0))])).await;
            let mut transaction = store.begin().await.unwrap();
            cursor::begin_epoch(&mut transaction, NODE, "transactions", 2, 1).await.unwrap();
            assert_eq!(left_at(&mut transaction, (0, 0)).await, 0);
            assert_eq!(left_at(&mut transaction, (0, 2)).await, 0);
            assert_eq!(left_at(&mut transaction, (1, 2)).await, 0);
            assert_eq!(left_at(&mut transaction, (2, 2)).await, 1);
            transaction.commit().await.unwrap();
        })
        .await;
    }
}
