use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};

use super::{Answer, double::Store, post};
use crate::{Collection, openapi::examples};

/// The same field under that many names.
fn aliases(count: usize, field: &str) -> String {
    (0..count).map(|number| format!("a{number}: {field}")).collect::<Vec<_>>().join(" ")
}

async fn ask(store: &Store, query: &str) -> Answer {
    post(store, "/v1/graphql", &json!({ "query": query })).await
}

async fn data(store: &Store, query: &str) -> Value {
    let answer = ask(store, query).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    assert_eq!(json.get("errors"), None, "{}", answer.text);
    json["data"].clone()
}

#[tokio::test]
async fn records_are_asked_for_by_the_names_of_the_standard() {
    let store = Store::with_examples();
    let all = data(
        &store,
        "{ mineSites(certificationStatus: GREEN, activityStatus: ACTIVE, addressCountry: CD) {
             data { icglrId addressCountry certificationStatus owner { name contactDetails { contactPhoneNumber } }
                    license { licenseType licenseStatus coveredCommodities }
                    mineSiteLocation { geolocalization { latitude } altitude }
                    inspection { inspectionResult inspectionDate } statusHistory { newStatus } }
             pagination { total hasNext } }
           lots(creatorRole: MINER, originatingOperation: PRODUCTION, mineral: \"IMA1979-A\") {
             data { lotNumber mass creatorRole originatingOperation tag { identifier } otherTag { identifier } } }
           exportCertificates(dateOfIssuanceFrom: \"2018-01-12\") { data { identifier lotWeightUom lotWeight } } }",
    )
    .await;
    let site = &all["mineSites"]["data"][0];
    assert_eq!(site["icglrId"], "CD-1.9403+29.8739-00001");
    assert_eq!(site["certificationStatus"], "GREEN");
    assert_eq!(site["owner"]["contactDetails"]["contactPhoneNumber"], "+243810000001");
    assert_eq!(site["license"][0]["licenseType"], "MINING_LICENSE");
    assert_eq!(site["mineSiteLocation"]["geolocalization"]["latitude"], -1.9403);
    assert_eq!(site["inspection"][0]["inspectionResult"], "GREEN");
    assert_eq!(all["mineSites"]["pagination"], json!({"total": 1, "hasNext": false}));
    let lot = &all["lots"]["data"][0];
    assert_eq!(lot["mass"], 1250.5);
    assert_eq!(
        (&lot["creatorRole"], &lot["originatingOperation"]),
        (&json!(["MINER"]), &json!(["PRODUCTION"]))
    );
    assert_eq!(lot["tag"]["identifier"], "TAG-000001");
    assert_eq!(lot["otherTag"], Value::Null);
    assert_eq!(
        all["exportCertificates"]["data"][0],
        json!({"identifier": "CD-2018-000123", "lotWeightUom": "KGM", "lotWeight": 1250.5})
    );
}

#[tokio::test]
async fn one_record_is_asked_for_by_its_name() {
    let store = Store::with_examples();
    let query = "query One($id: ID!) { mineSite(icglrId: $id) { nationalId } lot(lotNumber: \"none\") { mass }
        exportCertificate(identifier: \"CD-2018-000123\", issuingCountry: CD) { issuingCountry } }";
    let body = json!({"query": query, "variables": {"id": "CD--1.9403+29.8739-1"}, "operationName": "One"});
    let answer = post(&store, "/v1/graphql", &body).await;
    assert_eq!(
        answer.json(),
        json!({"data": {
            "mineSite": {"nationalId": "NK-0001"}, "lot": null, "exportCertificate": {"issuingCountry": "CD"},
        }})
    );
}

#[tokio::test]
async fn sums_and_counts_are_those_of_the_store() {
    let store = Store::with_examples();
    let mut lot = examples::record(Collection::Lots);
    lot["lotNumber"] = json!("L2");
    lot["mass"] = json!(2);
    lot["unitOfMeasurement"] = json!("TNE");
    lot["taxPaid"] = json!([{"taxType": "royalty", "taxAmount": 12.5, "currency": "USD"}]);
    store.put(Collection::Lots, &lot);
    let sums = data(
        &store,
        "{ lotSummary(timestampFrom: \"2018-01-01T00:00:00Z\", timestampTo: \"2018-02-01T00:00:00Z\", groupBy: [\"operation\"]) {
             totalMass totalTaxPaid taxPaid { currency amount } byMineral { mineral } byOperation { operation count totalMass } period { start } }
           mineSiteCertificationStatus(addressCountry: CD) { country total byStatus { status count } } }",
    )
    .await;
    let summary = &sums["lotSummary"];
    assert_eq!(summary["totalMass"], 3250.5);
    assert_eq!(
        (&summary["totalTaxPaid"], &summary["taxPaid"]),
        (&json!(12.5), &json!([{"currency": "USD", "amount": 12.5}]))
    );
    assert_eq!(summary["byMineral"], json!([]));
    assert_eq!(
        summary["byOperation"][0],
        json!({"operation": "PRODUCTION", "count": 1, "totalMass": 1250.5})
    );
    assert_eq!(summary["period"]["start"], "2018-01-01T00:00:00Z");
    assert_eq!(
        sums["mineSiteCertificationStatus"],
        json!({"country": "CD", "total": 1, "byStatus": [{"status": "GREEN", "count": 1}]})
    );
}

#[tokio::test]
async fn what_a_state_keeps_back_is_null_where_a_text_does_not_fit() {
    let store = Store::empty();
    store.put_released(Collection::MineSites, &examples::record(Collection::MineSites));
    let sites = data(
        &store,
        "{ mineSites { data { withheld inspection { inspectorName inspectionResult } } } }",
    )
    .await;
    let site = &sites["mineSites"]["data"][0];
    assert_eq!(site["inspection"][0], json!({"inspectorName": "N/A", "inspectionResult": "GREEN"}));
    assert!(!site["withheld"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_query_that_cannot_be_carried_out_is_400_in_both_shapes() {
    let store = Store::with_examples();
    let deep =
        format!("{{ mineSites {{ data {}icglrId{} }} }}", "{ owner ".repeat(30), "}".repeat(30));
    let wide = format!("{{ lots {{ data {{ {} }} }} }}", aliases(1_200, "lotNumber"));
    for query in [
        "{",
        "{ mines { id } }",
        "{ mineSite { icglrId } }",
        "{ mineSites(certificationStatus: PINK) { pagination { page } } }",
        "mutation { createLot }",
        &deep,
        &wide,
    ] {
        let answer = ask(&store, query).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {}", answer.text);
        let json = answer.json();
        assert_eq!(json["code"], "VALIDATION_ERROR");
        assert!(json["errors"][0]["message"].is_string(), "{}", answer.text);
    }
    for body in [
        json!({}),
        json!({"query": 1}),
        json!({"query": "{ __typename }", "variables": []}),
        json!([]),
    ] {
        let answer = post(&store, "/v1/graphql", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answer.paths().is_empty());
    }
}

#[tokio::test]
async fn a_query_that_would_take_the_stack_or_the_processor_is_not_parsed() {
    let store = Store::with_examples();
    let nested = |open: &str, close: &str, count: usize| {
        let (open, close) = (open.repeat(count), close.repeat(count));
        format!("{{ lots(lotNumber: {open}1{close}) {{ pagination {{ total }} }} }}")
    };
    let spread = |levels: usize| {
        let fragments: Vec<String> = (0..levels)
            .map(|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }}", n + 1, n + 1))
            .collect();
        format!("{{ ...F0 }} {} fragment F{levels} on Query {{ __typename }}", fragments.join(" "))
    };
    for query in [
        nested("[", "]", 20_000),
        nested("{a:", "}", 10_000),
        "{a".repeat(20_000),
        format!("query($a: {}Int{}) {{ __typename }}", "[".repeat(20_000), "]".repeat(20_000)),
        spread(30),
        spread(8),
    ] {
        let answer = ask(&store, &query).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert_eq!(answer.paths(), ["query"]);
        assert!(answer.text.contains("GRAPHQL-BOUNDS"), "{}", answer.text);
    }
    // What the bounds let through, the parser and its checks bear.
    for query in [nested("[", "]", 490), nested("{a:", "}", 490), "{a".repeat(500)] {
        assert_eq!(ask(&store, &query).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(ask(&store, &spread(7)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_argument_out_of_range_is_an_error_of_its_field() {
    let store = Store::with_examples();
    for argument in
        ["limit: 101", "page: 0", "dateOfIssuanceFrom: \"2018-02-30\"", "identifier: \"\""]
    {
        let query = format!("{{ exportCertificates({argument}) {{ pagination {{ total }} }} }}");
        let answer = ask(&store, &query).await;
        assert_eq!(answer.status, StatusCode::OK, "{argument}: {}", answer.text);
        let error = answer.json()["errors"][0].clone();
        assert_eq!(error["extensions"]["code"], "VALIDATION_ERROR");
        assert!(error["message"].as_str().unwrap().contains("GRAPHQL-ARGUMENT"), "{error}");
    }
    let many = aliases(11, "lots { pagination { total } }");
    let answer = ask(&store, &format!("{{ {many} }}")).await;
    assert!(
        answer.json()["errors"][0]["message"].as_str().unwrap().contains("10"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_query_needs_the_scopes_of_what_it_reads() {
    let store = Store::with_examples();
    let ask_as = async |credential: Option<&str>, query: &str| {
        let mut asked = Request::builder().method(Method::POST).uri("/v1/graphql");
        if let Some(credential) = credential {
            asked = asked.header(header::AUTHORIZATION, format!("Bearer {credential}"));
        }
        let body = json!({ "query": query }).to_string();
        let asked =
            asked.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
        super::send(store.router(), asked).await.status
    };
    let lots = "{ lots { pagination { total } } }";
    let both = "{ lots { pagination { total } } mineSites { pagination { total } } }";
    assert_eq!(ask_as(Some("lots"), lots).await, StatusCode::OK);
    assert_eq!(ask_as(Some("lots"), both).await, StatusCode::FORBIDDEN);
    assert_eq!(
        ask_as(Some("lots"), "{ mineSiteCertificationStatus { total } }").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(ask_as(None, lots).await, StatusCode::UNAUTHORIZED);
    for query in ["{ __schema { types { name } } }", "{ __typename }", "no query"] {
        assert_eq!(ask_as(None, query).await, StatusCode::UNAUTHORIZED, "{query}");
        assert_eq!(ask_as(Some("stranger"), query).await, StatusCode::UNAUTHORIZED, "{query}");
    }
    assert_eq!(ask_as(Some("lots"), "{ __typename }").await, StatusCode::OK);
    store.break_down();
    assert_eq!(ask_as(Some("reader"), lots).await, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn the_whole_schema_can_be_introspected() {
    let query = "query { __schema { queryType { name } types { kind name fields(includeDeprecated: true) { name args { name type { ...T } defaultValue } type { ...T } } enumValues { name } } } }
        fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
    let schema = data(&Store::empty(), query).await;
    let types: Vec<&str> = schema["__schema"]["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    for name in [
        "MineSite",
        "Lot",
        "ExportCertificate",
        "CoCRole",
        "ICGLRMemberState",
        "LotSummary",
        "Date",
    ] {
        assert!(types.contains(&name), "{name}");
    }
}
