//! A hub that reconciles, for tests: three states whose feeds land as they come, and the
//! same judged by all rules over all records at once.

pub(crate) mod sample;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::{Date, date};
use rmd_proto::v1;
use rmd_reconcile::region::{MirrorRow, Region};
use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::{Entity, effective::Policy};
use sqlx::Row as _;

use super::{
    Engine, Error, Reader, Report, feeds, finding::Finding, shelf::KeySet, whole::Progress,
};
use crate::{
    follow::testing::{Publisher, Receiver, Said},
    registry::{
        entitlement::{self, Level},
        testing::known,
    },
    share::decision,
    store::Store,
};

impl Engine {
    /// Judges until nothing is left, at a day; everything if that is asked for. Waits for
    /// whoever is at it.
    pub(crate) async fn run_at(
        &self,
        day: Date,
        is_whole: bool,
        progress: Progress<'_>,
    ) -> Result<Report, Error> {
        let lease = self.lease_in_turn(|_| ()).await?;
        self.run_with(lease, (day, is_whole), progress).await
    }
}

/// The day on which tests judge.
pub(crate) const DAY: Date = date(2026, 10, 15);

/// The states, and the node of each.
pub(crate) const NODES: [(&str, &str); 3] =
    [("RW", "RWA/rwa-mines"), ("UG", "UGA/uga-mines"), ("CD", "COD/cod-mines")];

/// The writing ends of the feeds of three states, with the frames that wait.
pub(crate) struct Owners {
    publishers: BTreeMap<(&'static str, &'static str), Publisher>,
}

impl Owners {
    pub(crate) fn new() -> Self {
        let feeds = NODES.iter().flat_map(|(state, node)| {
            ["master-data", "transactions"].map(|feed| ((*state, feed), Publisher::new(node, feed)))
        });
        Self { publishers: feeds.collect() }
    }

    /// Publishes what a state says, one frame a feed: state, feed and frame.
    pub(crate) fn publish(&mut self, said: Vec<(String, Said)>) -> Vec<Frame> {
        let mut by_feed = BTreeMap::<_, Vec<Said>>::new();
        for (country, said) in said {
            let entity = Entity::from_name(&said.entity).unwrap();
            let (state, _) = NODES.iter().find(|(state, _)| *state == country).unwrap();
            by_feed.entry((*state, entity.feed())).or_default().push(said);
        }
        let frames = by_feed.into_iter().map(|(of, said)| {
            let publisher = self.publishers.get_mut(&of).unwrap();
            Frame { of, frame: publisher.publish(said) }
        });
        frames.collect()
    }
}

/// A frame on its way, with the state and the feed that it is of.
#[derive(Clone)]
pub(crate) struct Frame {
    of: (&'static str, &'static str),
    frame: v1::Frame,
}

/// A hub with its engine, and its ends of the feeds.
pub(crate) struct Scene {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    receivers: BTreeMap<(&'static str, &'static str), Receiver>,
}

impl Scene {
    /// A hub that takes everything of these owners.
    pub(crate) async fn of(store: &Store, owners: &Owners) -> Self {
        let clock = ManualClock::new("2026-10-15T12:00:00Z".parse().unwrap());
        let clock: SharedClock = Arc::new(clock);
        let engine = Engine::new(store.clone(), clock, Policy::default());
        let mut transaction = store.begin().await.unwrap();
        for (_, node_id) in NODES {
            known(&mut transaction, node_id, "").await;
            for feed in ["master-data", "transactions"] {
                let at = jiff::Timestamp::UNIX_EPOCH;
                let live = Level::Live;
                entitlement::set(&mut transaction, node_id, feed, None, live, at).await.unwrap();
            }
        }
        transaction.commit().await.unwrap();
        let mut receivers = BTreeMap::new();
        for (of, publisher) in &owners.publishers {
            let mut receiver = Receiver::take(store, publisher, Level::Live).await;
            receiver.landing.context.today = DAY;
            receivers.insert(*of, receiver);
        }
        Self { store: store.clone(), engine, receivers }
    }

    /// Lands a frame; one that came before changes nothing.
    pub(crate) async fn land(&mut self, frame: &Frame) {
        let receiver = self.receivers.get_mut(&frame.of).unwrap();
        receiver.try_land(&frame.frame).await.unwrap();
    }

    /// Decides about a site, as the Secretariat does.
    pub(crate) async fn decide(&self, number: &str, site: usize) {
        let icglr_id = sample::site_id(site);
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO decision
                 (decision_id, entity, record_key, icglr_id, status, decided_on, decided_by,
                  ground, document_name, document_sha256, lifts, recorded_at_us)
             VALUES ($1, 'MineSite', $2, $3, 'red', '2026-02-01', 'Officer', 'visit', 'd', $4, 0, $5)",
        )
        .bind(number)
        .bind(rmd_standard::site_id::key_of(&icglr_id).unwrap())
        .bind(icglr_id)
        .bind(vec![0_u8; 32])
        .bind(1_769_990_400_000_000_i64)
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Loads what a partner says of a year.
    pub(crate) async fn load(&self, country: &str, year: i64, kilograms: i64) {
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO partner_statistic
                 (country, partner, mineral, year, mass_mg, source_file, source_sha256, loaded_at_us)
             VALUES ($1, 'TH', '260900', $2, $3, 'th.csv', '', 1)",
        )
        .bind(country)
        .bind(year)
        .bind(kilograms * sample::KG)
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Judges until nothing is left.
    pub(crate) async fn judge(&self, day: Date) -> Report {
        self.engine.run_at(day, false, &|_| ()).await.unwrap()
    }

    /// Every finding that is open, without when.
    pub(crate) async fn found(&self) -> Vec<Finding> {
        let mut connection = self.store.acquire().await.unwrap();
        let open = sqlx::query_as("SELECT * FROM finding WHERE state = 'open'");
        sorted(open.fetch_all(&mut *connection).await.unwrap())
    }

    /// The same, raised by all rules over all records at once.
    pub(crate) async fn raised(&self, day: Date) -> Vec<Finding> {
        let (mut reader, _) = self.engine.look().await.unwrap();
        let policy = Policy::default();
        let ground = super::ground::read(&mut reader.records, day, &policy).await.unwrap();
        let region = everything(&mut reader).await;
        let occasion = super::finding::Occasion {
            day,
            at: jiff::Timestamp::UNIX_EPOCH,
            parameters_version: ground.context.parameters.version,
        };
        let judged = region.judge(&ground.context);
        let raised = judged.iter().flat_map(|one| &one.outcome.raised);
        sorted(raised.map(|one| Finding::of(one, occasion)).collect())
    }

    /// How often each change stands in the history.
    pub(crate) async fn history(&self) -> BTreeMap<String, i64> {
        let query = sqlx::query("SELECT change, COUNT(*) FROM finding_event GROUP BY change");
        let mut connection = self.store.acquire().await.unwrap();
        let rows = query.fetch_all(&mut *connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// Every record of the store.
async fn everything(reader: &mut Reader) -> Region {
    let rows = sqlx::query("SELECT entity, record_key FROM record")
        .fetch_all(&mut *reader.records)
        .await
        .unwrap();
    let mut keys = BTreeMap::<Entity, KeySet>::new();
    for row in rows {
        let entity = Entity::from_name(&row.get::<String, _>(0)).unwrap();
        keys.entry(entity).or_default().insert(row.get::<String, _>(1).into());
    }
    let mut region = Region::default();
    for (entity, keys) in keys {
        for held in reader.shelf.fetch(&mut reader.records, entity, keys).await.unwrap() {
            held.put(&mut region);
        }
    }
    let sites: Vec<String> = region.sites.keys().map(ToString::to_string).collect();
    let sites: Vec<&str> = sites.iter().map(String::as_str).collect();
    for (key, decisions) in decision::of_sites(&mut reader.records, &sites).await.unwrap() {
        let events = decisions.iter().map(decision::Decision::event).collect();
        region.decisions.insert(key.into(), events);
    }
    let rows =
        sqlx::query("SELECT country, partner, mineral, year, mass_mg FROM partner_statistic")
            .fetch_all(&mut *reader.records)
            .await
            .unwrap();
    region.mirror.extend(rows.iter().map(|row| MirrorRow {
        country: row.get(0),
        partner: row.get(1),
        mineral: row.get(2),
        year: i16::try_from(row.get::<i64, _>(3)).unwrap(),
        mass_mg: row.get::<i64, _>(4).into(),
    }));
    region.feeds = feeds::feeds(&mut reader.records).await.unwrap();
    region
}

/// By id, without when.
fn sorted(found: Vec<Finding>) -> Vec<Finding> {
    let by_id: BTreeMap<String, Finding> = found
        .into_iter()
        .map(|finding| {
            let none = String::new();
            let timeless = Finding {
                first_opened_on: none.clone(),
                opened_on: none,
                changed_at_us: 0,
                ..finding
            };
            (timeless.id.clone(), timeless)
        })
        .collect();
    by_id.into_values().collect()
}

/// The rules that raised something.
pub(crate) fn rules(found: &[Finding]) -> BTreeSet<&str> {
    found.iter().map(|one| one.rule.as_str()).collect()
}
