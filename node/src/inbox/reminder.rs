//! Reminders as rows that the ministry can read: own statuses that end soon.
//!
//! Owns the table `status_reminder`. A later entry about a record replaces the earlier
//! one; a tombstone takes it away. Refuses to guess: one with a code outside its list
//! is not applied.

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1;
use rmd_standard::code;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::journal::{Error, Store};

/// Entity of a reminder.
pub(super) const ENTITY: &str = "StatusReminder";

/// What stands before type and key of the record in the key of an entry.
const PREFIX: &str = "lapse/";

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reminder {
    /// A status ends soon; with the words of its codes.
    Stands(Box<v1::StatusReminder>, [&'static str; 2]),
    /// It does not any more.
    Over {
        /// Type of the record.
        entity: String,
        /// Its key.
        record_key: String,
    },
}

impl Reminder {
    /// Reads an entry; the error says what this version cannot read.
    pub(super) fn read(entry: &StoredEntry) -> Result<Self, String> {
        let key = entry.header.key.as_str();
        let named = key.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/'));
        let (entity, record_key) = named.ok_or_else(|| format!("{key} names no record"))?;
        if entry.op() != v1::Op::Upsert {
            let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
            return Ok(Self::Over { entity, record_key });
        }
        let told = v1::StatusReminder::decode(entry.payload().unwrap_or_default())
            .map_err(|error| error.to_string())?;
        if (told.entity.as_str(), told.record_key.as_str()) != (entity, record_key) {
            return Err(format!("the reminder under {key} is about another record"));
        }
        let words = [word(told.status)?, word(told.next_status)?];
        Ok(Self::Stands(Box::new(told), words))
    }

    /// Writes it into the table.
    pub(super) async fn save(
        &self,
        connection: &mut SqliteConnection,
        entry: &StoredEntry,
        now_us: i64,
    ) -> Result<(), Error> {
        let (told, words) = match self {
            Self::Stands(told, words) => (told, words),
            Self::Over { entity, record_key } => {
                // It may be of a record of which nothing was ever said.
                sqlx::query("DELETE FROM status_reminder WHERE entity = ?1 AND record_key = ?2")
                    .bind(entity)
                    .bind(record_key)
                    .execute(connection)
                    .await?;
                return Ok(());
            }
        };
        let written = sqlx::query(
            "INSERT OR REPLACE INTO status_reminder (
                 entity, record_key, status, until, next, next_reason, days, sent_on,
                 seq, received_at_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .bind(&told.entity)
        .bind(&told.record_key)
        .bind(words[0])
        .bind(&told.until)
        .bind(words[1])
        .bind(&told.next_reason)
        .bind(told.days)
        .bind(&told.sent_on)
        .bind(entry.seq().cast_signed())
        .bind(now_us)
        .execute(connection)
        .await?;
        Error::expect_rows("status_reminder", written.rows_affected(), 1)
    }
}

fn word(number: i32) -> Result<&'static str, String> {
    code::list("certification_status")
        .and_then(|list| list.word_of(number))
        .ok_or_else(|| format!("{number} is no certification status of this version"))
}

/// A reminder that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Standing {
    /// Type of the record.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) record_key: String,
    /// The status that ends.
    pub(crate) status: String,
    /// Its last ISO day.
    pub(crate) until: String,
    /// What follows by itself.
    pub(crate) next: String,
    /// Why.
    pub(crate) next_reason: String,
    /// How many days before it was reminded: 90, 60 or 30.
    pub(crate) days: i64,
    /// ISO day of the reminder.
    pub(crate) sent_on: String,
    /// seq in the feed of verdicts.
    pub(crate) seq: i64,
    /// When it was applied here, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// The reminders that stand, the nearest end first.
pub(crate) async fn list(store: &Store, limit: u32) -> Result<Vec<Standing>, Error> {
    Ok(sqlx::query_as(
        "SELECT entity,
                record_key,
                status,
                until,
                next,
                next_reason,
                days,
                sent_on,
                seq,
                received_at_us
         FROM status_reminder
         ORDER BY until, entity, record_key
         LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}

#[cfg(test)]
mod tests {
    use rmd_feed::{Log, NewEntry, Origin, frame};
    use rmd_proto::v1::{CertificationStatus, Op};

    use super::*;
    use crate::{
        inbox::{report, verdict},
        journal::testing::TestJournal,
        serve::testing::{HUB, TestServer, entry},
    };

    fn reminded(record_key: &str, days: u32, status: CertificationStatus) -> NewEntry {
        let told = v1::StatusReminder {
            entity: "MineSite".to_owned(),
            record_key: record_key.to_owned(),
            status: status.into(),
            until: "2018-06-30".to_owned(),
            next_status: CertificationStatus::Blue.into(),
            next_reason: "lapse".to_owned(),
            days,
            sent_on: "2018-04-01".to_owned(),
        };
        let key = format!("lapse/MineSite/{record_key}");
        entry(ENTITY, &key, Op::Upsert, told.encode_to_vec())
    }

    #[tokio::test]
    async fn a_reminder_is_a_row_until_a_nearer_one_or_its_end() {
        let server = TestServer::start(TestJournal::new().await).await;
        let store = server.test.journal.store();
        let origin = Origin::new(HUB, "verdicts/COD/cod-mines", 1);
        let mut log = Log::new("verdicts", 1, origin);
        let mut frame = |entries: &[NewEntry]| {
            let after = log.size();
            let block = log.append(entries, &server.hub_key).unwrap();
            frame::build("verdicts", 1, &[block], after).unwrap()
        };
        let green = CertificationStatus::Green;
        let other = reminded("other", 90, CertificationStatus::Unspecified);
        let first = frame(&[reminded("CD-1", 90, green), other]);
        assert_eq!(server.inbox.take(&first).await.unwrap(), 2);
        assert_eq!(server.inbox.take(&first).await.unwrap(), 2, "a repeat changes nothing");
        let listed = list(store, 10).await.unwrap();
        assert_eq!(listed.len(), 1, "a status of a later version is no row");
        assert_eq!((listed[0].status.as_str(), listed[0].next.as_str()), ("green", "blue"));
        assert_eq!(report::feeds(store).await.unwrap()[0].unread, 1);
        let nearer = NewEntry { rev: 2, previous_seq: 1, ..reminded("CD-1", 60, green) };
        server.inbox.take(&frame(&[nearer])).await.unwrap();
        let listed = list(store, 10).await.unwrap();
        assert_eq!((listed.len(), listed[0].days, listed[0].seq), (1, 60, 3));
        // It is no verdict, and no verdict takes it away.
        assert_eq!(verdict::counts(store).await.unwrap().records, 0);
        let over = entry(ENTITY, "lapse/MineSite/CD-1", Op::Tombstone, Vec::new());
        let over = NewEntry { rev: 3, previous_seq: 3, ..over };
        server.inbox.take(&frame(&[over])).await.unwrap();
        assert_eq!(list(store, 10).await.unwrap(), []);
        server.shutdown().await;
    }
}
