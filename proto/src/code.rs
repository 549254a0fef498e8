//! The closed list of error codes of the network.
//!
//! Owns the mapping of each code to gRPC and to HTTP, and is the only place
//! where a `tonic::Status` is built or read. A peer gets code, message and the
//! name of the field; causes stay in our own log. The code travels in the
//! metadata `rmd-code`, the field in `rmd-field`.

use std::fmt;

use tonic::{Status, metadata::MetadataValue};

const CODE_KEY: &str = "rmd-code";
const FIELD_KEY: &str = "rmd-field";

/// What went wrong, as one of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A field of a request is missing or cannot be read.
    RequestInvalid,
    /// No protocol version that both sides speak.
    ProtocolUnsupported,
    /// The feed does not exist at this owner.
    FeedUnknown,
    /// The epoch is not the one that the owner writes.
    EpochUnknown,
    /// The follower asks for entries after one that the feed does not have.
    CursorBeyondSize,
    /// A frame is larger than the protocol allows.
    FrameOversized,
    /// A frame cannot be decoded.
    FrameMalformed,
    /// A frame does not begin right after the cursor.
    FrameGap,
    /// A frame repeats a known seq with other bytes, or leads to another root.
    RootMismatch,
    /// A checkpoint is not signed by the pinned key.
    CheckpointUnsigned,
    /// The feed is frozen and keeps its evidence.
    FeedFrozen,
    /// Two copies of a node's state directory are, or were, in use.
    NodeCloned,
    /// The certificate is not signed by the network's authority.
    CertificateUntrusted,
    /// The certificate is past its validity.
    CertificateExpired,
    /// The certificate's validity has not begun.
    CertificateNotYetValid,
    /// The certificate was revoked.
    CertificateRevoked,
    /// The peer gave no certificate.
    CertificateMissing,
    /// The certificate names another identity than the one that was dialled.
    IdentityMismatch,
    /// The certificate names a role that may not do this.
    RoleForbidden,
    /// The certificate names no identity of this network, or more than one.
    IdentityInvalid,
    /// The peer does not speak TLS 1.3.
    TlsVersionUnsupported,
    /// The peer does not speak TLS at all.
    TlsRequired,
    /// The connection broke or could not be made.
    PeerUnreachable,
    /// The invitation is unknown.
    TokenUnknown,
    /// The invitation was used with other keys.
    TokenUsed,
    /// The invitation is past its end.
    TokenExpired,
    /// The proof of possession of the feed key does not hold.
    KeyProofInvalid,
    /// The clock is behind what was already written, or too far from the peer's.
    ClockUnsound,
    /// A store of ours cannot be read or written now.
    StoreUnavailable,
    /// The process is shutting down.
    ShuttingDown,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// Every code, once.
    pub const ALL: [Self; 31] = [
        Self::RequestInvalid,
        Self::ProtocolUnsupported,
        Self::FeedUnknown,
        Self::EpochUnknown,
        Self::CursorBeyondSize,
        Self::FrameOversized,
        Self::FrameMalformed,
        Self::FrameGap,
        Self::RootMismatch,
        Self::CheckpointUnsigned,
        Self::FeedFrozen,
        Self::NodeCloned,
        Self::CertificateUntrusted,
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::CertificateRevoked,
        Self::CertificateMissing,
        Self::IdentityMismatch,
        Self::RoleForbidden,
        Self::IdentityInvalid,
        Self::TlsVersionUnsupported,
        Self::TlsRequired,
        Self::PeerUnreachable,
        Self::TokenUnknown,
        Self::TokenUsed,
        Self::TokenExpired,
        Self::KeyProofInvalid,
        Self::ClockUnsound,
        Self::StoreUnavailable,
        Self::ShuttingDown,
        Self::Internal,
    ];

    /// The word that stands for the code in metadata, logs and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequestInvalid => "request-invalid",
            Self::ProtocolUnsupported => "protocol-unsupported",
            Self::FeedUnknown => "feed-unknown",
            Self::EpochUnknown => "epoch-unknown",
            Self::CursorBeyondSize => "cursor-beyond-size",
            Self::FrameOversized => "frame-oversized",
            Self::FrameMalformed => "frame-malformed",
            Self::FrameGap => "frame-gap",
            Self::RootMismatch => "root-mismatch",
            Self::CheckpointUnsigned => "checkpoint-unsigned",
            Self::FeedFrozen => "feed-frozen",
            Self::NodeCloned => "node-cloned",
            Self::CertificateUntrusted => "certificate-untrusted",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotYetValid => "certificate-not-yet-valid",
            Self::CertificateRevoked => "certificate-revoked",
            Self::CertificateMissing => "certificate-missing",
            Self::IdentityMismatch => "identity-mismatch",
            Self::RoleForbidden => "role-forbidden",
            Self::IdentityInvalid => "identity-invalid",
            Self::TlsVersionUnsupported => "tls-version-unsupported",
            Self::TlsRequired => "tls-required",
            Self::PeerUnreachable => "peer-unreachable",
            Self::TokenUnknown => "token-unknown",
            Self::TokenUsed => "token-used",
            Self::TokenExpired => "token-expired",
            Self::KeyProofInvalid => "key-proof-invalid",
            Self::ClockUnsound => "clock-unsound",
            Self::StoreUnavailable => "store-unavailable",
            Self::ShuttingDown => "shutting-down",
            Self::Internal => "internal",
        }
    }

    /// The gRPC code that a peer sees.
    pub const fn grpc(self) -> tonic::Code {
        match self {
            Self::RequestInvalid | Self::FrameMalformed => tonic::Code::InvalidArgument,
            Self::FrameOversized => tonic::Code::ResourceExhausted,
            Self::FeedUnknown => tonic::Code::NotFound,
            Self::CursorBeyondSize => tonic::Code::OutOfRange,
            Self::ProtocolUnsupported
            | Self::EpochUnknown
            | Self::FrameGap
            | Self::FeedFrozen
            | Self::NodeCloned
            | Self::ClockUnsound => tonic::Code::FailedPrecondition,
            Self::RootMismatch | Self::CheckpointUnsigned => tonic::Code::DataLoss,
            Self::CertificateUntrusted
            | Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateRevoked
            | Self::CertificateMissing
            | Self::IdentityMismatch
            | Self::IdentityInvalid
            | Self::TlsVersionUnsupported
            | Self::TlsRequired
            | Self::TokenUnknown
            | Self::TokenExpired
            | Self::KeyProofInvalid => tonic::Code::Unauthenticated,
            Self::RoleForbidden => tonic::Code::PermissionDenied,
            Self::TokenUsed => tonic::Code::AlreadyExists,
            Self::PeerUnreachable | Self::StoreUnavailable | Self::ShuttingDown => {
                tonic::Code::Unavailable
            }
            Self::Internal => tonic::Code::Internal,
        }
    }

    /// The HTTP status that a page or an API answers with.
    pub const fn http(self) -> u16 {
        match self.grpc() {
            tonic::Code::InvalidArgument | tonic::Code::OutOfRange => 400,
            tonic::Code::Unauthenticated => 401,
            tonic::Code::PermissionDenied => 403,
            tonic::Code::NotFound => 404,
            tonic::Code::AlreadyExists | tonic::Code::FailedPrecondition => 409,
            tonic::Code::ResourceExhausted => 413,
            tonic::Code::Unavailable => 503,
            _ => 500,
        }
    }

    /// Whether the same request may succeed later without anybody's action.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::PeerUnreachable | Self::StoreUnavailable | Self::ShuttingDown)
    }

    /// The code behind a word; none if the word is not on the list.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault as a peer may know it: code, message, and the field it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub code: Code,
    /// One sentence for a person, without causes of ours.
    pub message: String,
    /// The field of the request that it is about.
    pub field: Option<String>,
}

impl Fault {
    /// A fault that is about no field.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// A fault about a field of the request.
    pub fn at(code: Code, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(field.into()) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}: {field}: {}", self.code, self.message),
            None => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        let mut status = Self::new(fault.code.grpc(), fault.message);
        let metadata = status.metadata_mut();
        metadata.insert(CODE_KEY, MetadataValue::from_static(fault.code.as_str()));
        if let Some(field) = fault.field.and_then(|field| field.parse().ok()) {
            metadata.insert(FIELD_KEY, field);
        }
        status
    }
}

impl From<Status> for Fault {
    /// Reads a peer's status. A status without a code of ours comes from the
    /// transport: the connection broke, or the peer is not one of ours.
    fn from(status: Status) -> Self {
        let text = |key| status.metadata().get(key).and_then(|value| value.to_str().ok());
        let code = text(CODE_KEY).and_then(Code::parse).unwrap_or(match status.code() {
            tonic::Code::Unavailable | tonic::Code::Unknown | tonic::Code::Cancelled => {
                Code::PeerUnreachable
            }
            tonic::Code::OutOfRange | tonic::Code::ResourceExhausted => Code::FrameOversized,
            tonic::Code::InvalidArgument => Code::RequestInvalid,
            _ => Code::Internal,
        });
        Self {
            code,
            field: text(FIELD_KEY).map(str::to_owned),
            message: status.message().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_wire() {
        for code in Code::ALL {
            let fault = Fault::at(code, "epoch", "what happened");
            let status = Status::from(fault.clone());
            assert_eq!(status.code(), code.grpc());
            assert_eq!(Fault::from(status), fault);
            assert_eq!(Code::parse(code.as_str()), Some(code));
            assert!((400..600).contains(&code.http()));
        }
    }

    #[test]
    fn a_status_of_the_transport_is_a_broken_connection() {
        let fault = Fault::from(Status::unavailable("tcp connect error"));
        assert_eq!(fault.code, Code::PeerUnreachable);
        assert!(fault.code.is_retryable());
    }
}
