//! Clears what the tables of the node hold of a record that is erased.
//!
//! Beside the blocks: the hash of the row state, which without a salt would confirm
//! a guess; what the brake holds; quarantine, with the values in its findings; and
//! the verdicts of the hub with theirs, as rows and in the hub's own frames. What
//! would have been published has its seal kept, as what was.

use prost::Message as _;
use rmd_feed::{StoredEntry, erase};
use rmd_proto::v1;
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, Journal, Mode, apply, brake, entitlement, ids,
        state::{
            Fault, RecordState, Refused, RowState, SourceRow, find_records, load_refused, load_rows,
        },
        world::World,
    },
    execute::keep_seal,
    finding::finding,
};

/// Where a record stood, and stands now.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) entity: Entity,
    pub(super) before: RecordState,
    pub(super) after: RecordState,
}

/// A record by its key.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    entity: Entity,
    key: &str,
) -> Result<Option<RecordState>, Error> {
    let found = find_records(connection, &[ids::hash(entity, key)]).await?;
    Ok(found.into_iter().find(|record| record.key == key))
}

/// Clears everything but the blocks.
pub(super) async fn clear(
    connection: &mut SqliteConnection,
    journal: &Journal,
    standing: &Standing,
) -> Result<(), Error> {
    let Standing { entity, before, after } = standing;
    let ended = before.is_published() && !after.is_published();
    let store = journal.store();
    let held = brake::erased(connection, store, (*entity, after.id), ended).await?;
    let pending: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT payload FROM quarantine WHERE claim_id = ?1 AND payload IS NOT NULL",
    )
    .bind(after.id)
    .fetch_all(&mut *connection)
    .await?;
    for payload in held.into_iter().chain(pending).filter(|payload| !payload.is_empty()) {
        let seal = erase::seal(&journal.owner().key, entity.name(), &after.key, &payload);
        keep_seal(connection, *entity, &after.key, &seal).await?;
    }
    sqlx::query("UPDATE quarantine SET payload = NULL WHERE claim_id = ?1")
        .bind(after.id)
        .execute(&mut *connection)
        .await?;
    clear_rows(connection, journal, standing).await?;
    clear_verdicts(connection, *entity, &after.key).await
}

/// Writes the record as it stands now, and refuses the rows that hold what was erased.
async fn clear_rows(
    connection: &mut SqliteConnection,
    journal: &Journal,
    standing: &Standing,
) -> Result<(), Error> {
    let Standing { entity, before, after } = standing;
    let level = entitlement::standing(connection, *entity).await?.level;
    let mut world = World::new(*entity, level);
    world.know_records(vec![before.clone()]);
    world.know_refused(load_refused(connection, &[before.row_id], &[before.id]).await?);
    let mut ids: Vec<i64> = world.all_refused().map(|entry| entry.row_id).collect();
    ids.push(before.row_id);
    world.know_rows(load_rows(connection, &ids).await?);
    world.put_record(after.clone());
    let claimants = world.all_refused().filter(|entry| entry.claim == Some(after.id));
    let mut refused: Vec<Refused> = claimants.cloned().collect();
    let holder = world.row(before.row_id).cloned();
    let holder =
        holder.filter(|row| row.record_id == Some(after.id) && row.state == RowState::Published);
    if let Some(row) = holder {
        if is_given(&row.source_key) {
            // The node has no other copy of it: a file or a post may bring it again.
            world.put_row(SourceRow { record_id: None, state: RowState::Gone, ..row });
        } else {
            refused.push(refusal(*entity, after, &row));
            world.put_row(SourceRow { state: RowState::Refused, ..row });
        }
    }
    for entry in refused {
        let findings = vec![finding(*entity, &after.key)];
        world.put_refused(Refused { fault: Fault::Findings, findings, ..entry });
    }
    apply::save(connection, journal, &world).await
}

/// Whether a row was posted or came in a sheet.
fn is_given(stored_key: &str) -> bool {
    [Mode::Api, Mode::Sheet].into_iter().any(|mode| mode.native(stored_key) != stored_key)
}

fn refusal(entity: Entity, record: &RecordState, row: &SourceRow) -> Refused {
    Refused {
        row_id: row.id,
        entity,
        source_key: row.source_key.clone(),
        record_key: Some(record.key.clone()),
        claim: Some(record.id),
        fault: Fault::Findings,
        findings: Vec::new(),
    }
}

async fn clear_verdicts(
    connection: &mut SqliteConnection,
    entity: Entity,
    record_key: &str,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM verdict WHERE entity = ?1 AND record_key = ?2")
        .bind(entity.name())
        .bind(record_key)
        .execute(&mut *connection)
        .await?;
    pack_verdicts(connection, &format!("{}/{record_key}", entity.name())).await.map(drop)
}

/// Takes the payloads of all verdicts under a key out of the frames of the hub; how
/// many frames held any.
pub(super) async fn pack_verdicts(
    connection: &mut SqliteConnection,
    key: &str,
) -> Result<usize, Error> {
    let frames: Vec<(u32, i64)> =
        sqlx::query_as("SELECT epoch, first_seq FROM inbox_frame WHERE feed = 'verdicts'")
            .fetch_all(&mut *connection)
            .await?;
    let mut packed = 0;
    for (epoch, first_seq) in frames {
        let bytes: Vec<u8> = sqlx::query_scalar(
            "SELECT frame FROM inbox_frame
             WHERE feed = 'verdicts' AND epoch = ?1 AND first_seq = ?2",
        )
        .bind(epoch)
        .bind(first_seq)
        .fetch_one(&mut *connection)
        .await?;
        let frame = v1::Frame::decode(bytes.as_slice())
            .map_err(|_| Error::inconsistent("inbox_frame", "frame", first_seq))?;
        let is_meant = |entry: &StoredEntry| entry.op() != v1::Op::Erase && entry.header.key == key;
        let Some(erased) = erase::in_frame(&frame, is_meant)? else { continue };
        let written = sqlx::query(
            "UPDATE inbox_frame SET frame = ?3
             WHERE feed = 'verdicts' AND epoch = ?1 AND first_seq = ?2",
        )
        .bind(epoch)
        .bind(first_seq)
        .bind(erased.now.encode_to_vec())
        .execute(&mut *connection)
        .await?;
        Error::expect_rows("inbox_frame", written.rows_affected(), 1)?;
        packed += 1;
    }
    Ok(packed)
}
