//! The hub follows a node over mutual TLS, on SQLite and on PostgreSQL.
//!
//! The node is a server of this process that serves real logs; it can lie where
//! a test wants it to.

mod lies;
mod node;

use std::{future::Future, time::Duration};

use rmd_link::{Credentials, Identity, authority::Authority, keys};
use rmd_runtime::clock::{SharedClock, SystemClock};
use sqlx::Row as _;
use tokio_util::sync::CancellationToken;

use self::node::TestNode;
use super::{
    Error, FollowContext, NodeRecord, cursor,
    exchange::{self, Exchange},
    follow_node, remaining,
    testing::{Publisher, lot, site, upsert},
};
use crate::{
    registry::entitlement::{self, Level},
    store::{Store, testing::on_each_store},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// One hub and one node of one network.
struct World {
    dir: tempfile::TempDir,
    authority: Authority,
    clock: SharedClock,
    store: Store,
    hub: Credentials,
}

impl World {
    fn new(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = SystemClock::shared(None);
        let authority = Authority::create("net", dir.path().join("ca"), clock.now()).unwrap();
        let hub = Identity::hub("net").unwrap();
        let hub = credentials(&dir, &authority, &hub, &clock);
        Self { dir, authority, clock, store, hub }
    }

    fn credentials(&self, identity: &Identity) -> Credentials {
        credentials(&self.dir, &self.authority, identity, &self.clock)
    }

    fn context(&self, retry_initial: Duration) -> FollowContext {
        let mut context = FollowContext::new(
            self.store.clone(),
            self.clock.clone(),
            self.hub.clone(),
            CancellationToken::new(),
            retry_initial,
            retry_initial,
        );
        context.hello_interval = SHORT;
        context
    }

    /// Writes the node into the registry.
    async fn enrol(&self, vkey: &str, address: &str) -> NodeRecord {
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO node (node_id, country, name, identity, feed_vkey, address, \
             certificate_serial, certificate_not_after_us, enrolled_at_us) \
             VALUES ('COD/cod-mines', 'COD', 'cod-mines', \
             'spiffe://rmd.net/node/COD/cod-mines', $1, $2, '', 0, 0)",
        )
        .bind(vkey)
        .bind(address)
        .execute(&mut *transaction)
        .await
        .unwrap();
        let node = crate::registry::node::find(&mut transaction, "COD/cod-mines").await.unwrap();
        transaction.commit().await.unwrap();
        node.unwrap()
    }

    async fn entitle_trade(&self, level: Level) {
        let mut transaction = self.store.begin().await.unwrap();
        let now = self.clock.now();
        entitlement::set(&mut transaction, "COD/cod-mines", "transactions", None, level, now)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    async fn count(&self, query: &'static str) -> i64 {
        let mut connection = self.store.acquire().await.unwrap();
        sqlx::query(query).fetch_one(&mut *connection).await.unwrap().get(0)
    }

    async fn exchange(&self) -> Option<Exchange> {
        exchange::all(&mut self.store.acquire().await.unwrap()).await.unwrap().pop()
    }

    async fn error_code(&self) -> Option<String> {
        self.exchange().await.and_then(|exchange| exchange.last_error_code)
    }

    async fn state(&self, feed: &str) -> Option<cursor::FeedStatus> {
        let all = cursor::all(&mut self.store.acquire().await.unwrap()).await.unwrap();
        all.into_iter().find(|status| status.feed == feed)
    }

    async fn cursor(&self, feed: &str) -> u64 {
        self.state(feed).await.map_or(0, |status| status.cursor)
    }

    async fn until_cursor(&self, feed: &str, cursor: u64) {
        let so = async || self.cursor(feed).await == cursor;
        eventually(&format!("{feed} at {cursor}"), so).await;
    }

    async fn until_frozen(&self, feed: &str) {
        let so = async || self.state(feed).await.is_some_and(|state| state.frozen.is_some());
        eventually(&format!("{feed} frozen"), so).await;
    }

    async fn until_error(&self, code: &str) {
        let so = async || self.error_code().await.as_deref() == Some(code);
        eventually(code, so).await;
    }

    async fn until_sound(&self) {
        eventually("no fault", async || self.error_code().await.is_none()).await;
    }

    /// As a hub that never followed the feed.
    async fn forget_feed(&self, feed: &'static str) {
        let mut transaction = self.store.begin().await.unwrap();
        let forget = sqlx::query("DELETE FROM feed_cursor WHERE feed = $1").bind(feed);
        forget.execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    async fn until_count(&self, query: &'static str, count: i64) {
        eventually(query, async || self.count(query).await == count).await;
    }
}

fn credentials(
    dir: &tempfile::TempDir,
    authority: &Authority,
    identity: &Identity,
    clock: &SharedClock,
) -> Credentials {
    let (key, csr) = keys::new_key_and_csr(identity).unwrap();
    let lifetime = Duration::from_hours(24);
    let issued = authority.issue(&csr, identity, clock.now(), lifetime).unwrap();
    let dir = dir.path().join(identity.node_id());
    Credentials::store(&dir, &key, &issued.chain_der, authority.roots_der()).unwrap();
    Credentials::load(&dir, clock.clone()).unwrap()
}

fn cod() -> Identity {
    Identity::node("net", "COD", "cod-mines").unwrap()
}

/// Follows until `check` is done.
async fn follow_while<T>(
    context: FollowContext,
    node: NodeRecord,
    check: impl Future<Output = T>,
) -> T {
    let shutdown = context.shutdown.clone();
    tokio::select! {
        ended = follow_node(context, node) => panic!("following ended: {ended:?}"),
        done = check => {
            shutdown.cancel();
            done
        }
    }
}

/// Looks until it is so.
async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !check().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never: {what}"));
}

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
        let of = ("COD/cod-mines", "master-data");
        let statement =
            crate::recover::diverged::statement(&mut connection, of, &key.vkey()).await.unwrap();
        let text = statement.unwrap().to_text();
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
