//! The slot in which PostgreSQL keeps what was written for a record type.
//!
//! Owns the names of slot and publication, the one connection that reads and
//! advances slots, and the questions to the catalogue. Reading a slot takes nothing
//! from it; only what is told to be in the journal is let go. Refuses to call a
//! slot, a publication or a table that cannot be relied upon "no changes".

mod script;
mod standing;

use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

pub(crate) use script::{InstallError, install, remove};
pub(crate) use standing::{LogStanding, Reason};

use super::{Error, Options, Source};

/// First part of the names of publications and slots.
pub(crate) const PREFIX: &str = "rmd_node_";

/// Rows of a slot after which it stops, at the end of a transaction.
const CHANGES_MAX: i64 = 10_000;

/// Longest reading of a slot: the server decodes the whole of a transaction first.
const PEEK_MAX: Duration = Duration::from_mins(5);

/// One watched table whose changes are read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    /// Name of the record type.
    pub(crate) record: &'static str,
    /// The table as the mapping names it.
    pub(crate) table: String,
    /// The column whose old and new values are noted.
    pub(crate) key: String,
}

impl Logged {
    /// The column as the catalogue has it.
    pub(crate) fn column(&self) -> String {
        let quoted = self.key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        quoted.map_or_else(|| self.key.to_lowercase(), str::to_owned)
    }
}

/// The publication of a record type; each has its own, as it has its own slot.
pub(crate) fn publication(record: &str) -> String {
    format!("{PREFIX}{}", record.to_lowercase())
}

/// How far a slot has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peeked {
    /// Where the log ended when the reading began.
    pub(crate) written: u64,
    /// Up to where the slot was let go before.
    pub(crate) confirmed: u64,
    /// Whether more may follow.
    pub(crate) is_full: bool,
}

/// Reads and advances slots; connects when it has to.
pub(crate) struct SlotReader {
    source: Source,
    open: Option<PgConnection>,
}

impl std::fmt::Debug for SlotReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SlotReader").finish_non_exhaustive()
    }
}

impl SlotReader {
    /// For the account that reads.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, open: None }
    }

    /// Shows every message that waits in the slot of a record type to `sink`, up to
    /// the end of a transaction; takes nothing away. Messages are not kept.
    pub(crate) async fn peek(
        &mut self,
        record: &str,
        sink: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<Peeked, Error> {
        let mut open = self.connection().await?;
        let peeked = tokio::time::timeout(PEEK_MAX, peek(&mut open, record, sink))
            .await
            .map_err(|_| Error::slow("the slot could not be read in time"))?
            .map_err(|error| Error::query(&error))?;
        // Kept only if nothing failed in it.
        self.open = Some(open);
        Ok(peeked)
    }

    /// Lets go what the slot of a record type holds up to here; a slot that is
    /// further already stays there.
    pub(crate) async fn advance(&mut self, record: &str, to: u64) -> Result<(), Error> {
        let mut open = self.connection().await?;
        let sql = "SELECT pg_replication_slot_advance(slot_name, CAST($2 AS pg_lsn)) \
                   FROM pg_replication_slots WHERE confirmed_flush_lsn < CAST($2 AS pg_lsn) \
                   AND slot_name = CAST($1 || (SELECT oid FROM pg_database \
                   WHERE datname = current_database()) AS name)";
        let query = sqlx::query(sql).bind(slot_stem(record)).bind(lsn(to));
        let advanced = tokio::time::timeout(PEEK_MAX, open.execute(query))
            .await
            .map_err(|_| Error::slow("the slot could not be advanced in time"))?;
        advanced.map_err(|error| Error::query(&error))?;
        self.open = Some(open);
        Ok(())
    }

    async fn connection(&mut self) -> Result<PgConnection, Error> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let Options::Postgres(options) = &self.source.options else {
            return Err(Error::Address { reason: "only PostgreSQL has slots".to_owned() });
        };
        let wait = self.source.limits().wait;
        let connecting = async {
            let mut open = self.source.tls.postgres(options).await?;
            let settings = format!(
                "SET default_transaction_read_only = on; SET statement_timeout = {}",
                PEEK_MAX.as_millis()
            );
            open.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await?;
            Ok::<_, sqlx::Error>(open)
        };
        tokio::time::timeout(wait, connecting)
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::connect(&error))
    }
}

async fn peek(
    open: &mut PgConnection,
    record: &str,
    sink: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Peeked, sqlx::Error> {
    let sql = "SELECT CAST(slot_name AS text), CAST(pg_current_wal_flush_lsn() - '0/0' AS bigint), \
               CAST(confirmed_flush_lsn - '0/0' AS bigint) FROM pg_replication_slots \
               WHERE slot_name = CAST($1 || (SELECT oid FROM pg_database \
               WHERE datname = current_database()) AS name)";
    let (slot, written, confirmed): (String, i64, i64) =
        sqlx::query_as(sql).bind(slot_stem(record)).fetch_one(&mut *open).await?;
    let sql = "SELECT data FROM pg_logical_slot_peek_binary_changes(CAST($1 AS name), NULL, \
               CAST($2 AS integer), 'proto_version', '1', 'publication_names', $3)";
    let query = sqlx::query_as::<_, (Vec<u8>,)>(sql);
    let query = query.bind(slot).bind(CHANGES_MAX).bind(publication(record));
    let mut stream = query.fetch(open);
    let mut changes = 0;
    while let Some((data,)) = stream.try_next().await? {
        sink(&data);
        changes += 1;
    }
    let (written, confirmed) = (written.cast_unsigned(), confirmed.cast_unsigned());
    Ok(Peeked { written, confirmed, is_full: changes >= CHANGES_MAX })
}

/// The name of the slot of a record type, without the number of the database: names
/// of slots are those of a whole server.
fn slot_stem(record: &str) -> String {
    format!("{PREFIX}{}_", record.to_lowercase())
}

/// A place in the log as the server writes it.
fn lsn(place: u64) -> String {
    format!("{:X}/{:X}", place >> 32, place & u64::from(u32::MAX))
}
