//! RecoveryService: entries go back to the side that lost them.
//!
//! The hub alone may call it. Frames of this node's feeds are held against its
//! own key and tree; frames of the hub's feeds leave as they were applied.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use rmd_proto::{Code, Fault, v1};
use tonic::{Request, Response, Status, Streaming};

use super::{Context, Right, authorise, fault};
use crate::{
    journal::{FEEDS, adopt::Stop},
    recover,
};

/// Gives and takes back.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) context: Context,
}

#[tonic::async_trait]
impl v1::recovery_service_server::RecoveryService for Recovery {
    type RecallStream = Pin<Box<dyn Stream<Item = Result<v1::RecallResponse, Status>> + Send>>;

    async fn announce(
        &self,
        request: Request<v1::AnnounceRequest>,
    ) -> Result<Response<v1::AnnounceResponse>, Status> {
        authorise(&request, Right::Exchange)?;
        let size =
            recover::announced::announced(&self.context.journal, &request.into_inner()).await?;
        Ok(Response::new(v1::AnnounceResponse { size }))
    }

    async fn r#return(
        &self,
        request: Request<Streaming<v1::ReturnRequest>>,
    ) -> Result<Response<v1::ReturnResponse>, Status> {
        let peer = authorise(&request, Right::Exchange)?;
        let mut frames = request.into_inner();
        let mut size = 0;
        loop {
            let message = tokio::select! {
                () = self.context.shutdown.cancelled() => return Err(shutting_down().into()),
                message = frames.message() => message?,
            };
            let Some(message) = message else { break };
            peer.check(&self.context.credentials)?;
            let frame = message
                .frame
                .ok_or_else(|| Fault::at(Code::RequestInvalid, "frame", "a frame is required"))?;
            size = self.take_back(&frame).await?;
        }
        Ok(Response::new(v1::ReturnResponse { size }))
    }

    async fn recall(
        &self,
        request: Request<v1::RecallRequest>,
    ) -> Result<Response<Self::RecallStream>, Status> {
        let peer = authorise(&request, Right::Exchange)?;
        let v1::RecallRequest { feed, epoch, after_seq } = request.into_inner();
        let ticket = self.context.limits.streams.open(&peer)?;
        let state = Some((self.context.clone(), peer, after_seq));
        let frames = stream::unfold(state, move |state| {
            let feed = feed.clone();
            async move {
                let (context, peer, after) = state?;
                let next = async {
                    if context.shutdown.is_cancelled() {
                        return Err(shutting_down());
                    }
                    peer.check(&context.credentials)?;
                    let frame = context.inbox.frame_after(&feed, epoch, after).await?;
                    let bytes = frame.as_ref().map_or(0, |frame| frame.body.len());
                    context.limits.throttle.pay(bytes).await;
                    Ok(frame)
                };
                match next.await {
                    Ok(Some(frame)) => {
                        let last = frame.last_seq;
                        Some((Ok(frame), Some((context, peer, last))))
                    }
                    Ok(None) => None,
                    Err(fault) => Some((Err(fault), None)),
                }
            }
        });
        let frames =
            ticket.watch(frames).map(|frame| Ok(v1::RecallResponse { frame: Some(frame?) }));
        Ok(Response::new(Box::pin(frames)))
    }
}

impl Recovery {
    async fn take_back(&self, frame: &v1::Frame) -> Result<u64, Fault> {
        if !FEEDS.contains(&frame.feed.as_str()) {
            let message = format!("this node writes the feeds {}", FEEDS.join(", "));
            return Err(Fault::at(Code::FeedUnknown, "frame.feed", message));
        }
        match self.context.journal.adopt(frame).await {
            Ok(size) => Ok(size),
            Err(Stop::Refused(refusal)) => {
                tracing::warn!(
                    feed = frame.feed,
                    code = %refusal.code,
                    error = refusal.message,
                    "entries that came back were refused"
                );
                let message = format!("{}\n{}", refusal.message, refusal.message_fr);
                Err(Fault::new(refusal.code, message))
            }
            Err(Stop::Failed(error)) => Err(fault(error)),
        }
    }
}

fn shutting_down() -> Fault {
    Fault::new(Code::ShuttingDown, "the node is shutting down")
}
