//! Frames whose rows are written at once, on a real server.

use std::sync::Arc;

use rmd_feed::Follower;
use rmd_proto::v1;
use sqlx::Row as _;

use super::{Lane, WIDTH};
use crate::{
    follow::{
        Error, cursor,
        landing::{Landing, Prepared},
        testing::{NOW_US, Publisher, Receiver, lot, upsert},
    },
    registry::entitlement::Level,
    store::{
        Store,
        testing::{postgres, sqlite},
    },
};

const TRADE: &str = "transactions";

async fn ready() -> Store {
    let store = postgres().await;
    store.migrate().await.unwrap();
    store
}

async fn count(store: &Store, query: &'static str) -> i64 {
    let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap();
    row.get(0)
}

/// The hub's end of a feed, and its frames made ready.
async fn prepared(
    store: &Store,
    publisher: &Publisher,
    frames: &[v1::Frame],
) -> (Arc<Landing>, Follower, Vec<Box<Prepared>>) {
    let Receiver { landing, follower } = Receiver::take(store, publisher, Level::Live).await;
    let mut after = follower.clone();
    let mut all = Vec::new();
    for frame in frames {
        let one = landing.prepare(&after, frame, NOW_US).unwrap().unwrap();
        after = one.after().clone();
        all.push(Box::new(one));
    }
    (Arc::new(landing), follower, all)
}

fn lots(publisher: &mut Publisher, numbers: std::ops::Range<u32>) -> v1::Frame {
    publisher.publish(numbers.map(|number| upsert(lot(number, 2))))
}

#[tokio::test]
async fn two_frames_are_written_at_once_and_land_in_their_order() {
    let store = ready().await;
    let mut cod = Publisher::new("COD/cod-mines", TRADE);
    let frames: Vec<_> = (0..6).map(|part| lots(&mut cod, part * 40..part * 40 + 40)).collect();
    let (landing, _, all) = prepared(&store, &cod, &frames).await;
    let mut lane = Lane::open(&landing);
    let mut landed = 0;
    for one in all {
        if !lane.has_room() {
            let first = lane.next().await.unwrap();
            assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, landed);
            landing.commit(first).await.unwrap();
            landed += 40;
            assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, landed);
            assert_eq!(count(&store, "SELECT cursor FROM feed_cursor").await, landed);
        }
        lane.take(&landing, one).unwrap();
    }
    assert_eq!(lane.running.len(), WIDTH);
    while !lane.is_empty() {
        landing.commit(lane.next().await.unwrap()).await.unwrap();
    }
    assert_eq!(count(&store, "SELECT COUNT(*) FROM lot_tag").await, 480);
    assert_eq!(count(&store, "SELECT shown FROM record_tally").await, 240);
    let kept = cursor::load(&mut store.acquire().await.unwrap(), cod.node_id, TRADE).await;
    assert_eq!(kept.unwrap().unwrap().edge.root(), cod.root());
}

#[tokio::test]
async fn a_frame_whose_turn_never_comes_leaves_nothing() {
    let store = ready().await;
    let mut cod = Publisher::new("COD/cod-mines", TRADE);
    let frames = [lots(&mut cod, 0..9), lots(&mut cod, 9..20)];
    let (landing, follower, mut all) = prepared(&store, &cod, &frames).await;
    let second = landing.ahead(*all.pop().unwrap()).await.unwrap();
    let lost = landing.commit(second).await;
    assert!(matches!(lost, Err(Error::LeaseLost { .. })), "{lost:?}");
    let mut lane = Lane::open(&landing);
    lane.take(&landing, all.pop().unwrap()).unwrap();
    drop(lane);
    for table in ["SELECT COUNT(*) FROM ledger", "SELECT COUNT(*) FROM record"] {
        assert_eq!(count(&store, table).await, 0);
    }
    let mut follower = follower;
    for frame in &frames {
        landing.land(&mut follower, frame, NOW_US).await.unwrap();
    }
    assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 20);
}

#[tokio::test]
async fn a_record_that_stands_in_both_frames_makes_the_second_wait() {
    let store = ready().await;
    let mut cod = Publisher::new("COD/cod-mines", TRADE);
    let frames = [lots(&mut cod, 0..3), cod.publish([upsert(lot(2, 1)), upsert(lot(3, 1))])];
    let (landing, _, mut all) = prepared(&store, &cod, &frames).await;
    let (_, _, mut same) = prepared(&store, &cod, &frames[..1]).await;
    let mut lane = Lane::open(&landing);
    let second = all.pop().unwrap();
    lane.take(&landing, all.pop().unwrap()).unwrap();
    let _ = lane.take(&landing, same.pop().unwrap()).expect_err("the same names");
    let second = lane.take(&landing, second).expect_err("a later revision is decided by the store");
    // The lease went to the second pair of eyes; what is written is not committed.
    assert!(landing.commit(lane.next().await.unwrap()).await.is_err());
    assert!(landing.commit(*second).await.is_err());
    assert_eq!(count(&store, "SELECT COUNT(*) FROM record").await, 0);
}

#[tokio::test]
async fn a_key_that_another_node_holds_is_decided_when_it_is_its_turn() {
    let store = ready().await;
    let mut other = Publisher::new("COD/cod-other", TRADE);
    let frame = lots(&mut other, 0..1);
    Receiver::take(&store, &other, Level::Live).await.land(&frame).await;
    let mut cod = Publisher::new("COD/cod-mines", TRADE);
    let frames = [lots(&mut cod, 0..5), lots(&mut cod, 5..9)];
    let (landing, _, all) = prepared(&store, &cod, &frames).await;
    let mut lane = Lane::open(&landing);
    for one in all {
        lane.take(&landing, one).unwrap();
    }
    let first = landing.commit(lane.next().await.unwrap()).await.unwrap();
    let second = landing.commit(lane.next().await.unwrap()).await.unwrap();
    assert_eq!((first.entries, first.refused, second.refused), (5, 1, 0));
    assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 9);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM quarantine").await, 1);
    assert_eq!(count(&store, "SELECT CAST(SUM(shown) AS BIGINT) FROM record_tally").await, 9);
}

#[tokio::test]
async fn what_sqlite_takes_goes_one_by_one() {
    let (store, _dir) = sqlite().await;
    store.migrate().await.unwrap();
    let mut cod = Publisher::new("COD/cod-mines", TRADE);
    let frames = [lots(&mut cod, 0..3)];
    let (landing, _, mut all) = prepared(&store, &cod, &frames).await;
    let mut lane = Lane::open(&landing);
    let one = lane.take(&landing, all.pop().unwrap()).expect_err("nothing goes ahead");
    landing.commit(*one).await.unwrap();
    assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 3);
}
