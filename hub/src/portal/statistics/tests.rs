//! What leaves as public statistics, over both stores.

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request},
};
use rmd_reconcile::Parameters as Limits;
use tower::ServiceExt as _;

use super::*;
use crate::{
    calendar::{
        closing,
        testing::{KG, State as Owner, export},
    },
    portal::router,
    registry::{entitlement::Level, testing::Hub},
    store::testing::on_each_store,
};

async fn ask(hub: &Hub, method: Method, path: &str) -> (StatusCode, String, String) {
    let state = State::new(hub.store.clone(), hub.clock.clone(), &hub.config);
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let answer = router(state).oneshot(request).await.unwrap();
    let kind = answer.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap());
    let (status, kind) = (answer.status(), kind.unwrap_or_default().to_owned());
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, kind, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn get(hub: &Hub, path: &str) -> String {
    let (status, _, text) = ask(hub, Method::GET, path).await;
    assert_eq!(status, StatusCode::OK, "{path} {text}");
    text
}

/// Of CD three export in November, and of RW one, with a mass that nobody may know.
async fn declare(hub: &Hub) {
    let mut cod = Owner::follow(&hub.store, "COD/cod-mines", Level::Live).await;
    let mut rwa = Owner::follow(&hub.store, "RWA/rwa-mines", Level::Live).await;
    cod.say(
        (1..=3).map(|number| {
            export("CD", number, &format!("CD-E-{number}"), "2017-11-03", 5_000 * KG)
        }),
    )
    .await;
    rwa.say([export("RW", 1, "RW-E-1", "2017-11-04", 777 * KG + 123_456)]).await;
}

#[tokio::test]
async fn what_leaves_is_what_the_command_prints_and_holds_no_figure_of_few() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        declare(&hub).await;
        for path in ["/statistics.json?year=2017", "/statistics.csv?year=2017"] {
            assert!(!get(&hub, path).await.contains("2017-11"), "no month was closed");
        }
        let month = "2017-11".parse().unwrap();
        let limits = Limits::default();
        closing::close(&hub.store, &hub.clock, &limits, month, "Officer").await.unwrap();
        let mut connection = hub.store.acquire().await.unwrap();
        let public = statistics::public(&mut connection, "2017").await.unwrap();
        drop(connection);
        let json = get(&hub, "/statistics.json?year=2017").await;
        assert_eq!(json, serde_json::to_string(&public).unwrap());
        let csv = get(&hub, "/statistics.csv?year=2017").await;
        assert_eq!(csv.as_bytes(), lines::public_csv(&public).unwrap());
        // What the region exported is told; what either state did would tell the other.
        for line in ["CD,2017-11,,,true", "RW,2017-11,,,true", ",2017-11,15777.123456,,false"] {
            assert!(csv.contains(&format!("export,260900,{line}")), "{csv}");
        }
        for amount in [":777123456", ",777.123456", ":15000000000", ",15000.000000"] {
            assert!(!json.contains(amount) && !csv.contains(amount), "{amount} {json}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_year_that_is_none_is_refused_and_nothing_is_written() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        for year in ["", "17", "99999", "2o17", "1999", "2017%27--", "-017"] {
            let path = format!("/statistics.json?year={year}");
            let (status, _, text) = ask(&hub, Method::GET, &path).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{year}");
            assert!(text.contains("year : donnez quatre chiffres"), "{text}");
        }
        // The clock stands in 2018.
        let (status, kind, text) = ask(&hub, Method::GET, "/statistics.json").await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/json"));
        assert!(text.contains(r#""form":"public","year":"2018""#), "{text}");
        for path in ["/statistics.json", "/statistics.csv"] {
            let (status, ..) = ask(&hub, Method::POST, path).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        }
    })
    .await;
}

#[tokio::test]
async fn a_store_that_is_away_is_said_without_its_cause() {
    on_each_store(async |store| {
        let hub = Hub::make(store).await;
        hub.store.close().await;
        let (status, _, text) = ask(&hub, Method::GET, "/statistics.csv").await;
        assert_eq!((status, text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, AWAY));
    })
    .await;
}
