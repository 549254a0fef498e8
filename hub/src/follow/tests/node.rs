//! A node for tests: real logs behind a real listener.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, stream};
use rmd_link::{Acceptor, Credentials, Identity, tls};
use rmd_proto::{
    Code, Fault,
    v1::{
        self,
        feed_service_server::{FeedService, FeedServiceServer},
    },
};
use rmd_runtime::Lifecycle;
use tokio::{net::TcpListener, sync::watch};
use tonic::{Request, Response, Status};

use crate::follow::testing::{Publisher, Said};

/// The node; its tasks end when it is dropped.
#[derive(Debug)]
pub(super) struct TestNode {
    pub(super) address: String,
    /// The key under which its feeds are signed.
    pub(super) vkey: String,
    inner: Inner,
    lifecycle: Lifecycle,
}

#[derive(Debug, Clone)]
struct Inner {
    feeds: Arc<Mutex<BTreeMap<String, Publisher>>>,
    lies: Arc<Mutex<BTreeMap<String, Lie>>>,
    clock_offset_us: Arc<AtomicI64>,
    credentials: Credentials,
    appended: watch::Sender<()>,
    /// Most bytes of a frame, as each stream was asked for.
    asked: Arc<Mutex<Vec<u32>>>,
}

impl Drop for TestNode {
    fn drop(&mut self) {
        self.lifecycle.soft().cancel();
    }
}

impl TestNode {
    pub(super) async fn serve(
        credentials: &Credentials,
        feeds: impl IntoIterator<Item = Publisher>,
    ) -> Self {
        let feeds: BTreeMap<_, _> =
            feeds.into_iter().map(|feed| (feed.state().feed, feed)).collect();
        let vkey = feeds.values().next().unwrap().key.vkey();
        let inner = Inner {
            feeds: Arc::new(Mutex::new(feeds)),
            lies: Arc::default(),
            clock_offset_us: Arc::default(),
            credentials: credentials.clone(),
            appended: watch::Sender::new(()),
            asked: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let lifecycle = Lifecycle::new(Duration::from_secs(1));
        let acceptor = Acceptor::new(credentials, Identity::is_hub);
        let incoming = tls::incoming(listener, acceptor, lifecycle.soft());
        let server = tls::server()
            .add_service(FeedServiceServer::new(inner.clone()))
            .serve_with_incoming(incoming);
        lifecycle.spawn("test node", server);
        Self { address, vkey, inner, lifecycle }
    }

    pub(super) fn append(&self, feed: &str, said: impl IntoIterator<Item = Said>) {
        self.inner.feeds.lock().unwrap().get_mut(feed).unwrap().append(said);
        self.inner.appended.send_replace(());
    }

    /// Puts another history in the place of a feed, and gives the one before.
    pub(super) fn replace(&self, feed: Publisher) -> Option<Publisher> {
        self.inner.feeds.lock().unwrap().insert(feed.state().feed, feed)
    }

    /// Lies about a feed from now on, or tells the truth again.
    pub(super) fn lie(&self, feed: &str, lie: Option<Lie>) {
        let mut lies = self.inner.lies.lock().unwrap();
        lies.remove(feed);
        lies.extend(lie.map(|lie| (feed.to_owned(), lie)));
        drop(lies);
        self.inner.appended.send_replace(());
    }

    /// Most bytes of a frame, as the last stream was asked for.
    pub(super) fn asked_last(&self) -> Option<u32> {
        self.inner.asked.lock().unwrap().last().copied()
    }

    /// Whether nobody has a stream open.
    pub(super) fn is_alone(&self) -> bool {
        self.inner.appended.receiver_count() == 0
    }

    pub(super) fn set_clock_offset_us(&self, offset_us: i64) {
        self.inner.clock_offset_us.store(offset_us, Ordering::Relaxed);
    }
}

/// What the node does wrong with a feed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lie {
    /// Half of each frame is missing.
    Torn,
    /// A frame larger than any message may be.
    Oversized,
    /// A frame that claims to begin later than it should.
    Gap,
    /// A frame that begins before what was asked for.
    Early,
    /// A message without a frame.
    Empty,
    /// An answer that names a fault.
    Fault(Code),
    /// A stream that ends at once.
    Closed,
}

type Frames<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FeedService for Inner {
    type PullStream = Frames<v1::PullResponse>;
    type FollowStream = Frames<v1::FollowResponse>;

    async fn hello(
        &self,
        _: Request<v1::HelloRequest>,
    ) -> Result<Response<v1::HelloResponse>, Status> {
        let mut feed: Vec<v1::FeedState> =
            self.feeds.lock().unwrap().values().map(Publisher::state).collect();
        for state in feed.iter_mut().filter(|state| state.feed == "master-data") {
            state.entity.push(v1::EntityCount {
                entity: "MineSite".to_owned(),
                entitlement: "live".to_owned(),
                published: 7,
                refused: vec![v1::RuleCount { rule: "MD01-001".to_owned(), records: 2 }],
                held: 0,
                captured: 9,
                ..v1::EntityCount::default()
            });
        }
        let now_us = self.credentials.clock().now().as_microsecond();
        Ok(Response::new(v1::HelloResponse {
            protocol: 1,
            identity: String::new(),
            software_version: "0.1.0".to_owned(),
            boot_number: 3,
            boot_random: u64::MAX,
            boot_previous_random: 0,
            clock_us: now_us + self.clock_offset_us.load(Ordering::Relaxed),
            feed,
            ..v1::HelloResponse::default()
        }))
    }

    async fn follow(
        &self,
        request: Request<v1::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let request = request.into_inner();
        self.asked.lock().unwrap().push(request.frame_bytes_max);
        let state = (self.clone(), request.feed, request.after_seq, self.appended.subscribe());
        let frames = stream::unfold(state, |(node, feed, after, mut appended)| async move {
            loop {
                let lie = node.lies.lock().unwrap().get(&feed).copied();
                match lie {
                    Some(Lie::Closed) => return None,
                    Some(Lie::Fault(code)) => {
                        let fault = Fault::new(code, "the feed is lost\nle flux a été perdu");
                        return Some((Err(fault.into()), (node, feed, after, appended)));
                    }
                    _ => {}
                }
                if let Some((message, last)) = node.message_after(&feed, after) {
                    return Some((Ok(message), (node, feed, last, appended)));
                }
                appended.changed().await.ok()?;
            }
        });
        Ok(Response::new(Box::pin(frames)))
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

impl Inner {
    fn message_after(&self, feed: &str, after: u64) -> Option<(v1::FollowResponse, u64)> {
        let feeds = self.feeds.lock().unwrap();
        let publisher = feeds.get(feed)?;
        let mut frame = publisher.frame_after(after)?;
        let last = frame.last_seq;
        match self.lies.lock().unwrap().get(feed) {
            Some(Lie::Torn) => frame.body.truncate(frame.body.len() / 2),
            Some(Lie::Oversized) => frame.body = vec![0; 5 << 20],
            Some(Lie::Gap) => frame = publisher.frame_after(after + 1)?,
            Some(Lie::Early) if after > 0 => frame = publisher.frame_after(0)?,
            Some(Lie::Empty) => return Some((v1::FollowResponse { frame: None }, last)),
            _ => {}
        }
        Some((v1::FollowResponse { frame: Some(frame) }, last))
    }
}
