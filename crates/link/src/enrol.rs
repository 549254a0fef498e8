//! How a node gets its first certificate, and each one after.
//!
//! The token is what an officer hands over: it says where the hub is, by which
//! root to know it, and proves the invitation. `Certify` needs the token and no
//! certificate; `Renew` needs the node's certificate, which may have expired up to
//! 180 days before. Both go to a listener of their own, which serves nothing else.

mod client;
mod server;
mod token;

use sha2::{Digest as _, Sha256};

pub use client::{Application, Enrolled, Renewed, certify, renew};
pub use server::{Caller, acceptor};
pub use token::{Malformed, Secret, Token};

pub use crate::verify::LATE_GRACE;

/// What the feed key signs to prove that the applicant holds it: SHA-256 over the
/// token's secret text and the signing request. The text has a fixed length, so
/// there is one way to split what was hashed.
pub fn proof_digest(secret_text: &str, csr_der: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(secret_text);
    digest.update(csr_der);
    digest.finalize().into()
}
