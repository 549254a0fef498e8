//! Feeds of which owner and hub hold two histories.
//!
//! Owns the table `feed_recovery`. Finds the last size at which both agree by
//! asking the owner for roots, gets the proof that its tree does not go on from
//! what it signed before, tells the owner, and waits for an officer. A feed goes
//! on only if an officer said so, and then only if the owner gave way: else it is
//! frozen again with the next Hello.

use rmd_feed::{
    Checkpoint, FeedVerifier, Origin,
    evidence::{self, Extension},
    proof,
};
use rmd_proto::v1::{
    self, feed_service_client::FeedServiceClient, recovery_service_client::RecoveryServiceClient,
};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};
use tonic::transport::Channel;
use tracing::warn;

use super::{Error, Word, event, tree::Tree};
use crate::{
    follow::cursor,
    regional::Owner,
    store::{self, Store, expect_rows},
};

const TABLE: &str = "feed_recovery";

/// A feed with two histories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Diverged {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: i64,
    /// Size that the hub verified.
    pub(crate) held_size: i64,
    #[serde(skip)]
    held_checkpoint: String,
    /// The last size at which both agree.
    pub(crate) common_size: i64,
    #[serde(skip)]
    offered_checkpoint: String,
    #[serde(skip)]
    prefix_root: Vec<u8>,
    #[serde(skip)]
    proof: Vec<u8>,
    /// diverged or confirmed.
    pub(crate) state: String,
    pub(crate) since_us: i64,
}

impl Diverged {
    /// The signed notes: the one that was held and the one that was offered.
    pub(super) fn notes(&self) -> (&str, &str) {
        (&self.held_checkpoint, &self.offered_checkpoint)
    }

    /// Root and consistency proof, where the owner gave one.
    pub(super) fn extension(&self) -> Option<(&[u8], &[u8])> {
        (!self.prefix_root.is_empty()).then_some((&self.prefix_root, &self.proof))
    }
}

/// Whom to ask, and about what.
#[derive(Debug)]
pub(crate) struct Inquiry<'a> {
    pub(crate) store: &'a Store,
    pub(crate) owner: &'a Owner,
    /// Name in origins, as `rmd.net/COD/cod-mines`.
    pub(crate) owner_name: &'a str,
    pub(crate) verifier: &'a FeedVerifier,
    pub(crate) feeds: FeedServiceClient<Channel>,
    pub(crate) recovery: RecoveryServiceClient<Channel>,
    pub(crate) now_us: i64,
}

impl Inquiry<'_> {
    /// Finds out where the histories of a frozen feed part, keeps it, and tells the
    /// owner. Nothing is done where the freeze has another ground.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let Owner { node_id, feed, .. } = self.owner;
        let (kept, pair) = {
            let mut connection = self.store.acquire().await?;
            let kept = find(&mut connection, node_id, feed).await?;
            (kept, frozen_pair(&mut connection, node_id, feed).await?)
        };
        let kept = kept.filter(|kept| kept.state == "diverged");
        let diverged = match (kept, pair) {
            (Some(kept), _) => kept,
            (None, Some((held, offered))) => {
                let Some(found) = self.inquire(held, offered).await? else { return Ok(()) };
                self.keep(&found).await?;
                found
            }
            (None, None) => return Ok(()),
        };
        let request = announcement(&diverged);
        if let Err(status) = self.recovery.announce(request).await {
            warn!(node.id = %node_id, feed, error = status.message(), "node was not told of its two histories");
        }
        Ok(())
    }

    async fn inquire(&mut self, held: String, offered: String) -> Result<Option<Diverged>, Error> {
        let Owner { node_id, feed, epoch, .. } = self.owner;
        let origin = Origin::new(self.owner_name, feed, *epoch);
        let open = |note: &str| Checkpoint::open(note, &origin, self.verifier, 0).ok();
        let (Some(ours), Some(theirs)) = (open(&held), open(&offered)) else { return Ok(None) };
        let sizes = [ours.size.min(theirs.size), ours.size];
        let tree = Tree::read(self.store, self.owner, &sizes).await?;
        let extension = self.extension(&tree, ours, theirs).await?;
        let common = self.common(&tree, ours.size.min(theirs.size)).await;
        let (prefix_root, proof) = extension.map_or_else(Default::default, |extension| {
            (extension.prefix_root.to_vec(), extension.proof.concat())
        });
        Ok(Some(Diverged {
            node_id: node_id.clone(),
            feed: feed.clone(),
            epoch: i64::from(*epoch),
            held_size: signed(ours.size),
            held_checkpoint: held,
            common_size: signed(common),
            offered_checkpoint: offered,
            prefix_root,
            proof,
            state: "diverged".to_owned(),
            since_us: self.now_us,
        }))
    }

    /// The proof that the larger tree does not begin with the smaller: from the
    /// ledger where ours is the larger, else from the owner, who may give none.
    async fn extension(
        &mut self,
        tree: &Tree,
        ours: Checkpoint,
        theirs: Checkpoint,
    ) -> Result<Option<Extension>, Error> {
        if ours.size == theirs.size {
            return Ok(None);
        }
        if ours.size > theirs.size {
            let prefix_root = tree.root(theirs.size)?;
            let proof = tree.consistency(ours.size, theirs.size)?;
            return Ok(Some(Extension { prefix_root, proof }));
        }
        let Some(prefix_root) = self.their_root(ours.size).await else { return Ok(None) };
        let request = self.prove(theirs.size, ours.size);
        let Ok(answer) = self.feeds.prove(request).await else { return Ok(None) };
        let hashes = answer.into_inner().hash;
        let proof: Option<Vec<[u8; 32]>> =
            hashes.iter().map(|hash| <[u8; 32]>::try_from(hash.as_slice()).ok()).collect();
        Ok(proof.map(|proof| Extension { prefix_root, proof }).filter(|extension| {
            let Extension { prefix_root, proof } = extension;
            let (size, root) = (theirs.size, theirs.root);
            proof::check_consistency(proof, size, root, ours.size, *prefix_root).is_ok()
        }))
    }

    /// The last end of a frame up to `most` at which the owner has our root. What the
    /// owner says of its roots is not proven: it would only lose more of its tail.
    async fn common(&mut self, tree: &Tree, most: u64) -> u64 {
        let ends: Vec<&(u64, [u8; 32])> = tree.ends.iter().filter(|end| end.0 <= most).collect();
        let (mut low, mut high) = (0, ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let (size, root) = *ends[middle];
            if self.their_root(size).await == Some(root) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1).map_or(0, |last| ends[last].0)
    }

    async fn their_root(&mut self, size: u64) -> Option<[u8; 32]> {
        let request = self.prove(size, size);
        let answer = self.feeds.prove(request).await.ok()?;
        answer.into_inner().root.try_into().ok()
    }

    fn prove(&self, tree_size: u64, old_size: u64) -> v1::ProveRequest {
        v1::ProveRequest {
            feed: self.owner.feed.clone(),
            epoch: self.owner.epoch,
            tree_size,
            proof: Some(v1::prove_request::Proof::OldSize(old_size)),
        }
    }

    async fn keep(&self, found: &Diverged) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        save(&mut transaction, found).await?;
        super::evidence::diverged(&mut transaction, found, self.verifier.vkey(), self.now_us)
            .await?;
        let what = (found.node_id.as_str(), found.feed.as_str(), "diverged");
        let detail = format!("common {} held {}", found.common_size, found.held_size);
        event::keep(&mut transaction, what, &detail, None, self.now_us).await?;
        Ok(transaction.commit().await?)
    }
}

fn announcement(diverged: &Diverged) -> v1::AnnounceRequest {
    v1::AnnounceRequest {
        feed: diverged.feed.clone(),
        epoch: u32::try_from(diverged.epoch).unwrap_or(0),
        held_checkpoint: diverged.held_checkpoint.clone(),
        common_size: diverged.common_size.unsigned_abs(),
        diverged: true,
        offered_checkpoint: diverged.offered_checkpoint.clone(),
        prefix_root: diverged.prefix_root.clone(),
        proof: diverged.proof.chunks(32).map(<[u8]>::to_vec).collect(),
    }
}

/// The notes for which a feed is frozen: the held one and the offered one.
async fn frozen_pair(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<Option<(String, String)>, store::Error> {
    let row: Option<(Option<Vec<u8>>,)> = sqlx::query_as(
        "SELECT evidence
         FROM feed_cursor
         WHERE node_id = $1 AND feed = $2 AND state = 'frozen'",
    )
    .bind(node_id)
    .bind(feed)
    .fetch_optional(connection)
    .await?;
    let kept = row.and_then(|(evidence,)| evidence).unwrap_or_default();
    let pair = evidence::read(&kept);
    Ok(pair.and_then(|(held, offered)| Some((held?.to_owned(), offered.to_owned()))))
}

/// What is kept of a feed's two histories.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<Option<Diverged>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, epoch, held_size, held_checkpoint, common_size,
                offered_checkpoint, prefix_root, proof, state, since_us
         FROM feed_recovery
         WHERE node_id = $1 AND feed = $2",
    )
    .bind(node_id)
    .bind(feed)
    .fetch_optional(connection)
    .await?)
}

/// Every feed that has or had two histories.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Diverged>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, epoch, held_size, held_checkpoint, common_size,
                offered_checkpoint, prefix_root, proof, state, since_us
         FROM feed_recovery
         ORDER BY node_id, feed",
    )
    .fetch_all(connection)
    .await?)
}

async fn save(connection: &mut AnyConnection, found: &Diverged) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO feed_recovery
             (node_id, feed, epoch, held_size, held_checkpoint, common_size,
              offered_checkpoint, prefix_root, proof, state, since_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (node_id, feed) DO UPDATE SET
             epoch = excluded.epoch,
             held_size = excluded.held_size,
             held_checkpoint = excluded.held_checkpoint,
             common_size = excluded.common_size,
             offered_checkpoint = excluded.offered_checkpoint,
             prefix_root = excluded.prefix_root,
             proof = excluded.proof,
             state = excluded.state,
             since_us = excluded.since_us",
    )
    .bind(&found.node_id)
    .bind(&found.feed)
    .bind(found.epoch)
    .bind(found.held_size)
    .bind(&found.held_checkpoint)
    .bind(found.common_size)
    .bind(&found.offered_checkpoint)
    .bind(found.prefix_root.clone())
    .bind(found.proof.clone())
    .bind(&found.state)
    .bind(found.since_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

/// Lets the frozen feeds of a node go on, if their owner gave way; their names.
pub(crate) async fn confirm(
    connection: &mut AnyConnection,
    node_id: &str,
    word: &Word,
    now_us: i64,
) -> Result<Vec<String>, Error> {
    let mut confirmed = Vec::new();
    for found in all(connection).await? {
        if found.node_id != node_id || found.state != "diverged" {
            continue;
        }
        save(connection, &Diverged { state: "confirmed".to_owned(), ..found.clone() }).await?;
        cursor::thaw(connection, node_id, &found.feed, now_us).await?;
        let what = (node_id, found.feed.as_str(), "confirmed");
        event::keep(connection, what, "", Some(word), now_us).await?;
        confirmed.push(found.feed);
    }
    if confirmed.is_empty() {
        return Err(Error::NothingToConfirm(node_id.to_owned()));
    }
    Ok(confirmed)
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
