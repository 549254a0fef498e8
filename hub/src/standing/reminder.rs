//! Reminders 90, 60 and 30 days before a status gets worse by itself.
//!
//! Owns the table `reminder` and the entries in the verdicts of the node that holds
//! the record: a state is reminded of its own sites and exporters, and of no other's.
//! Each is sent once; a later one takes its place, and it is taken back when the
//! status was renewed or has ended. The last day of a status is still inside, so 30
//! days before is the day from which 30 days lead to it. A record that is seen late
//! gets the nearest reminder alone.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeFrom,
};

use jiff::{Timestamp, civil::Date};
use prost::Message as _;
use rmd_feed::{Log, NewEntry, StoredEntry};
use rmd_proto::v1::{self, CertificationStatus, Op};
use rmd_standard::{Entity, effective::Effective};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::badness;
use crate::{
    registry::node,
    share::{Error, OwnFeed, Publisher, decision, log, subject::Subject},
    store::{bulk, expect_rows},
};

/// Entity of the entries.
pub(crate) const ENTITY: &str = "StatusReminder";

/// Days before the last one on which a state is reminded, the nearest first.
const DAYS: [i64; 3] = [30, 60, 90];

/// A status that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lapse {
    now: CertificationStatus,
    until: Date,
    days: i64,
    next: CertificationStatus,
    reason: &'static str,
}

/// The lapse of a status that is reminded of on a day; none if there is none.
pub(super) fn lapse(
    effective: &Effective,
    day: Date,
    on: impl Fn(Date) -> Effective,
) -> Option<Lapse> {
    let until = effective.until.filter(|_| effective.status != CertificationStatus::Unspecified)?;
    let left = i64::from(day.until(until).ok()?.get_days());
    let days = DAYS.into_iter().find(|days| (0..=*days).contains(&left))?;
    let next = on(until.tomorrow().ok()?);
    let is_worse = badness(next.status) > badness(effective.status);
    is_worse.then_some(Lapse {
        now: effective.status,
        until,
        days,
        next: next.status,
        reason: next.reason.as_str(),
    })
}

/// A reminder as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub(crate) struct Reminder {
    pub(crate) entity: String,
    pub(crate) record_key: String,
    /// Last day of the status that ends.
    pub(crate) until: String,
    /// 90, 60 or 30.
    pub(crate) days: i64,
    pub(crate) country: String,
    pub(crate) node_id: String,
    pub(crate) status: String,
    pub(crate) next_status: String,
    pub(crate) rev: i64,
    /// seq in the verdicts of the node.
    pub(crate) seq: i64,
    pub(crate) sent_on: String,
    pub(crate) sent_at_us: i64,
    /// Day on which it was replaced or taken back; null while it stands.
    pub(crate) cleared_on: Option<String>,
}

/// The reminders of some records: what was sent, and what has to be.
#[derive(Debug)]
pub(super) struct Letters {
    entity: Entity,
    day: Date,
    sent: HashMap<String, Vec<Reminder>>,
    enrolled: BTreeSet<String>,
    /// By node: what is appended to its verdicts.
    out: BTreeMap<String, Vec<Letter>>,
}

#[derive(Debug)]
struct Letter {
    entry: NewEntry,
    write: Write,
}

#[derive(Debug)]
enum Write {
    /// A reminder that is new.
    New(Reminder),
    /// One that is taken back.
    Clear(Reminder),
}

impl Letters {
    /// Reads what was sent about these records.
    pub(super) async fn load(
        connection: &mut AnyConnection,
        entity: Entity,
        keys: &[&str],
        day: Date,
    ) -> Result<Self, Error> {
        let rows = bulk::select_of_entity(
            connection,
            "SELECT entity, record_key, until, days, country, node_id, status, next_status,
                    rev, seq, sent_on, sent_at_us, cleared_on
             FROM reminder",
            entity.name(),
            keys,
            " ORDER BY rev",
        )
        .await?;
        let mut sent: HashMap<String, Vec<Reminder>> = HashMap::new();
        for row in &rows {
            let one = Reminder::from_row(row)?;
            sent.entry(one.record_key.clone()).or_default().push(one);
        }
        let enrolled = node::all(connection).await?.into_iter().map(|node| node.id).collect();
        Ok(Self { entity, day, sent, enrolled, out: BTreeMap::new() })
    }

    /// Reminds of a lapse, or takes back what holds no more.
    pub(super) fn remind(&mut self, subject: &Subject, lapse: Option<Lapse>) {
        let key = subject.record_key();
        let Some(lapse) = lapse else { return self.clear(key) };
        let (until, node_id) = (lapse.until.to_string(), &subject.held().node_id);
        let sent = self.sent.get(key).map_or(&[][..], Vec::as_slice);
        let is_said = |one: &Reminder| one.until == until && one.days <= lapse.days;
        if sent.iter().any(is_said) || !self.enrolled.contains(node_id) {
            return;
        }
        let last = sent.iter().rfind(|one| one.node_id == *node_id);
        let message = v1::StatusReminder {
            entity: self.entity.name().to_owned(),
            record_key: key.to_owned(),
            status: lapse.now.into(),
            until: until.clone(),
            next_status: lapse.next.into(),
            next_reason: lapse.reason.to_owned(),
            days: u32::try_from(lapse.days).unwrap_or_default(),
            sent_on: self.day.to_string(),
        };
        let new = Reminder {
            entity: self.entity.name().to_owned(),
            record_key: key.to_owned(),
            until,
            days: lapse.days,
            country: subject.country().to_owned(),
            node_id: node_id.clone(),
            status: decision::word(lapse.now).to_owned(),
            next_status: decision::word(lapse.next).to_owned(),
            rev: last.map_or(1, |last| last.rev + 1),
            seq: last.map_or(0, |last| last.seq),
            sent_on: self.day.to_string(),
            sent_at_us: 0,
            cleared_on: None,
        };
        let entry = entry(&new, Op::Upsert, message.encode_to_vec());
        let letter = Letter { entry, write: Write::New(new) };
        self.out.entry(node_id.clone()).or_default().push(letter);
    }

    /// Takes back what stands about a record.
    pub(super) fn clear(&mut self, record_key: &str) {
        let sent = self.sent.get(record_key).map_or(&[][..], Vec::as_slice);
        let Some(last) = sent.last().filter(|last| last.cleared_on.is_none()) else { return };
        let cleared =
            Reminder { rev: last.rev + 1, cleared_on: Some(self.day.to_string()), ..last.clone() };
        let entry = entry(&cleared, Op::Tombstone, Vec::new());
        let letter = Letter { entry, write: Write::Clear(cleared) };
        self.out.entry(last.node_id.clone()).or_default().push(letter);
    }

    /// Appends everything to the verdicts of the nodes; how many reminders.
    pub(super) async fn send(
        self,
        connection: &mut AnyConnection,
        publisher: &Publisher,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let mut reminders = 0;
        for (node_id, letters) in self.out {
            let seqs = append(connection, publisher, &node_id, &letters, now).await?;
            for (seq, letter) in seqs.zip(letters) {
                let seq = log::signed(seq);
                reminders += letter.write.save(connection, seq, now.as_microsecond()).await?;
            }
        }
        Ok(reminders)
    }
}

/// Appends letters to the verdicts of a node; their seqs.
async fn append(
    connection: &mut AnyConnection,
    publisher: &Publisher,
    node_id: &str,
    letters: &[Letter],
    now: Timestamp,
) -> Result<RangeFrom<u64>, Error> {
    let (key, hub) = publisher.signer();
    let feed = OwnFeed::verdicts(node_id);
    log::create(connection, &feed).await?;
    let mut locked = log::lock(connection, &feed, &hub).await?;
    let at_us = now.as_microsecond();
    let entries = letters.iter().map(|letter| NewEntry {
        captured_at_us: at_us,
        event_time_us: at_us,
        ..letter.entry.clone()
    });
    let entries: Vec<NewEntry> = entries.collect();
    let first = locked.size() + 1;
    let mut rest = &entries[..];
    while !rest.is_empty() {
        let (fitting, later) = rest.split_at(Log::fitting(rest));
        log::append(connection, &mut locked, fitting, &key, now).await?;
        rest = later;
    }
    Ok(first..)
}

impl Write {
    /// Keeps what was appended at a seq; how many reminders it is.
    async fn save(
        self,
        connection: &mut AnyConnection,
        seq: i64,
        sent_at_us: i64,
    ) -> Result<usize, Error> {
        match self {
            Self::New(new) => {
                replace(connection, &Reminder { seq, sent_at_us, ..new }).await?;
                Ok(1)
            }
            Self::Clear(cleared) => {
                update(connection, &Reminder { seq, ..cleared }).await?;
                Ok(0)
            }
        }
    }
}

/// The entry after the last one about its record; `seq` of the row is that one's.
fn entry(row: &Reminder, op: Op, payload: Vec<u8>) -> NewEntry {
    NewEntry {
        entity: ENTITY.to_owned(),
        key: format!("lapse/{}/{}", row.entity, row.record_key),
        rev: row.rev.unsigned_abs(),
        op,
        reason: if op == Op::Tombstone { "over".to_owned() } else { String::new() },
        event_time_us: 0,
        captured_at_us: 0,
        mapping_id: String::new(),
        previous_seq: row.seq.unsigned_abs(),
        payload,
    }
}

/// Keeps a reminder in the place of those before it.
async fn replace(connection: &mut AnyConnection, sent: &Reminder) -> Result<(), Error> {
    sqlx::query(
        "UPDATE reminder SET cleared_on = $1
         WHERE entity = $2 AND record_key = $3 AND cleared_on IS NULL",
    )
    .bind(&sent.sent_on)
    .bind(&sent.entity)
    .bind(&sent.record_key)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO reminder
             (entity, record_key, until, days, country, node_id, status, next_status,
              rev, seq, sent_on, sent_at_us, cleared_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)
         ON CONFLICT (entity, record_key, until, days) DO NOTHING",
    )
    .bind(&sent.entity)
    .bind(&sent.record_key)
    .bind(&sent.until)
    .bind(sent.days)
    .bind(&sent.country)
    .bind(&sent.node_id)
    .bind(&sent.status)
    .bind(&sent.next_status)
    .bind(sent.rev)
    .bind(sent.seq)
    .bind(&sent.sent_on)
    .bind(sent.sent_at_us)
    .execute(connection)
    .await?;
    Ok(())
}

async fn update(connection: &mut AnyConnection, sent: &Reminder) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE reminder SET rev = $1, seq = $2, cleared_on = $3
         WHERE entity = $4 AND record_key = $5 AND until = $6 AND days = $7",
    )
    .bind(sent.rev)
    .bind(sent.seq)
    .bind(sent.cleared_on.clone())
    .bind(&sent.entity)
    .bind(&sent.record_key)
    .bind(&sent.until)
    .bind(sent.days)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("reminder", 1, affected)?)
}

/// Keeps what an entry said that came back after the store was restored: else it would
/// be said again.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    node_id: &str,
    entry: &StoredEntry,
) -> Result<(), Error> {
    let header = &entry.header;
    let rest = header.key.strip_prefix("lapse/").filter(|_| header.entity == ENTITY);
    let Some((entity, record_key)) = rest.and_then(|rest| rest.split_once('/')) else {
        return Ok(());
    };
    let day = rmd_standard::effective::calendar_day(
        Timestamp::from_microsecond(header.captured_at_us).unwrap_or_default(),
    );
    let said = v1::StatusReminder::decode(entry.payload().unwrap_or_default());
    let (rev, seq) = (log::signed(header.rev), log::signed(entry.seq()));
    if let (Op::Upsert, Ok(said)) = (entry.op(), said) {
        let sent = Reminder {
            entity: entity.to_owned(),
            record_key: record_key.to_owned(),
            status: decision::word(said.status()).to_owned(),
            next_status: decision::word(said.next_status()).to_owned(),
            until: said.until,
            days: i64::from(said.days),
            country: country_of(connection, node_id).await?,
            node_id: node_id.to_owned(),
            rev,
            seq,
            sent_on: said.sent_on,
            sent_at_us: header.captured_at_us,
            cleared_on: None,
        };
        return replace(connection, &sent).await;
    }
    sqlx::query(
        "UPDATE reminder SET rev = $1, seq = $2, cleared_on = $3
         WHERE entity = $4 AND record_key = $5 AND cleared_on IS NULL",
    )
    .bind(rev)
    .bind(seq)
    .bind(day.to_string())
    .bind(entity)
    .bind(record_key)
    .execute(connection)
    .await?;
    Ok(())
}

async fn country_of(connection: &mut AnyConnection, node_id: &str) -> Result<String, Error> {
    let known = node::find(connection, node_id).await?;
    let alpha2 = known.and_then(|node| rmd_standard::country::alpha2_of(&node.country));
    Ok(alpha2.unwrap_or_default().to_owned())
}

/// The reminders of one record type, those that stand or all, the last first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    entity: Entity,
    is_all: bool,
    limit: u32,
) -> Result<Vec<Reminder>, Error> {
    Ok(sqlx::query_as(
        "SELECT entity, record_key, until, days, country, node_id, status, next_status,
                rev, seq, sent_on, sent_at_us, cleared_on
         FROM reminder
         WHERE entity = $1 AND (cleared_on IS NULL OR $2 = 1)
         ORDER BY sent_at_us DESC, until, record_key
         LIMIT $3",
    )
    .bind(entity.name())
    .bind(i64::from(is_all))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?)
}
