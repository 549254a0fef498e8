//! What a certificate says about its holder.
//!
//! Reads names, serial, validity and key of one certificate. It trusts nothing:
//! whether the certificate may be believed is decided by `verify`.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer as _, X509Certificate},
};

use crate::Identity;

/// The facts of a certificate that handshakes and deny-lists read.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// None unless the certificate has exactly one name and that is an identity.
    pub(crate) identity: Option<Identity>,
    /// Lower-case hex.
    pub(crate) serial: String,
    /// SHA-256 of the public key (SPKI), lower-case hex.
    pub(crate) key_sha256: String,
    /// Whether it says for which ends of a connection it is good.
    pub(crate) names_usage: bool,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

/// The bytes are no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate in DER")]
pub(crate) struct Undecodable;

impl Facts {
    pub(crate) fn read(der: &[u8]) -> Result<Self, Undecodable> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Undecodable)?;
        let validity = certificate.validity();
        let instant = |seconds| Timestamp::from_second(seconds).map_err(|_| Undecodable);
        let serial = certificate.raw_serial();
        // DER puts a zero byte before a number whose first bit is set.
        let serial = serial.strip_prefix(&[0]).unwrap_or(serial);
        Ok(Self {
            identity: identity(&certificate),
            serial: hex::encode(serial),
            key_sha256: hex::encode(Sha256::digest(certificate.public_key().raw)),
            names_usage: matches!(certificate.extended_key_usage(), Ok(Some(_))),
            not_before: instant(validity.not_before.timestamp())?,
            not_after: instant(validity.not_after.timestamp())?,
        })
    }
}

/// The public key (SPKI, DER) of a certificate.
pub(crate) fn public_key(der: &[u8]) -> Result<Vec<u8>, Undecodable> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Undecodable)?;
    Ok(certificate.public_key().raw.to_vec())
}

/// The organisation in a certificate's subject.
pub(crate) fn organisation(der: &[u8]) -> Result<Option<String>, Undecodable> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Undecodable)?;
    let found = certificate.subject().iter_organization().next();
    Ok(found.and_then(|name| name.as_str().ok()).map(str::to_owned))
}

/// The only name of a certificate. A second name of whatever kind would leave open
/// which one counts, so it makes the certificate nameless.
fn identity(certificate: &X509Certificate<'_>) -> Option<Identity> {
    let names = certificate.subject_alternative_name().ok()??;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => uri.parse().ok(),
        _ => None,
    }
}
