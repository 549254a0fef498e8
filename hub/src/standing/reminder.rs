//! Reminders 90, 60 and 30 days before a status gets worse by itself.
//!
//! Owns the table `reminder` and the entries in the verdicts of the node that holds
//! the record: a state is reminded of its own sites and exporters, and of no other's.
//! Each is sent once; a later one takes its place, and it is taken back when the
//! status was renewed or has ended. The last day of a status is still inside, so 30
//! days before is the day from which 30 days lead to it. A record that is seen late
//! gets the nearest reminder alone. What was taken back, and is to come after all, is
//! said again.

mod letters;

use jiff::{Span, Timestamp, civil::Date};
use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1::{self, CertificationStatus, Op};
use rmd_standard::{Entity, effective::Effective};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

pub(super) use self::letters::Letters;
use super::badness;
use crate::{
    registry::node,
    share::{Error, decision, log},
};

/// Entity of the entries.
pub(crate) const ENTITY: &str = "StatusReminder";

/// Days before the last one on which a state is reminded, the nearest first.
const DAYS: [i64; 3] = [30, 60, 90];

/// The days on which a state is reminded of a last day.
pub(super) fn days_before(until: Date) -> impl Iterator<Item = Date> {
    DAYS.into_iter().filter_map(move |days| until.checked_sub(Span::new().days(days)).ok())
}

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
         ON CONFLICT (entity, record_key, until, days) DO UPDATE SET
             country = excluded.country,
             node_id = excluded.node_id,
             status = excluded.status,
             next_status = excluded.next_status,
             rev = excluded.rev,
             seq = excluded.seq,
             sent_on = excluded.sent_on,
             sent_at_us = excluded.sent_at_us,
             cleared_on = NULL",
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
