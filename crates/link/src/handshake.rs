//! What went wrong in a handshake, as one of the closed list of codes.
//!
//! The side that refuses knows the reason; the other side sees a TLS alert. So
//! each reason of ours has one alert of its own, and both sides come to the same
//! code. The one exception is RFC 8446's `certificate_expired`, which stands for
//! "not yet valid" too: its receiver looks at its own certificate.
//!
//! | code | alert |
//! |---|---|
//! | certificate-untrusted | unknown_ca, decrypt_error |
//! | certificate-expired, certificate-not-yet-valid | certificate_expired |
//! | certificate-revoked | certificate_revoked |
//! | certificate-missing | certificate_required; access_denied before the handshake is done |
//! | identity-mismatch | bad_certificate |
//! | identity-invalid | certificate_unknown |
//! | role-forbidden | access_denied, unsupported_certificate |
//! | tls-version-unsupported | protocol_version, handshake_failure |

use std::{error::Error as StdError, io, sync::Arc};

use rmd_proto::Code;
use rustls::{
    AlertDescription, CertificateError, InvalidMessage, OtherError, PeerIncompatible,
    PeerMisbehaved,
};

/// How far a handshake had come for the side that looks at its fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// We had not finished our part.
    Open,
    /// We had finished: the peer refused what we sent last.
    Finished,
}

/// Where our own certificate stands in its validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    NotYet,
    Begun,
}

/// The side that looks at a fault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vantage {
    pub(crate) stage: Stage,
    pub(crate) own: Validity,
}

/// The names of a certificate are not one identity of this network.
#[derive(Debug, thiserror::Error)]
#[error("the certificate names no single identity of this network")]
struct Nameless;

/// The refusal that brings a code to both sides. Only for the codes of our own
/// checks; a chain's faults come from webpki.
pub(crate) fn refusal(code: Code) -> rustls::Error {
    rustls::Error::InvalidCertificate(match code {
        Code::CertificateRevoked => CertificateError::Revoked,
        Code::IdentityMismatch => CertificateError::NotValidForName,
        Code::RoleForbidden => CertificateError::ApplicationVerificationFailure,
        Code::IdentityInvalid => CertificateError::Other(OtherError(Arc::new(Nameless))),
        Code::CertificateExpired => CertificateError::Expired,
        _ => CertificateError::UnknownIssuer,
    })
}

/// Folds what webpki says about a chain into the reasons that have an alert.
pub(crate) fn chain_refusal(error: rustls::Error) -> rustls::Error {
    use CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(
            C::Expired
            | C::ExpiredContext { .. }
            | C::NotValidYet
            | C::NotValidYetContext { .. }
            | C::Revoked
            | C::InvalidPurpose
            | C::InvalidPurposeContext { .. },
        ) => error,
        rustls::Error::InvalidCertificate(_) => refusal(Code::CertificateUntrusted),
        other => other,
    }
}

/// The code of an error that a socket, rustls, hyper or tonic gave.
pub(crate) fn code_of(error: &(dyn StdError + 'static), vantage: Vantage) -> Code {
    find(error).map_or(Code::PeerUnreachable, |error| code_of_tls(error, vantage))
}

/// Whether the other side refused, and not we.
pub(crate) fn is_said_by_peer(error: &(dyn StdError + 'static)) -> bool {
    matches!(find(error), Some(rustls::Error::AlertReceived(_)))
}

/// The error of rustls inside a chain of errors. `io::Error` hides its inner error
/// from `source`, so it is opened.
fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn code_of_tls(error: &rustls::Error, vantage: Vantage) -> Code {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(error) => code_of_certificate(error),
        E::NoCertificatesPresented => Code::CertificateMissing,
        E::AlertReceived(alert) => code_of_alert(*alert, vantage),
        E::InvalidMessage(error) => code_of_message(error),
        E::PeerIncompatible(error) => code_of_incompatible(error),
        E::PeerMisbehaved(PeerMisbehaved::SelectedTls12UsingTls13VersionExtension) => {
            Code::TlsVersionUnsupported
        }
        _ => Code::PeerUnreachable,
    }
}

fn code_of_certificate(error: &CertificateError) -> Code {
    use CertificateError as C;
    match error {
        C::Expired | C::ExpiredContext { .. } => Code::CertificateExpired,
        C::NotValidYet | C::NotValidYetContext { .. } => Code::CertificateNotYetValid,
        C::Revoked => Code::CertificateRevoked,
        C::NotValidForName | C::NotValidForNameContext { .. } => Code::IdentityMismatch,
        C::ApplicationVerificationFailure | C::InvalidPurpose | C::InvalidPurposeContext { .. } => {
            Code::RoleForbidden
        }
        C::Other(_) => Code::IdentityInvalid,
        _ => Code::CertificateUntrusted,
    }
}

fn code_of_alert(alert: AlertDescription, vantage: Vantage) -> Code {
    use AlertDescription as A;
    match alert {
        A::UnknownCA | A::DecryptError => Code::CertificateUntrusted,
        A::CertificateExpired if vantage.own == Validity::NotYet => Code::CertificateNotYetValid,
        A::CertificateExpired => Code::CertificateExpired,
        A::CertificateRevoked => Code::CertificateRevoked,
        A::CertificateRequired | A::NoCertificate => Code::CertificateMissing,
        A::BadCertificate => Code::IdentityMismatch,
        A::CertificateUnknown => Code::IdentityInvalid,
        A::AccessDenied if vantage.stage == Stage::Open => Code::CertificateMissing,
        A::AccessDenied | A::UnsupportedCertificate => Code::RoleForbidden,
        A::ProtocolVersion | A::HandshakeFailure => Code::TlsVersionUnsupported,
        _ => Code::PeerUnreachable,
    }
}

/// The first bytes of a peer without TLS are no TLS record.
fn code_of_message(error: &InvalidMessage) -> Code {
    match error {
        InvalidMessage::InvalidContentType
        | InvalidMessage::UnknownProtocolVersion
        | InvalidMessage::MessageTooLarge
        | InvalidMessage::InvalidEmptyPayload => Code::TlsRequired,
        _ => Code::PeerUnreachable,
    }
}

fn code_of_incompatible(error: &PeerIncompatible) -> Code {
    match error {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => Code::TlsVersionUnsupported,
        _ => Code::PeerUnreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: Vantage = Vantage { stage: Stage::Finished, own: Validity::Begun };

    /// An error with a source, as hyper and tonic wrap theirs.
    #[derive(Debug, thiserror::Error)]
    #[error("transport error")]
    struct Wrapped(#[source] Box<dyn StdError + Send + Sync>);

    #[test]
    fn cause_is_found_however_deep_it_lies() {
        let tls = refusal(Code::IdentityMismatch);
        let inner = io::Error::new(io::ErrorKind::InvalidData, tls);
        let middle = io::Error::other(Wrapped(Box::new(inner)));
        let outer = Wrapped(Box::new(Wrapped(Box::new(middle))));
        assert_eq!(code_of(&outer, BEGUN), Code::IdentityMismatch);
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(code_of(&Wrapped(Box::new(reset)), BEGUN), Code::PeerUnreachable);
    }

    #[test]
    fn both_sides_of_a_refusal_come_to_the_same_code() {
        for code in [
            Code::CertificateUntrusted,
            Code::CertificateExpired,
            Code::CertificateRevoked,
            Code::IdentityMismatch,
            Code::IdentityInvalid,
            Code::RoleForbidden,
        ] {
            let rustls::Error::InvalidCertificate(reason) = refusal(code) else {
                panic!("{code} is no refusal of a certificate");
            };
            assert_eq!(code_of_certificate(&reason), code, "the side that refuses");
            assert_eq!(code_of_alert(reason.into(), BEGUN), code, "the side that is refused");
        }
    }

    #[test]
    fn alert_for_two_reasons_is_read_by_the_own_certificate() {
        let early = Vantage { own: Validity::NotYet, ..BEGUN };
        let alert = AlertDescription::CertificateExpired;
        assert_eq!(code_of_alert(alert, early), Code::CertificateNotYetValid);
        assert_eq!(code_of_alert(alert, BEGUN), Code::CertificateExpired);
        let open = Vantage { stage: Stage::Open, ..BEGUN };
        let alert = AlertDescription::AccessDenied;
        assert_eq!(code_of_alert(alert, open), Code::CertificateMissing);
        assert_eq!(code_of_alert(alert, BEGUN), Code::RoleForbidden);
    }
}
