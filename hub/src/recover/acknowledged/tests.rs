//! Bundles of a node that no network reaches, at a hub that was restored.

use rmd_feed::{FeedKey, NewEntry};

use super::*;
use crate::{
    recover::Word,
    registry::{network, testing::Hub},
    store::{Store, testing::on_each_store},
};

const NODE: &str = "COD/cod-mines";
const OWNER: &str = "rmd.net/hub";
const DAY_US: i64 = 86_400 * 1_000_000;

/// A hub with an enrolled node, and the feed that both had before the disk was lost.
struct Scene {
    hub: Hub,
    key: FeedKey,
    _dir: tempfile::TempDir,
}

fn entry(number: u64) -> NewEntry {
    NewEntry {
        entity: "Note".to_owned(),
        key: number.to_string(),
        rev: 1,
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1,
        mapping_id: String::new(),
        previous_seq: 0,
        payload: b"note".to_vec(),
    }
}

impl Scene {
    async fn new(store: Store) -> Self {
        let hub = Hub::make(store).await;
        let dir = tempfile::tempdir().unwrap();
        hub.enrol("cod-mines", "", dir.path()).await;
        let key = network::feed_key(hub.dir.path()).unwrap();
        Self { hub, key, _dir: dir }
    }

    /// The hub publishes; the note that it signs.
    async fn publish(&self, number: u64) -> String {
        let mut transaction = self.hub.store.begin().await.unwrap();
        let mut locked =
            log::lock(&mut transaction, &OwnFeed::shared(), OWNER).await.expect("nothing is held");
        let entries = [entry(number)];
        log::append(&mut transaction, &mut locked, &entries, &self.key, self.hub.now())
            .await
            .unwrap();
        let at = log::checkpoint_at(&mut transaction, &OwnFeed::shared(), number).await.unwrap();
        transaction.commit().await.unwrap();
        at.unwrap()
    }

    /// The hub publishes twice, and is put back to what it had after the first; both notes.
    async fn put_back(&self) -> [String; 2] {
        let first = self.publish(1).await;
        let mut connection = self.hub.store.acquire().await.unwrap();
        let head = log::head(&mut connection, &OwnFeed::shared()).await.unwrap();
        drop(connection);
        let second = self.publish(2).await;
        let mut transaction = self.hub.store.begin().await.unwrap();
        sqlx::query("DELETE FROM shared_block WHERE last_seq > 1")
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query("UPDATE shared_log SET size = 1, edge = $1, checkpoint = $2")
            .bind(head.edge.to_bytes())
            .bind(&first)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        [first, second]
    }

    /// A bundle that says that the node holds such a feed.
    async fn told(&self, cursor: u64, note: &str, created_at_us: i64) -> Vec<String> {
        let acknowledged = v1::BundleCursor {
            feed: "shared".to_owned(),
            epoch: EPOCH,
            cursor,
            checkpoint: note.to_owned(),
            ..Default::default()
        };
        let message = v1::BundleManifest {
            created_at_us,
            acknowledged: vec![acknowledged],
            ..Default::default()
        };
        let verifier = FeedVerifier::parse(&self.key.vkey()).unwrap();
        let mut transaction = self.hub.store.begin().await.unwrap();
        let now_us = self.hub.now().as_microsecond();
        let told = heard(&mut transaction, NODE, &message, (OWNER, &verifier), now_us).await;
        transaction.commit().await.unwrap();
        told.unwrap()
    }

    async fn waiting(&self) -> Vec<String> {
        hold::nodes(&mut self.hub.store.acquire().await.unwrap()).await.unwrap()
    }

    async fn release(&self) {
        let word = Word::new("Officer", "It is offline until May").unwrap();
        let mut transaction = self.hub.store.begin().await.unwrap();
        let now_us = self.hub.now().as_microsecond();
        hold::release(&mut transaction, &word, now_us).await.unwrap();
        transaction.commit().await.unwrap();
    }

    fn now_us(&self) -> i64 {
        self.hub.now().as_microsecond()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_holds_more_than_a_restored_hub_stops_its_publishing() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let [first, second] = scene.put_back().await;
        assert!(scene.told(1, &first, scene.now_us()).await.is_empty());
        let told = scene.told(2, &second, scene.now_us()).await;
        assert!(told[0].contains("holds 2") && told[0].contains("qui en a 1"), "{told:?}");
        assert_eq!(scene.waiting().await, [NODE]);
        let mut transaction = scene.hub.store.begin().await.unwrap();
        assert!(log::lock(&mut transaction, &OwnFeed::shared(), OWNER).await.is_err());
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_went_on_without_a_node_keeps_the_proof_against_itself() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let [_, second] = scene.put_back().await;
        scene.told(2, &second, scene.now_us()).await;
        scene.release().await;
        // The officer's word holds: the same bundle says it and holds up nothing.
        assert_eq!(scene.told(2, &second, scene.now_us()).await.len(), 1);
        assert!(scene.waiting().await.is_empty());
        scene.publish(2).await;
        for _ in 0..2 {
            let told = scene.told(2, &second, scene.now_us()).await;
            assert!(told[0].contains("another history") && told[0].contains("autre historique"));
        }
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let kept = evidence::all(&mut connection, Some("hub")).await.unwrap();
        assert_eq!(kept.len(), 1, "one sighting, one row");
        assert!(kept[0].proven().is_some(), "the hub signed two roots of one size");
        assert!(is_forked(&mut connection, NODE, &OwnFeed::shared()).await.unwrap());
        drop(connection);
        assert!(scene.waiting().await.is_empty());
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_heard_by_a_bundle_that_was_surely_made_after_the_restoring() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let first = scene.publish(1).await;
        let since = scene.now_us();
        let mut transaction = scene.hub.store.begin().await.unwrap();
        hold::begin(&mut transaction, since).await.unwrap();
        transaction.commit().await.unwrap();
        scene.hub.manual.advance(jiff::SignedDuration::from_hours(72));
        // From before, from a clock that may be a day off, and from one years ahead.
        for made_at_us in [since - DAY_US, since + DAY_US, since + 80 * 365 * DAY_US] {
            assert!(scene.told(1, &first, made_at_us).await.is_empty());
            assert_eq!(scene.waiting().await, [NODE], "{made_at_us}");
        }
        assert!(scene.told(1, &first, since + DAY_US + 1).await.is_empty());
        assert!(scene.waiting().await.is_empty());
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}
