//! What stands in the certificates that the authority makes.

use std::time::Duration;

use jiff::Timestamp;
use rand::{RngCore as _, rngs::OsRng};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use time::OffsetDateTime;

use super::{BACKDATE, Error};
use crate::{Identity, keys};

/// What precedes the network in an organisation's name, as in identities.
pub(super) const DOMAIN_PREFIX: &str = "rmd.";
/// Replacing a root means a visit to each node that was offline meanwhile.
const ROOT_LIFETIME: Duration = Duration::from_hours(20 * 365 * 24);
/// Replacing the issuing certificate takes the root key out of its safe.
const ISSUING_LIFETIME: Duration = Duration::from_hours(5 * 365 * 24);
/// Room for 2^118 serials.
const SERIAL_BYTES: usize = 16;

/// Keys and certificates of a new authority.
pub(super) struct Made {
    pub(super) root_key_pem: String,
    pub(super) root_der: Vec<u8>,
    pub(super) issuing_key_pem: String,
    pub(super) issuing_der: Vec<u8>,
}

pub(super) fn authority(network: &str, now: Timestamp) -> Result<Made, Error> {
    let make = || -> Result<Made, rcgen::Error> {
        let root_key = KeyPair::generate()?;
        let root = ca(network, "root", BasicConstraints::Constrained(1), now, ROOT_LIFETIME);
        let root_der = root.self_signed(&root_key)?.der().to_vec();
        let issuing_key = KeyPair::generate()?;
        let issuing =
            ca(network, "issuing", BasicConstraints::Constrained(0), now, ISSUING_LIFETIME);
        let root_issuer = Issuer::new(root, &root_key);
        let issuing_der = issuing.signed_by(&issuing_key, &root_issuer)?.der().to_vec();
        Ok(Made {
            root_key_pem: root_key.serialize_pem(),
            root_der,
            issuing_key_pem: issuing_key.serialize_pem(),
            issuing_der,
        })
    };
    make().map_err(Error::Sign)
}

/// A leaf for both ends of a connection: a node accepts and, where no inbound port
/// is, dials.
pub(super) fn leaf(
    identity: &Identity,
    now: Timestamp,
    not_after: Timestamp,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = keys::common_name(identity);
    params.subject_alt_names = vec![keys::uri(identity)?];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(serial());
    params.not_before = moment(before(now));
    params.not_after = moment(not_after);
    Ok(params)
}

fn ca(
    network: &str,
    part: &str,
    constraints: BasicConstraints,
    now: Timestamp,
    lifetime: Duration,
) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, format!("{DOMAIN_PREFIX}{network}"));
    name.push(DnType::CommonName, format!("{DOMAIN_PREFIX}{network} {part}"));
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(constraints);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(serial());
    params.not_before = moment(before(now));
    params.not_after = moment(now.saturating_add(lifetime).unwrap_or(Timestamp::MAX));
    params
}

/// Random, positive, and of one length.
fn serial() -> SerialNumber {
    let mut bytes = [0; SERIAL_BYTES];
    OsRng.fill_bytes(&mut bytes);
    bytes[0] = bytes[0] & 0x3f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn before(now: Timestamp) -> Timestamp {
    now.saturating_sub(BACKDATE).unwrap_or(Timestamp::MIN)
}

/// Certificates count in whole seconds.
fn moment(instant: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(instant.as_second())
        .expect("both types span the years -9999 to 9999")
}
