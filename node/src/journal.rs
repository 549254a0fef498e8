//! The journal: one SQLite file that holds what may leave and what became of every row.
//!
//! Owns the feeds, the row state, the quarantine, the entitlements and the
//! capture marks. Refuses to hold anything of a record whose entity is not
//! entitled, beyond the fact that its row exists. Invariant: what one
//! [`Journal::apply`] does is one transaction, so a crash repeats work and
//! never skips or doubles it.

pub(crate) mod adopt;
pub(crate) mod answers;
mod apply;
pub(crate) mod audit;
mod block;
pub(crate) mod boot;
pub(crate) mod brake;
mod clash;
pub(crate) mod clock;
pub(crate) mod enrolment;
pub(crate) mod entitlement;
pub(crate) mod erase;
mod error;
mod feeds;
mod ids;
mod imprint;
pub(crate) mod marks;
mod mode;
pub(crate) mod newest;
mod plan;
pub(crate) mod prove;
pub(crate) mod recovery;
pub(crate) mod rehearsal;
pub(crate) mod report;
pub(crate) mod revocation;
mod state;
mod store;
pub(crate) mod verify;
mod world;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(test)]
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use rmd_feed::FeedKey;
#[cfg(test)]
use rmd_runtime::clock::SharedClock;
use rmd_standard::{Entity, Finding, National, Record, Refusal, Valid};
use tokio::sync::watch;

use self::apply::Released;
pub(crate) use self::{
    clash::RULE as CLASH_RULE,
    error::Error,
    feeds::{ANSWERS, FEEDS, blocks_after},
    imprint::Imprint,
    mode::Mode,
    state::bulk,
    store::Store,
};

/// What capture read of one entity, to be applied in one transaction.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The record type of every item.
    pub(crate) entity: Entity,
    /// How every item came to the node; its source key is one of that mode.
    pub(crate) mode: Mode,
    /// First 8 bytes of the SHA-256 of the mapping, in hexadecimal.
    pub(crate) mapping_id: String,
    /// At most [`BATCH_ITEMS_MAX`]; one source key at most once.
    pub(crate) items: Vec<Item>,
    /// The watched table and the capture mark that holds once the items are applied.
    pub(crate) mark: Option<(String, String)>,
}

/// Items that one batch may hold: a page of a scan, applied in some hundredths of a
/// second.
pub(crate) const BATCH_ITEMS_MAX: usize = 1200;

/// One source row as the normaliser found it.
#[derive(Debug)]
pub(crate) enum Item {
    /// The row is there; it is a record or it was refused.
    Present {
        /// Key of the row at the source, as text.
        source_key: String,
        /// The whole record, or why there is none.
        outcome: Result<Valid<Record, National>, Refusal>,
        /// Set when the row says that the record is void.
        annulled: Option<Annulment>,
    },
    /// The same after [`Item::release`].
    Released(Released),
    /// The row is not there any more, confirmed by a re-read.
    Gone {
        /// Key of the row at the source, as text.
        source_key: String,
    },
}

impl Item {
    /// Key of the row at the source.
    pub(crate) fn source_key(&self) -> &str {
        match self {
            Self::Present { source_key, .. } | Self::Gone { source_key } => source_key,
            Self::Released(released) => &released.source_key,
        }
    }

    /// Leaves of a row what may leave the state, in the bytes in which it does: a record
    /// takes ten times as much room.
    pub(crate) fn release(self, entity: Entity, mapping_id: &str) -> Self {
        Self::Released(apply::release_one(entity, mapping_id, self))
    }

    /// The same row under the key that the row state has for it.
    fn stored(self, mode: Mode) -> Self {
        match self {
            Self::Present { source_key, outcome, annulled } => {
                Self::Present { source_key: mode.stored(source_key), outcome, annulled }
            }
            Self::Released(Released { source_key, outcome }) => {
                Self::Released(Released { source_key: mode.stored(source_key), outcome })
            }
            Self::Gone { source_key } => Self::Gone { source_key: mode.stored(source_key) },
        }
    }
}

/// The declaration of the source that a record is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annulment {
    /// Day on which it was declared void.
    pub(crate) on: Date,
    /// The ground as the source gives it; may be empty.
    pub(crate) reason: String,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Applied {
    /// Row id of each item in its order; none for a gone row that was not known.
    pub(crate) row_ids: Vec<Option<i64>>,
    /// What became of each item, in their order.
    pub(crate) fates: Vec<Fate>,
    /// Entries appended, tombstones included.
    pub(crate) appended: u64,
    /// Records whose released bytes were those of their last revision.
    pub(crate) unchanged: u64,
    /// Rows that went to or stay in quarantine.
    pub(crate) refused: u64,
    /// Tombstones among the appended.
    pub(crate) tombstones: u64,
    /// Revisions that the brake holds, now or since an earlier batch.
    pub(crate) held: u64,
    /// Records that were not appended because their entity is `off`.
    pub(crate) withheld_by_entitlement: u64,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// Followers hold it, now or since an earlier batch.
    Published,
    /// It is good, and waits in the brake; followers hold what they held before.
    Held,
    /// It is good, and its entity may not leave.
    Withheld,
    /// It is not published; why.
    Refused(Vec<Finding>),
    /// Nothing is there under its key any more.
    Gone,
}

/// Who writes the feeds.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// Name of the owner in checkpoints, as `rmd.net/COD/cod-mines`.
    pub(crate) name: String,
    /// Key that signs the checkpoints.
    pub(crate) key: FeedKey,
}

/// The one journal of a node; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    owner: Owner,
    /// By which erased content is known again, where it is not the owner's.
    seals: Option<FeedKey>,
    brake: brake::Limits,
    generations: marks::Generations,
    appended: watch::Sender<()>,
}

impl Journal {
    /// Opens or creates the file and brings its tables up to date.
    #[cfg(test)]
    pub(crate) async fn open(path: &Path, owner: Owner, clock: SharedClock) -> Result<Self, Error> {
        Ok(Self::new(Store::open(path, clock).await?, owner))
    }

    /// The journal over a file that is open already, with the network's brake.
    pub(crate) fn new(store: Store, owner: Owner) -> Self {
        Self::braked(store, owner, brake::Limits::default())
    }

    /// The same with the brake that the ministry has set.
    pub(crate) fn braked(store: Store, owner: Owner, brake: brake::Limits) -> Self {
        Self::sealed(store, owner, brake, None)
    }

    /// The same over a copy, whose erased content is known by the key of the original.
    fn sealed(store: Store, owner: Owner, brake: brake::Limits, seals: Option<FeedKey>) -> Self {
        let generations = marks::Generations::default();
        let appended = watch::Sender::new(());
        let inner = Inner { store, owner, seals, brake, generations, appended };
        Self { inner: Arc::new(inner) }
    }

    /// The key by which erased content is known again.
    fn seals(&self) -> &FeedKey {
        self.inner.seals.as_ref().unwrap_or(&self.inner.owner.key)
    }

    /// Applies a batch in ONE transaction: entitlement, release, hash gate, key
    /// clashes, quarantine, append, row state and capture mark.
    pub(crate) async fn apply(&self, batch: Batch) -> Result<Applied, Error> {
        apply::apply(self, batch, apply::Taking::Everything, Vec::new()).await
    }

    /// The same for rows of which it is known what the source gave: an imprint for each
    /// item, in their order.
    pub(crate) async fn apply_imprinted(
        &self,
        batch: Batch,
        imprints: Vec<Option<Imprint>>,
    ) -> Result<Applied, Error> {
        let applied = apply::apply(self, batch, apply::Taking::Everything, imprints).await;
        self.store().captured();
        applied
    }

    /// Which of these rows are as they were when what is published of them was made of
    /// them: the row id of each, in their order.
    pub(crate) async fn unchanged(
        &self,
        entity: Entity,
        mode: Mode,
        rows: &[(&str, Imprint)],
    ) -> Result<Vec<Option<i64>>, Error> {
        imprint::unchanged(self.store(), entity, mode, rows).await
    }

    /// What the imprints of this file begin with.
    pub(crate) async fn salt(&self) -> Result<Vec<u8>, Error> {
        imprint::salt(self.store()).await
    }

    /// The same for rows whose giver waits for an answer: one that is refused,
    /// or whose record another row has, leaves no trace but its [`Fate`].
    pub(crate) async fn offer(&self, batch: Batch) -> Result<Applied, Error> {
        apply::apply(self, batch, apply::Taking::Publishable, Vec::new()).await
    }

    /// The capture mark of a watched table; none before the first load and
    /// after an entitlement was raised.
    pub(crate) async fn mark(&self, entity: Entity, table: &str) -> Result<Option<String>, Error> {
        marks::get(self, entity, table).await
    }

    /// Known rows of an entity that came in one mode, with an id above `after_id` in
    /// the order of ids, refused ones included: row id and source key. Begin with
    /// [`i64::MIN`].
    pub(crate) async fn rows_after(
        &self,
        entity: Entity,
        mode: Mode,
        after_id: i64,
        limit: u32,
    ) -> Result<Vec<(i64, String)>, Error> {
        report::rows_after(self.store(), entity, mode, after_id, limit).await
    }

    /// Notes that a capture pass over a watched table begins (`cursor` or `diff`).
    pub(crate) async fn pass_begun(
        &self,
        entity: Entity,
        table: &str,
        mode: &str,
    ) -> Result<(), Error> {
        marks::pass_begun(self.store(), entity, table, mode).await
    }

    /// Notes how a capture pass ended: rows read, and the message if it failed.
    pub(crate) async fn pass_finished(
        &self,
        entity: Entity,
        table: &str,
        rows_read: u64,
        error: Option<&str>,
    ) -> Result<(), Error> {
        marks::pass_finished(self.store(), entity, table, rows_read, error).await?;
        if error.is_none() {
            self.end_unclaimed(entity, false).await?;
        }
        Ok(())
    }

    /// Notes the kind and version of the source as its server tells them.
    pub(crate) async fn source_seen(&self, kind: &str, server_version: &str) -> Result<(), Error> {
        marks::source_seen(self.store(), kind, server_version).await
    }

    /// The file under the journal.
    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What is taken for an accident.
    fn brake(&self) -> brake::Limits {
        self.inner.brake
    }

    /// Notes that all rows of an entity were read with a mapping.
    pub(crate) async fn all_read(&self, entity: Entity, mapping_id: &str) -> Result<(), Error> {
        brake::mapping::all_read(self.store(), entity, mapping_id).await
    }

    /// Who writes.
    pub(crate) fn owner(&self) -> &Owner {
        &self.inner.owner
    }

    /// Wakes after each append of this process; appends of other processes are
    /// found by looking.
    pub(crate) fn appends(&self) -> watch::Receiver<()> {
        self.inner.appended.subscribe()
    }

    fn announce(&self) {
        self.inner.appended.send_replace(());
    }

    fn generations(&self) -> &marks::Generations {
        &self.inner.generations
    }
}
