//! The task that computes statuses, behind the intake.
//!
//! Owns the rows of `status_turn` and `status_due`. First what the ledger holds is
//! read; then, once a day and under each new policy, every status is computed, because
//! the day alone may change it; else those of which something new is known. A step is
//! one transaction: a status and what is told of it, so that a change is told once,
//! however often a step is repeated. Killed anywhere, it goes on from there.

use std::time::Duration;

use jiff::civil::Date;
use rmd_runtime::lifecycle::chain;
use rmd_standard::Entity;
use sqlx::{AnyConnection, Row as _};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{ENTITIES, compute, intake, turn};
use crate::{
    share::{Error, Publisher},
    store::expect_rows,
};

/// Statuses in one step: some milliseconds of the writer's turn.
const STEP: i64 = 256;

/// What was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) bulletins: usize,
    pub(crate) reminders: usize,
}

/// Computes statuses and tells what changed.
#[derive(Debug)]
pub(crate) struct Keeper {
    publisher: Publisher,
    /// How far the computing for a day is.
    pass: Option<Pass>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pass {
    day: Date,
    /// Which of the records that have a status, and the last key.
    entity: usize,
    after: String,
}

/// Computes what comes until the shutdown.
pub(crate) async fn run(
    mut keeper: Keeper,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        let wait = match keeper.step().await {
            Ok(Some(told)) => {
                if told != Told::default() {
                    let Told { bulletins, reminders } = told;
                    info!(bulletins, reminders, "changed statuses told");
                }
                Duration::ZERO
            }
            Ok(None) => poll,
            Err(error) => {
                warn!(error = chain(&error), "statuses not computed");
                poll
            }
        };
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

impl Keeper {
    pub(crate) const fn new(publisher: Publisher) -> Self {
        Self { publisher, pass: None }
    }

    /// Does one step; none if there is nothing to do now.
    pub(crate) async fn step(&mut self) -> Result<Option<Told>, Error> {
        let store = self.publisher.store();
        if intake::step(store).await? {
            return Ok(Some(Told::default()));
        }
        let is_fresh = self.is_computed(&mut *store.acquire().await?).await?;
        if is_fresh { self.compute_due().await } else { self.pass().await.map(Some) }
    }

    /// Does everything that there is to do; what was told.
    #[cfg(test)]
    pub(crate) async fn settle(&mut self) -> Result<Told, Error> {
        let mut all = Told::default();
        while let Some(told) = self.step().await? {
            all.bulletins += told.bulletins;
            all.reminders += told.reminders;
        }
        Ok(all)
    }

    /// Whether every status was computed for this day under this policy.
    async fn is_computed(&self, connection: &mut AnyConnection) -> Result<bool, Error> {
        let row = sqlx::query("SELECT day, yellow_months FROM status_turn WHERE turn_id = 1")
            .fetch_one(connection)
            .await?;
        let (day, months): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let (today, _) = self.publisher.now();
        Ok(day == today.to_string() && months == i64::from(self.publisher.policy().yellow_months))
    }

    /// Computes the next statuses for this day.
    async fn pass(&mut self) -> Result<Told, Error> {
        let (day, _) = self.publisher.now();
        let pass = self.pass.take().filter(|pass| pass.day == day);
        let mut pass = pass.unwrap_or(Pass { day, entity: 0, after: String::new() });
        let mut transaction = self.publisher.store().begin().await?;
        turn(&mut transaction).await?;
        let entity = ENTITIES[pass.entity];
        let keys = keys_after(&mut transaction, entity, &pass.after).await?;
        let told = compute::tell(&mut transaction, &self.publisher, day, entity, &keys).await?;
        if let Some(last) = keys.into_iter().next_back() {
            pass.after = last;
        } else {
            pass.entity += 1;
            pass.after.clear();
        }
        let is_over = pass.entity == ENTITIES.len();
        if is_over {
            let affected = sqlx::query(
                "UPDATE status_turn SET day = $1, yellow_months = $2 WHERE turn_id = 1",
            )
            .bind(day.to_string())
            .bind(i64::from(self.publisher.policy().yellow_months))
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            expect_rows("status_turn", 1, affected)?;
        }
        transaction.commit().await?;
        self.pass = (!is_over).then_some(pass);
        Ok(told)
    }

    /// Computes the statuses of which something new is known.
    async fn compute_due(&self) -> Result<Option<Told>, Error> {
        let store = self.publisher.store();
        if take_due(&mut *store.acquire().await?).await?.is_none() {
            return Ok(None);
        }
        let (day, _) = self.publisher.now();
        let mut transaction = store.begin().await?;
        turn(&mut transaction).await?;
        let mut told = Told::default();
        // Another process may have taken them meanwhile.
        if let Some((entity, keys)) = take_due(&mut transaction).await? {
            told = compute::tell(&mut transaction, &self.publisher, day, entity, &keys).await?;
            for key in &keys {
                let affected =
                    sqlx::query("DELETE FROM status_due WHERE entity = $1 AND record_key = $2")
                        .bind(entity.name())
                        .bind(key)
                        .execute(&mut *transaction)
                        .await?
                        .rows_affected();
                expect_rows("status_due", 1, affected)?;
            }
        }
        transaction.commit().await?;
        Ok(Some(told))
    }
}

/// The next released records after a key, and those of which a status is kept.
async fn keys_after(
    connection: &mut AnyConnection,
    entity: Entity,
    after: &str,
) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(
        "SELECT record_key FROM record
         WHERE entity = $1 AND record_key > $2 AND shadow = 0 AND op <> 'tombstone'
         UNION
         SELECT record_key FROM standing
         WHERE entity = $1 AND record_key > $2
         ORDER BY record_key
         LIMIT $3",
    )
    .bind(entity.name())
    .bind(after)
    .bind(STEP)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Some records of one type that are due; they stay so until they are deleted.
async fn take_due(connection: &mut AnyConnection) -> Result<Option<(Entity, Vec<String>)>, Error> {
    for entity in ENTITIES {
        let rows = sqlx::query(
            "SELECT record_key FROM status_due WHERE entity = $1 ORDER BY record_key LIMIT $2",
        )
        .bind(entity.name())
        .bind(STEP)
        .fetch_all(&mut *connection)
        .await?;
        if !rows.is_empty() {
            let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            return Ok(Some((entity, keys)));
        }
    }
    Ok(None)
}
