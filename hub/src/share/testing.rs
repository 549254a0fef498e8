//! A node for tests: takes the hub's feeds over mutual TLS, as a node does.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::stream;
use rmd_feed::{FeedVerifier, Follower, StoredEntry};
use rmd_link::{Acceptor, Credentials, tls};
use rmd_proto::{
    Code, Fault,
    v1::{
        AnnounceRequest, AnnounceResponse, CursorRequest, CursorResponse, Frame, PushRequest,
        PushResponse, RecallRequest, RecallResponse, ReturnRequest, ReturnResponse,
        recovery_service_server::{RecoveryService, RecoveryServiceServer},
        shared_master_data_service_server::{
            SharedMasterDataService, SharedMasterDataServiceServer,
        },
    },
};
use rmd_standard::Entity;
use sqlx::AnyConnection;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, Streaming};

use super::{EPOCH, Error, OwnFeed, Publisher, decision::NewDecision, publisher::Published};
use crate::{registry::testing::Hub, standing::Keeper};

/// Each feed with what was applied of it, by its name on the wire.
type Feeds = BTreeMap<&'static str, (Follower, Vec<StoredEntry>)>;

/// What the node holds.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    feeds: Arc<Mutex<Feeds>>,
    /// Whether it takes every frame and never answers.
    silent: Arc<AtomicBool>,
    /// What it gives back of the hub's feed that every node gets.
    kept: Arc<Mutex<Vec<Frame>>>,
}

impl Inbox {
    /// Of a node that takes the feed for every node alone.
    pub(crate) fn new(hub_vkey: &str) -> Self {
        Self::following(hub_vkey, [OwnFeed::shared()])
    }

    /// Of a node that takes everything that it may be sent.
    pub(crate) fn of_node(hub_vkey: &str, node_id: &str) -> Self {
        Self::following(hub_vkey, OwnFeed::of_node(node_id))
    }

    fn following(hub_vkey: &str, feeds: impl IntoIterator<Item = OwnFeed>) -> Self {
        let verifier = FeedVerifier::parse(hub_vkey).unwrap();
        let follow = |feed: OwnFeed| {
            let origin = feed.origin("rmd.net/hub");
            let follower = Follower::new(feed.name(), EPOCH, origin, verifier.clone());
            (feed.name(), (follower, Vec::new()))
        };
        let feeds = feeds.into_iter().map(follow).collect();
        Self { feeds: Arc::new(Mutex::new(feeds)), silent: Arc::default(), kept: Arc::default() }
    }

    pub(crate) fn cursor(&self) -> u64 {
        self.feeds.lock().unwrap()[OwnFeed::SHARED].0.cursor()
    }

    pub(crate) fn entries(&self) -> Vec<StoredEntry> {
        self.entries_of(OwnFeed::SHARED)
    }

    pub(crate) fn entries_of(&self, feed: &str) -> Vec<StoredEntry> {
        self.feeds.lock().unwrap()[feed].1.clone()
    }

    /// Answers no push from now on.
    pub(crate) fn fall_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Whether a frame would be taken; then it is.
    pub(crate) fn try_accept(&self, frame: &rmd_proto::v1::Frame) -> Result<(), Code> {
        let mut feeds = self.feeds.lock().unwrap();
        let (follower, _) = feeds.get_mut(frame.feed.as_str()).ok_or(Code::FeedUnknown)?;
        follower.accept(frame).map(drop).map_err(|refusal| refusal.code)
    }

    /// Has a frame to give back.
    pub(crate) fn keep(&self, frame: &Frame) {
        self.kept.lock().unwrap().push(frame.clone());
    }

    /// Applies a frame behind the hub's back.
    pub(crate) fn accept(&self, frame: &rmd_proto::v1::Frame) {
        self.feeds.lock().unwrap().get_mut(frame.feed.as_str()).unwrap().0.accept(frame).unwrap();
    }
}

#[tonic::async_trait]
impl SharedMasterDataService for Inbox {
    async fn cursor(
        &self,
        request: Request<CursorRequest>,
    ) -> Result<Response<CursorResponse>, Status> {
        let feeds = self.feeds.lock().unwrap();
        let held = feeds
            .get(request.into_inner().feed.as_str())
            .ok_or_else(|| Fault::at(Code::FeedUnknown, "feed", "it is not taken here"))?;
        Ok(Response::new(CursorResponse {
            epoch: EPOCH,
            cursor: held.0.cursor(),
            checkpoint: held.0.checkpoint().unwrap_or_default().to_owned(),
            ..Default::default()
        }))
    }

    async fn push(
        &self,
        request: Request<Streaming<PushRequest>>,
    ) -> Result<Response<PushResponse>, Status> {
        let mut stream = request.into_inner();
        let mut cursor = 0;
        while let Some(push) = stream.message().await? {
            let frame = push
                .frame
                .ok_or_else(|| Fault::at(Code::RequestInvalid, "frame", "it is missing"))?;
            let mut feeds = self.feeds.lock().unwrap();
            let (follower, entries) = feeds
                .get_mut(frame.feed.as_str())
                .ok_or_else(|| Fault::at(Code::FeedUnknown, "feed", "it is not taken here"))?;
            let new = follower.accept(&frame);
            entries.extend(new.map_err(|refusal| Fault::new(refusal.code, refusal.message))?);
            cursor = follower.cursor();
        }
        if self.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Ok(Response::new(PushResponse { cursor }))
    }
}

#[tonic::async_trait]
impl RecoveryService for Inbox {
    type RecallStream = stream::Iter<std::vec::IntoIter<Result<RecallResponse, Status>>>;

    async fn announce(
        &self,
        _: Request<AnnounceRequest>,
    ) -> Result<Response<AnnounceResponse>, Status> {
        Err(Fault::new(Code::RequestInvalid, "it lost nothing").into())
    }

    async fn r#return(
        &self,
        _: Request<Streaming<ReturnRequest>>,
    ) -> Result<Response<ReturnResponse>, Status> {
        Err(Fault::new(Code::RequestInvalid, "it lost nothing").into())
    }

    async fn recall(
        &self,
        request: Request<RecallRequest>,
    ) -> Result<Response<Self::RecallStream>, Status> {
        let after = request.into_inner().after_seq;
        let kept = self.kept.lock().unwrap();
        let lacking = kept.iter().filter(|frame| frame.last_seq > after);
        let frames: Vec<_> =
            lacking.map(|frame| Ok(RecallResponse { frame: Some(frame.clone()) })).collect();
        Ok(Response::new(stream::iter(frames)))
    }
}

impl Publisher {
    /// Decides about a site.
    pub(crate) async fn decide(&self, id: &str, new: NewDecision) -> Result<Published, Error> {
        self.decide_about(Entity::MineSite, id, new).await
    }

    /// Computes every status that is not fresh; how many bulletins were published.
    pub(crate) async fn refresh(&self) -> Result<usize, Error> {
        Ok(Keeper::new(self.clone()).settle().await?.bulletins)
    }
}

/// A port for a node that enrols before it listens.
pub(crate) async fn port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// Serves an inbox for the hub alone.
pub(crate) fn serve(hub: &Hub, listener: TcpListener, credentials: &Credentials, inbox: &Inbox) {
    let soft = hub.lifecycle.soft();
    let acceptor = Acceptor::new(credentials, rmd_link::Identity::is_hub);
    let incoming = tls::incoming(listener, acceptor, soft.clone());
    hub.lifecycle.spawn(
        "inbox",
        tls::server()
            .add_service(SharedMasterDataServiceServer::new(inbox.clone()))
            .add_service(RecoveryServiceServer::new(inbox.clone()))
            .serve_with_incoming_shutdown(incoming, soft.cancelled_owned()),
    );
}

/// A released site as the regional tables hold it.
#[derive(Debug, Clone)]
pub(crate) struct TestSite<'a> {
    pub(crate) icglr_id: &'a str,
    pub(crate) country: &'a str,
    pub(crate) status: &'a str,
    pub(crate) district: &'a str,
    pub(crate) inspected: Option<&'a str>,
}

/// Puts a site into the regional tables.
pub(crate) async fn insert_site(connection: &mut AnyConnection, site: &TestSite<'_>) {
    let known_at_us = 1_483_228_800_000_000_i64;
    sqlx::query(
        "INSERT INTO record
             (entity, record_key, node_id, country, feed, epoch, seq, rev, op, captured_at_us,
              received_at_us, schema_id, mapping_id, findings, withheld, shadow)
         VALUES ('MineSite', $1, 'COD/cod-mines', $2, 'master-data', 1, 1, 1, 'upsert', $3, $3,
                 'rmd.v1', '', '[]', '', 0)",
    )
    .bind(site.icglr_id)
    .bind(site.country)
    .bind(known_at_us)
    .execute(&mut *connection)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO mine_site
             (record_key, rev, void, icglr_id, address_country, national_id,
              certification_status, certification_status_since, latitude_e7, longitude_e7,
              mineral, owner_name, site_name,
              local_geographic_designation_subnational_division_l2)
         VALUES ($1, 1, 0, $1, $2, 'N-1', $3, '2017-06-01', -15234567, 288999999,
                 '2609;Au', 'Jane Owner', 'Secret Name', $4)",
    )
    .bind(site.icglr_id)
    .bind(site.country)
    .bind(site.status)
    .bind((!site.district.is_empty()).then(|| site.district.to_owned()))
    .execute(&mut *connection)
    .await
    .unwrap();
    if let Some(day) = site.inspected {
        sqlx::query(
            "INSERT INTO mine_site_inspection
                 (record_key, position, inspection_id, inspection_date, inspection_result)
             VALUES ($1, 0, 'I-1', $2, $3)",
        )
        .bind(site.icglr_id)
        .bind(day)
        .bind(site.status)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    crate::standing::due(connection, "MineSite", site.icglr_id).await.unwrap();
}
