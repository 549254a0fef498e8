//! Answers of states, taken up.

use jiff::civil::Date;
use rmd_standard::country::alpha2_of;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    Error, State,
    file::{self, Event},
};
use crate::{
    regional::Owner,
    store::{self, expect_rows},
};

/// Answers in one step.
const ANSWERS_MAX: i64 = 64;

/// An answer as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    /// The node that sent it.
    pub(crate) node_id: String,
    /// Its key, case / number.
    pub(crate) reply_key: String,
    /// Its seq in the feed of answers.
    pub(crate) seq: i64,
    /// Who answers.
    pub(crate) replied_by: String,
    /// The answer; empty if it was erased.
    pub(crate) text: String,
    /// Documents that stay at the ministry: name, SHA-256, bytes.
    pub(crate) attachments: serde_json::Value,
    /// When it was written, UTC microseconds.
    pub(crate) replied_at_us: i64,
    /// When it came, UTC microseconds.
    pub(crate) received_at_us: i64,
}

#[derive(FromRow)]
struct Row {
    node_id: String,
    epoch: i64,
    seq: i64,
    reply_key: String,
    case_id: String,
    replied_by: String,
    text: String,
    attachments: String,
    replied_at_us: i64,
    received_at_us: i64,
}

/// Whether an answer was not taken up.
pub(super) async fn is_any_waiting(connection: &mut AnyConnection) -> Result<bool, Error> {
    let row = sqlx::query("SELECT node_id FROM case_reply WHERE noted = 0 LIMIT 1");
    Ok(row.fetch_optional(connection).await?.is_some())
}

/// Takes up some answers: the case is answered, and its state is told that the hub has
/// it. One about no case of the node's state is kept and moves nothing.
pub(super) async fn note(
    connection: &mut AnyConnection,
    (now_us, today): (i64, Date),
) -> Result<(), Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, epoch, seq, reply_key, case_id, replied_by, text, attachments,
                replied_at_us, received_at_us
         FROM case_reply
         WHERE noted = 0
         ORDER BY received_at_us, node_id, epoch, seq
         LIMIT $1",
    )
    .bind(ANSWERS_MAX)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let found = file::find(connection, &row.case_id).await?;
        let country = row.node_id.split('/').next().and_then(alpha2_of);
        let found = found.filter(|file| Some(file.country.as_str()) == country);
        let noted = if let Some(mut file) = found {
            if file.state.is_asked() {
                file.state = State::Answered;
            }
            file.is_due = file.sent_at_us.is_some() && file.state != State::Open;
            file.changed_at_us = now_us;
            // By the hub's own day: what the node says of its clock decides nothing.
            let action = if file.is_past(today) { "answered late" } else { "answered" };
            let event = Event {
                at_us: now_us,
                actor: row.node_id.clone(),
                action: action.to_owned(),
                reason: row.reply_key.clone(),
                ..Event::default()
            };
            file::save(connection, &file, &[event]).await?;
            1
        } else {
            tracing::warn!(
                node.id = row.node_id,
                answer = row.reply_key,
                "answer to no case of the state"
            );
            2
        };
        let affected = sqlx::query(
            "UPDATE case_reply SET noted = $1 WHERE node_id = $2 AND epoch = $3 AND seq = $4",
        )
        .bind(noted)
        .bind(&row.node_id)
        .bind(row.epoch)
        .bind(row.seq)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        expect_rows("case_reply", 1, affected)?;
    }
    Ok(())
}

/// Has answers taken up again that came before their case.
pub(super) async fn look_again(connection: &mut AnyConnection, case_id: &str) -> Result<(), Error> {
    sqlx::query("UPDATE case_reply SET noted = 0 WHERE case_id = $1 AND noted = 2")
        .bind(case_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// The answers of a case's state, oldest first.
pub(super) async fn of_case(
    connection: &mut AnyConnection,
    case_id: &str,
) -> Result<Vec<Answer>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, epoch, seq, reply_key, case_id, replied_by, text, attachments,
                replied_at_us, received_at_us
         FROM case_reply
         WHERE case_id = $1 AND noted < 2
         ORDER BY received_at_us, node_id, epoch, seq",
    )
    .bind(case_id)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let attachments = serde_json::from_str(&row.attachments).map_err(|_| {
                let (table, column) = ("case_reply", "attachments");
                Error::Inconsistent { table, column, id: row.reply_key.clone() }
            })?;
            Ok(Answer {
                node_id: row.node_id,
                reply_key: row.reply_key,
                seq: row.seq,
                replied_by: row.replied_by,
                text: row.text,
                attachments,
                replied_at_us: row.replied_at_us,
                received_at_us: row.received_at_us,
            })
        })
        .collect()
}

/// Keys of the last answers of a case, oldest first.
pub(super) async fn keys(
    connection: &mut AnyConnection,
    case_id: &str,
    limit: usize,
) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(
        "SELECT reply_key
         FROM case_reply
         WHERE case_id = $1 AND noted = 1
         ORDER BY received_at_us DESC, node_id DESC, epoch DESC, seq DESC
         LIMIT $2",
    )
    .bind(case_id)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    let keys = rows.iter().rev().map(|row| row.try_get(0));
    Ok(keys.collect::<Result<_, sqlx::Error>>()?)
}

/// Key of every answer in one epoch of a node's feed with its last seq, for who compares
/// them with the ledger.
pub(crate) async fn kept(
    connection: &mut AnyConnection,
    owner: &Owner,
) -> Result<Vec<(String, u64)>, store::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT reply_key, MAX(seq) FROM case_reply
         WHERE node_id = $1 AND epoch = $2
         GROUP BY reply_key
         ORDER BY reply_key",
    )
    .bind(&owner.node_id)
    .bind(i64::from(owner.epoch))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(key, seq)| (key, seq.unsigned_abs())).collect())
}
