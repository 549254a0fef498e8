//! Over a real socket: what a client sees that sends more than it should.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::double::Store;

/// Far longer than any of this takes; a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(30);

async fn serve(store: &Store) -> (TcpStream, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = store.router();
    #[expect(clippy::disallowed_methods, reason = "ends with the test")]
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (TcpStream::connect(address).await.unwrap(), server)
}

const HEAD: &str = "POST /v1/lots HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer writer\r\n\
    content-type: application/json\r\n";

/// Sends everything before it reads anything, as simple clients do.
async fn exchange(head: &str, body: &[u8]) -> String {
    let store = Store::empty();
    let (mut stream, server) = serve(&store).await;
    let talk = async {
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    let answer = tokio::time::timeout(PATIENCE, talk).await.unwrap();
    server.abort();
    assert_eq!(store.count(), 0);
    answer
}

#[tokio::test]
async fn ten_megabytes_are_refused_with_the_right_status() {
    let body = vec![b' '; 10_000_000];
    let head = format!("{HEAD}content-length: {}\r\n\r\n", body.len());
    let answer = exchange(&head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"code\":\"PAYLOAD_TOO_LARGE\""), "{answer}");
}

#[tokio::test]
async fn ten_megabytes_in_chunks_are_refused_too() {
    let mut body = Vec::new();
    let chunk = vec![b' '; 100_000];
    for _ in 0..100 {
        body.extend_from_slice(b"186a0\r\n");
        body.extend_from_slice(&chunk);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
    let answer = exchange(&head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_our_word_is_told_not_to_send() {
    let head = format!("{HEAD}content-length: 10000000\r\nexpect: 100-continue\r\n\r\n");
    let answer = exchange(&head, b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_without_a_credential_is_refused_before_it_is_read() {
    let body = vec![b' '; 10_000_000];
    let head = format!(
        "POST /v1/lots HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer = exchange(&head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn who_may_not_post_takes_no_place_by_sending_slowly() {
    let mut store = Store::empty();
    store.settings.concurrency_max = 1;
    let (mut reader, server) = serve(&store).await;
    let address = reader.peer_addr().unwrap();
    let mut slow = Vec::new();
    for path in ["/v1/lots", "/v1/graphql", "/v1/lots/L1"] {
        let method = if path.ends_with("L1") { "PUT" } else { "POST" };
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: 1000\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
        // Two requests on one connection: by the second answer the slow one was looked at.
        for _ in 0..2 {
            reader.write_all(b"GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
            let mut answer = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, reader.read(&mut answer)).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..read.unwrap()]).into_owned();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        }
    }
    server.abort();
}
