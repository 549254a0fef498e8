//! Lost entries of this node's own feeds: how it sees that, and what it does.
//!
//! Owns the conclusions from what the hub says it holds: whether the node was
//! restored from a backup, or wrote on without knowing it. Believes of the hub
//! only notes that this node's own key signed. Refuses to append while it is not
//! sure; the entries themselves come back through [`Journal::adopt`].

pub(crate) mod announced;
pub(crate) mod epochs;
pub(crate) mod evidence;
pub(crate) mod mark;

#[cfg(test)]
mod tests;

use rmd_feed::{
    Checkpoint, Origin,
    evidence::{Extension, Statement},
    proof::Claim,
};
use rmd_proto::v1;
use tracing::{error, info, warn};

use crate::journal::{
    Error, Journal,
    adopt::{self, resume},
    prove,
    recovery::{self, Lost, State},
    report::{self, FeedReport},
};

/// Draws conclusions from the checkpoints that the hub holds of our feeds.
pub(crate) async fn heard(journal: &Journal, known: &[v1::KnownCheckpoint]) -> Result<(), Error> {
    for feed in report::feeds(journal.store()).await? {
        let note = known.iter().find(|known| known.feed == feed.feed);
        if let Some(later) = note.filter(|note| epoch_of(note) > feed.epoch) {
            later_epoch(journal, &feed, later).await?;
            continue;
        }
        let theirs = note.and_then(|note| open(journal, &feed, &note.checkpoint));
        match (theirs, note) {
            (Some(theirs), Some(note)) => {
                heard_of(journal, &feed, theirs, &note.checkpoint).await?;
            }
            _ => nothing_held(journal, &feed).await?,
        }
    }
    Ok(())
}

/// The epoch that the hub follows, which an older one says on the note alone.
fn epoch_of(note: &v1::KnownCheckpoint) -> u32 {
    let origin = note.checkpoint.lines().next().unwrap_or_default();
    let on_note = origin.rsplit_once('/').and_then(|(_, epoch)| epoch.parse().ok());
    note.epoch.max(on_note.unwrap_or(0))
}

/// The hub follows an epoch that began after the one in the store: the store was put
/// back from before it. With the key of that epoch its entries come back; without it,
/// nothing may be appended to the one that ended.
async fn later_epoch(
    journal: &Journal,
    feed: &FeedReport,
    note: &v1::KnownCheckpoint,
) -> Result<(), Error> {
    let (owner, epoch) = (journal.owner(), epoch_of(note));
    let origin = Origin::new(&owner.name, feed.feed, epoch);
    if Checkpoint::open(&note.checkpoint, &origin, &owner.key.verifier(), 0).is_err() {
        return epochs::close(journal.store(), feed.feed).await;
    }
    warn!(feed = feed.feed, epoch, "store is from before a new epoch, waiting for its entries");
    let checkpoint = note.checkpoint.clone();
    let held = v1::HeldFeed { feed: feed.feed.to_owned(), epoch, checkpoint };
    adopt::epoch::enrolled(journal.store(), owner, &[held]).await?;
    Ok(())
}

/// A note of the hub, if our key signed it for the epoch that we write.
fn open(journal: &Journal, feed: &FeedReport, note: &str) -> Option<Checkpoint> {
    let owner = journal.owner();
    let origin = Origin::new(&owner.name, feed.feed, feed.epoch);
    Checkpoint::open(note, &origin, &owner.key.verifier(), feed.size).ok()
}

/// The hub holds nothing of a feed: there is nothing to wait for.
async fn nothing_held(journal: &Journal, feed: &FeedReport) -> Result<(), Error> {
    let store = journal.store();
    let lost = recovery::find(store.readers(), feed.feed).await?;
    if lost.is_none_or(|lost| lost.state != State::Unsure) {
        return Ok(());
    }
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    resume(&mut transaction, feed.feed, (0, feed.size), store.now_us()).await?;
    Ok(transaction.commit().await?)
}

async fn heard_of(
    journal: &Journal,
    feed: &FeedReport,
    theirs: Checkpoint,
    note: &str,
) -> Result<(), Error> {
    let store = journal.store();
    let lost = recovery::find(store.readers(), feed.feed).await?;
    let known = recovery::known(store, feed.feed, feed.epoch).await?;
    if lost.is_none() && known.as_deref() == Some(note) && theirs.size <= feed.size {
        return Ok(());
    }
    let verdict = if theirs.size > feed.size {
        Some(State::Lacking)
    } else if root_at(journal, feed, theirs.size).await? == theirs.root {
        None
    } else {
        Some(State::Diverged)
    };
    let evidence = match verdict {
        Some(State::Diverged) => own_evidence(journal, feed, theirs, note).await?,
        _ => String::new(),
    };
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let now_us = store.now_us();
    let held = (theirs.size, note);
    recovery::keep_known(&mut transaction, feed.feed, feed.epoch, held, now_us).await?;
    match (verdict, &lost) {
        // A person ends it.
        (_, Some(Lost { state: State::Diverged | State::Closed, .. })) | (None, None) => {}
        (None, Some(_)) => {
            info!(feed = feed.feed, size = feed.size, "the hub holds nothing that is missing here");
            resume(&mut transaction, feed.feed, (theirs.size, feed.size), now_us).await?;
        }
        (Some(state), _) => {
            let seqs = match state {
                State::Lacking => (feed.size + 1, theirs.size),
                _ => (theirs.size, feed.size),
            };
            if lost.as_ref().is_none_or(|lost| lost.state != state) {
                tell(feed, state, theirs.size);
                let what = if state == State::Lacking { "restored" } else { "diverged" };
                recovery::happened(&mut transaction, (feed.feed, what), seqs, "", now_us).await?;
            }
            let lost = Lost {
                feed: feed.feed.to_owned(),
                state,
                held_size: theirs.size,
                held_checkpoint: note.to_owned(),
                common_size: None,
                evidence,
                since_us: lost.map_or(now_us, |lost| lost.since_us),
            };
            recovery::set(&mut transaction, &lost).await?;
        }
    }
    Ok(transaction.commit().await?)
}

fn tell(feed: &FeedReport, state: State, held: u64) {
    let (name, size) = (feed.feed, feed.size);
    if state == State::Lacking {
        warn!(feed = name, size, held, "restored from a backup, waiting for lost entries");
    } else {
        error!(feed = name, size, held, "the hub holds another history, read recover status");
    }
}

/// Our own root at a size that our tree has passed.
async fn root_at(journal: &Journal, feed: &FeedReport, size: u64) -> Result<[u8; 32], Error> {
    let readers = journal.store().readers();
    Ok(prove::prove(readers, feed.feed, feed.epoch, size, Claim::Root).await?.1)
}

/// The text that shows to anybody that our tree does not begin with what the hub holds.
async fn own_evidence(
    journal: &Journal,
    feed: &FeedReport,
    theirs: Checkpoint,
    note: &str,
) -> Result<String, Error> {
    let mut extension = None;
    if theirs.size < feed.size {
        let claim = Claim::Consistency { old_size: theirs.size };
        let readers = journal.store().readers();
        let (proof, _) = prove::prove(readers, feed.feed, feed.epoch, feed.size, claim).await?;
        let prefix_root = root_at(journal, feed, theirs.size).await?;
        extension = Some(Extension { prefix_root, proof });
    }
    let statement = Statement {
        key: journal.owner().key.vkey(),
        held: note.to_owned(),
        offered: feed.checkpoint.clone(),
        extension,
    };
    Ok(statement.to_text())
}
