//! FeedService: the feeds of this node.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use rmd_feed::{
    frame::{self, Reads},
    proof::Claim,
};
use rmd_proto::{Code, Fault, v1};
use tonic::{Request, Response, Status};

use super::{
    Context, Right, authorise, fault, hello,
    stream::{Frames, Reach},
};
use crate::journal::{
    FEEDS,
    audit::Call,
    prove,
    report::{self, FeedReport},
};

/// Answers for the feeds.
#[derive(Debug)]
pub(super) struct Feeds {
    pub(super) context: Context,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl v1::feed_service_server::FeedService for Feeds {
    type PullStream = Answers<v1::PullResponse>;
    type FollowStream = Answers<v1::FollowResponse>;

    async fn hello(
        &self,
        request: Request<v1::HelloRequest>,
    ) -> Result<Response<v1::HelloResponse>, Status> {
        let peer = authorise(&request, Right::Read)?;
        let answer = hello::answer(&self.context, &peer, request.into_inner()).await?;
        Ok(Response::new(answer))
    }

    async fn pull(
        &self,
        request: Request<v1::PullRequest>,
    ) -> Result<Response<Self::PullStream>, Status> {
        let peer = authorise(&request, Right::Read)?;
        let request = request.into_inner();
        let feed = self.feed(&request.feed, request.epoch).await?;
        check_cursor(&feed, request.after_seq)?;
        let reach = Reach::Now { frames_max: request.frames_max };
        let ticket = self.context.limits.streams.open(&peer)?;
        let frames = Frames {
            call: Call::new(self.context.journal.store().clone(), peer.clone(), "Pull"),
            feed: feed.feed,
            epoch: feed.epoch,
            after_seq: request.after_seq,
            bytes_max: frame::bytes_max(request.frame_bytes_max),
            reads: Reads::stated(request.packing_max, &request.dictionary),
        };
        let answers = frames
            .into_stream(self.context.clone(), peer, ticket, reach)
            .map(|frame| Ok(v1::PullResponse { frame: Some(frame?) }));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn follow(
        &self,
        request: Request<v1::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let peer = authorise(&request, Right::Exchange)?;
        let request = request.into_inner();
        let feed = self.feed(&request.feed, request.epoch).await?;
        check_cursor(&feed, request.after_seq)?;
        let ticket = self.context.limits.streams.open(&peer)?;
        let frames = Frames {
            call: Call::new(self.context.journal.store().clone(), peer.clone(), "Follow"),
            feed: feed.feed,
            epoch: feed.epoch,
            after_seq: request.after_seq,
            bytes_max: frame::bytes_max(request.frame_bytes_max),
            reads: Reads::stated(request.packing_max, &request.dictionary),
        };
        let answers = frames
            .into_stream(self.context.clone(), peer, ticket, Reach::Later)
            .map(|frame| Ok(v1::FollowResponse { frame: Some(frame?) }));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn prove(
        &self,
        request: Request<v1::ProveRequest>,
    ) -> Result<Response<v1::ProveResponse>, Status> {
        let peer = authorise(&request, Right::Read)?;
        let request = request.into_inner();
        let feed = self.feed(&request.feed, request.epoch).await?;
        let (claim, first) = claim(&feed, &request)?;
        let store = self.context.journal.store();
        let (hashes, root) =
            prove::prove(store.readers(), feed.feed, feed.epoch, request.tree_size, claim)
                .await
                .map_err(fault)?;
        let bytes = 32 * (hashes.len() as u64 + 1);
        Call::new(store.clone(), peer, "Prove")
            .proving(feed.feed, feed.epoch, (first, request.tree_size), bytes)
            .await
            .map_err(fault)?;
        let hash = hashes.into_iter().map(|hash| hash.to_vec()).collect();
        Ok(Response::new(v1::ProveResponse { hash, root: root.to_vec() }))
    }
}

impl Feeds {
    /// The feed that a request names, in the epoch that is written.
    async fn feed(&self, name: &str, epoch: u32) -> Result<FeedReport, Fault> {
        let reports = report::feeds(self.context.journal.store()).await.map_err(fault)?;
        let feed = reports.into_iter().find(|feed| feed.feed == name).ok_or_else(|| {
            let message = format!("this node writes the feeds {}", FEEDS.join(", "));
            Fault::at(Code::FeedUnknown, "feed", message)
        })?;
        if feed.epoch != epoch {
            let message = format!("feed {} is in epoch {}", feed.feed, feed.epoch);
            return Err(Fault::at(Code::EpochUnknown, "epoch", message));
        }
        Ok(feed)
    }
}

fn check_cursor(feed: &FeedReport, after_seq: u64) -> Result<(), Fault> {
    if after_seq <= feed.size {
        return Ok(());
    }
    let message = format!("feed {} has {} entries", feed.feed, feed.size);
    Err(Fault::at(Code::CursorBeyondSize, "after_seq", message))
}

/// What is to be proven, and the first seq that it is about.
fn claim(feed: &FeedReport, request: &v1::ProveRequest) -> Result<(Claim, u64), Fault> {
    let size = request.tree_size;
    if size == 0 || size > feed.size {
        let message = format!("1 to {} can be proven", feed.size);
        return Err(Fault::at(Code::CursorBeyondSize, "tree_size", message));
    }
    let (claim, asked, field) = match request.proof {
        Some(v1::prove_request::Proof::Seq(seq)) => (Claim::Inclusion { seq }, seq, "seq"),
        Some(v1::prove_request::Proof::OldSize(old_size)) => {
            (Claim::Consistency { old_size }, old_size, "old_size")
        }
        None => {
            return Err(Fault::at(Code::RequestInvalid, "proof", "seq or old_size is required"));
        }
    };
    if asked == 0 || asked > size {
        let message = format!("1 to {size} is expected");
        return Err(Fault::at(Code::RequestInvalid, field, message));
    }
    Ok((claim, asked))
}
