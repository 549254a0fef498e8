//! The dialling side: one connection to one identity.
//!
//! A dial succeeds only once both sides have accepted each other. In TLS 1.3 the
//! dialler is done before the acceptor has looked at its certificate, so the dial
//! waits for the first bytes of HTTP/2, and a refusal comes out of the dial with
//! its code instead of out of the first request. A link never reconnects by
//! itself: when it breaks, dial again, under the certificates of that moment.

mod first_read;

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use hyper_util::rt::TokioIo;
use rmd_proto::Code;
use rmd_runtime::clock::SharedClock;
use rustls::{
    ClientConfig,
    client::{ResolvesClientCert, Resumption},
    pki_types::ServerName,
    sign::CertifiedKey,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint};

use self::first_read::FirstRead;
use crate::{
    Credentials, Error, Identity, Peer,
    credentials::Current,
    handshake::{Stage, Validity, Vantage, code_of},
    provider::{ALPN, ClockTime, VERSIONS, VERSIONS_HOLD, provider},
    tls::{HANDSHAKE_TIMEOUT, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_TIMEOUT, WINDOW_BYTES},
    verify::{Anchor, ServerVerifier},
};

/// A TCP connection is made within one round trip and a few lost packets.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// rustls wants a DNS name to compare; ours is the identity, so this one stands for
/// "not by address". It is not sent either.
const NO_NAME: &str = "peer.invalid";

/// One connection to a verified peer.
#[derive(Debug, Clone)]
pub struct Link {
    /// For the generated clients. Does not reconnect.
    pub channel: Channel,
    peer: Peer,
}

impl Link {
    /// The verified other end.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }
}

/// Connects to `address` (host:port), shows our certificate, and verifies that
/// `expected` is at the other end.
///
/// # Errors
///
/// Without a certificate of ours nothing is sent. A refusal by either side comes
/// back with its code.
pub async fn dial(
    address: &str,
    credentials: &Credentials,
    expected: &Identity,
) -> Result<Link, Error> {
    let current = credentials.current().ok_or(Error::NoCertificate)?;
    let anchor = Anchor::Roots(Arc::clone(&current.roots), credentials.clone());
    connect(address, anchor, expected, Some(&current), credentials.clock()).await
}

/// As [`dial`], with an anchor of the caller's choice and without a certificate
/// of ours where there is none.
pub(crate) async fn connect(
    address: &str,
    anchor: Anchor,
    expected: &Identity,
    own: Option<&Arc<Current>>,
    clock: &SharedClock,
) -> Result<Link, Error> {
    let presented = Arc::default();
    let verifier =
        ServerVerifier { anchor, expected: expected.clone(), presented: Arc::clone(&presented) };
    let config = config(verifier, own.map(|current| Arc::clone(&current.own)), clock);
    let begun = own.is_none_or(|current| current.facts.not_before <= clock.now());
    let dialling = Dialling {
        address: address.to_owned(),
        presented,
        own: if begun { Validity::Begun } else { Validity::NotYet },
    };
    // Boxed, because TLS and HTTP/2 under way are large and callers hold many dials.
    let stream = Box::pin(dialling.handshake(config)).await?;
    Box::pin(dialling.begin_http(stream)).await
}

/// One dial under way.
struct Dialling {
    address: String,
    presented: Arc<OnceLock<Identity>>,
    own: Validity,
}

impl Dialling {
    async fn handshake(&self, config: ClientConfig) -> Result<TlsStream<TcpStream>, Error> {
        let unreachable = |source| Error::Unreachable { address: self.address.clone(), source };
        let socket = timeout(CONNECT_TIMEOUT, TcpStream::connect(&self.address))
            .await
            .map_err(|_| self.timed_out(CONNECT_TIMEOUT))?
            .map_err(unreachable)?;
        socket.set_nodelay(true).map_err(unreachable)?;
        let name = ServerName::try_from(NO_NAME).expect("the constant is a DNS name");
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, socket);
        timeout(HANDSHAKE_TIMEOUT, handshake)
            .await
            .map_err(|_| self.timed_out(HANDSHAKE_TIMEOUT))?
            .map_err(|source| self.failed(source, Stage::Open))
    }

    async fn begin_http(&self, stream: TlsStream<TcpStream>) -> Result<Link, Error> {
        let (socket, connection) = stream.get_ref();
        let peer = socket.peer_addr().ok().and_then(|addr| Peer::of(connection, addr));
        let peer =
            peer.ok_or_else(|| self.failed(io::ErrorKind::NotConnected.into(), Stage::Open))?;
        let (stream, first) = FirstRead::new(stream);
        let channel = channel(stream).await;
        let outcome = timeout(HANDSHAKE_TIMEOUT, first)
            .await
            .map_err(|_| self.timed_out(HANDSHAKE_TIMEOUT))?
            .unwrap_or_else(|_| Err(io::ErrorKind::ConnectionAborted.into()));
        outcome.map_err(|source| self.failed(source, Stage::Finished))?;
        let channel =
            channel.map_err(|source| Error::Transport { address: self.address.clone(), source })?;
        Ok(Link { channel, peer })
    }

    fn failed(&self, source: io::Error, stage: Stage) -> Error {
        let code = code_of(&source, Vantage { stage, own: self.own });
        if code == Code::PeerUnreachable {
            return Error::Unreachable { address: self.address.clone(), source };
        }
        let presented = self.presented.get().cloned().map(Box::new);
        Error::Handshake { address: self.address.clone(), code, presented, source }
    }

    fn timed_out(&self, limit: Duration) -> Error {
        Error::Timeout { address: self.address.clone(), limit }
    }
}

/// An HTTP/2 channel over one stream. Asked to reconnect, it fails.
async fn channel(
    stream: FirstRead<TlsStream<TcpStream>>,
) -> Result<Channel, tonic::transport::Error> {
    let once = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = tower::service_fn(move |_| {
        let stream = once.lock().unwrap_or_else(PoisonError::into_inner).take();
        let gone = || io::Error::new(io::ErrorKind::NotConnected, "the link is broken; dial again");
        std::future::ready(stream.ok_or_else(gone))
    });
    // The scheme is plain because the TLS below is ours, not tonic's.
    Endpoint::from_static("http://peer.invalid")
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .connect_with_connector(connector)
        .await
}

/// Our certificate for every peer that asks; none where we have none.
#[derive(Debug)]
struct Resolver(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Resolver {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// TLS 1.3 without resumption, under our clock.
fn config(
    verifier: ServerVerifier,
    own: Option<Arc<CertifiedKey>>,
    clock: &SharedClock,
) -> ClientConfig {
    let time = Arc::new(ClockTime(clock.clone()));
    let mut config = ClientConfig::builder_with_details(provider(), time)
        .with_protocol_versions(VERSIONS)
        .expect(VERSIONS_HOLD)
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(Resolver(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false;
    // A resumed session would skip the server's certificate.
    config.resumption = Resumption::disabled();
    config
}
