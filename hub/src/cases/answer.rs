//! Answers of states, as they land.
//!
//! Owns the writing of `case_reply`. A frame of answers is applied in its transaction
//! and only keeps what was said; the task takes it up behind the intake. So an answer
//! that comes before its case, at a hub that was restored, waits for it. What cannot be
//! read goes to quarantine, as everything does.

use prost::Message as _;
use rmd_feed::{Body, StoredEntry};
use rmd_proto::v1::{self, Op};
use rmd_standard::Context;
use serde_json::json;
use sqlx::AnyConnection;

use super::REPLY;
use crate::{
    erase::{self, Order},
    quarantine::Refused,
    regional::{self, Owner, storable_text},
    store::{Error, expect_rows},
};

/// Characters of an answer, and of who gives it; the node keeps to less.
const TEXT_CHARS_MAX: usize = 4_000;
const BY_CHARS_MAX: usize = 200;

/// Documents of an answer.
const ATTACHMENTS_MAX: usize = 32;

/// Bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

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
        match read(&entry) {
            Some(Said::Answer(reply)) => {
                keep(connection, owner, &entry, &reply, received_at_us).await?;
            }
            Some(Said::Erased(order)) => {
                erase::execute(connection, owner, std::slice::from_ref(&order), received_at_us)
                    .await?;
                forget(connection, owner, &order).await?;
            }
            None => {
                let regional::Examined { header, outcome } =
                    regional::examine(entry, owner, context);
                let findings = outcome.err().unwrap_or_default();
                refused.push(Refused { header, findings });
            }
        }
    }
    Ok(refused)
}

enum Said {
    Answer(v1::CaseReply),
    Erased(Order),
}

/// What an entry says; none if this version cannot tell.
fn read(entry: &StoredEntry) -> Option<Said> {
    let header = &entry.header;
    if header.entity != REPLY {
        return None;
    }
    let (case_id, _) = header.key.rsplit_once('/')?;
    match (entry.op(), &entry.body) {
        (Op::Erase, _) => {
            let message = rmd_feed::erase::read(entry).ok()?;
            let (entity, record_key) = (header.entity.clone(), header.key.clone());
            Some(Said::Erased(Order { entity, record_key, seq: header.seq, message }))
        }
        // Erased before it came: that something was said stays.
        (Op::Upsert, Body::Erased) => {
            let case_id = case_id.to_owned();
            let replied_at_us = header.captured_at_us;
            Some(Said::Answer(v1::CaseReply { case_id, replied_at_us, ..v1::CaseReply::default() }))
        }
        (Op::Upsert, Body::Released { payload, .. }) => {
            let reply = v1::CaseReply::decode(payload.as_slice()).ok()?;
            (reply.case_id == case_id && is_in_bounds(&reply)).then_some(Said::Answer(reply))
        }
        _ => None,
    }
}

fn is_in_bounds(reply: &v1::CaseReply) -> bool {
    let is_document = |one: &v1::CaseAttachment| {
        one.sha256.len() == DIGEST_BYTES && one.name.chars().count() <= BY_CHARS_MAX
    };
    reply.text.chars().count() <= TEXT_CHARS_MAX
        && reply.replied_by.chars().count() <= BY_CHARS_MAX
        && reply.attachment.len() <= ATTACHMENTS_MAX
        && reply.attachment.iter().all(is_document)
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
            let (name, sha256) = (storable_text(&one.name), hex::encode(&one.sha256));
            json!({"name": name, "sha256": sha256, "bytes": one.bytes})
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
    .bind(storable_text(&entry.header.key))
    .bind(storable_text(&reply.case_id))
    .bind(storable_text(&reply.replied_by))
    .bind(storable_text(&reply.text))
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
        .bind(storable_text(&order.record_key))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
