//! Who may call what.

use prost::Message as _;
use rmd_link::Identity;
use rmd_proto::{
    Code, Fault,
    v1::{
        self, Op, feed_service_client::FeedServiceClient,
        shared_master_data_service_client::SharedMasterDataServiceClient,
    },
};

use super::super::testing::{HubFeed, TestServer, entry, hello, node};
use crate::journal::testing::{FEED, TestJournal, rows};

#[tokio::test]
async fn another_node_is_not_let_in() {
    let server = TestServer::start(TestJournal::live().await).await;
    let refused = server.dial_as(&node("RWA", "rwa-mines")).await.unwrap_err();
    assert_eq!(refused.code(), Code::RoleForbidden);
    server.shutdown().await;
}

#[tokio::test]
async fn an_auditor_that_the_node_does_not_name_is_not_let_in() {
    let server = TestServer::start(TestJournal::live().await).await;
    let refused = server.dial_as(&Identity::auditor("net", "audit-2").unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), Code::RoleForbidden);
    server.shutdown().await;
}

#[tokio::test]
async fn an_auditor_that_is_named_reads_and_proves_and_neither_follows_nor_pushes() {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 3, 1)).await;
    let auditor = Identity::auditor("net", "audit-1").unwrap();
    let channel = server.dial_as(&auditor).await.unwrap();
    let mut feeds = FeedServiceClient::new(channel.clone());
    feeds.hello(hello(server.test.journal.store().now_us())).await.unwrap();
    let pull = v1::PullRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    let mut frames = feeds.pull(pull).await.unwrap().into_inner();
    assert!(frames.message().await.unwrap().is_some());
    let follow = v1::FollowRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    let mut shared = SharedMasterDataServiceClient::new(channel);
    let cursor = v1::CursorRequest { feed: "shared".to_owned() };
    for status in [
        feeds.follow(follow).await.unwrap_err(),
        shared.cursor(cursor).await.unwrap_err(),
        shared.push(tokio_stream::iter([])).await.unwrap_err(),
    ] {
        assert_eq!(Fault::from(status).code, Code::RoleForbidden);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn the_hub_pushes_and_gets_the_cursor_back() {
    let server = TestServer::start(TestJournal::new().await).await;
    let mut feed = HubFeed::new(&server.hub_key);
    let frames: Vec<v1::Frame> = (0..3)
        .map(|at| feed.frame(&[entry("Unheard", &at.to_string(), Op::Upsert, vec![at])]))
        .collect();
    let pushes = |frames: &[v1::Frame]| {
        let frames: Vec<_> =
            frames.iter().map(|frame| v1::PushRequest { frame: Some(frame.clone()) }).collect();
        tokio_stream::iter(frames)
    };
    let mut shared = server.shared().await;
    let cursor = v1::CursorRequest { feed: "shared".to_owned() };
    let before = shared.cursor(cursor.clone()).await.unwrap().into_inner();
    assert_eq!((before.epoch, before.cursor), (0, 0));
    assert_eq!(shared.push(pushes(&frames)).await.unwrap().into_inner().cursor, 3);
    // The same again, and nothing at all, are no fault.
    assert_eq!(shared.push(pushes(&frames[1..])).await.unwrap().into_inner().cursor, 3);
    assert_eq!(shared.push(pushes(&[])).await.unwrap().into_inner().cursor, 3);
    let after = shared.cursor(cursor).await.unwrap().into_inner();
    assert_eq!((after.epoch, after.cursor), (1, 3));
    assert_eq!(after.checkpoint, frames[2].checkpoint);
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_that_the_hub_revokes_is_out_at_its_next_call() {
    let server = TestServer::start(TestJournal::live().await).await;
    let auditor = Identity::auditor("net", "audit-1").unwrap();
    let mut feeds = FeedServiceClient::new(server.dial_as(&auditor).await.unwrap());
    let now_us = server.test.journal.store().now_us();
    feeds.hello(hello(now_us)).await.unwrap();
    let serial: String = sqlx::query_scalar("SELECT serial FROM peer WHERE identity = ?1")
        .bind(auditor.to_string())
        .fetch_one(server.test.journal.store().readers())
        .await
        .unwrap();
    let revoked = v1::RevokedCertificate {
        serial: serial.clone(),
        identity: auditor.to_string(),
        revoked_at_us: now_us,
        ground: "lost".to_owned(),
    };
    let mut feed = HubFeed::new(&server.hub_key);
    let payload = revoked.encode_to_vec();
    let frame = feed.frame(&[entry("RevokedCertificate", &serial, Op::Upsert, payload)]);
    server.inbox.take(&frame).await.unwrap();
    let refused = Fault::from(feeds.hello(hello(now_us)).await.unwrap_err());
    assert_eq!(refused.code, Code::CertificateRevoked);
    server.shutdown().await;
}
