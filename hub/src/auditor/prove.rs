//! Whether the checkpoints of one feed of a node go on from each other.
//!
//! The largest proven checkpoint of an origin is its tip. A larger one must extend the
//! tip, by a proof of the hub that is checked here. A smaller one, which a restored
//! hub may show later, must be extended by the tip; where the hub cannot say yet, it
//! is asked again once there is a larger tip. A tree that has another root at the
//! earlier size is proven to be rewritten.

use std::collections::BTreeMap;

use rmd_feed::{Checkpoint, FeedVerifier, evidence::Extension, proof};
use rmd_proto::{
    Code, Fault,
    v1::{self, audit_service_client::AuditServiceClient},
};
use tonic::transport::Channel;

use super::{
    Error, check,
    finding::Finding,
    store::{Seen, Store},
};

/// How one checkpoint stands to another.
#[derive(Debug)]
enum Outcome {
    Extends,
    /// The hub does not have what it takes.
    Unknown,
    Contradicts(Finding),
}

/// Proves what was not proven; how many checkpoints were.
pub(super) async fn all(
    store: &Store,
    client: &mut AuditServiceClient<Channel>,
) -> Result<u64, Error> {
    let mut origins: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for seen in store.pending().await? {
        origins.entry(seen.origin.clone()).or_default().push(seen);
    }
    let mut proven = 0;
    for rows in origins.values() {
        proven += origin(store, client, rows).await?;
    }
    Ok(proven)
}

/// Proves the pending checkpoints of one origin, by rising size.
async fn origin(
    store: &Store,
    client: &mut AuditServiceClient<Channel>,
    pending: &[Seen],
) -> Result<u64, Error> {
    let Some(key) = key(store, pending).await? else { return Ok(0) };
    let kept = store.tip(&pending[0].origin).await?;
    let mut tip = kept.as_ref();
    let above = tip.map_or(0, |tip| tip.size);
    let mut count = 0;
    for row in pending.iter().filter(|row| row.size > above) {
        let finding = match tip {
            // The first one: everything later has to go on from it.
            None => None,
            Some(tip) => match compare(client, &key, tip, row).await? {
                Outcome::Extends => None,
                Outcome::Contradicts(finding) => Some(finding),
                Outcome::Unknown => Some(unproven(&key, tip, row)?),
            },
        };
        settle(store, row, finding).await?;
        tip = Some(row);
        count += 1;
    }
    let Some(tip) = tip else { return Ok(count) };
    for row in pending.iter().filter(|row| row.size < above) {
        let finding = match compare(client, &key, row, tip).await? {
            Outcome::Unknown => continue,
            Outcome::Extends => None,
            Outcome::Contradicts(finding) => Some(finding),
        };
        settle(store, row, finding).await?;
        count += 1;
    }
    Ok(count)
}

/// The key that was first seen for the origin of these rows.
async fn key(store: &Store, rows: &[Seen]) -> Result<Option<FeedVerifier>, Error> {
    let Some(row) = rows.first() else { return Ok(None) };
    let mut connection = store.pool.acquire().await?;
    let vkey = check::pinned(&mut connection, &row.origin).await?;
    Ok(vkey.map(|vkey| FeedVerifier::parse(&vkey)).transpose()?)
}

/// Asks for the proof that one checkpoint extends the other, and checks it.
async fn compare(
    client: &mut AuditServiceClient<Channel>,
    key: &FeedVerifier,
    old: &Seen,
    new: &Seen,
) -> Result<Outcome, Error> {
    let request = v1::AuditServiceProveRequest {
        node_id: new.node_id.clone(),
        feed: new.feed.clone(),
        epoch: new.epoch,
        old_size: old.size.unsigned_abs(),
        tree_size: new.size.unsigned_abs(),
    };
    let answer = match client.prove(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let fault = Fault::from(status);
            if fault.code == Code::CursorBeyondSize {
                return Ok(Outcome::Unknown);
            }
            return Err(Error::Refused(fault));
        }
    };
    let (before, after) = (checkpoint(old)?, checkpoint(new)?);
    let Some((hashes, prefix_root)) = read(&answer) else { return Ok(Outcome::Unknown) };
    let holds = proof::check_consistency(&hashes, after.size, after.root, before.size, prefix_root);
    if holds.is_err() {
        return Ok(Outcome::Unknown);
    }
    if prefix_root == before.root {
        return Ok(Outcome::Extends);
    }
    let extension = Some(Extension { prefix_root, proof: hashes });
    let pair = (old.note.as_str(), new.note.as_str());
    let finding = Finding::proven("rewritten", &new.origin, key, pair, extension);
    Ok(finding.map_or(Outcome::Unknown, Outcome::Contradicts))
}

fn read(answer: &v1::AuditServiceProveResponse) -> Option<(Vec<[u8; 32]>, [u8; 32])> {
    let hash = |hash: &Vec<u8>| <[u8; 32]>::try_from(hash.as_slice()).ok();
    let hashes: Option<Vec<[u8; 32]>> = answer.hash.iter().map(hash).collect();
    Some((hashes?, hash(&answer.old_root)?))
}

fn checkpoint(seen: &Seen) -> Result<Checkpoint, Error> {
    let root = seen.root.as_slice().try_into();
    let root = root.map_err(|_| Error::Inconsistent("a root has not 32 bytes"))?;
    Ok(Checkpoint { size: seen.size.unsigned_abs(), root })
}

fn unproven(key: &FeedVerifier, old: &Seen, new: &Seen) -> Result<Finding, Error> {
    let sizes = (checkpoint(old)?, checkpoint(new)?);
    Ok(Finding::unproven(&new.origin, key, (&old.note, &new.note), sizes))
}

/// Notes that it is known how a checkpoint stands, and what was found.
async fn settle(store: &Store, row: &Seen, finding: Option<Finding>) -> Result<(), Error> {
    let mut transaction = store.begin().await?;
    sqlx::query("UPDATE seen SET proven = 1 WHERE origin = ?1 AND size = ?2 AND root = ?3")
        .bind(&row.origin)
        .bind(row.size)
        .bind(&row.root)
        .execute(&mut *transaction)
        .await?;
    if let Some(finding) = finding {
        finding.keep(&mut transaction, store.now_us()).await?;
    }
    Ok(transaction.commit().await?)
}
