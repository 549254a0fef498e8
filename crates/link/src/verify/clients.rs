//! The acceptor's check of who dials.

use std::{fmt, sync::Arc};

use rmd_proto::Code;
use rustls::{
    DigitallySignedStruct, DistinguishedName, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

use crate::{
    Credentials, Identity,
    handshake::{chain_refusal, refusal},
};

/// Whom an acceptor lets in, among those whose certificate is good.
pub(crate) enum Admission {
    /// Everybody whose identity passes.
    Passing(Box<dyn Fn(&Identity) -> bool + Send + Sync>),
    /// These alone.
    Listed(Vec<Identity>),
}

impl Admission {
    fn refuses(&self, presented: &Identity) -> Option<Code> {
        match self {
            Self::Passing(passes) => (!passes(presented)).then_some(Code::RoleForbidden),
            Self::Listed(listed) if listed.contains(presented) => None,
            // The right role under another name is the nearer miss, and the one to report.
            Self::Listed(listed) => {
                let mismatch = Some(Code::IdentityMismatch);
                let near = listed.iter().any(|one| super::difference(one, presented) == mismatch);
                if near { mismatch } else { Some(Code::RoleForbidden) }
            }
        }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing(_) => f.write_str("Passing"),
            Self::Listed(listed) => f.debug_tuple("Listed").field(listed).finish(),
        }
    }
}

/// Client certificates against the current roots, deny-list and admission.
#[derive(Debug)]
pub(crate) struct ClientVerifier {
    pub(crate) credentials: Credentials,
    pub(crate) admission: Arc<Admission>,
}

impl ClientCertVerifier for ClientVerifier {
    /// None: the roots may change while the acceptor lives, and a node has one
    /// certificate anyway.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let untrusted = || refusal(Code::CertificateUntrusted);
        let current = self.credentials.current().ok_or_else(untrusted)?;
        let verified =
            current.clients.verify_client_cert(leaf, intermediates, now).map_err(chain_refusal)?;
        let identity =
            super::named(leaf, intermediates, &current.identity.network, Some(&self.credentials))?;
        match self.admission.refuses(&identity) {
            Some(code) => Err(refusal(code)),
            None => Ok(verified),
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
