//! The brake: unusually many deletions or changes wait for a person.
//!
//! Owns the tables `brake_hour`, `brake_counted`, `brake_trip`, `brake_held` and
//! `mapping_release`. Over 24 sliding hours and all modes, per record type: when
//! the deleted records are more than the larger of a number and a part of what
//! was published when the window began, when a type would be left without any
//! record, or when the changed records are too many, exactly the revisions of
//! the batch that goes beyond it are held, and those after it; everything else
//! is published. New records never count, so a first load is free. Invariant:
//! what is held is written in the transaction of its batch and the published
//! record stays as it is until a person releases the trip, the key goes back to
//! what is published, or the record type is withdrawn.

mod count;
mod decide;
mod hold;
mod limit;
pub(crate) mod mapping;
pub(crate) mod release;
pub(crate) mod report;

pub(super) use self::hold::{Held, forget, known};
pub(crate) use self::limit::{Limit, Limits};

use rmd_standard::Entity;
use sqlx::SqliteConnection;

use self::{
    count::Counting,
    limit::{Place, Tally, hour_of},
};
use super::{Error, entitlement::Standing, plan::Plan, store::Store, world::World};

/// Takes out of a plan what has to wait, and writes it down.
///
/// A batch that only adds records costs one statement; one that changes nothing,
/// none.
pub(super) async fn brake(
    connection: &mut SqliteConnection,
    (store, limits): (&Store, Limits),
    world: &mut World,
    standing: &Standing,
    plan: &mut Plan,
    mapping_id: &str,
) -> Result<(), Error> {
    if plan.tombstones.is_empty() && plan.changes.is_empty() && plan.settled.is_empty() {
        return Ok(());
    }
    let now_us = store.now_us();
    let place = Place { entity: world.entity, hour: hour_of(now_us) };
    if let Some(added) = decide::only_additions(world, plan) {
        return count::add(connection, place, added).await;
    }
    let parts = decide::part(world, plan);
    let mut counting = Counting::load(connection, place, &parts.ids()).await?;
    let is_exempt = mapping::is_released(connection, world.entity, mapping_id).await?;
    let is_counted = !is_exempt;
    let verdict = decide::judge(world, standing, limits, &mut counting, parts, is_counted);
    counting.save(connection).await?;
    hold::write(connection, now_us, world, verdict, plan).await
}

/// Forgets a record that is erased: it waits no more and is no longer counted, but
/// if it was published it ceased to be. What it would have published.
pub(super) async fn erased(
    connection: &mut SqliteConnection,
    store: &Store,
    (entity, record_id): (Entity, i64),
    was_published: bool,
) -> Result<Option<Vec<u8>>, Error> {
    let now_us = store.now_us();
    let held = hold::take(connection, now_us, record_id).await?;
    let place = Place { entity, hour: hour_of(now_us) };
    let mut counting = Counting::load(connection, place, &[record_id]).await?;
    counting.forget(record_id);
    counting.flowed(Tally { ended: i64::from(was_published), ..Tally::default() });
    counting.save(connection).await?;
    Ok(held)
}
