//! The inbox: what the hub sends back, verified and readable.
//!
//! Owns the following of the hub's feeds and the local tables made from them.
//! Refuses everything that does not extend what was verified before; a feed
//! whose owner signed two histories is frozen, with the evidence, until a person
//! acts. Invariant: a frame, its tables and the cursor are one transaction.

mod again;
mod bulletin;
pub(crate) mod case;
mod feed;
pub(crate) mod limit;
mod recall;
pub(crate) mod receipt;
pub(crate) mod reminder;
pub(crate) mod report;
pub(crate) mod verdict;

#[cfg(test)]
mod tests;

use rmd_feed::{
    FeedVerifier, Follower, Origin, Refusal, StoredEntry,
    frame::{PACKING_MAX, Reads},
};
use rmd_link::Credentials;
use rmd_proto::{Code, Fault, v1};
use sqlx::SqliteConnection;
use tracing::{debug, error, info, warn};

use self::{bulletin::Bulletin, reminder::Reminder, verdict::Told};
use crate::journal::{self, Store};

/// The feed that every node gets.
const SHARED: &str = "shared";

/// The feed of which each node has one of its own.
const VERDICTS: &str = "verdicts";

/// The feeds of the hub that this version applies.
const FEEDS: [&str; 2] = [SHARED, VERDICTS];

/// Takes the hub's feeds; clones share the store.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    store: Store,
    credentials: Credentials,
    /// Name of the hub in checkpoints, as `rmd.net/hub`.
    hub: String,
    /// This node, as `COD/cod-mines`.
    node_id: String,
    verifier: FeedVerifier,
}

impl Inbox {
    /// An inbox for the hub whose feed key was pinned at enrolment. Puts the
    /// certificates that it has revoked so far on the deny-list.
    pub(crate) async fn open(
        store: Store,
        credentials: Credentials,
        hub: String,
        verifier: FeedVerifier,
    ) -> Result<Self, journal::Error> {
        let node_id = credentials.identity().map(|identity| identity.node_id());
        let node_id = node_id.unwrap_or_default();
        let inbox = Self { store, credentials, hub, node_id, verifier };
        inbox.enforce_revocations().await?;
        again::read(&inbox.store).await?;
        Ok(inbox)
    }

    /// How far a feed was durably applied.
    pub(crate) async fn cursor(&self, name: &str) -> Result<v1::CursorResponse, Fault> {
        check_name(name)?;
        let row = feed::read(self.store.readers(), name).await.map_err(unavailable)?;
        let mut held = v1::CursorResponse {
            packing_max: PACKING_MAX,
            dictionary: Reads::ours().dictionaries().to_vec(),
            ..v1::CursorResponse::default()
        };
        if let Some(row) = row {
            held.epoch = row.epoch;
            held.cursor = row.size.cast_unsigned();
            held.checkpoint = row.checkpoint;
        }
        Ok(held)
    }

    /// Verifies a frame and applies it; a repeat changes nothing. Returns the cursor.
    pub(crate) async fn take(&self, frame: &v1::Frame) -> Result<u64, Fault> {
        check_name(&frame.feed)?;
        if frame.feed == VERDICTS {
            // What capture reads is what the hub waits for.
            self.store.give_way().await;
        }
        let mut writing = self.store.write().await;
        let mut transaction = writing.begin().await.map_err(unavailable)?;
        let mut follower = self.follower(&mut transaction, frame).await?;
        let now_us = self.store.now_us();
        let entries = match follower.accept(frame) {
            Ok(entries) if entries.is_empty() => return Ok(follower.cursor()),
            Ok(entries) => entries,
            Err(refusal) => {
                if refusal.freezes() {
                    feed::freeze(&mut transaction, &follower, frame, &refusal, now_us)
                        .await
                        .map_err(unavailable)?;
                    transaction.commit().await.map_err(|e| unavailable(e.into()))?;
                    error!(feed = frame.feed, code = %refusal.code, "feed of the hub frozen, read inbox list");
                }
                return Err(told(&refusal));
            }
        };
        apply(&mut transaction, frame, &entries, now_us).await.map_err(unavailable)?;
        feed::advance(&mut transaction, &follower, frame, &entries, now_us)
            .await
            .map_err(unavailable)?;
        let is_order = |entry: &&StoredEntry| frame.feed == VERDICTS && entry.op() == v1::Op::Erase;
        for order in entries.iter().filter(is_order) {
            journal::erase::told(&mut transaction, order).await.map_err(unavailable)?;
        }
        debug!(phase = "mid-push", feed = frame.feed, seq = frame.last_seq, "frame written");
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        drop(writing);
        debug!(phase = "committed", feed = frame.feed, seq = frame.last_seq, "frame committed");
        if entries.iter().any(|entry| entry.header.entity == bulletin::REVOKED) {
            self.enforce_revocations().await.map_err(unavailable)?;
        }
        Ok(follower.cursor())
    }

    /// The follower of the frame's feed as the store has it.
    async fn follower(
        &self,
        connection: &mut SqliteConnection,
        frame: &v1::Frame,
    ) -> Result<Follower, Fault> {
        let row = feed::read(connection, &frame.feed).await.map_err(unavailable)?;
        // A feed of which nothing was applied begins in the epoch that its owner
        // writes; from then on another epoch is refused.
        let Some(row) = row else {
            let origin = self.origin(&frame.feed, frame.epoch);
            return Ok(Follower::new(&frame.feed, frame.epoch, origin, self.verifier.clone()));
        };
        let origin = self.origin(&frame.feed, row.epoch);
        row.follower(&frame.feed, origin, self.verifier.clone()).map_err(unavailable)
    }

    /// Name of a feed on its checkpoints. That of the verdicts names this node, so
    /// that those of another one cannot be taken for its own.
    fn origin(&self, feed: &str, epoch: u32) -> Origin {
        if feed == VERDICTS {
            return Origin::new(&self.hub, &format!("{VERDICTS}/{}", self.node_id), epoch);
        }
        Origin::new(&self.hub, feed, epoch)
    }

    async fn enforce_revocations(&self) -> Result<(), journal::Error> {
        let serials = bulletin::revoked_serials(&self.store).await?;
        if !serials.is_empty() {
            info!(certificates = serials.len(), "deny-list in force");
        }
        self.credentials.deny(serials);
        Ok(())
    }
}

/// Applies the entries of a frame to the local tables. An entry that this
/// version cannot read is kept and named, and holds nothing up.
async fn apply(
    connection: &mut SqliteConnection,
    frame: &v1::Frame,
    entries: &[StoredEntry],
    now_us: i64,
) -> Result<(), journal::Error> {
    let mut verdicts = Vec::new();
    for entry in entries {
        let unread = if frame.feed == VERDICTS && entry.header.entity == case::NOTICE {
            case::save(connection, entry, now_us).await?
        } else if frame.feed == VERDICTS && entry.header.entity == reminder::ENTITY {
            match Reminder::read(entry) {
                Ok(told) => told.save(connection, entry, now_us).await.map(|()| None)?,
                Err(fault) => Some(fault),
            }
        } else if frame.feed == VERDICTS {
            if verdicts.len() >= verdict::VERDICTS_MAX {
                verdict::save(connection, &std::mem::take(&mut verdicts), now_us).await?;
            }
            let told = Told::read(entry);
            told.map(|told| verdicts.push((entry.seq().cast_signed(), told))).err()
        } else {
            match Bulletin::read(entry) {
                Ok(bulletin) => bulletin.save(connection, entry, now_us).await.map(|()| None)?,
                Err(fault) => Some(fault),
            }
        };
        if let Some(fault) = unread {
            let seq = entry.seq();
            warn!(feed = frame.feed, seq, fault, "entry of the hub not understood");
            feed::keep_unread(connection, frame, entry, &fault).await?;
        }
    }
    verdict::save(connection, &verdicts, now_us).await
}

fn check_name(name: &str) -> Result<(), Fault> {
    if FEEDS.contains(&name) {
        return Ok(());
    }
    let message = format!("this node takes the feeds {} of the hub", FEEDS.join(", "));
    Err(Fault::at(Code::FeedUnknown, "feed", message))
}

/// What the hub is told of a frame that was refused.
fn told(refusal: &Refusal) -> Fault {
    Fault::new(refusal.code, format!("{} / {}", refusal.message, refusal.message_fr))
}

/// What a peer may know of a fault of ours; the cause goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "it ends the life of the error")]
fn unavailable(error: journal::Error) -> Fault {
    error!(error = rmd_runtime::lifecycle::chain(&error), "inbox cannot be written");
    Fault::new(error.code(), "the node cannot use its store now")
}
