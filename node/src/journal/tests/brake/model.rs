//! Any rows in any batches at any hours, against a naive model of the brake.
//!
//! The model knows each row at the source, what followers hold, the last hour in
//! which each record counted, and what waits; it computes every number anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::{collection::vec, option, prelude::*, test_runner::Config};
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Record};

use super::{live, open_trips, release, waiting};
use crate::journal::testing::{TestJournal, gone, key, row};

/// Rows of the type: few, so that the numbers of the limits count, not the parts.
const ROWS: u32 = 60;

/// What comes next.
#[derive(Debug, Clone)]
enum Step {
    /// Rows `from..from + count` have this content, or are gone.
    Batch { from: u32, count: u32, content: Option<i64> },
    /// The clock moves.
    Hours(i64),
    /// A person releases what waits, of one kind.
    Release,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batch = (0..ROWS, 1..ROWS + 1, option::weighted(0.6, 0..3_i64));
    let step = prop_oneof![
        6 => batch.prop_map(|(from, count, content)| Step::Batch { from, count, content }),
        3 => (0..ROWS, 1..4_u32, option::weighted(0.4, 0..3_i64))
            .prop_map(|(from, count, content)| Step::Batch { from, count, content }),
        2 => (1..30_i64).prop_map(Step::Hours),
        1 => Just(Step::Release),
    ];
    vec(step, 1..25)
}

/// What may happen to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Delete,
    Change,
}

/// How the number of published records moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Come,
    Gone,
}

#[derive(Debug, Default)]
struct Model {
    /// Hours since the test began.
    hour: i64,
    /// What followers hold, by row.
    published: BTreeMap<u32, i64>,
    /// Hour of each record that came to be published or ceased to be.
    moved: Vec<(i64, Way)>,
    /// Where each record counts.
    counted: BTreeMap<u32, (i64, Kind)>,
    /// What would be published of a record, and of which trip it is.
    held: BTreeMap<u32, (Kind, Option<i64>)>,
}

impl Model {
    fn oldest(&self) -> i64 {
        self.hour - 24
    }

    fn counted(&self, kind: Kind) -> usize {
        let in_window = |(hour, of): &&(i64, Kind)| *hour >= self.oldest() && *of == kind;
        self.counted.values().filter(in_window).count()
    }

    /// Published when the window began, or what a first load brought since.
    fn base(&self, added_now: usize) -> usize {
        let recent = |of| {
            self.moved.iter().filter(|(hour, way)| *hour >= self.oldest() && *way == of).count()
        };
        let start = self.published.len() + recent(Way::Gone) - recent(Way::Come);
        if start > 0 { start } else { recent(Way::Come) + added_now }
    }

    fn batch(&mut self, rows: &BTreeMap<u32, Option<i64>>) {
        let (mut deletes, mut changes, mut additions) = (Vec::new(), Vec::new(), Vec::new());
        for (row, content) in rows {
            let now = self.published.get(row).copied();
            if now == *content || self.held.contains_key(row) {
                self.wait_on(*row, *content);
                continue;
            }
            match (now, content) {
                (Some(_), None) => deletes.push(*row),
                (Some(_), Some(content)) => changes.push((*row, *content)),
                (None, Some(content)) => additions.push((*row, *content)),
                (None, None) => {}
            }
        }
        for row in &deletes {
            self.counted.insert(*row, (self.hour, Kind::Delete));
        }
        for (row, _) in &changes {
            self.counted.insert(*row, (self.hour, Kind::Change));
        }
        let base = self.base(additions.len());
        let waiting = self.held.values().filter(|(_, content)| content.is_none()).count();
        let left = self.published.len() - waiting - deletes.len() + additions.len();
        let holds_deletes = self.counted(Kind::Delete) > (base * 2 / 100).max(3) || left == 0;
        let holds_changes = self.counted(Kind::Change) > (base / 10).max(50);
        for row in deletes {
            if holds_deletes {
                self.held.insert(row, (Kind::Delete, None));
            } else {
                self.published.remove(&row);
                self.moved.push((self.hour, Way::Gone));
            }
        }
        for (row, content) in changes {
            if holds_changes {
                self.held.insert(row, (Kind::Change, Some(content)));
            } else {
                self.published.insert(row, content);
            }
        }
        for (row, content) in additions {
            self.published.insert(row, content);
            self.moved.push((self.hour, Way::Come));
        }
    }

    /// A record that is as it is published, or waits already.
    fn wait_on(&mut self, row: u32, content: Option<i64>) {
        if self.published.get(&row).copied() == content {
            if self.held.remove(&row).is_some() {
                self.counted.remove(&row);
            }
            return;
        }
        if let Some((_, waits)) = self.held.get_mut(&row) {
            *waits = content;
        }
        if let Some((_, counted)) = self.counted.get_mut(&row) {
            *counted = if content.is_none() { Kind::Delete } else { Kind::Change };
        }
    }

    fn release(&mut self, trip: Kind) {
        let waited: Vec<u32> =
            self.held.iter().filter(|(_, (of, _))| *of == trip).map(|(row, _)| *row).collect();
        for row in waited {
            let content = self.held.remove(&row).and_then(|(_, content)| content);
            self.counted.remove(&row);
            if let Some(content) = content {
                self.published.insert(row, content);
            } else {
                self.published.remove(&row);
                self.moved.push((self.hour, Way::Gone));
            }
        }
    }
}

/// What followers hold, by row.
async fn followed(test: &TestJournal) -> BTreeMap<String, i64> {
    let mut records = BTreeMap::new();
    for entry in test.entries().await {
        let key = entry.header.key.clone();
        if entry.op() == Op::Tombstone {
            assert!(records.remove(&key).is_some(), "a tombstone of nothing");
            continue;
        }
        let record = Record::decode(Entity::ReportingPeriod, entry.payload().unwrap()).unwrap();
        let Record::ReportingPeriod(period) = record else { unreachable!() };
        let count = i64::try_from(period.record_count.unwrap()).unwrap();
        assert_ne!(records.insert(key, count), Some(count), "nothing changed");
    }
    records
}

async fn check(test: &TestJournal, model: &Model) {
    let published: BTreeMap<String, i64> =
        model.published.iter().map(|(row, count)| (key(*row), *count)).collect();
    assert_eq!(followed(test).await, published);
    let word = |content: Option<i64>| if content.is_none() { "tombstone" } else { "upsert" };
    let held: BTreeMap<String, &str> =
        model.held.iter().map(|(row, (_, content))| (key(*row), word(*content))).collect();
    assert_eq!(waiting(&test.journal).await, held);
    let counts = test.counts().await;
    assert_eq!(usize::try_from(counts.held).unwrap(), held.len());
    assert_eq!(usize::try_from(counts.published).unwrap(), published.len());
    let kinds: BTreeSet<Kind> = model.held.values().map(|(of, _)| *of).collect();
    assert_eq!(open_trips(&test.journal).await.len(), kinds.len());
}

async fn run(steps: Vec<Step>) {
    let test = live().await;
    let mut model = Model::default();
    for step in steps {
        take(&test, &mut model, step).await;
        check(&test, &model).await;
    }
}

async fn take(test: &TestJournal, model: &mut Model, step: Step) {
    match step {
        Step::Batch { from, count, content } => {
            let rows = from..ROWS.min(from + count);
            let items = rows.clone().map(|number| match content {
                Some(count) => row(&format!("r{number}"), number, count),
                None => gone(&format!("r{number}")),
            });
            test.apply(items.collect()).await;
            model.batch(&rows.map(|number| (number, content)).collect());
        }
        Step::Hours(hours) => {
            test.clock.advance(SignedDuration::from_hours(hours));
            model.hour += hours;
        }
        Step::Release => {
            let open = open_trips(&test.journal).await;
            let Some(trip) = open.first() else { return };
            release(&test.journal, trip.trip_id).await.unwrap();
            let kind = if trip.kind == "delete" { Kind::Delete } else { Kind::Change };
            model.release(kind);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_waits_follows_from_the_hours_and_the_rows(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
