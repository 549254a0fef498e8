//! Pull, Follow and Prove, as the hub calls them.

use std::time::Duration;

use rmd_feed::{
    FRAME_BYTES_MAX, Follower, Origin,
    frame::{PACKING_MAX, Reads},
    proof,
};
use rmd_proto::{Code, Fault, v1};
use tokio::time::Instant;

use super::super::{
    stream::FILLING_MAX,
    testing::{TestServer, hello},
};
use crate::journal::{
    Store, audit,
    entitlement::Level,
    testing::{FEED, OWNER, TestJournal, batch, row, rows},
};

fn pull(after_seq: u64, frame_bytes_max: u32, frames_max: u32) -> v1::PullRequest {
    let feed = FEED.to_owned();
    v1::PullRequest { feed, epoch: 1, after_seq, frame_bytes_max, frames_max, ..Default::default() }
}

fn follower(server: &TestServer) -> Follower {
    Follower::new(FEED, 1, Origin::new(OWNER, FEED, 1), server.test.key.verifier())
}

fn fault(status: tonic::Status) -> Fault {
    Fault::from(status)
}

#[tokio::test]
async fn the_hub_pulls_everything_verified_and_the_audit_says_so() {
    let server = TestServer::start(TestJournal::live().await).await;
    for part in 0..4 {
        server.test.apply(rows(part * 700, part * 700 + 700, 1)).await;
    }
    let mut client = server.feeds().await;
    let mut follower = follower(&server);
    let mut frames = client.pull(pull(0, 16 << 10, 0)).await.unwrap().into_inner();
    let (mut count, mut bytes) = (0, 0);
    while let Some(answer) = frames.message().await.unwrap() {
        let frame = answer.frame.unwrap();
        bytes += i64::try_from(frame.body.len() + frame.checkpoint.len()).unwrap();
        follower.accept(&frame).unwrap();
        count += 1;
    }
    assert_eq!(follower.cursor(), 2800);
    assert!(count > 1, "{count} frames are no stream");

    let calls = audit::list(server.test.journal.store(), 10).await.unwrap();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(
        (call.peer.as_str(), call.call.as_str(), call.first_seq, call.last_seq, call.frames),
        ("spiffe://rmd.net/hub", "Pull", 1, 2800, count)
    );
    assert_eq!(call.bytes, bytes);
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_of_the_version_before_gets_the_same_entries_as_rows() {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 700, 1)).await;
    let mut client = server.feeds().await;
    let ours = Reads::ours().dictionaries().to_vec();
    let request = |packing_max, dictionary| v1::PullRequest {
        packing_max,
        dictionary,
        ..pull(0, u32::try_from(FRAME_BYTES_MAX).unwrap(), 0)
    };
    let mut bodies = Vec::new();
    for request in [request(0, ours.clone()), request(PACKING_MAX, ours)] {
        let mut frames = client.pull(request).await.unwrap().into_inner();
        let frame = frames.message().await.unwrap().unwrap().frame.unwrap();
        let mut follower = follower(&server);
        assert_eq!(follower.accept(&frame).unwrap().len(), 700);
        assert_eq!(follower.edge().size(), 700);
        bodies.push(frame.body);
    }
    let [rows, stored] = bodies.try_into().unwrap();
    // zstd alone reads the first, without a dictionary.
    assert!(zstd_magic(&rows) && !zstd_magic(&stored));
    assert!(stored.len() < rows.len(), "{} and {} bytes", stored.len(), rows.len());
    server.shutdown().await;
}

fn zstd_magic(body: &[u8]) -> bool {
    body.starts_with(&0xFD2F_B528_u32.to_le_bytes())
}

#[tokio::test]
async fn a_pull_begins_after_the_cursor_and_stops_at_its_limit() {
    let server = TestServer::start(TestJournal::live().await).await;
    for part in 0..3 {
        server.test.apply(rows(part * 300, part * 300 + 300, 1)).await;
    }
    let mut client = server.feeds().await;
    let mut frames = client.pull(pull(300, 0, 0)).await.unwrap().into_inner();
    let frame = frames.message().await.unwrap().unwrap().frame.unwrap();
    assert_eq!((frame.first_seq, frame.last_seq), (301, 900));
    assert!(frames.message().await.unwrap().is_none());
    let mut frames = client.pull(pull(900, 0, 0)).await.unwrap().into_inner();
    assert!(frames.message().await.unwrap().is_none());
    // A cursor inside a block gets the whole block.
    let mut frames = client.pull(pull(10, 1, 1)).await.unwrap().into_inner();
    assert_eq!(frames.message().await.unwrap().unwrap().frame.unwrap().first_seq, 1);
    assert!(frames.message().await.unwrap().is_none());
    server.shutdown().await;
}

#[tokio::test]
async fn requests_that_cannot_be_met_name_field_and_code() {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 10, 1)).await;
    let mut client = server.feeds().await;
    let request = |feed: &str, epoch, after_seq| v1::PullRequest {
        feed: feed.to_owned(),
        epoch,
        after_seq,
        ..Default::default()
    };
    for (request, code, field) in [
        (request("shared", 1, 0), Code::FeedUnknown, "feed"),
        (request(FEED, 2, 0), Code::EpochUnknown, "epoch"),
        (request(FEED, 1, 11), Code::CursorBeyondSize, "after_seq"),
    ] {
        let fault = fault(client.pull(request).await.unwrap_err());
        assert_eq!((fault.code, fault.field.as_deref()), (code, Some(field)));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_follow_gets_what_is_appended_here_and_by_another_process() {
    let server = TestServer::start(TestJournal::live().await).await;
    let mut client = server.feeds().await;
    let request = v1::FollowRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    let mut frames = client.follow(request).await.unwrap().into_inner();
    let mut follower = follower(&server);
    let other = server.test.opened_again().await;
    for round in 0..3 {
        let items = vec![row("a", 1, i64::from(round))];
        if round == 1 {
            other.apply(batch(items)).await.unwrap();
        } else {
            server.test.apply(items).await;
        }
        let next = tokio::time::timeout(Duration::from_secs(20), frames.message()).await;
        let frame = next.unwrap().unwrap().unwrap().frame.unwrap();
        assert_eq!(follower.accept(&frame).unwrap().len(), 1);
    }
    assert_eq!(follower.cursor(), 3);
    // The node does not wait for an open stream when it ends.
    let (ended, ()) = tokio::join!(frames.message(), server.shutdown());
    assert!(ended.is_err());
}

#[tokio::test]
async fn batches_of_a_load_wait_for_the_next_and_a_single_change_leaves_at_once() {
    const BATCHES: u32 = 4;
    const ENTRIES: u32 = 300;
    let server = TestServer::start(TestJournal::live().await).await;
    let mut client = server.feeds().await;
    let request = v1::FollowRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    let mut frames = client.follow(request).await.unwrap().into_inner();
    let mut follower = follower(&server);
    let load = async {
        let mut begun = Vec::new();
        for part in 0..BATCHES {
            begun.push(Instant::now());
            server.test.apply(rows(part * ENTRIES, part * ENTRIES + ENTRIES, 1)).await;
        }
        begun
    };
    let arrive = async {
        let mut arrived = Vec::new();
        while follower.cursor() < u64::from(BATCHES * ENTRIES) {
            let next = tokio::time::timeout(Duration::from_mins(1), frames.message()).await;
            let frame = next.unwrap().unwrap().unwrap().frame.unwrap();
            follower.accept(&frame).unwrap();
            arrived.push((frame.first_seq, frame.last_seq, Instant::now()));
        }
        arrived
    };
    let (begun, arrived) = tokio::join!(load, arrive);
    let batch_of = |seq: u64| begun[usize::try_from((seq - 1) / u64::from(ENTRIES)).unwrap()];
    for (first, last, at) in arrived {
        // None is full, so each waits for one more batch, but no longer than it may.
        let rested = batch_of(last) + Store::CAPTURE_REST;
        let patient = batch_of(first) + FILLING_MAX;
        assert!(
            at >= rested.min(patient),
            "{first} to {last} left before another batch could come"
        );
    }
    server.test.apply(vec![row("one", 90_000, 1)]).await;
    assert!(server.test.journal.store().loads_until().is_none(), "one entry is no load");
    server.shutdown().await;
}

#[tokio::test]
async fn hello_tells_sizes_counts_and_the_start() {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 10, 1)).await;
    let now_us = server.test.journal.store().now_us();
    let mut client = server.feeds().await;
    let answer = client.hello(hello(now_us)).await.unwrap().into_inner();
    assert_eq!((answer.protocol, answer.boot_number), (1, 1));
    assert_eq!(answer.identity, "spiffe://rmd.net/node/COD/cod-mines");
    let sizes: Vec<(&str, u64)> =
        answer.feed.iter().map(|feed| (feed.feed.as_str(), feed.size)).collect();
    assert_eq!(sizes, [("master-data", 0), (FEED, 10), ("answers", 0)]);
    let periods = answer.feed[1].entity.iter().find(|count| count.entity == "ReportingPeriod");
    let periods = periods.unwrap();
    assert_eq!((periods.entitlement.as_str(), periods.published), (Level::Live.as_str(), 10));
    let standing = follower(&server).compare(&answer.feed[1]);
    assert_eq!(standing, rmd_feed::Standing::Normal { behind: 10 });
    let seen = audit::last_hub(server.test.journal.store()).await.unwrap().unwrap();
    assert_eq!(seen.tls_version, "TLSv1.3");

    let skewed = fault(client.hello(hello(now_us + 25 * 3600 * 1_000_000)).await.unwrap_err());
    assert_eq!((skewed.code, skewed.field.as_deref()), (Code::ClockUnsound, Some("clock_us")));
    server.shutdown().await;
}

#[tokio::test]
async fn an_entry_is_proven_to_who_asks() {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 300, 1)).await;
    let leaf = server.test.entries().await[99].leaf_hash();
    let mut client = server.feeds().await;
    let request =
        |tree_size, proof| v1::ProveRequest { feed: FEED.to_owned(), epoch: 1, tree_size, proof };
    let seq = Some(v1::prove_request::Proof::Seq(100));
    let answer = client.prove(request(300, seq)).await.unwrap().into_inner();
    let hashes: Vec<[u8; 32]> =
        answer.hash.into_iter().map(|hash| hash.try_into().unwrap()).collect();
    let root = answer.root.try_into().unwrap();
    proof::check_inclusion(&hashes, 300, root, 100, leaf).unwrap();
    for (request, code, field) in [
        (request(301, seq), Code::CursorBeyondSize, "tree_size"),
        (request(99, seq), Code::RequestInvalid, "seq"),
        (request(300, None), Code::RequestInvalid, "proof"),
    ] {
        let fault = fault(client.prove(request).await.unwrap_err());
        assert_eq!((fault.code, fault.field.as_deref()), (code, Some(field)));
    }
    server.shutdown().await;
}
