//! Computes statuses and finds what changed since they were computed last.
//!
//! Owns the table `standing`. What is seen for the first time is noted and told to
//! nobody: a first load is no change. From then on each change of the effective status
//! is a bulletin, whoever or whatever changed it; a site or an exporter that was ever
//! told of gets one for every other change of what its bulletin says, too. Nothing is
//! told of a record that its state declared void or withdrew.

use std::collections::HashMap;

use jiff::civil::Date;
use rmd_proto::v1::CertificationStatus;
use rmd_standard::{Entity, effective::Effective};
use sqlx::{AnyConnection, FromRow};

use super::{
    keeper::Told,
    reminder::{self, Letters},
};
use crate::{
    share::{
        Error, Publisher,
        bulletin::{self, Bulletin},
        decision,
        subject::Subject,
    },
    store::{bulk, expect_rows},
};

/// A status as it was computed last.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct Row {
    record_key: String,
    status: String,
    since: String,
    until: Option<String>,
    reason: String,
}

impl Row {
    fn of(record_key: &str, effective: &Effective) -> Self {
        Self {
            record_key: record_key.to_owned(),
            status: decision::word(effective.status).to_owned(),
            since: effective.since.to_string(),
            until: effective.until.map(|until| until.to_string()),
            reason: effective.reason.as_str().to_owned(),
        }
    }
}

/// Computes the statuses of these records for a day and tells what changed. The caller
/// holds the turn.
pub(super) async fn tell(
    connection: &mut AnyConnection,
    publisher: &Publisher,
    day: Date,
    entity: Entity,
    keys: &[String],
) -> Result<Told, Error> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut subjects: HashMap<String, Subject> = HashMap::new();
    for subject in Subject::of_keys(connection, entity, &keys).await? {
        if !subject.is_void() {
            subjects.insert(subject.record_key().to_owned(), subject);
        }
    }
    let decisions = decision::of_sites(connection, &keys).await?;
    let last = bulletin::last(connection, &keys).await?;
    let before = rows(connection, entity, &keys).await?;
    let mut letters = Letters::load(connection, entity, &keys, day).await?;
    let (_, now) = publisher.now();
    let mut entries = Vec::new();
    for key in keys {
        let was = before.get(key);
        let Some(subject) = subjects.get(key) else {
            if was.is_some() {
                forget(connection, entity, key).await?;
            }
            letters.clear(key);
            continue;
        };
        let own = decisions.get(key).map_or(&[][..], Vec::as_slice);
        let on = |day| subject.effective(own, day, now, publisher.policy());
        let effective = on(day);
        let is_changed = note(connection, entity, &Row::of(key, &effective), was, day).await?;
        let is_told = is_changed || last.contains_key(key);
        // A node takes no bulletin without a status.
        if is_told && effective.status != CertificationStatus::Unspecified {
            let bulletin = Bulletin::compute(subject, own, &effective, day);
            entries.extend(bulletin.entry(key, last.get(key), now));
        }
        letters.remind(subject, reminder::lapse(&effective, day, on));
    }
    if !entries.is_empty() {
        publisher.publish(connection, &entries).await?;
    }
    let reminders = letters.send(connection, publisher, now).await?;
    Ok(Told { bulletins: entries.len(), reminders })
}

async fn rows(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Row>, Error> {
    let head = "SELECT record_key, status, since, until, reason FROM standing";
    let rows = bulk::select_of_entity(connection, head, entity.name(), keys, "").await?;
    rows.iter()
        .map(|row| {
            let row = Row::from_row(row)?;
            Ok((row.record_key.clone(), row))
        })
        .collect()
}

/// Notes a status; whether it is another one than before.
async fn note(
    connection: &mut AnyConnection,
    entity: Entity,
    now: &Row,
    was: Option<&Row>,
    day: Date,
) -> Result<bool, Error> {
    if was == Some(now) {
        return Ok(false);
    }
    let affected = sqlx::query(
        "INSERT INTO standing (entity, record_key, status, since, until, reason, computed_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (entity, record_key) DO UPDATE SET
             status = excluded.status,
             since = excluded.since,
             until = excluded.until,
             reason = excluded.reason,
             computed_on = excluded.computed_on",
    )
    .bind(entity.name())
    .bind(&now.record_key)
    .bind(&now.status)
    .bind(&now.since)
    .bind(now.until.clone())
    .bind(&now.reason)
    .bind(day.to_string())
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("standing", 1, affected)?;
    Ok(was.is_some_and(|was| was.status != now.status))
}

/// Forgets the status of a record that is released no more.
async fn forget(
    connection: &mut AnyConnection,
    entity: Entity,
    record_key: &str,
) -> Result<(), Error> {
    let affected = sqlx::query("DELETE FROM standing WHERE entity = $1 AND record_key = $2")
        .bind(entity.name())
        .bind(record_key)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(expect_rows("standing", 1, affected)?)
}
