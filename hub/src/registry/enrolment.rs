//! The enrolment service: how a node gets and renews its certificate.
//!
//! `Certify` trusts the token and nothing else: the names in the certificate
//! come from the invitation. What was answered is kept with the invitation, so a
//! lost answer does no harm and the same token with other keys is refused.
//! `Renew` trusts the certificate of the connection, verified by the listener.

mod auditor;

use std::sync::Arc;

use prost::Message as _;
use rmd_feed::FeedVerifier;
use rmd_link::{
    Credentials, Identity, Role,
    authority::{self, Authority, Issued, LEAF_LIFETIME},
    enrol::{Caller, Secret, proof_digest},
};
use rmd_proto::{
    Code, Fault,
    v1::{
        CertifyRequest, CertifyResponse, RenewRequest, RenewResponse,
        enrolment_service_server::EnrolmentService,
    },
};
use rmd_runtime::{SharedClock, lifecycle::chain};
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status};
use tracing::{error, info};

use super::{
    Error, invitation,
    network::Network,
    node::{self, Node},
    standing::{self, certificates},
};
use crate::{
    bundle, config,
    recover::{boot, epoch},
    store::Store,
};

/// Most bytes of an advertised address: a DNS name has at most 253.
const ADVERTISE_BYTES_MAX: usize = 260;

/// The service on its listener.
#[derive(Debug, Clone)]
pub(crate) struct Enrolment {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: SharedClock,
    authority: Authority,
    credentials: Credentials,
    network: Network,
}

impl Enrolment {
    /// A service that signs with `authority`.
    pub(crate) fn new(
        store: Store,
        clock: SharedClock,
        authority: Authority,
        credentials: Credentials,
        network: Network,
    ) -> Self {
        Self { inner: Arc::new(Inner { store, clock, authority, credentials, network }) }
    }
}

#[tonic::async_trait]
impl EnrolmentService for Enrolment {
    async fn certify(
        &self,
        request: Request<CertifyRequest>,
    ) -> Result<Response<CertifyResponse>, Status> {
        let request = request.into_inner();
        let response = self.inner.certify(request).await.map_err(Refusal::into_fault)?;
        Ok(Response::new(response))
    }

    async fn renew(
        &self,
        request: Request<RenewRequest>,
    ) -> Result<Response<RenewResponse>, Status> {
        let caller = Caller::of_request(&request)?.clone();
        let response = self.inner.renew(&caller, request.into_inner()).await;
        Ok(Response::new(response.map_err(Refusal::into_fault)?))
    }
}

/// Why a request is not granted.
#[derive(Debug)]
enum Refusal {
    /// The peer's doing.
    Peer(Fault),
    /// Ours.
    Own(Error),
}

impl Refusal {
    /// What the peer may know; our own failures are logged here, once.
    fn into_fault(self) -> Fault {
        match self {
            Self::Peer(fault) => {
                info!(code = %fault.code, "enrolment refused");
                fault
            }
            Self::Own(cause) => {
                error!(error = chain(&cause), "enrolment failed");
                cause.into()
            }
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Peer(fault)
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

impl Inner {
    async fn certify(&self, request: CertifyRequest) -> Result<CertifyResponse, Refusal> {
        let unknown = || {
            Fault::at(
                Code::TokenUnknown,
                "token",
                "nobody was invited with this token; ask for an invitation\n\
             personne n'a été invité avec ce jeton ; demandez une invitation",
            )
        };
        let secret = Secret::from_text(&request.token).ok_or_else(unknown)?;
        let found = invitation::find(&mut *self.store.acquire().await?, secret).await?;
        let found = found.ok_or_else(unknown)?;
        let now = self.clock.now();
        if found.used.is_none() && now > found.expires_at {
            return Err(Fault::at(
                Code::TokenExpired,
                "token",
                "the invitation is over; ask for a new one\n\
                 l'invitation est échue ; demandez-en une nouvelle",
            )
            .into());
        }
        if found.country.is_empty() {
            return self.certify_auditor(secret, found, &request).await;
        }
        let identity = Identity::node(&self.network.name, &found.country, &found.name)
            .map_err(super::malformed("invitation.name"))?;
        check_feed_key(&request, &identity)?;
        check_address(&request.advertise)?;
        let issued = self.issue(&request.csr_der, &identity)?;
        let digest = request_digest(&request, &issued);
        if let Some((used_by, answer)) = &found.used {
            return repeated(used_by, answer, &digest);
        }
        let mut response = self.response(&issued, &identity);
        response.hub_bundle_recipient = bundle::key::own(&mut *self.store.acquire().await?).await?;
        let recipient = request.bundle_recipient;
        let node = Node {
            id: identity.node_id(),
            country: found.country,
            name: found.name,
            identity: identity.to_string(),
            feed_vkey: request.feed_vkey,
            address: request.advertise,
            certificate_serial: issued.serial,
            certificate_not_after_us: issued.not_after.as_microsecond(),
            enrolled_at_us: now.as_microsecond(),
        };
        self.keep(secret, &digest, response, &node, &recipient).await
    }

    /// Pins the node and uses the invitation up, in one transaction.
    async fn keep(
        &self,
        secret: Secret,
        digest: &[u8],
        mut response: CertifyResponse,
        node: &Node,
        recipient: &str,
    ) -> Result<CertifyResponse, Refusal> {
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        let known = node::find(&mut transaction, &node.id).await?;
        if let Some(known) = &known {
            response.held = epoch::held(&mut transaction, known, &node.feed_vkey).await?;
        }
        let answer = response.encode_to_vec();
        if !invitation::use_up(&mut transaction, secret, digest, &answer, now).await? {
            // Another request with the same token was faster, or the node was revoked.
            let found = invitation::find(&mut transaction, secret).await?;
            let (used_by, answer) = found.and_then(|found| found.used).ok_or_else(|| {
                Fault::new(
                    Code::TokenUnknown,
                    "the invitation was withdrawn\nl'invitation a été retirée",
                )
            })?;
            return repeated(&used_by, &answer, digest);
        }
        if let Some(known) = &known
            && known.feed_vkey != node.feed_vkey
            && invitation::is_new_epoch(&mut transaction, secret).await?
        {
            epoch::end(&mut transaction, known, now.as_microsecond()).await?;
            node::pin(&mut transaction, &node.id, &node.feed_vkey).await?;
            // Whoever has the machine that lost the key has its certificates too.
            certificates::deny_issued(&mut transaction, &node.id, now).await?;
        } else if let Some(known) = &known
            && known.feed_vkey != node.feed_vkey
        {
            let message = "another feed key is pinned for this node; enrol with the old one\n\
                           une autre clé de flux est fixée pour ce nœud ; inscrivez-le avec l'ancienne";
            return Err(Fault::at(Code::KeyProofInvalid, "feed_vkey", message).into());
        }
        node::enrol(&mut transaction, node).await?;
        let (serial, not_after) = (&node.certificate_serial, node.certificate_not_after_us);
        let not_after = jiff::Timestamp::from_microsecond(not_after)
            .map_err(super::malformed("certificate_not_after_us"))?;
        certificates::issued(&mut transaction, &node.id, serial, not_after, now).await?;
        standing::admitted(&mut transaction, &node.id, now).await?;
        boot::enrolled(&mut transaction, &node.id).await?;
        bundle::key::enrolled(&mut transaction, &node.id, recipient, now).await?;
        transaction.commit().await?;
        info!(node.id = %node.id, certificate.serial = %node.certificate_serial, "node enrolled");
        Ok(response)
    }

    async fn renew(
        &self,
        caller: &Caller,
        request: RenewRequest,
    ) -> Result<RenewResponse, Refusal> {
        let peer = caller.enrolled(&self.credentials)?;
        if let Role::Auditor { name } = &peer.identity.role {
            return self.renew_auditor(peer, name, &request).await;
        }
        let id = peer.identity.node_id();
        check_address(&request.advertise)?;
        let known = node::find(&mut *self.store.acquire().await?, &id).await?;
        if known.is_none_or(|node| node.identity != peer.identity.to_string()) {
            return Err(Fault::new(
                Code::RoleForbidden,
                "no such node is enrolled\nce nœud n'est pas inscrit",
            )
            .into());
        }
        let issued = self.issue(&request.csr_der, &peer.identity)?;
        let mut transaction = self.store.begin().await?;
        let standing = standing::of(&mut transaction, &id).await.map_err(Error::Store)?;
        certificates::check(&mut transaction, peer, &standing).await.map_err(Error::Store)??;
        let is_revoked = standing.state == standing::State::Revoked;
        if let Some(fault) = standing.refusal(&id).filter(|_| is_revoked) {
            return Err(fault.into());
        }
        let (serial, not_after) = (&issued.serial, issued.not_after);
        let (address, now) = (&request.advertise, self.clock.now());
        certificates::issued(&mut transaction, &id, serial, not_after, now).await?;
        node::renew(&mut transaction, &id, address, serial, not_after, now).await?;
        transaction.commit().await?;
        info!(node.id = %id, certificate.serial = %serial, "certificate renewed");
        Ok(RenewResponse {
            certificate_der: issued.chain_der,
            root_der: self.authority.roots_der().to_vec(),
            not_after_us: issued.not_after.as_microsecond(),
        })
    }

    fn issue(&self, csr_der: &[u8], identity: &Identity) -> Result<Issued, Refusal> {
        self.authority.issue(csr_der, identity, self.clock.now(), LEAF_LIFETIME).map_err(|error| {
            match error {
                authority::Error::Request { rule } => {
                    Fault::at(Code::RequestInvalid, "csr_der", rule).into()
                }
                own => Refusal::Own(own.into()),
            }
        })
    }

    fn response(&self, issued: &Issued, identity: &Identity) -> CertifyResponse {
        CertifyResponse {
            certificate_der: issued.chain_der.clone(),
            root_der: self.authority.roots_der().to_vec(),
            hub_feed_vkey: self.network.hub_feed_vkey.clone(),
            identity: identity.to_string(),
            hub_identity: self.network.identity.to_string(),
            not_after_us: issued.not_after.as_microsecond(),
            held: Vec::new(),
            hub_bundle_recipient: String::new(),
            audit_address: String::new(),
        }
    }
}

/// The answer to a token that was used: the same for the same request.
fn repeated(used_by: &[u8], answer: &[u8], digest: &[u8]) -> Result<CertifyResponse, Refusal> {
    if used_by != digest {
        let message = "the token was used with other keys; ask for a new invitation\n\
                       le jeton a servi avec d'autres clés ; demandez une nouvelle invitation";
        return Err(Fault::at(Code::TokenUsed, "token", message).into());
    }
    let kept = CertifyResponse::decode(answer).map_err(super::malformed("invitation.response"))?;
    Ok(kept)
}

/// What makes two requests the same: the token and both keys. Not the request's
/// bytes: a signature by the same key need not come out the same twice.
fn request_digest(request: &CertifyRequest, issued: &Issued) -> Vec<u8> {
    let mut digest = Sha256::new();
    // Token and key digest have a fixed length, so there is one way to split.
    digest.update(&request.token);
    digest.update(&issued.key_sha256);
    digest.update(&request.feed_vkey);
    digest.finalize().to_vec()
}

/// The feed key must be named after its owner and be in the applicant's hands.
fn check_feed_key(request: &CertifyRequest, identity: &Identity) -> Result<(), Fault> {
    let invalid = |message: &str| Fault::at(Code::RequestInvalid, "feed_vkey", message);
    let key = FeedVerifier::parse(&request.feed_vkey).map_err(|_| {
        invalid(
            "it is no C2SP verifier key for Ed25519\n\
                          ce n'est pas une clé C2SP de vérification Ed25519",
        )
    })?;
    if key.name() != identity.owner() {
        return Err(invalid(&format!(
            "its name must be {0}\nson nom doit être {0}",
            identity.owner()
        )));
    }
    let digest = proof_digest(&request.token, &request.csr_der);
    if !key.verify_bytes(&digest, &request.feed_key_proof) {
        let message = "it was not made by the feed key over this token and request\n\
                       elle n'est pas de la clé de flux sur ce jeton et cette demande";
        return Err(Fault::at(Code::KeyProofInvalid, "feed_key_proof", message));
    }
    Ok(())
}

fn check_address(address: &str) -> Result<(), Fault> {
    let is_good =
        address.is_empty() || (address.len() <= ADVERTISE_BYTES_MAX && config::is_address(address));
    if is_good {
        return Ok(());
    }
    Err(Fault::at(
        Code::RequestInvalid,
        "advertise",
        "it must be host:port, or empty\nce doit être hôte:port, ou rien",
    ))
}
