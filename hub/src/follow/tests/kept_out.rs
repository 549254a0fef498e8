//! A node that an officer keeps out, and one whose store is from before an epoch.

use std::time::Duration;

use jiff::SignedDuration;
use rmd_proto::v1;

use super::{SHORT, World, cod, eventually, feeds, follow_while, node::TestNode, site, upsert};
use crate::{
    follow::cursor,
    recover::Word,
    registry::standing::{self, State, certificates},
    store::testing::on_each_store,
};

const NODE: &str = "COD/cod-mines";

async fn set(world: &World, state: State) {
    let said = Word::new("Officer", "letter 31").unwrap();
    let mut transaction = world.store.begin().await.unwrap();
    let now = world.clock.now();
    match state {
        State::Active => standing::resume(&mut transaction, NODE, &said, now).await,
        State::Suspended => standing::suspend(&mut transaction, NODE, &said, now).await,
        State::Revoked => standing::revoke(&mut transaction, NODE, &said, now).await,
    }
    .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_suspended_node_is_left_alone_and_followed_from_there_when_resumed() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_cursor("master-data", 1).await;
            set(&world, State::Suspended).await;
            eventually("the streams ended", async || node.is_alone()).await;
            node.append("master-data", [upsert(site(2, "Kamituga", &[]))]);
            tokio::time::timeout(Duration::from_secs(3), world.until_cursor("master-data", 2))
                .await
                .unwrap_err();
            assert_eq!(world.error_code().await, None, "it is no fault");
            set(&world, State::Active).await;
            world.until_cursor("master-data", 2).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_revoked_node_sees_its_certificate_refused_and_nothing_more_comes() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let credentials = world.credentials(&cod());
        let told = credentials.refusals();
        let node = TestNode::serve(&credentials, [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        let mut transaction = world.store.begin().await.unwrap();
        let serial = credentials.serial().unwrap();
        let (not_after, now) = (credentials.not_after().unwrap(), world.clock.now());
        certificates::issued(&mut transaction, NODE, &serial, not_after, now).await.unwrap();
        transaction.commit().await.unwrap();
        let context = world.context(SHORT);
        let watch =
            certificates::watch(world.store.clone(), world.hub.clone(), context.shutdown.clone());
        let following = follow_while(context, record, async {
            world.until_cursor("master-data", 1).await;
            set(&world, State::Revoked).await;
            eventually("the node was told", async || told.has_changed().unwrap()).await;
            node.append("master-data", [upsert(site(2, "Kamituga", &[]))]);
            tokio::time::timeout(Duration::from_secs(3), world.until_cursor("master-data", 2))
                .await
                .unwrap_err();
        });
        let (watched, ()) = tokio::join!(watch, following);
        watched.unwrap();
        assert_eq!(world.cursor("master-data").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_certificate_from_before_the_revocation_is_not_followed_after_a_new_invitation() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        let mut transaction = world.store.begin().await.unwrap();
        let later = world.clock.now().saturating_add(SignedDuration::from_hours(24)).unwrap();
        // Its certificates of a day are from before the revocation by their end.
        sqlx::query(
            "INSERT INTO node_standing
                 (node_id, state, since_us, decided_by, reason, revoked_at_us)
             VALUES ($1, 'active', 1, 'rmd-hub', 'invited again', $2)",
        )
        .bind(NODE)
        .bind(later.as_microsecond())
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        follow_while(world.context(SHORT), record, async {
            world.until_error("certificate-revoked").await;
        })
        .await;
        assert_eq!(world.cursor("master-data").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_store_from_before_a_new_epoch_takes_the_hub_back_to_no_epoch_that_ended() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        let mut transaction = world.store.begin().await.unwrap();
        let state =
            v1::FeedState { feed: "master-data".to_owned(), epoch: 1, ..Default::default() };
        let lease = cursor::Lease::draw();
        cursor::take(&mut transaction, NODE, &state, &lease, 1).await.unwrap();
        cursor::begin_epoch(&mut transaction, NODE, "master-data", 2, 2).await.unwrap();
        transaction.commit().await.unwrap();
        follow_while(world.context(SHORT), record, async {
            world.until_error("epoch-unknown").await;
        })
        .await;
        let state = world.state("master-data").await.unwrap();
        assert_eq!((state.epoch, state.cursor, state.frozen), (2, 0, None));
    })
    .await;
}
