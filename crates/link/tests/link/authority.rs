//! The certificate authority signs keys for names that the caller decides.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, SanType};
use rmd_link::{
    Identity,
    authority::{Authority, Error, LEAF_LIFETIME},
    keys::{csr, new_key_and_csr},
};
use rmd_runtime::clock::Clock as _;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::world::{NETWORK, World, hub, node};

#[test]
fn leaf_is_valid_for_90_days_and_from_48_hours_before_its_issue() {
    let world = World::new();
    let now = world.clock.now();
    let (_, csr) = new_key_and_csr(&node("COD")).unwrap();
    let issued = world.authority.issue(&csr, &node("COD"), now, LEAF_LIFETIME).unwrap();
    assert_eq!(issued.not_after, now + SignedDuration::from_hours(90 * 24));
    let (_, leaf) = X509Certificate::from_der(&issued.chain_der[0]).unwrap();
    let begin = (now - SignedDuration::from_hours(48)).as_second();
    assert_eq!(leaf.validity().not_before.timestamp(), begin);
    assert_eq!(leaf.validity().not_after.timestamp(), issued.not_after.as_second());
    assert_eq!(issued.serial, hex::encode(leaf.raw_serial()));
    assert!(!leaf.is_ca());
}

#[test]
fn names_come_from_the_invitation_and_never_from_the_request() {
    let world = World::new();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![
        SanType::URI(hub().to_string().try_into().unwrap()),
        SanType::DnsName("hub.example.org".try_into().unwrap()),
    ];
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let csr = params.serialize_request(&key).unwrap();
    let now = world.clock.now();
    let issued = world.authority.issue(csr.der(), &node("COD"), now, LEAF_LIFETIME).unwrap();
    let (_, leaf) = X509Certificate::from_der(&issued.chain_der[0]).unwrap();
    let names = &leaf.subject_alternative_name().unwrap().unwrap().value.general_names;
    let cod = node("COD").to_string();
    assert_eq!(names, &[GeneralName::URI(&cod)]);
    assert!(!leaf.is_ca());
    assert_eq!(leaf.public_key().subject_public_key.data.as_ref(), key.public_key_raw());
}

#[test]
fn request_that_its_own_key_did_not_sign_is_refused() {
    let world = World::new();
    let (_, csr) = new_key_and_csr(&node("COD")).unwrap();
    let refuse = |csr: &[u8]| {
        let now = world.clock.now();
        match world.authority.issue(csr, &node("COD"), now, LEAF_LIFETIME).unwrap_err() {
            Error::Request { rule } => rule,
            other => panic!("{other}"),
        }
    };
    let mut forged = csr.clone();
    // The last byte belongs to the signature.
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(refuse(&forged), "its signature is not by the key that it carries");
    assert_eq!(refuse(b"no request"), "it is no PKCS#10 request in DER");
    assert_eq!(refuse(&vec![0; 9000]), "it is longer than 8 KiB");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let other = CertificateParams::default().serialize_request(&key).unwrap();
    assert_eq!(refuse(other.der()), "its key is neither ECDSA P-256 nor Ed25519");
}

#[test]
fn authority_signs_for_its_own_network_alone() {
    let world = World::new();
    let other = Identity::hub("other").unwrap();
    let (_, csr) = new_key_and_csr(&other).unwrap();
    let refused = world.authority.issue(&csr, &other, world.clock.now(), LEAF_LIFETIME);
    assert!(matches!(refused, Err(Error::OtherNetwork { .. })));
    assert!(Authority::create("No Network", world.fresh_dir(), world.clock.now()).is_err());
}

#[test]
fn root_key_can_be_taken_offline() {
    let world = World::new();
    let dir = world.dir.path().join("ca");
    for key in ["root.key", "issuing.key"] {
        assert_eq!(fs::metadata(dir.join(key)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::remove_file(dir.join("root.key")).unwrap();
    let opened = Authority::open(&dir).unwrap();
    assert_eq!(opened.network(), NETWORK);
    assert_eq!(opened.root_sha256(), world.authority.root_sha256());
    let (_, csr) = new_key_and_csr(&hub()).unwrap();
    assert!(opened.issue(&csr, &hub(), world.clock.now(), LEAF_LIFETIME).is_ok());
}

#[test]
fn authority_is_never_overwritten() {
    let world = World::new();
    let dir = world.dir.path().join("ca");
    let before = fs::read(dir.join("root.pem")).unwrap();
    let again = Authority::create(NETWORK, &dir, world.clock.now());
    assert!(matches!(again, Err(Error::Exists { .. })));
    assert_eq!(fs::read(dir.join("root.pem")).unwrap(), before);
}

#[test]
fn leaf_does_not_outlive_its_issuer() {
    let world = World::new();
    let (_, csr) = new_key_and_csr(&hub()).unwrap();
    let now = world.clock.now();
    let years = |count: u64| Duration::from_hours(count * 365 * 24);
    let long = world.authority.issue(&csr, &hub(), now, years(50)).unwrap();
    assert!(long.not_after < now + SignedDuration::from_hours(5 * 365 * 24));
    let late = long.not_after + SignedDuration::from_hours(1);
    let refused = world.authority.issue(&csr, &hub(), late, LEAF_LIFETIME);
    assert!(matches!(refused, Err(Error::IssuerExpired)));
}

#[test]
fn request_for_a_kept_key_carries_that_key() {
    let (key, first) = new_key_and_csr(&node("COD")).unwrap();
    let again = csr(&node("COD"), &key).unwrap();
    let world = World::new();
    let issue = |csr: &[u8]| {
        world.authority.issue(csr, &node("COD"), world.clock.now(), LEAF_LIFETIME).unwrap()
    };
    let (first, again) = (issue(&first), issue(&again));
    assert_eq!(first.key_sha256, again.key_sha256);
    assert_ne!(first.serial, again.serial);
}
