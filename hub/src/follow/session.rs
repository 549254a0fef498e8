//! One link to one node, from the dial to its end.
//!
//! Owns the order of things: dial with the identity that is meant, Hello, then
//! every feed in force side by side. It says Hello again now and then, so that
//! counts and entitlements stay fresh, and ends when the plan changes: the next
//! session begins under the new one.

use std::time::Duration;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use rmd_feed::{Checkpoint, FeedVerifier, Origin};
use rmd_link::Identity;
use rmd_proto::{
    Code, Fault,
    v1::{
        self, feed_service_client::FeedServiceClient,
        recovery_service_client::RecoveryServiceClient,
    },
};
use rmd_runtime::retry::Backoff;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use tonic::transport::Channel;
use tracing::{info, warn};

use super::{
    Error, FollowContext, NodeRecord, SOUND_AFTER, cursor, exchange,
    hello::{self, Greeting},
    kept_out, lost,
    plan::{self, Plan},
    stream::{MESSAGE_BYTES_MAX, Stream},
};
use crate::{
    recover::{boot, diverged::Inquiry},
    regional::Owner,
    registry::standing::{self, certificates},
};

/// How often the hub's entitlements are looked at; they may change by another process.
const PLAN_INTERVAL: Duration = Duration::from_secs(1);

/// How a session ended without a fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The process is shutting down.
    Shutdown,
    /// The entitlements changed, or an officer keeps the node out; begin again at once.
    PlanChanged,
}

struct Session<'a> {
    context: &'a FollowContext,
    node: &'a NodeRecord,
    identity: Identity,
    verifier: FeedVerifier,
    client: FeedServiceClient<Channel>,
    recovery: RecoveryServiceClient<Channel>,
}

/// Dials the node and follows it until the link ends.
pub(super) async fn run(context: &FollowContext, node: &NodeRecord) -> Result<End, Error> {
    let identity: Identity = node.identity.parse().map_err(|error| unfit(&error))?;
    let verifier = FeedVerifier::parse(&node.feed_vkey).map_err(|error| unfit(&error))?;
    let link = rmd_link::dial(&node.address, &context.credentials, &identity)
        .await
        .map_err(|error| Error::Dial(Box::new(error)))?;
    let client =
        FeedServiceClient::new(link.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let recovery = lost::client(link.channel.clone());
    let session = Session { context, node, identity, verifier, client, recovery };
    session.check_certificate(&link).await?;
    let greeting = hello::greet(context, &node.id, session.client.clone()).await?;
    session.admit(&greeting).await?;
    let plan = session.note(&link, &greeting).await?;
    info!(
        node.id = %node.id,
        peer.identity = %link.peer().identity,
        tls.version = %link.peer().tls_version,
        feeds = plan.len(),
        "following node"
    );
    session.follow(&link, greeting.hello.feed, plan).await
}

impl Session<'_> {
    /// Refuses a certificate from before the node's last revocation.
    async fn check_certificate(&self, link: &rmd_link::Link) -> Result<(), Error> {
        let mut connection = self.context.store.acquire().await?;
        let standing = standing::of(&mut connection, &self.node.id).await?;
        let checked = certificates::check(&mut connection, link.peer(), &standing).await?;
        checked.map_err(Error::Unfit)
    }

    /// Refuses a node of which two copies are in use.
    async fn admit(&self, greeting: &Greeting) -> Result<(), Error> {
        let (id, hello) = (&self.node.id, &greeting.hello);
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        let mut is_behind = false;
        for feed in &hello.feed {
            let held = cursor::load(&mut transaction, id, &feed.feed).await?;
            is_behind |= held.is_some_and(|held| self.has_lost(&held, feed));
        }
        let admitted = boot::admit(&mut transaction, id, hello, is_behind, now_us).await?;
        transaction.commit().await?;
        admitted.map_err(Error::Unfit)
    }

    /// Whether a node no longer has what the hub verified of a feed: it is smaller,
    /// or signs another root at the same size.
    fn has_lost(&self, held: &cursor::Position, stated: &v1::FeedState) -> bool {
        if held.epoch != stated.epoch || held.cursor < stated.size {
            return false;
        }
        let origin = Origin::new(&self.identity.owner(), &stated.feed, stated.epoch);
        let note = Checkpoint::open(&stated.checkpoint, &origin, &self.verifier, stated.size);
        held.cursor > stated.size || note.is_ok_and(|note| note.root != held.edge.root())
    }

    /// Keeps what the node said, and makes the plan out of it.
    async fn note(&self, link: &rmd_link::Link, greeting: &Greeting) -> Result<Plan, Error> {
        let Greeting { hello, skew_us } = greeting;
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        let id = &self.node.id;
        exchange::succeeded(&mut transaction, id, link.peer(), hello, *skew_us, now_us).await?;
        for feed in &hello.feed {
            exchange::write_counts(&mut transaction, id, feed, now_us).await?;
        }
        let plan = plan::make(&mut transaction, id, &hello.feed).await?;
        transaction.commit().await?;
        Ok(plan)
    }

    /// Runs the feeds and the keeper side by side. Each of them may hold the
    /// store's turn to write, so none may ever wait inside another's branch.
    async fn follow(
        &self,
        link: &rmd_link::Link,
        stated: Vec<v1::FeedState>,
        plan: Plan,
    ) -> Result<End, Error> {
        let stated = watch::Sender::new(stated);
        let mut feeds: FuturesUnordered<_> =
            plan.keys().map(|feed| self.follow_feed(feed, &plan, stated.subscribe())).collect();
        let feeds = async {
            while let Some(ended) = feeds.next().await {
                ended?;
            }
            // Every feed is frozen; the keeper sees when the plan changes.
            std::future::pending().await
        };
        tokio::select! {
            () = self.context.shutdown.cancelled() => Ok(End::Shutdown),
            () = link.peer().denied(&self.context.credentials) => Err(revoked()),
            ended = feeds => ended,
            ended = self.keep(link, &plan, &stated) => ended,
        }
    }

    /// Follows one feed. A fault of it alone is noted, and it is tried again once
    /// the node states something else of it, or after a while; any other fault
    /// ends the session.
    async fn follow_feed(
        &self,
        feed: &str,
        plan: &Plan,
        mut stated: watch::Receiver<Vec<v1::FeedState>>,
    ) -> Result<(), Error> {
        let mut backoff = Backoff::new(self.context.retry_initial, self.context.retry_max);
        loop {
            let tried = find(&stated.borrow_and_update(), feed).cloned();
            let Some(stream) = tried.as_ref().and_then(|tried| self.stream(tried, plan)) else {
                return Ok(());
            };
            let begun = Instant::now();
            let owner = stream.owner.clone();
            let fault = match self.past_epoch(&owner).await? {
                Some(fault) => fault,
                None => match stream.run(self.client.clone()).await {
                    Err(fault) => fault,
                },
            };
            if !fault.is_of_one_feed() {
                return Err(fault);
            }
            warn!(node.id = %self.node.id, code = %fault.code(), error = fault.text(), "feed stopped");
            self.note_stopped(&fault).await?;
            if matches!(fault, Error::Kept { .. }) {
                return Ok(());
            }
            if fault.is_frozen() {
                self.inquire(&owner).await;
                self.thawed(feed).await?;
                // What the node states of the feed from now on; the session may end first.
                let _ = stated.changed().await;
                continue;
            }
            if begun.elapsed() > SOUND_AFTER {
                backoff.reset();
            }
            let is_other = |feeds: &Vec<_>| find(feeds, feed) != tried.as_ref();
            let changed = async { stated.wait_for(is_other).await.is_ok() };
            tokio::select! {
                is_open = changed => if !is_open { return Ok(()) },
                () = tokio::time::sleep(backoff.next()) => {}
            }
        }
    }

    /// Why a feed cannot be followed in the epoch that the node is in: a later one was
    /// begun. No history was rewritten, the node's store is from before it.
    async fn past_epoch(&self, owner: &Owner) -> Result<Option<Error>, Error> {
        let mut connection = self.context.store.acquire().await?;
        let held = cursor::load(&mut connection, &owner.node_id, &owner.feed).await?;
        let held = held.map_or(0, |held| held.epoch);
        if held <= owner.epoch {
            return Ok(None);
        }
        let feed = owner.feed.clone();
        let message = format!(
            "the node is in epoch {0} of the feed, which ended; epoch {held} is followed: its store was \
             put back from before. It gets its entries back if it has the key of epoch {held}, else \
             invite it again\n\
             le nœud est dans l'époque {0} du flux, qui est close ; l'époque suivie est {held} : sa base \
             date d'avant. Ses écritures lui reviennent s'il a la clé de l'époque {held}, sinon \
             invitez-le de nouveau",
            owner.epoch
        );
        let fault = Fault::at(Code::EpochUnknown, "epoch", message);
        Ok(Some(Error::FeedUnfit { feed, fault }))
    }

    /// Finds out where the histories of a frozen feed part. The feed stays frozen
    /// whether it comes out or not.
    async fn inquire(&self, owner: &Owner) {
        let inquiry = Inquiry {
            store: &self.context.store,
            owner,
            owner_name: &self.identity.owner(),
            verifier: &self.verifier,
            feeds: self.client.clone(),
            recovery: self.recovery.clone(),
            now_us: self.context.clock.now().as_microsecond(),
        };
        if let Err(error) = inquiry.run().await {
            let (id, feed) = (&self.node.id, &owner.feed);
            warn!(node.id = %id, feed, error = %error, "two histories cannot be compared");
        }
    }

    /// Until an officer let the feed go on.
    async fn thawed(&self, feed: &str) -> Result<(), Error> {
        loop {
            tokio::time::sleep(PLAN_INTERVAL).await;
            let mut connection = self.context.store.acquire().await?;
            let held = cursor::load(&mut connection, &self.node.id, feed).await?;
            if held.is_none_or(|held| held.frozen.is_none()) {
                return Ok(());
            }
        }
    }

    async fn note_stopped(&self, fault: &Error) -> Result<(), Error> {
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        exchange::feed_stopped(&mut transaction, &self.node.id, fault, now_us).await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps what the node states fresh until the plan is no longer the one in force.
    async fn keep(
        &self,
        link: &rmd_link::Link,
        plan: &Plan,
        stated: &watch::Sender<Vec<v1::FeedState>>,
    ) -> Result<End, Error> {
        let mut ticks = interval(PLAN_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut greeted = Instant::now();
        loop {
            ticks.tick().await;
            if greeted.elapsed() >= self.context.hello_interval {
                stated.send_replace(self.hello_again(link).await?);
                greeted = Instant::now();
            }
            let stated = stated.borrow().clone();
            let is_out = kept_out::is_out(self.context, &self.node.id).await?;
            if is_out || self.plan(&stated).await? != *plan {
                return Ok(End::PlanChanged);
            }
        }
    }

    async fn hello_again(&self, link: &rmd_link::Link) -> Result<Vec<v1::FeedState>, Error> {
        let greeting = hello::greet(self.context, &self.node.id, self.client.clone()).await?;
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        let (id, hello) = (&self.node.id, &greeting.hello);
        exchange::seen(&mut transaction, id, link.peer(), hello, now_us).await?;
        for feed in &greeting.hello.feed {
            exchange::write_counts(&mut transaction, &self.node.id, feed, now_us).await?;
            cursor::agree(&mut transaction, &self.node.id, feed, now_us).await?;
        }
        transaction.commit().await?;
        Ok(greeting.hello.feed)
    }

    async fn plan(&self, stated: &[v1::FeedState]) -> Result<Plan, Error> {
        plan::make(&mut *self.context.store.acquire().await?, &self.node.id, stated).await
    }

    /// The stream of a feed that is in the plan.
    fn stream(&self, stated: &v1::FeedState, plan: &Plan) -> Option<Stream> {
        let of_feed = plan.get(&stated.feed)?;
        let country = rmd_standard::country::alpha2_of(&self.node.country)?;
        Some(Stream {
            context: self.context.clone(),
            owner_name: self.identity.owner(),
            owner: Owner {
                node_id: self.node.id.clone(),
                country: country.to_owned(),
                feed: stated.feed.clone(),
                epoch: stated.epoch,
            },
            verifier: self.verifier.clone(),
            plan: of_feed.clone(),
            recovery: self.recovery.clone(),
            stated: stated.clone(),
        })
    }
}

fn find<'a>(feeds: &'a [v1::FeedState], feed: &str) -> Option<&'a v1::FeedState> {
    feeds.iter().find(|state| state.feed == feed)
}

fn unfit(error: &dyn std::error::Error) -> Error {
    Error::Unfit(Fault::new(Code::Internal, error.to_string()))
}

fn revoked() -> Error {
    let message = "the node's certificate was revoked\nle certificat du nœud a été révoqué";
    Error::Unfit(Fault::new(Code::CertificateRevoked, message))
}
