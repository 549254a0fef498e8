//! A service that answers who asks. It borrows the enrolment service's messages,
//! so that the crate needs no protocol of its own for its tests.

use rmd_link::{Acceptor, Credentials, Guard, Link, Peer, tls};
use rmd_proto::{
    Code, Fault,
    v1::{
        CertifyRequest, CertifyResponse, RenewRequest, RenewResponse,
        enrolment_service_client::EnrolmentServiceClient,
        enrolment_service_server::{EnrolmentService, EnrolmentServiceServer},
    },
};
use rmd_runtime::lifecycle::Lifecycle;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

use crate::world::hub;

struct Probe;

/// A node's listener with a guarded service.
pub(crate) async fn serve(lifecycle: &Lifecycle, credentials: &Credentials) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let acceptor = Acceptor::expecting(credentials, vec![hub()]);
    let connections = tls::incoming(listener, acceptor, lifecycle.soft());
    let service = EnrolmentServiceServer::with_interceptor(Probe, Guard::new(credentials));
    let server = tls::server().add_service(service);
    let soft = lifecycle.soft();
    lifecycle.spawn("server", async move {
        server.serve_with_incoming_shutdown(connections, soft.cancelled()).await
    });
    address
}

/// Identity, TLS version and serial, as the other side sees us.
pub(crate) async fn ask(link: &Link) -> Result<String, Fault> {
    let mut client = EnrolmentServiceClient::new(link.channel.clone());
    let answer = client.certify(CertifyRequest::default()).await.map_err(Fault::from)?;
    Ok(answer.into_inner().identity)
}

#[tonic::async_trait]
impl EnrolmentService for Probe {
    async fn certify(
        &self,
        request: Request<CertifyRequest>,
    ) -> Result<Response<CertifyResponse>, Status> {
        let peer = Peer::of_request(&request)?;
        let identity = format!("{} {} {}", peer.identity, peer.tls_version, peer.serial);
        Ok(Response::new(CertifyResponse { identity, ..CertifyResponse::default() }))
    }

    async fn renew(&self, _: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        Err(Fault::new(Code::Internal, "not asked for here").into())
    }
}
