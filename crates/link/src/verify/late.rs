//! The enrolment listener's check of a client certificate that may have expired.
//!
//! A node, or an auditor, whose site was offline for months must find its way back without an
//! officer's journey, so a certificate up to 180 days past its end still proves
//! who asks, for `Renew` alone: this verifier is used on the enrolment listener
//! and nowhere else. Its chain is verified at the last instant of its validity.
//! No certificate at all is accepted here, for `Certify`.

use std::time::Duration;

use rmd_proto::Code;
use rustls::{
    DigitallySignedStruct, DistinguishedName, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

use crate::{
    Credentials,
    certificate::Facts,
    handshake::{chain_refusal, refusal},
};

/// How long after its end a certificate is good for renewal.
pub const GRACE: Duration = Duration::from_hours(180 * 24);

/// Client certificates of nodes and auditors, up to [`GRACE`] past their end.
#[derive(Debug)]
pub(crate) struct LateVerifier {
    pub(crate) credentials: Credentials,
}

impl LateVerifier {
    /// The instant at which the chain is verified: now, or the leaf's last.
    fn instant(leaf: &CertificateDer<'_>, now: UnixTime) -> Result<UnixTime, rustls::Error> {
        let facts = Facts::read(leaf).map_err(|_| refusal(Code::IdentityInvalid))?;
        let end = u64::try_from(facts.not_after.as_second()).unwrap_or(0);
        let late = now.as_secs().saturating_sub(end);
        if late > GRACE.as_secs() {
            return Err(refusal(Code::CertificateExpired));
        }
        Ok(UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs() - late)))
    }
}

impl ClientCertVerifier for LateVerifier {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

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
        let instant = Self::instant(leaf, now)?;
        let verified = current
            .clients
            .verify_client_cert(leaf, intermediates, instant)
            .map_err(chain_refusal)?;
        let identity =
            super::named(leaf, intermediates, &current.identity.network, Some(&self.credentials))?;
        if identity.is_hub() { Err(refusal(Code::RoleForbidden)) } else { Ok(verified) }
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
