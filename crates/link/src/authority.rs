//! The network's private certificate authority.
//!
//! A root signs an issuing certificate, which signs leaves. The root's key is a
//! file of its own that nothing here reads after [`Authority::create`]: take it
//! offline. The authority signs keys, not wishes: every name in a leaf comes from
//! the caller, that is from an invitation or an earlier certificate, and whatever
//! else a request asks for is ignored. There is no OCSP and no CRL; revocation is
//! the deny-list.

mod files;
mod template;

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rcgen::{
    CertificateSigningRequestParams, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509CertificationRequest};

use crate::{Identity, certificate};

/// How long a leaf is valid from its issue.
pub const LEAF_LIFETIME: Duration = Duration::from_hours(90 * 24);

/// How long before its issue a leaf is valid already, so that a node whose clock
/// is behind can use it.
pub const BACKDATE: Duration = Duration::from_hours(48);

/// A request with one key and one name has a few hundred bytes.
const CSR_BYTES_MAX: usize = 8 * 1024;

/// The issuing authority of one network.
pub struct Authority {
    network: String,
    issuer: Issuer<'static, KeyPair>,
    issuing_der: Vec<u8>,
    issuing_not_after: Timestamp,
    roots_der: Vec<Vec<u8>>,
}

/// A leaf that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The leaf, then the issuing certificate. Without the root.
    pub chain_der: Vec<Vec<u8>>,
    /// The leaf's serial, lower-case hex; what the deny-list takes.
    pub serial: String,
    /// SHA-256 of the leaf's public key (SPKI), lower-case hex; the deny-list takes it too.
    pub key_sha256: String,
    /// The end of the leaf's validity.
    pub not_after: Timestamp,
}

/// Why the authority could not be made, opened or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is one already.
    #[error("{} exists already; an authority is never overwritten", path.display())]
    Exists {
        /// The file that was found.
        path: PathBuf,
    },
    /// A file cannot be written or a secret cannot be read.
    #[error(transparent)]
    File(#[from] rmd_runtime::files::Error),
    /// A file or folder cannot be read or made.
    #[error("access {}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{} holds no {expected}; put back the file from a backup", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What should stand there.
        expected: &'static str,
    },
    /// The network's name cannot stand in an identity.
    #[error(transparent)]
    Network(#[from] crate::identity::Malformed),
    /// A certificate could not be made.
    #[error("sign a certificate")]
    Sign(#[source] rcgen::Error),
    /// The signing request cannot be accepted.
    #[error("the signing request is refused: {rule}")]
    Request {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The identity belongs to another network.
    #[error("{identity} is not of the network {network}")]
    OtherNetwork {
        /// The identity.
        identity: Box<Identity>,
        /// The network of this authority.
        network: String,
    },
    /// The issuing certificate ends before the leaf would, or has ended.
    #[error("the issuing certificate has expired; make a new one with the root key")]
    IssuerExpired,
}

impl Authority {
    /// Makes root and issuing keys and certificates in a folder, which is made
    /// too. Afterwards take `root.key` offline.
    pub fn create(network: &str, dir: impl AsRef<Path>, now: Timestamp) -> Result<Self, Error> {
        // The network's name is checked where names are checked.
        let hub = Identity::hub(network)?;
        let dir = dir.as_ref();
        files::refuse_existing(dir)?;
        let made = template::authority(&hub.network, now)?;
        files::write(dir, &made)?;
        Self::open(dir)
    }

    /// Opens the authority of a folder. The root's key is not needed.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let files::Opened { issuing_key, issuing_der, roots_der, path } =
            files::read(dir.as_ref())?;
        let malformed = || Error::Malformed { path: path.clone(), expected: "issuing certificate" };
        let facts = certificate::Facts::read(&issuing_der).map_err(|_| malformed())?;
        let network = certificate::organisation(&issuing_der)
            .ok()
            .flatten()
            .and_then(|name| name.strip_prefix(template::DOMAIN_PREFIX).map(str::to_owned))
            .ok_or_else(malformed)?;
        let der = issuing_der.as_slice().into();
        let issuer = Issuer::from_ca_cert_der(&der, issuing_key).map_err(|_| malformed())?;
        let issuing_not_after = facts.not_after;
        Ok(Self { network, issuer, issuing_der, issuing_not_after, roots_der })
    }

    /// Signs the public key of a request (PKCS#10 DER) for an identity. Valid from
    /// [`BACKDATE`] before `now` for `lifetime` from `now`, but not longer than the
    /// issuing certificate. Only the key is taken from the request, and the proof
    /// that its sender holds it.
    pub fn issue(
        &self,
        csr_der: &[u8],
        identity: &Identity,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Issued, Error> {
        if identity.network != self.network {
            let (identity, network) = (Box::new(identity.clone()), self.network.clone());
            return Err(Error::OtherNetwork { identity, network });
        }
        let key = accepted_key(csr_der)?;
        let not_after = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let not_after = not_after.min(self.issuing_not_after);
        if not_after <= now {
            return Err(Error::IssuerExpired);
        }
        let params = template::leaf(identity, now, not_after).map_err(Error::Sign)?;
        let leaf = params.signed_by(&key.public_key, &self.issuer).map_err(Error::Sign)?;
        let leaf = leaf.der().to_vec();
        self.issued(leaf, csr_der)
    }

    /// The network whose authority this is.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// The root certificates to trust, DER, the one in use first.
    pub fn roots_der(&self) -> &[Vec<u8>] {
        &self.roots_der
    }

    /// SHA-256 of the root in use, for enrolment tokens.
    pub fn root_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.roots_der.first().map_or(&[][..], Vec::as_slice)).into()
    }

    fn issued(&self, leaf: Vec<u8>, csr_der: &[u8]) -> Result<Issued, Error> {
        let unreadable = |_| Error::Request { rule: "its public key cannot be signed" };
        let facts = certificate::Facts::read(&leaf).map_err(unreadable)?;
        let signed = certificate::public_key(&leaf).map_err(unreadable)?;
        // rcgen derives the kind of key from the request's signature; a key of
        // another kind would come out as a different key.
        if requested_key(csr_der)? != signed {
            return Err(Error::Request {
                rule: "its key and its signature are of different kinds",
            });
        }
        Ok(Issued {
            serial: facts.serial,
            key_sha256: facts.key_sha256,
            not_after: facts.not_after,
            chain_der: vec![leaf, self.issuing_der.clone()],
        })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("network", &self.network).finish_non_exhaustive()
    }
}

/// The parsed request; its signature by its own key was verified.
fn accepted_key(csr_der: &[u8]) -> Result<CertificateSigningRequestParams, Error> {
    let refused = |rule| Error::Request { rule };
    if csr_der.len() > CSR_BYTES_MAX {
        return Err(refused("it is longer than 8 KiB"));
    }
    let csr = CertificateSigningRequestParams::from_der(&csr_der.into()).map_err(|error| {
        refused(match error {
            rcgen::Error::InvalidCertificationRequestSignature => {
                "its signature is not by the key that it carries"
            }
            rcgen::Error::UnsupportedExtension => "it asks for an extension that is not granted",
            _ => "it is no PKCS#10 request in DER",
        })
    })?;
    let kind = csr.public_key.algorithm();
    if *kind != PKCS_ECDSA_P256_SHA256 && *kind != PKCS_ED25519 {
        return Err(refused("its key is neither ECDSA P-256 nor Ed25519"));
    }
    Ok(csr)
}

fn requested_key(csr_der: &[u8]) -> Result<Vec<u8>, Error> {
    let (_, csr) = X509CertificationRequest::from_der(csr_der)
        .map_err(|_| Error::Request { rule: "it is no PKCS#10 request in DER" })?;
    Ok(csr.certification_request_info.subject_pki.raw.to_vec())
}
