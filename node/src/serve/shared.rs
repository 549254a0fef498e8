//! SharedMasterDataService: the hub's own feeds come in.
//!
//! Frames are applied one by one as they arrive, so an interrupted push keeps
//! what it brought; the answer carries the cursor.

use rmd_proto::{Code, Fault, v1};
use tonic::{Request, Response, Status, Streaming};

use super::{Context, Right, authorise};

/// Takes the hub's feeds.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) context: Context,
}

#[tonic::async_trait]
impl v1::shared_master_data_service_server::SharedMasterDataService for Shared {
    async fn cursor(
        &self,
        request: Request<v1::CursorRequest>,
    ) -> Result<Response<v1::CursorResponse>, Status> {
        authorise(&request, Right::Exchange)?;
        let cursor = self.context.inbox.cursor(&request.into_inner().feed).await?;
        Ok(Response::new(cursor))
    }

    async fn push(
        &self,
        request: Request<Streaming<v1::PushRequest>>,
    ) -> Result<Response<v1::PushResponse>, Status> {
        let peer = authorise(&request, Right::Exchange)?;
        let mut frames = request.into_inner();
        let mut cursor = None;
        loop {
            let message = tokio::select! {
                () = self.context.shutdown.cancelled() => {
                    return Err(Fault::new(Code::ShuttingDown, "the node is shutting down").into());
                }
                message = frames.message() => message?,
            };
            let Some(message) = message else { break };
            peer.check(&self.context.credentials)?;
            let frame = message
                .frame
                .ok_or_else(|| Fault::at(Code::RequestInvalid, "frame", "a frame is required"))?;
            cursor = Some(self.context.inbox.take(&frame).await?);
        }
        let cursor = match cursor {
            Some(cursor) => cursor,
            None => self.context.inbox.cursor("shared").await?.cursor,
        };
        Ok(Response::new(v1::PushResponse { cursor }))
    }
}
