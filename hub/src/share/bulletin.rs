//! Bulletins: what every node is told about a site or an exporter.
//!
//! A bulletin carries the decision in force and the effective status with its
//! end, so that a node alone can go on counting. The exact bytes of every
//! revision are kept; content that did not change is not published again, and
//! the day of computing alone is no change.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use prost::{DecodeError, Message as _};
use rmd_feed::{NewEntry, StoredEntry};
use rmd_proto::v1;
use rmd_standard::effective::Effective;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    ENTITY, EPOCH, EXPORTER, Error, FEED,
    decision::{self, Decision},
    log::signed,
    subject::Subject,
};
use crate::store::bulk;

/// The last published bulletin about a record.
#[derive(Debug)]
pub(crate) struct Last {
    rev: u64,
    seq: u64,
    payload: Vec<u8>,
}

impl Last {
    /// The last one, once this is appended; behind others of its record that are
    /// appended with it, its seq is not known yet.
    pub(crate) fn of(entry: &NewEntry) -> Self {
        Self { rev: entry.rev, seq: 0, payload: entry.payload.clone() }
    }
}

/// What is told of a site or an exporter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bulletin {
    Site(Box<v1::SiteStatusBulletin>),
    Exporter(Box<v1::ExporterStatusBulletin>),
}

impl Bulletin {
    /// The bulletin about a record for a day. `decisions` are oldest first; the last
    /// one that was taken by then is in force until another takes its place.
    pub(crate) fn compute(
        subject: &Subject,
        decisions: &[Decision],
        effective: &Effective,
        day: Date,
    ) -> Self {
        let decision = decisions.iter().rfind(|one| one.decided_on <= day);
        let decision = decision.map(Decision::message);
        let effective_status = effective.status.into();
        let effective_since = effective.since.to_string();
        let effective_until = effective.until.map(|day| day.to_string()).unwrap_or_default();
        let effective_reason = effective.reason.as_str().to_owned();
        let published_on = day.to_string();
        match subject {
            Subject::Site(site) => Self::Site(Box::new(v1::SiteStatusBulletin {
                icglr_id: site.declared.icglr_id.clone(),
                address_country: site.declared.address_country.clone(),
                decision,
                effective_status,
                effective_since,
                effective_until,
                effective_reason,
                published_on,
            })),
            Subject::Exporter(exporter) => Self::Exporter(Box::new(v1::ExporterStatusBulletin {
                country: exporter.declared.country.clone(),
                exporter_identifier: exporter.identifier().to_owned(),
                decision,
                effective_status,
                effective_since,
                effective_until,
                effective_reason,
                published_on,
            })),
        }
    }

    fn read(entity: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        if entity == EXPORTER {
            return Ok(Self::Exporter(Box::new(v1::ExporterStatusBulletin::decode(payload)?)));
        }
        Ok(Self::Site(Box::new(v1::SiteStatusBulletin::decode(payload)?)))
    }

    pub(super) const fn entity(&self) -> &'static str {
        match self {
            Self::Site(_) => ENTITY,
            Self::Exporter(_) => EXPORTER,
        }
    }

    fn payload(&self) -> Vec<u8> {
        match self {
            Self::Site(bulletin) => bulletin.encode_to_vec(),
            Self::Exporter(bulletin) => bulletin.encode_to_vec(),
        }
    }

    pub(super) const fn decision(&self) -> Option<&v1::Decision> {
        match self {
            Self::Site(bulletin) => bulletin.decision.as_ref(),
            Self::Exporter(bulletin) => bulletin.decision.as_ref(),
        }
    }

    /// The same without the day for which it was computed, which alone is no news.
    fn undated(mut self) -> Self {
        match &mut self {
            Self::Site(bulletin) => bulletin.published_on.clear(),
            Self::Exporter(bulletin) => bulletin.published_on.clear(),
        }
        self
    }

    /// The entry for it; none if it says what the last one said.
    pub(crate) fn entry(
        &self,
        record_key: &str,
        last: Option<&Last>,
        now: Timestamp,
    ) -> Option<NewEntry> {
        if let Some(last) = last
            && let Ok(published) = Self::read(self.entity(), &last.payload)
            && published.undated() == self.clone().undated()
        {
            return None;
        }
        Some(NewEntry {
            entity: self.entity().to_owned(),
            key: record_key.to_owned(),
            rev: last.map_or(1, |last| last.rev + 1),
            op: v1::Op::Upsert,
            reason: String::new(),
            event_time_us: now.as_microsecond(),
            captured_at_us: now.as_microsecond(),
            mapping_id: String::new(),
            previous_seq: last.map_or(0, |last| last.seq),
            payload: self.payload(),
        })
    }
}

/// The bulletin that an entry of the hub's own feed carries; none if it is another.
pub(super) fn of_entry(entry: &StoredEntry) -> Result<Option<Bulletin>, Error> {
    let entity = entry.header.entity.as_str();
    if entity != ENTITY && entity != EXPORTER {
        return Ok(None);
    }
    Bulletin::read(entity, entry.payload().unwrap_or_default())
        .map(Some)
        .map_err(|_| Error::Inconsistent("a bulletin cannot be read"))
}

/// The last bulletins about these records, by key.
pub(crate) async fn last(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<HashMap<String, Last>, Error> {
    let rows = bulk::select_of_keys(
        connection,
        "SELECT record_key, rev, seq, payload FROM bulletin",
        keys,
        " AND rev = (SELECT MAX(b.rev) FROM bulletin b WHERE b.record_key = bulletin.record_key)",
    )
    .await?;
    let mut last = HashMap::new();
    for row in &rows {
        let count = |column| {
            let number: i64 = row.try_get(column)?;
            u64::try_from(number).map_err(|_| Error::Inconsistent("a bulletin's count"))
        };
        let (rev, seq, payload) = (count("rev")?, count("seq")?, row.try_get("payload")?);
        last.insert(row.try_get("record_key")?, Last { rev, seq, payload });
    }
    Ok(last)
}

/// Keeps the bytes of an entry that was appended with that seq.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    entry: &NewEntry,
    seq: u64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO bulletin (record_key, rev, epoch, seq, payload, published_at_us, entity)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&entry.key)
    .bind(signed(entry.rev))
    .bind(i64::from(EPOCH))
    .bind(signed(seq))
    .bind(entry.payload.clone())
    .bind(entry.captured_at_us)
    .bind(&entry.entity)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the bytes of an entry that came back after the store was restored.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    entry: &StoredEntry,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO bulletin (record_key, rev, epoch, seq, payload, published_at_us, entity)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (record_key, rev) DO NOTHING",
    )
    .bind(&entry.header.key)
    .bind(signed(entry.header.rev))
    .bind(i64::from(EPOCH))
    .bind(signed(entry.seq()))
    .bind(entry.payload().unwrap_or_default().to_vec())
    .bind(entry.header.captured_at_us)
    .bind(&entry.header.entity)
    .execute(connection)
    .await?;
    Ok(())
}

/// One published bulletin and how far it came.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listed {
    pub(crate) seq: i64,
    pub(crate) rev: i64,
    /// `SiteStatusBulletin` or `ExporterStatusBulletin`.
    pub(crate) entity: String,
    /// Key of the site or the exporter.
    pub(crate) record_key: String,
    /// Of a site, as issued; empty for an exporter.
    pub(crate) icglr_id: String,
    pub(crate) decision: Option<String>,
    pub(crate) decided_status: Option<&'static str>,
    pub(crate) effective_status: &'static str,
    pub(crate) effective_since: String,
    pub(crate) effective_until: String,
    pub(crate) effective_reason: String,
    pub(crate) published_on: String,
    pub(crate) published_at_us: i64,
    /// Nodes that it was given to.
    pub(crate) delivered: i64,
    /// Nodes that applied it.
    pub(crate) applied: i64,
    /// Enrolled nodes.
    pub(crate) nodes: i64,
}

impl Listed {
    /// The id of a site as issued, the key of an exporter.
    pub(crate) fn name(&self) -> &str {
        if self.icglr_id.is_empty() { &self.record_key } else { &self.icglr_id }
    }
}

/// The last bulletins, newest first.
pub(crate) async fn list(connection: &mut AnyConnection, limit: u32) -> Result<Vec<Listed>, Error> {
    let rows = sqlx::query(
        "SELECT b.seq, b.rev, b.entity, b.record_key, b.payload, b.published_at_us,
                (SELECT COUNT(*) FROM node) AS nodes,
                (SELECT COUNT(*) FROM delivery d
                 WHERE d.feed = $1 AND d.epoch = b.epoch AND d.delivered_seq >= b.seq) AS delivered,
                (SELECT COUNT(*) FROM delivery d
                 WHERE d.feed = $1 AND d.epoch = b.epoch AND d.cursor >= b.seq) AS applied
         FROM bulletin b
         ORDER BY b.epoch DESC, b.seq DESC
         LIMIT $2",
    )
    .bind(FEED)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &AnyRow) -> Result<Listed, Error> {
    let (entity, payload): (String, Vec<u8>) = (row.try_get("entity")?, row.try_get("payload")?);
    let bulletin = Bulletin::read(&entity, &payload)
        .map_err(|_| Error::Inconsistent("a bulletin cannot be read"))?;
    let decided = bulletin.decision().cloned();
    let decided = decided.as_ref();
    // One message's fields under the names of the other.
    let site = match bulletin {
        Bulletin::Site(site) => *site,
        Bulletin::Exporter(exporter) => v1::SiteStatusBulletin {
            effective_status: exporter.effective_status,
            effective_since: exporter.effective_since,
            effective_until: exporter.effective_until,
            effective_reason: exporter.effective_reason,
            published_on: exporter.published_on,
            ..v1::SiteStatusBulletin::default()
        },
    };
    Ok(Listed {
        seq: row.try_get("seq")?,
        rev: row.try_get("rev")?,
        record_key: row.try_get("record_key")?,
        effective_status: decision::word(site.effective_status()),
        decided_status: decided.map(|decided| decision::word(decided.status())),
        decision: decided.map(|decided| decided.decision_id.clone()),
        icglr_id: site.icglr_id,
        effective_since: site.effective_since,
        effective_until: site.effective_until,
        effective_reason: site.effective_reason,
        published_on: site.published_on,
        published_at_us: row.try_get("published_at_us")?,
        delivered: row.try_get("delivered")?,
        applied: row.try_get("applied")?,
        nodes: row.try_get("nodes")?,
        entity,
    })
}
