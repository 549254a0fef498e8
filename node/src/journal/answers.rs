//! What this state answers to cases.
//!
//! Owns the table `case_reply` and the feed `answers`, which flows whatever is entitled:
//! nothing of a record is in it but what somebody at the ministry writes. An answer is
//! an entry of its own, never replaced. Invariant: a row of the table is an entry of the
//! feed, put back and given up with it.

use rmd_feed::{NewEntry, StoredEntry};
use rmd_proto::v1::{self, Op};
use sqlx::SqliteConnection;

use super::{
    Error, Journal,
    feeds::{ANSWERS, OpenFeed, number},
};

/// Entity of an answer.
pub(crate) const REPLY: &str = "CaseReply";

/// Answers to a case at most; the hub keeps to the same.
pub(crate) const TO_ONE_CASE_MAX: i64 = 100;

/// An answer that was appended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Answered {
    /// Number of the case.
    pub(crate) case_id: String,
    /// Key of the entry.
    pub(crate) reply_key: String,
    /// Its seq in the feed `answers`.
    pub(crate) seq: u64,
}

impl Journal {
    /// Appends an answer; `encode` writes it down once its instant is known.
    pub(crate) async fn answer(
        &self,
        case_id: &str,
        encode: impl FnOnce(i64) -> Vec<u8>,
    ) -> Result<Answered, Error> {
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        let mut feed =
            OpenFeed::open(&mut transaction, self.store(), self.owner(), ANSWERS).await?;
        let (seq, at_us) = (feed.size() + 1, feed.captured_at_us);
        let number = next_number(&mut transaction, case_id).await?;
        if number > TO_ONE_CASE_MAX {
            let case_id = case_id.to_owned();
            return Err(Error::AnsweredOften { case_id, max: TO_ONE_CASE_MAX });
        }
        let reply_key = format!("{case_id}/{number}");
        let payload = encode(at_us);
        let entry = NewEntry {
            entity: REPLY.to_owned(),
            key: reply_key.clone(),
            rev: 1,
            op: Op::Upsert,
            reason: String::new(),
            event_time_us: at_us,
            captured_at_us: at_us,
            mapping_id: String::new(),
            previous_seq: 0,
            payload: payload.clone(),
        };
        feed.append(&mut transaction, self.owner(), &[entry]).await?;
        let place = (feed.epoch(), seq);
        save(&mut transaction, place, (case_id, &reply_key), &payload, at_us).await?;
        transaction.commit().await?;
        feed.keep(self.store());
        self.announce();
        Ok(Answered { case_id: case_id.to_owned(), reply_key, seq })
    }
}

/// The number of the next answer to a case, from 1.
async fn next_number(connection: &mut SqliteConnection, case_id: &str) -> Result<i64, Error> {
    let last: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(CAST(substr(reply_key, length(case_id) + 2) AS INTEGER)), 0)
         FROM case_reply
         WHERE case_id = ?1",
    )
    .bind(case_id)
    .fetch_one(connection)
    .await?;
    Ok(last + 1)
}

async fn save(
    connection: &mut SqliteConnection,
    (epoch, seq): (u32, u64),
    (case_id, reply_key): (&str, &str),
    payload: &[u8],
    at_us: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO case_reply (epoch, seq, case_id, reply_key, reply, replied_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (epoch, seq) DO UPDATE SET
             case_id = excluded.case_id,
             reply_key = excluded.reply_key,
             reply = excluded.reply,
             replied_at_us = excluded.replied_at_us",
    )
    .bind(epoch)
    .bind(number(seq)?)
    .bind(case_id)
    .bind(reply_key)
    .bind(payload)
    .bind(at_us)
    .execute(connection)
    .await?;
    Error::expect_rows("case_reply", written.rows_affected(), 1)
}

/// Puts answers back that came back with their feed; entries of other feeds are none.
pub(super) async fn put_back(
    connection: &mut SqliteConnection,
    entries: &[StoredEntry],
) -> Result<(), Error> {
    for entry in entries {
        let header = &entry.header;
        let case_id = header.key.rsplit_once('/').map(|(case_id, _)| case_id);
        let is_answer = header.entity == REPLY && entry.op() == Op::Upsert;
        let Some(case_id) = case_id.filter(|_| is_answer) else { continue };
        let place = (header.epoch, entry.seq());
        let payload = entry.payload().unwrap_or_default();
        save(connection, place, (case_id, &header.key), payload, header.captured_at_us).await?;
    }
    Ok(())
}

/// Gives up the answers in a tail that is given up.
pub(super) async fn discard(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    common_size: u64,
) -> Result<(), Error> {
    if feed == ANSWERS {
        sqlx::query("DELETE FROM case_reply WHERE epoch = ?1 AND seq > ?2")
            .bind(epoch)
            .bind(number(common_size)?)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// The answers to a case, oldest first, each with its key; of one that was erased the
/// instant alone.
pub(crate) async fn of_case(
    store: &super::Store,
    case_id: &str,
) -> Result<Vec<(String, v1::CaseReply)>, Error> {
    use prost::Message as _;
    let rows: Vec<(String, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT reply_key, reply, replied_at_us
         FROM case_reply
         WHERE case_id = ?1
         ORDER BY replied_at_us, epoch, seq",
    )
    .bind(case_id)
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|(key, reply, replied_at_us)| {
            if reply.is_empty() {
                return Ok((key, v1::CaseReply { replied_at_us, ..v1::CaseReply::default() }));
            }
            let read = v1::CaseReply::decode(reply.as_slice());
            Ok((key, read.map_err(|_| Error::inconsistent("case_reply", "reply", 0))?))
        })
        .collect()
}
