//! Proofs over the stored hashes of a feed, for auditors.
//!
//! Owns the loading alone: which hashes a proof needs, and what is computed
//! from them, is `rmd-feed`'s.

use rmd_feed::proof::{self, Claim, StoredHashes};
use sqlx::SqlitePool;

use super::{Error, feeds::number};

/// Bytes of a stored hash.
const HASH_BYTES: i64 = 32;

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
        // One hash out of its block: a block has up to 16 KiB of them.
        let hash: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT substr(hashes, (?3 - hash_first) * ?4 + 1, ?4)
             FROM block
             WHERE feed = ?1 AND epoch = ?2 AND hash_first <= ?3
             ORDER BY hash_first DESC
             LIMIT 1",
        )
        .bind(feed)
        .bind(epoch)
        .bind(number(index)?)
        .bind(HASH_BYTES)
        .fetch_optional(readers)
        .await?;
        hashes.insert(index, hash.unwrap_or_default());
    }
    Ok((proof::prove(size, claim, &hashes)?, proof::root(size, &hashes)?))
}
