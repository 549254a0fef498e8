//! AuditService on its listener: what an auditor is answered.
//!
//! The listener lets certificates of auditors in and no others; each call, and each
//! frame of a stream, asks the registry again whether the certificate still counts.
//! Proofs are computed one at a time: they read the ledger.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _};
use rmd_feed::{FeedKey, frame};
use rmd_link::{Acceptor, Credentials, Guard, Peer, Role, tls};
use rmd_proto::{
    Code, Fault, PROTOCOL_RANGE,
    v1::{
        self,
        audit_service_server::{AuditService, AuditServiceServer},
    },
};
use rmd_runtime::{SharedClock, lifecycle::chain};
use tokio::{net::TcpListener, sync::Mutex};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, service::interceptor::InterceptedService};
use tracing::{error, info};

use super::{
    Error, epoch, prove, registry,
    stream::{Frames, Reach},
};
use crate::{
    regional::Owner,
    share::{EPOCH, OwnFeed, log},
    store::Store,
};

/// A request of an auditor holds a checkpoint and some numbers.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// Calls at a time on one connection: one stream, and a few proofs beside it.
const CALLS_MAX: u32 = 8;

/// What the service needs to answer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) credentials: Credentials,
    /// The hub's feed key, and its name on checkpoints.
    pub(crate) signer: (Arc<FeedKey>, String),
    /// How often an open Follow looks for entries, and whether it may go on.
    pub(crate) poll: Duration,
    pub(crate) shutdown: CancellationToken,
}

/// Answers auditors.
#[derive(Debug)]
struct Service {
    context: Context,
    proving: Mutex<()>,
}

/// Serves auditors until the shutdown.
pub(crate) async fn serve(
    listener: TcpListener,
    context: Context,
) -> Result<(), tonic::transport::Error> {
    let network = context.credentials.identity().map(|identity| identity.network);
    let network = network.unwrap_or_default();
    let acceptor = Acceptor::new(&context.credentials, move |peer| {
        peer.network == network && matches!(peer.role, Role::Auditor { .. })
    });
    let shutdown = context.shutdown.clone();
    let incoming = tls::incoming(listener, acceptor, shutdown.clone());
    let guard = Guard::new(&context.credentials);
    let service = AuditServiceServer::new(Service { context, proving: Mutex::default() })
        .max_decoding_message_size(REQUEST_BYTES_MAX);
    tls::server()
        .max_concurrent_streams(CALLS_MAX)
        .add_service(InterceptedService::new(service, guard))
        .serve_with_incoming_shutdown(incoming, shutdown.cancelled_owned())
        .await
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl AuditService for Service {
    type PullStream = Answers<v1::AuditServicePullResponse>;
    type FollowStream = Answers<v1::AuditServiceFollowResponse>;

    async fn hello(
        &self,
        request: Request<v1::AuditServiceHelloRequest>,
    ) -> Result<Response<v1::AuditServiceHelloResponse>, Status> {
        let (_, name) = self.context.admit(&request).await?;
        Ok(Response::new(self.context.greet(&name, request.into_inner()).await?))
    }

    async fn pull(
        &self,
        request: Request<v1::AuditServicePullRequest>,
    ) -> Result<Response<Self::PullStream>, Status> {
        let (peer, name) = self.context.admit(&request).await?;
        let v1::AuditServicePullRequest { epoch, after_seq, frame_bytes_max } =
            request.into_inner();
        let frames =
            self.frames((epoch, after_seq), frame_bytes_max, (peer, name), Reach::Now).await?;
        let answers = frames
            .into_stream()
            .map(|frame| Ok(v1::AuditServicePullResponse { frame: Some(frame?) }));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn follow(
        &self,
        request: Request<v1::AuditServiceFollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let (peer, name) = self.context.admit(&request).await?;
        let v1::AuditServiceFollowRequest { epoch, after_seq, frame_bytes_max } =
            request.into_inner();
        let frames =
            self.frames((epoch, after_seq), frame_bytes_max, (peer, name), Reach::Later).await?;
        let answers = frames
            .into_stream()
            .map(|frame| Ok(v1::AuditServiceFollowResponse { frame: Some(frame?) }));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn prove(
        &self,
        request: Request<v1::AuditServiceProveRequest>,
    ) -> Result<Response<v1::AuditServiceProveResponse>, Status> {
        self.context.admit(&request).await?;
        let v1::AuditServiceProveRequest { node_id, feed, epoch, old_size, tree_size } =
            request.into_inner();
        if old_size == 0 || old_size > tree_size {
            let message = format!(
                "1 to {tree_size} is expected, as a checkpoint has it\n\
                 attendu : 1 à {tree_size}, comme dans un point de contrôle"
            );
            return Err(Fault::at(Code::RequestInvalid, "old_size", message).into());
        }
        let owner = Owner { node_id, country: String::new(), feed, epoch };
        let turn = self.proving.lock().await;
        let proof = prove::prove(&self.context.store, &owner, old_size, tree_size).await;
        drop(turn);
        let proof = proof.map_err(fault)?.ok_or_else(|| {
            let message = "no checkpoint of that size was published; only those are proven\n\
                           aucun point de contrôle de cette taille n'a été publié ; seuls ceux-là se prouvent";
            Fault::at(Code::CursorBeyondSize, "tree_size", message)
        })?;
        let hash = proof.hashes.into_iter().map(|hash| hash.to_vec()).collect();
        let old_root = proof.old_root.to_vec();
        Ok(Response::new(v1::AuditServiceProveResponse { hash, old_root }))
    }
}

impl Service {
    /// The frames of an epoch after a seq.
    async fn frames(
        &self,
        (epoch, after_seq): (u32, u64),
        frame_bytes_max: u32,
        (peer, name): (Peer, String),
        reach: Reach,
    ) -> Result<Frames, Fault> {
        let context = self.context.clone();
        let now = context.clock.now();
        let mut connection = context.store.acquire().await.map_err(|error| fault(error.into()))?;
        let written = epoch::written(&mut connection).await.map_err(fault)?;
        if epoch == 0 || epoch > written.map_or(EPOCH, |written| written.epoch()) {
            let message = "the feed has not that epoch; say Hello\n\
                           le flux n'a pas cette époque ; appelez Hello";
            return Err(Fault::at(Code::EpochUnknown, "epoch", message));
        }
        registry::seen(&mut connection, &name, (epoch, after_seq), now)
            .await
            .map_err(|error| fault(error.into()))?;
        drop(connection);
        let feed = OwnFeed::checkpoints(epoch);
        let bytes_max = frame::bytes_max(frame_bytes_max);
        Ok(Frames { context, feed, after_seq, bytes_max, peer, name, reach })
    }
}

impl Context {
    /// The peer of a request and its name, if its certificate counts now.
    async fn admit<T>(&self, request: &Request<T>) -> Result<(Peer, String), Fault> {
        let peer = Peer::of_request(request)?.clone();
        let Role::Auditor { name } = peer.identity.role.clone() else {
            let message = format!("{} may not make this call", peer.identity.node_id());
            return Err(Fault::new(Code::RoleForbidden, message));
        };
        self.admits(&peer, &name).await?;
        Ok((peer, name))
    }

    /// Refuses a certificate that no longer counts, and closes its connection.
    pub(super) async fn admits(&self, peer: &Peer, name: &str) -> Result<(), Fault> {
        peer.check(&self.credentials)?;
        let mut connection = self.store.acquire().await.map_err(|error| fault(error.into()))?;
        let admitted = registry::admit(&mut connection, name, &peer.serial).await;
        admitted.map_err(|error| fault(error.into()))?.inspect_err(|refusal| {
            info!(auditor = name, code = %refusal.code, "auditor refused");
        })
    }

    async fn greet(
        &self,
        name: &str,
        request: v1::AuditServiceHelloRequest,
    ) -> Result<v1::AuditServiceHelloResponse, Fault> {
        let (low, high) = (*PROTOCOL_RANGE.start(), *PROTOCOL_RANGE.end());
        let protocol = high.min(request.protocol_max);
        if protocol < low.max(request.protocol_min) {
            let message = format!(
                "protocol {low} to {high} is spoken here; upgrade the older side\n\
                 le protocole {low} à {high} est parlé ici ; mettez à jour le plus ancien"
            );
            return Err(Fault::at(Code::ProtocolUnsupported, "protocol_max", message));
        }
        self.compare(name, &request).await.map_err(fault)?;
        let mut connection = self.store.acquire().await.map_err(|error| fault(error.into()))?;
        let (epoch, size, checkpoint) = head(&mut connection).await.map_err(fault)?;
        let identity = self.credentials.identity().map(|identity| identity.to_string());
        Ok(v1::AuditServiceHelloResponse {
            protocol,
            identity: identity.unwrap_or_default(),
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            clock_us: self.clock.now().as_microsecond(),
            epoch,
            size,
            checkpoint,
        })
    }

    /// Holds what the auditor has against the feed: it may know what we have lost.
    async fn compare(
        &self,
        name: &str,
        request: &v1::AuditServiceHelloRequest,
    ) -> Result<(), Error> {
        if request.checkpoint.is_empty() {
            return Ok(());
        }
        let signer = (self.signer.0.as_ref(), self.signer.1.as_str());
        let (held, now) = ((request.epoch, request.checkpoint.as_str()), self.clock.now());
        let mut transaction = self.store.begin().await?;
        if epoch::is_lost(&mut transaction, signer, held, name, now).await? {
            error!(auditor = name, "an auditor holds checkpoints that this hub signed and lacks");
        }
        Ok(transaction.commit().await?)
    }
}

/// Epoch, size and checkpoint of the feed; an empty first epoch before its first entry.
async fn head(connection: &mut sqlx::AnyConnection) -> Result<(u32, u64, String), Error> {
    let Some(feed) = epoch::written(connection).await? else {
        return Ok((EPOCH, 0, String::new()));
    };
    let size = log::head(connection, &feed).await?.size;
    let checkpoint = log::checkpoint_at(connection, &feed, size).await?;
    Ok((feed.epoch(), size, checkpoint.unwrap_or_default()))
}

/// What an auditor may know of a fault of ours; the cause stays in our log.
#[expect(clippy::needless_pass_by_value, reason = "it ends the life of the error")]
pub(super) fn fault(error: Error) -> Fault {
    error!(error = chain(&error), "an auditor cannot be answered");
    Fault::new(
        Code::StoreUnavailable,
        "the hub's store does not answer; try again\nla base du pivot ne répond pas ; réessayez",
    )
}
