//! Entries of `checkpoints` on their way into the store.
//!
//! The frame they came in is verified. Here each entry is held against what was seen
//! before: the signature of the node, its key, a second root for one size, evidence,
//! and what a new epoch says of the one before it.

use prost::Message as _;
use rmd_feed::{
    Checkpoint, FeedVerifier, Origin, StoredEntry,
    evidence::{Extension, Statement},
    proof::{self, Claim, StoredHashes},
};
use rmd_proto::v1;
use sqlx::SqliteConnection;

use super::{Error, finding::Finding};
use crate::audit::{BEGUN, CHECKPOINT, EVIDENCE};

/// By whom the feed is signed, and in which network nodes have their names.
#[derive(Debug, Clone)]
pub(super) struct Hub {
    /// Name on checkpoints, as `rmd.net/hub`.
    pub(super) owner: String,
    pub(super) network: String,
    pub(super) key: FeedVerifier,
}

/// Where a taken entry stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) epoch: u32,
    pub(super) now_us: i64,
}

/// Keeps what an entry says; what is wrong with it is a finding.
pub(super) async fn take(
    connection: &mut SqliteConnection,
    hub: &Hub,
    at: At,
    entry: &StoredEntry,
) -> Result<Vec<Finding>, Error> {
    let (seq, key) = (entry.seq(), entry.header.key.as_str());
    sqlx::query("INSERT INTO entry (epoch, seq, leaf, key) VALUES (?1, ?2, ?3, ?4)")
        .bind(at.epoch)
        .bind(seq.cast_signed())
        .bind(entry.leaf_hash().to_vec())
        .bind(key)
        .execute(&mut *connection)
        .await?;
    let payload = entry.payload().unwrap_or_default();
    let findings = match entry.header.entity.as_str() {
        CHECKPOINT => match v1::SeenCheckpoint::decode(payload) {
            Ok(seen) => checkpoint(connection, hub, at, &seen).await?,
            Err(_) => vec![unread(hub, at, seq)],
        },
        EVIDENCE => match v1::SeenEvidence::decode(payload) {
            Ok(seen) => evidence(connection, hub, &seen).await?,
            Err(_) => vec![unread(hub, at, seq)],
        },
        BEGUN => match v1::CheckpointsBegun::decode(payload) {
            Ok(begun) => self::begun(connection, hub, &begun).await?,
            Err(_) => vec![unread(hub, at, seq)],
        },
        // Of a later version.
        _ => Vec::new(),
    };
    Ok(findings)
}

fn unread(hub: &Hub, at: At, seq: u64) -> Finding {
    let origin = Origin::new(&hub.owner, super::store::FEED, at.epoch);
    let en = format!("entry {seq} of {origin} cannot be read");
    let fr = format!("l'écriture {seq} de {origin} est illisible");
    Finding::told("unread", false, origin.as_str(), (en, fr))
}

/// A checkpoint of a node.
async fn checkpoint(
    connection: &mut SqliteConnection,
    hub: &Hub,
    at: At,
    seen: &v1::SeenCheckpoint,
) -> Result<Vec<Finding>, Error> {
    let v1::SeenCheckpoint { node_id, feed, epoch, vkey, checkpoint: note, .. } = seen;
    let origin = Origin::new(&format!("rmd.{}/{node_id}", hub.network), feed, *epoch);
    let key = owner_key(connection, &origin, node_id, hub, vkey, at).await?;
    let Ok(key) = key else {
        let en = format!("the hub names another key for {origin} than before: {vkey}");
        let fr = format!("le pivot nomme une autre clé qu'auparavant pour {origin} : {vkey}");
        return Ok(vec![Finding::told("other-key", true, origin.as_str(), (en, fr))]);
    };
    let Ok(signed) = Checkpoint::open(note, &origin, &key, 0) else {
        let en = format!("the hub shows a checkpoint of {origin} that its key never signed");
        let fr =
            format!("le pivot montre un point de contrôle de {origin} que sa clé n'a jamais signé");
        return Ok(vec![Finding::told("unsigned", true, origin.as_str(), (en, fr))]);
    };
    let other: Option<(String,)> =
        sqlx::query_as("SELECT note FROM seen WHERE origin = ?1 AND size = ?2 AND root <> ?3")
            .bind(origin.as_str())
            .bind(signed.size.cast_signed())
            .bind(signed.root.to_vec())
            .fetch_optional(&mut *connection)
            .await?;
    sqlx::query(
        "INSERT INTO seen (origin, size, root, node_id, feed, epoch, note, seen_at_us, proven)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (origin, size, root) DO NOTHING",
    )
    .bind(origin.as_str())
    .bind(signed.size.cast_signed())
    .bind(signed.root.to_vec())
    .bind(node_id)
    .bind(feed)
    .bind(epoch)
    .bind(note)
    .bind(seen.seen_at_us)
    // What contradicts by itself needs no proof, and has none.
    .bind(other.is_some())
    .execute(connection)
    .await?;
    let finding = other.and_then(|(held,)| {
        Finding::proven("two-roots", origin.as_str(), &key, (&held, note), None)
    });
    Ok(finding.into_iter().collect())
}

/// The key of an origin: the first one that was seen. Err if another one is named, or
/// one that is not the node's by its name.
async fn owner_key(
    connection: &mut SqliteConnection,
    origin: &Origin,
    node_id: &str,
    hub: &Hub,
    vkey: &str,
    at: At,
) -> Result<Result<FeedVerifier, ()>, Error> {
    let Ok(key) = FeedVerifier::parse(vkey) else { return Ok(Err(())) };
    if key.name() != format!("rmd.{}/{node_id}", hub.network) {
        return Ok(Err(()));
    }
    sqlx::query(
        "INSERT INTO owner_key (origin, vkey, first_seen_us) VALUES (?1, ?2, ?3)
         ON CONFLICT (origin) DO NOTHING",
    )
    .bind(origin.as_str())
    .bind(key.vkey())
    .bind(at.now_us)
    .execute(&mut *connection)
    .await?;
    let pinned = pinned(connection, origin.as_str()).await?;
    Ok(if pinned.as_deref() == Some(key.vkey()) { Ok(key) } else { Err(()) })
}

/// The key that was first seen for an origin.
pub(super) async fn pinned(
    connection: &mut SqliteConnection,
    origin: &str,
) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar("SELECT vkey FROM owner_key WHERE origin = ?1")
        .bind(origin)
        .fetch_optional(connection)
        .await?)
}

/// Evidence about a node that the hub found.
async fn evidence(
    connection: &mut SqliteConnection,
    hub: &Hub,
    seen: &v1::SeenEvidence,
) -> Result<Vec<Finding>, Error> {
    let v1::SeenEvidence { node_id, feed, epoch, statement, .. } = seen;
    let origin = Origin::new(&format!("rmd.{}/{node_id}", hub.network), feed, *epoch);
    let vkey = pinned(connection, origin.as_str()).await?;
    let key = vkey.and_then(|vkey| FeedVerifier::parse(&vkey).ok());
    let parsed = Statement::parse(statement).ok();
    let finding = key.zip(parsed).and_then(|(key, Statement { held, offered, extension, .. })| {
        Finding::proven("rewritten", origin.as_str(), &key, (&held, &offered), extension)
    });
    Ok(vec![finding.unwrap_or_else(|| {
        let en = format!("the hub shows evidence about {origin} that does not hold");
        let fr = format!("le pivot montre une preuve sur {origin} qui ne tient pas");
        Finding::told("evidence-fails", false, origin.as_str(), (en, fr))
    })])
}

/// What a new epoch of the hub's feed says of the one before it.
async fn begun(
    connection: &mut SqliteConnection,
    hub: &Hub,
    begun: &v1::CheckpointsBegun,
) -> Result<Vec<Finding>, Error> {
    let epoch = begun.previous_epoch;
    let origin = Origin::new(&hub.owner, super::store::FEED, epoch);
    let held: Option<(i64, String)> =
        sqlx::query_as("SELECT size, checkpoint FROM hub_epoch WHERE epoch = ?1")
            .bind(epoch)
            .fetch_optional(&mut *connection)
            .await?;
    let Some((size, held)) = held.filter(|(size, _)| *size > 0) else { return Ok(Vec::new()) };
    let size = size.unsigned_abs();
    let theirs = Checkpoint::open(&begun.checkpoint, &origin, &hub.key, 0).ok();
    let mut findings = Vec::new();
    let kept = theirs.map_or(0, |theirs| theirs.size);
    if let Some(theirs) = theirs.filter(|theirs| theirs.size > 0 && theirs.size <= size) {
        let leaves = leaves(connection, epoch).await?;
        let extension = extension(&leaves, size, theirs.size)?;
        let pair = (held.as_str(), begun.checkpoint.as_str());
        let extension = (theirs.size < size).then_some(extension);
        findings.extend(Finding::proven("forked", origin.as_str(), &hub.key, pair, extension));
    }
    if kept < size {
        let lost = size - kept;
        let en = format!(
            "the hub was restored: it no longer has the last {lost} of the {size} entries of {origin} \
             that it signed and that are held here"
        );
        let fr = format!(
            "le pivot a été restauré : il n'a plus les {lost} dernières des {size} écritures de \
             {origin} qu'il a signées et qui sont détenues ici"
        );
        findings.push(Finding::told("hub-restored", false, origin.as_str(), (en, fr)));
    }
    Ok(findings)
}

async fn leaves(connection: &mut SqliteConnection, epoch: u32) -> Result<Vec<[u8; 32]>, Error> {
    let rows: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT leaf FROM entry WHERE epoch = ?1 ORDER BY seq")
            .bind(epoch)
            .fetch_all(connection)
            .await?;
    let leaf = |(leaf,): (Vec<u8>,)| {
        leaf.try_into().map_err(|_| Error::Inconsistent("a leaf has not 32 bytes"))
    };
    rows.into_iter().map(leaf).collect()
}

/// The root that the tree over these leaves has at an earlier size, and its proof.
pub(super) fn extension(leaves: &[[u8; 32]], size: u64, old_size: u64) -> Result<Extension, Error> {
    let mut edge = rmd_feed::RightEdge::default();
    let mut hashes = StoredHashes::new();
    for leaf in leaves.iter().take(usize::try_from(size).unwrap_or(usize::MAX)) {
        let first = edge.next_index();
        hashes.insert(first, edge.push(*leaf).concat());
    }
    let proof = proof::prove(size, Claim::Consistency { old_size }, &hashes)?;
    Ok(Extension { prefix_root: proof::root(old_size, &hashes)?, proof })
}
