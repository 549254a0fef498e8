//! Renews the node's certificate long before it ends.
//!
//! From a third of its life on, with the hub's enrolment listener, each time
//! with a new key. Refuses to give up: an expired certificate is still good for
//! this one request, so a ministry that was offline for months comes back alone.
//! Invariant: at whatever instant this is cut, the old certificate or the new one
//! is whole; one that was issued and not stored is simply asked for again.

use std::time::Duration;

use rmd_link::{Credentials, enrol, keys};
use rmd_proto::Code;
use rmd_runtime::retry::Backoff;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    config::Directory,
    journal::{
        self, Store, clock,
        enrolment::{self, Enrolment},
        revocation,
    },
};

/// How often the date is looked at: a life is 90 days.
const LOOK_INTERVAL: Duration = Duration::from_hours(1);

/// How often the hub is asked because a peer says that the certificate was revoked.
const ASK_INTERVAL: Duration = Duration::from_mins(10);

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

/// Renews until shutdown. Asks the hub at once where a peer says that the certificate
/// was revoked: the hub's answer is the one that counts.
pub(super) async fn run(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
    store: &Store,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::new(RETRY_INITIAL, RETRY_MAX);
    let mut refusals = credentials.refusals();
    let (mut is_asked, mut asked_at) = (false, None::<Instant>);
    let mut look_at = Instant::now();
    loop {
        let is_time = Instant::now() >= look_at;
        let renew_after = credentials.renew_after();
        let is_due = renew_after.is_some_and(|after| after <= credentials.clock().now());
        if (is_time && is_due) || is_asked {
            // A hub that does not answer must not hold up the end of the process.
            let renewed = tokio::select! {
                () = shutdown.cancelled() => return,
                renewed = renew(directory, credentials, enrolment, store) => renewed,
            };
            let wait = match renewed {
                Ok(()) => {
                    backoff.reset();
                    LOOK_INTERVAL
                }
                Err(error) => {
                    let wait = backoff.next();
                    tell(credentials, store, &error, wait).await;
                    wait
                }
            };
            (is_asked, look_at) = (false, Instant::now() + wait);
        } else if is_time {
            look_at = Instant::now() + LOOK_INTERVAL;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep_until(look_at) => {}
            Ok(()) = refusals.changed() => {
                // Anybody can say so, as often as they like; the hub is asked now and then.
                is_asked = asked_at.is_none_or(|asked| asked.elapsed() >= ASK_INTERVAL);
                if is_asked {
                    asked_at = Some(Instant::now());
                    note(store, false).await;
                }
            }
        }
    }
}

/// An operator must act once the certificate has ended or was revoked; until then it is
/// early.
async fn tell(credentials: &Credentials, store: &Store, error: &Error, wait: Duration) {
    let is_revoked =
        matches!(error, Error::Link(error) if error.code() == Code::CertificateRevoked);
    if is_revoked {
        note(store, true).await;
    }
    let has_ended = credentials.not_after().is_some_and(|end| end <= credentials.clock().now());
    let (error, wait_ms) = (rmd_runtime::lifecycle::chain(error), wait.as_millis());
    if is_revoked {
        error!(error, wait_ms, "the hub refuses the certificate: it was revoked");
    } else if has_ended {
        error!(error, wait_ms, "certificate has ended and is not renewed");
    } else {
        warn!(error, wait_ms, "certificate not renewed");
    }
}

/// Keeps for `status` that the certificate was refused as revoked.
async fn note(store: &Store, is_proven: bool) {
    if let Err(error) = revocation::said(store, is_proven).await {
        warn!(error = rmd_runtime::lifecycle::chain(&error), "revocation cannot be noted");
    }
}

async fn renew(
    directory: &Directory,
    credentials: &Credentials,
    enrolment: &Enrolment,
    store: &Store,
) -> Result<(), Error> {
    // Under a wrong clock no certificate can be judged, theirs or ours.
    clock::check(store).await?;
    let Some(identity) = credentials.identity() else {
        return Err(Error::Link(rmd_link::Error::NoCertificate));
    };
    let (key_pem, csr_der) = keys::new_key_and_csr(&identity)?;
    let renewed = enrol::renew(&enrolment.hub_address, credentials, csr_der, None).await?;
    Credentials::store(directory.tls(), &key_pem, &renewed.chain_der, &renewed.roots_der)?;
    credentials.reload()?;
    enrolment::renewed(store, renewed.not_after.as_microsecond()).await?;
    revocation::over(store).await?;
    info!(not_after = %renewed.not_after, "certificate renewed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::TestJournal;

    #[tokio::test]
    async fn the_hub_is_not_dialled_under_a_clock_before_the_build() {
        let live = TestJournal::live().await;
        let store = live.journal.store();
        let folder = tempfile::tempdir().unwrap();
        let (directory, text) = (Directory::new(folder.path()), String::new);
        let credentials = Credentials::load(directory.tls(), store.clock().clone()).unwrap();
        let enrolment = Enrolment {
            identity: text(),
            hub_identity: text(),
            hub_feed_vkey: text(),
            hub_address: "127.0.0.1:1".to_owned(),
            advertise: text(),
            not_after_us: 0,
        };
        let asked = async || renew(&directory, &credentials, &enrolment, store).await;
        let error = asked().await.unwrap_err();
        assert!(matches!(error, Error::Link(rmd_link::Error::NoCertificate)), "{error}");
        store.not_before(store.now_us() + 3_600 * 1_000_000);
        let error = asked().await.unwrap_err();
        let Error::Journal(journal::Error::ClockBeforeBuild { .. }) = error else {
            panic!("the clock is looked at first: {error}")
        };
    }
}
