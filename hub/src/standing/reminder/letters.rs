//! What is said of lapses to the nodes, in one turn.
//!
//! Reads what was said about some records, collects what is to be said or taken back,
//! and appends it to the verdicts of each node. A reminder that stands is not said twice.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeFrom,
};

use jiff::{Timestamp, civil::Date};
use prost::Message as _;
use rmd_feed::{Log, NewEntry};
use rmd_proto::v1::{self, Op};
use rmd_standard::Entity;
use sqlx::{AnyConnection, FromRow as _};

use super::{ENTITY, Lapse, Reminder, replace};
use crate::{
    registry::node,
    share::{Error, OwnFeed, Publisher, decision, log, subject::Subject},
    store::{bulk, expect_rows},
};

/// The reminders of some records: what was sent, and what has to be.
#[derive(Debug)]
pub(in crate::standing) struct Letters {
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
    pub(in crate::standing) async fn load(
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
    pub(in crate::standing) fn remind(&mut self, subject: &Subject, lapse: Option<Lapse>) {
        let key = subject.record_key();
        let Some(lapse) = lapse else { return self.clear(key) };
        let (until, node_id) = (lapse.until.to_string(), &subject.held().node_id);
        let sent = self.sent.get(key).map_or(&[][..], Vec::as_slice);
        let is_said = |one: &Reminder| {
            one.cleared_on.is_none() && one.until == until && one.days <= lapse.days
        };
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
    pub(in crate::standing) fn clear(&mut self, record_key: &str) {
        let sent = self.sent.get(record_key).map_or(&[][..], Vec::as_slice);
        let Some(last) = sent.last().filter(|last| last.cleared_on.is_none()) else { return };
        let cleared =
            Reminder { rev: last.rev + 1, cleared_on: Some(self.day.to_string()), ..last.clone() };
        let entry = entry(&cleared, Op::Tombstone, Vec::new());
        let letter = Letter { entry, write: Write::Clear(cleared) };
        self.out.entry(last.node_id.clone()).or_default().push(letter);
    }

    /// Appends everything to the verdicts of the nodes; how many reminders.
    pub(in crate::standing) async fn send(
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
