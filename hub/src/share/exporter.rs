//! Exporters as statuses see them: what each revision of the record declared.
//!
//! Reads the regional tables and never writes them. Names and addresses are not read
//! at all. An exporter that its state withdrew, or that is in shadow, is in no typed
//! table and so does not exist here.

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1;
use rmd_standard::{
    Entity,
    effective::{Effective, ExporterHistory, Policy, effective_exporter},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Error,
    decision::Decision,
    nearest::nearest,
    site::{Held, status, text},
};
use crate::{
    standing::revision::{self, Revision, Told},
    store::{self, bulk},
};

/// One released exporter.
#[derive(Debug, Clone)]
pub(crate) struct Exporter {
    /// Country / identifier.
    pub(crate) record_key: String,
    /// What the clock reads of the record, with country and identifier.
    pub(crate) declared: v1::ExporterStatus,
    /// What every revision declared, and when the hub received it; the shown one last.
    pub(crate) revisions: Vec<Told<v1::ExporterStatus>>,
    /// The node that holds the record, and epoch and seq of the shown revision.
    pub(crate) held: Held,
    /// Declared void by its state.
    pub(crate) is_void: bool,
    known_at: Timestamp,
}

impl Exporter {
    /// Its identifier in its state.
    pub(crate) fn identifier(&self) -> &str {
        self.declared.exporter.as_ref().map_or("", |party| party.identifier.as_str())
    }

    /// The status that counts on a day, out of every revision and the decisions.
    pub(crate) fn effective(
        &self,
        decisions: &[Decision],
        day: Date,
        known_at: Timestamp,
        policy: &Policy,
    ) -> Effective {
        effective_exporter(&history(&self.revisions, decisions), day, known_at, policy)
    }
}

/// Revisions and decisions as the clock of the standard takes them.
pub(crate) fn history(
    revisions: &[Told<v1::ExporterStatus>],
    decisions: &[Decision],
) -> ExporterHistory {
    let history = revisions.iter().fold(ExporterHistory::default(), |history, one| {
        history.with_revision_said(&one.says, one.known_at, one.said_at)
    });
    let events = decisions.iter().map(Decision::event);
    events.fold(history, ExporterHistory::with_decision)
}

/// Exporters by their keys, which stand behind it.
const OF_KEYS: &str = "SELECT record_key, country, exporter_identifier, void,
            certification_status, certification_status_since,
            license_expiring_date, suspended_since, last_audit_date,
            received_at_us, node_id, epoch, seq
     FROM (
         SELECT e.record_key AS record_key, e.country AS country, e.exporter_identifier, e.void,
             e.certification_status, e.certification_status_since,
             e.license_expiring_date, e.suspended_since, e.last_audit_date,
             r.received_at_us, r.node_id, r.epoch, r.seq
         FROM exporter_status e
         JOIN record r ON r.entity = 'ExporterStatus' AND r.record_key = e.record_key) AS listed";

/// The exporter behind a key as somebody wrote it, as `CD/CD-EXP-1`.
pub(crate) async fn find(connection: &mut AnyConnection, key: &str) -> Result<Exporter, Error> {
    match of_keys(connection, &[key.trim()]).await?.pop() {
        Some(exporter) => Ok(exporter),
        None => Err(unknown(connection, key).await?),
    }
}

/// That no state released an exporter of that key, with those that look alike.
pub(crate) async fn unknown(connection: &mut AnyConnection, key: &str) -> Result<Error, Error> {
    let rows = sqlx::query("SELECT record_key FROM exporter_status").fetch_all(connection).await?;
    let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let key = key.trim().to_owned();
    let nearest = nearest(&key, keys);
    Ok(Error::ExporterUnknown { key, nearest })
}

/// The exporters with these record keys, those that a state released.
pub(crate) async fn of_keys(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<Vec<Exporter>, Error> {
    let rows = bulk::select_of_keys(connection, OF_KEYS, keys, "").await?;
    let mut known = revision::of_keys(connection, Entity::ExporterStatus, keys).await?;
    let mut exporters = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut one = exporter(row)?;
        let known = known.remove(&one.record_key).unwrap_or_default();
        for revision in &known {
            one.revisions.push(revision.told(Revision::exporter)?);
        }
        if !known.iter().any(|revision| one.held.is(revision)) {
            let void = v1::ExporterStatus::default();
            let says = if one.is_void { void } else { one.declared.clone() };
            let (known_at, said_at) = (one.known_at, one.known_at);
            one.revisions.push(Told { known_at, said_at, says });
        }
        exporters.push(one);
    }
    Ok(exporters)
}

fn exporter(row: &AnyRow) -> Result<Exporter, Error> {
    let record_key: String = row.try_get("record_key")?;
    let inconsistent = |column| store::Error::Inconsistent {
        table: "exporter_status",
        column,
        id: record_key.clone(),
    };
    let party = v1::BusinessEntity {
        identifier: text(row, "exporter_identifier")?,
        ..v1::BusinessEntity::default()
    };
    let is_void: i64 = row.try_get("void")?;
    Ok(Exporter {
        declared: v1::ExporterStatus {
            country: text(row, "country")?,
            exporter: Some(party),
            certification_status: status(row, "certification_status")?.into(),
            certification_status_since: text(row, "certification_status_since")?,
            license_expiring_date: text(row, "license_expiring_date")?,
            suspended_since: text(row, "suspended_since")?,
            last_audit_date: text(row, "last_audit_date")?,
            ..v1::ExporterStatus::default()
        },
        revisions: Vec::new(),
        held: Held::read(row)?,
        is_void: is_void != 0,
        known_at: Timestamp::from_microsecond(row.try_get("received_at_us")?)
            .map_err(|_| inconsistent("received_at_us"))?,
        record_key,
    })
}
