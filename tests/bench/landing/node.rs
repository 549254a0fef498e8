//! A node that only serves: enrolled as every node, with one feed out of memory.

use std::{path::Path, pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use futures_util::{Stream, StreamExt as _, stream};
use rmd_feed::frame;
use rmd_link::{
    Acceptor, Credentials, Identity,
    enrol::{self, Application, Token},
    keys, tls,
};
use rmd_proto::{
    Code, Fault,
    v1::{
        self,
        feed_service_server::{FeedService, FeedServiceServer},
    },
};
use rmd_runtime::{
    Lifecycle,
    clock::{SharedClock, SystemClock},
};
use tokio::{net::TcpListener, sync::watch};
use tonic::{Request, Response, Status};

use super::feed::{FEED, Feed, NETWORK};

/// The node; it ends with the value.
#[derive(Debug)]
pub(super) struct Served {
    lifecycle: Lifecycle,
    asked: watch::Receiver<bool>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.lifecycle.soft().cancel();
    }
}

#[derive(Debug)]
struct Service {
    feed: Arc<Feed>,
    clock: SharedClock,
    asked: watch::Sender<bool>,
}

impl Served {
    /// Trades the token for a certificate and serves the feed.
    pub(super) async fn enrol(folder: &Path, token: &str, feed: Arc<Feed>) -> Result<Self> {
        let clock = SystemClock::shared(None);
        let token: Token = token.parse().context("read the token")?;
        let identity = token.identity()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
        let proof = enrol::proof_digest(&token.secret.to_text(), &csr_der);
        let application = Application {
            csr_der,
            feed_vkey: feed.key.vkey(),
            feed_key_proof: feed.key.sign_bytes(&proof),
            advertise: Some(listener.local_addr()?.to_string()),
            bundle_recipient: String::new(),
        };
        let enrolled = enrol::certify(&token, application, &clock).await?;
        let tls_folder = folder.join("node-tls");
        Credentials::store(&tls_folder, &key_pem, &enrolled.chain_der, &enrolled.roots_der)?;
        let credentials = Credentials::load(tls_folder, clock.clone())?;
        let lifecycle = Lifecycle::new(Duration::from_secs(1));
        let is_hub = |peer: &Identity| peer.network == NETWORK && peer.is_hub();
        let acceptor = Acceptor::new(&credentials, is_hub);
        let incoming = tls::incoming(listener, acceptor, lifecycle.soft());
        let (sender, asked) = watch::channel(false);
        let service = FeedServiceServer::new(Service { feed, clock, asked: sender });
        lifecycle.spawn("serve", tls::server().add_service(service).serve_with_incoming(incoming));
        Ok(Self { lifecycle, asked })
    }

    /// Until the hub asks for the feed.
    pub(super) async fn asked(&self) {
        // The service lives as long as the node.
        let _ = self.asked.clone().wait_for(|asked| *asked).await;
    }
}

type Frames<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FeedService for Service {
    type PullStream = Frames<v1::PullResponse>;
    type FollowStream = Frames<v1::FollowResponse>;

    async fn hello(
        &self,
        _: Request<v1::HelloRequest>,
    ) -> Result<Response<v1::HelloResponse>, Status> {
        Ok(Response::new(v1::HelloResponse {
            protocol: 1,
            identity: String::new(),
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            boot_number: 1,
            boot_random: 1,
            clock_us: self.clock.now().as_microsecond(),
            feed: vec![self.feed.state()],
            ..Default::default()
        }))
    }

    async fn follow(
        &self,
        request: Request<v1::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let request = request.into_inner();
        if request.feed != FEED {
            return Err(Fault::new(Code::FeedUnknown, "there is one feed").into());
        }
        self.asked.send_replace(true);
        let bytes_max = frame::bytes_max(request.frame_bytes_max);
        let state = (Arc::clone(&self.feed), request.after_seq);
        let frames = stream::unfold(state, move |(feed, after)| async move {
            let frame = feed.frame_after(after, bytes_max)?;
            let last = frame.last_seq;
            Some((Ok(v1::FollowResponse { frame: Some(frame) }), (feed, last)))
        });
        // Open for what is appended later, which is nothing.
        Ok(Response::new(Box::pin(frames.chain(stream::pending()))))
    }

    async fn pull(
        &self,
        _: Request<v1::PullRequest>,
    ) -> Result<Response<Self::PullStream>, Status> {
        Err(Fault::new(Code::RequestInvalid, "the hub follows").into())
    }

    async fn prove(
        &self,
        _: Request<v1::ProveRequest>,
    ) -> Result<Response<v1::ProveResponse>, Status> {
        Err(Fault::new(Code::RequestInvalid, "for auditors").into())
    }
}
