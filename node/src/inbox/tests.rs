//! The hub's feed at a node: applied once, verified, or frozen.

use prost::Message as _;
use rmd_feed::FeedKey;
use rmd_proto::{
    Code,
    v1::{self, CertificationStatus, Op},
};

use super::report;
use crate::{
    journal::testing::TestJournal,
    serve::testing::{HUB, HubFeed, TestServer, entry},
};

fn bulletin(icglr_id: &str, decision: bool) -> Vec<u8> {
    let decision = decision.then(|| v1::Decision {
        decision_id: "D-1".to_owned(),
        status: CertificationStatus::Red.into(),
        decided_on: "2018-01-01".to_owned(),
        decided_by: "Secretariat".to_owned(),
        ground: "visit".to_owned(),
        document_sha256: vec![7; 32],
        lifts: false,
    });
    v1::SiteStatusBulletin {
        icglr_id: icglr_id.to_owned(),
        address_country: "CD".to_owned(),
        effective_status: if decision.is_some() {
            CertificationStatus::Red.into()
        } else {
            CertificationStatus::Blue.into()
        },
        decision,
        effective_since: "2018-01-01".to_owned(),
        effective_until: String::new(),
        effective_reason: "decision".to_owned(),
        published_on: "2018-01-01".to_owned(),
    }
    .encode_to_vec()
}

const STATUS: &str = "SiteStatusBulletin";

#[tokio::test]
async fn bulletins_are_rows_that_can_be_read_and_repeats_change_nothing() {
    let server = TestServer::start(TestJournal::new().await).await;
    let store = server.test.journal.store();
    let mut feed = HubFeed::new(&server.hub_key);
    let first = feed.frame(&[
        entry(STATUS, "k1", Op::Upsert, bulletin("CD-1", false)),
        entry(STATUS, "k2", Op::Upsert, bulletin("CD-2", true)),
    ]);
    assert_eq!(server.inbox.take(&first).await.unwrap(), 2);
    assert_eq!(server.inbox.take(&first).await.unwrap(), 2);
    let sites = report::sites(store, 10).await.unwrap();
    let told: Vec<(&str, &str, Option<&str>)> = sites
        .iter()
        .map(|s| (s.icglr_id.as_str(), s.effective.as_str(), s.decided.as_deref()))
        .collect();
    assert_eq!(told, [("CD-1", "blue", None), ("CD-2", "red", Some("red"))]);
    assert_eq!(sites[1].until, None);
    assert_eq!(sites[1].document_sha256.as_deref(), Some("07".repeat(32).as_str()));

    let again = NewRevision::of(STATUS, "k1", bulletin("CD-1", true));
    let second = feed.frame(&[again.entry(1), entry(STATUS, "k3", Op::Tombstone, Vec::new())]);
    assert_eq!(server.inbox.take(&second).await.unwrap(), 4);
    assert_eq!(report::sites(store, 10).await.unwrap()[0].decided.as_deref(), Some("red"));
    assert_eq!(report::counts(store).await.unwrap(), (4, 2));
    server.shutdown().await;
}

#[tokio::test]
async fn of_two_bulletins_about_one_site_the_later_counts_however_often_they_come() {
    let server = TestServer::start(TestJournal::new().await).await;
    let store = server.test.journal.store();
    let mut feed = HubFeed::new(&server.hub_key);
    let (blue, red) = (bulletin("CD-1", false), bulletin("CD-1", true));
    let first = entry(STATUS, "k1", Op::Upsert, blue);
    let both = feed.frame(&[first, NewRevision::of(STATUS, "k1", red).entry(1)]);
    for _ in 0..2 {
        assert_eq!(server.inbox.take(&both).await.unwrap(), 2);
        let sites = report::sites(store, 10).await.unwrap();
        assert_eq!((sites.len(), sites[0].effective.as_str()), (1, "red"));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn the_status_of_an_exporter_is_a_row_until_nothing_is_said_of_it() {
    const EXPORTER: &str = "ExporterStatusBulletin";
    let server = TestServer::start(TestJournal::new().await).await;
    let store = server.test.journal.store();
    let mut feed = HubFeed::new(&server.hub_key);
    let suspended = v1::ExporterStatusBulletin {
        country: "CD".to_owned(),
        exporter_identifier: "CD-EXP-1".to_owned(),
        effective_status: CertificationStatus::Red.into(),
        effective_since: "2018-01-01".to_owned(),
        effective_reason: "suspension".to_owned(),
        published_on: "2018-01-02".to_owned(),
        ..v1::ExporterStatusBulletin::default()
    };
    let key = "CD/CD-EXP-1";
    let unread = v1::ExporterStatusBulletin { effective_status: 9, ..suspended.clone() };
    let frame = feed.frame(&[
        entry(EXPORTER, key, Op::Upsert, suspended.encode_to_vec()),
        entry(EXPORTER, "CD/other", Op::Upsert, unread.encode_to_vec()),
    ]);
    server.inbox.take(&frame).await.unwrap();
    let exporters = report::exporters(store, 10).await.unwrap();
    assert_eq!(exporters.len(), 1, "a status of a later version is no row");
    let told = &exporters[0];
    assert_eq!((told.record_key.as_str(), told.effective.as_str()), (key, "red"));
    assert_eq!((told.reason.as_str(), &told.until, &told.decided), ("suspension", &None, &None));
    assert_eq!(report::feeds(store).await.unwrap()[0].unread, 1);
    let gone = feed.frame(&[entry(EXPORTER, key, Op::Tombstone, Vec::new())]);
    server.inbox.take(&gone).await.unwrap();
    assert_eq!(report::exporters(store, 10).await.unwrap(), []);
    server.shutdown().await;
}

/// A further revision of a record.
struct NewRevision {
    entity: &'static str,
    key: &'static str,
    payload: Vec<u8>,
}

impl NewRevision {
    fn of(entity: &'static str, key: &'static str, payload: Vec<u8>) -> Self {
        Self { entity, key, payload }
    }

    fn entry(self, previous_seq: u64) -> rmd_feed::NewEntry {
        rmd_feed::NewEntry {
            rev: 2,
            previous_seq,
            ..entry(self.entity, self.key, Op::Upsert, self.payload)
        }
    }
}

#[tokio::test]
async fn what_this_version_cannot_read_is_kept_and_holds_nothing_up() {
    let server = TestServer::start(TestJournal::new().await).await;
    let store = server.test.journal.store();
    let mut feed = HubFeed::new(&server.hub_key);
    let frame = feed.frame(&[
        entry("ExporterStatus", "x", Op::Upsert, vec![1]),
        entry(STATUS, "k1", Op::Upsert, vec![0xff]),
        entry(STATUS, "k2", Op::Upsert, bulletin("CD-2", true)),
    ]);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 3);
    assert_eq!(report::counts(store).await.unwrap(), (3, 1));
    assert_eq!(report::feeds(store).await.unwrap()[0].unread, 2);
    server.shutdown().await;
}

#[tokio::test]
async fn a_gap_is_refused_and_the_right_frame_goes_on() {
    let server = TestServer::start(TestJournal::new().await).await;
    let mut feed = HubFeed::new(&server.hub_key);
    let one = |key: &str| entry(STATUS, key, Op::Upsert, bulletin(key, true));
    let frames = [feed.frame(&[one("a")]), feed.frame(&[one("b")]), feed.frame(&[one("c")])];
    server.inbox.take(&frames[0]).await.unwrap();
    assert_eq!(server.inbox.take(&frames[2]).await.unwrap_err().code, Code::FrameGap);
    server.inbox.take(&frames[1]).await.unwrap();
    assert_eq!(server.inbox.take(&frames[2]).await.unwrap(), 3);
    server.shutdown().await;
}

#[tokio::test]
async fn another_history_freezes_the_feed_with_its_evidence() {
    let server = TestServer::start(TestJournal::new().await).await;
    let store = server.test.journal.store();
    let one = |key: &str| entry(STATUS, key, Op::Upsert, bulletin(key, true));
    let (mut feed, mut other) = (HubFeed::new(&server.hub_key), HubFeed::new(&server.hub_key));
    server.inbox.take(&feed.frame(&[one("a")])).await.unwrap();
    other.frame(&[one("b")]);
    let forked = other.frame(&[one("c")]);
    assert_eq!(server.inbox.take(&forked).await.unwrap_err().code, Code::RootMismatch);
    // From now on nothing is taken, not even what was right.
    let right = feed.frame(&[one("d")]);
    assert_eq!(server.inbox.take(&right).await.unwrap_err().code, Code::FeedFrozen);
    let followed = report::feeds(store).await.unwrap().remove(0);
    assert_eq!((followed.state.as_str(), followed.cursor), ("frozen", 1));
    assert_eq!(followed.frozen_code, Code::RootMismatch.as_str());
    let evidence: Vec<u8> = sqlx::query_scalar("SELECT evidence FROM inbox_feed")
        .fetch_one(store.readers())
        .await
        .unwrap();
    let (held, offered) = rmd_feed::evidence::read(&evidence).unwrap();
    assert!(held.is_some_and(|held| held.contains(HUB)) && offered == forked.checkpoint);
    assert_eq!(report::counts(store).await.unwrap(), (1, 1));
    server.shutdown().await;
}

#[tokio::test]
async fn a_frame_that_the_hub_did_not_sign_freezes_the_feed() {
    let server = TestServer::start(TestJournal::new().await).await;
    let mut other = HubFeed::new(&FeedKey::generate(HUB).unwrap());
    let forged = other.frame(&[entry(STATUS, "a", Op::Upsert, bulletin("a", true))]);
    let refused = server.inbox.take(&forged).await.unwrap_err();
    assert_eq!(refused.code, Code::CheckpointUnsigned);
    let mut feed = HubFeed::new(&server.hub_key);
    let right = feed.frame(&[entry(STATUS, "a", Op::Upsert, bulletin("a", true))]);
    assert_eq!(server.inbox.take(&right).await.unwrap_err().code, Code::FeedFrozen);
    server.shutdown().await;
}

#[tokio::test]
async fn an_oversized_frame_and_an_unknown_feed_are_refused_by_name() {
    let server = TestServer::start(TestJournal::new().await).await;
    let mut feed = HubFeed::new(&server.hub_key);
    let right = feed.frame(&[entry(STATUS, "a", Op::Upsert, bulletin("a", true))]);
    let large = v1::Frame { body: vec![0; (1 << 20) + 1], ..right.clone() };
    assert_eq!(server.inbox.take(&large).await.unwrap_err().code, Code::FrameOversized);
    let unknown = v1::Frame { feed: "gossip".to_owned(), ..right.clone() };
    assert_eq!(server.inbox.take(&unknown).await.unwrap_err().code, Code::FeedUnknown);
    assert_eq!(server.inbox.take(&right).await.unwrap(), 1);
    server.shutdown().await;
}
