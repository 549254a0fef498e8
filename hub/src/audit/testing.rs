//! A hub with one node, and auditors that reach it over mutual TLS.

use std::{net::SocketAddr, path::Path, time::Duration};

use rmd_feed::{StoredEntry, frame};
use rmd_link::enrol::Token;
use tokio::net::TcpListener;

use super::{Context, Publisher, epoch, registry, serve};
use crate::{
    auditor::{self, Auditor},
    follow::testing::{self, Receiver, site},
    registry::{entitlement::Level, testing::Hub},
    share::{OwnFeed, log},
    store::{Store, testing::on_each_store},
};

/// The node of the scene.
pub(crate) const NODE: &str = "COD/cod-mines";
/// Its feed.
pub(crate) const FEED: &str = "master-data";

/// How long a published feed waits.
pub(crate) const INTERVAL: Duration = Duration::from_mins(1);

/// A hub that follows one feed.
pub(crate) struct Scene {
    pub(crate) hub: Hub,
    pub(crate) node: testing::Publisher,
    pub(crate) receiver: Receiver,
    pub(crate) publisher: Publisher,
}

impl Scene {
    pub(crate) async fn new(store: Store) -> Self {
        let hub = Hub::make(store).await;
        let node = testing::Publisher::new(NODE, FEED);
        enrolled(&hub.store, &node.key.vkey()).await;
        let receiver = Receiver::take(&hub.store, &node, Level::Live).await;
        let publisher = Publisher {
            store: hub.store.clone(),
            clock: hub.clock.clone(),
            signer: hub.signer(),
            interval: INTERVAL,
        };
        Self { hub, node, receiver, publisher }
    }

    /// Lands so many blocks of one site each; sizes rise by one.
    pub(crate) async fn land(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let frame = self.node.publish([site(number, "A", &[]).into()]);
            self.receiver.land(&frame).await;
        }
    }

    /// Publishes once the interval is over; how many entries.
    pub(crate) async fn publish(&self) -> usize {
        self.hub.manual.advance(INTERVAL.try_into().unwrap());
        self.publisher.publish().await.unwrap()
    }

    /// Every entry of `checkpoints` in the epoch that is written.
    pub(crate) async fn entries(&self) -> Vec<StoredEntry> {
        let mut connection = self.hub.store.acquire().await.unwrap();
        let feed = epoch::written(&mut connection).await.unwrap().unwrap();
        let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
        let frame = frame::build(feed.name(), feed.epoch(), &blocks, 0).unwrap();
        frame::open(&frame).unwrap()
    }

    /// Serves auditors; the address.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let context = Context {
            store: self.hub.store.clone(),
            clock: self.hub.clock.clone(),
            credentials: self.hub.credentials.clone(),
            signer: self.hub.signer(),
            poll: Duration::from_millis(20),
            shutdown: self.hub.lifecycle.soft(),
        };
        self.hub.lifecycle.spawn("audit", serve(listener, context));
        address
    }

    /// Invites and enrols an auditor in a folder, who is to reach the hub at `audit`.
    pub(crate) async fn auditor(&self, name: &str, dir: &Path, audit: SocketAddr) -> Auditor {
        let address = self.hub.serve_enrolment().await;
        let hub = &self.hub;
        let invited = registry::invite(&hub.store, &hub.config, name, hub.now()).await.unwrap();
        let token = Token { hub_address: address.to_string(), ..invited.token };
        auditor::enrol(dir, &token.to_string(), &hub.clock).await.unwrap();
        Auditor::open(dir.to_owned(), hub.clock.clone(), Some(audit.to_string())).await.unwrap()
    }

    /// Takes everything that was published out of the store, as a hub would that tells
    /// another story.
    pub(crate) async fn forget_published(&self) {
        let mut transaction = self.hub.store.begin().await.unwrap();
        for table in [
            "DELETE FROM shared_block WHERE feed = 'checkpoints'",
            "DELETE FROM shared_log WHERE feed = 'checkpoints'",
            "DELETE FROM audit_epoch",
            "DELETE FROM audit_checkpoint",
        ] {
            sqlx::query(table).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    pub(crate) async fn feed(&self) -> OwnFeed {
        let mut connection = self.hub.store.acquire().await.unwrap();
        epoch::written(&mut connection).await.unwrap().unwrap()
    }
}

/// On each store a scene with an auditor, its folder and where it reaches the hub.
pub(crate) async fn audited(check: impl AsyncFn(&mut Scene, &Auditor, &Path)) {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let address = scene.serve().await;
        let dir = tempfile::tempdir().unwrap();
        let auditor = scene.auditor("audit-1", dir.path(), address).await;
        check(&mut scene, &auditor, dir.path()).await;
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

/// The row of the node, as its enrolment leaves it.
async fn enrolled(store: &Store, vkey: &str) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO node
             (node_id, country, name, identity, feed_vkey, address,
              certificate_serial, certificate_not_after_us, enrolled_at_us)
         VALUES ($1, 'COD', 'cod-mines', 'spiffe://rmd.net/node/COD/cod-mines', $2, '', '', 0, 0)",
    )
    .bind(NODE)
    .bind(vkey)
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
}
