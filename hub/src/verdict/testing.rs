//! A hub that judges, for tests: nodes as rows, feeds as they come.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use prost::Message as _;
use rmd_feed::{FeedKey, frame};
use rmd_proto::v1;
use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::Record;

use super::{Judge, parked};
use crate::{
    follow::testing::{NOW_US, Publisher, Receiver, Said},
    registry::{
        entitlement::{self, Level},
        testing::known,
    },
    share::{EPOCH, OwnFeed, log},
    store::Store,
};

/// Name of the hub on checkpoints.
pub(crate) const HUB: &str = "rmd.net/hub";

/// A hub with its judge.
pub(crate) struct Court {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    judge: Judge,
}

impl Court {
    pub(crate) fn of(store: &Store) -> Self {
        let clock = Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()));
        let shared: SharedClock = clock.clone();
        let key = Arc::new(FeedKey::generate(HUB).unwrap());
        let judge = Judge::new(store.clone(), shared, (key, HUB.to_owned()));
        Self { store: store.clone(), clock, judge }
    }

    /// A node with these feeds, of which the hub wants everything.
    pub(crate) async fn state(&self, node_id: &'static str, level: Level) -> State {
        let mut transaction = self.store.begin().await.unwrap();
        known(&mut transaction, node_id, "").await;
        transaction.commit().await.unwrap();
        let state = State {
            master: Feed::follow(&self.store, node_id, "master-data", level).await,
            trade: Feed::follow(&self.store, node_id, "transactions", level).await,
        };
        self.set_level(node_id, level).await;
        state
    }

    pub(crate) async fn set_level(&self, node_id: &str, level: Level) {
        let mut transaction = self.store.begin().await.unwrap();
        for feed in ["master-data", "transactions"] {
            let now = jiff::Timestamp::UNIX_EPOCH;
            entitlement::set(&mut transaction, node_id, feed, None, level, now).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// Judges until nothing is left.
    pub(crate) async fn judge(&self) {
        for _ in 0..1_000 {
            if !self.judge.step().await.unwrap() {
                return;
            }
        }
        panic!("the judge never ends");
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Every entry in the verdicts of a node, oldest first: key, and what stands there.
    pub(crate) async fn entries(&self, node_id: &str) -> Vec<(String, Option<v1::Verdict>)> {
        let feed = OwnFeed::verdicts(node_id);
        let mut connection = self.store.acquire().await.unwrap();
        let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
        if blocks.is_empty() {
            return Vec::new();
        }
        let frame = frame::build(feed.name(), EPOCH, &blocks, 0).unwrap();
        let entries = frame::open(&frame).unwrap();
        let read = |entry: rmd_feed::StoredEntry| {
            let payload = entry.payload().unwrap_or_default();
            let verdict = (!payload.is_empty()).then(|| v1::Verdict::decode(payload).unwrap());
            (entry.header.key, verdict)
        };
        entries.into_iter().map(read).collect()
    }

    /// What stands of a node now: its records' keys with the rules.
    pub(crate) async fn told(&self, node_id: &str) -> BTreeMap<String, Vec<String>> {
        let mut told = BTreeMap::new();
        for (key, verdict) in self.entries(node_id).await {
            match verdict {
                Some(verdict) => {
                    let rules = verdict.finding.into_iter().map(|finding| finding.rule);
                    told.insert(key, rules.collect());
                }
                None => drop(told.remove(&key)),
            }
        }
        told
    }

    /// Key and path of everything that waits.
    pub(crate) async fn parked(&self) -> Vec<(String, String)> {
        let mut connection = self.store.acquire().await.unwrap();
        let parked = parked::list(&mut connection, None, 1_000).await.unwrap();
        parked.into_iter().map(|one| (one.record_key, one.path)).collect()
    }
}

/// The feeds of one node.
pub(crate) struct State {
    pub(crate) master: Feed,
    pub(crate) trade: Feed,
}

/// One feed, both ends.
pub(crate) struct Feed {
    pub(crate) publisher: Publisher,
    pub(crate) receiver: Receiver,
}

impl Feed {
    /// The transactions of a node that is enrolled already.
    pub(crate) async fn transactions(store: &Store, node_id: &'static str) -> Self {
        Self::follow(store, node_id, "transactions", Level::Live).await
    }

    async fn follow(store: &Store, node_id: &'static str, feed: &str, level: Level) -> Self {
        let publisher = Publisher::new(node_id, feed);
        let receiver = Receiver::take(store, &publisher, level).await;
        Self { publisher, receiver }
    }

    /// Publishes one block and lands it.
    pub(crate) async fn say(&mut self, said: impl IntoIterator<Item = Said>) {
        let frame = self.publisher.publish(said);
        self.receiver.land(&frame).await;
    }
}

/// A lot that lacks nothing but what a test takes away.
pub(crate) fn lot_from(number: u32, site: &v1::MineSite) -> v1::Lot {
    v1::Lot { mine_site_id: site.icglr_id.clone(), ..complete_lot(number) }
}

/// A lot about which the rules of the standard have nothing to say.
pub(crate) fn complete_lot(number: u32) -> v1::Lot {
    let address = v1::Address {
        country: "CD".to_owned(),
        subnational_division_l1: "CD-NK".to_owned(),
        address_locality_text: "Goma".to_owned(),
        ..v1::Address::default()
    };
    let party = |identifier: &str| v1::BusinessEntity {
        identifier: identifier.to_owned(),
        name: "Coopérative".to_owned(),
        legal_address: Some(address.clone()),
        physical_address: Some(address.clone()),
        contact_details: Some(v1::ContactDetails::default()),
        ..v1::BusinessEntity::default()
    };
    v1::Lot {
        creator: Some(party("CD-T-1")),
        concentration_ppm: Some(600_000),
        registered_at_us: NOW_US - 86_400_000_000,
        // Kept back by its state, these count as present.
        withheld: [
            "creator.tin",
            "creator.contact_details.legal_representative",
            "creator.contact_details.contact_phone_number",
            "creator.contact_details.contact_email",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..crate::follow::testing::lot(number, 0)
    }
}

/// The findings of a record, as the rules of the standard see it.
pub(crate) fn findings(record: Record) -> Vec<rmd_standard::Finding> {
    let context = crate::follow::testing::context("CD");
    rmd_standard::Valid::<_, rmd_standard::Regional>::check(record, &context)
        .map_or_else(|refusal| refusal.findings, |valid| valid.findings().to_vec())
}
