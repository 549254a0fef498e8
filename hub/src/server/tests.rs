//! The running hub as a whole: ports, tasks, a node that enrols while it runs.

use std::time::Duration;

use rmd_runtime::{Lifecycle, clock::SystemClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Error, Server};
use crate::{
    registry::{
        network,
        testing::{Applicant, Hub},
    },
    share::{
        OwnFeed, delivery,
        testing::{Inbox, port, serve},
    },
    store::testing::sqlite,
};

const PATIENCE: Duration = Duration::from_mins(1);

async fn hub() -> (Hub, tempfile::TempDir) {
    let (store, file) = sqlite().await;
    store.migrate().await.unwrap();
    let mut hub = Hub::make(store).await;
    hub.config.store.url = format!("sqlite:{}", file.path().join("hub.sqlite").display());
    (hub, file)
}

async fn bind(hub: &Hub) -> Result<Server, Error> {
    Server::bind(hub.dir.path(), hub.config.clone(), hub.clock.clone()).await
}

async fn eventually(is_so: impl AsyncFn() -> bool) {
    let look = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("the state is reached");
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_enrols_later_gets_its_tasks_without_a_restart() {
    let (hub, _file) = hub().await;
    let server = bind(&hub).await.unwrap();
    let (enrolment, portal) = (server.enrolment_addr(), server.portal_addr());
    let api = server.api_addr();
    let lifecycle = Lifecycle::new(Duration::from_secs(10));
    server.start(&lifecycle.handle()).unwrap();
    assert!(get(portal, "/").await.starts_with("HTTP/1.1 200"));
    assert!(get(api, "/v1/health").await.starts_with("HTTP/1.1 200"));
    assert!(get(api, "/v1/lots").await.starts_with("HTTP/1.1 401"));
    let (listener, address) = port().await;
    let token = hub.invite("UGA", "uga-mines").await;
    let applicant = Applicant::new(&token);
    let enrolled = applicant.certify(&token, enrolment, &address, &hub.clock).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    rmd_link::Credentials::store(
        dir.path(),
        &applicant.key_pem,
        &enrolled.chain_der,
        &enrolled.roots_der,
    )
    .unwrap();
    let credentials = rmd_link::Credentials::load(dir.path(), hub.clock.clone()).unwrap();
    serve(&hub, listener, &credentials, &Inbox::new(&enrolled.hub_feed_vkey));
    eventually(async || {
        let mut connection = hub.store.acquire().await.unwrap();
        let row =
            delivery::find(&mut connection, "UGA/uga-mines", &OwnFeed::shared()).await.unwrap();
        row.is_some_and(|row| row.error_code.is_none())
    })
    .await;
    assert!(get(portal, "/?lang=fr").await.contains("UGA/uga-mines"));
    assert_eq!(lifecycle.shutdown().await, std::process::ExitCode::SUCCESS);
    assert_eq!(super::lock::holder(hub.dir.path()), None);
    hub.lifecycle.shutdown().await;
}

#[tokio::test]
async fn a_second_hub_on_the_same_directory_is_refused() {
    let (hub, _file) = hub().await;
    let _first = bind(&hub).await.unwrap();
    let error = bind(&hub).await.unwrap_err();
    assert!(matches!(error, Error::Running { .. }));
    assert!(error.to_string().contains("un pivot tourne déjà"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let (mut hub, _file) = hub().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    hub.config.portal.listen = taken.local_addr().unwrap();
    let error = bind(&hub).await.unwrap_err();
    assert!(matches!(error, Error::Bind { purpose: "portal", .. }));
}

#[tokio::test]
async fn a_store_of_another_network_is_refused() {
    let (mut hub, _file) = hub().await;
    hub.config.network.name = "other".to_owned();
    let error = bind(&hub).await.unwrap_err();
    assert!(matches!(error, Error::Registry(crate::registry::Error::NetworkMismatch { .. })));
}

#[tokio::test]
async fn the_hub_renews_its_own_certificate() {
    let (hub, _file) = hub().await;
    let before = hub.credentials.serial().unwrap();
    hub.manual.advance(jiff::SignedDuration::from_hours(24 * 40));
    assert!(hub.credentials.renew_after().unwrap() <= hub.now());
    let server = bind(&hub).await.unwrap();
    let lifecycle = Lifecycle::new(Duration::from_secs(10));
    server.start(&lifecycle.handle()).unwrap();
    eventually(async || {
        hub.credentials.reload().unwrap();
        hub.credentials.serial().unwrap() != before
    })
    .await;
    lifecycle.shutdown().await;
    let network = network::find(&mut hub.store.acquire().await.unwrap()).await.unwrap();
    assert_eq!(hub.credentials.identity(), network.map(|network| network.identity));
}

#[tokio::test]
async fn a_status_tells_what_the_network_is_and_who_runs_it() {
    let (hub, _file) = hub().await;
    let clock = SystemClock::shared(Some(jiff::civil::date(2018, 1, 1)));
    let dir = tempfile::tempdir().unwrap();
    hub.enrol("cod-mines", "127.0.0.1:1", dir.path()).await;
    let server = bind(&hub).await.unwrap();
    let status =
        crate::status::read(&hub.store, hub.dir.path(), &hub.config, &clock).await.unwrap();
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["as_of"], "2018-01-01");
    assert_eq!(json["store"]["kind"], "sqlite");
    assert_eq!(json["pid"], std::process::id());
    assert_eq!(json["nodes"][0]["id"], "COD/cod-mines");
    assert_eq!(json["nodes"][0]["identity"], "spiffe://rmd.net/node/COD/cod-mines");
    assert_eq!(json["nodes"][0]["peer"], serde_json::Value::Null);
    assert_eq!(json["nodes"][0]["shared"]["applied"], 0);
    assert_eq!(json["bulletins"]["published"], 0);
    assert_eq!(json["api"]["listen"], "127.0.0.1:0");
    let nobody = serde_json::json!({"listen": null, "published": 0, "auditors": [], "revoked": 0});
    assert_eq!(json["audit"], nobody);
    assert_eq!(json["api"]["keys"], serde_json::json!({"active": 0, "expired": 0, "revoked": 0}));
    drop(server);
}
