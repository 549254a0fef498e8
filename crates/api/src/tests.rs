//! The API against a store in memory: every status, every shape.

mod conformance;
mod double;
mod linked;
mod lists;
mod query;
mod records;
mod refusals;
mod socket;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use serde_json::Value;
use tower::ServiceExt as _;

use double::Store;

/// An answer, read.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The paths of the findings.
    fn paths(&self) -> Vec<String> {
        let json = self.json();
        let findings = json["details"]["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| finding["path"].as_str().unwrap().to_owned()).collect()
    }
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, "Bearer writer")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

async fn get(store: &Store, path: &str) -> Answer {
    send(store.router(), request(Method::GET, path, Body::empty())).await
}

async fn post(store: &Store, path: &str, body: &Value) -> Answer {
    send(store.router(), request(Method::POST, path, body.to_string())).await
}

async fn put(store: &Store, path: &str, body: &Value) -> Answer {
    send(store.router(), request(Method::PUT, path, body.to_string())).await
}
