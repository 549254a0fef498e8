//! The least hub that can enrol: one invitation, an authority, no store.

use jiff::Timestamp;
use rmd_link::{
    Credentials, Identity,
    authority::{Authority, LEAF_LIFETIME},
    enrol::{Caller, Secret, proof_digest},
    keys::new_key_and_csr,
};
use rmd_proto::{
    Code, Fault,
    v1::{
        CertifyRequest, CertifyResponse, RenewRequest, RenewResponse,
        enrolment_service_server::{EnrolmentService, EnrolmentServiceServer},
    },
};
use tonic::{Request, Response, Status};

use crate::world::{World, hub, node};

/// What makes an answer wrong.
pub(crate) type Bend = fn(&Hub, &mut CertifyResponse);

pub(crate) struct Hub {
    authority: Authority,
    credentials: Credentials,
    invited: [u8; 32],
    bend: Bend,
}

impl Hub {
    pub(crate) fn new(
        world: &World,
        credentials: &Credentials,
        secret: Secret,
        bend: Bend,
    ) -> Self {
        let authority = Authority::open(world.dir.path().join("ca")).unwrap();
        Self { authority, credentials: credentials.clone(), invited: secret.sha256(), bend }
    }

    pub(crate) fn into_server(self) -> EnrolmentServiceServer<Self> {
        EnrolmentServiceServer::new(self)
    }

    /// A leaf for a key that nobody sent.
    pub(crate) fn sign_anew(&self, identity: &Identity) -> Vec<u8> {
        let (_, csr) = new_key_and_csr(identity).unwrap();
        self.sign(&csr, identity).unwrap().0.swap_remove(0)
    }

    fn sign(&self, csr: &[u8], identity: &Identity) -> Result<(Vec<Vec<u8>>, Timestamp), Fault> {
        let now = self.credentials.clock().now();
        let issued = self
            .authority
            .issue(csr, identity, now, LEAF_LIFETIME)
            .map_err(|error| Fault::at(Code::RequestInvalid, "csr_der", error.to_string()))?;
        Ok((issued.chain_der, issued.not_after))
    }
}

#[tonic::async_trait]
impl EnrolmentService for Hub {
    async fn certify(
        &self,
        request: Request<CertifyRequest>,
    ) -> Result<Response<CertifyResponse>, Status> {
        assert!(Caller::of_request(&request)?.peer.is_none());
        let request = request.into_inner();
        let secret = Secret::from_text(&request.token);
        if secret.map(Secret::sha256) != Some(self.invited) {
            return Err(Fault::at(Code::TokenUnknown, "token", "no such invitation").into());
        }
        if request.feed_key_proof != proof_digest(&request.token, &request.csr_der) {
            let fault = Fault::at(Code::KeyProofInvalid, "feed_key_proof", "does not hold");
            return Err(fault.into());
        }
        let identity = node("COD");
        let (certificate_der, not_after) = self.sign(&request.csr_der, &identity)?;
        let mut answer = CertifyResponse {
            certificate_der,
            root_der: self.authority.roots_der().to_vec(),
            hub_feed_vkey: "vkey-of-the-hub".to_owned(),
            identity: identity.to_string(),
            hub_identity: hub().to_string(),
            not_after_us: not_after.as_microsecond(),
            ..CertifyResponse::default()
        };
        (self.bend)(self, &mut answer);
        Ok(Response::new(answer))
    }

    async fn renew(
        &self,
        request: Request<RenewRequest>,
    ) -> Result<Response<RenewResponse>, Status> {
        let caller = Caller::of_request(&request)?.enrolled(&self.credentials)?.clone();
        let csr = request.into_inner().csr_der;
        let (certificate_der, not_after) = self.sign(&csr, &caller.identity)?;
        Ok(Response::new(RenewResponse {
            certificate_der,
            root_der: self.authority.roots_der().to_vec(),
            not_after_us: not_after.as_microsecond(),
        }))
    }
}
