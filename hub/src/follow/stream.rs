//! One followed feed of one node, as long as the link lasts.
//!
//! Owns the way from a feed's kept state to its stream: take the lease, restore
//! the follower, compare with what the owner says, then land frame after frame.
//! What cannot be accepted freezes this feed alone, with its evidence.

use std::convert::Infallible;

use rmd_feed::{FRAME_BYTES_MAX, FeedVerifier, Follower, Origin, Standing, evidence};
use rmd_proto::{
    Code, Fault,
    v1::{self, feed_service_client::FeedServiceClient},
};
use rmd_standard::Context;
use tonic::{Status, transport::Channel};
use tracing::{error, info};

use super::{
    Error, FollowContext,
    cursor::{self, Freeze, Position},
    exchange,
    landing::{Landing, Stop},
};
use crate::{
    follow::plan::FeedPlan,
    regional::{self, Owner},
};

/// Bytes of a message of a stream that are read at all: a frame of the largest
/// size, and some room in which the follower can say what is wrong with one.
pub(super) const MESSAGE_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// A feed and all that is needed to follow it.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) context: FollowContext,
    /// Name in origins, as `rmd.net/COD/cod-mines`.
    pub(super) owner_name: String,
    pub(super) owner: Owner,
    pub(super) verifier: FeedVerifier,
    pub(super) plan: FeedPlan,
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
        let mut follower = self.restore(position)?;
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
        self.pull(client, &landing, &mut follower).await
    }

    async fn pull(
        &self,
        mut client: FeedServiceClient<Channel>,
        landing: &Landing,
        follower: &mut Follower,
    ) -> Result<Infallible, Error> {
        let request = v1::FollowRequest {
            feed: self.owner.feed.clone(),
            epoch: self.owner.epoch,
            after_seq: follower.cursor(),
            frame_bytes_max: 0,
        };
        let mut frames = match client.follow(request).await {
            Ok(response) => response.into_inner(),
            Err(status) => return Err(self.answer(status, follower.cursor()).await),
        };
        loop {
            match frames.message().await {
                Ok(Some(v1::FollowResponse { frame: Some(frame) })) => {
                    self.land(landing, follower, &frame).await?;
                }
                Ok(Some(v1::FollowResponse { frame: None })) => {
                    let message = "a message of the stream holds no frame; upgrade the node\n\
                                   un message du flux ne contient pas de trame ; mettez le nœud à jour";
                    return Err(self.unfit(Code::FrameMalformed, message.to_owned()));
                }
                Ok(None) => return Err(Error::Closed(self.owner.feed.clone())),
                Err(status) => return Err(self.answer(status, follower.cursor()).await),
            }
        }
    }

    async fn land(
        &self,
        landing: &Landing,
        follower: &mut Follower,
        frame: &v1::Frame,
    ) -> Result<(), Error> {
        let cursor = follower.cursor();
        if frame.first_seq <= cursor && frame.last_seq > cursor {
            // The ledger holds whole frames end to end; asked again after its
            // cursor, which is the end of a block, an owner sends whole blocks.
            let (first, last) = (frame.first_seq, frame.last_seq);
            let message = format!(
                "the frame of seq {first} to {last} begins before the cursor {cursor}; nothing was \
                 applied, the node must send whole blocks after the cursor\n\
                 la trame des seq {first} à {last} commence avant le curseur {cursor} ; rien n'a été \
                 appliqué, le nœud doit envoyer des blocs entiers après le curseur"
            );
            return Err(self.unfit(Code::FrameMalformed, message));
        }
        let now_us = self.context.clock.now().as_microsecond();
        match landing.land(follower, frame, now_us).await {
            Ok(Some(_)) => {
                self.context.progress.frame_landed();
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusal)) => {
                let mut refusal = *refusal;
                if refusal.evidence.is_empty() {
                    refusal.evidence = evidence::pair(follower.checkpoint(), &frame.checkpoint);
                }
                let message = format!("{}\n{}", refusal.message, refusal.message_fr);
                Err(self.freeze(refusal.code, message, &refusal.evidence, Some(frame)).await)
            }
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
            Standing::OwnerSmaller => Err(self.unfit(
                Code::CursorBeyondSize,
                format!(
                    "the node has {stated} entries, the hub has applied {kept}: the node was restored \
                     from a backup or lost its store; recover the node\n\
                     le nœud a {stated} écritures, le pivot en a appliqué {kept} : le nœud a été restauré \
                     d'une sauvegarde ou a perdu ses données ; rétablissez le nœud"
                ),
            )),
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

    /// Freezes the feed and keeps the evidence; says so, or why it could not.
    async fn freeze(
        &self,
        code: Code,
        message: String,
        evidence: &[u8],
        frame: Option<&v1::Frame>,
    ) -> Error {
        let freeze = Freeze {
            node_id: &self.owner.node_id,
            feed: &self.owner.feed,
            code,
            message: &message,
            evidence,
            frame,
        };
        let now_us = self.context.clock.now().as_microsecond();
        let kept = async {
            let mut transaction = self.context.store.begin().await?;
            cursor::freeze(&mut transaction, &freeze, now_us).await?;
            transaction.commit().await
        };
        if let Err(error) = kept.await {
            return error.into();
        }
        error!(node.id = %self.owner.node_id, feed = %self.owner.feed, code = %code, message, "feed frozen");
        self.frozen(code, message)
    }

    /// What the node, or the link, answered in the place of frames.
    async fn answer(&self, status: Status, cursor: u64) -> Error {
        let is_out_of_range = status.code() == tonic::Code::OutOfRange;
        let fault = Fault::from(status);
        if fault.code == Code::FrameOversized && is_out_of_range {
            // Too large even to be received: no frame to keep, but no less a refusal.
            let message = format!(
                "the frame after seq {cursor} takes more than {MESSAGE_BYTES_MAX} bytes; nothing was \
                 applied, the node must send smaller frames\n\
                 la trame après le seq {cursor} dépasse {MESSAGE_BYTES_MAX} octets ; rien n'a été \
                 appliqué, le nœud doit envoyer des trames plus petites"
            );
            return self.freeze(fault.code, message, &[], None).await;
        }
        match fault.code {
            Code::RequestInvalid
            | Code::FeedUnknown
            | Code::EpochUnknown
            | Code::CursorBeyondSize
            | Code::FrameOversized
            | Code::FrameMalformed
            | Code::FrameGap
            | Code::RootMismatch
            | Code::CheckpointUnsigned
            | Code::FeedFrozen
            | Code::RoleForbidden
            | Code::Internal => Error::FeedUnfit { feed: self.owner.feed.clone(), fault },
            _ => Error::Peer(fault),
        }
    }

    fn unfit(&self, code: Code, message: String) -> Error {
        Error::FeedUnfit { feed: self.owner.feed.clone(), fault: Fault::new(code, message) }
    }

    fn frozen(&self, code: Code, message: String) -> Error {
        Error::Frozen { feed: self.owner.feed.clone(), fault: Fault::new(code, message) }
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
