//! The tree of a followed feed, computed again from the ledger.
//!
//! The hub keeps the right edge alone. Where a node is smaller than the cursor,
//! or holds another history, roots and proofs of earlier sizes are needed: they
//! come from the stored frames, in one reading from the first seq.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_feed::{
    RightEdge, frame,
    proof::{self, Claim, StoredHashes},
};
use rmd_proto::v1;

use super::Error;
use crate::{ledger, regional::Owner, store::Store};

/// What one reading of the ledger gave.
#[derive(Debug)]
pub(crate) struct Tree {
    hashes: StoredHashes,
    /// Size and root at the end of every frame.
    pub(crate) ends: Vec<(u64, [u8; 32])>,
}

impl Tree {
    /// Reads what is needed for roots and consistency proofs between these sizes;
    /// the last is the whole.
    pub(crate) async fn read(store: &Store, owner: &Owner, sizes: &[u64]) -> Result<Self, Error> {
        let mut wanted = BTreeSet::new();
        let whole = sizes.iter().copied().max().unwrap_or(0);
        for size in sizes.iter().copied().filter(|size| *size > 0) {
            wanted.extend(proof::needed(size, Claim::Root)?);
            let old_size = size;
            wanted.extend(proof::needed(whole, Claim::Consistency { old_size })?);
        }
        let mut tree = Self { hashes: StoredHashes::new(), ends: Vec::new() };
        let mut edge = RightEdge::default();
        let mut after = 0;
        while edge.size() < whole {
            let stored = ledger::next_after(&mut *store.acquire().await?, owner, after).await?;
            let Some(stored) = stored else { break };
            for entry in open(&stored.frame)? {
                let completed = (edge.next_index()..).zip(edge.push(entry.leaf_hash()));
                completed
                    .filter(|(index, _)| wanted.contains(index))
                    .for_each(|(index, hash)| tree.hashes.insert(index, hash.to_vec()));
            }
            tree.ends.push((edge.size(), edge.root()));
            after = stored.first_seq;
        }
        Ok(tree)
    }

    /// The root at one of the sizes.
    pub(crate) fn root(&self, size: u64) -> Result<[u8; 32], Error> {
        if size == 0 {
            return Ok(RightEdge::default().root());
        }
        Ok(proof::root(size, &self.hashes)?)
    }

    /// The proof that the whole begins with the tree of an earlier size.
    pub(crate) fn consistency(&self, whole: u64, old_size: u64) -> Result<Vec<[u8; 32]>, Error> {
        let claim = Claim::Consistency { old_size };
        Ok(proof::prove(whole, claim, &self.hashes)?)
    }
}

fn open(bytes: &[u8]) -> Result<Vec<rmd_feed::StoredEntry>, Error> {
    let frame = v1::Frame::decode(bytes).map_err(|_| {
        let (table, column, id) = ("ledger", "frame", String::new());
        crate::store::Error::Inconsistent { table, column, id }
    })?;
    Ok(frame::open(&frame)?)
}
