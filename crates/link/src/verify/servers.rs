//! The dialling side's check of who answers.
//!
//! The standard verifier of rustls refuses certificates without a DNS name, so the
//! chain is verified with `verify_server_cert_signed_by_trust_anchor` and the name
//! is compared here: the identity that was meant, not the address that was dialled.

use std::sync::{Arc, OnceLock};

use rmd_proto::Code;
use rustls::{
    DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use sha2::{Digest as _, Sha256};

use crate::{
    Credentials, Identity,
    certificate::Facts,
    credentials::store_of,
    handshake::{chain_refusal, refusal},
    provider::provider,
};

/// What a server's chain must end in.
#[derive(Debug)]
pub(crate) enum Anchor {
    /// The roots that we hold, less what is on our deny-list.
    Roots(Arc<RootCertStore>, Credentials),
    /// A root that we know by its SHA-256 alone; the server sends it along.
    Fingerprint([u8; 32]),
}

/// Server certificates against an anchor and the identity that was meant.
#[derive(Debug)]
pub(crate) struct ServerVerifier {
    pub(crate) anchor: Anchor,
    pub(crate) expected: Identity,
    /// The identity that the server showed, for the error message.
    pub(crate) presented: Arc<OnceLock<Identity>>,
}

impl ServerVerifier {
    fn roots(
        &self,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<Arc<RootCertStore>, rustls::Error> {
        match &self.anchor {
            Anchor::Roots(roots, _) => Ok(Arc::clone(roots)),
            Anchor::Fingerprint(sha256) => {
                let root = intermediates
                    .iter()
                    .find(|der| <[u8; 32]>::from(Sha256::digest(der)) == *sha256)
                    .ok_or_else(|| refusal(Code::CertificateUntrusted))?;
                store_of(std::slice::from_ref(root)).map(Arc::new).map_err(chain_refusal)
            }
        }
    }

    fn deny_list(&self) -> Option<&Credentials> {
        match &self.anchor {
            Anchor::Roots(_, credentials) => Some(credentials),
            Anchor::Fingerprint(_) => None,
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(shown) = Facts::read(leaf).ok().and_then(|facts| facts.identity) {
            // Already set means a second handshake of one dial, which does not happen.
            let _ = self.presented.set(shown);
        }
        let roots = self.roots(intermediates)?;
        let parsed = ParsedCertificate::try_from(leaf).map_err(chain_refusal)?;
        let algorithms = provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &roots, intermediates, now, algorithms)
            .map_err(chain_refusal)?;
        let identity = super::named(leaf, intermediates, &self.expected.network, self.deny_list())?;
        match super::difference(&self.expected, &identity) {
            Some(code) => Err(refusal(code)),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        super::tls12_refused()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        super::tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        super::schemes()
    }
}
