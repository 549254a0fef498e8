//! Frames of files through the landing of the network.
//!
//! The feed is taken under a lease of its own kind. Where a running hub follows
//! the same feed at this moment, each frame is still applied once: the cursor
//! moves by compare-and-set, the running hub gives way and comes back, and this
//! side reads the cursor again.

use std::{fs::File, io::BufReader};

use rmd_feed::{
    Follower, Origin, Refusal, Standing,
    bundle::{Frames, Schedule, trimmed},
};
use rmd_link::Identity;
use rmd_proto::v1;
use rmd_standard::Context;

use super::{Bundles, Error, import::FeedReport, read::Checked};
use crate::{
    follow::{
        self,
        cursor::{self, Freeze, Lease},
        landing::Landing,
        plan,
    },
    regional::{self, Owner},
};

/// How often the feed is taken back from a running hub before this gives up.
const TAKES_MAX: u32 = 100;

/// One feed that is being applied.
struct Run<'a> {
    bundles: &'a Bundles,
    landing: Landing,
    follower: Follower,
    state: v1::FeedState,
    verifier: rmd_feed::FeedVerifier,
    owner_name: String,
    takes: u32,
}

impl Bundles {
    /// Applies what the schedule says.
    pub(super) async fn land(
        &self,
        files: &[(usize, Checked)],
        plan: &Schedule,
        report: &mut FeedReport,
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), Error> {
        // Nothing new: a running hub keeps its lease.
        let Some(&first) = plan.apply.first() else { return Ok(()) };
        let mut run = self.take(&files[first].1, report.owner_size).await?;
        for &place in &plan.apply {
            let mut frames = self.frames(&files[place].1)?;
            while let Some(frame) = next(&mut frames)? {
                let applied = run.frame(frame).await?;
                report.frames += u64::from(applied.is_some());
                report.refused += applied.map_or(0, |applied| applied.refused);
                report.cursor = run.follower.cursor();
                done(report.cursor.saturating_sub(report.from), plan.reaches - report.from);
            }
        }
        Ok(())
    }

    /// Takes a feed under a lease that a running hub gives way to.
    async fn take(&self, file: &Checked, owner_size: u64) -> Result<Run<'_>, Error> {
        let node = &file.node;
        let mut state = file.manifest.state().clone();
        state.size = state.size.max(owner_size);
        let verifier =
            rmd_feed::FeedVerifier::parse(&node.feed_vkey).map_err(crate::share::Error::Feed)?;
        let unknown = |_| Error::SenderUnknown(node.identity.clone());
        let identity: Identity = node.identity.parse().map_err(unknown)?;
        let country = rmd_standard::country::alpha2_of(&node.country)
            .ok_or_else(|| crate::registry::Error::CountryUnknown(node.country.clone()))?;
        let owner = Owner {
            node_id: node.id.clone(),
            country: country.to_owned(),
            feed: state.feed.clone(),
            epoch: state.epoch,
        };
        let stated = std::slice::from_ref(&state);
        if !follow::is_known(&state.feed) {
            return Err(Error::FeedUnknown(state.feed));
        }
        let plan = plan::make(&mut *self.store.acquire().await?, &node.id, stated).await?;
        let Some(plan) = plan.get(&state.feed) else {
            return Err(Error::FeedOff { node_id: node.id.clone(), feed: state.feed });
        };
        let landing = Landing {
            store: self.store.clone(),
            lease: Lease::of_bundle(),
            owner,
            levels: plan.levels.clone(),
            context: Context {
                country: country.to_owned(),
                today: self.clock.today(),
                zone: jiff::tz::TimeZone::UTC,
            },
        };
        let owner_name = identity.owner();
        let origin = Origin::new(&owner_name, &state.feed, state.epoch);
        let follower = Follower::new(&state.feed, state.epoch, origin, verifier.clone());
        let mut run =
            Run { bundles: self, landing, follower, state, verifier, owner_name, takes: 0 };
        run.take().await?;
        run.compare().await?;
        let Landing { store, owner, levels, context, .. } = &run.landing;
        regional::settle::settle(store, owner, levels, context).await?;
        Ok(run)
    }
}

impl Run<'_> {
    /// Takes the lease and reads where the feed stands.
    async fn take(&mut self) -> Result<(), Error> {
        self.takes += 1;
        if self.takes > TAKES_MAX {
            return Err(Error::Busy(self.state.feed.clone()));
        }
        let Owner { node_id, feed, .. } = &self.landing.owner;
        let now_us = self.bundles.clock.now().as_microsecond();
        let mut transaction = self.bundles.store.begin().await?;
        let known = cursor::owner_size(&mut transaction, node_id, feed).await?;
        self.state.size = self.state.size.max(known);
        let lease = &self.landing.lease;
        cursor::take(&mut transaction, node_id, &self.state, lease, now_us).await?;
        let position = cursor::load(&mut transaction, node_id, feed).await?;
        transaction.commit().await?;
        let Some(position) = position else { return Err(Error::Busy(feed.clone())) };
        if let Some(frozen) = position.frozen {
            return Err(self.frozen(frozen.message));
        }
        let origin = Origin::new(&self.owner_name, feed, position.epoch);
        let verifier = self.verifier.clone();
        let (cursor, edge, note) = (position.cursor, position.edge, position.checkpoint);
        self.follower =
            Follower::restore(feed, position.epoch, origin, verifier, cursor, edge, note).map_err(
                |source| follow::Error::Kept {
                    node_id: node_id.clone(),
                    feed: feed.clone(),
                    source: Box::new(source),
                },
            )?;
        Ok(())
    }

    /// Freezes the feed if its owner signs another root at the size that is held.
    async fn compare(&self) -> Result<(), Error> {
        let Standing::Rewritten { evidence } = self.follower.compare(&self.state) else {
            return Ok(());
        };
        let size = self.follower.cursor();
        let message = format!(
            "at size {size} the node signs another root in its bundle than it signed before: its \
             history was rewritten; both checkpoints are kept\n\
             à la taille {size}, le nœud signe dans son paquet une autre racine qu'auparavant : son \
             historique a été réécrit ; les deux points de contrôle sont conservés"
        );
        Err(self.freeze(rmd_proto::Code::RootMismatch, message, &evidence, None).await)
    }

    /// Applies what is new of a frame; none for a repeat.
    async fn frame(&mut self, frame: v1::Frame) -> Result<Option<regional::Applied>, Error> {
        loop {
            if frame.last_seq <= self.follower.cursor() {
                return Ok(None);
            }
            let rest = trimmed(frame.clone(), self.follower.cursor()).map_err(|error| {
                Error::Refused(format!("{}\n{}", error.english(), error.french()))
            })?;
            let now_us = self.bundles.clock.now().as_microsecond();
            let prepared = match self.landing.prepare(&self.follower, &rest, now_us) {
                Ok(Some(prepared)) => prepared,
                Ok(None) => return Ok(None),
                Err(refusal) => return Err(self.refused(*refusal, &rest).await),
            };
            let after = prepared.after().clone();
            match self.landing.commit(prepared).await {
                Ok(applied) => {
                    self.follower = after;
                    return Ok(Some(applied));
                }
                Err(follow::Error::Overtaken { .. } | follow::Error::LeaseLost { .. }) => {
                    self.take().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A frame was refused: the feed is frozen where its owner signed two histories.
    async fn refused(&self, refusal: Refusal, frame: &v1::Frame) -> Error {
        let message = format!("{}\n{}", refusal.message, refusal.message_fr);
        if !refusal.freezes() {
            return Error::Refused(message);
        }
        self.freeze(refusal.code, message, &refusal.evidence, Some(frame)).await
    }

    /// Freezes the feed with its evidence, as over the network; says so, or why it
    /// could not.
    async fn freeze(
        &self,
        code: rmd_proto::Code,
        message: String,
        evidence: &[u8],
        frame: Option<&v1::Frame>,
    ) -> Error {
        let Owner { node_id, feed, .. } = &self.landing.owner;
        let freeze = Freeze { node_id, feed, code, message: &message, evidence, frame };
        let now_us = self.bundles.clock.now().as_microsecond();
        let kept = async {
            let mut transaction = self.bundles.store.begin().await?;
            cursor::freeze(&mut transaction, &freeze, now_us).await?;
            transaction.commit().await
        };
        match kept.await {
            Ok(()) => self.frozen(message),
            Err(error) => error.into(),
        }
    }

    fn frozen(&self, message: String) -> Error {
        let Owner { node_id, feed, .. } = &self.landing.owner;
        Error::Frozen { node_id: node_id.clone(), feed: feed.clone(), message }
    }
}

fn next(frames: &mut Frames<BufReader<File>>) -> Result<Option<v1::Frame>, Error> {
    Ok(frames.next_frame()?)
}
