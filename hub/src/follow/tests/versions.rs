//! A node that is newer or older than the hub.

use prost::Message as _;
use rmd_proto::v1;

use super::{
    SHORT, feeds,
    node::TestNode,
    on_each_store,
    world::{World, cod, follow_while},
};
use crate::{
    cases::ANSWERS,
    follow::testing::{Publisher, Said, lot, site, upsert},
};

#[tokio::test]
async fn a_feed_of_a_later_version_is_left_alone_and_the_others_are_followed() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let key = rmd_feed::FeedKey::from_secret(&master.key.secret()).unwrap();
        let mut later = Publisher::with_key("COD/cod-mines", "appeals", key);
        later.append([upsert(lot(1, 1))]);
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade, later]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, async {
            world.until_cursor("master-data", 1).await;
            node.append("appeals", [upsert(lot(2, 1))]);
            node.append("master-data", [upsert(site(2, "Kamituga", &[]))]);
            world.until_cursor("master-data", 2).await;
        })
        .await;
        let exchange = world.exchange().await.unwrap();
        assert_eq!((exchange.failures, exchange.last_error_code), (0, None));
        assert!(world.state("appeals").await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_node_of_an_earlier_version_has_no_answers_and_is_followed_all_the_same() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, trade) = feeds();
        let node = TestNode::serve(&world.credentials(&cod()), [master, trade]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, world.until_cursor("master-data", 1)).await;
        assert_eq!(world.exchange().await.unwrap().failures, 0);
        assert!(world.state(ANSWERS).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn answers_are_followed_from_when_they_are_there_though_nobody_entitled_them() {
    on_each_store(async |store| {
        let world = World::new(store);
        let (master, _) = feeds();
        let key = rmd_feed::FeedKey::from_secret(&master.key.secret()).unwrap();
        let mut answers = Publisher::with_key("COD/cod-mines", ANSWERS, key);
        let case_id = "3f9a61d0c0ffee00c0ffee00c0ffee00";
        answers.append([said(case_id)]);
        let node = TestNode::serve(&world.credentials(&cod()), [master, answers]).await;
        let record = world.enrol(&node.vkey, &node.address).await;
        follow_while(world.context(SHORT), record, world.until_cursor(ANSWERS, 1)).await;
        assert_eq!(world.count("SELECT COUNT(*) FROM case_reply").await, 1);
        assert_eq!(world.count("SELECT COUNT(*) FROM quarantine").await, 0);
    })
    .await;
}

/// An answer.
fn said(case_id: &str) -> Said {
    let reply = v1::CaseReply {
        case_id: case_id.to_owned(),
        replied_by: "Cadastre minier".to_owned(),
        text: "pesé humide".to_owned(),
        ..v1::CaseReply::default()
    };
    Said {
        entity: "CaseReply".to_owned(),
        key: format!("{case_id}/1"),
        op: v1::Op::Upsert,
        reason: String::new(),
        payload: reply.encode_to_vec(),
    }
}
