//! One followed feed of one node, as long as the link lasts.
//!
//! Owns the way from a feed's kept state to its stream: take the lease, restore
//! the follower, compare with what the owner says, then land frame after frame.
//! What cannot be accepted freezes this feed alone, with its evidence.

mod lane;
mod stop;

use std::{convert::Infallible, sync::Arc};

use rmd_feed::{
    FRAME_BYTES_MAX, FeedVerifier, Follower, Origin, Refusal, Standing, evidence,
    frame::{PACKING_MAX, Reads},
};
use rmd_proto::{
    Code,
    v1::{
        self, feed_service_client::FeedServiceClient,
        recovery_service_client::RecoveryServiceClient,
    },
};
use rmd_standard::Context;
use tokio::{sync::mpsc, task::spawn_blocking, time::Instant};
use tonic::{Status, Streaming, transport::Channel};
use tracing::info;

use self::lane::Lane;
use super::{
    Error, FollowContext,
    cursor::{self, Position},
    exchange,
    landing::{Landing, Prepared},
};
use crate::{
    follow::plan::FeedPlan,
    regional::{self, Owner},
};

/// Bytes of a message of a stream that are read at all: a frame of the largest
/// size, and some room in which the follower can say what is wrong with one.
pub(super) const MESSAGE_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// A frame of so many entries is one of a load: the next one is written beside it.
/// Three such frames of the largest size that is asked for, two written and one made
/// ready, take 80 MiB.
const LOAD_MIN: u64 = 512;

/// What came over the link, in its order.
#[derive(Debug)]
enum Arrival {
    /// A frame that may land.
    Ready(Box<Prepared>),
    /// A frame that has landed before.
    Repeat,
    /// A frame that may not land.
    Refused(Box<v1::Frame>, Box<Refusal>),
    /// A frame from a seq on that has landed, to one that has not.
    Early(u64, u64),
    /// A message without a frame.
    Empty,
    /// The end of the stream.
    Closed,
    /// What the node, or the link, said instead.
    Answer(Status),
    /// A fault of ours.
    Failed(String),
}

/// A feed and all that is needed to follow it.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) context: FollowContext,
    /// Name in origins, as `rmd.net/COD/cod-mines`.
    pub(super) owner_name: String,
    pub(super) owner: Owner,
    pub(super) verifier: FeedVerifier,
    pub(super) plan: FeedPlan,
    /// Takes back what the owner lost.
    pub(super) recovery: RecoveryServiceClient<Channel>,
    /// What the owner said in Hello.
    pub(super) stated: v1::FeedState,
}

impl Stream {
    /// Follows until the link breaks, the plan changes or the feed is frozen.
    pub(super) async fn run(self, client: FeedServiceClient<Channel>) -> Result<Infallible, Error> {
        let position = self.take().await?;
        if let Some(frozen) = &position.frozen {
            return Err(self.frozen(Code::FeedFrozen, frozen.message.clone()));
        }
        let follower = self.restore(position)?;
        self.compare(&follower).await?;
        let landing = self.landing();
        let moved = regional::settle::settle(
            &landing.store,
            &landing.owner,
            &landing.levels,
            &landing.context,
        )
        .await?;
        if moved > 0 {
            info!(node.id = %self.owner.node_id, feed = %self.owner.feed, records = moved, "records moved to their entitlement");
        }
        let (mut client, landing, mut follower) = (client, Arc::new(landing), follower);
        loop {
            self.pull(&mut client, &landing, &mut follower).await?;
        }
    }

    /// Lands frames as they come, until larger ones may be asked for. While one is
    /// written, or two of a first load, the next one is verified and made ready: so each
    /// waits for the other only where it must.
    async fn pull(
        &self,
        client: &mut FeedServiceClient<Channel>,
        landing: &Arc<Landing>,
        follower: &mut Follower,
    ) -> Result<(), Error> {
        let due = self.stated.size.saturating_sub(follower.cursor());
        let pace = &self.context.pace;
        // No wish of ours: the owner's own limit is about three thousand lots, beside
        // which a transaction costs little.
        let asked = pace.ask(0, due);
        let request = v1::FollowRequest {
            feed: self.owner.feed.clone(),
            epoch: self.owner.epoch,
            after_seq: follower.cursor(),
            frame_bytes_max: asked,
            packing_max: PACKING_MAX,
            dictionary: Reads::ours().dictionaries().to_vec(),
        };
        let begun = Instant::now();
        let frames = match client.follow(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => return Err(self.answer(status, follower.cursor()).await),
        };
        let (sender, arrivals) = mpsc::channel(1);
        let verified = follower.clone();
        let receive = async {
            self.receive(frames, landing, verified, sender).await;
            std::future::pending().await
        };
        // What the link does not limit cannot grow.
        let limit = (asked != 0).then_some(asked);
        let may_grow = || limit.is_some_and(|limit| pace.may_grow(limit, begun.elapsed()));
        let lane = Lane::open(landing);
        tokio::select! {
            ended = self.land_until(may_grow, landing, follower, (lane, arrivals)) => ended,
            never = receive => never,
        }
    }

    /// Lands what arrives; looks between two frames whether it is to end, so that none
    /// is cut off while it is written.
    async fn land_until(
        &self,
        is_over: impl Fn() -> bool,
        landing: &Arc<Landing>,
        follower: &mut Follower,
        (mut lane, mut arrivals): (Lane, mpsc::Receiver<Arrival>),
    ) -> Result<(), Error> {
        loop {
            let arrival = tokio::select! {
                biased;
                written = lane.next(), if !lane.is_empty() => {
                    self.commit(landing, follower, written?).await?;
                    if is_over() {
                        break;
                    }
                    continue;
                }
                arrival = arrivals.recv(), if lane.has_room() => arrival,
            };
            let arrival = match arrival {
                Some(Arrival::Ready(prepared)) if prepared.entries() >= LOAD_MIN => {
                    match lane.take(landing, prepared) {
                        Ok(()) => continue,
                        Err(prepared) => Arrival::Ready(prepared),
                    }
                }
                Some(arrival) => arrival,
                None => Arrival::Closed,
            };
            self.empty(&mut lane, landing, follower).await?;
            self.land(landing, follower, arrival).await?;
            if is_over() {
                break;
            }
        }
        self.empty(&mut lane, landing, follower).await
    }

    /// Lands what is on its way.
    async fn empty(
        &self,
        lane: &mut Lane,
        landing: &Landing,
        follower: &mut Follower,
    ) -> Result<(), Error> {
        while !lane.is_empty() {
            let written = lane.next().await?;
            self.commit(landing, follower, written).await?;
        }
        Ok(())
    }

    async fn commit(
        &self,
        landing: &Landing,
        follower: &mut Follower,
        prepared: Prepared,
    ) -> Result<(), Error> {
        let after = prepared.after().clone();
        landing.commit(prepared).await?;
        *follower = after;
        self.context.progress.frame_landed();
        Ok(())
    }

    /// Takes what comes over the link until it is the last: one frame is made
    /// ready, and none is taken before there is room for it.
    async fn receive(
        &self,
        mut frames: Streaming<v1::FollowResponse>,
        landing: &Arc<Landing>,
        mut verified: Follower,
        arrivals: mpsc::Sender<Arrival>,
    ) {
        // The other end goes with the whole stream.
        while let Ok(room) = arrivals.reserve().await {
            let arrival = match frames.message().await {
                Ok(Some(v1::FollowResponse { frame: Some(frame) })) => {
                    self.prepare(landing, &verified, frame).await
                }
                Ok(Some(v1::FollowResponse { frame: None })) => Arrival::Empty,
                Ok(None) => Arrival::Closed,
                Err(status) => Arrival::Answer(status),
            };
            let goes_on = match &arrival {
                Arrival::Ready(prepared) => {
                    verified = prepared.after().clone();
                    true
                }
                Arrival::Repeat => true,
                _ => false,
            };
            room.send(arrival);
            if !goes_on {
                return;
            }
        }
    }

    async fn prepare(
        &self,
        landing: &Arc<Landing>,
        verified: &Follower,
        frame: v1::Frame,
    ) -> Arrival {
        let cursor = verified.cursor();
        if frame.first_seq <= cursor && frame.last_seq > cursor {
            return Arrival::Early(frame.first_seq, frame.last_seq);
        }
        let now_us = self.context.clock.now().as_microsecond();
        let (landing, verified) = (Arc::clone(landing), verified.clone());
        // Hashing and checking thousands of entries is no work for a task's thread.
        let work = move || match landing.prepare(&verified, &frame, now_us) {
            Ok(Some(prepared)) => Arrival::Ready(Box::new(prepared)),
            Ok(None) => Arrival::Repeat,
            Err(refusal) => Arrival::Refused(Box::new(frame), refusal),
        };
        spawn_blocking(work).await.unwrap_or_else(|error| Arrival::Failed(error.to_string()))
    }

    async fn land(
        &self,
        landing: &Landing,
        follower: &mut Follower,
        arrival: Arrival,
    ) -> Result<(), Error> {
        match arrival {
            Arrival::Ready(prepared) => self.commit(landing, follower, *prepared).await,
            Arrival::Repeat => Ok(()),
            Arrival::Refused(frame, mut refusal) => {
                if refusal.evidence.is_empty() {
                    refusal.evidence = evidence::pair(follower.checkpoint(), &frame.checkpoint);
                }
                let message = format!("{}\n{}", refusal.message, refusal.message_fr);
                Err(self.freeze(refusal.code, message, &refusal.evidence, Some(&frame)).await)
            }
            Arrival::Early(first, last) => Err(self.early(first, last, follower.cursor())),
            Arrival::Empty => {
                let message = "a message of the stream holds no frame; upgrade the node\n\
                               un message du flux ne contient pas de trame ; mettez le nœud à jour";
                Err(self.unfit(Code::FrameMalformed, message.to_owned()))
            }
            Arrival::Closed => Err(Error::Closed(self.owner.feed.clone())),
            Arrival::Answer(status) => Err(self.answer(status, follower.cursor()).await),
            Arrival::Failed(message) => Err(self.unfit(Code::Internal, message)),
        }
    }

    async fn take(&self) -> Result<Position, Error> {
        let node_id = &self.owner.node_id;
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        cursor::take(&mut transaction, node_id, &self.stated, &self.context.lease, now_us).await?;
        let position = cursor::load(&mut transaction, node_id, &self.owner.feed).await?;
        transaction.commit().await?;
        position.ok_or_else(|| {
            let id = format!("{node_id} {}", self.owner.feed);
            crate::store::Error::Inconsistent { table: "feed_cursor", column: "node_id", id }.into()
        })
    }

    fn restore(&self, position: Position) -> Result<Follower, Error> {
        let Position { epoch, cursor, edge, checkpoint, .. } = position;
        let origin = Origin::new(&self.owner_name, &self.owner.feed, epoch);
        let verifier = self.verifier.clone();
        Follower::restore(&self.owner.feed, epoch, origin, verifier, cursor, edge, checkpoint)
            .map_err(|source| Error::Kept {
                node_id: self.owner.node_id.clone(),
                feed: self.owner.feed.clone(),
                source: Box::new(source),
            })
    }

    /// Compares what the owner stated with what is kept.
    async fn compare(&self, follower: &Follower) -> Result<(), Error> {
        let (kept, stated) = (follower.cursor(), self.stated.size);
        let pair = || evidence::pair(follower.checkpoint(), &self.stated.checkpoint);
        match follower.compare(&self.stated) {
            Standing::Normal { .. } => {
                let now_us = self.context.clock.now().as_microsecond();
                let mut transaction = self.context.store.begin().await?;
                let Owner { node_id, feed, .. } = &self.owner;
                cursor::agree(&mut transaction, node_id, &self.stated, now_us).await?;
                exchange::feed_goes_on(&mut transaction, node_id, feed).await?;
                transaction.commit().await?;
                Ok(())
            }
            Standing::OwnerSmaller => self.give_back(follower).await,
            Standing::Rewritten { evidence } => {
                let message = format!(
                    "at size {kept} the node signs another root than the one it signed before: its \
                     history was rewritten; both checkpoints are kept\n\
                     à la taille {kept}, le nœud signe une autre racine qu'auparavant : son historique \
                     a été réécrit ; les deux points de contrôle sont conservés"
                );
                Err(self.freeze(Code::RootMismatch, message, &evidence, None).await)
            }
            Standing::EpochChanged => {
                let (kept, stated) = (follower.epoch(), self.stated.epoch);
                let message = format!(
                    "the node writes epoch {stated}, the hub follows epoch {kept}; the Secretariat has \
                     to confirm the new epoch\n\
                     le nœud écrit l'époque {stated}, le pivot suit l'époque {kept} ; le Secrétariat \
                     doit confirmer la nouvelle époque"
                );
                Err(self.freeze(Code::EpochUnknown, message, &pair(), None).await)
            }
            Standing::Unsigned => {
                let message = format!(
                    "the node's checkpoint at size {stated} is not signed by its pinned key\n\
                     le point de contrôle du nœud à la taille {stated} n'est pas signé par sa clé connue"
                );
                Err(self.freeze(Code::CheckpointUnsigned, message, &pair(), None).await)
            }
        }
    }

    fn landing(&self) -> Landing {
        Landing {
            store: self.context.store.clone(),
            lease: self.context.lease.clone(),
            owner: self.owner.clone(),
            levels: self.plan.levels.clone(),
            context: Context {
                country: self.owner.country.clone(),
                today: self.context.clock.today(),
                zone: jiff::tz::TimeZone::UTC,
            },
        }
    }
}
