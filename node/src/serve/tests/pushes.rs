//! A hub that pushes what does not follow: refused by name, nothing else touched.

use prost::Message as _;
use rmd_feed::FeedKey;
use rmd_proto::{
    Code, Fault,
    v1::{self, CertificationStatus, Op},
};

use super::super::testing::{HUB, HubFeed, TestServer, entry};
use crate::{
    inbox::report,
    journal::testing::{FEED, TestJournal, rows},
};

/// A bulletin about one site.
fn bulletin(icglr_id: &str) -> rmd_feed::NewEntry {
    let bulletin = v1::SiteStatusBulletin {
        icglr_id: icglr_id.to_owned(),
        address_country: "CD".to_owned(),
        effective_status: CertificationStatus::Blue.into(),
        effective_since: "2018-01-01".to_owned(),
        effective_reason: "declared".to_owned(),
        published_on: "2018-01-01".to_owned(),
        ..Default::default()
    };
    entry("SiteStatusBulletin", icglr_id, Op::Upsert, bulletin.encode_to_vec())
}

async fn push(server: &TestServer, frame: &v1::Frame) -> Result<u64, Fault> {
    let frames = tokio_stream::iter([v1::PushRequest { frame: Some(frame.clone()) }]);
    let answer = server.shared().await.push(frames).await;
    answer.map(|answer| answer.into_inner().cursor).map_err(Fault::from)
}

/// The frames of a hub that goes wrong after its first.
struct Frames {
    /// Seq 1, as it is.
    first: v1::Frame,
    /// Seq 2, as it is.
    second: v1::Frame,
    /// Seq 3, as it is.
    third: v1::Frame,
    /// Seq 1 with other bytes, signed all the same.
    other_first: v1::Frame,
    /// Seq 2 behind those other bytes.
    other_second: v1::Frame,
}

impl Frames {
    fn new(key: &FeedKey) -> Self {
        let (mut feed, mut other) = (HubFeed::new(key), HubFeed::new(key));
        Self {
            first: feed.frame(&[bulletin("CD-1")]),
            second: feed.frame(&[bulletin("CD-2")]),
            third: feed.frame(&[bulletin("CD-3")]),
            other_first: other.frame(&[bulletin("CD-9")]),
            other_second: other.frame(&[bulletin("CD-2")]),
        }
    }
}

/// Pushes the first frame and then a wrong one. What the hub is told; that the
/// inbox and the node's own feed are as before.
async fn refusal(
    wrong: impl FnOnce(&TestServer, &Frames) -> v1::Frame,
) -> (TestServer, Frames, Fault) {
    let server = TestServer::start(TestJournal::live().await).await;
    server.test.apply(rows(0, 3, 1)).await;
    let frames = Frames::new(&server.hub_key);
    assert_eq!(push(&server, &frames.first).await, Ok(1));
    let wrong = wrong(&server, &frames);
    let fault = push(&server, &wrong).await.unwrap_err();
    assert!(fault.message.contains("shared") && fault.message.contains(" / "), "{fault}");

    let store = server.test.journal.store();
    let sites = report::sites(store, 10).await.unwrap();
    assert_eq!(sites.iter().map(|site| site.icglr_id.as_str()).collect::<Vec<_>>(), ["CD-1"]);
    assert_eq!(report::counts(store).await.unwrap(), (1, 1));
    server.test.apply(rows(3, 5, 1)).await;
    let pull = v1::PullRequest { feed: FEED.to_owned(), epoch: 1, ..Default::default() };
    let mut own = server.feeds().await.pull(pull).await.unwrap().into_inner();
    assert_eq!(own.message().await.unwrap().unwrap().frame.unwrap().last_seq, 5);
    (server, frames, fault)
}

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[tokio::test]
async fn a_gap_is_refused_with_what_was_expected_and_the_right_frame_goes_on() {
    let (server, frames, fault) = refusal(|_, frames| frames.third.clone()).await;
    assert_eq!(fault.code, Code::FrameGap);
    assert_says(&fault.message, &["seq 2", "3", "pull again after the cursor"]);
    assert_says(&fault.message, &["seq 2 attendu, 3 reçu", "tirez de nouveau"]);
    assert_eq!(push(&server, &frames.second).await, Ok(2));
    assert_eq!(push(&server, &frames.third).await, Ok(3));
    server.shutdown().await;
}

#[tokio::test]
async fn an_oversized_frame_is_refused_with_its_limit_and_the_right_frame_goes_on() {
    let (server, frames, fault) =
        refusal(|_, frames| v1::Frame { body: vec![0; (1 << 20) + 1], ..frames.second.clone() })
            .await;
    assert_eq!(fault.code, Code::FrameOversized);
    assert_says(&fault.message, &["1048577", "1048576", "smaller frames", "plus petites"]);
    assert_eq!(push(&server, &frames.second).await, Ok(2));
    server.shutdown().await;
}

/// The hub signs another history: the feed is frozen with both checkpoints, and
/// the message stays for the person who has to act.
#[tokio::test]
async fn other_bytes_for_a_known_seq_and_a_wrong_root_freeze_that_feed_alone() {
    type Wrong = fn(&TestServer, &Frames) -> v1::Frame;
    let wrongs: [Wrong; 3] = [
        |_, frames| frames.other_first.clone(),
        |_, frames| frames.other_second.clone(),
        // The right entries under a root that is not theirs.
        |_, frames| v1::Frame {
            checkpoint: frames.other_second.checkpoint.clone(),
            ..frames.second.clone()
        },
    ];
    for wrong in wrongs {
        let (server, frames, fault) = refusal(wrong).await;
        assert_eq!(fault.code, Code::RootMismatch);
        assert_says(&fault.message, &[HUB, "root", "keep the evidence"]);
        assert_says(&fault.message, &["racine", "gardez la preuve"]);
        let followed = report::feeds(server.test.journal.store()).await.unwrap().remove(0);
        assert_eq!((followed.state.as_str(), followed.cursor), ("frozen", 1));
        assert_eq!(followed.frozen_message, fault.message);
        let later = push(&server, &frames.second).await.unwrap_err();
        assert_eq!(later.code, Code::FeedFrozen);
        server.shutdown().await;
    }
}

#[tokio::test]
async fn a_checkpoint_that_the_pinned_key_did_not_sign_freezes_that_feed_alone() {
    let (server, _, fault) =
        refusal(|_, _| Frames::new(&FeedKey::generate(HUB).unwrap()).second).await;
    assert_eq!(fault.code, Code::CheckpointUnsigned);
    let followed = report::feeds(server.test.journal.store()).await.unwrap().remove(0);
    assert_eq!((followed.state.as_str(), followed.cursor), ("frozen", 1));
    server.shutdown().await;
}
