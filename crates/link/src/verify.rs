//! Whether a certificate may be believed, in both directions.
//!
//! The chain, the validity and the usage are checked by webpki under the clock
//! that the configuration carries; what comes on top is ours: the deny-list, the
//! single URI name, and the role. TLS 1.2 signatures are refused outright, so
//! that no configuration mistake can bring TLS 1.2 in.

mod clients;
mod late;
mod servers;

use rmd_proto::Code;
use rustls::{
    DigitallySignedStruct, PeerIncompatible, SignatureScheme,
    client::danger::HandshakeSignatureValid, crypto, pki_types::CertificateDer,
};

pub(crate) use clients::{Admission, ClientVerifier};
pub use late::GRACE as LATE_GRACE;
pub(crate) use late::LateVerifier;
pub(crate) use servers::{Anchor, ServerVerifier};

use crate::{Credentials, Identity, certificate::Facts, handshake::refusal, provider::provider};

/// The identity of a leaf whose chain was verified, unless a certificate of the
/// chain is on the deny-list or the leaf belongs to no single identity of the
/// network. An issuing key that was stolen is denied like any other.
fn named(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    network: &str,
    credentials: Option<&Credentials>,
) -> Result<Identity, rustls::Error> {
    let invalid = || refusal(Code::IdentityInvalid);
    let facts = Facts::read(leaf).map_err(|_| invalid())?;
    let is_denied = |facts: &Facts| {
        credentials.is_some_and(|held| held.is_denied(&facts.serial, &facts.key_sha256))
    };
    // Of what comes along with the leaf, only what can be read can have been used.
    let mut above = intermediates.iter().filter_map(|der| Facts::read(der).ok());
    if is_denied(&facts) || above.any(|facts| is_denied(&facts)) {
        return Err(refusal(Code::CertificateRevoked));
    }
    // webpki checks the usage where there is one, and takes none for any.
    if !facts.names_usage {
        return Err(refusal(Code::RoleForbidden));
    }
    facts.identity.filter(|identity| identity.network == network).ok_or_else(invalid)
}

/// Why an identity is not the one that was meant; none if it is.
fn difference(expected: &Identity, presented: &Identity) -> Option<Code> {
    let same_role =
        std::mem::discriminant(&expected.role) == std::mem::discriminant(&presented.role);
    match (presented == expected, presented.network == expected.network, same_role) {
        (true, ..) => None,
        (_, false, _) => Some(Code::IdentityInvalid),
        (_, _, false) => Some(Code::RoleForbidden),
        _ => Some(Code::IdentityMismatch),
    }
}

fn tls12_refused() -> Result<HandshakeSignatureValid, rustls::Error> {
    Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
}

fn tls13_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let algorithms = provider().signature_verification_algorithms;
    crypto::verify_tls13_signature(message, certificate, signature, &algorithms)
}

fn schemes() -> Vec<SignatureScheme> {
    provider().signature_verification_algorithms.supported_schemes()
}
