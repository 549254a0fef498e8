//! Renews the node's certificate long before it ends.
//!
//! From a third of its life on, with the hub's enrolment listener, each time
//! with a new key. Refuses to give up: an expired certificate is still good for
//! this one request, so a ministry that was offline for months comes back alone.

use std::time::Duration;

use rmd_link::{Credentials, enrol, keys};
use rmd_runtime::retry::Backoff;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{config::Directory, journal::enrolment::Enrolment};

/// How often the date is looked at: a life is 90 days.
const LOOK_INTERVAL: Duration = Duration::from_hours(1);

/// Waits between attempts that fail.
const RETRY_INITIAL: Duration = Duration::from_secs(30);
const RETRY_MAX: Duration = Duration::from_hours(1);

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] keys::Error),
    /// The hub did not sign.
    #[error(transparent)]
    Link(#[from] rmd_link::Error),
    /// The answer could not be kept.
    #[error(transparent)]
    Store(#[from] rmd_link::credentials::Error),
}

/// Renews until shutdown.
pub(super) async fn run(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::new(RETRY_INITIAL, RETRY_MAX);
    loop {
        let is_due = credentials
            .renew_after()
            .is_some_and(|renew_after| renew_after <= credentials.clock().now());
        let wait = if is_due {
            match renew(directory, credentials, enrolment).await {
                Ok(()) => {
                    backoff.reset();
                    LOOK_INTERVAL
                }
                Err(error) => {
                    let wait = backoff.next();
                    let error = rmd_runtime::lifecycle::chain(&error);
                    warn!(error, wait_ms = wait.as_millis(), "certificate not renewed");
                    wait
                }
            }
        } else {
            LOOK_INTERVAL
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn renew(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
) -> Result<(), Error> {
    let Some(identity) = credentials.identity() else {
        return Err(Error::Link(rmd_link::Error::NoCertificate));
    };
    let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
    let renewed = enrol::renew(&enrolment.hub_address, credentials, csr_der, None).await?;
    Credentials::store(directory.tls(), &key_pem, &renewed.chain_der, &renewed.roots_der)?;
    credentials.reload()?;
    info!(not_after = %renewed.not_after, "certificate renewed");
    Ok(())
}
