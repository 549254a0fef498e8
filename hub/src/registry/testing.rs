//! A hub for tests: a network on a store that is given, on a clock that stands.

use std::{net::SocketAddr, path::Path, sync::Arc};

use jiff::Timestamp;
use rmd_feed::FeedKey;
use rmd_link::{
    Credentials, Identity,
    authority::Authority,
    enrol::{self, Application, Enrolled, Token, proof_digest},
    keys,
};
use rmd_proto::v1::enrolment_service_server::EnrolmentServiceServer;
use rmd_runtime::{Lifecycle, SharedClock, clock::ManualClock};
use sqlx::AnyConnection;
use tokio::net::TcpListener;

use super::{CA_DIR, TLS_DIR, enrolment::Enrolment, invitation, network};
use crate::{config::Config, store::Store};

/// A hub that was made on a store.
pub(crate) struct Hub {
    pub(crate) store: Store,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) config: Config,
    pub(crate) manual: Arc<ManualClock>,
    pub(crate) clock: SharedClock,
    pub(crate) credentials: Credentials,
    pub(crate) lifecycle: Lifecycle,
}

/// Puts a node into the registry, `COD/cod-mines` for one, that no network reaches.
pub(crate) async fn known(connection: &mut AnyConnection, node_id: &str, feed_vkey: &str) {
    let (country, name) = node_id.split_once('/').unwrap();
    sqlx::query(
        "INSERT INTO node (node_id, country, name, identity, feed_vkey, address,
             certificate_serial, certificate_not_after_us, enrolled_at_us)
         VALUES ($1, $2, $3, $1, $4, '', '', 0, 0)",
    )
    .bind(node_id)
    .bind(country)
    .bind(name)
    .bind(feed_vkey)
    .execute(connection)
    .await
    .unwrap();
}

/// What a node makes before it enrols.
pub(crate) struct Applicant {
    pub(crate) key_pem: String,
    pub(crate) csr_der: Vec<u8>,
    pub(crate) feed_key: FeedKey,
}

impl Hub {
    /// Makes network `net`; it is 2018-01-01, noon in UTC.
    pub(crate) async fn make(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let text = "[network]\nname = 'net'\n[enrol]\nadvertise = 'hub.example:7401'\n\
                    listen = '127.0.0.1:0'\n[portal]\nlisten = '127.0.0.1:0'\npage_size = 50\n\
                    [api]\nlisten = '127.0.0.1:0'\n\
                    [share]\npoll = '50ms'\n[link]\nretry_initial = '50ms'\nretry_max = '200ms'\n";
        std::fs::write(dir.path().join("config.toml"), text).unwrap();
        let config = Config::load(dir.path()).unwrap();
        let manual = Arc::new(ManualClock::new("2018-01-01T12:00:00Z".parse().unwrap()));
        let clock: SharedClock = manual.clone();
        network::create(&store, dir.path(), &config, &clock).await.unwrap();
        let credentials = Credentials::load(dir.path().join(TLS_DIR), clock.clone()).unwrap();
        let lifecycle = Lifecycle::new(std::time::Duration::from_secs(5));
        Self { store, dir, config, manual, clock, credentials, lifecycle }
    }

    /// With what it signs its feeds: its key, and its name on checkpoints.
    pub(crate) fn signer(&self) -> (Arc<FeedKey>, String) {
        (Arc::new(network::feed_key(self.dir.path()).unwrap()), "rmd.net/hub".to_owned())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn invite(&self, country: &str, name: &str) -> Token {
        let invited =
            invitation::invite(&self.store, &self.config, (country, name), false, self.now());
        invited.await.unwrap().token
    }

    /// Serves the enrolment listener; its address.
    pub(crate) async fn serve_enrolment(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let network = network::find(&mut self.store.acquire().await.unwrap()).await.unwrap();
        let service = Enrolment::new(
            self.store.clone(),
            self.clock.clone(),
            self.authority(),
            self.credentials.clone(),
            network.unwrap(),
        );
        let soft = self.lifecycle.soft();
        let incoming =
            rmd_link::tls::incoming(listener, enrol::acceptor(&self.credentials), soft.clone());
        self.lifecycle.spawn(
            "enrolment",
            rmd_link::tls::server()
                .add_service(EnrolmentServiceServer::new(service))
                .serve_with_incoming_shutdown(incoming, soft.cancelled_owned()),
        );
        address
    }

    pub(crate) fn authority(&self) -> Authority {
        Authority::open(self.dir.path().join(CA_DIR)).unwrap()
    }

    /// Enrols a node over the network; its credentials lie in `dir`.
    pub(crate) async fn enrol(&self, name: &str, advertise: &str, dir: &Path) -> Credentials {
        let address = self.serve_enrolment().await;
        let token = self.invite("COD", name).await;
        let applicant = Applicant::new(&token);
        let enrolled = applicant.certify(&token, address, advertise, &self.clock).await.unwrap();
        Credentials::store(dir, &applicant.key_pem, &enrolled.chain_der, &enrolled.roots_der)
            .unwrap();
        Credentials::load(dir, self.clock.clone()).unwrap()
    }
}

impl Applicant {
    pub(crate) fn new(token: &Token) -> Self {
        let identity = token.identity().unwrap();
        Self::named(&identity, &identity.owner())
    }

    /// With a feed key of any name.
    pub(crate) fn named(identity: &Identity, owner: &str) -> Self {
        let (key_pem, csr_der) = keys::new_key_and_csr(identity).unwrap();
        Self { key_pem, csr_der, feed_key: FeedKey::generate(owner).unwrap() }
    }

    pub(crate) fn application(&self, token: &Token, advertise: &str) -> Application {
        let digest = proof_digest(&token.secret.to_text(), &self.csr_der);
        Application {
            csr_der: self.csr_der.clone(),
            feed_vkey: self.feed_key.vkey(),
            feed_key_proof: self.feed_key.sign_bytes(&digest),
            advertise: (!advertise.is_empty()).then(|| advertise.to_owned()),
            bundle_recipient: String::new(),
        }
    }

    /// Dials the listener at `address` in the place of the advertised one.
    pub(crate) async fn certify(
        &self,
        token: &Token,
        address: SocketAddr,
        advertise: &str,
        clock: &SharedClock,
    ) -> Result<Enrolled, rmd_link::Error> {
        send(token, address, self.application(token, advertise), clock).await
    }
}

pub(crate) async fn send(
    token: &Token,
    address: SocketAddr,
    application: Application,
    clock: &SharedClock,
) -> Result<Enrolled, rmd_link::Error> {
    let token = Token { hub_address: address.to_string(), ..token.clone() };
    enrol::certify(&token, application, clock).await
}
