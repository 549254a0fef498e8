//! A restored hub gets its entries back, and a node in dispute is given nothing.

use rmd_feed::frame;
use rmd_link::Credentials;
use sqlx::AssertSqlSafe;
use tokio::net::TcpListener;

use super::*;
use crate::{
    recover::{Word, boot, hold},
    share::{EPOCH, FEED},
};

/// A hub that published a decision, and a node that will listen.
struct Scene {
    hub: Hub,
    inbox: Inbox,
    listener: TcpListener,
    credentials: Credentials,
    frame: v1::Frame,
}

impl Scene {
    async fn set(store: Store) -> Self {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let (listener, address) = port().await;
        let credentials = hub.enrol("cod-mines", &address, node_dir.path()).await;
        let inbox = Inbox::new(&hub_vkey(&hub).await);
        add(&hub, &SITE).await;
        publisher(&hub).await.decide(SITE.icglr_id, red()).await.unwrap();
        let mut connection = hub.store.acquire().await.unwrap();
        let blocks = log::blocks_after(&mut connection, &OwnFeed::shared(), 0).await.unwrap();
        drop(connection);
        let frame = frame::build(FEED, EPOCH, &blocks, 0).unwrap();
        Self { hub, inbox, listener, credentials, frame }
    }

    /// The node applied the decision; the hub's backup was made before it.
    async fn put_back(&self) {
        self.inbox.accept(&self.frame);
        for undo in [
            "DELETE FROM shared_block",
            "UPDATE shared_log SET size = 0, edge = SUBSTR(edge, 1, 0)",
            "DELETE FROM bulletin",
            "DELETE FROM decision",
        ] {
            self.write(undo).await;
        }
    }

    async fn write(&self, statement: &str) {
        let mut transaction = self.hub.store.begin().await.unwrap();
        let statement = sqlx::query(AssertSqlSafe(statement.to_owned()));
        statement.execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Pushes until the delivery is so.
    async fn push_until(self, is_so: impl Fn(&delivery::Delivery) -> bool) -> (Hub, Inbox) {
        let Self { hub, inbox, listener, credentials, .. } = self;
        serve(&hub, listener, &credentials, &inbox);
        hub.lifecycle.spawn("push", push_shared(context(&hub)));
        eventually(&hub, is_so).await;
        (hub, inbox)
    }
}

fn has_code(code: &'static str) -> impl Fn(&delivery::Delivery) -> bool {
    move |row| row.error_code.as_deref() == Some(code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_holds_more_than_the_hub_gives_it_back() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        scene.put_back().await;
        scene.inbox.keep(&scene.frame);
        let (hub, _) = scene.push_until(|row| row.cursor == 1 && row.error_code.is_none()).await;
        let report = verify::verify(&hub.store, &hub.config).await.unwrap().remove(0);
        assert_eq!((report.entries, report.fault), (1, None));
        let mut connection = hub.store.acquire().await.unwrap();
        let kept = super::super::decision::of_site(&mut connection, SITE.icglr_id).await.unwrap();
        assert_eq!(kept.len(), 1);
        // Another node may hold more still.
        assert_eq!(hold::nodes(&mut connection).await.unwrap(), ["COD/cod-mines"]);
        drop(connection);
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_holds_more_and_gives_nothing_back_is_left_alone() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        scene.put_back().await;
        let (hub, inbox) = scene.push_until(has_code("cursor-beyond-size")).await;
        assert_eq!(inbox.cursor(), 1);
        let waiting = hold::nodes(&mut hub.store.acquire().await.unwrap()).await.unwrap();
        assert!(waiting.is_empty(), "what nobody proved holds nobody up: {waiting:?}");
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_given_to_two_copies_of_a_node_until_one_is_kept() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        for (random, seen_us) in [(7, 1), (8, 2)] {
            let start = format!(
                "INSERT INTO node_boot (node_id, boot_random, boot_number, previous_random, \
                 state, first_seen_us, last_seen_us) \
                 VALUES ('COD/cod-mines', {random}, 1, 0, 'rival', 1, {seen_us})"
            );
            scene.write(&start).await;
        }
        let (hub, inbox) = scene.push_until(has_code("node-cloned")).await;
        assert_eq!(inbox.cursor(), 0);
        let word = Word::new("Officer", "the other one was sold").unwrap();
        let mut transaction = hub.store.begin().await.unwrap();
        boot::keep(&mut transaction, "COD/cod-mines", 8, &word, 3).await.unwrap();
        transaction.commit().await.unwrap();
        hub.manual.advance(jiff::SignedDuration::from_secs(1));
        eventually(&hub, |row| row.cursor == 1 && row.error_code.is_none()).await;
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_given_to_a_node_of_two_histories_until_it_is_confirmed() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let empty = match scene.hub.store.kind() {
            crate::store::Kind::Sqlite => "x''",
            crate::store::Kind::Postgres => "''::bytea",
        };
        let diverged = format!(
            "INSERT INTO feed_recovery (node_id, feed, epoch, held_size, held_checkpoint, \
             common_size, offered_checkpoint, prefix_root, proof, state, since_us) \
             VALUES ('COD/cod-mines', 'master-data', 1, 2, '', 1, '', {empty}, {empty}, \
             'diverged', 1)"
        );
        scene.write(&diverged).await;
        let (hub, inbox) = scene.push_until(has_code("feed-frozen")).await;
        assert_eq!(inbox.cursor(), 0);
        let word = Word::new("Officer", "its backup was older").unwrap();
        let mut transaction = hub.store.begin().await.unwrap();
        crate::recover::diverged::confirm(&mut transaction, "COD/cod-mines", &word, 3)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        hub.manual.advance(jiff::SignedDuration::from_secs(1));
        eventually(&hub, |row| row.cursor == 1 && row.error_code.is_none()).await;
        hub.lifecycle.shutdown().await;
    })
    .await;
}
