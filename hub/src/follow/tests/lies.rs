//! A node that lies about one feed: that feed alone stops, and it is said why.

use rmd_proto::Code;
use sqlx::Row as _;

use super::{
    Publisher, SHORT, World, cod, eventually, feeds, follow_while, lot,
    node::{Lie, TestNode},
    site, upsert,
};
use crate::{
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

/// What the hub keeps of a fault names the seq or size, and speaks twice.
fn assert_tells(message: &str) {
    assert!(message.contains("master-data"), "{message}");
    let (english, french) = message.split_once('\n').unwrap();
    assert!(english.len() > 10 && french.len() > 10, "{message}");
    assert!(french.contains(['é', 'à', 'ê']), "no French in {message}");
}

#[tokio::test]
async fn a_bad_frame_freezes_its_feed_and_no_other() {
    on_each_store(tell_bad_frames).await;
}

async fn tell_bad_frames(store: Store) {
    let world = World::new(store);
    world.entitle_trade(Level::Live).await;
    let (mut master, trade) = feeds();
    master.append([upsert(site(2, "Kamituga", &[]))]);
    let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
    let record = world.enrol(&node.vkey, &node.address).await;
    let mut lots = 1;
    for (lie, code) in [
        (Lie::Torn, "frame-malformed"),
        (Lie::Oversized, "frame-oversized"),
        (Lie::Gap, "frame-gap"),
    ] {
        node.lie("master-data", Some(lie));
        lots += 1;
        node.append("transactions", [upsert(lot(lots, 1))]);
        follow_while(world.context(SHORT), record.clone(), async {
            world.until_frozen("master-data").await;
            world.until_cursor("transactions", lots.into()).await;
        })
        .await;
        let state = world.state("master-data").await.unwrap();
        let frozen = state.frozen.unwrap();
        assert_eq!((frozen.code.as_str(), state.cursor), (code, 0));
        assert_tells(&world.exchange().await.unwrap().last_error_message.unwrap());
        assert_eq!(world.count("SELECT COUNT(*) FROM mine_site").await, 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM lot").await, i64::from(lots));
        world.forget_feed("master-data").await;
    }
}

#[tokio::test]
async fn a_feed_that_cannot_go_on_is_tried_again_beside_the_others() {
    on_each_store(tell_faults).await;
}

async fn tell_faults(store: Store) {
    let world = World::new(store);
    world.entitle_trade(Level::Live).await;
    let (master, trade) = feeds();
    let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
    let record = world.enrol(&node.vkey, &node.address).await;
    follow_while(world.context(SHORT), record, async {
        world.until_cursor("master-data", 1).await;
        let mut number = 1;
        for (lie, code) in [
            (Lie::Fault(Code::Internal), "internal"),
            (Lie::Empty, "frame-malformed"),
            (Lie::Early, "frame-malformed"),
            (Lie::Closed, "peer-unreachable"),
        ] {
            number += 1;
            node.lie("master-data", Some(lie));
            node.append("master-data", [upsert(site(number, "later", &[]))]);
            world.until_error(code).await;
            let fault = world.exchange().await.unwrap().last_error_message.unwrap();
            assert_tells(&fault);
            let failures = world.exchange().await.unwrap().failures;
            assert_eq!(failures, 0, "the link stays");
            node.append("transactions", [upsert(lot(number, 1))]);
            world.until_cursor("transactions", number.into()).await;
            // Once it tells the truth, it is followed, and the fault is over.
            node.lie("master-data", None);
            world.until_cursor("master-data", number.into()).await;
            world.until_sound().await;
        }
    })
    .await;
    assert_eq!(world.state("master-data").await.unwrap().frozen, None);
}

#[tokio::test]
async fn a_bad_frame_freezes_its_feed_and_is_kept() {
    on_each_store(async |store| {
        let world = World::new(store);
        world.entitle_trade(Level::Live).await;
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        node.lie("master-data", Some(Lie::Torn));
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_frozen("master-data").await;
            world.until_cursor("transactions", 1).await;
        })
        .await;
        let kept = "SELECT COUNT(*) FROM feed_cursor WHERE refused_frame IS NOT NULL \
                    AND evidence IS NOT NULL AND frozen_code = 'frame-malformed'";
        assert_eq!(world.count(kept).await, 1);
        assert_eq!(world.count("SELECT COUNT(*) FROM mine_site").await, 0);
        assert_eq!(world.error_code().await.as_deref(), Some("frame-malformed"));
    })
    .await;
}

#[tokio::test]
async fn rewritten_history_freezes_its_feed_alone() {
    on_each_store(async |store| {
        let world = World::new(store);
        world.entitle_trade(Level::Live).await;
        let (master, trade) = feeds();
        let key = rmd_feed::FeedKey::from_secret(&master.key.secret()).unwrap();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record.clone(), async {
            world.until_cursor("master-data", 1).await;
            world.until_cursor("transactions", 1).await;
        })
        .await;
        let mut rewritten = Publisher::with_key("COD/cod-mines", "master-data", key);
        rewritten.append([upsert(site(1, "another history", &[]))]);
        node.replace(rewritten);
        node.append("transactions", [upsert(lot(2, 1))]);
        follow_while(world.context(SHORT), record, async {
            world.until_cursor("transactions", 2).await;
            world.until_frozen("master-data").await;
        })
        .await;
        let frozen = world.state("master-data").await.unwrap();
        assert_eq!(frozen.frozen.unwrap().code, "root-mismatch");
        let row = sqlx::query("SELECT evidence FROM feed_cursor WHERE state = 'frozen'")
            .fetch_one(&mut *world.store.acquire().await.unwrap())
            .await
            .unwrap();
        let evidence: Vec<u8> = row.get(0);
        let (held, offered) = rmd_feed::evidence::read(&evidence).unwrap();
        assert_ne!(held.unwrap(), offered);
        let name = sqlx::query("SELECT site_name FROM mine_site")
            .fetch_one(&mut *world.store.acquire().await.unwrap())
            .await
            .unwrap();
        assert_eq!(name.get::<String, _>(0), "Nzibira");
    })
    .await;
}

#[tokio::test]
async fn a_link_that_became_sound_is_asked_for_larger_frames_before_it_ends() {
    on_each_store(ask_for_larger_frames).await;
}

async fn ask_for_larger_frames(store: Store) {
    let world = World::new(store);
    let (master, trade) = feeds();
    let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
    let record = world.enrol(&node.vkey, &node.address).await;
    let mut context = world.context(SHORT);
    context.sound_after = std::time::Duration::ZERO;
    node.lie("master-data", Some(Lie::Fault(Code::PeerUnreachable)));
    follow_while(context, record, async {
        eventually("small frames", async || node.asked_last() > Some(0)).await;
        node.lie("master-data", None);
        for number in 2..8 {
            node.append("master-data", [upsert(site(number, "more", &[]))]);
            world.until_cursor("master-data", number.into()).await;
        }
        eventually("no limit", async || node.asked_last() == Some(0)).await;
    })
    .await;
}
