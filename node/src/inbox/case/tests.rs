//! Cases at a node: read offline, answered in the node's own log.

mod erasing;
mod upgrade;

use prost::Message as _;
use rmd_feed::{Log, NewEntry, Origin, StoredEntry, frame};
use rmd_proto::v1::{self, Op};

use super::{find, list, show};
use crate::{
    journal::{
        ANSWERS, Journal, answers, blocks_after,
        entitlement::Level,
        report,
        testing::{TestJournal, rows},
    },
    serve::testing::{HUB, TestServer, entry, hello},
};

const CASE: &str = "3f9a61d0c0ffee00c0ffee00c0ffee00";

/// The feed of verdicts of this node, as the hub writes it.
struct HubVerdicts {
    log: Log,
    key: rmd_feed::FeedKey,
}

impl HubVerdicts {
    fn of(server: &TestServer) -> Self {
        let origin = Origin::new(HUB, "verdicts/COD/cod-mines", 1);
        Self { log: Log::new("verdicts", 1, origin), key: server.hub_key.clone() }
    }

    fn frame(&mut self, entries: &[NewEntry]) -> v1::Frame {
        let after = self.log.size();
        let block = self.log.append(entries, &self.key).unwrap();
        frame::build("verdicts", 1, &[block], after).unwrap()
    }
}

fn notice(state: &str, answered: &[&str]) -> v1::CaseNotice {
    v1::CaseNotice {
        case_id: CASE.to_owned(),
        country: "CD".to_owned(),
        subject_kind: "declaration".to_owned(),
        subject_key: "CD/E-1001".to_owned(),
        cause: "pairing".to_owned(),
        severity: 3,
        state: state.to_owned(),
        sent_at_us: 7,
        due: "2018-01-31".to_owned(),
        finding: vec![v1::CaseFinding {
            rule: "R16".to_owned(),
            en: "1200 kg left for RW, 10 to 25 % less arrived from CD".to_owned(),
            fr: "1200 kg sont partis pour RW".to_owned(),
            is_open: true,
            record: vec![v1::CaseRecord {
                entity: "ExportDeclaration".to_owned(),
                record_key: "CD/E-1001/1".to_owned(),
                rev: 1,
            }],
            other: vec![v1::CaseOther { country: "RW".to_owned(), ..v1::CaseOther::default() }],
            ..v1::CaseFinding::default()
        }],
        answered: answered.iter().map(|key| (*key).to_owned()).collect(),
        ..v1::CaseNotice::default()
    }
}

fn told(notice: &v1::CaseNotice, rev: u64) -> NewEntry {
    let payload = notice.encode_to_vec();
    NewEntry { rev, previous_seq: rev - 1, ..entry("CaseNotice", CASE, Op::Upsert, payload) }
}

fn today(journal: &Journal) -> jiff::civil::Date {
    journal.store().clock().today()
}

async fn shown(journal: &Journal) -> super::Shown {
    let today = today(journal);
    let (case, notice) = find(journal.store(), &CASE[..6], today).await.unwrap().remove(0);
    show(journal.store(), case, notice).await.unwrap()
}

async fn say(journal: &Journal, text: &str) -> answers::Answered {
    let text = text.to_owned();
    let encode = |replied_at_us| {
        v1::CaseReply {
            case_id: CASE.to_owned(),
            replied_by: "Cadastre minier".to_owned(),
            text,
            replied_at_us,
            ..v1::CaseReply::default()
        }
        .encode_to_vec()
    };
    journal.answer(CASE, encode).await.unwrap()
}

async fn answers_of(journal: &Journal) -> (v1::Frame, Vec<StoredEntry>) {
    let readers = journal.store().readers();
    let blocks = blocks_after(readers, ANSWERS, 1, 0, 1 << 20).await.unwrap();
    let frame = frame::build(ANSWERS, 1, &blocks, 0).unwrap();
    let entries = frame::open(&frame).unwrap();
    (frame, entries)
}

#[tokio::test]
async fn a_case_is_read_offline_answered_twice_and_its_receipt_and_decision_are_seen() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    let mut hub = HubVerdicts::of(&server);
    server.inbox.take(&hub.frame(&[told(&notice("sent", &[]), 1)])).await.unwrap();
    let listed = list(journal.store(), today(journal), true, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].is_overdue, listed[0].answers), (1, false, 0));
    let first = say(journal, "pesé humide").await;
    assert_eq!((first.reply_key.as_str(), first.seq), (&*format!("{CASE}/1"), 1));
    let second = say(journal, "et voici le bordereau").await;
    assert_eq!((second.reply_key.as_str(), second.seq), (&*format!("{CASE}/2"), 2));
    let (_, entries) = answers_of(journal).await;
    assert!(entries.iter().all(|entry| entry.header.entity == "CaseReply"));
    assert_eq!(entries[1].header.rev, 1, "an answer is never replaced");
    let mut decided = notice("explained", &[&first.reply_key]);
    decided.decision = Some(v1::CaseDecision {
        outcome: "explained".to_owned(),
        decided_by: "An Analyst".to_owned(),
        reason: "weighed wet".to_owned(),
        ..v1::CaseDecision::default()
    });
    server.inbox.take(&hub.frame(&[told(&decided, 2)])).await.unwrap();
    let shown = shown(journal).await;
    assert_eq!(shown.case.state, "explained");
    assert_eq!(shown.decision.unwrap().reason, "weighed wet");
    let received: Vec<bool> = shown.replies.iter().map(|reply| reply.is_received).collect();
    assert_eq!(received, [true, false]);
    assert_eq!(shown.findings[0].others, ["RW"]);
    assert!(list(journal.store(), today(journal), true, 10).await.unwrap().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn a_day_that_passed_is_shown_until_something_is_said() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    let mut hub = HubVerdicts::of(&server);
    server.inbox.take(&hub.frame(&[told(&notice("sent", &[]), 1)])).await.unwrap();
    let on = |day: &str| day.parse::<jiff::civil::Date>().unwrap();
    let is_overdue =
        async |day: &str| list(journal.store(), on(day), false, 10).await.unwrap()[0].is_overdue;
    assert!(!is_overdue("2018-01-31").await, "a limit day is still inside");
    assert!(is_overdue("2018-02-01").await);
    say(journal, "late").await;
    assert!(!is_overdue("2018-02-01").await);
    server.shutdown().await;
}

#[tokio::test]
async fn a_notice_that_was_erased_takes_its_row_and_a_broken_one_is_kept_unread() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    let mut hub = HubVerdicts::of(&server);
    let other = entry("CaseNotice", "another", Op::Upsert, notice("sent", &[]).encode_to_vec());
    let broken = entry("CaseNotice", "broken", Op::Upsert, vec![0xff]);
    let frame = hub.frame(&[told(&notice("sent", &[]), 1), other, broken]);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 3);
    assert_eq!(list(journal.store(), today(journal), false, 10).await.unwrap().len(), 1);
    let unread = crate::inbox::report::feeds(journal.store()).await.unwrap()[0].unread;
    assert_eq!(unread, 2);
    let order = v1::Erasure {
        ground: v1::ErasureGround::PersonalData.into(),
        erased: vec![v1::ErasedEntry { epoch: 1, seq: 1, rev: 1, seal: Vec::new() }],
        ..v1::Erasure::default()
    };
    let erase = entry("CaseNotice", CASE, Op::Erase, order.encode_to_vec());
    let erase = NewEntry { rev: 2, previous_seq: 1, ..erase };
    server.inbox.take(&hub.frame(&[erase])).await.unwrap();
    assert!(list(journal.store(), today(journal), false, 10).await.unwrap().is_empty());
    let kept = server.inbox.frame_after("verdicts", 1, 0).await.unwrap().unwrap();
    let entries = frame::open(&kept).unwrap();
    assert!(entries[0].payload().is_none(), "the frame of the hub lost it too");
    server.shutdown().await;
}

#[tokio::test]
async fn answers_flow_though_nothing_is_entitled_and_hold_no_record() {
    let server = TestServer::start(TestJournal::new().await).await;
    let journal = &server.test.journal;
    server.test.set(Level::Off).await;
    server.test.apply(rows(0, 3, 1)).await;
    say(journal, "pesé humide").await;
    let mut feeds = server.feeds().await;
    let now_us = journal.store().now_us();
    let stated = feeds.hello(hello(now_us)).await.unwrap().into_inner().feed;
    let sizes: Vec<(&str, u64)> =
        stated.iter().map(|feed| (feed.feed.as_str(), feed.size)).collect();
    assert_eq!(sizes, [("master-data", 0), ("transactions", 0), (ANSWERS, 1)]);
    let request =
        v1::PullRequest { feed: ANSWERS.to_owned(), epoch: 1, ..v1::PullRequest::default() };
    let mut pulled = feeds.pull(request).await.unwrap().into_inner();
    let frame = pulled.message().await.unwrap().unwrap().frame.unwrap();
    let entries = frame::open(&frame).unwrap();
    assert_eq!(entries.len(), 1);
    let reply = v1::CaseReply::decode(entries[0].payload().unwrap()).unwrap();
    assert_eq!(reply.text, "pesé humide");
    server.shutdown().await;
}

#[tokio::test]
async fn answers_come_back_with_their_feed_and_are_given_up_with_its_tail() {
    let test = TestJournal::new().await;
    say(&test.journal, "one").await;
    say(&test.journal, "two").await;
    let (whole, _) = answers_of(&test.journal).await;
    let lost = TestJournal::live_with(test.key.clone()).await;
    assert_eq!(lost.journal.adopt(&whole).await.unwrap(), 2);
    let back = answers::of_case(lost.journal.store(), CASE).await.unwrap();
    let texts: Vec<&str> = back.iter().map(|(_, reply)| reply.text.as_str()).collect();
    assert_eq!(texts, ["one", "two"]);
    let third = say(&lost.journal, "three").await;
    assert_eq!((third.seq, third.reply_key), (3, format!("{CASE}/3")));
    let folder = tempfile::tempdir().unwrap();
    let gone = lost.journal.discard(ANSWERS, 2, folder.path()).await.unwrap().unwrap();
    assert_eq!((gone.first_seq, gone.last_seq), (3, 3));
    assert_eq!(answers::of_case(lost.journal.store(), CASE).await.unwrap().len(), 2);
    let sizes = report::feeds(lost.journal.store()).await.unwrap();
    assert_eq!(sizes.iter().find(|feed| feed.feed == ANSWERS).unwrap().size, 2);
}
