//! Requests over verified connections: who asks, and whether they still may.

use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::SignedDuration;
use rmd_link::{Acceptor, Credentials, dial, tls};
use rmd_proto::{Code, Fault};
use rmd_runtime::lifecycle::Lifecycle;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::{
    probe::{self, serve},
    world::{World, hub, issue, node, soon},
};

#[tokio::test]
async fn handler_learns_the_verified_peer() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    let seen = soon(probe::ask(&link)).await.unwrap();
    let expected = format!("{} TLSv1.3 {}", hub(), centre.serial().unwrap());
    assert_eq!(seen, expected, "what the node sees of the hub");
    assert_eq!(link.peer().identity, node("COD"));
    assert_eq!(link.peer().tls_version, "TLSv1.3");
    assert_eq!(Some(&link.peer().serial), cod.serial().as_ref());
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn revocation_is_in_force_at_the_next_request() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    assert!(soon(probe::ask(&link)).await.is_ok());

    cod.deny([centre.serial().unwrap()]);
    let fault = soon(probe::ask(&link)).await.unwrap_err();
    assert_eq!(fault.code, Code::CertificateRevoked, "over the connection that was open");
    let again = soon(dial(&address, &centre, &node("COD"))).await.unwrap_err();
    assert_eq!(again.code(), Code::CertificateRevoked, "over a new connection");

    cod.deny(Vec::<String>::new());
    assert!(soon(probe::ask(&link)).await.is_ok());
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn certificate_that_ends_during_a_connection_ends_its_requests() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    assert!(soon(probe::ask(&link)).await.is_ok());
    world.clock.advance(SignedDuration::from_hours(91 * 24));
    let fault: Fault = soon(probe::ask(&link)).await.unwrap_err();
    assert_eq!(fault.code, Code::CertificateExpired);
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn open_stream_hears_of_a_revocation_of_the_serial_or_the_key() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    let peer = link.peer().clone();
    for entry in [peer.serial.clone(), peer.key_sha256.clone()] {
        centre.deny(Vec::<String>::new());
        assert!(!peer.is_denied(&centre));
        let ((), ()) =
            soon(async { tokio::join!(peer.denied(&centre), async { centre.deny([entry]) }) })
                .await;
        assert!(peer.is_denied(&centre));
    }
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn new_certificate_is_shown_without_a_restart() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let dir = world.fresh_dir();
    // The listener is up before there is a certificate, and refuses everybody.
    let cod = Credentials::load(&dir, world.clock()).unwrap();
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let early = soon(dial(&address, &centre, &node("COD"))).await.unwrap_err();
    assert_eq!(early.code(), Code::CertificateMissing);
    let mut links = Vec::new();
    for _ in 0..2 {
        let (key, issued) = issue(&node("COD"), &world.leaf());
        Credentials::store(&dir, &key, &issued.chain_der, world.authority.roots_der()).unwrap();
        cod.reload().unwrap();
        let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
        assert_eq!(link.peer().serial, issued.serial);
        links.push(link);
    }
    for link in &links {
        assert!(soon(probe::ask(link)).await.is_ok(), "connections that are open live on");
    }
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn clients_that_never_finish_a_handshake_block_nobody() {
    let world = World::new();
    let lifecycle = Lifecycle::new(Duration::from_secs(5));
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let address = serve(&lifecycle, &cod).await;
    let mut idle = Vec::new();
    // More than may be open at once: the oldest have to make room.
    for index in 0..tls::HANDSHAKES_MAX + 20 {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        if index % 2 == 0 {
            // The beginning of a handshake record that never ends.
            socket.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
        }
        idle.push(socket);
    }
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    assert!(soon(probe::ask(&link)).await.is_ok());
    drop(idle);
    lifecycle.shutdown().await;
}

#[tokio::test]
async fn broken_link_does_not_reconnect_by_itself() {
    let world = World::new();
    let cod = world.credentials(&node("COD"), &world.leaf());
    let centre = world.credentials(&hub(), &world.leaf());
    let lifecycle = Lifecycle::new(Duration::ZERO);
    let address = serve(&lifecycle, &cod).await;
    let link = soon(dial(&address, &centre, &node("COD"))).await.unwrap();
    assert!(soon(probe::ask(&link)).await.is_ok());
    soon(lifecycle.shutdown()).await;
    let fault = soon(probe::ask(&link)).await.unwrap_err();
    assert_eq!(fault.code, Code::PeerUnreachable);
    let again = soon(dial(&address, &centre, &node("COD"))).await.unwrap_err();
    assert_eq!(again.code(), Code::PeerUnreachable);
}

#[tokio::test]
async fn stream_of_connections_ends_with_the_lifecycle() {
    let world = World::new();
    let cod = world.credentials(&node("COD"), &world.leaf());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let _idle = TcpStream::connect(address).await.unwrap();
    let soft = CancellationToken::new();
    let acceptor = Acceptor::new(&cod, |_| true);
    let mut connections = Box::pin(tls::incoming(listener, acceptor, soft.clone()));
    let (ended, ()) =
        soon(async { tokio::join!(connections.next(), async { soft.cancel() }) }).await;
    assert!(ended.is_none());
    drop(connections);
    assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
}
