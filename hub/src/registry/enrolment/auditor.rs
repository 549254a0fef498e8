//! How an auditor gets and renews its certificate.
//!
//! The same listener, tokens and rules as for nodes; an auditor owns no feed, takes
//! no connection and gets no bundle, so a request that says otherwise is refused. A
//! certificate is issued together with its row in the registry of auditors, or not
//! at all.

use prost::Message as _;
use rmd_link::{Identity, Peer, enrol::Secret};
use rmd_proto::{
    Code, Fault,
    v1::{CertifyRequest, CertifyResponse, RenewRequest, RenewResponse},
};
use tracing::info;

use super::{Inner, Refusal, repeated, request_digest};
use crate::{
    audit::registry,
    registry::invitation::{self, Found},
};

impl Inner {
    pub(super) async fn certify_auditor(
        &self,
        secret: Secret,
        found: Found,
        request: &CertifyRequest,
    ) -> Result<CertifyResponse, Refusal> {
        let identity = Identity::auditor(&self.network.name, &found.name)
            .map_err(super::super::malformed("invitation.name"))?;
        check_empty(request)?;
        let issued = self.issue(&request.csr_der, &identity)?;
        let digest = request_digest(request, &issued);
        if let Some((used_by, answer)) = &found.used {
            return repeated(used_by, answer, &digest);
        }
        let mut response = self.response(&issued, &identity);
        response.audit_address.clone_from(&self.network.audit_address);
        let (answer, now) = (response.encode_to_vec(), self.clock.now());
        let mut transaction = self.store.begin().await?;
        if !invitation::use_up(&mut transaction, secret, &digest, &answer, now).await? {
            // Another request with the same token was faster.
            let found = invitation::find(&mut transaction, secret).await?;
            let used = found.and_then(|found| found.used).ok_or_else(|| {
                let message = "the invitation was withdrawn\nl'invitation a été retirée";
                Fault::new(Code::TokenUnknown, message)
            })?;
            return repeated(&used.0, &used.1, &digest);
        }
        registry::issued(&mut transaction, (&found.name, &identity), &issued, now).await?;
        transaction.commit().await?;
        info!(auditor = found.name, certificate.serial = %issued.serial, "auditor enrolled");
        Ok(response)
    }

    pub(super) async fn renew_auditor(
        &self,
        peer: &Peer,
        name: &str,
        request: &RenewRequest,
    ) -> Result<RenewResponse, Refusal> {
        let mut connection = self.store.acquire().await?;
        registry::admit(&mut connection, name, &peer.serial).await??;
        drop(connection);
        let issued = self.issue(&request.csr_der, &peer.identity)?;
        let mut transaction = self.store.begin().await?;
        let (whom, now) = ((name, &peer.identity), self.clock.now());
        registry::issued(&mut transaction, whom, &issued, now).await?;
        transaction.commit().await?;
        info!(auditor = name, certificate.serial = %issued.serial, "certificate renewed");
        Ok(RenewResponse {
            certificate_der: issued.chain_der,
            root_der: self.authority.roots_der().to_vec(),
            not_after_us: issued.not_after.as_microsecond(),
        })
    }
}

/// What an auditor does not have.
fn check_empty(request: &CertifyRequest) -> Result<(), Fault> {
    let fields = [
        ("feed_vkey", request.feed_vkey.is_empty()),
        ("feed_key_proof", request.feed_key_proof.is_empty()),
        ("advertise", request.advertise.is_empty()),
        ("bundle_recipient", request.bundle_recipient.is_empty()),
    ];
    match fields.into_iter().find(|(_, is_empty)| !is_empty) {
        None => Ok(()),
        Some((field, _)) => {
            let message = "an auditor has none; leave it empty\n\
                           un auditeur n'en a pas ; laissez ce champ vide";
            Err(Fault::at(Code::RequestInvalid, field, message))
        }
    }
}
