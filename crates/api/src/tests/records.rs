use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{double::Store, get, post, put, request, send};
use crate::{Collection, openapi::examples};

const SITE: &str = "/v1/mine-sites/CD-1.9403+29.8739-00001";
const CERTIFICATE: &str = "/v1/export-certificates/CD-2018-000123?issuingCountry=CD";
const LOT: &str = "/v1/lots/LOT-2018-77";

fn path_of(collection: Collection) -> &'static str {
    match collection {
        Collection::MineSites => SITE,
        Collection::ExportCertificates => CERTIFICATE,
        Collection::Lots => LOT,
    }
}

#[tokio::test]
async fn what_is_posted_is_found_at_its_location() {
    for collection in Collection::ALL {
        let store = Store::empty();
        let document = examples::record(collection);
        let answer = post(&store, &format!("/v1/{}", collection.as_str()), &document).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let found = get(&store, answer.header("location")).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text);
        assert_eq!(found.json(), answer.json());
        assert_eq!(get(&store, path_of(collection)).await.json(), answer.json());
        for (name, value) in document.as_object().unwrap() {
            let kept = &answer.json()[name];
            assert!(kept == value || value == &json!([]), "{name}: {kept} for {value}");
        }
    }
}

#[tokio::test]
async fn a_record_is_created_once() {
    for collection in Collection::ALL {
        let store = Store::with_examples();
        let path = format!("/v1/{}", collection.as_str());
        let answer = post(&store, &path, &examples::record(collection)).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(answer.json()["code"], "CONFLICT");
        assert_eq!(store.count(), 3);
    }
}

#[tokio::test]
async fn a_correction_takes_the_place_of_the_record() {
    let store = Store::with_examples();
    let mut site = examples::record(Collection::MineSites);
    site["certificationStatus"] = json!(3);
    let answer = put(&store, SITE, &site).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(get(&store, SITE).await.json()["certificationStatus"], 3);
    let mut lot = examples::record(Collection::Lots);
    lot["mass"] = json!(900.0);
    let answer =
        put(&store, "/v1/lots/LOT-2018-77?country=CD&creatorIdentifier=RCCM-1", &lot).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let mut certificate = examples::record(Collection::ExportCertificates);
    certificate["lotGrade"] = json!("31 %");
    assert_eq!(put(&store, CERTIFICATE, &certificate).await.status, StatusCode::OK);
    assert_eq!(store.count(), 3);
}

#[tokio::test]
async fn a_record_that_is_not_there_is_not_found() {
    let store = Store::empty();
    for collection in Collection::ALL {
        let path = path_of(collection);
        assert_eq!(get(&store, path).await.status, StatusCode::NOT_FOUND);
        let answer = put(&store, path, &examples::record(collection)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
        assert_eq!(answer.json()["code"], "NOT_FOUND");
    }
    assert_eq!(get(&store, "/v1/mine-sites/somewhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_body_that_names_another_record_is_refused() {
    let store = Store::with_examples();
    for (path, collection) in [
        ("/v1/mine-sites/CD-1.9403+29.8739-00002", Collection::MineSites),
        ("/v1/export-certificates/OTHER?issuingCountry=CD", Collection::ExportCertificates),
        (
            "/v1/export-certificates/CD-2018-000123?issuingCountry=RW",
            Collection::ExportCertificates,
        ),
        ("/v1/lots/OTHER", Collection::Lots),
        ("/v1/lots/LOT-2018-77?creatorIdentifier=OTHER", Collection::Lots),
    ] {
        let answer = put(&store, path, &examples::record(collection)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.json()["details"]["findings"][0]["rule"], "PATH-NAMES-BODY");
    }
}

#[tokio::test]
async fn a_lot_number_of_several_creators_is_a_conflict_with_its_candidates() {
    let store = Store::with_examples();
    let mut other = examples::record(Collection::Lots);
    other["creator"]["identifier"] = json!("RCCM-8");
    store.put(Collection::Lots, &other);
    let answer = get(&store, LOT).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let candidates = answer.json()["details"]["candidates"].clone();
    assert_eq!(candidates.as_array().unwrap().len(), 2);
    for candidate in candidates.as_array().unwrap() {
        let found = get(&store, candidate["href"].as_str().unwrap()).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text);
        assert_eq!(found.json()["creator"]["identifier"], candidate["creatorIdentifier"]);
    }
}

#[tokio::test]
async fn a_certificate_needs_its_state() {
    let answer = get(&Store::with_examples(), "/v1/export-certificates/CD-2018-000123").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.paths(), ["issuingCountry"]);
}

#[tokio::test]
async fn what_a_state_keeps_back_is_named_and_not_shown() {
    let store = Store::empty().read_only();
    store.put_released(Collection::MineSites, &examples::record(Collection::MineSites));
    let answer = get(&store, SITE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["inspection"][0]["inspectorName"], "N/A");
    assert!(!answer.json()["withheld"].as_array().unwrap().is_empty());
    assert!(!answer.text.contains("Inès Exemple") && !answer.text.contains("+243810000001"));
}

#[tokio::test]
async fn a_store_that_is_only_read_knows_no_post_and_no_put() {
    let store = Store::with_examples().read_only();
    for (method, path) in [(Method::POST, "/v1/lots"), (Method::PUT, LOT), (Method::DELETE, SITE)] {
        let answer = send(store.router(), request(method, path, "{}")).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "GET,HEAD,OPTIONS");
        assert_eq!(answer.json()["code"], "METHOD_NOT_ALLOWED");
    }
}
