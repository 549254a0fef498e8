//! Answers of states, as they land.
//!
//! Owns the writing of `case_reply`. A frame of answers is applied in its transaction
//! and only keeps what was said; the task takes it up behind the intake. So an answer
//! that comes before its case, at a hub that was restored, waits for it. What is no answer
//! ([`said`]) goes to quarantine, as everything does.

mod said;

use rmd_feed::StoredEntry;
use rmd_proto::v1;
use rmd_standard::Context;
use serde_json::json;
use sqlx::AnyConnection;

use self::said::{Said, Unread};
use crate::{
    erase::{self, Order},
    quarantine::Refused,
    regional::{self, Owner},
    store::{Error, expect_rows},
};

/// Keeps what the entries of a frame of answers say; those that cannot be read, with why.
pub(crate) async fn take(
    connection: &mut AnyConnection,
    owner: &Owner,
    context: &Context,
    entries: Vec<StoredEntry>,
    received_at_us: i64,
) -> Result<Vec<Refused>, Error> {
    let mut refused = Vec::new();
    for entry in entries {
        match said::read(&entry) {
            Ok(Said::Answer(reply)) => {
                keep(connection, owner, &entry, &reply, received_at_us).await?;
            }
            Ok(Said::Erased(order)) => {
                erase::execute(connection, owner, std::slice::from_ref(&order), received_at_us)
                    .await?;
                forget(connection, owner, &order).await?;
            }
            Err(Unread::Answer(finding)) => {
                refused.push(Refused { header: entry.header, findings: vec![*finding] });
            }
            Err(Unread::Other) => {
                let regional::Examined { header, outcome } =
                    regional::examine(entry, owner, context);
                let findings = outcome.err().unwrap_or_default();
                refused.push(Refused { header, findings });
            }
        }
    }
    Ok(refused)
}

async fn keep(
    connection: &mut AnyConnection,
    owner: &Owner,
    entry: &StoredEntry,
    reply: &v1::CaseReply,
    received_at_us: i64,
) -> Result<(), Error> {
    let attachments: Vec<_> = reply
        .attachment
        .iter()
        .map(|one| {
            let sha256 = hex::encode(&one.sha256);
            json!({"name": one.name, "sha256": sha256, "bytes": one.bytes})
        })
        .collect();
    let affected = sqlx::query(
        "INSERT INTO case_reply
             (node_id, epoch, seq, reply_key, case_id, replied_by, text, attachments,
              replied_at_us, received_at_us, noted)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
         ON CONFLICT (node_id, epoch, seq) DO UPDATE SET
             reply_key = excluded.reply_key,
             case_id = excluded.case_id,
             replied_by = excluded.replied_by,
             text = excluded.text,
             attachments = excluded.attachments,
             replied_at_us = excluded.replied_at_us,
             noted = 0",
    )
    .bind(&owner.node_id)
    .bind(i64::from(owner.epoch))
    .bind(i64::try_from(entry.seq()).unwrap_or(i64::MAX))
    .bind(&entry.header.key)
    .bind(&reply.case_id)
    .bind(&reply.replied_by)
    .bind(&reply.text)
    .bind(json!(attachments).to_string())
    .bind(reply.replied_at_us)
    .bind(received_at_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("case_reply", 1, affected)
}

/// Takes the words from the answers that an order names.
async fn forget(connection: &mut AnyConnection, owner: &Owner, order: &Order) -> Result<(), Error> {
    for erased in &order.message.erased {
        sqlx::query(
            "UPDATE case_reply SET replied_by = '', text = '', attachments = '[]'
             WHERE node_id = $1 AND epoch = $2 AND seq = $3 AND reply_key = $4",
        )
        .bind(&owner.node_id)
        .bind(i64::from(erased.epoch))
        .bind(i64::try_from(erased.seq).unwrap_or(i64::MAX))
        .bind(&order.record_key)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
