//! What a backend cannot do.
//!
//! The cause stays in our log; a client learns the code and a sentence.

use std::error::Error;

use rmd_standard::Refusal;

/// An error of the store behind a backend, whichever that is.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a backend did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A record of that key is there already.
    #[error("a record of this key exists")]
    Exists,
    /// The key is somebody else's: the findings say whose.
    #[error("the key of the record is taken")]
    Taken(Box<Refusal>),
    /// There is no record of that name.
    #[error("there is no such record")]
    Missing,
    /// The record breaks a rule that only the store can check.
    #[error("the record is refused")]
    Refused(Box<Refusal>),
    /// The store does not answer now; the same request may succeed later.
    #[error("the store does not answer now")]
    Unavailable(#[source] Cause),
    /// A fault of ours.
    #[error("a fault of the store")]
    Internal(#[source] Cause),
}
