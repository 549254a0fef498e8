//! The task that computes statuses, behind the intake.
//!
//! Owns the rows of `status_turn` and `status_due`. First what the ledger holds is
//! read; then the statuses are computed of which something new is known, and those that
//! are due on the day: each row says when the clock alone may change it, so a day costs
//! what is due on it. All are computed under a new policy alone; where the clock ran
//! backwards, those that were computed for a later day. A step is one transaction: a
//! status and what is told of it, so that a change is told once, however often a step is
//! repeated. Killed anywhere, it goes on from there.

use std::time::Duration;

use jiff::civil::Date;
use rmd_runtime::lifecycle::chain;
use rmd_standard::{Entity, effective::Policy};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{ENTITIES, compute, intake, turn};
use crate::{
    share::{Error, Publisher},
    store::{bulk, expect_rows},
};

/// Statuses in one step: some milliseconds of the writer's turn.
const STEP: i64 = 256;

/// What was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) bulletins: usize,
    pub(crate) reminders: usize,
    /// Statuses that were computed.
    pub(crate) computed: usize,
}

/// Computes statuses and tells what changed.
#[derive(Debug)]
pub(crate) struct Keeper {
    publisher: Publisher,
}

/// Computes what comes until the shutdown.
pub(crate) async fn run(
    keeper: Keeper,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        let wait = match keeper.step().await {
            Ok(Some(told)) => {
                let Told { bulletins, reminders, .. } = told;
                if bulletins + reminders > 0 {
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
        Self { publisher }
    }

    /// Does one step; none if there is nothing to do now.
    pub(crate) async fn step(&self) -> Result<Option<Told>, Error> {
        let store = self.publisher.store();
        if intake::step(store).await? {
            return Ok(Some(Told::default()));
        }
        let (day, _) = self.publisher.now();
        let policy = policy_text(self.publisher.policy());
        if turned(&mut *store.acquire().await?).await? != (day.to_string(), policy.clone()) {
            self.begin_day(day, &policy).await?;
            return Ok(Some(Told::default()));
        }
        self.compute(day).await
    }

    /// Does everything that there is to do; what was told.
    #[cfg(test)]
    pub(crate) async fn settle(&self) -> Result<Told, Error> {
        let mut all = Told::default();
        while let Some(told) = self.step().await? {
            all.bulletins += told.bulletins;
            all.reminders += told.reminders;
            all.computed += told.computed;
        }
        Ok(all)
    }

    /// Makes due what a new policy, or a clock that ran backwards, may have changed.
    async fn begin_day(&self, day: Date, policy: &str) -> Result<(), Error> {
        let mut transaction = self.publisher.store().begin().await?;
        turn(&mut transaction).await?;
        let (last, before) = turned(&mut transaction).await?;
        let after = if before == policy { day.to_string() } else { String::new() };
        if after < last {
            sqlx::query("UPDATE standing SET next_on = '' WHERE computed_on > $1")
                .bind(after)
                .execute(&mut *transaction)
                .await?;
        }
        let affected =
            sqlx::query("UPDATE status_turn SET day = $1, policy = $2 WHERE turn_id = 1")
                .bind(day.to_string())
                .bind(policy)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        expect_rows("status_turn", 1, affected)?;
        Ok(transaction.commit().await?)
    }

    /// Computes some of the statuses of which something new is known, or that are due.
    async fn compute(&self, day: Date) -> Result<Option<Told>, Error> {
        let store = self.publisher.store();
        if next(&mut *store.acquire().await?, day).await?.is_none() {
            return Ok(None);
        }
        let mut transaction = store.begin().await?;
        turn(&mut transaction).await?;
        let mut told = Told::default();
        // Another process may have taken them meanwhile.
        if let Some((entity, keys)) = next(&mut transaction, day).await? {
            told = compute::tell(&mut transaction, &self.publisher, day, entity, &keys).await?;
            let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
            let head = "DELETE FROM status_due WHERE entity = $1 AND record_key IN (";
            // None of them stands there if the day alone made them due.
            bulk::delete_in(&mut transaction, (head, Some(entity.name())), &texts, ")").await?;
        }
        transaction.commit().await?;
        Ok(Some(told))
    }
}

/// The periods of the clock as a text, so that a change of them is seen.
fn policy_text(policy: &Policy) -> String {
    let of = policy.yellow_months_of.iter().map(|(state, months)| format!(" {state}={months}"));
    std::iter::once(policy.yellow_months.to_string()).chain(of).collect()
}

/// The day and the policy for which what was due was computed last.
async fn turned(connection: &mut AnyConnection) -> Result<(String, String), Error> {
    let row = sqlx::query("SELECT day, policy FROM status_turn WHERE turn_id = 1")
        .fetch_one(connection)
        .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Some records of one type of which something new is known, or that are due on the day;
/// they stay so until they are computed.
async fn next(
    connection: &mut AnyConnection,
    day: Date,
) -> Result<Option<(Entity, Vec<String>)>, Error> {
    for entity in ENTITIES {
        let rows = sqlx::query(
            "SELECT record_key FROM status_due WHERE entity = $1 ORDER BY record_key LIMIT $2",
        )
        .bind(entity.name())
        .bind(STEP)
        .fetch_all(&mut *connection)
        .await?;
        let rows = if rows.is_empty() { due_on(connection, entity, day).await? } else { rows };
        if !rows.is_empty() {
            let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            return Ok(Some((entity, keys)));
        }
    }
    Ok(None)
}

async fn due_on(
    connection: &mut AnyConnection,
    entity: Entity,
    day: Date,
) -> Result<Vec<AnyRow>, Error> {
    Ok(sqlx::query(
        "SELECT record_key FROM standing
         WHERE entity = $1 AND next_on <= $2
         ORDER BY next_on, record_key
         LIMIT $3",
    )
    .bind(entity.name())
    .bind(day.to_string())
    .bind(STEP)
    .fetch_all(connection)
    .await?)
}
