//! Nothing of a case becomes public by itself.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use rmd_proto::v1;
use rmd_reconcile::{Measure, SubjectKind};
use tower::ServiceExt as _;

use super::{Ruling, decide};
use crate::{
    api::{self, key},
    audit,
    cases::{
        ANSWERS,
        finding::Known,
        testing::{Office, RWA, known, said},
    },
    config,
    follow::testing::{Publisher, Receiver},
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
    let case_id = office.sent(&finding).await;
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
    receiver.land(&publisher.publish([said(&reply, 1)])).await;
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
        let checkpoints = audit::Publisher {
            store: hub.store.clone(),
            clock: hub.clock.clone(),
            signer: hub.signer(),
            interval: Duration::ZERO,
        };
        // How often a state answers would stand in the sizes of its feed.
        assert_eq!(checkpoints.publish().await.unwrap(), 0);
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
    // It counts them for the report, and knows nothing of whom or what they are about.
    let counts = root.join("report/cases.rs");
    let counting = std::fs::read_to_string(&counts).unwrap();
    for column in ["subject", "case_reply", "case_notice", "reason", "document", "case_finding"] {
        assert!(!counting.contains(column), "{column} in {}", counts.display());
    }
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str() == "tests");
    let reading = files.into_iter().filter(|path| reads(path) && !is_test(path));
    let (inside, outside): (BTreeSet<_>, BTreeSet<_>) =
        reading.partition(|path| path.starts_with(&own));
    assert!(inside.len() > 5);
    assert_eq!(outside, BTreeSet::from([counts, scrub]));
}
