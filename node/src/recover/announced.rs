//! What the hub announces about one of our feeds.
//!
//! It is kept only if this node's own key signed the note in it, and within bounds: a
//! proof has no more hashes than the largest tree, and a note is as long as ours are.

use rmd_feed::{
    Checkpoint,
    evidence::{Extension, Statement},
    limits::{CHECKPOINT_BYTES_MAX, PROOF_HASHES_MAX},
};
use rmd_proto::{Code, Fault, v1};

use super::{open, root_at, tell};
use crate::journal::{
    Error, FEEDS, Journal,
    recovery::{self, Lost, State},
    report::{self, FeedReport},
};

/// Bytes of a hash of the tree.
const HASH_BYTES: usize = 32;

/// Takes what the hub found out about one of our feeds; the size of the feed.
pub(crate) async fn announced(
    journal: &Journal,
    request: &v1::AnnounceRequest,
) -> Result<u64, Fault> {
    check_sizes(request)?;
    let store = journal.store();
    let unavailable = |error: Error| Fault::new(error.code(), "the node cannot use its store now");
    let feeds = report::feeds(store).await.map_err(unavailable)?;
    let feed = feeds.into_iter().find(|feed| feed.feed == request.feed).ok_or_else(|| {
        let message = format!("this node writes the feeds {}", FEEDS.join(", "));
        Fault::at(Code::FeedUnknown, "feed", message)
    })?;
    if feed.epoch != request.epoch {
        let message = format!("feed {} is in epoch {}", feed.feed, feed.epoch);
        return Err(Fault::at(Code::EpochUnknown, "epoch", message));
    }
    let theirs = open(journal, &feed, &request.held_checkpoint).ok_or_else(|| {
        let message = "this node's key has not signed it for this feed and epoch";
        Fault::at(Code::CheckpointUnsigned, "held_checkpoint", message)
    })?;
    keep_announced(journal, &feed, theirs, request).await.map_err(unavailable)?;
    Ok(feed.size)
}

/// Refuses what no tree of ours can need, before anything of it is kept.
fn check_sizes(request: &v1::AnnounceRequest) -> Result<(), Fault> {
    let at_most = |field: &str, seen: usize, limit: usize| {
        if seen <= limit {
            return Ok(());
        }
        let message = format!(
            "{field} has {seen}, at most {limit} are taken; upgrade or repair the hub\n\
             {field} compte {seen}, au plus {limit} sont acceptés ; mettez à jour ou réparez le pivot"
        );
        Err(Fault::at(Code::RequestInvalid, field, message))
    };
    at_most("held_checkpoint", request.held_checkpoint.len(), CHECKPOINT_BYTES_MAX)?;
    at_most("offered_checkpoint", request.offered_checkpoint.len(), CHECKPOINT_BYTES_MAX)?;
    at_most("prefix_root", request.prefix_root.len(), HASH_BYTES)?;
    at_most("proof", request.proof.len(), PROOF_HASHES_MAX)?;
    request.proof.iter().try_for_each(|hash| at_most("proof", hash.len(), HASH_BYTES))
}

async fn keep_announced(
    journal: &Journal,
    feed: &FeedReport,
    theirs: Checkpoint,
    request: &v1::AnnounceRequest,
) -> Result<(), Error> {
    let is_prefix =
        theirs.size <= feed.size && root_at(journal, feed, theirs.size).await? == theirs.root;
    if is_prefix || (theirs.size > feed.size && !request.diverged) {
        return Ok(());
    }
    let store = journal.store();
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let before = recovery::find(&mut *transaction, feed.feed).await?;
    if before.as_ref().is_some_and(|before| before.state == State::Closed) {
        return Ok(());
    }
    // Once the tail is dropped, there is nothing left to differ about. Where our own
    // root differs, no word of the hub says so: it would end what a person has to.
    let has_tail = theirs.size <= feed.size || feed.size > request.common_size;
    let state = if has_tail { State::Diverged } else { State::Lacking };
    let now_us = store.now_us();
    if before.as_ref().is_none_or(|before| before.state != state) {
        tell(feed, state, theirs.size);
        let what = if state == State::Lacking { "restored" } else { "diverged" };
        let seqs = (request.common_size, theirs.size);
        recovery::happened(&mut transaction, (feed.feed, what), seqs, "", now_us).await?;
    }
    let kept = before.as_ref().map(|before| before.evidence.clone()).unwrap_or_default();
    let lost = Lost {
        feed: feed.feed.to_owned(),
        state,
        held_size: theirs.size,
        held_checkpoint: request.held_checkpoint.clone(),
        common_size: Some(request.common_size),
        evidence: if kept.is_empty() { announced_evidence(journal, feed, request) } else { kept },
        since_us: before.map_or(now_us, |before| before.since_us),
    };
    recovery::set(&mut transaction, &lost).await?;
    Ok(transaction.commit().await?)
}

/// The hub's proof in the form that others check.
fn announced_evidence(
    journal: &Journal,
    feed: &FeedReport,
    request: &v1::AnnounceRequest,
) -> String {
    let hash = |bytes: &Vec<u8>| <[u8; 32]>::try_from(bytes.as_slice()).ok();
    let proof: Option<Vec<[u8; 32]>> = request.proof.iter().map(hash).collect();
    let extension = hash(&request.prefix_root)
        .zip(proof)
        .map(|(prefix_root, proof)| Extension { prefix_root, proof });
    let offered = Some(&request.offered_checkpoint).filter(|note| !note.is_empty());
    let statement = Statement {
        key: journal.owner().key.vkey(),
        held: request.held_checkpoint.clone(),
        offered: offered.unwrap_or(&feed.checkpoint).clone(),
        extension,
    };
    statement.to_text()
}

#[cfg(test)]
mod tests;
