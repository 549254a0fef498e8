//! Peers that are not ours: other names, other protocols, no certificate.

use std::{fs, sync::Arc};

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType, date_time_ymd,
};
use rustls::{
    ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme, SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::world::World;

pub(crate) const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(crate) const BOTH_USAGES: &[ExtendedKeyUsagePurpose] =
    &[ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];

/// A key and its chain.
pub(crate) type Made = (PrivateKeyDer<'static>, Vec<CertificateDer<'static>>);

/// A leaf that our issuing key signed with names that the authority would refuse.
pub(crate) fn leaf(world: &World, names: &[&str], usages: &[ExtendedKeyUsagePurpose]) -> Made {
    let read = |name: &str| fs::read_to_string(world.dir.path().join("ca").join(name)).unwrap();
    let issuing_key = KeyPair::from_pem(&read("issuing.key")).unwrap();
    let issuing_pem = read("issuing.pem");
    let issuer = Issuer::from_ca_cert_pem(&issuing_pem, issuing_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = names
        .iter()
        .map(|name| match name.strip_prefix("dns:") {
            Some(name) => SanType::DnsName(name.try_into().unwrap()),
            None => SanType::URI((*name).try_into().unwrap()),
        })
        .collect();
    params.is_ca = IsCa::ExplicitNoCa;
    params.extended_key_usages = usages.to_vec();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 12, 31);
    let leaf = params.signed_by(&key, &issuer).unwrap();
    let issuing = CertificateDer::from_pem_slice(issuing_pem.as_bytes()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (key, vec![leaf.der().clone(), issuing])
}

/// What a deny-list holds of a stolen issuing key: SHA-256 of its public half.
pub(crate) fn issuing_key_sha256(world: &World) -> String {
    let pem = fs::read(world.dir.path().join("ca/issuing.pem")).unwrap();
    let der = CertificateDer::from_pem_slice(&pem).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    hex::encode(Sha256::digest(certificate.public_key().raw))
}

/// Says something without TLS and hears the other side out.
pub(crate) async fn say(mut socket: TcpStream, bytes: &[u8]) {
    socket.write_all(bytes).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut heard = Vec::new();
    // The other side may hang up as roughly as it likes.
    let _ = socket.read_to_end(&mut heard).await;
}

/// A client of TLS 1.3 without a certificate; what it heard, as text.
pub(crate) async fn no_certificate(socket: TcpStream) -> String {
    let config = trusting(&TLS13).with_no_client_auth();
    connect(socket, config).await
}

/// A client of TLS 1.2; what it heard, as text.
pub(crate) async fn tls12_client(socket: TcpStream) -> String {
    let config = trusting(&TLS12).with_no_client_auth();
    connect(socket, config).await
}

/// A client of TLS 1.3 with a certificate; what it heard, as text.
pub(crate) async fn client(socket: TcpStream, (key, chain): Made) -> String {
    let config = trusting(&TLS13).with_client_auth_cert(chain, key).unwrap();
    connect(socket, config).await
}

/// A client that would resume a session; how many tickets for that it was given
/// before the first byte of the server.
pub(crate) async fn tickets(socket: TcpStream, (key, chain): Made) -> u32 {
    let config = trusting(&TLS13).with_client_auth_cert(chain, key).unwrap();
    let name = ServerName::try_from("peer.invalid").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
    stream.read_u8().await.unwrap();
    stream.get_ref().1.tls13_tickets_received()
}

/// A server of one version.
pub(crate) async fn server(
    socket: TcpStream,
    (key, chain): Made,
    version: &'static SupportedProtocolVersion,
) {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    assert!(TlsAcceptor::from(Arc::new(config)).accept(socket).await.is_err());
}

async fn connect(socket: TcpStream, config: ClientConfig) -> String {
    let name = ServerName::try_from("peer.invalid").unwrap();
    let outcome = async {
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        stream.read_u8().await
    };
    outcome.await.unwrap_err().to_string()
}

fn trusting(
    version: &'static SupportedProtocolVersion,
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting))
}

/// Believes every server: the client is the one under suspicion here.
#[derive(Debug)]
struct Trusting;

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
