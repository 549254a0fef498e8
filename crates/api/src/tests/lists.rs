use axum::http::StatusCode;
use serde_json::json;

use super::{double::Store, get};
use crate::{Collection, openapi::examples};

/// Lots 0 to 44 of one creator, 41 of them cassiterite.
fn many() -> Store {
    let store = Store::with_examples();
    for number in 0..44 {
        let mut lot = examples::record(Collection::Lots);
        lot["lotNumber"] = json!(format!("L-{number:02}"));
        lot["dateRegistration"] = json!(format!("2017-12-{:02}", number % 28 + 1));
        lot["mineral"] = json!(if number < 41 { "2609.00.00" } else { "2611.00.00" });
        store.put(Collection::Lots, &lot);
    }
    store
}

#[tokio::test]
async fn pages_of_a_list_hold_every_record_once() {
    let store = many();
    let mut seen = Vec::new();
    for page in 1..=3 {
        let answer = get(&store, &format!("/v1/lots?page={page}&limit=20")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let json = answer.json();
        assert_eq!(json["pagination"]["total"], 45);
        assert_eq!(json["pagination"]["totalPages"], 3);
        assert_eq!(json["pagination"]["hasNext"], page < 3);
        assert_eq!(json["pagination"]["hasPrevious"], page > 1);
        seen.extend(
            json["data"].as_array().unwrap().iter().map(|lot| lot["lotNumber"].to_string()),
        );
    }
    assert_eq!(seen.len(), 45);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    let beyond = get(&store, "/v1/lots?page=4").await.json();
    assert_eq!((&beyond["data"], &beyond["pagination"]["hasNext"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn each_filter_narrows_the_list() {
    let store = many();
    for (path, total) in [
        ("/v1/lots?mineral=IMA1960-001&limit=1", 41),
        ("/v1/lots?mineral=260900", 41),
        ("/v1/lots?mineral=tin", 0),
        ("/v1/lots?lotNumber=l-07", 1),
        ("/v1/lots?mineSiteId=CD-1.9403%2B29.8739-1", 45),
        ("/v1/lots?mineSiteId=CD-1.9403+29.8739-00002", 0),
        ("/v1/lots?creatorRole=1&originatingOperation=1", 45),
        ("/v1/lots?originatingOperation=2", 0),
        ("/v1/lots?dateRegistrationFrom=2017-12-28&dateRegistrationTo=2017-12-31", 1),
        ("/v1/lots?country=cd&creatorIdentifier=rccm-1", 45),
        ("/v1/lots?country=RW", 0),
        ("/v1/mine-sites?addressCountry=CD&certificationStatus=1&activityStatus=1", 1),
        ("/v1/mine-sites?certificationStatus=0", 0),
        ("/v1/mine-sites?mineral=coltan", 1),
        ("/v1/export-certificates?issuingCountry=CD&identifier=cd-2018-000123", 1),
        ("/v1/export-certificates?lotNumber=LOT-2018-77&typeOfOre=IMA1979-A", 1),
        ("/v1/export-certificates?dateOfIssuanceFrom=2018-01-12&dateOfIssuanceTo=2018-01-12", 1),
        ("/v1/export-certificates?dateOfIssuanceTo=2018-01-11", 0),
    ] {
        let answer = get(&store, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.json()["pagination"]["total"], total, "{path}");
    }
}

#[tokio::test]
async fn a_list_without_records_is_an_empty_page() {
    let answer = get(&Store::empty(), "/v1/mine-sites").await;
    assert_eq!(answer.status, StatusCode::OK);
    let pagination = json!({"page": 1, "limit": 20, "total": 0, "totalPages": 0, "hasNext": false, "hasPrevious": false});
    assert_eq!(answer.json(), json!({"data": [], "pagination": pagination}));
}

#[tokio::test]
async fn every_bad_parameter_of_a_list_is_named() {
    let store = many();
    let path = "/v1/mine-sites?page=0&limit=101&certificationStatus=9&activityStatus=x&addressCountry=FR&color=red";
    let answer = get(&store, path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["code"], "VALIDATION_ERROR");
    let mut paths = answer.paths();
    paths.sort_unstable();
    assert_eq!(
        paths,
        ["activityStatus", "addressCountry", "certificationStatus", "color", "limit", "page"]
    );
    let answer = get(&store, "/v1/export-certificates?dateOfIssuanceFrom=2018-02-30").await;
    let finding = &answer.json()["details"]["findings"][0];
    assert_eq!(
        (&finding["path"], &finding["value"]),
        (&json!("dateOfIssuanceFrom"), &json!("2018-02-30"))
    );
    assert!(finding["fr"].as_str().unwrap().contains("jour du calendrier"));
}
