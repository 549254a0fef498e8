//! Publishes bulletins: at a decision, and when the status of a decided site
//! changed by the clock or by its state.
//!
//! Decision, entry, block and log are one transaction. The log's row is locked
//! first, so that `site set-status` and the running hub append one after the
//! other, on either store.

use std::{path::Path, sync::Arc};

use rmd_feed::{BLOCK_ENTRIES_MAX, FeedKey, NewEntry};
use rmd_runtime::SharedClock;
use rmd_standard::effective::Policy;
use serde::Serialize;

use super::{
    Error, OwnFeed, bulletin,
    decision::{self, NewDecision},
    log, site,
};
use crate::{
    registry::network,
    store::{Store, Transaction},
};

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

    /// Records a decision about a site and publishes its bulletin.
    pub(crate) async fn decide(&self, id: &str, new: NewDecision) -> Result<Published, Error> {
        new.check()?;
        let (day, now) = (self.clock.today(), self.clock.now());
        let mut transaction = self.store.begin().await?;
        let mut log = log::lock(&mut transaction, &self.feed, &self.hub).await?;
        let site = site::find(&mut transaction, id).await?;
        let (key, icglr_id) = (&site.record_key, &site.declared.icglr_id);
        let decided = decision::record(&mut transaction, key, icglr_id, new, day, now).await?;
        let decisions = decision::of_site(&mut transaction, key).await?;
        let bulletin = bulletin::compute(&site, &decisions, day, now, &self.policy);
        let last = bulletin::last(&mut transaction, key).await?;
        // A decision has a number of its own, so its bulletin is never the last one's.
        let entry = bulletin::entry(key, &bulletin, last.as_ref(), now)
            .ok_or(Error::Inconsistent("a new decision did not change its bulletin"))?;
        let seq = self.append(&mut transaction, &mut log, &[entry]).await?;
        transaction.commit().await?;
        Ok(Published {
            decision_id: decided.id,
            icglr_id: site.declared.icglr_id.clone(),
            declared_status: decision::word(site.declared.certification_status()),
            decided_status: decided.status.as_str(),
            effective_status: decision::word(bulletin.effective_status()),
            effective_since: bulletin.effective_since,
            effective_until: bulletin.effective_until,
            effective_reason: bulletin.effective_reason,
            document_sha256: hex::encode(decided.document_sha256),
            seq,
        })
    }

    /// Computes the bulletins of all decided sites again and publishes those that
    /// changed. Returns how many.
    pub(crate) async fn refresh(&self) -> Result<usize, Error> {
        let stale = self.changed(&mut *self.store.acquire().await?).await?;
        if stale.is_empty() {
            return Ok(0);
        }
        // Computed again under the lock: a decision may have come in between.
        let mut transaction = self.store.begin().await?;
        let mut log = log::lock(&mut transaction, &self.feed, &self.hub).await?;
        let entries = self.changed(&mut transaction).await?;
        for block in entries.chunks(BLOCK_ENTRIES_MAX) {
            self.append(&mut transaction, &mut log, block).await?;
        }
        transaction.commit().await?;
        Ok(entries.len())
    }

    async fn changed(&self, connection: &mut sqlx::AnyConnection) -> Result<Vec<NewEntry>, Error> {
        let (day, now) = (self.clock.today(), self.clock.now());
        let mut entries = Vec::new();
        for key in bulletin::keys(connection).await? {
            // A site that its state withdrew keeps its last bulletin.
            let Some(site) = site::of_key(connection, &key).await? else {
                continue;
            };
            let decisions = decision::of_site(connection, &key).await?;
            let bulletin = bulletin::compute(&site, &decisions, day, now, &self.policy);
            let last = bulletin::last(connection, &key).await?;
            entries.extend(bulletin::entry(&key, &bulletin, last.as_ref(), now));
        }
        Ok(entries)
    }

    /// Appends one block; the seq of its last entry.
    async fn append(
        &self,
        transaction: &mut Transaction,
        log: &mut log::Locked,
        entries: &[NewEntry],
    ) -> Result<u64, Error> {
        let first = log.size() + 1;
        log::append(transaction, log, entries, &self.key, self.clock.now()).await?;
        for (seq, entry) in (first..).zip(entries) {
            bulletin::keep(transaction, entry, seq).await?;
        }
        Ok(log.size())
    }
}
