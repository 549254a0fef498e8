//! Who reconciles, for longer than a step.
//!
//! Owns the table `reconcile_lease`. Steps of two processes never mix: the turn sees to
//! that. But each of them would throw away the other's work, and a long run might never
//! come to its end. So who reconciles takes the lease first, renews it as long as it
//! works, and gives it back; of a process that was killed it ends by itself.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng as _, rngs::OsRng};
use rmd_runtime::SharedClock;
use sqlx::Row as _;
use tokio::{runtime::Handle, task::JoinSet, time::timeout};
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::store::{self, Store};

/// How long after its last renewal a lease ends.
const LASTS: SignedDuration = SignedDuration::from_secs(30);

/// How often it is renewed.
const RENEWED: Duration = Duration::from_secs(8);

/// How often who waits looks again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How long a program that ends waits until it is given back.
const RETURNED_WITHIN: Duration = Duration::from_secs(2);

/// Takes the lease where it is free, has ended, or is of this token: then it goes on.
const TAKE: &str = "UPDATE reconcile_lease
     SET token = $1, holder = $2, until_us = $4,
         since_us = CASE WHEN token = $1 THEN since_us ELSE $3 END
     WHERE lease_id = 1 AND (token = $1 OR until_us <= $3)";

/// Gives it back.
const GIVE_BACK: &str = "UPDATE reconcile_lease
     SET token = '', holder = '', until_us = 0
     WHERE lease_id = 1 AND token = $1";

/// Who has the lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{holder} reconciles since {since}: wait until it is done. If it was killed, its turn ends at \
     {until} by itself\n\
     {holder} rapproche depuis {since} : attendez la fin. S'il a été tué, son tour se termine de \
     lui-même à {until}"
)]
pub(crate) struct Held {
    pub(crate) holder: String,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

/// Where leases of this process are taken. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    store: Store,
    clock: SharedClock,
    /// Those that were dropped and are on their way back.
    returning: TaskTracker,
}

/// The lease in our hands; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    own: Arc<Own>,
    renewing: JoinSet<()>,
    is_given_back: bool,
}

#[derive(Debug)]
struct Own {
    leases: Leases,
    token: String,
    holder: String,
}

impl Own {
    /// Takes or renews it; whether it is ours.
    async fn take(&self) -> Result<bool, store::Error> {
        let now = self.leases.clock.now();
        let mut transaction = self.leases.store.begin().await?;
        let affected = sqlx::query(TAKE)
            .bind(&self.token)
            .bind(&self.holder)
            .bind(now.as_microsecond())
            .bind(now.saturating_add(LASTS).unwrap_or(now).as_microsecond())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        Ok(affected == 1)
    }

    async fn give_back(&self) -> Result<(), store::Error> {
        let mut transaction = self.leases.store.begin().await?;
        sqlx::query(GIVE_BACK).bind(&self.token).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Renews it until it is another's.
    async fn renew(&self) {
        loop {
            tokio::time::sleep(RENEWED).await;
            // A store that does not answer is asked again, as long as the work goes on.
            if matches!(self.take().await, Ok(false)) {
                return;
            }
        }
    }
}

impl Leases {
    pub(super) fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock, returning: TaskTracker::new() }
    }

    /// Takes the lease; who has it, if it is not to be had.
    pub(super) async fn take(&self) -> Result<Result<Lease, Held>, store::Error> {
        let token = format!("{:032x}", OsRng.r#gen::<u128>());
        let own = Arc::new(Own { leases: self.clone(), token, holder: holder() });
        // From here on it is given back, wherever this is cut.
        let mut lease =
            Lease { own: Arc::clone(&own), renewing: JoinSet::new(), is_given_back: false };
        if own.take().await? {
            let renewed = Arc::clone(&own);
            // Not a task of the process: it ends with the lease.
            let mut renewing = JoinSet::new();
            renewing.spawn(async move { renewed.renew().await });
            lease.renewing = renewing;
            return Ok(Ok(lease));
        }
        lease.is_given_back = true;
        Ok(Err(held(&self.store).await?))
    }

    /// Waits until what was dropped is given back. What takes longer ends by itself, as
    /// that of a process that was killed.
    pub(super) async fn returned(&self) {
        self.returning.close();
        if timeout(RETURNED_WITHIN, self.returning.wait()).await.is_err() {
            warn!("the turn to reconcile is not given back yet, and ends by itself");
        }
    }
}

/// Who has the lease.
async fn held(store: &Store) -> Result<Held, store::Error> {
    let row = sqlx::query("SELECT holder, since_us, until_us FROM reconcile_lease")
        .fetch_one(&mut *store.acquire().await?)
        .await?;
    let instant = |column: &'static str| {
        let wrong = |_| store::Error::Inconsistent {
            table: "reconcile_lease",
            column,
            id: "the only row".to_owned(),
        };
        Timestamp::from_microsecond(row.try_get(column)?).map_err(wrong)
    };
    let (since, until) = (instant("since_us")?, instant("until_us")?);
    Ok(Held { holder: row.try_get("holder")?, since, until })
}

impl Lease {
    /// Gives it back.
    pub(crate) async fn give_back(mut self) -> Result<(), store::Error> {
        self.stop();
        self.own.give_back().await?;
        self.is_given_back = true;
        Ok(())
    }

    fn stop(&mut self) {
        self.renewing.abort_all();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.stop();
        let own = Arc::clone(&self.own);
        // Where nothing runs any more, it ends by itself.
        if let (false, Ok(runtime)) = (self.is_given_back, Handle::try_current()) {
            let returning = own.leases.returning.clone();
            returning.spawn_on(async move { own.give_back().await }, &runtime);
        }
    }
}

/// Which process this is, for people.
fn holder() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let program = std::path::Path::new(&program).file_name().unwrap_or_default().to_owned();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let on = if host.trim().is_empty() { String::new() } else { format!("@{}", host.trim()) };
    format!("{} (PID {}{on})", program.to_string_lossy(), std::process::id())
}
