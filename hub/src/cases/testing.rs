//! A desk for tests: nodes, records and findings as rows, feeds as they come.

use std::sync::Arc;

use jiff::SignedDuration;
use prost::Message as _;
use rmd_feed::{FeedKey, StoredEntry, frame};
use rmd_proto::v1;
use rmd_reconcile::{Measure, Rule, Subject, SubjectKind};
use rmd_runtime::{SharedClock, clock::ManualClock};
use serde_json::json;
use sqlx::AnyConnection;

use super::{
    Desk, NOTICE, REPLY, Shown, Terms,
    finding::{Evidence, Known},
    listing,
};
use crate::{
    follow::testing::Said,
    registry::{standing, testing as nodes},
    share::{EPOCH, OwnFeed, log},
    store::Store,
};

pub(super) const CD: &str = "CD";
pub(super) const RW: &str = "RW";
pub(super) const COD: &str = "COD/cod-mines";
pub(super) const RWA: &str = "RWA/rwa-mines";

/// Name of the hub on checkpoints.
const HUB: &str = "rmd.net/hub";

/// Days for an answer.
pub(super) const ANSWER_DAYS: u16 = 30;

/// A finding of RW that rests on its own subject alone.
pub(super) fn known(rule: &str, kind: SubjectKind, key: &str) -> Known {
    let entity = kind.entity().map(rmd_standard::Entity::name);
    Known {
        finding_id: format!("{rule}-{key}"),
        rule: Rule::of(rule).unwrap(),
        rule_version: 1,
        severity: 3,
        subject: Subject::new(kind, key),
        country: RW.to_owned(),
        sentence: rule.to_owned(),
        measures: Vec::new(),
        evidence: entity.map(|entity| record(entity, key, RW)).into_iter().collect(),
        parameters_version: 1,
        is_open: true,
        opened_on: "2018-01-01".to_owned(),
        is_asked: true,
        is_domestic: false,
    }
}

/// A record that a finding rests on.
pub(super) fn record(entity: &str, key: &str, country: &str) -> Evidence {
    Evidence {
        entity: entity.to_owned(),
        key: key.to_owned(),
        rev: 1,
        digest: "5e".repeat(32),
        country: Some(country.to_owned()),
        is_there: true,
    }
}

/// A hub with its desk, and two nodes.
pub(super) struct Office {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    pub(super) desk: Desk,
}

impl Office {
    pub(super) async fn of(store: &Store) -> Self {
        Self::with(store, 0).await
    }

    pub(super) async fn with(store: &Store, send_after_days: u16) -> Self {
        let clock = Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()));
        let shared: SharedClock = clock.clone();
        let key = Arc::new(FeedKey::generate(HUB).unwrap());
        let terms = Terms { answer_days: ANSWER_DAYS, send_after_days };
        let desk = Desk::new(store.clone(), shared, (key, HUB.to_owned()), terms);
        let office = Self { store: store.clone(), clock, desk };
        for node_id in [COD, RWA] {
            office.enrol(node_id).await;
        }
        office
    }

    /// Another node.
    pub(super) async fn enrol(&self, node_id: &str) {
        let mut transaction = self.store.begin().await.unwrap();
        nodes::known(&mut transaction, node_id, "").await;
        transaction.commit().await.unwrap();
    }

    /// An officer's word about a node.
    pub(super) async fn stand(&self, node_id: &str, state: standing::State) {
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO node_standing (node_id, state, since_us, decided_by, reason)
             VALUES ($1, $2, 0, 'An Officer', 'a test')
             ON CONFLICT (node_id) DO UPDATE SET state = excluded.state",
        )
        .bind(node_id)
        .bind(state.as_str())
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Works until nothing is left.
    pub(super) async fn work(&self) {
        for _ in 0..1_000 {
            if !self.desk.step().await.unwrap() {
                return;
            }
        }
        panic!("the desk never ends");
    }

    pub(super) fn wait_days(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }

    /// Writes a finding as the engine does, its records, and what became of it.
    pub(super) async fn found(&self, known: &Known, change: &str) {
        let mut transaction = self.store.begin().await.unwrap();
        self.keep_records(&mut transaction, known).await;
        let evidence: Vec<_> = known
            .evidence
            .iter()
            .map(|one| json!({"entity": one.entity, "key": one.key, "rev": one.rev, "digest": one.digest}))
            .collect();
        let (measures, evidence) = (json!(known.measures).to_string(), json!(evidence).to_string());
        let state = if change == "closed" { "closed" } else { "open" };
        sqlx::query(
            "INSERT INTO finding
                 (finding_id, rule, rule_version, severity, subject_kind, subject_key, country,
                  sentence, measures, evidence, parameters_version, state, first_opened_on,
                  opened_on, changed_at_us)
             VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11, 0)
             ON CONFLICT (finding_id) DO UPDATE SET
                 severity = excluded.severity,
                 measures = excluded.measures,
                 evidence = excluded.evidence,
                 state = excluded.state",
        )
        .bind(&known.finding_id)
        .bind(known.rule.id())
        .bind(i64::from(known.severity))
        .bind(known.subject.kind.as_str())
        .bind(&known.subject.key)
        .bind(&known.country)
        .bind(&known.sentence)
        .bind(&measures)
        .bind(&evidence)
        .bind(state)
        .bind(&known.opened_on)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO finding_event
                 (event_id, finding_id, change, day, at_us, severity, measures, evidence,
                  parameters_version)
             SELECT COALESCE(MAX(event_id), 0) + 1, $1, $2, '2018-01-01', 0, $3, $4, $5, 1
             FROM finding_event",
        )
        .bind(&known.finding_id)
        .bind(change)
        .bind(i64::from(known.severity))
        .bind(&measures)
        .bind(&evidence)
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
    }

    async fn keep_records(&self, connection: &mut AnyConnection, known: &Known) {
        for one in &known.evidence {
            let Some(country) = &one.country else { continue };
            let node_id = if country == CD { COD } else { RWA };
            sqlx::query(
                "INSERT INTO record
                     (entity, record_key, node_id, country, feed, epoch, seq, rev, op,
                      captured_at_us, received_at_us, schema_id, mapping_id, findings, withheld,
                      shadow)
                 VALUES ($1, $2, $3, $4, 'transactions', 1, 1, 1, $5, 0, 0, '', '', '[]', '', 0)
                 ON CONFLICT (entity, record_key) DO UPDATE SET op = excluded.op",
            )
            .bind(&one.entity)
            .bind(&one.key)
            .bind(node_id)
            .bind(country)
            .bind(if one.is_there { "upsert" } else { "tombstone" })
            .execute(&mut *connection)
            .await
            .unwrap();
        }
    }

    /// The cases of a state.
    pub(super) async fn cases(&self, country: &str) -> Vec<Shown> {
        let mut connection = self.store.acquire().await.unwrap();
        let which = listing::Which {
            country: Some(country.to_owned()),
            limit: 100,
            ..listing::Which::default()
        };
        let today = self.clock_today();
        let listed = listing::list(&mut connection, &which, today).await.unwrap();
        let mut shown = Vec::new();
        for case in listed {
            shown.push(listing::show(&mut connection, &case.case_id, today).await.unwrap());
        }
        shown
    }

    /// The only case of a state.
    pub(super) async fn case(&self, country: &str) -> Shown {
        let mut cases = self.cases(country).await;
        assert_eq!(cases.len(), 1, "{cases:#?}");
        cases.remove(0)
    }

    pub(super) fn clock_today(&self) -> jiff::civil::Date {
        rmd_runtime::Clock::today(&*self.clock)
    }

    /// Asks the state, and publishes.
    pub(super) async fn send(&self, case_id: &str) {
        let terms = Terms { answer_days: ANSWER_DAYS, send_after_days: 0 };
        let at = (rmd_runtime::Clock::now(&*self.clock), self.clock_today());
        let mut transaction = self.store.begin().await.unwrap();
        super::send(&mut transaction, case_id, "An Officer", terms, at).await.unwrap();
        transaction.commit().await.unwrap();
        self.work().await;
    }

    /// Opens the case of a finding and asks its state; the number.
    pub(super) async fn sent(&self, finding: &Known) -> String {
        self.found(finding, "opened").await;
        self.work().await;
        let case_id = self.case(&finding.country).await.case.case_id;
        self.send(&case_id).await;
        case_id
    }

    /// Every entry in the verdicts of a node, oldest first.
    pub(super) async fn entries(&self, node_id: &str) -> Vec<StoredEntry> {
        let feed = OwnFeed::verdicts(node_id);
        let mut connection = self.store.acquire().await.unwrap();
        let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
        if blocks.is_empty() {
            return Vec::new();
        }
        frame::open(&frame::build(feed.name(), EPOCH, &blocks, 0).unwrap()).unwrap()
    }

    /// The notices of a node, oldest first; none where one was erased.
    pub(super) async fn notices(&self, node_id: &str) -> Vec<v1::CaseNotice> {
        let entries = self.entries(node_id).await;
        let upserts = entries
            .iter()
            .filter(|entry| entry.header.entity == NOTICE && entry.op() == v1::Op::Upsert);
        let payloads = upserts.filter_map(StoredEntry::payload);
        payloads.map(|payload| v1::CaseNotice::decode(payload).unwrap()).collect()
    }
}

/// An answer as its node appends it.
pub(super) fn reply(case_id: &str, number: u32, text: &str) -> Said {
    said(
        &v1::CaseReply {
            case_id: case_id.to_owned(),
            replied_by: "Cadastre minier".to_owned(),
            text: text.to_owned(),
            attachment: vec![v1::CaseAttachment {
                name: "bordereau.pdf".to_owned(),
                sha256: vec![7; 32],
                bytes: 1_234,
            }],
            replied_at_us: 1_514_764_800_000_000,
            notice_seq: 1,
        },
        number,
    )
}

/// The same of an answer of one's own.
pub(super) fn said(reply: &v1::CaseReply, number: u32) -> Said {
    Said {
        entity: REPLY.to_owned(),
        key: format!("{}/{number}", reply.case_id),
        op: v1::Op::Upsert,
        reason: String::new(),
        payload: reply.encode_to_vec(),
    }
}

/// An export of RW and the import of CD that answers to it, too light by a sixth.
pub(super) fn pairing() -> Known {
    Known {
        sentence: "R16-WEIGHT".to_owned(),
        measures: vec![
            Measure::mass("out", 1_200_000_000),
            Measure::text("to", CD),
            Measure::mass("into", 987_654_321),
            Measure::text("from", RW),
        ],
        evidence: vec![
            record("ExportDeclaration", "RW/E-1001/1", RW),
            record("ImportDeclaration", "CD/I-SECRET-77/3", CD),
        ],
        ..known("R16", SubjectKind::Export, "RW/E-1001/1")
    }
}
