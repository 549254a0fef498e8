//! Carries out orders in the transaction of their frame.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_feed::{StoredEntry, erase};
use rmd_proto::v1;
use sqlx::{AnyConnection, Row as _};

use super::{Order, ground_word};
use crate::{
    cases, reconcile,
    regional::{self, Owner},
    standing::revision,
    store::{Error, expect_rows},
    verdict,
};

/// Carries out the orders of one feed; their frame is in the ledger already.
pub(crate) async fn execute(
    connection: &mut AnyConnection,
    owner: &Owner,
    orders: &[Order],
    now_us: i64,
) -> Result<(), Error> {
    for order in orders {
        let mut payloads = 0;
        for epoch in order.message.erased.iter().map(|erased| erased.epoch).collect::<BTreeSet<_>>()
        {
            payloads += clear_ledger(connection, owner, order, epoch).await?;
        }
        clear_quarantine(connection, owner, order).await?;
        for erased in &order.message.erased {
            let of = (owner.node_id.as_str(), erased.epoch, erased.seq);
            revision::erase(connection, (&order.entity, &order.record_key), of).await?;
        }
        let (node_id, entity, key) = (&owner.node_id, &order.entity, &order.record_key);
        let verdicts = verdict::erase(connection, node_id, entity, key).await?;
        let ground = ground_word(order.message.ground);
        cases::erase(connection, node_id, (entity, key), &ground).await?;
        reconcile::erase(connection, entity, key).await?;
        keep(connection, owner, order, (payloads, &verdicts), now_us).await?;
        tracing::info!(
            node.id = %owner.node_id,
            feed = %owner.feed,
            seq = order.seq,
            payloads,
            verdicts = verdicts.len(),
            "order to erase executed"
        );
    }
    Ok(())
}

/// Takes the named payloads out of the frames that hold them; how many there were.
async fn clear_ledger(
    connection: &mut AnyConnection,
    owner: &Owner,
    order: &Order,
    epoch: u32,
) -> Result<i64, Error> {
    let of_epoch = order.message.erased.iter().filter(|erased| erased.epoch == epoch);
    let seqs: BTreeSet<u64> = of_epoch.map(|erased| erased.seq).collect();
    let is_meant = |entry: &StoredEntry| {
        let header = &entry.header;
        // Of another record it may say nothing.
        seqs.contains(&entry.seq())
            && header.entity == order.entity
            && header.key == order.record_key
    };
    let mut payloads = 0;
    for seq in &seqs {
        for (first_seq, bytes) in frames_with(connection, owner, epoch, *seq).await? {
            let wrong = || Error::Inconsistent {
                table: "ledger",
                column: "frame",
                id: format!("{} {} {first_seq}", owner.node_id, owner.feed),
            };
            let frame = v1::Frame::decode(bytes.as_slice()).map_err(|_| wrong())?;
            let erased = erase::in_frame(&frame, is_meant).map_err(|_| wrong())?;
            let Some(erased) = erased else { continue };
            let affected = sqlx::query(
                "UPDATE ledger SET frame = $1
                 WHERE node_id = $2 AND feed = $3 AND epoch = $4 AND first_seq = $5",
            )
            .bind(erased.now.encode_to_vec())
            .bind(&owner.node_id)
            .bind(&owner.feed)
            .bind(i64::from(epoch))
            .bind(first_seq)
            .execute(&mut *connection)
            .await?
            .rows_affected();
            expect_rows("ledger", 1, affected)?;
            payloads += i64::try_from(erased.seqs.len()).unwrap_or(i64::MAX);
        }
    }
    Ok(payloads)
}

/// The frames that hold a seq: one, or more where two senders cut them otherwise.
async fn frames_with(
    connection: &mut AnyConnection,
    owner: &Owner,
    epoch: u32,
    seq: u64,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let rows = sqlx::query(
        "SELECT first_seq, frame
         FROM ledger
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND first_seq <= $4 AND last_seq >= $4",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(epoch))
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Takes the findings, which quote values, from what was refused of the record.
async fn clear_quarantine(
    connection: &mut AnyConnection,
    owner: &Owner,
    order: &Order,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE quarantine SET findings = '[]'
         WHERE node_id = $1 AND feed = $2 AND entity = $3 AND record_key = $4
           AND (epoch < $5 OR (epoch = $5 AND seq < $6))",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(&order.entity)
    .bind(regional::storable_text(&order.record_key))
    .bind(i64::from(owner.epoch))
    .bind(i64::try_from(order.seq).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

async fn keep(
    connection: &mut AnyConnection,
    owner: &Owner,
    order: &Order,
    (payloads, verdicts): (i64, &[(u64, u64)]),
    now_us: i64,
) -> Result<(), Error> {
    let named = order.message.erased.iter().map(|erased| (erased.epoch, erased.seq));
    let entries = serde_json::json!(named.collect::<Vec<_>>()).to_string();
    let affected = sqlx::query(
        "INSERT INTO erasure (
             node_id, feed, epoch, seq, record_key, entity, ground, document_sha256, entries,
             payloads, verdicts, executed_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (node_id, feed, epoch, seq, record_key) DO UPDATE SET
             executed_at_us = excluded.executed_at_us,
             scrubbed_at_us = NULL",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(i64::try_from(order.seq).unwrap_or(i64::MAX))
    .bind(&order.record_key)
    .bind(&order.entity)
    .bind(ground_word(order.message.ground))
    .bind(hex::encode(&order.message.document_sha256))
    .bind(entries)
    .bind(payloads)
    .bind(serde_json::json!(verdicts).to_string())
    .bind(now_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("erasure", 1, affected)
}
