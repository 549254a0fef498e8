//! Who is on the other end of a connection.
//!
//! Owns identities, the private certificate authority, enrolment and renewal,
//! and mutual TLS in both directions. It knows nothing of feeds and records: the
//! feed key passes through it as bytes.
//!
//! Invariant: no byte of an application protocol is exchanged with a peer whose
//! chain, validity, usage and single URI name were not verified, over TLS 1.3
//! alone. The one exception is the enrolment listener, where the token takes the
//! place of the client's certificate.

pub mod authority;
mod certificate;
pub mod credentials;
mod dial;
pub mod enrol;
mod error;
mod handshake;
pub mod identity;
pub mod keys;
mod pem;
mod provider;
mod throttle;
pub mod tls;
mod verify;

pub use credentials::Credentials;
pub use dial::{Link, dial};
pub use error::Error;
pub use identity::{Identity, Role};
pub use throttle::{BadRate, Throttle};
pub use tls::{Acceptor, Guard, Peer};
