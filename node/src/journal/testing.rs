//! A journal of a test, and batches for it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::tz::{TimeZone, offset};
use rmd_feed::{FeedKey, StoredEntry, frame};
use rmd_proto::v1::Op;
use rmd_runtime::clock::{ManualClock, SharedClock};
use rmd_standard::{Cell, CodeLists, Context, Draft, Entity, Finding, Refusal, Severity, column};
use tempfile::TempDir;

use super::{
    Applied, Batch, Item, Journal, Mode, Owner, blocks_after,
    brake::{self, mapping::Word},
    entitlement::{self, Change, Level},
    report::{self, EntityReport, Quarantined},
};

/// Name of the owner in tests.
pub(crate) const OWNER: &str = "rmd.net/COD/cod-mines";

/// The record type of these batches: key CD / period / transactions.
pub(crate) const ENTITY: Entity = Entity::ReportingPeriod;

/// Its feed.
pub(crate) const FEED: &str = "transactions";

/// A journal in a folder of its own.
pub(crate) struct TestJournal {
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) key: FeedKey,
    dir: TempDir,
}

impl TestJournal {
    /// A journal whose record type is live.
    pub(crate) async fn live() -> Self {
        let test = Self::new().await;
        test.set(Level::Live).await;
        test
    }

    /// A journal with the default entitlements, whose batches no brake holds.
    pub(crate) async fn new() -> Self {
        let test = Self::braked().await;
        let word = Word { by: "test", reason: "few records change often" };
        let mapping_id = batch(Vec::new()).mapping_id;
        let store = test.journal.store();
        brake::mapping::release(store, &mapping_id, &Entity::ALL, word).await.unwrap();
        test
    }

    /// A live journal of the owner of a key, as after a lost store.
    pub(crate) async fn live_with(key: FeedKey) -> Self {
        let test = Self::braked_with(key).await;
        test.set(Level::Live).await;
        test
    }

    /// The same with the brake.
    pub(crate) async fn braked() -> Self {
        Self::braked_with(FeedKey::generate(OWNER).unwrap()).await
    }

    async fn braked_with(key: FeedKey) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2018-01-01T10:00:00Z".parse().unwrap()));
        let journal = open(&dir.path().join("node.sqlite"), &key, &clock).await;
        Self { journal, clock, key, dir }
    }

    /// The same file, as another process or the next start opens it.
    pub(crate) async fn opened_again(&self) -> Journal {
        open(&self.path(), &self.key, &self.clock).await
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("node.sqlite")
    }

    pub(crate) async fn apply(&self, items: Vec<Item>) -> Applied {
        self.journal.apply(batch(items)).await.unwrap()
    }

    pub(crate) async fn set(&self, level: Level) -> Vec<Change> {
        let owner = Some(self.journal.owner());
        entitlement::set(self.journal.store(), owner, &[ENTITY], level, &|_| ()).await.unwrap()
    }

    /// Every entry of the feed, checked.
    pub(crate) async fn entries(&self) -> Vec<StoredEntry> {
        entries(&self.journal).await
    }

    /// What a follower holds: source of truth for "none lost, none doubled".
    pub(crate) async fn published(&self) -> BTreeMap<String, u64> {
        let mut published = BTreeMap::new();
        for entry in self.entries().await {
            match entry.op() {
                Op::Tombstone => published.remove(&entry.header.key),
                _ => published.insert(entry.header.key.clone(), entry.header.rev),
            };
        }
        published
    }

    pub(crate) async fn quarantine(&self) -> Vec<Quarantined> {
        report::quarantine(self.journal.store(), None, None, 100).await.unwrap()
    }

    pub(crate) async fn counts(&self) -> EntityReport {
        let reports = report::entities(self.journal.store()).await.unwrap();
        reports.into_iter().find(|report| report.entity == ENTITY.name()).unwrap()
    }
}

async fn open(path: &std::path::Path, key: &FeedKey, clock: &Arc<ManualClock>) -> Journal {
    let owner = Owner { name: OWNER.to_owned(), key: key.clone() };
    let clock: SharedClock = Arc::<ManualClock>::clone(clock);
    Journal::open(path, owner, clock).await.unwrap()
}

pub(crate) async fn entries(journal: &Journal) -> Vec<StoredEntry> {
    let readers = journal.store().readers();
    let (mut entries, mut after) = (Vec::new(), 0);
    loop {
        let blocks = blocks_after(readers, FEED, 1, after, 1 << 20).await.unwrap();
        let Some(last) = blocks.last() else { return entries };
        let frame = frame::build(FEED, 1, &blocks, after).unwrap();
        after = last.last_seq;
        entries.extend(frame::open(&frame).unwrap());
    }
}

/// A batch without a mark.
pub(crate) fn batch(items: Vec<Item>) -> Batch {
    let mapping_id = "0011223344556677".to_owned();
    Batch { entity: ENTITY, mode: Mode::Mapped, mapping_id, items, mark: None }
}

/// The record key of a month.
pub(crate) fn key(month: u32) -> String {
    format!("CD/{}/{FEED}", period(month))
}

fn period(month: u32) -> String {
    format!("{:04}-{:02}", 1900 + month / 12, month % 12 + 1)
}

/// A row that is the record of a month, with a count as its content.
pub(crate) fn row(source_key: &str, month: u32, count: i64) -> Item {
    let codes = CodeLists::from_tables(BTreeMap::new()).unwrap();
    let mut draft = Draft::new(ENTITY);
    for (alias, cell) in [
        ("country", Cell::Text("CD".to_owned())),
        ("period", Cell::Text(period(month))),
        ("feed", Cell::Text(FEED.to_owned())),
        ("record_count", Cell::Integer(count)),
        ("closed_at", Cell::Text("2017-12-31T10:00:00Z".to_owned())),
    ] {
        draft.set(column(ENTITY, None, alias).unwrap(), &cell, &codes);
    }
    let context = Context {
        country: "CD".to_owned(),
        today: "2018-01-01".parse().unwrap(),
        zone: TimeZone::fixed(offset(2)),
    };
    Item::Present {
        source_key: source_key.to_owned(),
        outcome: draft.finish(&context),
        annulled: None,
    }
}

/// Rows `from..to`, each the record of its own month.
pub(crate) fn rows(from: u32, to: u32, count: i64) -> Vec<Item> {
    (from..to).map(|month| row(&format!("r{month}"), month, count)).collect()
}

/// A row that is refused.
pub(crate) fn bad(source_key: &str, record_key: Option<String>) -> Item {
    let finding = Finding {
        rule: "TEST".to_owned(),
        severity: Severity::Refuse,
        path: "period".to_owned(),
        value: "?".to_owned(),
        en: "bad".to_owned(),
        fr: "mauvais".to_owned(),
    };
    Item::Present {
        source_key: source_key.to_owned(),
        outcome: Err(Refusal { key: record_key, findings: vec![finding] }),
        annulled: None,
    }
}

/// A row that is gone.
pub(crate) fn gone(source_key: &str) -> Item {
    Item::Gone { source_key: source_key.to_owned() }
}
