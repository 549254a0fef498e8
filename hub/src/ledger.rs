//! The ledger: every frame as it came.
//!
//! Owns the table of frames, one row each. A frame is written once, in the
//! transaction that moves the cursor over it, and never changed; a record is
//! brought back from here where its typed row has to be built again.

#[cfg(test)]
mod tests;
pub(crate) mod verify;

use prost::Message as _;
use rmd_proto::v1;
use sqlx::{AnyConnection, FromRow};

use crate::{
    regional::Owner,
    store::{Error, expect_rows},
};

const TABLE: &str = "ledger";

/// A frame of more entries is one of a load.
const LOAD_MIN: i64 = 512;

/// A load of which no frame came for so long, in microseconds, is over.
/// One of a load takes a second, and more on a machine that has other work.
const LOAD_REST_US: i64 = 5_000_000;

/// A stored frame.
#[derive(Debug)]
pub(crate) struct Stored {
    /// seq of its first entry, as its row says.
    pub(crate) first_seq: u64,
    /// seq of its last entry, as its row says.
    pub(crate) last_seq: u64,
    /// The bytes.
    pub(crate) frame: Vec<u8>,
}

#[derive(FromRow)]
struct Row {
    first_seq: i64,
    last_seq: i64,
    frame: Vec<u8>,
}

impl TryFrom<Row> for Stored {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let wrong =
            |column| Error::Inconsistent { table: TABLE, column, id: row.first_seq.to_string() };
        Ok(Self {
            first_seq: u64::try_from(row.first_seq).map_err(|_| wrong("first_seq"))?,
            last_seq: u64::try_from(row.last_seq).map_err(|_| wrong("last_seq"))?,
            frame: row.frame,
        })
    }
}

/// Writes a verified frame.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    owner: &Owner,
    frame: &v1::Frame,
    received_at_us: i64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO ledger (node_id, feed, epoch, first_seq, last_seq, frame, received_at_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(signed(frame.first_seq))
    .bind(signed(frame.last_seq))
    .bind(frame.encode_to_vec())
    .bind(received_at_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

/// The first frame that begins after a seq; none at the end.
pub(crate) async fn next_after(
    connection: &mut AnyConnection,
    owner: &Owner,
    after_seq: u64,
) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT first_seq, last_seq, frame \
         FROM ledger \
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND first_seq > $4 \
         ORDER BY first_seq \
         LIMIT 1",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(signed(after_seq))
    .fetch_optional(connection)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// The frame that holds a seq.
pub(crate) async fn holding(
    connection: &mut AnyConnection,
    owner: &Owner,
    seq: u64,
) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT first_seq, last_seq, frame \
         FROM ledger \
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND first_seq <= $4 \
         ORDER BY first_seq DESC \
         LIMIT 1",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(signed(seq))
    .fetch_optional(connection)
    .await?;
    let stored = row.map(Stored::try_from).transpose()?;
    Ok(stored.filter(|stored| stored.last_seq >= seq))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether a feed is being loaded: its last frame has many entries and came just now.
/// What is judged meanwhile takes its time from the load, and is judged again after it.
pub(crate) async fn is_loading(
    connection: &mut AnyConnection,
    (node_id, feed): (&str, &str),
    epoch: i64,
    now_us: i64,
) -> Result<bool, Error> {
    let last: Option<(i64, i64)> = sqlx::query_as(
        "SELECT last_seq - first_seq, received_at_us
         FROM ledger
         WHERE node_id = $1 AND feed = $2 AND epoch = $3
         ORDER BY first_seq DESC
         LIMIT 1",
    )
    .bind(node_id)
    .bind(feed)
    .bind(epoch)
    .fetch_optional(connection)
    .await?;
    // A frame from later than now says nothing: the clock was put back.
    let rest_us = 0..LOAD_REST_US;
    Ok(last.is_some_and(|(more, at_us)| more >= LOAD_MIN && rest_us.contains(&(now_us - at_us))))
}
