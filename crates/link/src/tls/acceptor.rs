//! One handshake on the accepting side.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rmd_proto::Code;
use rustls::{
    ServerConfig, ServerConnection,
    server::{ClientHello, ResolvesServerCert, danger::ClientCertVerifier},
    sign::CertifiedKey,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use super::{HANDSHAKE_TIMEOUT, Peer};
use crate::{
    Credentials, Error, Identity,
    credentials::Current,
    handshake::{Stage, Validity, Vantage, code_of, is_said_by_peer},
    provider::{ALPN, ClockTime, VERSIONS, VERSIONS_HOLD, provider},
    verify::{Admission, ClientVerifier},
};

/// How long a refused peer may take to read the reason.
const LINGER_TIMEOUT: Duration = Duration::from_secs(3);
/// How much of what a refused peer had already sent is read away: its first HTTP/2
/// window at most.
const LINGER_BYTES_MAX: u64 = 64 * 1024;

/// Turns accepted sockets into connections with a verified peer.
///
/// `I` is what handlers learn of the other end.
#[derive(Debug)]
pub struct Acceptor<I = Peer> {
    tls: TlsHandle,
    credentials: Credentials,
    info: fn(&ServerConnection, SocketAddr) -> Option<I>,
    closing: fn(&I) -> CancellationToken,
    handshake_timeout: Duration,
}

#[derive(Clone)]
struct TlsHandle(TlsAcceptor);

impl std::fmt::Debug for TlsHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

impl Acceptor<Peer> {
    /// Lets in every peer with a good certificate whose identity is `allowed`;
    /// others are refused with `role-forbidden`.
    pub fn new(
        credentials: &Credentials,
        allowed: impl Fn(&Identity) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::mutual(credentials, Admission::Passing(Box::new(allowed)))
    }

    /// Lets in the listed identities alone. The right role under another name is
    /// refused with `identity-mismatch`, another role with `role-forbidden`.
    pub fn expecting(credentials: &Credentials, listed: Vec<Identity>) -> Self {
        Self::mutual(credentials, Admission::Listed(listed))
    }

    fn mutual(credentials: &Credentials, admission: Admission) -> Self {
        let verifier =
            ClientVerifier { credentials: credentials.clone(), admission: Arc::new(admission) };
        let config = config(credentials, Arc::new(verifier), |current| &current.own);
        let closing = |peer: &Peer| peer.closing.clone();
        Self { closing, ..Self::with(credentials, config, |tls, addr| Peer::of(tls, addr)) }
    }
}

impl<I> Acceptor<I> {
    pub(crate) fn with(
        credentials: &Credentials,
        config: ServerConfig,
        info: fn(&ServerConnection, SocketAddr) -> Option<I>,
    ) -> Self {
        Self {
            tls: TlsHandle(TlsAcceptor::from(Arc::new(config))),
            credentials: credentials.clone(),
            info,
            closing: |_| CancellationToken::new(),
            handshake_timeout: HANDSHAKE_TIMEOUT,
        }
    }

    /// Makes the handshake on one socket. A refused peer gets its alert before the
    /// socket is closed.
    pub async fn accept(&self, socket: TcpStream, addr: SocketAddr) -> Result<Accepted<I>, Error> {
        // Without it small frames wait for the acknowledgement of the one before.
        socket.set_nodelay(true).map_err(|source| unreachable(addr, source))?;
        let handshake = self.tls.0.accept(socket).into_fallible();
        let stream = match timeout(self.handshake_timeout, handshake).await {
            Err(_) => {
                let limit = self.handshake_timeout;
                return Err(Error::Timeout { address: addr.to_string(), limit });
            }
            Ok(Err((source, socket))) => {
                linger(socket).await;
                return Err(self.refused(addr, source));
            }
            Ok(Ok(stream)) => stream,
        };
        let nobody = || self.refused(addr, io::ErrorKind::InvalidData.into());
        let info = (self.info)(stream.get_ref().1, addr).ok_or_else(nobody)?;
        let closing = Box::pin((self.closing)(&info).cancelled_owned());
        Ok(Accepted { stream, info, closing })
    }

    fn refused(&self, addr: SocketAddr, source: io::Error) -> Error {
        let code = match self.credentials.current() {
            None => Code::CertificateMissing,
            Some(current) => code_of(&source, self.vantage(&current)),
        };
        if code == Code::CertificateRevoked && is_said_by_peer(&source) {
            self.credentials.refused_as_revoked();
        }
        Error::Handshake { address: addr.to_string(), code, presented: None, source }
    }

    fn vantage(&self, current: &Current) -> Vantage {
        let begun = current.facts.not_before <= self.credentials.clock().now();
        let own = if begun { Validity::Begun } else { Validity::NotYet };
        Vantage { stage: Stage::Finished, own }
    }
}

/// A connection whose peer was verified.
#[derive(Debug)]
pub struct Accepted<I = Peer> {
    stream: TlsStream<TcpStream>,
    info: I,
    /// Ready once the connection is to be closed from this side.
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<I> Accepted<I> {
    /// The other end.
    pub fn info(&self) -> &I {
        &self.info
    }
}

impl<I: Clone + Send + Sync + 'static> Connected for Accepted<I> {
    type ConnectInfo = I;

    fn connect_info(&self) -> I {
        self.info.clone()
    }
}

impl<I: Unpin> AsyncRead for Accepted<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The server always waits to read, so it learns of the end here.
        if this.closing.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut this.stream).poll_read(cx, buffer)
    }
}

impl<I: Unpin> AsyncWrite for Accepted<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// The certificate that is current at each handshake.
#[derive(Debug)]
struct Resolver {
    credentials: Credentials,
    choose: fn(&Current) -> &Arc<CertifiedKey>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.credentials.current().map(|current| Arc::clone((self.choose)(&current)))
    }
}

/// TLS 1.3 without resumption, under our clock.
pub(crate) fn config(
    credentials: &Credentials,
    verifier: Arc<dyn ClientCertVerifier>,
    choose: fn(&Current) -> &Arc<CertifiedKey>,
) -> ServerConfig {
    let time = Arc::new(ClockTime(credentials.clock().clone()));
    let resolver = Resolver { credentials: credentials.clone(), choose };
    let mut config = ServerConfig::builder_with_details(provider(), time)
        .with_protocol_versions(VERSIONS)
        .expect(VERSIONS_HOLD)
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![ALPN.to_vec()];
    // A resumed session would skip the client's certificate and so the deny-list.
    config.send_tls13_tickets = 0;
    config
}

/// Closes a refused socket gently: what the peer already sent is read away, because
/// closing over unread bytes resets the connection and the alert is lost.
async fn linger(mut socket: TcpStream) {
    let drain = async {
        socket.shutdown().await?;
        tokio::io::copy(&mut (&mut socket).take(LINGER_BYTES_MAX), &mut tokio::io::sink()).await
    };
    // Whatever happens, the peer was refused; this is a courtesy.
    let _ = timeout(LINGER_TIMEOUT, drain).await;
}

fn unreachable(addr: SocketAddr, source: io::Error) -> Error {
    Error::Unreachable { address: addr.to_string(), source }
}

#[cfg(test)]
mod tests {
    use rmd_runtime::clock::SystemClock;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn peer_that_says_nothing_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let credentials = Credentials::load(dir.path(), SystemClock::shared(None)).unwrap();
        let mut acceptor = Acceptor::new(&credentials, |_| true);
        acceptor.handshake_timeout = Duration::from_millis(20);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, addr) = listener.accept().await.unwrap();
        let error = acceptor.accept(socket, addr).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
        assert_eq!(error.code(), Code::PeerUnreachable);
    }
}
