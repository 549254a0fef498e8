//! How many records there are to list.
//!
//! Keeps one row a node and record type, in the transaction that changes the
//! records, so that a list knows its length without counting and notices when
//! its places moved. Invariant: `shown` is the number of the node's records with
//! op upsert that are not in shadow.

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use sqlx::{AnyConnection, Row as _};

use super::{Owner, Standing};
use crate::{
    registry::entitlement::Level,
    store::{Error, bulk, expect_rows},
};

/// How lists show a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Absent,
    Void,
    Plain,
}

/// What a frame does to the lists of one record type.
#[derive(Debug, Default)]
pub(super) struct Tally {
    shown: i64,
    has_moved: bool,
}

impl Tally {
    /// Takes a revision of a record into account.
    pub(super) fn take(&mut self, standing: Option<&Standing>, op: Op, level: Level) {
        let before = match standing {
            Some(standing) if standing.is_shown() && standing.is_void => Sight::Void,
            Some(standing) if standing.is_shown() => Sight::Plain,
            _ => Sight::Absent,
        };
        let after = match op {
            Op::Upsert if level == Level::Live => Sight::Plain,
            Op::Annul if level == Level::Live => Sight::Void,
            _ => Sight::Absent,
        };
        self.shown += i64::from(after == Sight::Plain) - i64::from(before == Sight::Plain);
        self.has_moved |= before != after;
    }

    /// Adds it to the row of the node.
    pub(super) async fn write(
        self,
        connection: &mut AnyConnection,
        owner: &Owner,
        entity: Entity,
    ) -> Result<(), Error> {
        let affected = sqlx::query(
            "INSERT INTO record_tally (node_id, entity, country, shown, members, revisions)
             VALUES ($1, $2, $3, $4, $5, 1)
             ON CONFLICT (node_id, entity) DO UPDATE SET
                 shown = record_tally.shown + excluded.shown,
                 members = record_tally.members + excluded.members,
                 revisions = record_tally.revisions + 1",
        )
        .bind(&owner.node_id)
        .bind(entity.name())
        .bind(&owner.country)
        .bind(self.shown)
        .bind(i64::from(self.has_moved))
        .execute(connection)
        .await?
        .rows_affected();
        expect_rows("record_tally", 1, affected)
    }
}

/// How many of these records are shown and not void.
pub(super) async fn shown(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<i64, Error> {
    let rows = bulk::select_of_entity(
        connection,
        "SELECT COUNT(*) FROM record",
        entity.name(),
        keys,
        " AND op = 'upsert' AND shadow = 0",
    )
    .await?;
    let mut shown = 0;
    for row in &rows {
        shown += row.try_get::<i64, _>(0)?;
    }
    Ok(shown)
}

/// Notes that these records were moved, of which so many had been shown.
pub(super) async fn moved(
    connection: &mut AnyConnection,
    owner: &Owner,
    entity: Entity,
    keys: &[&str],
    shown_before: i64,
) -> Result<(), Error> {
    let shown = shown(connection, entity, keys).await? - shown_before;
    Tally { shown, has_moved: true }.write(connection, owner, entity).await
}
