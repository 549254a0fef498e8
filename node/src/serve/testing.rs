//! A serving node of a test, with real TLS on loopback, and peers that call it.

use std::{num::NonZeroU32, path::Path, sync::Arc, time::Duration};

use rmd_feed::{FeedKey, Log, NewEntry, Origin, frame};
use rmd_link::{
    Acceptor, Credentials, Identity, Throttle,
    authority::{Authority, LEAF_LIFETIME},
    dial, keys,
};
use rmd_proto::v1::{
    self, Op, feed_service_client::FeedServiceClient,
    shared_master_data_service_client::SharedMasterDataServiceClient,
};
use rmd_runtime::{clock::SharedClock, lifecycle::Lifecycle};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::transport::Channel;

use super::{Context, Limits, Streams, is_admitted, serve};
use crate::{
    hours::Opening,
    inbox::Inbox,
    journal::{boot, testing::TestJournal},
};

/// Name of the hub in checkpoints.
pub(crate) const HUB: &str = "rmd.net/hub";

/// A node that serves, its authority, and the hub's feed key.
pub(crate) struct TestServer {
    pub(crate) test: TestJournal,
    pub(crate) inbox: Inbox,
    pub(crate) hub_key: FeedKey,
    address: String,
    authority: Authority,
    clock: SharedClock,
    dir: TempDir,
    lifecycle: Lifecycle,
}

pub(crate) fn node(country: &str, name: &str) -> Identity {
    Identity::node("net", country, name).unwrap()
}

impl TestServer {
    pub(crate) async fn start(test: TestJournal) -> Self {
        let opening = Opening::always(test.journal.store().clock().clone());
        let streams = Streams::new(NonZeroU32::new(4).unwrap(), Duration::from_mins(1));
        Self::limited(test, Limits { throttle: Throttle::default(), opening, streams }).await
    }

    /// The same within limits of its own.
    pub(crate) async fn limited(test: TestJournal, limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: SharedClock = Arc::<rmd_runtime::clock::ManualClock>::clone(&test.clock);
        let authority = Authority::create("net", dir.path().join("ca"), clock.now()).unwrap();
        let own = node("COD", "cod-mines");
        let credentials = issue(&authority, dir.path(), &own, &clock);
        let hub_key = FeedKey::generate(HUB).unwrap();
        let store = test.journal.store().clone();
        let verifier = hub_key.verifier();
        let inbox = Inbox::open(store.clone(), credentials.clone(), HUB.to_owned(), verifier).await;
        let inbox = inbox.unwrap();
        let lifecycle = Lifecycle::new(Duration::from_secs(5));
        let context = Context {
            journal: test.journal.clone(),
            inbox: inbox.clone(),
            credentials: credentials.clone(),
            boot: boot::begin(&store).await.unwrap(),
            poll_interval: Duration::from_millis(20),
            limits,
            shutdown: lifecycle.soft(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let acceptor =
            Acceptor::new(&credentials, |peer| is_admitted("net", &["audit-1".to_owned()], peer));
        let incoming = rmd_link::tls::incoming(listener, acceptor, lifecycle.soft());
        lifecycle.spawn("serve", serve(context, incoming));
        Self { test, inbox, hub_key, address, authority, clock, dir, lifecycle }
    }

    /// A connection as somebody whom the authority has certified.
    pub(crate) async fn dial_as(&self, peer: &Identity) -> Result<Channel, rmd_link::Error> {
        let credentials = issue(&self.authority, self.dir.path(), peer, &self.clock);
        let link = dial(&self.address, &credentials, &node("COD", "cod-mines")).await?;
        Ok(link.channel)
    }

    /// The feeds, as the hub sees them.
    pub(crate) async fn feeds(&self) -> FeedServiceClient<Channel> {
        let hub = Identity::hub("net").unwrap();
        FeedServiceClient::new(self.dial_as(&hub).await.unwrap())
    }

    /// The inbox, as the hub sees it.
    pub(crate) async fn shared(&self) -> SharedMasterDataServiceClient<Channel> {
        let hub = Identity::hub("net").unwrap();
        SharedMasterDataServiceClient::new(self.dial_as(&hub).await.unwrap())
    }

    pub(crate) async fn shutdown(self) {
        self.lifecycle.shutdown().await;
    }
}

fn issue(
    authority: &Authority,
    dir: &Path,
    identity: &Identity,
    clock: &SharedClock,
) -> Credentials {
    let (key, csr) = keys::new_key_and_csr(identity).unwrap();
    let issued = authority.issue(&csr, identity, clock.now(), LEAF_LIFETIME).unwrap();
    let folder = dir.join(identity.node_id().replace('/', "-"));
    Credentials::store(&folder, &key, &issued.chain_der, authority.roots_der()).unwrap();
    Credentials::load(&folder, clock.clone()).unwrap()
}

/// What somebody says first, at an instant.
pub(crate) fn hello(clock_us: i64) -> v1::HelloRequest {
    v1::HelloRequest {
        protocol_min: 1,
        protocol_max: 1,
        schema_id: vec![rmd_proto::SCHEMA_ID.to_owned()],
        clock_us,
        ..v1::HelloRequest::default()
    }
}

/// The hub's feed `shared`, as its owner writes it.
pub(crate) struct HubFeed {
    pub(crate) log: Log,
    key: FeedKey,
}

impl HubFeed {
    pub(crate) fn new(key: &FeedKey) -> Self {
        let log = Log::new("shared", 1, Origin::new(HUB, "shared", 1));
        Self { log, key: key.clone() }
    }

    /// Appends entries and puts them into a frame.
    pub(crate) fn frame(&mut self, entries: &[NewEntry]) -> v1::Frame {
        let after = self.log.size();
        let block = self.log.append(entries, &self.key).unwrap();
        frame::build("shared", 1, &[block], after).unwrap()
    }
}

/// An entry of the hub.
pub(crate) fn entry(entity: &str, key: &str, op: Op, payload: Vec<u8>) -> NewEntry {
    NewEntry {
        entity: entity.to_owned(),
        key: key.to_owned(),
        rev: 1,
        op,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1,
        mapping_id: String::new(),
        previous_seq: 0,
        payload,
    }
}
