//! Verdicts on their way to real listeners: each node gets its own, and no other.

use std::{collections::BTreeSet, time::Duration};

use prost::Message as _;
use rmd_proto::{Code, v1};
use rmd_standard::effective::Policy;

use super::{COD, RWA, refused_lot};
use crate::{
    follow::testing::upsert,
    registry::testing::{Applicant, Hub, send},
    share::{
        EPOCH, OwnFeed, Publisher,
        decision::{NewDecision, Status},
        delivery, log,
        push::{PushContext, push_feed},
        testing::{Inbox, TestSite, insert_site, port, serve},
    },
    store::testing::on_each_store,
    verdict::{Judge, testing::Feed},
};

/// Long enough for a loaded machine; what is waited for takes milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// An enrolled node that listens.
struct Listening {
    inbox: Inbox,
    node_id: &'static str,
}

impl Listening {
    async fn enrol(hub: &Hub, node_id: &'static str) -> Self {
        Self::enrol_with(hub, node_id, Inbox::of_node).await
    }

    async fn enrol_with(hub: &Hub, node_id: &'static str, inbox: fn(&str, &str) -> Inbox) -> Self {
        let (listener, address) = port().await;
        let enrolment = hub.serve_enrolment().await;
        let token = hub.invite(&node_id[..3], &node_id[4..]).await;
        let applicant = Applicant::new(&token);
        let application = applicant.application(&token, &address);
        let enrolled = send(&token, enrolment, application, &hub.clock).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (chain, roots) = (&enrolled.chain_der, &enrolled.roots_der);
        rmd_link::Credentials::store(dir.path(), &applicant.key_pem, chain, roots).unwrap();
        let credentials = rmd_link::Credentials::load(dir.path(), hub.clock.clone()).unwrap();
        let inbox = inbox(&enrolled.hub_feed_vkey, node_id);
        serve(hub, listener, &credentials, &inbox);
        Self { inbox, node_id }
    }

    /// Waits until the hub has noted that it applied its verdict.
    async fn is_noted(&self, hub: &Hub) {
        let feed = OwnFeed::verdicts(self.node_id);
        eventually(async || {
            let mut connection = hub.store.acquire().await.unwrap();
            let row = delivery::find(&mut connection, self.node_id, &feed).await.unwrap();
            row.is_some_and(|row| row.cursor == 1 && row.error_code.is_none())
        })
        .await;
    }

    fn told(&self) -> BTreeSet<String> {
        let entries = self.inbox.entries_of(OwnFeed::VERDICTS);
        entries.into_iter().map(|entry| entry.header.key).collect()
    }
}

async fn open_publisher(hub: &Hub) -> Publisher {
    let policy = Policy::default();
    Publisher::open(hub.store.clone(), hub.dir.path(), hub.clock.clone(), policy).await.unwrap()
}

fn push_all(hub: &Hub, node_id: &str) {
    for feed in OwnFeed::of_node(node_id) {
        hub.lifecycle.spawn("push", push_feed(context(hub), node_id.to_owned(), feed));
    }
}

const SITE: TestSite<'static> = TestSite {
    icglr_id: "CD-000-2703-0001",
    country: "CD",
    status: "green",
    district: "Masisi",
    inspected: None,
};

fn decision() -> NewDecision {
    NewDecision {
        status: Status::Red,
        decided_by: "Executive Secretary".to_owned(),
        ground: "Abuses confirmed".to_owned(),
        document_name: "decision.pdf".to_owned(),
        document_sha256: [7; 32],
        lifts: false,
    }
}

fn context(hub: &Hub) -> PushContext {
    PushContext {
        store: hub.store.clone(),
        clock: hub.clock.clone(),
        credentials: hub.credentials.clone(),
        signer: hub.signer(),
        shutdown: hub.lifecycle.soft(),
        throttle: rmd_link::Throttle::default(),
        poll: hub.config.share.poll,
        retry_initial: hub.config.link.retry_initial,
        retry_max: hub.config.link.retry_max,
    }
}

async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let look = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("the state is reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_node_is_sent_its_own_verdicts_and_never_another_s() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let nodes = [Listening::enrol(&hub, COD).await, Listening::enrol(&hub, RWA).await];
        let signer = open_publisher(&hub).await.signer();
        let judge = Judge::new(hub.store.clone(), hub.clock.clone(), signer);
        for (node, country) in nodes.iter().zip(["CD", "RW"]) {
            let mut trade = Feed::transactions(&hub.store, node.node_id).await;
            let mut lot = refused_lot(1);
            lot.country = country.to_owned();
            trade.say([upsert(lot)]).await;
            push_all(&hub, node.node_id);
        }
        while judge.step().await.unwrap() {}
        eventually(async || nodes.iter().all(|node| !node.told().is_empty())).await;
        assert_eq!(nodes[0].told(), BTreeSet::from(["Lot/CD/CD-T-1/L-1".to_owned()]));
        assert_eq!(nodes[1].told(), BTreeSet::from(["Lot/RW/CD-T-1/L-1".to_owned()]));
        let payload = nodes[0].inbox.entries_of(OwnFeed::VERDICTS)[0].payload().unwrap().to_vec();
        assert!(!v1::Verdict::decode(payload.as_slice()).unwrap().finding.is_empty());
        // Had the hub mixed them up, a node would not have taken it.
        let mut connection = hub.store.acquire().await.unwrap();
        let foreign = OwnFeed::verdicts(RWA);
        let blocks = log::blocks_after(&mut connection, &foreign, 0).await.unwrap();
        let frame = rmd_feed::frame::build(foreign.name(), EPOCH, &blocks, 0).unwrap();
        assert_eq!(nodes[0].inbox.try_accept(&frame), Err(Code::CheckpointUnsigned));
        drop(connection);
        for node in &nodes {
            node.is_noted(&hub).await;
        }
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_knows_no_verdicts_gets_its_bulletins_all_the_same() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node = Listening::enrol_with(&hub, COD, |vkey, _| Inbox::new(vkey)).await;
        let publisher = open_publisher(&hub).await;
        let judge = Judge::new(hub.store.clone(), hub.clock.clone(), publisher.signer());
        let mut trade = Feed::transactions(&hub.store, COD).await;
        trade.say([upsert(refused_lot(1))]).await;
        while judge.step().await.unwrap() {}
        let mut transaction = hub.store.begin().await.unwrap();
        insert_site(&mut transaction, &SITE).await;
        transaction.commit().await.unwrap();
        publisher.decide(SITE.icglr_id, decision()).await.unwrap();
        push_all(&hub, COD);
        eventually(async || node.inbox.cursor() == 1).await;
        let mut connection = hub.store.acquire().await.unwrap();
        eventually(async || {
            let feed = OwnFeed::verdicts(COD);
            let row = delivery::find(&mut connection, COD, &feed).await.unwrap();
            row.and_then(|row| row.error_code).as_deref() == Some("feed-unknown")
        })
        .await;
        drop(connection);
        hub.lifecycle.shutdown().await;
    })
    .await;
}
