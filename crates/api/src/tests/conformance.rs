//! Our answers against our own document.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, double::Store, request, send};
use crate::{Collection, openapi::examples};

async fn document(store: &Store) -> Value {
    super::get(store, "/v1/openapi.json").await.json()
}

/// Checks status, media type and body of an answer against its operation.
fn conforms(document: &Value, operation: &str, answer: &Answer) {
    let operation = document.pointer(operation).unwrap_or_else(|| panic!("no {operation}"));
    let status = answer.status.as_u16().to_string();
    let mut response = &operation["responses"][&status];
    assert!(response.is_object(), "{status} is not documented: {}", answer.text);
    if let Some(target) = response["$ref"].as_str() {
        response = document.pointer(&target[1..]).unwrap();
    }
    let media = answer.header("content-type").split(';').next().unwrap();
    let schema = &response["content"][media]["schema"];
    assert!(schema.is_object(), "{media} is not documented for {status}");
    if media != "text/html" {
        fits(document, schema, &answer.json());
    }
}

/// Whether a value fits a schema of the document.
fn fits(document: &Value, schema: &Value, value: &Value) {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    // A reference hides its neighbours in draft-07; alternatives of one do not.
    let whole = json!({ "allOf": [schema], "components": whole["components"] });
    let whole = nullable(whole);
    let validator = jsonschema::draft7::new(&whole).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?} in {value:#}");
}

/// The two words of OpenAPI 3.0 that JSON Schema says otherwise.
fn nullable(schema: Value) -> Value {
    match schema {
        Value::Object(mut words) => {
            for bound in ["Minimum", "Maximum"] {
                let name = format!("exclusive{bound}");
                if words.get(&name) == Some(&json!(true)) {
                    let limit = words.remove(&bound.to_lowercase()).unwrap();
                    words.insert(name, limit);
                }
            }
            if words.remove("nullable") == Some(json!(true)) && words.contains_key("type") {
                let kind = words["type"].take();
                words["type"] = json!([kind, "null"]);
            }
            Value::Object(words.into_iter().map(|(name, value)| (name, nullable(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(nullable).collect(),
        other => other,
    }
}

fn operation(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", path.replace('/', "~1"))
}

const ONE: [(&str, &str); 3] = [
    ("/mine-sites/{icglrId}", "/v1/mine-sites/CD-1.9403+29.8739-00001"),
    (
        "/export-certificates/{identifier}",
        "/v1/export-certificates/CD-2018-000123?issuingCountry=CD",
    ),
    ("/lots/{lotNumber}", "/v1/lots/LOT-2018-77"),
];

#[tokio::test]
async fn answers_are_what_the_document_says() {
    let store = Store::with_examples();
    let document = document(&store).await;
    for (collection, (template, path)) in Collection::ALL.into_iter().zip(ONE) {
        let all = format!("/{}", collection.as_str());
        let example = examples::record(collection).to_string();
        for (operation, method, path, body, status) in [
            (operation(&all, "get"), Method::GET, format!("/v1{all}"), "", 200),
            (operation(&all, "get"), Method::GET, format!("/v1{all}?page=0"), "", 400),
            (operation(&all, "post"), Method::POST, format!("/v1{all}"), example.as_str(), 409),
            (operation(&all, "post"), Method::POST, format!("/v1{all}"), "{}", 400),
            (operation(template, "get"), Method::GET, path.to_owned(), "", 200),
            (
                operation(template, "get"),
                Method::GET,
                path.replace("77", "78").replace("123", "124").replace("00001", "2"),
                "",
                404,
            ),
            (operation(template, "put"), Method::PUT, path.to_owned(), example.as_str(), 200),
            (operation(template, "put"), Method::PUT, path.to_owned(), "[", 400),
        ] {
            let answer = send(store.router(), request(method, &path, body.to_owned())).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
            conforms(&document, &operation, &answer);
        }
        let fresh = Store::empty();
        let posted = request(Method::POST, &format!("/v1{all}"), example.clone());
        let answer = send(fresh.router(), posted).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        conforms(&document, &operation(&all, "post"), &answer);
    }
}

#[tokio::test]
async fn released_records_are_what_the_document_says() {
    let store = Store::empty().read_only();
    for collection in Collection::ALL {
        store.put_released(collection, &examples::record(collection));
    }
    let document = document(&store).await;
    for collection in Collection::ALL {
        let path = format!("/{}", collection.as_str());
        let answer = super::get(&store, &format!("/v1{path}")).await;
        conforms(&document, &operation(&path, "get"), &answer);
    }
}

#[tokio::test]
async fn documents_and_queries_are_what_the_document_says() {
    let store = Store::with_examples();
    let document = document(&store).await;
    for path in ["/health", "/openapi.json", "/context.jsonld", "/docs"] {
        let answer = super::get(&store, &format!("/v1{path}")).await;
        conforms(&document, &operation(path, "get"), &answer);
    }
    for query in
        ["{ lots { pagination { total } } }", "{ lots(limit: 0) { pagination { total } } }", "{"]
    {
        let answer = super::post(&store, "/v1/graphql", &json!({ "query": query })).await;
        conforms(&document, &operation("/graphql", "post"), &answer);
    }
}

#[tokio::test]
async fn the_examples_fit_the_schemas_that_they_illustrate() {
    let document = document(&Store::empty()).await;
    for collection in Collection::ALL {
        let schema =
            json!({ "$ref": format!("#/components/schemas/{}", collection.entity().name()) });
        fits(&document, &schema, &examples::record(collection));
    }
}

#[tokio::test]
async fn a_store_that_is_only_read_documents_no_writing() {
    for (store, writes) in [(Store::empty(), true), (Store::empty().read_only(), false)] {
        let document = document(&store).await;
        for (path, method) in
            [("/lots", "post"), ("/mine-sites", "post"), (ONE[0].0, "put"), (ONE[2].0, "put")]
        {
            assert_eq!(document.pointer(&operation(path, method)).is_some(), writes, "{path}");
        }
        assert!(document.pointer(&operation("/graphql", "post")).is_some());
    }
}

#[tokio::test]
async fn the_page_of_the_api_loads_from_this_service_alone() {
    let store = Store::empty();
    let page = super::get(&store, "/v1/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let sources = page.text.split(['"', '\'']).filter(|text| text.starts_with("/v1/"));
    let sources: Vec<&str> = sources.collect();
    assert_eq!(sources.len(), 3);
    for source in sources {
        let answer = super::get(&store, source).await;
        assert_eq!(answer.status, StatusCode::OK, "{source}");
        assert!(answer.header("content-type").starts_with("text/"), "{source}");
    }
    assert!(!page.text.contains("http"));
}
