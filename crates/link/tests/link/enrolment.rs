//! Enrolment and renewal over real sockets, against a hub of the tests.

mod hub;

use std::time::Duration;

use jiff::SignedDuration;
use rmd_link::{
    Acceptor, Credentials, Error, Identity,
    enrol::{self, Application, Caller, Secret, Token, certify, proof_digest, renew},
    keys::new_key_and_csr,
    tls,
};
use rmd_proto::Code;
use rmd_runtime::lifecycle::Lifecycle;
use tokio::net::TcpListener;

use self::hub::{Bend, Hub};
use crate::{
    probe::serve,
    world::{NETWORK, World, issue, node, soon},
};

struct Scene {
    world: World,
    lifecycle: Lifecycle,
    token: Token,
    hub: Credentials,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_, _| ()).await
    }

    /// `bend` makes the hub answer something wrong.
    async fn with(bend: Bend) -> Self {
        let world = World::new();
        let lifecycle = Lifecycle::new(Duration::from_secs(5));
        let hub = world.credentials(&crate::world::hub(), &world.leaf());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token = Token {
            network: NETWORK.to_owned(),
            hub_address: listener.local_addr().unwrap().to_string(),
            root_sha256: world.authority.root_sha256(),
            country: "COD".to_owned(),
            name: "mines".to_owned(),
            secret: Secret::generate(),
        };
        let service = Hub::new(&world, &hub, token.secret, bend);
        let connections = tls::incoming(listener, enrol::acceptor(&hub), lifecycle.soft());
        let server = tls::server().add_service(service.into_server());
        let soft = lifecycle.soft();
        lifecycle.spawn("enrolment", async move {
            server.serve_with_incoming_shutdown(connections, soft.cancelled()).await
        });
        Self { world, lifecycle, token, hub }
    }

    async fn certify(&self, token: &Token) -> Result<(String, enrol::Enrolled), Error> {
        let (key, csr_der) = new_key_and_csr(&node("COD")).unwrap();
        let application = application(token, csr_der);
        let enrolled = soon(certify(token, application, &self.world.clock())).await?;
        Ok((key, enrolled))
    }

    async fn renew(&self, credentials: &Credentials) -> Result<(String, enrol::Renewed), Error> {
        let (key, csr) = new_key_and_csr(&node("COD")).unwrap();
        let renewed = soon(renew(&self.token.hub_address, credentials, csr, None)).await?;
        Ok((key, renewed))
    }

    /// The hub goes on living while the node is away.
    fn renew_hub(&self) {
        let (key, issued) = issue(&crate::world::hub(), &self.world.leaf());
        let roots = self.world.authority.roots_der();
        Credentials::store(self.hub.dir(), &key, &issued.chain_der, roots).unwrap();
        self.hub.reload().unwrap();
    }
}

fn application(token: &Token, csr_der: Vec<u8>) -> Application {
    // The feed's key is opaque here; the hub of the tests knows how the proof is made.
    let feed_key_proof = proof_digest(&token.secret.to_text(), &csr_der).to_vec();
    let (feed_vkey, advertise) = ("vkey-of-the-node".to_owned(), Some("node:7000".to_owned()));
    let bundle_recipient = String::new();
    Application { csr_der, feed_vkey, feed_key_proof, advertise, bundle_recipient }
}

#[tokio::test]
async fn token_becomes_a_certificate_that_the_network_accepts() {
    let scene = Scene::new().await;
    let token: Token = scene.token.to_string().parse().unwrap();
    let (key, enrolled) = scene.certify(&token).await.unwrap();
    assert_eq!(enrolled.identity, node("COD"));
    assert_eq!(enrolled.hub_identity, crate::world::hub());
    assert_eq!(enrolled.hub_feed_vkey, "vkey-of-the-hub");

    let dir = scene.world.fresh_dir();
    Credentials::store(&dir, &key, &enrolled.chain_der, &enrolled.roots_der).unwrap();
    let credentials = Credentials::load(&dir, scene.world.clock()).unwrap();
    assert_eq!(credentials.not_after(), Some(enrolled.not_after));

    let address = serve(&scene.lifecycle, &credentials).await;
    let link = soon(rmd_link::dial(&address, &scene.hub, &node("COD"))).await.unwrap();
    assert_eq!(link.peer().identity, node("COD"));
    scene.lifecycle.shutdown().await;
}

#[tokio::test]
async fn hub_under_another_root_never_sees_the_token() {
    let scene = Scene::new().await;
    let token = Token { root_sha256: scene.world.stranger.root_sha256(), ..scene.token.clone() };
    let error = scene.certify(&token).await.unwrap_err();
    assert_eq!(error.code(), Code::CertificateUntrusted);
    assert!(matches!(error, Error::Handshake { .. }), "{error}");
    let token = Token { network: "other".to_owned(), ..scene.token.clone() };
    let (_, csr) = new_key_and_csr(&node("COD")).unwrap();
    let error = soon(certify(&token, application(&token, csr), &scene.world.clock())).await;
    assert_eq!(error.unwrap_err().code(), Code::IdentityInvalid);
    scene.lifecycle.shutdown().await;
}

#[tokio::test]
async fn refusal_of_the_hub_comes_with_its_code() {
    let scene = Scene::new().await;
    let unknown = Token { secret: Secret::generate(), ..scene.token.clone() };
    assert_eq!(scene.certify(&unknown).await.unwrap_err().code(), Code::TokenUnknown);
    let (_, csr_der) = new_key_and_csr(&node("COD")).unwrap();
    let mut forged = application(&scene.token, csr_der);
    forged.feed_key_proof[0] ^= 1;
    let error = soon(certify(&scene.token, forged, &scene.world.clock())).await.unwrap_err();
    assert_eq!(error.code(), Code::KeyProofInvalid);
    scene.lifecycle.shutdown().await;
}

#[tokio::test]
async fn answer_that_is_not_what_was_asked_for_is_refused() {
    let bends: [(&str, Bend); 8] = [
        ("no certificate", |_, answer| answer.certificate_der.clear()),
        ("no root", |_, answer| answer.root_der.clear()),
        ("another root", |hub, answer| answer.root_der = vec![hub.sign_anew(&node("COD"))]),
        ("another identity", |_, answer| answer.identity = node("RWA").to_string()),
        ("another hub", |_, answer| answer.hub_identity = node("RWA").to_string()),
        ("no intermediate", |_, answer| answer.certificate_der.truncate(1)),
        ("another state's certificate", |hub, answer| {
            answer.certificate_der[0] = hub.sign_anew(&node("RWA"));
        }),
        ("another key", |hub, answer| answer.certificate_der[0] = hub.sign_anew(&node("COD"))),
    ];
    for (name, bend) in bends {
        let scene = Scene::with(bend).await;
        let error = scene.certify(&scene.token).await.unwrap_err();
        assert!(matches!(error, Error::Answer(_)), "{name}: {error}");
        scene.lifecycle.shutdown().await;
    }
}

#[tokio::test]
async fn certificate_is_renewed_before_and_up_to_180_days_after_its_end() {
    let scene = Scene::new().await;
    let (key, enrolled) = scene.certify(&scene.token).await.unwrap();
    let dir = scene.world.fresh_dir();
    Credentials::store(&dir, &key, &enrolled.chain_der, &enrolled.roots_der).unwrap();
    let credentials = Credentials::load(&dir, scene.world.clock()).unwrap();
    let first = credentials.serial();

    // In time, then 179 days late: the hub's own certificate is renewed meanwhile.
    for days in [40, 90 + 179] {
        scene.world.clock.advance(SignedDuration::from_hours(days * 24));
        scene.renew_hub();
        let (key, renewed) = scene.renew(&credentials).await.unwrap();
        Credentials::store(&dir, &key, &renewed.chain_der, &renewed.roots_der).unwrap();
        credentials.reload().unwrap();
        assert_eq!(credentials.not_after(), Some(renewed.not_after));
    }
    assert_ne!(credentials.serial(), first);

    scene.world.clock.advance(SignedDuration::from_hours((90 + 181) * 24));
    scene.renew_hub();
    let error = scene.renew(&credentials).await.unwrap_err();
    assert_eq!(error.code(), Code::CertificateExpired, "181 days late");
    scene.lifecycle.shutdown().await;
}

#[tokio::test]
async fn expired_certificate_is_good_for_renewal_alone() {
    let scene = Scene::new().await;
    let cod = scene.world.credentials(&node("COD"), &scene.world.leaf_of_days_ago(100));
    assert!(scene.renew(&cod).await.is_ok());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let acceptor = Acceptor::new(&scene.hub, Identity::is_node);
    let hub = crate::world::hub();
    let (accepted, dialled) = soon(async {
        tokio::join!(
            async {
                let (socket, addr) = listener.accept().await.unwrap();
                acceptor.accept(socket, addr).await
            },
            rmd_link::dial(&address, &cod, &hub)
        )
    })
    .await;
    assert_eq!(accepted.unwrap_err().code(), Code::CertificateExpired);
    assert_eq!(dialled.unwrap_err().code(), Code::CertificateExpired);
    scene.lifecycle.shutdown().await;
}

#[tokio::test]
async fn renewal_is_refused_to_whoever_is_no_enrolled_node() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let stranger = world.credentials(&node("COD"), &world.leaf_of_stranger());
    let early = world.credentials(&node("COD"), &world.leaf_of_days_ago(-3));
    let other_hub = world.credentials(&crate::world::hub(), &world.leaf());
    let revoked = world.credentials(&node("COD"), &world.leaf());
    scene.hub.deny([revoked.serial().unwrap()]);
    for (credentials, code) in [
        (stranger, Code::CertificateUntrusted),
        (early, Code::CertificateNotYetValid),
        (other_hub, Code::RoleForbidden),
        (revoked, Code::CertificateRevoked),
    ] {
        assert_eq!(scene.renew(&credentials).await.unwrap_err().code(), code);
    }
    let error = scene.renew(&world.nothing()).await.unwrap_err();
    assert_eq!(error.code(), Code::CertificateMissing);
    let bare = Caller { peer: None, addr: ([127, 0, 0, 1], 1).into() };
    assert_eq!(bare.enrolled(&scene.hub).unwrap_err().code, Code::CertificateMissing);
    scene.lifecycle.shutdown().await;
}
