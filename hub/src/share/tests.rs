//! From a decision to a node that applied it, on each store.

mod holding;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use prost::Message as _;
use rmd_proto::v1;
use rmd_standard::effective::Policy;

use super::{
    Error, OwnFeed, Publisher, bulletin,
    decision::{NewDecision, Status},
    delivery, log,
    push::{PushContext, push_feed},
    testing::{Inbox, TestSite, insert_site, port, serve},
    verify,
};
use crate::{
    registry::testing::Hub,
    store::{Store, testing::on_each_store},
};

/// Long enough for a loaded machine; what is waited for takes milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

const SITE: TestSite<'static> = TestSite {
    icglr_id: "CD-000-2703-0001",
    country: "CD",
    status: "green",
    district: "Masisi",
    inspected: Some("2017-06-01"),
};

fn red() -> NewDecision {
    NewDecision {
        status: Status::Red,
        decided_by: "Executive Secretary".to_owned(),
        ground: "Abuses confirmed".to_owned(),
        document_name: "decision.pdf".to_owned(),
        document_sha256: [7; 32],
        lifts: false,
    }
}

async fn publisher(hub: &Hub) -> Publisher {
    let policy = Policy::default();
    Publisher::open(hub.store.clone(), hub.dir.path(), hub.clock.clone(), policy).await.unwrap()
}

async fn add(hub: &Hub, site: &TestSite<'_>) {
    let mut transaction = hub.store.begin().await.unwrap();
    insert_site(&mut transaction, site).await;
    transaction.commit().await.unwrap();
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

async fn push_shared(context: PushContext) -> Result<(), Error> {
    push_feed(context, "COD/cod-mines".to_owned(), OwnFeed::shared()).await
}

/// Waits until the node's row says what is expected.
async fn eventually(hub: &Hub, is_so: impl Fn(&delivery::Delivery) -> bool) -> delivery::Delivery {
    let look = async {
        loop {
            let mut connection = hub.store.acquire().await.unwrap();
            let found =
                delivery::find(&mut connection, "COD/cod-mines", &OwnFeed::shared()).await.unwrap();
            drop(connection);
            if let Some(found) = found.filter(&is_so) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("the state is reached")
}

async fn hub_vkey(hub: &Hub) -> String {
    let mut connection = hub.store.acquire().await.unwrap();
    let network = crate::registry::network::find(&mut connection).await.unwrap();
    network.unwrap().hub_feed_vkey
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_reaches_the_node_and_is_counted() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let (listener, address) = port().await;
        let credentials = hub.enrol("cod-mines", &address, node_dir.path()).await;
        let inbox = Inbox::new(&hub_vkey(&hub).await);
        serve(&hub, listener, &credentials, &inbox);
        hub.lifecycle.spawn("push", push_shared(context(&hub)));
        add(&hub, &SITE).await;
        let decided = publisher(&hub).await.decide(SITE.icglr_id, red()).await.unwrap();
        assert_eq!((decided.decision_id.as_str(), decided.seq), ("2018-0001", 1));
        assert_eq!(decided.effective_status, "red");
        let row = eventually(&hub, |row| row.cursor == 1).await;
        assert_eq!((row.delivered_seq, row.error_code), (1, None));
        let entries = inbox.entries();
        assert_eq!(entries.len(), 1);
        let rmd_feed::Body::Released { payload, .. } = &entries[0].body else { panic!() };
        let bulletin = v1::SiteStatusBulletin::decode(payload.as_slice()).unwrap();
        assert_eq!(bulletin.icglr_id, SITE.icglr_id);
        assert_eq!(bulletin.effective_reason, "decision");
        assert_eq!(bulletin.decision.unwrap().document_sha256, [7; 32]);
        let mut connection = hub.store.acquire().await.unwrap();
        let listed = bulletin::list(&mut connection, 10).await.unwrap();
        assert_eq!((listed[0].delivered, listed[0].applied, listed[0].nodes), (1, 1, 1));
        drop(connection);
        // A second one finds the task waiting.
        publisher(&hub).await.decide(SITE.icglr_id, red()).await.unwrap();
        eventually(&hub, |row| row.cursor == 2).await;
        assert_eq!(inbox.entries()[1].header.previous_seq, 1);
        assert_eq!(inbox.entries()[1].header.rev, 2);
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_away_is_tried_again_and_the_wait_is_kept() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let (listener, address) = port().await;
        let credentials = hub.enrol("cod-mines", &address, node_dir.path()).await;
        drop(listener);
        hub.lifecycle.spawn("push", push_shared(context(&hub)));
        let row = eventually(&hub, |row| row.error_code.is_some()).await;
        assert_eq!(row.error_code.as_deref(), Some("peer-unreachable"));
        assert!(row.next_attempt_us.is_some());
        assert_eq!((row.delivered_seq, row.cursor), (0, 0));
        let listener = tokio::net::TcpListener::bind(&address).await.unwrap();
        let inbox = Inbox::new(&hub_vkey(&hub).await);
        serve(&hub, listener, &credentials, &inbox);
        // The clock stands; the wait that was kept ends when it is moved.
        hub.manual.advance(jiff::SignedDuration::from_secs(1));
        let row = eventually(&hub, |row| row.error_code.is_none()).await;
        assert_eq!(row.next_attempt_us, None);
        hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_without_an_answer_neither_counts_nor_holds_the_end() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let node_dir = tempfile::tempdir().unwrap();
        let (listener, address) = port().await;
        let credentials = hub.enrol("cod-mines", &address, node_dir.path()).await;
        let inbox = Inbox::new(&hub_vkey(&hub).await);
        inbox.fall_silent();
        serve(&hub, listener, &credentials, &inbox);
        add(&hub, &SITE).await;
        publisher(&hub).await.decide(SITE.icglr_id, red()).await.unwrap();
        let shutdown = tokio_util::sync::CancellationToken::new();
        let ending = PushContext { shutdown: shutdown.clone(), ..context(&hub) };
        let pushed = tokio::join!(push_shared(ending), cancel_once_applied(&inbox, shutdown));
        assert!(pushed.0.is_ok());
        let mut connection = hub.store.acquire().await.unwrap();
        let known =
            delivery::find(&mut connection, "COD/cod-mines", &OwnFeed::shared()).await.unwrap();
        assert!(known.is_none_or(|known| (known.delivered_seq, known.cursor) == (0, 0)));
    })
    .await;
}

async fn cancel_once_applied(inbox: &Inbox, shutdown: tokio_util::sync::CancellationToken) {
    let applied = async {
        while inbox.cursor() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, applied).await.unwrap();
    shutdown.cancel();
}

#[tokio::test]
async fn an_unknown_site_names_those_that_resemble_it() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &SITE).await;
        let error = publisher(&hub).await.decide("CD-000-2703-0002", red()).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("did you mean CD-000-2703-0001?"), "{message}");
        assert!(message.contains("vouliez-vous dire CD-000-2703-0001?"), "{message}");
        assert_eq!(error.exit_code(), Some(66));
        let mut connection = hub.store.acquire().await.unwrap();
        assert_eq!(log::head(&mut connection, &OwnFeed::shared()).await.unwrap().size, 0);
        assert!(super::decision::of_site(&mut connection, SITE.icglr_id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_bulletin_is_published_again_only_when_it_says_something_new() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &SITE).await;
        let publisher = publisher(&hub).await;
        let lifts = NewDecision { status: Status::Green, lifts: true, ..red() };
        publisher.decide(SITE.icglr_id, lifts).await.unwrap();
        assert_eq!(publisher.refresh().await.unwrap(), 0);
        hub.manual.advance(jiff::SignedDuration::from_hours(24));
        assert_eq!(publisher.refresh().await.unwrap(), 0, "the day alone is no news");
        // The state withdraws the site: the last bulletin stays.
        let mut transaction = hub.store.begin().await.unwrap();
        sqlx::query("DELETE FROM mine_site").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(publisher.refresh().await.unwrap(), 0);
        let report = verify::verify(&hub.store, &hub.config).await.unwrap().remove(0);
        assert_eq!((report.entries, report.fault), (1, None));
    })
    .await;
}

#[tokio::test]
async fn a_decision_without_author_or_ground_is_refused() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &SITE).await;
        let publisher = publisher(&hub).await;
        for new in [
            NewDecision { decided_by: " ".to_owned(), ..red() },
            NewDecision { ground: "x".repeat(2_001), ..red() },
            NewDecision { ground: "Found\u{1b}[2J".to_owned(), ..red() },
        ] {
            let refused = publisher.decide(SITE.icglr_id, new).await;
            assert!(matches!(refused, Err(Error::Text { .. })));
        }
    })
    .await;
}

#[tokio::test]
async fn an_altered_byte_of_the_hub_s_own_feed_is_found() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &SITE).await;
        let publisher = publisher(&hub).await;
        for _ in 0..3 {
            publisher.decide(SITE.icglr_id, red()).await.unwrap();
        }
        let mut transaction = hub.store.begin().await.unwrap();
        let mut hashes = log::blocks_after(&mut transaction, &OwnFeed::shared(), 1).await.unwrap()
            [0]
        .hashes
        .clone();
        hashes[0] ^= 1;
        sqlx::query("UPDATE shared_block SET hashes = $1 WHERE first_seq = 2")
            .bind(hashes)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let report = verify::verify(&hub.store, &hub.config).await.unwrap().remove(0);
        assert_eq!(report.entries, 1);
        assert!(report.fault.unwrap().contains("seq 2"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_decide_one_after_the_other() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        add(&hub, &SITE).await;
        let (one, two) = (publisher(&hub).await, publisher(&hub).await);
        let (one, two) =
            tokio::join!(one.decide(SITE.icglr_id, red()), two.decide(SITE.icglr_id, red()));
        let mut seqs = [one.unwrap().seq, two.unwrap().seq];
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 2]);
        let report = verify::verify(&hub.store, &hub.config).await.unwrap().remove(0);
        assert_eq!((report.entries, report.fault), (2, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_is_published_meanwhile_is_no_difference() {
    on_each_store(verify_while_decisions_come).await;
}

async fn verify_while_decisions_come(store: Store) {
    let hub = Hub::make(store).await;
    add(&hub, &SITE).await;
    let publisher = publisher(&hub).await;
    let is_over = AtomicBool::new(false);
    let deciding = async {
        for _ in 0..60 {
            publisher.decide(SITE.icglr_id, red()).await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let verifying = async {
        while !is_over.load(Ordering::Relaxed) {
            let report = verify::verify(&hub.store, &hub.config).await.unwrap().remove(0);
            assert_eq!(report.fault, None, "at {} entries", report.entries);
        }
    };
    tokio::join!(deciding, verifying);
}
