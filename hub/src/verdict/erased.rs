//! What the hub itself said of a record that its owner had erased.
//!
//! A verdict quotes values, so its entries lose their payload with the record's, in
//! the transaction of the frame. The feed says so afterwards, in an entry that also
//! tells the owner that its order was executed.

use std::collections::BTreeMap;

use prost::Message as _;
use rmd_feed::{Block, StoredEntry, erase, frame};
use rmd_proto::v1::{self, Op};
use sqlx::{AnyConnection, Row as _};

use super::{
    Error,
    publish::{self, ENTITY, Pen},
    queue,
};
use crate::{
    bundle::written,
    erase::{Untold, ground_of},
    share::{EPOCH, OwnFeed},
    store::{self, expect_rows},
};

/// Takes what the hub said of a record out of its feed and tables; seq and rev of the
/// entries that lost their payload.
pub(crate) async fn erase(
    connection: &mut AnyConnection,
    node_id: &str,
    entity: &str,
    record_key: &str,
) -> Result<Vec<(u64, u64)>, store::Error> {
    // Nobody judges the record meanwhile by what it was.
    queue::turn(connection).await?;
    sqlx::query("DELETE FROM parked WHERE node_id = $1 AND entity = $2 AND record_key = $3")
        .bind(node_id)
        .bind(entity)
        .bind(record_key)
        .execute(&mut *connection)
        .await?;
    let last = sqlx::query(
        "SELECT seq FROM verdict WHERE node_id = $1 AND entity = $2 AND record_key = $3",
    )
    .bind(node_id)
    .bind(entity)
    .bind(record_key)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(last) = last else { return Ok(Vec::new()) };
    let feed = OwnFeed::verdicts(node_id);
    let key = format!("{entity}/{record_key}");
    let seq = last.try_get::<i64, _>(0)?.unsigned_abs();
    let erased = erase_entries(connection, &feed, (ENTITY, &key), seq).await?;
    let affected = sqlx::query(
        "UPDATE verdict SET payload = $1
         WHERE node_id = $2 AND entity = $3 AND record_key = $4",
    )
    .bind(Vec::<u8>::new())
    .bind(node_id)
    .bind(entity)
    .bind(record_key)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("verdict", 1, affected)?;
    Ok(erased)
}

/// Takes the payloads of all entries of an entity under a key out of a feed, from the last
/// one back; seq and rev of those that lost one.
pub(crate) async fn erase_entries(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    named: (&str, &str),
    last_seq: u64,
) -> Result<Vec<(u64, u64)>, store::Error> {
    let mut erased = BTreeMap::new();
    let mut seq = last_seq;
    while seq > 0 {
        seq = erase_at(connection, feed, named, seq, &mut erased).await?;
    }
    Ok(erased.into_iter().collect())
}

/// Takes the payloads under a key out of the block that holds a seq; the seq of the
/// entry before those, 0 at the first.
async fn erase_at(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    (entity, key): (&str, &str),
    seq: u64,
    erased: &mut BTreeMap<u64, u64>,
) -> Result<u64, store::Error> {
    let wrong = || store::Error::Inconsistent {
        table: "shared_block",
        column: "body",
        id: format!("{} {seq}", feed.stored()),
    };
    // Given up by a restored hub: what nobody holds cannot be erased.
    let Some(block) = block_at(connection, feed, seq).await? else { return Ok(0) };
    let before = block.first_seq.saturating_sub(1);
    let entries = frame::build(feed.name(), EPOCH, std::slice::from_ref(&block), before)
        .and_then(|frame| frame::open(&frame))
        .map_err(|_| wrong())?;
    let is_of_key = |entry: &&StoredEntry| {
        entry.header.entity == entity && entry.header.key == key && entry.seq() <= seq
    };
    let of_key: Vec<&StoredEntry> = entries.iter().filter(is_of_key).collect();
    let Some(first) = of_key.first() else { return Err(wrong()) };
    let is_meant = |entry: &StoredEntry| {
        entry.header.entity == entity && entry.header.key == key && entry.op() != Op::Erase
    };
    let now = erase::block(feed.name(), EPOCH, &block, is_meant).map_err(|_| wrong())?;
    if let Some(now) = now {
        let affected =
            sqlx::query("UPDATE shared_block SET body = $1 WHERE feed = $2 AND first_seq = $3")
                .bind(now.now)
                .bind(feed.stored())
                .bind(i64::try_from(block.first_seq).unwrap_or(i64::MAX))
                .execute(&mut *connection)
                .await?
                .rows_affected();
        expect_rows("shared_block", 1, affected)?;
        for seq in &now.seqs {
            written::erased(connection, feed, *seq).await?;
        }
        let revisions = entries.iter().filter(|entry| now.seqs.contains(&entry.seq()));
        erased.extend(revisions.map(|entry| (entry.seq(), entry.header.rev)));
    }
    Ok(first.header.previous_seq)
}

async fn block_at(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    seq: u64,
) -> Result<Option<Block>, store::Error> {
    let row = sqlx::query(
        "SELECT first_seq, last_seq, body, checkpoint
         FROM shared_block
         WHERE feed = $1 AND epoch = $2 AND first_seq <= $3
         ORDER BY first_seq DESC
         LIMIT 1",
    )
    .bind(feed.stored())
    .bind(i64::from(EPOCH))
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let block = Block {
        first_seq: row.try_get::<i64, _>(0)?.unsigned_abs(),
        last_seq: row.try_get::<i64, _>(1)?.unsigned_abs(),
        body: row.try_get(2)?,
        checkpoint: row.try_get(3)?,
        hash_first: 0,
        hashes: Vec::new(),
    };
    Ok(Some(block).filter(|block| block.last_seq >= seq))
}

/// Tells the owner of an order that it was executed; the seq of the entry.
pub(super) async fn append(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    untold: &Untold,
) -> Result<u64, Error> {
    let wrong = |column| store::Error::Inconsistent {
        table: "erasure",
        column,
        id: format!("{} {} {}", untold.node_id, untold.feed, untold.seq),
    };
    let verdicts: Vec<(u64, u64)> =
        serde_json::from_str(&untold.verdicts).map_err(|_| wrong("verdicts"))?;
    let erased = verdicts.into_iter().map(|(seq, rev)| v1::ErasedEntry {
        epoch: EPOCH,
        seq,
        rev,
        seal: Vec::new(),
    });
    let message = v1::Erasure {
        ground: ground_of(&untold.ground),
        document_sha256: hex::decode(&untold.document_sha256)
            .map_err(|_| wrong("document_sha256"))?,
        erased: erased.collect(),
        executed: Some(v1::ErasureExecution {
            feed: untold.feed.clone(),
            epoch: u32::try_from(untold.epoch).map_err(|_| wrong("epoch"))?,
            seq: untold.seq.unsigned_abs(),
            executed_at_us: untold.executed_at_us,
        }),
    };
    let reason = format!("erased:{}", untold.ground);
    let record = (untold.entity.as_str(), untold.record_key.as_str());
    let said = (reason, message.encode_to_vec());
    publish::append_order(connection, pen, &untold.node_id, record, said).await
}
