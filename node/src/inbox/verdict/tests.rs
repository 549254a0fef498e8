//! The hub's verdicts at a node, offline.

use prost::Message as _;
use rmd_feed::{Log, NewEntry, Origin, frame};
use rmd_proto::{
    Code,
    v1::{self, Op},
};

use super::{State, Verdict, Which, counts, list};
use crate::{
    journal::{
        Store,
        testing::{ENTITY, TestJournal, key, row},
    },
    serve::testing::{HUB, TestServer, entry},
};

/// The feed of verdicts of one node, as the hub writes it.
struct HubVerdicts {
    log: Log,
    key: rmd_feed::FeedKey,
}

impl HubVerdicts {
    fn of(server: &TestServer, node_id: &str) -> Self {
        let origin = Origin::new(HUB, &format!("verdicts/{node_id}"), 1);
        Self { log: Log::new("verdicts", 1, origin), key: server.hub_key.clone() }
    }

    fn frame(&mut self, entries: &[NewEntry]) -> v1::Frame {
        let after = self.log.size();
        let block = self.log.append(entries, &self.key).unwrap();
        frame::build("verdicts", 1, &[block], after).unwrap()
    }
}

fn told(record_key: &str, rev: u64, rule: &str) -> NewEntry {
    let finding = |rule: &str, severity: &str| v1::VerdictFinding {
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        path: "record_count".to_owned(),
        value: "-1".to_owned(),
        en: "wrong".to_owned(),
        fr: "faux".to_owned(),
        param: vec![v1::VerdictParam { name: "least".to_owned(), value: "0".to_owned() }],
    };
    let verdict = v1::Verdict {
        entity: ENTITY.name().to_owned(),
        record_key: record_key.to_owned(),
        feed: "transactions".to_owned(),
        epoch: 1,
        seq: rev,
        rev,
        raised_at_us: 7,
        finding: vec![finding(rule, "refuse"), finding("LATER", "a-later-word")],
        found: 0,
    };
    entry("Verdict", &format!("{ENTITY}/{record_key}"), Op::Upsert, verdict.encode_to_vec())
}

fn cleared(record_key: &str, previous_seq: u64) -> NewEntry {
    let key = format!("{ENTITY}/{record_key}");
    NewEntry { rev: 2, previous_seq, ..entry("Verdict", &key, Op::Tombstone, Vec::new()) }
}

async fn all(store: &Store) -> Vec<Verdict> {
    list(store, Which::default(), 100).await.unwrap()
}

#[tokio::test]
async fn a_verdict_is_listed_offline_answered_by_a_newer_revision_and_cleared_by_the_hub() {
    let server = TestServer::start(TestJournal::live().await).await;
    let store = server.test.journal.store();
    server.test.apply(vec![row("a", 1, 1), row("b", 2, 1)]).await;
    let mut hub = HubVerdicts::of(&server, "COD/cod-mines");
    let frame = hub.frame(&[told(&key(1), 1, "R-1"), told(&key(2), 1, "R-2")]);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 2);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 2, "a repeat changes nothing");
    let verdicts = all(store).await;
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(|verdict| verdict.state == State::Stands));
    let finding = &verdicts[0].findings[0];
    assert_eq!((finding.rule.as_str(), finding.fr.as_str()), ("R-1", "faux"));
    assert_eq!(finding.params["least"], "0");
    assert_eq!(verdicts[0].findings[1].severity, "a-later-word");
    let of_rule = Which { rule: Some("R-2"), entity: Some(ENTITY.name()), record_key: None };
    let found = list(store, of_rule, 100).await.unwrap();
    assert_eq!((found.len(), found[0].record_key.as_str()), (1, key(2).as_str()));
    let none = Which { entity: Some("Lot"), ..Which::default() };
    assert!(list(store, none, 100).await.unwrap().is_empty());

    server.test.apply(vec![row("a", 1, 2)]).await;
    let of_key = Which { record_key: Some(&key(1)), ..Which::default() };
    let answered = list(store, of_key, 100).await.unwrap();
    assert_eq!(answered[0].state, State::Answered { by_rev: 2 });
    let frame = hub.frame(&[cleared(&key(1), 1), told(&key(2), 1, "R-3")]);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 4);
    let left = all(store).await;
    assert_eq!((left.len(), left[0].findings[0].rule.as_str()), (1, "R-3"));
    let counts = counts(store).await.unwrap();
    assert_eq!((counts.cursor, counts.records, counts.by_severity["refuse"]), (4, 1, 1));
    server.shutdown().await;
}

#[tokio::test]
async fn the_verdicts_of_another_node_are_not_taken() {
    let server = TestServer::start(TestJournal::live().await).await;
    let mut other = HubVerdicts::of(&server, "RWA/rwa-mines");
    let frame = other.frame(&[told("RW/1", 1, "R-1")]);
    let refused = server.inbox.take(&frame).await.unwrap_err();
    assert_eq!(refused.code, Code::CheckpointUnsigned, "{refused}");
    assert!(all(server.test.journal.store()).await.is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn what_this_version_cannot_read_in_verdicts_holds_nothing_up() {
    let server = TestServer::start(TestJournal::live().await).await;
    let store = server.test.journal.store();
    let mut hub = HubVerdicts::of(&server, "COD/cod-mines");
    let misnamed = NewEntry { key: "Lot/other".to_owned(), ..told(&key(3), 1, "R-1") };
    let frame = hub.frame(&[
        entry("CaseVerdict", "case/1", Op::Upsert, vec![1]),
        entry("Verdict", "Lot/x", Op::Upsert, vec![0xff]),
        misnamed,
        told(&key(1), 1, "R-1"),
    ]);
    assert_eq!(server.inbox.take(&frame).await.unwrap(), 4);
    assert_eq!(all(store).await.len(), 1);
    let feeds = crate::inbox::report::feeds(store).await.unwrap();
    assert_eq!((feeds[0].feed.as_str(), feeds[0].unread), ("verdicts", 3));
    server.shutdown().await;
}

mod erasing;
