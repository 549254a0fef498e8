//! Brings one of the hub's own feeds to one node.
//!
//! One task for each feed that a node may have: ask for its cursor, check that it
//! holds a prefix of our feed, push the frames after it, note what was applied.
//! The store is polled for new entries, because the command line appends from
//! another process. A feed of which there is nothing costs no call, and one that
//! a node refuses holds up no other. Failures back off; the next attempt is kept, so a
//! restart does not hammer a node that is down. A node that holds more than we do gives
//! it back: the hub was restored. Nothing is pushed to one that holds something else,
//! and nothing to a node in dispute, which may be a copy: there somebody has to act.

mod failure;

use std::{sync::Arc, task::Poll, time::Duration};

use futures_util::{Stream, StreamExt as _, stream};
use jiff::Timestamp;
use rmd_feed::{
    Block, FeedKey,
    frame::{self, Reads},
};
use rmd_link::{Credentials, Identity, Link, Throttle, dial};
use rmd_proto::{
    Code, Fault,
    v1::{
        CursorRequest, PushRequest,
        shared_master_data_service_client::SharedMasterDataServiceClient,
    },
};
use rmd_runtime::{SharedClock, lifecycle::chain, retry::Backoff};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tracing::{debug, info, instrument, warn};

use self::failure::Failure;
use super::{
    EPOCH, Error, OwnFeed,
    delivery::{self, Failed, Outcome},
    log,
};
use crate::{
    recover::{ahead, dispute, recall::Recall},
    registry::node::{self, Node},
    store::Store,
};

/// Compressed bytes of a frame: a slow link needs seconds for it.
const FRAME_BYTES: usize = 256 * 1024;

/// Most bytes of an answer, which is a cursor and a checkpoint.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How long a node may take to name its cursor, stalls of a 2G link included.
const CURSOR_TIMEOUT: Duration = Duration::from_mins(2);

/// How long a push may take: 256 blocks of bulletins are some hundred KiB, minutes at 30 kbit/s.
/// What went over by then counts.
const PUSH_TIMEOUT: Duration = Duration::from_mins(15);

/// How often a node is asked for its cursor though nothing is new: it may have
/// been restored from a backup.
const RECHECK: Duration = Duration::from_mins(10);

/// What a push task needs.
#[derive(Debug, Clone)]
pub(crate) struct PushContext {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) credentials: Credentials,
    /// The hub's feed key, and its name on checkpoints.
    pub(crate) signer: (Arc<FeedKey>, String),
    pub(crate) shutdown: CancellationToken,
    /// How often the store is asked for new entries.
    pub(crate) poll: Duration,
    /// Most bytes a second over all pushes together.
    pub(crate) throttle: Throttle,
    pub(crate) retry_initial: Duration,
    pub(crate) retry_max: Duration,
}

impl PushContext {
    fn recall(&self) -> Recall {
        Recall {
            store: self.store.clone(),
            clock: self.clock.clone(),
            credentials: self.credentials.clone(),
            signer: self.signer.clone(),
            poll: self.poll,
            shutdown: self.shutdown.clone(),
        }
    }
}

/// Whom a task pushes to, and what.
#[derive(Debug, Clone, Copy)]
struct Target<'a> {
    context: &'a PushContext,
    node_id: &'a str,
    feed: &'a OwnFeed,
}

/// Pushes one feed to one node until the shutdown.
#[instrument(name = "push", skip_all, fields(node.id = %node_id, feed = feed.name()))]
pub(crate) async fn push_feed(
    context: PushContext,
    node_id: String,
    feed: OwnFeed,
) -> Result<(), Error> {
    let target = Target { context: &context, node_id: &node_id, feed: &feed };
    let mut backoff = Backoff::new(context.retry_initial, context.retry_max);
    let mut last_check: Option<Timestamp> = None;
    loop {
        let wait = match target.due(last_check).await {
            Ok(Due::Now) => {
                // Cut at any point, a push does no harm: the node's cursor counts.
                tokio::select! {
                    () = context.shutdown.cancelled() => return Ok(()),
                    wait = target.attempt(&mut backoff, &mut last_check) => wait,
                }
            }
            Ok(Due::In(wait)) => wait,
            // The store is away; follow says so too, and status cannot.
            Err(error) => {
                warn!(error = chain(&error), "delivery cannot be read");
                backoff.next()
            }
        };
        tokio::select! {
            () = context.shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

enum Due {
    Now,
    In(Duration),
}

impl Target<'_> {
    /// Whether there is something to do for the node.
    async fn due(self, last_check: Option<Timestamp>) -> Result<Due, Error> {
        let context = self.context;
        let now = context.clock.now();
        let mut connection = context.store.acquire().await?;
        let known = delivery::find(&mut connection, self.node_id, self.feed).await?;
        if let Some(next) = known.as_ref().and_then(|known| known.next_attempt_us) {
            let left = u64::try_from(next - now.as_microsecond()).unwrap_or(0);
            if left > 0 {
                // A clock that was set back must not silence a node for long.
                return Ok(Due::In(Duration::from_micros(left).min(context.retry_max)));
            }
            return Ok(Due::Now);
        }
        let head = log::head(&mut connection, self.feed).await?;
        let is_unknown = known.is_none();
        let is_behind = known.is_none_or(|known| known.cursor < log::signed(head.size));
        let is_stale =
            last_check.is_none_or(|last| now.duration_since(last).unsigned_abs() >= RECHECK);
        // A node has no verdicts before the first one, and a cursor of them only then.
        let is_begun = *self.feed == OwnFeed::shared() || head.size > 0 || !is_unknown;
        Ok(if is_begun && (is_behind || is_stale) { Due::Now } else { Due::In(context.poll) })
    }

    /// One attempt, noted; how long to wait after it.
    async fn attempt(self, backoff: &mut Backoff, last_check: &mut Option<Timestamp>) -> Duration {
        let result = self.push().await;
        let now = self.context.clock.now();
        let is_stuck = result.as_ref().is_ok_and(|outcome| outcome.applied < outcome.delivered);
        let noted = match &result {
            Ok(outcome) => {
                backoff.reset();
                *last_check = Some(now);
                if outcome.applied > outcome.from {
                    info!(feed.cursor = outcome.applied, "entries applied by the node");
                }
                self.note_success(*outcome, now).await
            }
            Err(failure) => {
                let wait = backoff.next();
                let (code, message) = failure.shown();
                info!(code, error = message, retry_ms = wait.as_millis(), "entries not delivered");
                self.note_failure(failure, wait, now).await
            }
        };
        if let Err(error) = noted {
            warn!(error = chain(&error), "delivery cannot be noted");
            return backoff.next();
        }
        // The next look decides: more to push, a wait that was kept, or the poll. A
        // node that answered well and applied less gets time.
        if is_stuck { self.context.poll } else { Duration::ZERO }
    }

    async fn note_success(self, outcome: Outcome, now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.context.store.begin().await?;
        delivery::succeeded(&mut transaction, self.node_id, self.feed, outcome, now).await?;
        transaction.commit().await?;
        if outcome.delivered > outcome.from {
            debug!(phase = "delivered", seq.last = outcome.delivered, "delivery kept");
        }
        Ok(())
    }

    async fn note_failure(
        self,
        failure: &Failure,
        wait: Duration,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (code, message) = failure.shown();
        let delivered = match failure {
            Failure::Refused { delivered, .. } => *delivered,
            _ => None,
        };
        let next_attempt = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let failed = Failed { code, message: &message, delivered, next_attempt };
        let mut transaction = self.context.store.begin().await?;
        delivery::failed(&mut transaction, self.node_id, self.feed, &failed, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Brings the node up to date, as far as one read of blocks goes.
    async fn push(self) -> Result<Outcome, Failure> {
        let known = self.admitted().await?;
        if known.address.is_empty() {
            return Err(Failure::NoAddress);
        }
        let expected: Identity = known.identity.parse().map_err(|_| Failure::Unknown)?;
        let link = dial(&known.address, &self.context.credentials, &expected)
            .await
            .map_err(Failure::Dial)?;
        let peer = link.peer().clone();
        tokio::select! {
            () = peer.denied(&self.context.credentials) => Err(Failure::Disputed(revoked())),
            pushed = self.push_over(link, known) => pushed,
        }
    }

    async fn push_over(self, link: Link, known: Node) -> Result<Outcome, Failure> {
        let mut client = SharedMasterDataServiceClient::new(link.channel)
            .max_decoding_message_size(ANSWER_BYTES_MAX);
        let refused = |given: Option<u64>| {
            move |status| {
                let fault = Fault::from(status);
                // A link that broke is no answer: nobody knows what arrived.
                let delivered = given.filter(|_| fault.code != Code::PeerUnreachable);
                Failure::Refused { fault, delivered }
            }
        };
        let request = CursorRequest { feed: self.feed.name().to_owned() };
        let held = answer(CURSOR_TIMEOUT, client.cursor(request)).await.map_err(refused(None))?;
        let held = held.into_inner();
        let from = held.cursor;
        let mut blocks = self.blocks_or_back(&known, held.epoch, from, &held.checkpoint).await?;
        let reads = Reads::stated(held.packing_max, &held.dictionary);
        blocks = frame::readable(self.feed.name(), EPOCH, blocks, &reads).map_err(Error::from)?;
        self.pay(&mut blocks).await;
        let Some(last) = blocks.last() else {
            return Ok(Outcome { from, delivered: from, applied: from });
        };
        let delivered = last.last_seq;
        let applied =
            send(&mut client, self.feed, &blocks, from).await.map_err(refused(Some(delivered)))?;
        Ok(Outcome { from, delivered, applied })
    }

    /// Keeps to the cap: a push is one frame of some seconds, and waits for its turn
    /// before it begins. The time that a push may take does not run meanwhile.
    async fn pay(self, blocks: &mut Vec<Block>) {
        let throttle = &self.context.throttle;
        let Some(most) = throttle.frame_bytes() else { return };
        blocks.truncate(frame::fitting(blocks, most.min(FRAME_BYTES)));
        throttle.pay(blocks.iter().map(|block| block.body.len()).sum()).await;
    }

    /// The node, if it may be given anything.
    async fn admitted(self) -> Result<Node, Failure> {
        let mut connection = self.context.store.acquire().await.map_err(Error::from)?;
        let known = node::find(&mut connection, self.node_id).await.map_err(Error::from)?;
        let known = known.ok_or(Failure::Unknown)?;
        let dispute = dispute::of_node(&mut connection, self.node_id).await.map_err(Error::from)?;
        dispute.map_or(Ok(known), |fault| Err(Failure::Disputed(fault)))
    }

    /// The blocks that the node lacks; before them, what the hub lacks is taken back.
    async fn blocks_or_back(
        self,
        known: &Node,
        epoch: u32,
        cursor: u64,
        checkpoint: &str,
    ) -> Result<Vec<Block>, Failure> {
        let blocks = self.blocks_after(epoch, cursor, checkpoint).await;
        if !matches!(blocks, Err(Failure::Ahead { .. })) {
            return blocks;
        }
        match ahead::take_back(&self.context.recall(), known, self.feed).await {
            Ok(brought) if brought > 0 => self.blocks_after(epoch, cursor, checkpoint).await,
            Ok(_) => blocks,
            Err(failure) => {
                warn!(error = chain(&failure), "own entries cannot be brought back");
                blocks
            }
        }
    }

    /// The blocks that the node lacks, once it is certain that it holds ours.
    async fn blocks_after(
        self,
        epoch: u32,
        cursor: u64,
        checkpoint: &str,
    ) -> Result<Vec<Block>, Failure> {
        let mut connection = self.context.store.acquire().await.map_err(Error::from)?;
        if cursor > 0 {
            let head = log::head(&mut connection, self.feed).await?;
            if cursor > head.size {
                return Err(Failure::Ahead { feed: self.feed.name(), held: cursor });
            }
            // Ed25519 signs deterministically: the same root is the same note.
            let ours = log::checkpoint_at(&mut connection, self.feed, cursor).await?;
            if epoch != EPOCH || ours.is_none_or(|ours| ours != checkpoint) {
                return Err(Failure::Rewritten(self.feed.name()));
            }
        }
        Ok(log::blocks_after(&mut connection, self.feed, cursor).await?)
    }
}

/// Why a push ends under way.
fn revoked() -> Fault {
    let message = "the node's certificate was revoked\nle certificat du nœud a été révoqué";
    Fault::new(Code::CertificateRevoked, message)
}

/// Pushes the blocks as frames; the node's cursor afterwards.
async fn send(
    client: &mut SharedMasterDataServiceClient<Channel>,
    feed: &OwnFeed,
    blocks: &[Block],
    from: u64,
) -> Result<u64, tonic::Status> {
    let mut frames = Vec::new();
    let (mut rest, mut after) = (blocks, from);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(frame::fitting(rest, FRAME_BYTES));
        let frame = frame::build(feed.name(), EPOCH, now, after)
            .map_err(|error| Fault::new(Code::Internal, chain(&error)))?;
        (rest, after) = (later, frame.last_seq);
        frames.push(PushRequest { frame: Some(frame) });
    }
    let frames = stream::iter(frames).chain(end_of_frames(after));
    Ok(answer(PUSH_TIMEOUT, client.push(frames)).await?.into_inner().cursor)
}

/// The answer to a request. A node that is alive and never answers would hold its
/// task for ever: the keep-alive of the link asks the system, not the program.
async fn answer<T>(
    limit: Duration,
    request: impl Future<Output = Result<T, tonic::Status>>,
) -> Result<T, tonic::Status> {
    let silent = || {
        let message = format!(
            "no answer within {0} s; it is tried again\npas de réponse en {0} s ; nouvel essai",
            limit.as_secs()
        );
        Fault::new(Code::PeerUnreachable, message)
    };
    timeout(limit, request).await.unwrap_or_else(|_| Err(silent().into()))
}

/// Yields nothing, and says in the log that every frame was handed over: from
/// here on the node may hold what the store does not know as delivered.
fn end_of_frames(last_seq: u64) -> impl Stream<Item = PushRequest> {
    stream::poll_fn(move |_| {
        debug!(phase = "mid-push", seq.last = last_seq, "frames sent, delivery not yet kept");
        Poll::Ready(None)
    })
}
