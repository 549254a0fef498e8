//! Status in time: what held of a site or an exporter on a day, as known at an instant.
//!
//! Owns what each revision says of a status ([`revision`]), kept although the record
//! moves on; the status of every released site and exporter as it was computed last,
//! so that each change, by the clock or by a state, is told once ([`keeper`]); the
//! reminders before a lapse; and the appeals against decisions. Everything but the
//! decisions, the appeals and what was told follows from the ledger, and is built
//! again from there ([`intake::rebuild`]). Nothing here reads a clock of its own.

pub(crate) mod appeal;
mod compute;
mod course;
pub(crate) mod intake;
mod keeper;
mod news;
pub(crate) mod reminder;
pub(crate) mod revision;
pub(crate) mod timeline;

#[cfg(test)]
mod tests;

use rmd_proto::v1::CertificationStatus;
use rmd_standard::Entity;
use sqlx::AnyConnection;

pub(crate) use keeper::{Keeper, run};

use crate::{
    share::{self, Publisher, subject::Subject},
    store::{self, expect_rows},
};

/// The records that have a status.
pub(crate) const ENTITIES: [Entity; 2] = [Entity::MineSite, Entity::ExporterStatus];

/// Takes the turn to compute until the transaction ends: whoever publishes a status,
/// the running hub or a command, does so one after the other.
pub(crate) async fn turn(connection: &mut AnyConnection) -> Result<(), store::Error> {
    let affected = sqlx::query("UPDATE status_turn SET steps = steps + 1 WHERE turn_id = 1")
        .execute(connection)
        .await?
        .rows_affected();
    expect_rows("status_turn", 1, affected)
}

/// Tells what changed of one record up to now. The caller holds the turn.
pub(crate) async fn tell(
    connection: &mut AnyConnection,
    publisher: &Publisher,
    subject: &Subject,
) -> Result<(), share::Error> {
    let (day, _) = publisher.now();
    let keys = [subject.record_key().to_owned()];
    compute::tell(connection, publisher, day, subject.entity(), &keys).await?;
    Ok(())
}

/// Has a status computed again.
pub(crate) async fn due(
    connection: &mut AnyConnection,
    entity: &str,
    record_key: &str,
) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO status_due (entity, record_key)
         VALUES ($1, $2)
         ON CONFLICT (entity, record_key) DO NOTHING",
    )
    .bind(entity)
    .bind(record_key)
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of two statuses is worse, as the standard orders them.
const fn badness(status: CertificationStatus) -> u8 {
    match status {
        CertificationStatus::Unspecified => 0,
        CertificationStatus::Green => 1,
        CertificationStatus::Blue => 2,
        CertificationStatus::Yellow => 3,
        CertificationStatus::Red => 4,
    }
}
