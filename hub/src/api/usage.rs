//! Who read what: requests and records of each key.
//!
//! Counted in memory and written in batches, because a list of a hundred records
//! must not wait for a disk. What was counted is written once a minute and when
//! the hub ends; killed in between, the last minute is lost from the counts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rmd_runtime::lifecycle::chain;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::key;
use crate::store::{self, Store};

/// How often counts are written; so `last_used` moves once a minute at most.
const INTERVAL: Duration = Duration::from_mins(1);

/// What one key read since it was last written.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    requests: i64,
    records: i64,
    last_us: i64,
}

/// The counts of every key that was used. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    counts: Arc<Mutex<BTreeMap<String, Count>>>,
}

impl Usage {
    /// A request that was let in.
    pub(super) fn add_request(&self, key: &str, now: Timestamp) {
        self.add(key, Count { requests: 1, records: 0, last_us: now.as_microsecond() });
    }

    /// Records, or sums over records, that were given to it.
    pub(super) fn add_records(&self, key: &str, records: usize) {
        let records = i64::try_from(records).unwrap_or(i64::MAX);
        self.add(key, Count { requests: 0, records, last_us: 0 });
    }

    fn add(&self, key: &str, more: Count) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(key) {
            counts.insert(key.to_owned(), Count::default());
        }
        let Some(count) = counts.get_mut(key) else { return };
        count.requests = count.requests.saturating_add(more.requests);
        count.records = count.records.saturating_add(more.records);
        count.last_us = count.last_us.max(more.last_us);
    }

    /// Writes what was counted; kept for the next time if that fails.
    pub(super) async fn flush(&self, store: &Store) -> Result<(), store::Error> {
        let counts =
            std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let written = write(store, &counts).await;
        if written.is_err() {
            for (name, count) in &counts {
                self.add(name, *count);
            }
        }
        written
    }

    /// Writes once a minute, and a last time at the end.
    pub(crate) async fn run(
        self,
        store: Store,
        shutdown: CancellationToken,
    ) -> Result<(), store::Error> {
        loop {
            let is_over = tokio::select! {
                () = shutdown.cancelled() => true,
                () = tokio::time::sleep(INTERVAL) => false,
            };
            if let Err(error) = self.flush(&store).await {
                warn!(error = chain(&error), "use of api keys not written");
            }
            if is_over {
                return Ok(());
            }
        }
    }
}

async fn write(store: &Store, counts: &BTreeMap<String, Count>) -> Result<(), store::Error> {
    let mut transaction = store.begin().await?;
    for (name, count) in counts {
        let sums = (count.requests, count.records);
        key::add_usage(&mut transaction, name, sums, count.last_us).await?;
    }
    transaction.commit().await
}
