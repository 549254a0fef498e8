//! The table of all records: the last accepted revision of each.
//!
//! Owns who holds a key and how far its revisions count. A tombstoned record
//! keeps its row, so that a revision is never applied twice and a withdrawn
//! record can be told from one that never was.

use std::collections::HashMap;

use rmd_proto::v1::{EntryHeader, Op};
use rmd_standard::{Entity, Finding};
use sqlx::{AnyConnection, FromRow};

use super::{Owner, Released};
use crate::{
    registry::entitlement::Level,
    store::{
        Error,
        bulk::{self, Cell, Columns, Rows, Table},
    },
};

/// All but the bytes of the record.
const HEADER: Columns = Columns::named(
    "entity, record_key, node_id, country, feed, epoch, seq, rev, op, reason, event_time_us, \
     captured_at_us, received_at_us, schema_id, mapping_id, findings, withheld, shadow",
);

static TABLE: Table = Table {
    name: "record",
    key: "entity, record_key",
    columns: &[HEADER, Columns::named("payload")],
};

/// The same rows written so that the bytes which are there stay.
static ANNULLED: Table = Table { columns: &[HEADER], ..TABLE };

/// A key stays with its node; only a withdrawn one may pass to another node of
/// the same state.
const GUARD: &str = " WHERE record.node_id = excluded.node_id \
                     OR (record.op = 'tombstone' AND record.country = excluded.country)";

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Node that holds it.
    pub(crate) node_id: String,
    /// Its state, alpha-2.
    pub(crate) country: String,
    /// Epoch and seq of the last accepted revision.
    pub(crate) epoch: u32,
    /// See `epoch`.
    pub(crate) seq: u64,
    /// The last accepted revision.
    pub(crate) rev: u64,
    /// Whether it is withdrawn.
    pub(crate) is_tombstone: bool,
    /// Whether its owner declared it void.
    pub(crate) is_void: bool,
    /// Whether it is checked only.
    pub(crate) is_shadow: bool,
}

impl Standing {
    /// Whether the record has a row in its typed table.
    pub(crate) const fn is_shown(&self) -> bool {
        !self.is_tombstone && !self.is_shadow
    }
}

#[derive(FromRow)]
struct StandingRow {
    record_key: String,
    node_id: String,
    country: String,
    epoch: i64,
    seq: i64,
    rev: i64,
    op: String,
    shadow: i64,
}

impl TryFrom<StandingRow> for (String, Standing) {
    type Error = Error;

    fn try_from(row: StandingRow) -> Result<Self, Error> {
        let wrong =
            |column| Error::Inconsistent { table: TABLE.name, column, id: row.record_key.clone() };
        let standing = Standing {
            epoch: u32::try_from(row.epoch).map_err(|_| wrong("epoch"))?,
            seq: u64::try_from(row.seq).map_err(|_| wrong("seq"))?,
            rev: u64::try_from(row.rev).map_err(|_| wrong("rev"))?,
            is_tombstone: row.op == "tombstone",
            is_void: row.op == "annul",
            is_shadow: row.shadow != 0,
            node_id: row.node_id,
            country: row.country,
        };
        Ok((row.record_key, standing))
    }
}

/// Where these records stand; those that were never accepted are absent.
pub(super) async fn standings(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Standing>, Error> {
    let rows = bulk::select_of_entity(
        connection,
        "SELECT record_key, node_id, country, epoch, seq, rev, op, shadow FROM record",
        entity.name(),
        keys,
        "",
    )
    .await?;
    rows.iter().map(|row| StandingRow::from_row(row)?.try_into()).collect()
}

/// The last accepted revision of a record.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    pub(super) header: &'a EntryHeader,
    pub(super) op: Op,
    pub(super) owner: &'a Owner,
    pub(super) level: Level,
    /// What the record lacks.
    pub(super) findings: &'a [Finding],
    /// The record, where the revision carries it.
    pub(super) released: Option<&'a Released>,
    pub(super) received_at_us: i64,
}

/// Rows of the table, to be written together.
#[derive(Debug)]
pub(super) struct Records {
    /// Of which the keys are new.
    new: Rows,
    rows: Rows,
    /// Annulments that carry no record: what they declare void is already there.
    annulled: Rows,
}

impl Records {
    pub(super) fn new() -> Self {
        Self { new: Rows::new(&TABLE), rows: Rows::new(&TABLE), annulled: Rows::new(&ANNULLED) }
    }

    /// Adds a revision; a key that is new has no row.
    pub(super) fn push(&mut self, accepted: &Accepted<'_>, is_new: bool) {
        let Accepted { header, op, owner, level, findings, released, received_at_us } = *accepted;
        let event_time_us = (header.event_time_us != 0).then_some(header.event_time_us);
        let withheld = released.map(|released| released.record.withheld().join(";"));
        let row = [
            Cell::required(&header.entity),
            Cell::required(&header.key),
            Cell::required(&owner.node_id),
            Cell::required(&owner.country),
            Cell::required(&owner.feed),
            Cell::integer(i64::from(owner.epoch)),
            Cell::unsigned(header.seq),
            Cell::unsigned(header.rev),
            Cell::required(op_word(op)),
            Cell::text(&header.reason),
            Cell::integer(event_time_us),
            Cell::integer(header.captured_at_us),
            Cell::integer(received_at_us),
            Cell::required(&header.schema_id),
            Cell::required(&header.mapping_id),
            Cell::required(super::findings::write(findings)),
            Cell::required(withheld.unwrap_or_default()),
            Cell::integer(i64::from(level != Level::Live)),
        ];
        if op == Op::Annul && released.is_none() {
            self.annulled.push(row);
        } else {
            let payload = Cell::bytes(released.map(|released| released.payload.as_slice()));
            let rows = if is_new { &mut self.new } else { &mut self.rows };
            rows.push(row.into_iter().chain([payload]));
        }
    }

    /// Writes them all.
    pub(super) async fn write(self, connection: &mut AnyConnection) -> Result<(), Error> {
        self.new.insert(connection).await?;
        self.rows.upsert(connection, GUARD).await?;
        self.annulled.upsert(connection, GUARD).await
    }
}

/// Marks a record as checked only, or as shown; bytes that are given are kept.
pub(super) async fn place(
    connection: &mut AnyConnection,
    entity: Entity,
    key: &str,
    level: Level,
    payload: Option<Vec<u8>>,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE record \
         SET shadow = $1, payload = COALESCE($2, payload) \
         WHERE entity = $3 AND record_key = $4",
    )
    .bind(i64::from(level != Level::Live))
    .bind(payload)
    .bind(entity.name())
    .bind(key)
    .execute(connection)
    .await?
    .rows_affected();
    crate::store::expect_rows(TABLE.name, 1, affected)
}

/// The word of an op in tables.
pub(crate) const fn op_word(op: Op) -> &'static str {
    match op {
        Op::Upsert => "upsert",
        Op::Annul => "annul",
        Op::Tombstone => "tombstone",
        Op::Erase => "erase",
        Op::Unspecified => "unspecified",
    }
}

/// Findings with all that they say, as quarantine keeps them.
pub(crate) fn findings_json(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "[]".to_owned();
    }
    serde_json::to_string(findings).expect("findings are texts and a word")
}
