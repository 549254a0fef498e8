//! The node's side of enrolment and renewal.
//!
//! Nothing of an answer is believed because the hub said so: the certificate must
//! carry the key that was sent and the identity that was meant, and its chain must
//! hold up to a root that the answer names and that we can tie to what we knew.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use rmd_proto::{
    Fault,
    v1::{
        CertifyRequest, HeldFeed, RenewRequest, enrolment_service_client::EnrolmentServiceClient,
    },
};
use rmd_runtime::clock::SharedClock;
use rustls::{
    pki_types::{CertificateDer, UnixTime},
    server::ParsedCertificate,
};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509CertificationRequest};

use super::Token;
use crate::{
    Credentials, Error, Identity, certificate, credentials::store_of, dial::connect,
    provider::provider, verify::Anchor,
};

/// What an invited node sends with its token.
#[derive(Debug, Clone)]
pub struct Application {
    /// The signing request, PKCS#10 DER.
    pub csr_der: Vec<u8>,
    /// The feed key's public half, a C2SP vkey.
    pub feed_vkey: String,
    /// The feed key's signature over [`proof_digest`](super::proof_digest).
    pub feed_key_proof: Vec<u8>,
    /// Where the hub can reach the node, host:port; none with no inbound port.
    pub advertise: Option<String>,
    /// Public key to which bundles for us are encrypted, an age recipient; empty for none.
    pub bundle_recipient: String,
}

/// What an invited node gets.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The certificate, then its intermediates, DER.
    pub chain_der: Vec<Vec<u8>>,
    /// The roots to trust, DER; the one of the token is among them.
    pub roots_der: Vec<Vec<u8>>,
    /// The hub's feed key, a C2SP vkey. Pin it.
    pub hub_feed_vkey: String,
    /// Our identity.
    pub identity: Identity,
    /// The hub's identity.
    pub hub_identity: Identity,
    /// The end of the certificate's validity.
    pub not_after: Timestamp,
    /// Public key to which bundles for the hub are encrypted, an age recipient; empty for none.
    pub hub_bundle_recipient: String,
    /// What the hub holds of our feeds from an earlier enrolment.
    pub held: Vec<HeldFeed>,
    /// Where auditors reach the hub, host:port; empty for a node, and where the hub does
    /// not say.
    pub audit_address: String,
}

/// What an enrolled node gets.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The certificate, then its intermediates, DER.
    pub chain_der: Vec<Vec<u8>>,
    /// The roots to trust, DER.
    pub roots_der: Vec<Vec<u8>>,
    /// The end of the certificate's validity.
    pub not_after: Timestamp,
}

/// Trades a token for the first certificate. The same call with the same keys may
/// be repeated if an answer is lost.
pub async fn certify(
    token: &Token,
    application: Application,
    clock: &SharedClock,
) -> Result<Enrolled, Error> {
    let no_identity = |_| Error::Answer("the token names no identity");
    let identity = token.identity().map_err(no_identity)?;
    let hub_identity = Identity::hub(&token.network).map_err(no_identity)?;
    let anchor = Anchor::Fingerprint(token.root_sha256);
    let link = connect(&token.hub_address, anchor, &hub_identity, None, clock).await?;
    let csr_der = application.csr_der.clone();
    let answer = EnrolmentServiceClient::new(link.channel)
        .certify(CertifyRequest {
            token: token.secret.to_text(),
            csr_der: application.csr_der,
            feed_vkey: application.feed_vkey,
            feed_key_proof: application.feed_key_proof,
            advertise: application.advertise.unwrap_or_default(),
            bundle_recipient: application.bundle_recipient,
        })
        .await
        .map_err(|status| Error::Refused(Fault::from(status)))?
        .into_inner();
    let known = |root: &Vec<u8>| <[u8; 32]>::from(Sha256::digest(root)) == token.root_sha256;
    if !answer.root_der.iter().any(known) {
        return Err(Error::Answer("the token's root is not among the roots"));
    }
    if answer.identity != identity.to_string() || answer.hub_identity != hub_identity.to_string() {
        return Err(Error::Answer("it names other identities than the token"));
    }
    let (chain_der, roots_der) = (answer.certificate_der, answer.root_der);
    let not_after = check(&chain_der, &roots_der, &csr_der, &identity, clock)?;
    let hub_feed_vkey = answer.hub_feed_vkey;
    Ok(Enrolled {
        chain_der,
        roots_der,
        hub_feed_vkey,
        identity,
        hub_identity,
        not_after,
        hub_bundle_recipient: answer.hub_bundle_recipient,
        held: answer.held,
        audit_address: answer.audit_address,
    })
}

/// Trades our certificate, which may have expired up to 180 days before, and a
/// signing request (PKCS#10 DER, a new key) for the next one. `address` is the
/// hub's enrolment listener; `advertise` none keeps the address that the hub knows.
/// Store the answer with [`Credentials::store`].
pub async fn renew(
    address: &str,
    credentials: &Credentials,
    csr_der: Vec<u8>,
    advertise: Option<String>,
) -> Result<Renewed, Error> {
    let current = credentials.current().ok_or(Error::NoCertificate)?;
    let identity = &current.identity;
    let hub = Identity::hub(&identity.network)
        .map_err(|_| Error::Answer("our certificate names no network"))?;
    let anchor = Anchor::Roots(Arc::clone(&current.roots), credentials.clone());
    let clock = credentials.clock();
    let link = connect(address, anchor, &hub, Some(&current), clock).await?;
    let request =
        RenewRequest { csr_der: csr_der.clone(), advertise: advertise.unwrap_or_default() };
    let answer = EnrolmentServiceClient::new(link.channel)
        .renew(request)
        .await
        .map_err(|status| Error::Refused(Fault::from(status)))?
        .into_inner();
    let (chain_der, roots_der) = (answer.certificate_der, answer.root_der);
    let not_after = check(&chain_der, &roots_der, &csr_der, identity, clock)?;
    Ok(Renewed { chain_der, roots_der, not_after })
}

/// Whether a chain is good for what was asked, under the roots that came with it.
/// The roots themselves were given over a connection that the known root vouches
/// for.
fn check(
    chain_der: &[Vec<u8>],
    roots_der: &[Vec<u8>],
    csr_der: &[u8],
    identity: &Identity,
    clock: &SharedClock,
) -> Result<Timestamp, Error> {
    let wrong = Error::Answer;
    let (leaf, intermediates) = chain_der.split_first().ok_or(wrong("it has no certificate"))?;
    let facts =
        certificate::Facts::read(leaf).map_err(|_| wrong("its certificate cannot be read"))?;
    if facts.identity.as_ref() != Some(identity) {
        return Err(wrong("its certificate names another identity"));
    }
    let (_, csr) = X509CertificationRequest::from_der(csr_der)
        .map_err(|_| wrong("the signing request cannot be read"))?;
    let signed =
        certificate::public_key(leaf).map_err(|_| wrong("its certificate cannot be read"))?;
    if signed != csr.certification_request_info.subject_pki.raw {
        return Err(wrong("its certificate is for another key"));
    }
    chain_holds(leaf, intermediates, roots_der, clock)
        .map_err(|_| wrong("its chain does not lead to its roots"))?;
    Ok(facts.not_after)
}

fn chain_holds(
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    roots_der: &[Vec<u8>],
    clock: &SharedClock,
) -> Result<(), rustls::Error> {
    let der = |bytes: &Vec<u8>| CertificateDer::from(bytes.clone());
    let roots = store_of(&roots_der.iter().map(der).collect::<Vec<_>>())?;
    let intermediates: Vec<_> = intermediates.iter().map(der).collect();
    let leaf = CertificateDer::from(leaf);
    let seconds = u64::try_from(clock.now().as_second()).unwrap_or(0);
    rustls::client::verify_server_cert_signed_by_trust_anchor(
        &ParsedCertificate::try_from(&leaf)?,
        &roots,
        &intermediates,
        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        provider().signature_verification_algorithms.all,
    )
}
