//! The API over HTTP, as the ministry's software sees it.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use rmd_api::Settings;
use rmd_runtime::lifecycle::Lifecycle;
use rmd_standard::icglr::{self, Usage};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt as _;

use super::super::{
    Api,
    testing::{NATIONAL, World, lot, of_lot, place, store},
    token::{self, Rights},
};
use crate::journal::testing::TestJournal;

struct Client {
    world: World,
    router: Router,
}

impl Client {
    async fn new() -> Self {
        let world = World::live().await;
        let settings = Settings::new("0.0.0", world.store.clock().clone());
        let router = rmd_api::router(world.node.clone(), settings);
        Self { world, router }
    }

    async fn token(&self, name: &str, rights: Rights) -> String {
        token::create(&self.world.store, name, rights).await.unwrap().reveal().to_owned()
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

fn body(number: &str, mass_mg: i64) -> Value {
    icglr::write(&of_lot(lot(number, mass_mg)), Usage::Icglr, &place().zone)
}

/// A connection that stays open, as that of a client that asks again, must not keep
/// the node from ending.
#[tokio::test]
async fn the_api_answers_on_its_port_and_ends_when_asked() {
    let test = TestJournal::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let local_addr = listener.local_addr().unwrap();
    let api = Api {
        listener,
        local_addr,
        store: store(&test).await,
        place: place(),
        usage: Usage::Icglr,
        poll_interval: Duration::from_millis(20),
    };
    let lifecycle = Lifecycle::new(Duration::from_secs(20));
    let tasks = api.tasks(test.opened_again().await, lifecycle.soft());
    lifecycle.spawn("api", tasks.serve);
    lifecycle.spawn("intake", tasks.intake);
    lifecycle.spawn("follow", async move {
        tasks.follow.await;
        Ok::<_, std::io::Error>(())
    });
    let mut socket = TcpStream::connect(local_addr).await.unwrap();
    socket.write_all(b"GET /v1/lots HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    let code = lifecycle.shutdown().await;
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
}

const BOTH: Rights = Rights { read: true, write: true };

#[tokio::test]
async fn a_lot_is_posted_listed_corrected_and_published() {
    let client = Client::new().await;
    let token = client.token("cadastre", BOTH).await;
    let token = Some(token.as_str());
    let sent = body("L-1", 5_000_000);
    let (status, answer) = client.ask(Method::POST, "/v1/lots", token, Some(&sent)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (status, answer) = client.ask(Method::POST, "/v1/lots", token, Some(&sent)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("CONFLICT")));

    let (status, listed) =
        client.ask(Method::GET, "/v1/lots?mineral=2609.00.00", token, None).await;
    assert_eq!((status, &listed["pagination"]["total"]), (StatusCode::OK, &json!(1)));
    assert_eq!(listed["data"][0], sent);
    assert!(listed.to_string().contains(NATIONAL), "the state sees all of its own record");

    let changed = body("L-1", 6_000_000);
    let (status, answer) = client.ask(Method::PUT, "/v1/lots/L-1", token, Some(&changed)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (status, one) = client.ask(Method::GET, "/v1/lots/L-1", token, None).await;
    assert_eq!((status, one), (StatusCode::OK, changed));
    assert_eq!(client.world.entries().await.len(), 2);
}

#[tokio::test]
async fn a_key_of_the_national_database_is_a_conflict_that_names_its_row() {
    let client = Client::new().await;
    let token = client.token("cadastre", BOTH).await;
    client.world.capture(vec![("row-7", of_lot(lot("L-1", 1_000_000)))]).await;
    let sent = body("L-1", 2_000_000);
    let asked = client.ask(Method::POST, "/v1/lots", Some(&token), Some(&sent)).await;
    assert_eq!((asked.0, &asked.1["code"]), (StatusCode::CONFLICT, &json!("CONFLICT")));
    assert!(asked.1["details"].to_string().contains("row-7"), "{}", asked.1);
}

#[tokio::test]
async fn nobody_reads_or_writes_without_the_right_token() {
    let client = Client::new().await;
    let reader = client.token("reader", Rights { read: true, write: false }).await;
    let writer = client.token("writer", Rights { read: false, write: true }).await;
    let sent = body("L-1", 1_000_000);
    let status = async |method: Method, token: Option<&str>| {
        let sent = (method == Method::POST).then_some(&sent);
        client.ask(method, "/v1/lots", token, sent).await.0
    };
    assert_eq!(status(Method::GET, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(Method::POST, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(Method::GET, Some("rmdn_x")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(Method::POST, Some(&reader)).await, StatusCode::FORBIDDEN);
    assert_eq!(status(Method::GET, Some(&writer)).await, StatusCode::FORBIDDEN);
    assert!(client.world.entries().await.is_empty());
    assert_eq!(status(Method::POST, Some(&writer)).await, StatusCode::CREATED);
    assert_eq!(status(Method::GET, Some(&reader)).await, StatusCode::OK);
    let health = client.ask(Method::GET, "/v1/health", None, None).await;
    assert_eq!((health.0, &health.1["status"]), (StatusCode::OK, &json!("healthy")));
}
