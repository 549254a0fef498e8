//! Keys of certificates and the requests to have them signed.
//!
//! A TLS key is made where it is used and never leaves the machine. The names in
//! a request are a courtesy for whoever reads it: the hub signs the key and takes
//! the names from the invitation.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

use crate::Identity;

/// A key or a request could not be made.
#[derive(Debug, thiserror::Error)]
#[error("make a key and a signing request")]
pub struct Error(#[source] pub(crate) rcgen::Error);

/// Makes an ECDSA P-256 key (PKCS#8 PEM; a secret) and a signing request for it
/// (PKCS#10 DER).
pub fn new_key_and_csr(identity: &Identity) -> Result<(String, Vec<u8>), Error> {
    let key = KeyPair::generate().map_err(Error)?;
    let csr = request(identity, &key)?;
    Ok((key.serialize_pem(), csr))
}

/// A new signing request (PKCS#10 DER) for a key that exists, so that an unanswered
/// enrolment can be repeated with the same key.
pub fn csr(identity: &Identity, key_pem: &str) -> Result<Vec<u8>, Error> {
    request(identity, &KeyPair::from_pem(key_pem).map_err(Error)?)
}

fn request(identity: &Identity, key: &KeyPair) -> Result<Vec<u8>, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(identity);
    params.subject_alt_names = vec![uri(identity).map_err(Error)?];
    Ok(params.serialize_request(key).map_err(Error)?.der().to_vec())
}

pub(crate) fn common_name(identity: &Identity) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, identity.node_id());
    name
}

pub(crate) fn uri(identity: &Identity) -> Result<SanType, rcgen::Error> {
    Ok(SanType::URI(identity.to_string().try_into()?))
}
