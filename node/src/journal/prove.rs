//! Proofs over the stored hashes of a feed, for auditors.
//!
//! Owns the loading alone: which hashes a proof needs, and what is computed
//! from them, is `rmd-feed`'s.

use rmd_feed::proof::{self, Claim, StoredHashes};
use sqlx::SqlitePool;

use super::{Error, block};

/// The proof of a claim about a feed at a size, and the root at that size.
pub(crate) async fn prove(
    readers: &SqlitePool,
    feed: &str,
    epoch: u32,
    size: u64,
    claim: Claim,
) -> Result<(Vec<[u8; 32]>, [u8; 32]), Error> {
    let mut indexes = proof::needed(size, claim)?;
    indexes.extend(proof::needed(size, Claim::Root)?);
    let mut hashes = StoredHashes::new();
    for index in indexes {
        hashes.insert(index, block::hash_at(readers, feed, epoch, index).await?);
    }
    Ok((proof::prove(size, claim, &hashes)?, proof::root(size, &hashes)?))
}
