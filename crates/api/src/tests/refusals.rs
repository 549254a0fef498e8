use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};

use super::{double::Store, get, post, request, send};
use crate::{Collection, openapi::examples};

async fn post_bytes(body: impl Into<Body>) -> super::Answer {
    send(Store::empty().router(), request(Method::POST, "/v1/lots", body)).await
}

#[tokio::test]
async fn all_faults_of_a_record_are_told_at_once() {
    let store = Store::empty();
    let mut site = examples::record(Collection::MineSites);
    site["certificationStatus"] = json!(7);
    site["activityStatus"] = json!(9);
    site["mineSiteLocation"]["geolocalization"]["latitude"] = json!(95);
    let answer = post(&store, "/v1/mine-sites", &site).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["code"], "VALIDATION_ERROR");
    let paths = answer.paths();
    for path in
        ["certificationStatus", "activityStatus", "mineSiteLocation.geolocalization.latitude"]
    {
        assert!(paths.iter().any(|found| found == path), "{path} in {paths:?}");
    }
    for finding in answer.json()["details"]["findings"].as_array().unwrap() {
        for part in ["rule", "severity", "path", "value", "en", "fr"] {
            assert!(finding[part].is_string(), "{finding}");
        }
    }
    assert_eq!(store.count(), 0);
}

#[tokio::test]
async fn what_the_standard_requires_must_be_posted() {
    for collection in Collection::ALL {
        let store = Store::empty();
        let whole = examples::record(collection);
        for name in required(collection) {
            let mut document = whole.clone();
            document.as_object_mut().unwrap().remove(&name);
            let answer = post(&store, &format!("/v1/{}", collection.as_str()), &document).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {}", answer.text);
            assert!(
                answer.paths().iter().any(|path| path.starts_with(&name)),
                "{name}: {}",
                answer.text
            );
        }
    }
}

fn required(collection: Collection) -> Vec<String> {
    let document = rmd_standard::schema::of(collection.entity(), rmd_standard::icglr::Usage::Icglr);
    let names: Vec<String> = document["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert!(names.len() > 5);
    names
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    for (body, rule, path, value) in [
        (&b"{\"lotNumber\": \"\xff\"}"[..], "JSON-UTF8", "", "byte 16"),
        (b"{\n \"a\": }", "JSON-SYNTAX", "a", "line 2"),
        (b"", "JSON-SYNTAX", "", "line 1"),
        (b"{\"a\": {\"b\": 1, \"b\": 2}}", "JSON-DUPLICATE", "a.b", "line 1 column 18"),
        (b"[]", "BODY-OBJECT", "body", ""),
        (b"null", "BODY-OBJECT", "body", ""),
    ] {
        let answer = post_bytes(body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        let finding = answer.json()["details"]["findings"][0].clone();
        assert_eq!((&finding["rule"], &finding["path"]), (&json!(rule), &json!(path)));
        assert!(finding["value"].as_str().unwrap().contains(value), "{finding}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(post_bytes(deep).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    let mut other = request(Method::POST, "/v1/lots", "{}");
    other.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    let answer = send(Store::empty().router(), other).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.json()["code"], "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_declared_or_not() {
    let long = "x".repeat((1 << 20) + 1);
    let mut declared = request(Method::POST, "/v1/lots", long.clone());
    declared.headers_mut().insert(header::CONTENT_LENGTH, long.len().into());
    for sent in [declared, request(Method::POST, "/v1/lots", long)] {
        let answer = send(Store::empty().router(), sent).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.json()["code"], "PAYLOAD_TOO_LARGE");
    }
}

async fn status_with(credential: Option<&str>, method: Method, path: &str) -> super::Answer {
    let mut asked = Request::builder().method(method).uri(path);
    if let Some(credential) = credential {
        asked = asked.header("x-api-key", credential);
    }
    let asked =
        asked.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    send(Store::with_examples().router(), asked).await
}

#[tokio::test]
async fn a_request_without_a_right_credential_is_not_carried_out() {
    for path in ["/v1/lots", "/v1/lots/LOT-2018-77", "/v1/mine-sites", "/v1/export-certificates"] {
        for credential in [None, Some("nobody's")] {
            let answer = status_with(credential, Method::GET, path).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert_eq!(answer.json()["code"], "UNAUTHORIZED");
        }
    }
    let answer = status_with(Some("lots"), Method::GET, "/v1/mine-sites").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.json()["message"].as_str().unwrap().contains("mine-sites:read"));
    assert_eq!(
        status_with(Some("reader"), Method::POST, "/v1/lots").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(status_with(Some("reader"), Method::GET, "/v1/lots").await.status, StatusCode::OK);
    let answer = status_with(Some("locked"), Method::GET, "/v1/lots").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_fault_of_the_store_tells_nothing_of_it() {
    let store = Store::with_examples();
    store.break_down();
    let answer = get(&store, "/v1/lots").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.json()["code"], "INTERNAL_ERROR");
    assert!(!answer.text.contains("SELECT"), "{}", answer.text);
}

#[tokio::test]
async fn every_answer_has_the_same_headers_and_errors_the_same_shape() {
    let store = Store::with_examples();
    for (path, status) in [
        ("/v1/lots", 200),
        ("/v1/health", 200),
        ("/v1/docs", 200),
        ("/v1/lots/none", 404),
        ("/v2/lots", 404),
        ("/", 404),
        ("/v1/lots?page=0", 400),
        ("/v1/lots/%ff", 400),
        ("/v1/lots/%00", 400),
        ("/v1/graphql", 405),
    ] {
        let answer = get(&store, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(!answer.header("x-request-id").is_empty());
        assert_eq!(answer.header("x-schema-version"), "1.0.0");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.header("content-type").is_empty());
        if status >= 400 {
            let error = answer.json();
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(error["timestamp"], "2018-01-31T08:00:00Z");
            assert!(error["code"].is_string() && error["message"].is_string());
            assert!(error["details"]["messageFr"].is_string());
        }
    }
}

#[tokio::test]
async fn a_request_keeps_the_name_that_its_client_gave() {
    for (given, is_kept) in [("client-7", true), ("a b", false), ("", false)] {
        let mut asked = request(Method::GET, "/v1/health", Body::empty());
        asked.headers_mut().insert("x-request-id", given.parse().unwrap());
        let answer = send(Store::empty().router(), asked).await;
        assert_eq!(answer.header("x-request-id") == given, is_kept);
    }
}

#[tokio::test]
async fn head_and_options_are_sane() {
    let store = Store::with_examples();
    let answer = send(store.router(), request(Method::HEAD, "/v1/lots", Body::empty())).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    let answer = send(store.router(), request(Method::HEAD, "/v1/lots/none", Body::empty())).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, ""));
    for (path, allow) in [
        ("/v1/lots", "GET,HEAD,POST,OPTIONS"),
        ("/v1/lots/x", "GET,HEAD,PUT,OPTIONS"),
        ("/v1/graphql", "POST,OPTIONS"),
        ("/v1/health", "GET,HEAD,OPTIONS"),
    ] {
        let answer = send(store.router(), request(Method::OPTIONS, path, Body::empty())).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::NO_CONTENT, allow));
        let answer = send(store.router(), request(Method::DELETE, path, Body::empty())).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
        let mut expected: Vec<&str> = allow.split(',').collect();
        allowed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(allowed, expected);
    }
}

#[tokio::test]
async fn too_many_requests_are_put_off() {
    let store = Store::with_examples().with_rate(2);
    let router = store.router();
    for left in ["1", "0"] {
        let answer = send(router.clone(), request(Method::GET, "/v1/lots", Body::empty())).await;
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (StatusCode::OK, left));
        assert_eq!(answer.header("ratelimit-limit"), "2");
    }
    let answer = send(router, request(Method::GET, "/v1/lots", Body::empty())).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(answer.json()["code"], "TOO_MANY_REQUESTS");
}

#[tokio::test]
async fn requests_over_the_bound_are_put_off() {
    let mut store = Store::with_examples();
    store.settings.concurrency_max = 0;
    let answer = get(&store, "/v1/lots").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["code"], "SERVICE_UNAVAILABLE");
}

#[tokio::test]
async fn health_needs_no_credential() {
    let answer = status_with(None, Method::GET, "/v1/health").await;
    let healthy: Value =
        json!({"status": "healthy", "version": "1.2.3", "timestamp": "2018-01-31T08:00:00Z"});
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, healthy));
}

#[tokio::test]
async fn a_record_whose_owner_keeps_something_back_is_no_record_to_keep() {
    let store = Store::empty();
    for withheld in [json!(["creator.tin"]), json!([]), json!(null), json!(["nowhere"])] {
        let mut lot = examples::record(Collection::Lots);
        lot["withheld"] = withheld;
        let answer = post(&store, "/v1/lots", &lot).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert_eq!(answer.paths()[0], "withheld", "{}", answer.text);
    }
    assert_eq!(store.count(), 0);
}

#[tokio::test]
async fn a_long_query_string_is_not_answered_with_a_longer_list() {
    let store = Store::empty();
    for (method, path) in
        [(Method::GET, "/v1/lots"), (Method::POST, "/v1/lots"), (Method::POST, "/v1/graphql")]
    {
        let path = format!("{path}?{}", vec!["a"; 20_000].join("&"));
        let answer = send(store.router(), request(method, &path, Body::empty())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.paths().len(), 100);
    }
}

#[tokio::test]
async fn a_request_that_panics_is_answered_and_takes_no_place() {
    let mut store = Store::empty();
    store.settings.concurrency_max = 1;
    let router = store.router();
    for _ in 0..3 {
        let mut asked = request(Method::GET, "/v1/lots", Body::empty());
        asked.headers_mut().insert(header::AUTHORIZATION, "Bearer panic".parse().unwrap());
        let answer = send(router.clone(), asked).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.json()["code"], "INTERNAL_ERROR");
        assert!(!answer.text.contains("as the test wants"), "{}", answer.text);
    }
    let answer = send(router, request(Method::GET, "/v1/lots", Body::empty())).await;
    assert_eq!(answer.status, StatusCode::OK);
}
