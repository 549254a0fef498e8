//! The hub follows a node over mutual TLS, on SQLite and on PostgreSQL.
//!
//! The node is a server of this process that serves real logs; it can lie where
//! a test wants it to.

mod kept_out;
mod lies;
mod node;
mod versions;
mod world;

use std::time::Duration;

use rmd_link::Identity;

use self::{
    node::TestNode,
    world::{World, cod, eventually, follow_while},
};
use super::{
    Error, follow_node, remaining,
    testing::{Publisher, lot, site, upsert},
};
use crate::{registry::entitlement::Level, store::testing::on_each_store};

fn feeds() -> (Publisher, Publisher) {
    let mut master = Publisher::new("COD/cod-mines", "master-data");
    let key = rmd_feed::FeedKey::from_secret(&master.key.secret()).unwrap();
    let mut trade = Publisher::with_key("COD/cod-mines", "transactions", key);
    master.append([upsert(site(1, "Nzibira", &["CEEC"]))]);
    trade.append([upsert(lot(1, 1))]);
    (master, trade)
}

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_state_is_followed_from_its_first_frame_to_what_it_appends_later() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_cursor("master-data", 1).await;
            node.append("master-data", [upsert(site(2, "Kamituga", &[]))]);
            world.until_cursor("master-data", 2).await;
        })
        .await;
        assert_eq!(world.count("SELECT COUNT(*) FROM mine_site").await, 2);
        let exchange = world.exchange().await.unwrap();
        assert_eq!(exchange.peer_identity.as_deref(), Some("spiffe://rmd.net/node/COD/cod-mines"));
        assert_eq!(exchange.tls_version.as_deref(), Some("TLSv1.3"));
        assert_eq!((exchange.failures, exchange.last_error_code), (0, None));
        let status = world.state("master-data").await.unwrap();
        assert_eq!((status.owner_size, status.frames), (2, 2));
        assert!(world.state("transactions").await.is_none(), "the hub does not want them yet");
        assert_eq!(world.count("SELECT published FROM owner_entity").await, 7);
    })
    .await;
}

#[tokio::test]
async fn transactions_come_once_the_hub_wants_them() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_cursor("master-data", 1).await;
            world.entitle_trade(Level::Shadow).await;
            world.until_cursor("transactions", 1).await;
            assert_eq!(world.count("SELECT COUNT(*) FROM lot").await, 0);
            world.entitle_trade(Level::Live).await;
            world.until_count("SELECT COUNT(*) FROM lot", 1).await;
            node.append("transactions", [upsert(lot(2, 1))]);
            world.until_count("SELECT COUNT(*) FROM lot", 2).await;
            world.entitle_trade(Level::Off).await;
            node.append("master-data", [upsert(site(2, "Kamituga", &[]))]);
            world.until_cursor("master-data", 2).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn an_owner_that_lost_entries_is_stopped_with_a_clear_error() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (mut master, trade) = feeds();
        master.append([upsert(site(2, "Kamituga", &[]))]);
        let restored = master.put_back(1);
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record.clone(), async {
            world.until_cursor("master-data", 2).await;
        })
        .await;
        let lost = node.replace(restored).unwrap();
        follow_while(world.context(SHORT), record, async {
            world.until_error("cursor-beyond-size").await;
            let state = world.state("master-data").await.unwrap();
            assert_eq!((state.cursor, state.owner_size, state.frozen), (2, 1, None));
            // Recovered, it is followed again over the same link.
            node.replace(lost);
            node.append("master-data", [upsert(site(3, "after the recovery", &[]))]);
            world.until_cursor("master-data", 3).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn an_owner_that_wrote_on_after_a_loss_is_frozen_with_a_proof() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (mut master, trade) = feeds();
        master.append([upsert(site(2, "Kamituga", &[]))]);
        let key = master.key.clone();
        let mut forked = Publisher::with_key("COD/cod-mines", "master-data", key.clone());
        forked.append([upsert(site(1, "Nzibira", &["CEEC"]))]);
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record.clone(), async {
            world.until_cursor("master-data", 2).await;
        })
        .await;
        node.replace(forked).unwrap();
        follow_while(world.context(SHORT), record, async {
            world.until_error("root-mismatch").await;
            let state = world.state("master-data").await.unwrap();
            assert_eq!((state.cursor, state.state.as_str()), (2, "frozen"));
        })
        .await;
        let mut connection = world.store.acquire().await.unwrap();
        let kept =
            crate::recover::evidence::of_feed(&mut connection, "COD/cod-mines", "master-data")
                .await
                .unwrap();
        let text = kept.unwrap().statement().to_text();
        let proven = rmd_feed::evidence::Statement::parse(&text).unwrap();
        assert!(proven.key == key.vkey(), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_days_off_is_refused_by_name() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        node.set_clock_offset_us(-2 * 86_400 * 1_000_000);
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_error("clock-unsound").await;
        })
        .await;
        assert_eq!(world.cursor("master-data").await, 0);
    })
    .await;
}

#[tokio::test]
async fn another_states_certificate_is_no_node_of_this_state() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let other = Identity::node("net", "RWA", "rwa-mines").unwrap();
        let node = TestNode::serve(&world.credentials(&other), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_error("identity-mismatch").await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_restart_honours_the_wait_that_was_decided_before() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, _) = feeds();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let record = world.enrol(&master.key.vkey(), &closed.to_string()).await;
        let long = Duration::from_hours(1);
        follow_while(world.context(long), record.clone(), async {
            world.until_count("SELECT COUNT(*) FROM exchange WHERE failures = 1", 1).await;
        })
        .await;
        let kept = world.exchange().await.unwrap();
        assert_eq!(kept.last_error_code.as_deref(), Some("peer-unreachable"));
        let now_us = world.clock.now().as_microsecond();
        assert!(kept.next_attempt_us.unwrap() > now_us + 60_000_000);
        let silent = follow_node(world.context(long), record);
        assert!(tokio::time::timeout(Duration::from_millis(200), silent).await.is_err());
        assert_eq!(world.exchange().await.unwrap(), kept, "no attempt was made");
    })
    .await;
}

#[test]
fn a_kept_wait_is_never_longer_than_the_longest() {
    let longest = Duration::from_mins(1);
    assert_eq!(remaining(None, 5, longest), Duration::ZERO);
    assert_eq!(remaining(Some(4), 5, longest), Duration::ZERO);
    assert_eq!(remaining(Some(1_000_005), 5, longest), Duration::from_secs(1));
    assert_eq!(remaining(Some(i64::MAX), 5, longest), longest);
}

#[tokio::test]
async fn a_second_hub_process_ends_the_first() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        let first = follow_node(world.context(SHORT), record.clone());
        let second = async {
            world.until_cursor("master-data", 1).await;
            follow_while(world.context(SHORT), record, append_one_by_one(&world, &node)).await;
        };
        let (ended, ()) = tokio::join!(first, second);
        assert!(matches!(ended, Err(Error::LeaseLost { .. })), "{ended:?}");
        assert_eq!(world.count("SELECT COUNT(*) FROM ledger").await, 50);
    })
    .await;
}

/// Each is applied by one of the two processes, whichever holds the feed then.
async fn append_one_by_one(world: &World, node: &TestNode) {
    for number in 2..=50 {
        node.append("master-data", [upsert(site(number, "more", &[]))]);
        world.until_cursor("master-data", u64::from(number)).await;
    }
}
