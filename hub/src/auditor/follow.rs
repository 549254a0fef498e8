//! The auditor at work: pull or follow, verify, keep, prove.
//!
//! A frame is verified against the right edge and kept with its entries in one
//! transaction; what comes twice changes nothing. A frame that the hub signed and
//! that does not go on from what it signed before freezes its epoch, with both notes.
//! Another epoch is taken up only when the one before it was followed to its end.

mod take;

use std::{path::PathBuf, time::Duration};

use rmd_feed::{FRAME_BYTES_MAX, FeedVerifier, Origin, Standing};
use rmd_link::{Credentials, Identity, dial};
use rmd_proto::{
    PROTOCOL_RANGE,
    v1::{self, audit_service_client::AuditServiceClient},
};
use rmd_runtime::{SharedClock, lifecycle::chain, retry::Backoff};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tracing::{info, warn};

use super::{
    Error, TLS_DIR,
    check::Hub,
    finding::{Finding, Kept},
    prove,
    store::{Enrolment, FEED, Followed, Store},
};

/// Most bytes of a message: a frame of the largest size, and some room.
const MESSAGE_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// Waits between attempts of an auditor that follows for good.
const RETRY_INITIAL: Duration = Duration::from_secs(1);
/// See [`RETRY_INITIAL`].
const RETRY_MAX: Duration = Duration::from_mins(5);

/// An enrolled auditor in its folder.
#[derive(Debug, Clone)]
pub(crate) struct Auditor {
    dir: PathBuf,
    pub(crate) store: Store,
    pub(crate) enrolment: Enrolment,
    credentials: Credentials,
    identity: Identity,
    hub: Hub,
    /// Where the hub answers auditors.
    address: String,
}

/// What an auditor has, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub(crate) identity: String,
    /// Epoch of the hub's feed.
    pub(crate) epoch: u32,
    /// Entries of it.
    pub(crate) entries: u64,
    /// Feeds of nodes, each in an epoch.
    pub(crate) origins: i64,
    /// Checkpoints of them.
    pub(crate) checkpoints: i64,
    /// Checkpoints of which it is not known yet how they stand to the largest.
    pub(crate) pending: i64,
    /// Whether nothing contradicts what was signed.
    pub(crate) sound: bool,
    pub(crate) findings: Vec<Kept>,
}

/// How long a session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Until everything is there.
    Now,
    /// Until the link breaks.
    Later,
}

impl Auditor {
    /// The auditor of a folder; `address` takes the place of what the hub said.
    pub(crate) async fn open(
        dir: PathBuf,
        clock: SharedClock,
        address: Option<String>,
    ) -> Result<Self, Error> {
        let store = Store::open(&dir, clock.clone(), false).await?;
        let enrolment = store.enrolment().await?.ok_or_else(|| Error::Absent(dir.clone()))?;
        let credentials = Credentials::load(dir.join(TLS_DIR), clock)?;
        let identity: Identity = enrolment.hub_identity.parse()?;
        let hub = Hub {
            owner: identity.owner(),
            network: identity.network.clone(),
            key: FeedVerifier::parse(&enrolment.hub_feed_vkey)?,
        };
        let address = address.unwrap_or_else(|| enrolment.audit_address.clone());
        Ok(Self { dir, store, enrolment, credentials, identity, hub, address })
    }

    /// Takes and proves everything that the hub has now.
    pub(crate) async fn once(&self) -> Result<(), Error> {
        self.session(Reach::Now).await
    }

    /// Follows until the shutdown. Ends before only where trying again cannot help.
    pub(crate) async fn run(&self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut backoff = Backoff::new(RETRY_INITIAL, RETRY_MAX);
        loop {
            let ended = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                ended = self.session(Reach::Later) => ended,
            };
            let wait = match ended {
                Ok(()) => {
                    backoff.reset();
                    RETRY_INITIAL
                }
                Err(error) if error.is_retryable() => {
                    let wait = backoff.next();
                    info!(error = chain(&error), wait_ms = wait.as_millis(), "hub not followed");
                    wait
                }
                // The hub may begin a new epoch; until then there is nothing to take.
                Err(Error::Frozen) => RETRY_MAX,
                Err(error) => return Err(error),
            };
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// A connection to the hub, to ask it what an auditor's tool never would.
    #[cfg(test)]
    pub(crate) async fn dial_hub(&self) -> rmd_link::Link {
        dial(&self.address, &self.credentials, &self.identity).await.unwrap()
    }

    /// What is kept, without a network.
    pub(crate) async fn summary(&self) -> Result<Summary, Error> {
        let followed = self.store.followed().await?;
        let (origins, checkpoints, pending) = self.store.counts().await?;
        let findings = self.store.findings().await?;
        Ok(Summary {
            identity: self.enrolment.identity.clone(),
            epoch: followed.last().map_or(0, |followed| followed.epoch),
            entries: followed.last().map_or(0, |followed| followed.size.unsigned_abs()),
            origins,
            checkpoints,
            pending,
            sound: findings.iter().all(|finding| !finding.grave),
            findings,
        })
    }

    async fn session(&self, reach: Reach) -> Result<(), Error> {
        if self.address.is_empty() {
            return Err(Error::NoAddress);
        }
        self.renew().await;
        let link = dial(&self.address, &self.credentials, &self.identity).await?;
        let mut client = AuditServiceClient::new(link.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX);
        let last = self.store.followed().await?.pop();
        let stated = self.greet(&mut client, last.as_ref()).await?;
        if let Some(last) = &last {
            self.compare(last, &stated).await?;
            if stated.epoch < last.epoch {
                return Err(self.went_back(last, stated.epoch).await?);
            }
            if stated.epoch > last.epoch && !last.frozen {
                self.pull(&mut client, last.epoch).await?;
            }
            if stated.epoch == last.epoch && last.frozen {
                return Err(Error::Frozen);
            }
        }
        self.pull(&mut client, stated.epoch).await?;
        prove::all(&self.store, &mut client).await?;
        if reach == Reach::Later {
            self.follow(&mut client, stated.epoch).await?;
        }
        Ok(())
    }

    async fn greet(
        &self,
        client: &mut AuditServiceClient<Channel>,
        last: Option<&Followed>,
    ) -> Result<v1::AuditServiceHelloResponse, Error> {
        let request = v1::AuditServiceHelloRequest {
            protocol_min: *PROTOCOL_RANGE.start(),
            protocol_max: *PROTOCOL_RANGE.end(),
            clock_us: self.store.now_us(),
            epoch: last.map_or(0, |last| last.epoch),
            checkpoint: last.map(|last| last.checkpoint.clone()).unwrap_or_default(),
        };
        let stated = client.hello(request).await?.into_inner();
        if stated.epoch == 0 {
            return Err(Error::Answer("it names no epoch"));
        }
        Ok(stated)
    }

    /// Holds what the hub states against what was verified.
    async fn compare(
        &self,
        last: &Followed,
        stated: &v1::AuditServiceHelloResponse,
    ) -> Result<(), Error> {
        let follower = last.follower(&self.hub.owner, &self.hub.key)?;
        let origin = Origin::new(&self.hub.owner, FEED, last.epoch);
        let state = v1::FeedState {
            feed: FEED.to_owned(),
            epoch: stated.epoch,
            size: stated.size,
            checkpoint: stated.checkpoint.clone(),
            ..v1::FeedState::default()
        };
        let finding = match follower.compare(&state) {
            Standing::Normal { .. } | Standing::EpochChanged => return Ok(()),
            Standing::OwnerSmaller => {
                let (held, size) = (last.size, stated.size);
                let en = format!(
                    "the hub states {size} entries of {origin} and had signed {held}: it was restored"
                );
                let fr = format!(
                    "le pivot annonce {size} écritures de {origin} et en avait signé {held} : il a été \
                     restauré"
                );
                Finding::told("hub-behind", false, origin.as_str(), (en, fr))
            }
            Standing::Rewritten { .. } => {
                let pair = (last.checkpoint.as_str(), stated.checkpoint.as_str());
                let proven = Finding::proven("forked", origin.as_str(), &self.hub.key, pair, None);
                proven.ok_or(Error::Answer("its checkpoint cannot be read"))?
            }
            Standing::Unsigned => return Err(Error::Answer("its checkpoint is not signed")),
        };
        let mut transaction = self.store.begin().await?;
        finding.keep(&mut transaction, self.store.now_us()).await?;
        Ok(transaction.commit().await?)
    }

    async fn went_back(&self, last: &Followed, stated: u32) -> Result<Error, Error> {
        let origin = Origin::new(&self.hub.owner, FEED, last.epoch);
        let en = format!("the hub writes epoch {stated} after {}: it was restored", last.epoch);
        let fr =
            format!("le pivot écrit l'époque {stated} après {} : il a été restauré", last.epoch);
        let finding = Finding::told("hub-behind", false, origin.as_str(), (en, fr));
        let mut transaction = self.store.begin().await?;
        finding.keep(&mut transaction, self.store.now_us()).await?;
        transaction.commit().await?;
        Ok(Error::Answer("its epoch is an earlier one; it begins a new one soon, try again"))
    }

    /// Takes what an epoch has.
    async fn pull(
        &self,
        client: &mut AuditServiceClient<Channel>,
        epoch: u32,
    ) -> Result<(), Error> {
        let after_seq = self.cursor(epoch).await?;
        let request = v1::AuditServicePullRequest { epoch, after_seq, frame_bytes_max: 0 };
        let mut frames = client.pull(request).await?.into_inner();
        while let Some(message) = frames.message().await? {
            self.take(&message.frame.unwrap_or_default(), epoch).await?;
        }
        Ok(())
    }

    /// Takes what is appended, and proves it, until the link or the epoch ends.
    async fn follow(
        &self,
        client: &mut AuditServiceClient<Channel>,
        epoch: u32,
    ) -> Result<(), Error> {
        let after_seq = self.cursor(epoch).await?;
        let request = v1::AuditServiceFollowRequest { epoch, after_seq, frame_bytes_max: 0 };
        let mut frames = client.follow(request).await?.into_inner();
        while let Some(message) = frames.message().await? {
            self.take(&message.frame.unwrap_or_default(), epoch).await?;
            let proven = prove::all(&self.store, client).await?;
            let summary = self.summary().await?;
            info!(
                entries = summary.entries,
                checkpoints = summary.checkpoints,
                proven,
                "checkpoints taken"
            );
            if !summary.sound {
                warn!(findings = summary.findings.len(), "something contradicts what was signed");
            }
        }
        Ok(())
    }

    async fn cursor(&self, epoch: u32) -> Result<u64, Error> {
        let followed = self.store.followed().await?;
        let followed = followed.iter().find(|followed| followed.epoch == epoch);
        Ok(followed.map_or(0, |followed| followed.size.unsigned_abs()))
    }

    /// Renews the certificate from a third of its life on. A failure costs nothing
    /// while the old one is good.
    async fn renew(&self) {
        let is_due = self.credentials.renew_after().is_some_and(|at| at <= self.store.clock.now());
        if !is_due {
            return;
        }
        let (dir, enrolment) = (&self.dir, &self.enrolment);
        if let Err(error) = super::enrol::renew(dir, enrolment, &self.credentials).await {
            warn!(error = chain(&error), "certificate not renewed");
        }
    }
}
