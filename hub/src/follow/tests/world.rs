//! One hub, one node, and what the tests look at and wait for.

use std::{future::Future, time::Duration};

use rmd_link::{Credentials, Identity, authority::Authority, keys};
use rmd_runtime::clock::{SharedClock, SystemClock};
use sqlx::Row as _;
use tokio_util::sync::CancellationToken;

use super::SHORT;
use crate::{
    follow::{
        FollowContext, NodeRecord, cursor,
        exchange::{self, Exchange},
        follow_node,
    },
    registry::entitlement::{self, Level},
    store::Store,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// One hub and one node of one network.
pub(super) struct World {
    dir: tempfile::TempDir,
    authority: Authority,
    pub(super) clock: SharedClock,
    pub(super) store: Store,
    pub(super) hub: Credentials,
}

impl World {
    pub(super) fn new(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = SystemClock::shared(None);
        let authority = Authority::create("net", dir.path().join("ca"), clock.now()).unwrap();
        let hub = Identity::hub("net").unwrap();
        let hub = credentials(&dir, &authority, &hub, &clock);
        Self { dir, authority, clock, store, hub }
    }

    pub(super) fn credentials(&self, identity: &Identity) -> Credentials {
        credentials(&self.dir, &self.authority, identity, &self.clock)
    }

    pub(super) fn context(&self, retry_initial: Duration) -> FollowContext {
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
    pub(super) async fn enrol(&self, vkey: &str, address: &str) -> NodeRecord {
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

    pub(super) async fn entitle_trade(&self, level: Level) {
        let mut transaction = self.store.begin().await.unwrap();
        let now = self.clock.now();
        entitlement::set(&mut transaction, "COD/cod-mines", "transactions", None, level, now)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    pub(super) async fn count(&self, query: &'static str) -> i64 {
        let mut connection = self.store.acquire().await.unwrap();
        sqlx::query(query).fetch_one(&mut *connection).await.unwrap().get(0)
    }

    pub(super) async fn exchange(&self) -> Option<Exchange> {
        exchange::all(&mut self.store.acquire().await.unwrap()).await.unwrap().pop()
    }

    pub(super) async fn error_code(&self) -> Option<String> {
        self.exchange().await.and_then(|exchange| exchange.last_error_code)
    }

    pub(super) async fn state(&self, feed: &str) -> Option<cursor::FeedStatus> {
        let all = cursor::all(&mut self.store.acquire().await.unwrap()).await.unwrap();
        all.into_iter().find(|status| status.feed == feed)
    }

    pub(super) async fn cursor(&self, feed: &str) -> u64 {
        self.state(feed).await.map_or(0, |status| status.cursor)
    }

    pub(super) async fn until_cursor(&self, feed: &str, cursor: u64) {
        let so = async || self.cursor(feed).await == cursor;
        eventually(&format!("{feed} at {cursor}"), so).await;
    }

    pub(super) async fn until_frozen(&self, feed: &str) {
        let so = async || self.state(feed).await.is_some_and(|state| state.frozen.is_some());
        eventually(&format!("{feed} frozen"), so).await;
    }

    pub(super) async fn until_error(&self, code: &str) {
        let so = async || self.error_code().await.as_deref() == Some(code);
        eventually(code, so).await;
    }

    pub(super) async fn until_sound(&self) {
        eventually("no fault", async || self.error_code().await.is_none()).await;
    }

    /// As a hub that never followed the feed.
    pub(super) async fn forget_feed(&self, feed: &'static str) {
        let mut transaction = self.store.begin().await.unwrap();
        let forget = sqlx::query("DELETE FROM feed_cursor WHERE feed = $1").bind(feed);
        forget.execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    pub(super) async fn until_count(&self, query: &'static str, count: i64) {
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

pub(super) fn cod() -> Identity {
    Identity::node("net", "COD", "cod-mines").unwrap()
}

/// Follows until `check` is done.
pub(super) async fn follow_while<T>(
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
pub(super) async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !check().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never: {what}"));
}
