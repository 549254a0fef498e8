//! Bulletins: what every node is told about a site.
//!
//! A bulletin carries the decision in force and the effective status with its
//! end, so that a node alone can go on counting. The exact bytes of every
//! revision are kept; content that did not change is not published again, and
//! the day of computing alone is no change.

use jiff::{Timestamp, civil::Date};
use prost::Message as _;
use rmd_feed::{NewEntry, StoredEntry};
use rmd_proto::v1;
use rmd_standard::effective::Policy;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use super::{
    ENTITY, EPOCH, Error, FEED,
    decision::{self, Decision},
    log::signed,
    site::Site,
};

/// The last published bulletin of a site.
#[derive(Debug)]
pub(crate) struct Last {
    rev: u64,
    seq: u64,
    payload: Vec<u8>,
}

/// The bulletin of a site for a day. `decisions` are oldest first; the last one
/// is in force until another takes its place.
pub(crate) fn compute(
    site: &Site,
    decisions: &[Decision],
    day: Date,
    now: Timestamp,
    policy: &Policy,
) -> v1::SiteStatusBulletin {
    let effective = site.effective(decisions, day, now, policy);
    v1::SiteStatusBulletin {
        icglr_id: site.declared.icglr_id.clone(),
        address_country: site.declared.address_country.clone(),
        decision: decisions.last().map(Decision::message),
        effective_status: effective.status.into(),
        effective_since: effective.since.to_string(),
        effective_until: effective.until.map(|day| day.to_string()).unwrap_or_default(),
        effective_reason: effective.reason.as_str().to_owned(),
        published_on: day.to_string(),
    }
}

/// The entry for a bulletin; none if it says what the last one said.
pub(crate) fn entry(
    record_key: &str,
    bulletin: &v1::SiteStatusBulletin,
    last: Option<&Last>,
    now: Timestamp,
) -> Option<NewEntry> {
    if let Some(last) = last
        && let Ok(published) = v1::SiteStatusBulletin::decode(last.payload.as_slice())
        && (v1::SiteStatusBulletin { published_on: bulletin.published_on.clone(), ..published })
            == *bulletin
    {
        return None;
    }
    Some(NewEntry {
        entity: ENTITY.to_owned(),
        key: record_key.to_owned(),
        rev: last.map_or(1, |last| last.rev + 1),
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: now.as_microsecond(),
        captured_at_us: now.as_microsecond(),
        mapping_id: String::new(),
        previous_seq: last.map_or(0, |last| last.seq),
        payload: bulletin.encode_to_vec(),
    })
}

/// The last bulletin of a site; none if there was none.
pub(crate) async fn last(
    connection: &mut AnyConnection,
    record_key: &str,
) -> Result<Option<Last>, Error> {
    let row = sqlx::query(
        "SELECT rev, seq, payload
         FROM bulletin
         WHERE record_key = $1
         ORDER BY rev DESC
         LIMIT 1",
    )
    .bind(record_key)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let count = |column| {
            let number: i64 = row.try_get(column)?;
            u64::try_from(number).map_err(|_| Error::Inconsistent("a bulletin's count"))
        };
        Ok(Last { rev: count("rev")?, seq: count("seq")?, payload: row.try_get("payload")? })
    })
    .transpose()
}

/// Keeps the bytes of an entry that was appended with that seq.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    entry: &NewEntry,
    seq: u64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO bulletin (record_key, rev, epoch, seq, payload, published_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&entry.key)
    .bind(signed(entry.rev))
    .bind(i64::from(EPOCH))
    .bind(signed(seq))
    .bind(entry.payload.clone())
    .bind(entry.captured_at_us)
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
        "INSERT INTO bulletin (record_key, rev, epoch, seq, payload, published_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (record_key, rev) DO NOTHING",
    )
    .bind(&entry.header.key)
    .bind(signed(entry.header.rev))
    .bind(i64::from(EPOCH))
    .bind(signed(entry.seq()))
    .bind(entry.payload().unwrap_or_default().to_vec())
    .bind(entry.header.captured_at_us)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keys of the sites that a bulletin was ever published about.
pub(crate) async fn keys(connection: &mut AnyConnection) -> Result<Vec<String>, Error> {
    let rows = sqlx::query("SELECT record_key FROM bulletin WHERE rev = 1 ORDER BY record_key")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// One published bulletin and how far it came.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listed {
    pub(crate) seq: i64,
    pub(crate) rev: i64,
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

/// The last bulletins, newest first.
pub(crate) async fn list(connection: &mut AnyConnection, limit: u32) -> Result<Vec<Listed>, Error> {
    let rows = sqlx::query(
        "SELECT b.seq, b.rev, b.payload, b.published_at_us,
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
    rows.iter()
        .map(|row| {
            let payload: Vec<u8> = row.try_get("payload")?;
            let bulletin = v1::SiteStatusBulletin::decode(payload.as_slice())
                .map_err(|_| Error::Inconsistent("a bulletin cannot be read"))?;
            let decided = bulletin.decision.as_ref();
            Ok(Listed {
                seq: row.try_get("seq")?,
                rev: row.try_get("rev")?,
                effective_status: decision::word(bulletin.effective_status()),
                decided_status: decided.map(|decided| decision::word(decided.status())),
                decision: decided.map(|decided| decided.decision_id.clone()),
                icglr_id: bulletin.icglr_id,
                effective_since: bulletin.effective_since,
                effective_until: bulletin.effective_until,
                effective_reason: bulletin.effective_reason,
                published_on: bulletin.published_on,
                published_at_us: row.try_get("published_at_us")?,
                delivered: row.try_get("delivered")?,
                applied: row.try_get("applied")?,
                nodes: row.try_get("nodes")?,
            })
        })
        .collect()
}
