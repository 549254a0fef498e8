//! What each revision of a site or an exporter says of its status, kept for good.
//!
//! Owns the table `status_revision`. Of a record only the fields that the clock of
//! the standard reads are kept, in the record's own message: no names, no places. A
//! revision that withdraws a record, or declares it void, says nothing any more.
//! Invariant: the rows follow from the entries of the ledger alone, in any order.

use std::collections::HashMap;

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1::{self, Op};
use rmd_standard::{Entity, Record};
use sqlx::{AnyConnection, FromRow};

use super::ENTITIES;
use crate::{
    regional::{Owner, op_word},
    store::{Error, bulk},
};

/// One revision as it is known.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Revision {
    pub(crate) record_key: String,
    pub(crate) node_id: String,
    pub(crate) epoch: i64,
    pub(crate) seq: i64,
    pub(crate) rev: i64,
    /// upsert, tombstone or annul.
    pub(crate) op: String,
    pub(crate) known_at_us: i64,
    /// When the node took it from its source, at the latest when it became known.
    pub(crate) said_at_us: i64,
    /// The message with the fields of the status alone; empty if nothing is declared.
    pub(crate) declared: Vec<u8>,
}

/// What one revision says, and since when that is known.
#[derive(Debug, Clone)]
pub(crate) struct Told<M> {
    pub(crate) known_at: Timestamp,
    pub(crate) said_at: Timestamp,
    pub(crate) says: M,
}

impl Revision {
    /// When the hub received it.
    pub(crate) fn known_at(&self) -> Result<Timestamp, Error> {
        Timestamp::from_microsecond(self.known_at_us).map_err(|_| self.wrong("known_at_us"))
    }

    /// What it says, read from its message.
    pub(crate) fn told<M>(
        &self,
        read: impl Fn(&Self) -> Result<M, Error>,
    ) -> Result<Told<M>, Error> {
        let said_at = Timestamp::from_microsecond(self.said_at_us);
        let said_at = said_at.map_err(|_| self.wrong("said_at_us"))?;
        Ok(Told { known_at: self.known_at()?, said_at, says: read(self)? })
    }

    /// What it says of a site.
    pub(crate) fn site(&self) -> Result<v1::MineSite, Error> {
        v1::MineSite::decode(self.declared.as_slice()).map_err(|_| self.wrong("declared"))
    }

    /// What it says of an exporter.
    pub(crate) fn exporter(&self) -> Result<v1::ExporterStatus, Error> {
        v1::ExporterStatus::decode(self.declared.as_slice()).map_err(|_| self.wrong("declared"))
    }

    fn wrong(&self, column: &'static str) -> Error {
        let id = format!("{} {} {}", self.record_key, self.epoch, self.seq);
        Error::Inconsistent { table: "status_revision", column, id }
    }
}

/// The revision that an entry is; none if it is of a record without a status.
pub(super) fn of_entry(entry: &StoredEntry, owner: &Owner, known_at_us: i64) -> Option<Revision> {
    let header = &entry.header;
    let entity = ENTITIES.into_iter().find(|entity| entity.name() == header.entity)?;
    // Erased, it says nothing; so does what withdraws a record or has it erased.
    let payload = entry.payload().filter(|_| entry.op() == Op::Upsert);
    let op = match entry.op() {
        Op::Upsert if payload.is_some() => Op::Upsert,
        Op::Annul => Op::Annul,
        _ => Op::Tombstone,
    };
    Some(Revision {
        record_key: header.key.clone(),
        node_id: owner.node_id.clone(),
        epoch: i64::from(owner.epoch),
        seq: i64::try_from(header.seq).unwrap_or(i64::MAX),
        rev: i64::try_from(header.rev).unwrap_or(i64::MAX),
        op: op_word(op).to_owned(),
        known_at_us,
        said_at_us: header.captured_at_us.min(known_at_us),
        declared: payload.and_then(|payload| declared(entity, payload)).unwrap_or_default(),
    })
}

/// The bytes of a record with the fields of its status alone.
fn declared(entity: Entity, payload: &[u8]) -> Option<Vec<u8>> {
    match Record::decode(entity, payload).ok()? {
        Record::MineSite(site) => Some(of_site(*site).encode_to_vec()),
        Record::ExporterStatus(status) => Some(of_exporter(*status).encode_to_vec()),
        _ => None,
    }
}

fn of_site(site: v1::MineSite) -> v1::MineSite {
    let inspection = site.inspection.into_iter().map(|one| v1::Inspection {
        inspection_id: one.inspection_id,
        inspection_date: one.inspection_date,
        inspection_result: one.inspection_result,
        corrective_due_date: one.corrective_due_date,
        ..v1::Inspection::default()
    });
    let status_change = site.status_change.into_iter().map(|one| v1::StatusChange {
        date_of_change: one.date_of_change,
        new_status: one.new_status,
        ..v1::StatusChange::default()
    });
    v1::MineSite {
        icglr_id: site.icglr_id,
        address_country: site.address_country,
        certification_status: site.certification_status,
        certification_status_since: site.certification_status_since,
        inspection: inspection.collect(),
        status_change: status_change.collect(),
        ..v1::MineSite::default()
    }
}

fn of_exporter(status: v1::ExporterStatus) -> v1::ExporterStatus {
    let identifier = status.exporter.map(|party| party.identifier).unwrap_or_default();
    v1::ExporterStatus {
        exporter: Some(v1::BusinessEntity { identifier, ..v1::BusinessEntity::default() }),
        license_id: String::new(),
        withheld: Vec::new(),
        ..status
    }
}

/// Keeps a revision; one that is kept already stays as it is.
pub(super) async fn keep(
    connection: &mut AnyConnection,
    entity: &str,
    known: &Revision,
) -> Result<bool, Error> {
    let written = sqlx::query(
        "INSERT INTO status_revision
             (entity, record_key, node_id, epoch, seq, rev, op, known_at_us, said_at_us, declared)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (entity, record_key, node_id, epoch, seq) DO NOTHING",
    )
    .bind(entity)
    .bind(&known.record_key)
    .bind(&known.node_id)
    .bind(known.epoch)
    .bind(known.seq)
    .bind(known.rev)
    .bind(&known.op)
    .bind(known.known_at_us)
    .bind(known.said_at_us)
    .bind(known.declared.clone())
    .execute(connection)
    .await?;
    Ok(written.rows_affected() > 0)
}

/// What is known of these records, oldest knowledge first.
pub(crate) async fn of_keys(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Vec<Revision>>, Error> {
    let rows = bulk::select_of_entity(
        connection,
        "SELECT record_key, node_id, epoch, seq, rev, op, known_at_us, said_at_us, declared
         FROM status_revision",
        entity.name(),
        keys,
        " ORDER BY known_at_us, epoch, seq, node_id",
    )
    .await?;
    let mut known: HashMap<String, Vec<Revision>> = HashMap::new();
    for row in &rows {
        let revision = Revision::from_row(row)?;
        known.entry(revision.record_key.clone()).or_default().push(revision);
    }
    Ok(known)
}

/// Takes what a revision said from it, since its owner had it erased.
pub(crate) async fn erase(
    connection: &mut AnyConnection,
    (entity, record_key): (&str, &str),
    (node_id, epoch, seq): (&str, u32, u64),
) -> Result<(), Error> {
    // None if it is of a record without a status, or not read yet.
    sqlx::query(
        "UPDATE status_revision SET declared = $1, op = CASE WHEN op = 'annul' THEN op ELSE 'tombstone' END
         WHERE entity = $2 AND record_key = $3 AND node_id = $4 AND epoch = $5 AND seq = $6",
    )
    .bind(Vec::<u8>::new())
    .bind(entity)
    .bind(record_key)
    .bind(node_id)
    .bind(i64::from(epoch))
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets every revision, to read them again; how many there were.
pub(super) async fn clear(connection: &mut AnyConnection) -> Result<u64, Error> {
    Ok(sqlx::query("DELETE FROM status_revision").execute(connection).await?.rows_affected())
}

/// A digest of the whole table, so that two readings can be compared.
pub(super) async fn digest(connection: &mut AnyConnection) -> Result<(u64, [u8; 32]), Error> {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    let mut count = 0;
    for entity in ENTITIES {
        let mut after = (String::new(), String::new(), 0_i64, 0_i64);
        loop {
            let rows: Vec<Revision> = sqlx::query_as(
                "SELECT record_key, node_id, epoch, seq, rev, op, known_at_us, said_at_us, declared
                 FROM status_revision
                 WHERE entity = $1 AND (record_key, node_id, epoch, seq) > ($2, $3, $4, $5)
                 ORDER BY record_key, node_id, epoch, seq
                 LIMIT 512",
            )
            .bind(entity.name())
            .bind(&after.0)
            .bind(&after.1)
            .bind(after.2)
            .bind(after.3)
            .fetch_all(&mut *connection)
            .await?;
            let Some(last) = rows.last() else { break };
            after = (last.record_key.clone(), last.node_id.clone(), last.epoch, last.seq);
            count += rows.len() as u64;
            for row in &rows {
                hasher.update(format!("{row:?}\n"));
            }
        }
    }
    Ok((count, hasher.finalize().into()))
}

#[cfg(test)]
pub(super) mod testing {
    //! Revisions that no frame brought.

    use super::*;

    /// What a site's revision says, the one at a seq of `COD/cod-mines`.
    pub(in crate::standing) fn known(
        record_key: &str,
        seq: usize,
        known_at: Timestamp,
        site: &v1::MineSite,
    ) -> Revision {
        let seq = i64::try_from(seq).unwrap();
        Revision {
            record_key: record_key.to_owned(),
            node_id: "COD/cod-mines".to_owned(),
            epoch: 1,
            seq,
            rev: seq + 1,
            op: "upsert".to_owned(),
            known_at_us: known_at.as_microsecond(),
            said_at_us: known_at.as_microsecond(),
            declared: of_site(site.clone()).encode_to_vec(),
        }
    }
}
