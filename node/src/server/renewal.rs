//! Renews the node's certificate long before it ends.
//!
//! From a third of its life on, with the hub's enrolment listener, each time
//! with a new key. Refuses to give up: an expired certificate is still good for
//! this one request, so a ministry that was offline for months comes back alone.
//! Invariant: at whatever instant this is cut, the old certificate or the new one
//! is whole; one that was issued and not stored is simply asked for again.

use std::time::Duration;

use rmd_link::{Credentials, enrol, keys};
use rmd_runtime::retry::Backoff;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    config::Directory,
    journal::{
        self, Store,
        enrolment::{self, Enrolment},
    },
};

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
    /// The end of the new certificate could not be noted for `status`.
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

/// Renews until shutdown.
pub(super) async fn run(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
    store: &Store,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::new(RETRY_INITIAL, RETRY_MAX);
    loop {
        let is_due = credentials
            .renew_after()
            .is_some_and(|renew_after| renew_after <= credentials.clock().now());
        let wait = if is_due {
            // A hub that does not answer must not hold up the end of the process.
            let renewed = tokio::select! {
                () = shutdown.cancelled() => return,
                renewed = renew(directory, credentials, enrolment, store) => renewed,
            };
            match renewed {
                Ok(()) => {
                    backoff.reset();
                    LOOK_INTERVAL
                }
                Err(error) => {
                    let wait = backoff.next();
                    tell(credentials, &error, wait);
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

/// An operator must act once the certificate has ended; until then it is early.
fn tell(credentials: &Credentials, error: &Error, wait: Duration) {
    let has_ended = credentials.not_after().is_some_and(|end| end <= credentials.clock().now());
    let (error, wait_ms) = (rmd_runtime::lifecycle::chain(error), wait.as_millis());
    if has_ended {
        error!(error, wait_ms, "certificate has ended and is not renewed");
    } else {
        warn!(error, wait_ms, "certificate not renewed");
    }
}

async fn renew(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
    store: &Store,
) -> Result<(), Error> {
    let Some(identity) = credentials.identity() else {
        return Err(Error::Link(rmd_link::Error::NoCertificate));
    };
    let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
    let renewed = enrol::renew(&enrolment.hub_address, credentials, csr_der, None).await?;
    Credentials::store(directory.tls(), &key_pem, &renewed.chain_der, &renewed.roots_der)?;
    credentials.reload()?;
    enrolment::renewed(store, renewed.not_after.as_microsecond()).await?;
    info!(not_after = %renewed.not_after, "certificate renewed");
    Ok(())
}
