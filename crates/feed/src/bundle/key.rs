//! The keys to which bundles are encrypted, one for each hub and each node.
//!
//! X25519 by the crate `age`. The secret appears only in [`BundleKey::secret`],
//! for the file that the caller keeps with mode 0600; no `Debug` text holds it.
//! It opens bundles and signs nothing: who made one is the feed key's to prove.

use std::{fmt, str::FromStr};

use age::{secrecy::ExposeSecret as _, x25519};

use super::Error;

/// The private key that opens bundles.
#[derive(Clone)]
pub struct BundleKey(pub(super) x25519::Identity);

impl BundleKey {
    /// Draws a new key from the operating system.
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads a key as [`Self::secret`] wrote it.
    pub fn from_secret(text: &str) -> Result<Self, Error> {
        text.trim().parse().map(Self).map_err(|_| Error::Key("secret"))
    }

    /// The secret as age text, `AGE-SECRET-KEY-1…`. Store it with mode 0600.
    pub fn secret(&self) -> String {
        self.0.to_string().expose_secret().to_owned()
    }

    /// The public half, which senders need.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }
}

impl fmt::Debug for BundleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BundleKey").field("recipient", &self.recipient()).finish_non_exhaustive()
    }
}

/// The public key to which a bundle is encrypted, `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(pub(super) x25519::Recipient);

impl FromStr for Recipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.trim().parse().map(Self).map_err(|_| Error::Key("recipient"))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}
