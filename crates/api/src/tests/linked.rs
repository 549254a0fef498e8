use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::Value;

use super::{double::Store, get, put, request, send};

async fn linked(store: &Store, path: &str) -> super::Answer {
    let mut asked = request(Method::GET, path, Body::empty());
    asked.headers_mut().insert(header::ACCEPT, "application/ld+json".parse().unwrap());
    send(store.router(), asked).await
}

/// The plain members of a linked record.
fn plain(mut document: Value) -> Value {
    crate::linked::unlink(&mut document);
    document
}

#[tokio::test]
async fn every_record_is_found_at_its_id() {
    let store = Store::with_examples();
    for collection in ["mine-sites", "export-certificates", "lots"] {
        let page = linked(&store, &format!("/v1/{collection}")).await;
        assert_eq!(page.header("content-type"), "application/ld+json");
        assert_eq!(page.json()["@context"], "/v1/context.jsonld");
        let record = page.json()["data"][0].clone();
        let id = record["@id"].as_str().unwrap();
        let found = linked(&store, id).await;
        assert_eq!(found.status, StatusCode::OK, "{id}: {}", found.text);
        assert_eq!(found.json()["@id"], id);
        assert_eq!(found.json()["@type"], record["@type"]);
        assert_eq!(plain(found.json()), get(&store, id).await.json());
    }
}

#[tokio::test]
async fn a_lot_leads_to_its_site() {
    let store = Store::with_examples();
    let lot = linked(&store, "/v1/lots/LOT-2018-77").await.json();
    assert_eq!(lot["mineSiteId"], "CD-1.9403+29.8739-00001");
    let site = get(&store, lot["mineSite"]["@id"].as_str().unwrap()).await;
    assert_eq!(site.json()["icglrId"], lot["mineSiteId"]);
}

#[tokio::test]
async fn a_linked_record_may_be_sent_back() {
    let store = Store::with_examples();
    let before = get(&store, "/v1/lots/LOT-2018-77").await.json();
    let lot = linked(&store, "/v1/lots/LOT-2018-77").await.json();
    let answer = put(&store, "/v1/lots/LOT-2018-77", &lot).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(get(&store, "/v1/lots/LOT-2018-77").await.json(), before);
}

#[tokio::test]
async fn the_context_is_served_to_anybody() {
    let answer = get(&Store::empty(), "/v1/context.jsonld").await;
    assert_eq!(answer.header("content-type"), "application/ld+json");
    assert!(answer.json()["@context"].is_object());
}
