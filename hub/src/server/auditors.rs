//! The tasks for auditors: one that publishes checkpoints, and where it is wanted one
//! that answers.

use std::time::Duration;

use rmd_link::Credentials;
use rmd_runtime::Handle;
use tokio::net::TcpListener;

use super::Error;
use crate::audit;

/// Publishes the checkpoints of the nodes, and answers auditors where that is wanted.
pub(super) fn start(
    lifecycle: &Handle,
    publisher: audit::Publisher,
    listener: Option<TcpListener>,
    credentials: &Credentials,
    poll: Duration,
) {
    let soft = lifecycle.soft();
    if let Some(listener) = listener {
        let context = audit::Context {
            store: publisher.store.clone(),
            clock: publisher.clock.clone(),
            credentials: credentials.clone(),
            signer: publisher.signer.clone(),
            poll,
            shutdown: soft.clone(),
        };
        lifecycle.spawn("audit", async move {
            let served = audit::serve(listener, context).await;
            served.map_err(|error| Error::Serve("audit", error.into()))
        });
    }
    lifecycle.spawn("checkpoints", audit::run(publisher, poll, soft));
}
