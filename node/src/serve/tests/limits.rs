//! What may leave: hours, bytes a second, and what a peer cannot make this node hold.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use rmd_feed::{
    FRAME_BYTES_MAX,
    frame::{PACKING_MAX, Reads},
};
use rmd_link::{Throttle, tls::WINDOW_BYTES};
use rmd_proto::{
    Code, Fault,
    v1::{self, feed_service_client::FeedServiceClient},
};
use tokio::time::timeout;
use tonic::{Streaming, transport::Channel};

use super::super::{
    Limits, Streams,
    testing::{TestServer, hello},
};
use crate::{
    hours::Opening,
    journal::{
        audit, blocks_after,
        testing::{FEED, TestJournal, rows},
    },
};

type Client = FeedServiceClient<Channel>;

fn limits(test: &TestJournal) -> Limits {
    let opening = Opening::always(test.journal.store().clock().clone());
    let streams = Streams::new(NonZeroU32::new(4).unwrap(), Duration::from_mins(1));
    Limits { throttle: Throttle::default(), opening, streams }
}

async fn follow(client: &mut Client) -> Result<Streaming<v1::FollowResponse>, Fault> {
    let request = v1::FollowRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    client.follow(request).await.map(tonic::Response::into_inner).map_err(Fault::from)
}

async fn pull(client: &mut Client, bytes: u32) -> Streaming<v1::PullResponse> {
    let request = v1::PullRequest {
        feed: FEED.to_owned(),
        epoch: 1,
        after_seq: 0,
        frame_bytes_max: bytes,
        frames_max: u32::MAX,
        packing_max: PACKING_MAX,
        dictionary: Reads::ours().dictionaries().to_vec(),
    };
    client.pull(request).await.unwrap().into_inner()
}

/// A journal whose feed has so many rows, and the compressed bytes of all blocks.
async fn filled(hundreds: u32) -> (TestJournal, usize) {
    let test = TestJournal::live().await;
    for part in 0..hundreds {
        test.apply(rows(part * 100, part * 100 + 100, 1)).await;
    }
    let (mut bytes, mut after) = (0, 0);
    loop {
        let readers = test.journal.store().readers();
        let blocks = blocks_after(readers, FEED, 1, after, FRAME_BYTES_MAX).await.unwrap();
        let Some(last) = blocks.last() else { return (test, bytes) };
        after = last.last_seq;
        bytes += blocks.iter().map(|block| block.body.len()).sum::<usize>();
    }
}

#[tokio::test]
async fn outside_its_hours_a_node_says_until_when_and_holds_its_streams() {
    let test = TestJournal::live().await;
    test.apply(rows(0, 3, 1)).await;
    let clock = test.journal.store().clock().clone();
    let night = Opening::new("20:00-06:00".parse().unwrap(), TimeZone::UTC, clock);
    let held = Limits { opening: night, ..limits(&test) };
    let server = TestServer::limited(test, held).await;
    let mut client = server.feeds().await;
    let evening: Timestamp = "2018-01-01T20:00:00Z".parse().unwrap();

    let mut frames = follow(&mut client).await.unwrap();
    let now_us = server.test.journal.store().now_us();
    let said = client.hello(hello(now_us)).await.unwrap().into_inner();
    assert_eq!(said.pauses_until_us, evening.as_microsecond());
    let stated = said.feed.iter().find(|state| state.feed == FEED).unwrap();
    assert_eq!(stated.size, 3, "the node answers with what it has");
    assert!(audit::list(server.test.journal.store(), 10).await.unwrap().is_empty());

    server.test.clock.set(evening);
    let frame = frames.message().await.unwrap().unwrap().frame.unwrap();
    assert_eq!(frame.last_seq, 3);
    let calls = audit::list(server.test.journal.store(), 10).await.unwrap();
    assert_eq!(calls[0].began_at_us, evening.as_microsecond(), "nothing left before");
    let said = client.hello(hello(evening.as_microsecond())).await.unwrap().into_inner();
    assert_eq!(said.pauses_until_us, 0);
    server.shutdown().await;
}

#[tokio::test]
async fn two_streams_together_send_no_more_than_the_cap() {
    let (test, bytes) = filled(14).await;
    let rate = u32::try_from(bytes).unwrap();
    let throttle = Throttle::new(rate).unwrap();
    let capped = Limits { throttle, ..limits(&test) };
    let server = TestServer::limited(test, capped).await;
    let (mut one, mut other) = (server.feeds().await, server.feeds().await);
    let begun = Instant::now();
    let take = async |client: &mut Client| {
        let (mut frames, mut taken) = (pull(client, 16 << 10).await, 0);
        while let Some(answer) = frames.message().await.unwrap() {
            taken += answer.frame.unwrap().body.len();
        }
        taken
    };
    let (first, second) = futures_util::future::join(take(&mut one), take(&mut other)).await;
    assert_eq!((first, second), (bytes, bytes));
    // One second of bytes was in the bucket; the rest came at the rate. Later is allowed.
    let least = f64::from(rate) * (begun.elapsed().as_secs_f64() + 1.0);
    let sent = f64::from(rate) * 2.0;
    assert!(sent <= least, "{sent} bytes, at most {least} in that time");
    server.shutdown().await;
}

#[tokio::test]
async fn a_stream_more_than_a_peer_may_have_closes_its_oldest_connection() {
    let test = TestJournal::live().await;
    let few = limits(&test);
    let server = TestServer::limited(test, few).await;
    let (mut old, mut new) = (server.feeds().await, server.feeds().await);
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(follow(&mut old).await.unwrap());
    }
    let refused = follow(&mut old).await.unwrap_err();
    assert_eq!(refused.code, Code::RequestInvalid, "its own streams are not ended");

    let mut kept = follow(&mut new).await.unwrap();
    for mut stream in streams {
        assert!(stream.message().await.is_err(), "the old connection lives on");
    }
    server.test.apply(rows(0, 1, 1)).await;
    assert_eq!(kept.message().await.unwrap().unwrap().frame.unwrap().last_seq, 1);
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_that_reads_nothing_gets_its_window_and_is_closed() {
    const STREAMS: usize = 60;
    let (test, bytes) = filled(120).await;
    // What fits into the window of the connection, and of each stream the frame in
    // hand and the one before it in the buffers of HTTP/2.
    let most = WINDOW_BYTES as usize + STREAMS * 2 * (32 << 10);
    assert!(STREAMS * bytes > most, "{bytes} bytes a stream do not fill the window");
    let streams = Streams::new(NonZeroU32::new(64).unwrap(), Duration::from_secs(1));
    let patient = Limits { streams, ..limits(&test) };
    let server = TestServer::limited(test, patient).await;
    let mut client = server.feeds().await;
    let mut unread = Vec::new();
    for _ in 0..STREAMS {
        unread.push(pull(&mut client, 16 << 10).await);
    }
    let deadline = Instant::now() + Duration::from_mins(1);
    let now_us = server.test.journal.store().now_us();
    // Its answers find no room either, until the connection ends.
    let short = Duration::from_millis(200);
    while !matches!(timeout(short, client.hello(hello(now_us))).await, Ok(Err(_))) {
        assert!(Instant::now() < deadline, "a connection that is not read lives on");
    }
    let calls = audit::list(server.test.journal.store(), 100).await.unwrap();
    let sent: i64 = calls.iter().map(|call| call.bytes).sum();
    assert!(usize::try_from(sent).unwrap() <= most, "{sent} bytes left, at most {most}");
    server.shutdown().await;
}

#[tokio::test]
async fn an_absurd_range_is_refused_and_an_absurd_frame_is_cut() {
    let (test, _) = filled(3).await;
    let plain = limits(&test);
    let server = TestServer::limited(test, plain).await;
    let mut client = server.feeds().await;
    let request = v1::PullRequest {
        feed: FEED.to_owned(),
        epoch: 1,
        after_seq: u64::MAX,
        frame_bytes_max: u32::MAX,
        frames_max: u32::MAX,
        ..Default::default()
    };
    let refused = Fault::from(client.pull(request).await.unwrap_err());
    assert_eq!(refused.code, Code::CursorBeyondSize);

    let mut frames = pull(&mut client, u32::MAX).await;
    let mut last = 0;
    while let Some(answer) = frames.message().await.unwrap() {
        let frame = answer.frame.unwrap();
        assert!(frame.body.len() <= FRAME_BYTES_MAX);
        last = frame.last_seq;
    }
    assert_eq!(last, 300, "the stream ends with the feed");
    server.shutdown().await;
}

#[tokio::test]
async fn a_hello_of_a_hundred_kilobytes_is_not_read() {
    let test = TestJournal::live().await;
    let plain = limits(&test);
    let server = TestServer::limited(test, plain).await;
    let mut client = server.feeds().await;
    let checkpoint = "x".repeat(100 << 10);
    let known = v1::KnownCheckpoint { feed: FEED.to_owned(), checkpoint, ..Default::default() };
    let now_us = server.test.journal.store().now_us();
    let large = v1::HelloRequest { known: vec![known], ..hello(now_us) };
    let refused = client.hello(large).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::OutOfRange);
    assert!(client.hello(hello(now_us)).await.is_ok(), "the connection goes on");
    server.shutdown().await;
}
