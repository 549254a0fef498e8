//! Consistency proofs between two published checkpoints of a node's feed.
//!
//! A proof needs the right edge of the earlier tree, which was kept when it was
//! published, and the leaves after it, which are in the ledger: so it costs what lies
//! between the two, not the whole feed. If that does not lead to the later root, the
//! tree is computed from the first leaf on: then the proof shows which root the later
//! tree has at the earlier size, and that is evidence. So it is where a restored hub
//! no longer knows that it published the earlier one. A later size that was not
//! published is not proven.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_feed::{
    RightEdge, frame,
    proof::{self, Claim, StoredHashes},
};
use rmd_proto::v1;
use sqlx::AnyConnection;

use super::Error;
use crate::{
    ledger,
    recover::tree::Tree,
    regional::Owner,
    store::{self, Store},
};

/// How a later tree stands to an earlier size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) hashes: Vec<[u8; 32]>,
    /// The root that the later tree has at the earlier size.
    pub(crate) old_root: [u8; 32],
}

/// A published checkpoint as it is kept.
#[derive(Debug)]
struct Published {
    root: Vec<u8>,
    /// None once it is too old.
    edge: Option<RightEdge>,
}

/// Proves how the tree of `size` stands to `old_size`; none if `size` was not
/// published.
pub(crate) async fn prove(
    store: &Store,
    owner: &Owner,
    old_size: u64,
    size: u64,
) -> Result<Option<Proof>, Error> {
    let (old, new) = {
        let mut connection = store.acquire().await?;
        let old = published(&mut connection, owner, old_size).await?;
        (old, published(&mut connection, owner, size).await?)
    };
    let Some(new) = new else { return Ok(None) };
    if let Some(edge) = old.and_then(|old| old.edge)
        && let Some(proof) = onwards(store, owner, &edge, (size, &new.root)).await?
    {
        return Ok(Some(proof));
    }
    let tree = Tree::read(store, owner, &[old_size, size]).await?;
    let hashes = tree.consistency(size, old_size)?;
    Ok(Some(Proof { hashes, old_root: tree.root(old_size)? }))
}

/// The proof from the earlier edge on; none if it does not lead to the later root.
async fn onwards(
    store: &Store,
    owner: &Owner,
    old: &RightEdge,
    (size, root): (u64, &[u8]),
) -> Result<Option<Proof>, Error> {
    let claim = Claim::Consistency { old_size: old.size() };
    let wanted: BTreeSet<u64> = proof::needed(size, claim)?.into_iter().collect();
    let mut hashes = StoredHashes::new();
    let kept = proof::needed(old.size(), Claim::Root)?.into_iter();
    for (index, hash) in kept.zip(old.to_bytes().chunks(32)) {
        hashes.insert(index, hash.to_vec());
    }
    let mut edge = old.clone();
    let mut after = old.size();
    while edge.size() < size {
        let stored = ledger::next_after(&mut *store.acquire().await?, owner, after).await?;
        let Some(stored) = stored.filter(|stored| stored.first_seq == edge.size() + 1) else {
            return Ok(None);
        };
        let Ok(frame) = v1::Frame::decode(stored.frame.as_slice()) else { return Ok(None) };
        for entry in frame::open(&frame)? {
            let completed = (edge.next_index()..).zip(edge.push(entry.leaf_hash()));
            completed
                .filter(|(index, _)| wanted.contains(index))
                .for_each(|(index, hash)| hashes.insert(index, hash.to_vec()));
        }
        after = stored.first_seq;
    }
    if edge.size() != size || edge.root() != root {
        return Ok(None);
    }
    let proof = proof::prove(size, claim, &hashes)?;
    Ok(Some(Proof { hashes: proof, old_root: old.root() }))
}

async fn published(
    connection: &mut AnyConnection,
    owner: &Owner,
    size: u64,
) -> Result<Option<Published>, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT root, edge
         FROM audit_checkpoint
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND size = $4",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(i64::try_from(size).unwrap_or(i64::MAX))
    .fetch_optional(connection)
    .await?;
    let wrong = |_| {
        let id = format!("{} {} {size}", owner.node_id, owner.feed);
        store::Error::Inconsistent { table: "audit_checkpoint", column: "edge", id }
    };
    row.map(|(root, edge)| {
        let edge = Some(edge).filter(|edge| !edge.is_empty());
        let edge = edge.map(|edge| RightEdge::from_bytes(size, &edge).map_err(wrong));
        Ok(Published { root, edge: edge.transpose()? })
    })
    .transpose()
}
