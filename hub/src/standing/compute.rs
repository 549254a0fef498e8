//! Computes statuses and tells what changed.
//!
//! Owns the table `standing`. What is seen for the first time is noted and told to
//! nobody: a first load is no change. From then on each change of the effective status
//! is a bulletin, whoever or whatever changed it; a site or an exporter that was ever
//! told of gets one for every other change of what its bulletin says, too. Nothing is
//! told of a record that its state declared void or withdrew; what was told of it is
//! kept, so that it does not come back as another.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use rmd_standard::{Entity, effective::Effective};
use sqlx::{AnyConnection, FromRow};

use super::{
    keeper::Told,
    news::{Heard, News},
    reminder::{self, Letters},
    revision,
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

/// After every day on which something is due.
const NEVER: &str = "9999-12-31";

/// A status as it was computed last.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct Row {
    record_key: String,
    status: String,
    since: String,
    until: Option<String>,
    reason: String,
    course: String,
    revisions: i64,
    next_on: String,
}

impl Row {
    fn of(record_key: &str, effective: &Effective, heard: &Heard, next_on: String) -> Self {
        Self {
            record_key: record_key.to_owned(),
            status: decision::word(effective.status).to_owned(),
            since: effective.since.to_string(),
            until: effective.until.map(|until| until.to_string()),
            reason: effective.reason.as_str().to_owned(),
            course: heard.text(),
            revisions: i64::try_from(heard.revisions).unwrap_or(i64::MAX),
            next_on,
        }
    }

    fn heard(&self) -> Heard {
        Heard::read(&self.course, &self.status, usize::try_from(self.revisions).unwrap_or(0))
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
    let mut last = bulletin::last(connection, &keys).await?;
    let before = rows(connection, entity, &keys).await?;
    let mut letters = Letters::load(connection, entity, &keys, day).await?;
    let (_, now) = publisher.now();
    let computed = keys.len();
    let mut entries = Vec::new();
    for key in keys {
        let was = before.get(key);
        let Some(subject) = subjects.get(key) else {
            if let Some(was) = was {
                put_by(connection, entity, was, day).await?;
            }
            letters.clear(key);
            continue;
        };
        let own = decisions.get(key).map_or(&[][..], Vec::as_slice);
        let news = News::of(subject, own, was.map(Row::heard), day, publisher.policy());
        let next_on = next_on(&news, day);
        let row = Row::of(key, &news.present, &news.heard, next_on);
        note(connection, entity, &row, was, day).await?;
        for effective in news.to_tell(last.contains_key(key)) {
            let bulletin = Bulletin::compute(subject, own, effective, day);
            if let Some(entry) = bulletin.entry(key, last.get(key), now) {
                last.insert(key.to_owned(), bulletin::Last::of(&entry));
                entries.push(entry);
            }
        }
        let on = |day| news.course.on(day, Timestamp::MAX, publisher.policy());
        letters.remind(subject, reminder::lapse(&news.present, day, on));
    }
    let bulletins = entries.len();
    if !entries.is_empty() {
        publisher.publish(connection, entries).await?;
    }
    let reminders = letters.send(connection, publisher, now).await?;
    Ok(Told { bulletins, reminders, computed })
}

/// The first day on which the clock alone may change what is to be told: a status that
/// ends, a reminder before that, or something that begins.
fn next_on(news: &News, day: Date) -> String {
    let until = news.present.until;
    let ends = until.and_then(|until| until.tomorrow().ok());
    let reminders = until.into_iter().flat_map(reminder::days_before);
    let begins = news.course.event_after(day);
    let next = reminders.chain(ends).chain(begins).filter(|next| *next > day).min();
    next.map_or_else(|| NEVER.to_owned(), |next| next.to_string())
}

async fn rows(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Row>, Error> {
    let head = "SELECT record_key, status, since, until, reason, course, revisions, next_on
                FROM standing";
    let rows = bulk::select_of_entity(connection, head, entity.name(), keys, "").await?;
    rows.iter()
        .map(|row| {
            let row = Row::from_row(row)?;
            Ok((row.record_key.clone(), row))
        })
        .collect()
}

/// Notes a status, if something of it is another than before.
async fn note(
    connection: &mut AnyConnection,
    entity: Entity,
    now: &Row,
    was: Option<&Row>,
    day: Date,
) -> Result<(), Error> {
    if was == Some(now) {
        return Ok(());
    }
    let affected = sqlx::query(
        "INSERT INTO standing (entity, record_key, status, since, until, reason, computed_on,
             course, revisions, next_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (entity, record_key) DO UPDATE SET
             status = excluded.status,
             since = excluded.since,
             until = excluded.until,
             reason = excluded.reason,
             computed_on = excluded.computed_on,
             course = excluded.course,
             revisions = excluded.revisions,
             next_on = excluded.next_on",
    )
    .bind(entity.name())
    .bind(&now.record_key)
    .bind(&now.status)
    .bind(&now.since)
    .bind(now.until.clone())
    .bind(&now.reason)
    .bind(day.to_string())
    .bind(&now.course)
    .bind(now.revisions)
    .bind(&now.next_on)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("standing", 1, affected)?)
}

/// Keeps what was told of a record that is released no more, and lets nothing be due of
/// it. Where its state had everything erased, it is forgotten.
async fn put_by(
    connection: &mut AnyConnection,
    entity: Entity,
    was: &Row,
    day: Date,
) -> Result<(), Error> {
    let key = was.record_key.as_str();
    let known = revision::of_keys(connection, entity, &[key]).await?;
    if known.values().flatten().any(|one| !one.declared.is_empty()) {
        let put_by = Row { next_on: NEVER.to_owned(), ..was.clone() };
        return note(connection, entity, &put_by, Some(was), day).await;
    }
    let affected = sqlx::query("DELETE FROM standing WHERE entity = $1 AND record_key = $2")
        .bind(entity.name())
        .bind(key)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(expect_rows("standing", 1, affected)?)
}
