//! The paths as a reader gets them: the standard's API over the regional view.

use std::collections::BTreeSet;

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use rmd_api::Scope;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Region, certificates, lots, sites};
use crate::{
    api::key::{self, NewKey},
    config,
    follow::testing::{Said, annul, lot, upsert},
    store::testing::on_each_store,
};

async fn create(region: &Region, name: &str, scopes: &[Scope], countries: &[&str]) -> String {
    let countries: Vec<String> = countries.iter().map(|country| (*country).to_owned()).collect();
    let new = NewKey {
        name,
        scopes: &scopes.iter().copied().collect::<BTreeSet<_>>(),
        countries: &countries,
        created_by: "Officer",
        expires_on: None,
    };
    let mut transaction = region.store.begin().await.unwrap();
    let made = key::create(&mut transaction, &new, region.api.clock.now()).await.unwrap();
    transaction.commit().await.unwrap();
    made.1.expose().to_owned()
}

async fn send(region: &Region, request: Request<Body>) -> (StatusCode, Value) {
    let config = config::Api {
        listen: "127.0.0.1:0".parse().unwrap(),
        allow_remote: false,
        requests_per_minute: 0,
    };
    let answer = region.api.clone().router(&config).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn get(region: &Region, key: &str, path: &str) -> (StatusCode, Value) {
    let request = Request::get(format!("/v1{path}")).header("x-api-key", key);
    send(region, request.body(Body::empty()).unwrap()).await
}

/// The total of a list.
async fn total(region: &Region, key: &str, path: &str) -> u64 {
    let (status, body) = get(region, key, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body["pagination"]["total"].as_u64().unwrap()
}

async fn graphql(region: &Region, key: &str, query: &str) -> Value {
    let request = Request::post("/v1/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({ "query": query }).to_string()))
        .unwrap();
    let (_, body) = send(region, request).await;
    body
}

const SUMMARY: &str = r#"{
    lots(limit: 1) { pagination { total } }
    mineSites(limit: 1) { pagination { total } }
    exportCertificates(limit: 1) { pagination { total } }
    mineSiteCertificationStatus { total byStatus { status count } }
    lotSummary(timestampFrom: "2000-01-01T00:00:00Z", timestampTo: "2030-01-01T00:00:00Z") {
        totalMass byOperation { count }
    }
}"#;

#[tokio::test]
async fn graphql_counts_and_sums_what_rest_lists() {
    on_each_store(async |store| compare_summaries(Region::make(store).await).await).await;
}

async fn compare_summaries(mut region: Region) {
    for records in [lots(120), sites(25), certificates(40)] {
        region.land_all(&records).await;
    }
    for (name, countries) in [("all", &[][..]), ("rwanda", &["RWA"][..]), ("none", &["KEN"])] {
        let key = create(&region, name, &key::scopes(), countries).await;
        let body = graphql(&region, &key, SUMMARY).await;
        assert_eq!(body["errors"], Value::Null, "{body}");
        let mut of_lots = (0, 0.0);
        let mut page = 1;
        loop {
            let (_, listed) = get(&region, &key, &format!("/lots?limit=50&page={page}")).await;
            for lot in listed["data"].as_array().unwrap() {
                of_lots = (of_lots.0 + 1, of_lots.1 + lot["mass"].as_f64().unwrap());
            }
            if listed["pagination"]["hasNext"] == json!(false) {
                assert_eq!(listed["pagination"]["total"], of_lots.0);
                break;
            }
            page += 1;
        }
        let data = &body["data"];
        assert_eq!(data["lots"]["pagination"]["total"], of_lots.0);
        let mass = data["lotSummary"]["totalMass"].as_f64().unwrap();
        assert!((mass - of_lots.1).abs() < 1e-6, "{mass} is not {}", of_lots.1);
        let counted = |list: &Value| -> u64 {
            list.as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum()
        };
        assert_eq!(counted(&data["lotSummary"]["byOperation"]), of_lots.0);
        let own = total(&region, &key, "/mine-sites").await;
        assert_eq!(data["mineSites"]["pagination"]["total"], own);
        assert_eq!(data["mineSiteCertificationStatus"]["total"], own);
        assert_eq!(counted(&data["mineSiteCertificationStatus"]["byStatus"]), own);
        for status in 0..4 {
            let path = format!("/mine-sites?certificationStatus={status}");
            let listed = total(&region, &key, &path).await;
            let by_status = data["mineSiteCertificationStatus"]["byStatus"].as_array().unwrap();
            // Named or numbered, the summary counts what the list has.
            let sums = by_status.iter().map(|one| one["count"].as_u64().unwrap());
            assert!(listed == 0 || sums.clone().any(|count| count == listed), "{status}");
        }
        let own = total(&region, &key, "/export-certificates").await;
        assert_eq!(data["exportCertificates"]["pagination"]["total"], own);
    }
}

#[tokio::test]
async fn what_a_state_withholds_reads_n_a_and_is_named() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        let mut secretive = lot(1, 1);
        secretive.withheld = vec!["responsible_staff".to_owned(), "creator.tin".to_owned()];
        region.land("CD", [upsert(secretive)]).await;
        let key = create(&region, "reader", &key::scopes(), &[]).await;
        let (status, listed) = get(&region, &key, "/lots").await;
        assert_eq!(status, StatusCode::OK);
        let (_, single) = get(&region, &key, "/lots/L-1").await;
        for shown in [&listed["data"][0], &single] {
            assert_eq!(shown["responsibleStaff"], "N/A", "{shown}");
            assert_eq!(shown["creator"]["tin"], "N/A", "{shown}");
            assert_eq!(shown["withheld"], json!(["responsibleStaff", "creator.tin"]));
            assert_eq!(shown["recipient"], Value::Null, "what nobody stated is not filled");
            // Midnight in UTC is two in the morning for the region.
            assert_eq!(shown["timeRegistration"], "020000", "{shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_annulled_certificate_reads_revoked() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        let own = || -> Said { certificates(1).remove(0).into() };
        region.land("RW", [own()]).await;
        region.land("RW", [annul(own(), false)]).await;
        let key = create(&region, "reader", &key::scopes(), &[]).await;
        let path = "/export-certificates/Ce-0?issuingCountry=RW";
        let (status, shown) = get(&region, &key, path).await;
        assert_eq!((status, &shown["state"]), (StatusCode::OK, &json!("revoked")), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn each_path_asks_for_its_scope() {
    on_each_store(async |store| {
        let mut region = Region::make(store).await;
        region.land_all(&sites(3)).await;
        let scope = Scope::read(rmd_api::Collection::MineSites);
        let key = create(&region, "sites", &[scope], &[]).await;
        assert_eq!(total(&region, &key, "/mine-sites").await, 3);
        for path in ["/lots", "/lots/L-1", "/export-certificates/A?issuingCountry=CD"] {
            assert_eq!(get(&region, &key, path).await.0, StatusCode::FORBIDDEN, "{path}");
            let (status, body) = get(&region, "rmdhub_wrong", path).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(!body.to_string().contains("rmdhub_wrong"));
        }
        let body = graphql(&region, &key, SUMMARY).await;
        assert_eq!(body["data"]["lots"], Value::Null);
        let own = graphql(&region, &key, "{ mineSites { pagination { total } } }").await;
        assert_eq!(own["data"]["mineSites"]["pagination"]["total"], 3);
        let open = Request::get("/v1/health").body(Body::empty()).unwrap();
        assert_eq!(send(&region, open).await.0, StatusCode::OK);
        let post = Request::builder().method(Method::POST).uri("/v1/mine-sites");
        let post = post.header("x-api-key", &key).body(Body::from("{}")).unwrap();
        assert_eq!(send(&region, post).await.0, StatusCode::METHOD_NOT_ALLOWED);
    })
    .await;
}

#[tokio::test]
async fn whatever_is_asked_no_text_breaks_the_store() {
    on_each_store(async |store| ask_anything(Region::make(store).await).await).await;
}

async fn ask_anything(mut region: Region) {
    region.land_all(&lots(5)).await;
    let key = create(&region, "reader", &key::scopes(), &[]).await;
    for text in ["%00", "%27%3B--", "%F0%9F%92%8E", "%25", "_", "%5C", &"x".repeat(4000), "%3B"] {
        for path in [
            format!("/lots?lotNumber={text}"),
            format!("/lots?mineral={text}"),
            format!("/lots?mineSiteId={text}"),
            format!("/lots?creatorIdentifier={text}"),
            format!("/lots/{text}"),
            format!("/mine-sites?mineral={text}"),
            format!("/mine-sites/{text}"),
            format!("/export-certificates?identifier={text}&lotNumber={text}"),
            format!("/export-certificates/{text}?issuingCountry=CD"),
            format!("/lots?page=18446744073709551615&limit=100&lotNumber={text}"),
        ] {
            let (status, body) = get(&region, &key, &path).await;
            assert!(status.as_u16() < 500, "{path}: {status} {body}");
        }
    }
}
