//! Publishes bulletins: at a decision, and when the status of a site or an exporter
//! changed by the clock or by its state.
//!
//! Decision, entry, block and log are one transaction. The turn is taken and the log's
//! row is locked first, so that a command and the running hub append one after the
//! other, on either store.

use std::{collections::HashMap, path::Path, sync::Arc};

use jiff::{Timestamp, civil::Date};
use rmd_feed::{FeedKey, Log, NewEntry};
use rmd_runtime::SharedClock;
use rmd_standard::{Entity, effective::Policy};
use serde::Serialize;
use sqlx::AnyConnection;

use super::{
    Error, OwnFeed,
    bulletin::{self, Bulletin},
    decision::{self, NewDecision},
    log,
    subject::Subject,
};
use crate::{registry::network, standing, store::Store};

/// Appends to the hub's own feed. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    store: Store,
    clock: SharedClock,
    key: Arc<FeedKey>,
    feed: OwnFeed,
    /// Name of the hub on checkpoints.
    hub: String,
    policy: Policy,
}

/// What a decision led to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Published {
    pub(crate) decision_id: String,
    /// Type of the record.
    pub(crate) entity: &'static str,
    pub(crate) record_key: String,
    /// Of a site, as issued; of an exporter its key.
    pub(crate) icglr_id: String,
    pub(crate) declared_status: &'static str,
    pub(crate) decided_status: &'static str,
    pub(crate) effective_status: &'static str,
    pub(crate) effective_since: String,
    pub(crate) effective_until: String,
    pub(crate) effective_reason: String,
    /// SHA-256 of the document, lower-case hexadecimal.
    pub(crate) document_sha256: String,
    /// seq of the bulletin.
    pub(crate) seq: u64,
}

impl Publisher {
    /// Reads the feed key of the hub in `dir` and checks that it is the one of
    /// the store.
    pub(crate) async fn open(
        store: Store,
        dir: &Path,
        clock: SharedClock,
        policy: Policy,
    ) -> Result<Self, Error> {
        let key = network::feed_key(dir)?;
        let network = network::find(&mut *store.acquire().await?).await?;
        let network = network.ok_or(Error::Inconsistent("the store holds no network"))?;
        if key.vkey() != network.hub_feed_vkey {
            return Err(Error::Inconsistent("the feed key is not the one that nodes know"));
        }
        let (feed, hub) = (OwnFeed::shared(), network.identity.owner());
        Ok(Self { store, clock, key: Arc::new(key), feed, hub, policy })
    }

    /// With what the hub signs its feeds: its key, and its name on checkpoints.
    pub(crate) fn signer(&self) -> (Arc<FeedKey>, String) {
        (Arc::clone(&self.key), self.hub.clone())
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// The day for which is computed, and the instant of it.
    pub(crate) fn now(&self) -> (Date, Timestamp) {
        (self.clock.today(), self.clock.now())
    }

    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Records a decision about a site or an exporter and publishes its bulletin.
    pub(crate) async fn decide_about(
        &self,
        entity: Entity,
        id: &str,
        new: NewDecision,
    ) -> Result<Published, Error> {
        new.check()?;
        let mut transaction = self.store.begin().await?;
        standing::turn(&mut transaction).await?;
        let subject = Subject::find(&mut transaction, entity, id).await?;
        let published = self.decide_within(&mut transaction, &subject, new).await?;
        transaction.commit().await?;
        Ok(published)
    }

    /// The same within a transaction that holds the turn.
    pub(crate) async fn decide_within(
        &self,
        connection: &mut AnyConnection,
        subject: &Subject,
        new: NewDecision,
    ) -> Result<Published, Error> {
        let (day, now) = self.now();
        let key = subject.record_key();
        // What changed before it is told before it.
        standing::tell(connection, self, subject).await?;
        decision::check_clock(connection, key, day, now).await?;
        let decided = decision::record(connection, subject, new, day, now).await?;
        let decisions = decision::of_site(connection, key).await?;
        let effective = subject.effective(&decisions, day, Timestamp::MAX, &self.policy);
        let bulletin = Bulletin::compute(subject, &decisions, &effective, day);
        let last = bulletin::last(connection, &[key]).await?;
        // A decision has a number of its own, so its bulletin is never the last one's.
        let entry = bulletin
            .entry(key, last.get(key), now)
            .ok_or(Error::Inconsistent("a new decision did not change its bulletin"))?;
        let seq = self.publish(connection, vec![entry]).await?;
        standing::due(connection, subject.entity().name(), key).await?;
        Ok(Published {
            decision_id: decided.id,
            entity: subject.entity().name(),
            record_key: key.to_owned(),
            icglr_id: subject.name().to_owned(),
            declared_status: decision::word(subject.declared_status()),
            decided_status: decided.status.as_str(),
            effective_status: decision::word(effective.status),
            effective_since: effective.since.to_string(),
            effective_until: effective.until.map(|day| day.to_string()).unwrap_or_default(),
            effective_reason: effective.reason.as_str().to_owned(),
            document_sha256: hex::encode(decided.document_sha256),
            seq,
        })
    }

    /// Appends bulletins and keeps their bytes; the seq of the last one. Several about one
    /// record stand in their order.
    pub(crate) async fn publish(
        &self,
        connection: &mut AnyConnection,
        mut entries: Vec<NewEntry>,
    ) -> Result<u64, Error> {
        let mut log = log::lock(connection, &self.feed, &self.hub).await?;
        let mut seqs = HashMap::new();
        for (seq, entry) in (log.size() + 1..).zip(&mut entries) {
            if let Some(previous) = seqs.insert(entry.key.clone(), seq) {
                entry.previous_seq = previous;
            }
        }
        let mut entries = entries.as_slice();
        while !entries.is_empty() {
            let (now, later) = entries.split_at(Log::fitting(entries));
            let first = log.size() + 1;
            log::append(connection, &mut log, now, &self.key, self.clock.now()).await?;
            for (seq, entry) in (first..).zip(now) {
                bulletin::keep(connection, entry, seq).await?;
            }
            entries = later;
        }
        Ok(log.size())
    }
}
