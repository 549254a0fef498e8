//! The handshake matrix: who is let in, and with which code each other is refused.

mod foreign;

use rcgen::ExtendedKeyUsagePurpose;
use rmd_link::{Acceptor, Credentials, Identity, Link, Peer, dial};
use rmd_proto::Code;
use rustls::version::{TLS12, TLS13};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

use crate::world::{World, hub, node, soon};

/// The first bytes of an HTTP/2 server: an empty SETTINGS frame.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

/// What the accepting and the dialling side say.
type Outcome = (Result<Identity, Code>, Result<Identity, Code>);

fn refused(code: Code) -> Outcome {
    (Err(code), Err(code))
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// One connection, as HTTP/2 would begin it.
async fn accept(listener: &TcpListener, acceptor: &Acceptor) -> Result<Peer, Code> {
    let (socket, addr) = listener.accept().await.unwrap();
    let mut accepted =
        Box::pin(acceptor.accept(socket, addr)).await.map_err(|error| error.code())?;
    accepted.write_all(&SETTINGS).await.unwrap();
    accepted.flush().await.unwrap();
    Ok(accepted.info().clone())
}

async fn meet(acceptor: Acceptor, own: &Credentials, expected: &Identity) -> Outcome {
    let (listener, address) = listen().await;
    let (accepted, dialled) =
        soon(async { tokio::join!(accept(&listener, &acceptor), dial(&address, own, expected)) })
            .await;
    let peer = |link: Link| link.peer().identity.clone();
    (accepted.map(|peer| peer.identity), dialled.map(peer).map_err(|error| error.code()))
}

/// A connection by somebody who does not use our dial.
async fn accept_foreign<T>(
    acceptor: Acceptor,
    client: impl AsyncFnOnce(TcpStream) -> T,
) -> (Result<Identity, Code>, T) {
    let (listener, address) = listen().await;
    let (accepted, seen) = soon(async {
        tokio::join!(accept(&listener, &acceptor), async {
            client(TcpStream::connect(&address).await.unwrap()).await
        })
    })
    .await;
    (accepted.map(|peer| peer.identity), seen)
}

/// A dial to somebody who does not use our acceptor.
async fn dial_foreign(world: &World, server: impl AsyncFnOnce(TcpStream)) -> Code {
    let (listener, address) = listen().await;
    let credentials = world.credentials(&hub(), &world.leaf());
    let expected = node("COD");
    let (dialled, ()) = soon(async {
        tokio::join!(dial(&address, &credentials, &expected), async {
            server(listener.accept().await.unwrap().0).await;
        })
    })
    .await;
    dialled.unwrap_err().code()
}

fn node_listener(world: &World) -> Acceptor {
    Acceptor::expecting(&world.credentials(&node("COD"), &world.leaf()), vec![hub()])
}

fn hub_listener(world: &World) -> Acceptor {
    Acceptor::expecting(&world.credentials(&hub(), &world.leaf()), vec![node("COD")])
}

#[tokio::test]
async fn acceptor_lets_the_right_dialler_in_and_refuses_each_other_by_name() {
    let world = World::new();
    let late = world.leaf_of_days_ago(91);
    let early = world.leaf_of_days_ago(-3);
    let cases = [
        ("right", hub(), world.leaf(), (Ok(hub()), Ok(node("COD")))),
        ("wrong CA", hub(), world.leaf_of_stranger(), refused(Code::CertificateUntrusted)),
        ("expired", hub(), late, refused(Code::CertificateExpired)),
        ("not yet valid", hub(), early, refused(Code::CertificateNotYetValid)),
        ("node in the hub's place", node("RWA"), world.leaf(), refused(Code::RoleForbidden)),
    ];
    for (name, identity, leaf, wanted) in cases {
        let dialler = world.credentials(&identity, &leaf);
        assert_eq!(meet(node_listener(&world), &dialler, &node("COD")).await, wanted, "{name}");
    }
    let other_state = world.credentials(&node("RWA"), &world.leaf());
    let outcome = meet(hub_listener(&world), &other_state, &hub()).await;
    assert_eq!(outcome, refused(Code::IdentityMismatch), "other state's identity");
}

#[tokio::test]
async fn acceptor_refuses_what_is_no_peer_of_tls_1_3_by_name() {
    let world = World::new();
    let (accepted, seen) = accept_foreign(node_listener(&world), foreign::no_certificate).await;
    assert_eq!(accepted, Err(Code::CertificateMissing), "no certificate");
    assert!(seen.contains("CertificateRequired"), "{seen}");
    let (accepted, seen) = accept_foreign(node_listener(&world), foreign::tls12_client).await;
    assert_eq!(accepted, Err(Code::TlsVersionUnsupported), "TLS 1.2");
    assert!(seen.contains("ProtocolVersion"), "{seen}");
    for hello in [foreign::HTTP2_PREFACE, b"GET / HTTP/1.1\r\nHost: node\r\n\r\n", b"\r\n\r\n\r\n"]
    {
        let (accepted, ()) =
            accept_foreign(node_listener(&world), async |socket| foreign::say(socket, hello).await)
                .await;
        assert_eq!(accepted, Err(Code::TlsRequired), "plaintext {hello:?}");
    }
}

#[tokio::test]
async fn dialler_takes_the_right_acceptor_and_refuses_each_other_by_name() {
    let world = World::new();
    let late = world.leaf_of_days_ago(91);
    let early = world.leaf_of_days_ago(-3);
    let cod = node("COD");
    let cases = [
        ("right", cod.clone(), world.leaf(), (Ok(hub()), Ok(cod.clone()))),
        ("wrong CA", cod.clone(), world.leaf_of_stranger(), refused(Code::CertificateUntrusted)),
        ("expired", cod.clone(), late, refused(Code::CertificateExpired)),
        ("not yet valid", cod.clone(), early, refused(Code::CertificateNotYetValid)),
        ("other state's identity", node("RWA"), world.leaf(), refused(Code::IdentityMismatch)),
    ];
    let dialler = world.credentials(&hub(), &world.leaf());
    for (name, identity, leaf, wanted) in cases {
        let acceptor = Acceptor::expecting(&world.credentials(&identity, &leaf), vec![hub()]);
        assert_eq!(meet(acceptor, &dialler, &cod).await, wanted, "{name}");
    }
    let dialler = world.credentials(&cod, &world.leaf());
    let impostor = world.credentials(&node("RWA"), &world.leaf());
    let acceptor = Acceptor::new(&impostor, |_| true);
    let outcome = meet(acceptor, &dialler, &hub()).await;
    assert_eq!(outcome, refused(Code::RoleForbidden), "a node in the hub's place");
    let empty = Acceptor::new(&world.nothing(), |_| true);
    let outcome = meet(empty, &dialler, &hub()).await;
    assert_eq!(outcome, refused(Code::CertificateMissing), "no certificate");
}

#[tokio::test]
async fn dialler_refuses_what_is_no_peer_of_tls_1_3_by_name() {
    let world = World::new();
    let made = foreign::leaf(&world, &["spiffe://rmd.test/node/COD/mines"], foreign::BOTH_USAGES);
    let server = async |socket| foreign::server(socket, made, &TLS12).await;
    assert_eq!(dial_foreign(&world, server).await, Code::TlsVersionUnsupported, "TLS 1.2");
    for answer in [&SETTINGS[..], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"] {
        let code = dial_foreign(&world, async |socket| foreign::say(socket, answer).await).await;
        assert_eq!(code, Code::TlsRequired, "plaintext {answer:?}");
    }
    let code = dial_foreign(&world, async |socket| drop(socket)).await;
    assert_eq!(code, Code::PeerUnreachable, "hung up");
}

#[tokio::test]
async fn dialler_without_a_certificate_sends_nothing() {
    let world = World::new();
    // No listener: an attempt would end as unreachable.
    let error = dial("127.0.0.1:1", &world.nothing(), &hub()).await.unwrap_err();
    assert_eq!(error.code(), Code::CertificateMissing);
    let error = dial("127.0.0.1:1", &world.credentials(&hub(), &world.leaf()), &node("COD")).await;
    assert_eq!(error.unwrap_err().code(), Code::PeerUnreachable);
}

#[tokio::test]
async fn revoked_certificate_is_refused_in_both_directions() {
    let world = World::new();
    let (cod, centre) =
        (world.credentials(&node("COD"), &world.leaf()), world.credentials(&hub(), &world.leaf()));
    let expected = node("COD");
    let outcome = || meet(Acceptor::expecting(&cod, vec![hub()]), &centre, &expected);
    assert_eq!(outcome().await, (Ok(hub()), Ok(node("COD"))));

    cod.deny([centre.serial().unwrap().to_uppercase()]);
    assert_eq!(outcome().await, refused(Code::CertificateRevoked), "dialler revoked");

    cod.deny(Vec::<String>::new());
    centre.deny([cod.serial().unwrap()]);
    assert_eq!(outcome().await, refused(Code::CertificateRevoked), "acceptor revoked");

    let issuing = foreign::issuing_key_sha256(&world);
    for (denying, what) in [(&cod, "acceptor"), (&centre, "dialler")] {
        cod.deny(Vec::<String>::new());
        centre.deny(Vec::<String>::new());
        denying.deny([issuing.clone()]);
        let wanted = refused(Code::CertificateRevoked);
        assert_eq!(outcome().await, wanted, "the {what} denies the issuing key");
    }

    cod.deny(Vec::<String>::new());
    centre.deny(["00".to_owned()]);
    assert_eq!(outcome().await, (Ok(hub()), Ok(node("COD"))), "another serial is revoked");
}

#[tokio::test]
async fn certificate_without_exactly_one_identity_of_the_network_is_refused() {
    let world = World::new();
    for names in [
        &["spiffe://rmd.other/hub"][..],
        &["spiffe://rmd.test/hub", "spiffe://rmd.test/node/COD/mines"],
        &["spiffe://rmd.test/hub", "dns:hub.example.org"],
        &["dns:hub.example.org"],
        &["https://rmd.test/hub"],
        &[],
    ] {
        let made = foreign::leaf(&world, names, foreign::BOTH_USAGES);
        let client = async |socket| foreign::client(socket, made).await;
        let (accepted, seen) = accept_foreign(node_listener(&world), client).await;
        assert_eq!(accepted, Err(Code::IdentityInvalid), "{names:?}");
        assert!(seen.contains("CertificateUnknown"), "{names:?}: {seen}");
    }
}

#[tokio::test]
async fn certificate_for_another_usage_is_refused() {
    let world = World::new();
    let names = ["spiffe://rmd.test/hub"];
    for usages in [&[ExtendedKeyUsagePurpose::ServerAuth][..], &[]] {
        let made = foreign::leaf(&world, &names, usages);
        let client = async |socket| foreign::client(socket, made).await;
        let (accepted, _) = accept_foreign(node_listener(&world), client).await;
        assert_eq!(accepted, Err(Code::RoleForbidden), "good for {usages:?}, it dials");
    }
    let names = ["spiffe://rmd.test/node/COD/mines"];
    for usages in [&[ExtendedKeyUsagePurpose::ClientAuth][..], &[]] {
        let made = foreign::leaf(&world, &names, usages);
        let server = async |socket| foreign::server(socket, made, &TLS13).await;
        let code = dial_foreign(&world, server).await;
        assert_eq!(code, Code::RoleForbidden, "good for {usages:?}, it answers");
    }
}

#[tokio::test]
async fn nobody_is_given_a_ticket_to_come_back_without_a_certificate() {
    let world = World::new();
    let made = foreign::leaf(&world, &["spiffe://rmd.test/hub"], foreign::BOTH_USAGES);
    let client = async |socket| foreign::tickets(socket, made).await;
    assert_eq!(accept_foreign(node_listener(&world), client).await, (Ok(hub()), 0));
}
