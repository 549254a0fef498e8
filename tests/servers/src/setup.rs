//! How a server is set up, whichever it is.

use std::path::{Path, PathBuf};

use rand::{Rng as _, distributions::Alphanumeric, rngs::OsRng};

/// Where a server keeps its data, and for whom.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// None for one of its own, gone with the server.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) settings: Vec<String>,
    /// Commits may be lost with the machine, and nobody needs a password.
    pub(crate) is_disposable: bool,
    pub(crate) certificate: Option<Certificate>,
}

/// What a server shows to its clients, in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Setup {
    /// Keeps its data below `folder`, durably, behind a password.
    pub fn kept_in(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }

    /// For many short tests: quick, open to this machine, and gone afterwards.
    pub fn disposable() -> Self {
        Self { is_disposable: true, ..Self::default() }
    }

    /// With settings of the server beside the usual ones, as `wal_level=logical`.
    #[must_use]
    pub fn with(mut self, settings: &[&str]) -> Self {
        self.settings.extend(settings.iter().map(|&setting| setting.to_owned()));
        self
    }

    /// Speaks TLS to those who ask for it.
    #[must_use]
    pub fn with_certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }
}

pub(crate) fn new_password() -> String {
    OsRng.sample_iter(Alphanumeric).take(24).map(char::from).collect()
}
