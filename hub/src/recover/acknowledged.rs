//! What a bundle of a node says of the hub's own feeds.
//!
//! A node that no network reaches is asked nothing; its bundles say what it holds. The
//! checkpoint in one is signed by the hub itself. So a bundle can show that the hub
//! lost entries, that it signed two histories, or that nothing is lacking: then a
//! restored hub has heard the node. A bundle from before the restoring says nothing,
//! and the clock of the node may be off by as much as the network bears.

use rmd_feed::{Checkpoint, FeedVerifier};
use rmd_proto::v1;
use sqlx::AnyConnection;

use super::{event, evidence, hold};
use crate::{
    share::{self, EPOCH, OwnFeed, log},
    store,
};

/// By how much the clock of a node may be off.
const SKEW_US: i64 = 24 * 3_600 * 1_000_000;

/// The word in the events of a node that holds another history of the hub's feed.
const FORKED: &str = "forked";

/// How a node stands to one of the hub's feeds.
enum Holds {
    /// Nothing, or what the hub has.
    Ours,
    /// More than the hub has.
    More(u64),
    /// Something that the hub signed and does not have.
    Other(Checkpoint),
    /// What it shows was not signed by the hub.
    Unknown,
}

/// Judges a bundle; sentences for people, English then French, where it tells of a loss.
pub(crate) async fn heard(
    connection: &mut AnyConnection,
    node_id: &str,
    message: &v1::BundleManifest,
    (hub, verifier): (&str, &FeedVerifier),
    now_us: i64,
) -> Result<Vec<String>, share::Error> {
    let mut sentences = Vec::new();
    let mut is_sound = true;
    for feed in OwnFeed::of_node(node_id) {
        let said = message.acknowledged.iter().find(|said| said.feed == feed.name());
        let Some(said) = said.filter(|said| said.cursor > 0) else { continue };
        match holds(connection, &feed, said, (hub, verifier)).await? {
            Holds::Ours => continue,
            Holds::Unknown => {}
            Holds::More(size) => {
                sentences.push(more(node_id, &feed, said.cursor, size));
                wait_for_all(connection, node_id, now_us).await?;
            }
            Holds::Other(theirs) => {
                sentences.push(other(node_id, &feed, theirs.size));
                let notes = (theirs.size, said.checkpoint.as_str(), verifier);
                forked(connection, node_id, &feed, notes, now_us).await?;
            }
        }
        is_sound = false;
    }
    let since = hold::since(connection, node_id).await?;
    let is_later = since.is_some_and(|since| message.created_at_us > since.saturating_add(SKEW_US));
    if is_sound && is_later && message.created_at_us <= now_us.saturating_add(SKEW_US) {
        hold::heard(connection, node_id).await?;
    }
    Ok(sentences)
}

async fn holds(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    said: &v1::BundleCursor,
    (hub, verifier): (&str, &FeedVerifier),
) -> Result<Holds, share::Error> {
    let theirs = Checkpoint::open(&said.checkpoint, &feed.origin(hub), verifier, said.cursor).ok();
    let Some(theirs) = theirs.filter(|theirs| theirs.size == said.cursor) else {
        return Ok(Holds::Unknown);
    };
    let size = log::head(connection, feed).await?.size;
    if theirs.size > size {
        return Ok(Holds::More(size));
    }
    // Ed25519 signs deterministically: the same root is the same note.
    let ours = log::checkpoint_at(connection, feed, theirs.size).await?;
    Ok(if ours.as_ref() == Some(&said.checkpoint) { Holds::Ours } else { Holds::Other(theirs) })
}

/// Publishes nothing more until the nodes were heard, unless an officer released the
/// hub without this one.
async fn wait_for_all(
    connection: &mut AnyConnection,
    node_id: &str,
    now_us: i64,
) -> Result<(), store::Error> {
    if hold::since(connection, node_id).await?.is_some() {
        return Ok(());
    }
    if !hold::is_released(connection, node_id).await? {
        hold::begin(connection, now_us).await?;
    }
    Ok(())
}

/// Keeps both notes: the hub itself signed them.
async fn forked(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
    (at, theirs, verifier): (u64, &str, &FeedVerifier),
    now_us: i64,
) -> Result<(), share::Error> {
    if is_forked(connection, node_id, feed).await? {
        return Ok(());
    }
    let size = log::head(connection, feed).await?.size;
    let ours = match log::checkpoint_at(connection, feed, at).await? {
        Some(ours) => ours,
        None => log::checkpoint_at(connection, feed, size).await?.unwrap_or_default(),
    };
    let found = evidence::Found {
        node_id: "hub",
        feed: feed.stored(),
        epoch: i64::from(EPOCH),
        kind: rmd_proto::Code::RootMismatch.as_str(),
        vkey: verifier.vkey(),
        held: ours.as_bytes(),
        offered: theirs.as_bytes(),
        ..evidence::Found::default()
    };
    let id = evidence::keep(connection, &found, now_us).await?;
    Ok(event::keep(connection, (node_id, feed.name(), FORKED), &id, None, now_us).await?)
}

/// Whether a node holds a history of one of the hub's feeds that the hub does not have.
pub(crate) async fn is_forked(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
) -> Result<bool, store::Error> {
    let row: Option<(i64,)> = sqlx::query_as(
        "SELECT at_us FROM recovery_event WHERE node_id = $1 AND feed = $2 AND what = $3 LIMIT 1",
    )
    .bind(node_id)
    .bind(feed.name())
    .bind(FORKED)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

fn more(node_id: &str, feed: &OwnFeed, held: u64, size: u64) -> String {
    let feed = feed.name();
    format!(
        "{node_id} holds {held} entries of the hub's feed {feed} and the hub has {size}: the hub was \
         restored from a backup; nothing is published until they are back (connect the node to the \
         network once) or `rmd-hub recover release` goes on without them\n\
         {node_id} détient {held} écritures du flux {feed} du pivot, qui en a {size} : le pivot a été \
         restauré d'une sauvegarde ; rien n'est publié avant leur retour (reliez le nœud au réseau une \
         fois), ou `rmd-hub recover release` continue sans elles"
    )
}

fn other(node_id: &str, feed: &OwnFeed, size: u64) -> String {
    let feed = feed.name();
    format!(
        "{node_id} holds, at seq {size} of the hub's feed {feed}, another history that the hub signed \
         too: the hub went on without it after a restored backup; nothing of that feed is given to the \
         node, and `rmd-hub evidence list hub` has both checkpoints\n\
         {node_id} détient, au seq {size} du flux {feed} du pivot, un autre historique que le pivot a \
         aussi signé : le pivot a continué sans lui après une sauvegarde restaurée ; rien de ce flux \
         n'est remis au nœud, et `rmd-hub evidence list hub` garde les deux points de contrôle"
    )
}

#[cfg(test)]
mod tests;
