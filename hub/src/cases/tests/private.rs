//! Nothing of a case becomes public by itself.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use prost::Message as _;
use rmd_proto::v1::{self, Op};
use rmd_reconcile::{Measure, SubjectKind};
use tower::ServiceExt as _;

use super::{Ruling, decide};
use crate::{
    api::{self, key},
    cases::{
        ANSWERS, REPLY,
        finding::Known,
        testing::{Office, RW, RWA, known},
    },
    config,
    follow::testing::{Publisher, Receiver, Said},
    portal,
    registry::{entitlement::Level, testing::Hub},
    share::{EPOCH, OwnFeed, log},
    store::testing::on_each_store,
};

/// Said in a finding, an answer and a decision, and nowhere else.
const WORDS: [&str; 5] =
    ["KIVUGIZA-TRADERS", "an-answer-in-confidence", "An Analyst", "bordereau-9.pdf", "weighed wet"];

async fn body(router: &Router, request: Request<Body>) -> String {
    let answer = router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A case about a named party that was asked, answered and confirmed.
async fn closed_case(office: &Office) -> String {
    let finding = Known {
        sentence: "R28-RED".to_owned(),
        measures: vec![Measure::text("exporter", WORDS[0])],
        ..known("R28", SubjectKind::Exporter, "RW/KIVUGIZA-TRADERS")
    };
    office.found(&finding, "opened").await;
    office.work().await;
    let case_id = office.case(RW).await.case.case_id;
    office.send(&case_id).await;
    let mut publisher = Publisher::new(RWA, ANSWERS);
    let mut receiver = Receiver::take(&office.store, &publisher, Level::Live).await;
    let reply = v1::CaseReply {
        case_id: case_id.clone(),
        replied_by: WORDS[0].to_owned(),
        text: WORDS[1].to_owned(),
        attachment: vec![v1::CaseAttachment {
            name: WORDS[3].to_owned(),
            sha256: vec![7; 32],
            bytes: 1,
        }],
        ..v1::CaseReply::default()
    };
    let said = Said {
        entity: REPLY.to_owned(),
        key: format!("{case_id}/1"),
        op: Op::Upsert,
        reason: String::new(),
        payload: reply.encode_to_vec(),
    };
    receiver.land(&publisher.publish([said])).await;
    office.work().await;
    decide(office, &case_id, Ruling::Confirmed).await.unwrap();
    case_id
}

#[tokio::test]
async fn pages_api_and_shared_feeds_hold_nothing_of_a_confirmed_case() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        let office = Office::of(&hub.store).await;
        let case_id = closed_case(&office).await;
        let mut seen = Vec::new();
        let pages =
            portal::router(portal::State::new(hub.store.clone(), hub.clock.clone(), &hub.config));
        for path in ["/", "/?lang=fr", "/sites", "/sites?lang=fr"] {
            seen.push(body(&pages, Request::get(path).body(Body::empty()).unwrap()).await);
        }
        seen.extend(of_api(&hub).await);
        assert!(seen.iter().all(|text| text.len() > 2), "{seen:?}");
        let mut connection = hub.store.acquire().await.unwrap();
        for feed in [OwnFeed::shared(), OwnFeed::checkpoints(EPOCH)] {
            let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
            assert!(blocks.is_empty(), "{}", feed.stored());
        }
        drop(connection);
        // The state itself was told all of it.
        let told = format!("{:?}", office.notices(RWA).await);
        assert!(told.contains(WORDS[0]) && told.contains(WORDS[2]) && told.contains(&case_id));
        let seen = seen.concat().to_lowercase();
        for word in WORDS.iter().copied().chain([case_id.as_str(), ANSWERS]) {
            assert!(!seen.contains(&word.to_lowercase()), "{word} in {seen}");
        }
        hub.lifecycle.shutdown().await;
    })
    .await;
}

/// Every list of the API, with a key that may read everything.
async fn of_api(hub: &Hub) -> Vec<String> {
    let new = key::NewKey {
        name: "reader",
        scopes: &key::scopes().into_iter().collect::<BTreeSet<_>>(),
        countries: &[],
        created_by: "Officer",
        expires_on: None,
    };
    let mut transaction = hub.store.begin().await.unwrap();
    let now = rmd_runtime::Clock::now(&*hub.clock);
    let made = key::create(&mut transaction, &new, now).await.unwrap();
    transaction.commit().await.unwrap();
    let config = config::Api {
        listen: "127.0.0.1:0".parse().unwrap(),
        allow_remote: false,
        requests_per_minute: 0,
    };
    let router = api::Api::new(hub.store.clone(), hub.clock.clone()).router(&config);
    let mut seen = Vec::new();
    for name in ["mine-sites", "lots", "export-certificates", "health"] {
        let request = Request::get(format!("/v1/{name}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", made.1.expose()))
            .body(Body::empty())
            .unwrap();
        seen.push(body(&router, request).await);
    }
    seen
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_tables_of_cases_are_read_by_nobody_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let tables =
        ["case_file", "case_finding", "case_event", "case_notice", "case_reply", "case_named"];
    let reads = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        tables.iter().any(|table| text.contains(table))
    };
    let own = root.join("cases");
    // It names tables that are written anew, and reads none.
    let scrub = root.join("erase/scrub.rs");
    let (inside, outside): (Vec<_>, Vec<_>) =
        files.into_iter().filter(|path| reads(path)).partition(|path| path.starts_with(&own));
    assert!(inside.len() > 5);
    assert_eq!(outside, [scrub]);
}
