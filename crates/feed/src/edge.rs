//! The right edge of a Merkle tree: all that is needed to append to it.
//!
//! Of a tree of n leaves the edge holds the roots of the complete subtrees from
//! left to right, at most one for each bit of n. Which hashes these are, and how
//! they are put together, is computed by `tlog_tiles` (RFC 6962 section 2.1);
//! this module only keeps them and hands them out by their stored-hash index.
//!
//! Invariant: `hashes` are those at `sub_tree_index(0, size)`, in that order.

use tlog_tiles::{Hash, HashReader, stored_hash_index};

use crate::{Error, limits::SIZE_MAX};

/// The right edge of a tree, at most 64 hashes. The default is the empty tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RightEdge {
    size: u64,
    hashes: Vec<[u8; 32]>,
}

impl RightEdge {
    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 root hash of the tree; SHA-256 of nothing when it is empty.
    #[expect(clippy::missing_panics_doc, reason = "an edge holds all that its own root needs")]
    pub fn root(&self) -> [u8; 32] {
        let reader = EdgeReader { indexes: indexes(self.size), edge: self };
        tlog_tiles::tree_hash(self.size, &reader)
            .expect("the edge holds every hash that the root of its own size needs")
            .0
    }

    /// The hashes from left to right, 32 bytes each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.concat()
    }

    /// The edge of a tree of `size` leaves, as [`Self::to_bytes`] wrote it.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |expected| Error::Edge { size, expected, seen: bytes.len() };
        if size > SIZE_MAX {
            return Err(wrong(0));
        }
        let expected = indexes(size).len() * 32;
        let (hashes, rest) = bytes.as_chunks::<32>();
        if bytes.len() != expected || !rest.is_empty() {
            return Err(wrong(expected));
        }
        Ok(Self { size, hashes: hashes.to_vec() })
    }

    /// Appends one leaf hash. Returns the hashes that the owner must store for
    /// it, which begin at the index that [`Self::next_index`] gave before.
    ///
    /// # Panics
    ///
    /// If the tree already has [`SIZE_MAX`] leaves; log and follower refuse that earlier.
    pub fn push(&mut self, leaf: [u8; 32]) -> Vec<[u8; 32]> {
        assert!(self.size < SIZE_MAX, "a tree has at most {SIZE_MAX} leaves");
        let reader = EdgeReader { indexes: indexes(self.size), edge: self };
        let first = self.next_index();
        let stored = tlog_tiles::stored_hashes_for_record_hash(self.size, Hash(leaf), &reader)
            .expect("the edge holds every hash that the next leaf completes");
        let hashes = indexes(self.size + 1)
            .into_iter()
            .map(|index| match index.checked_sub(first) {
                // An index at or after `first` is among those that were just made.
                Some(offset) => stored[usize::try_from(offset).expect("at most 64 hashes")].0,
                None => reader.find(index).expect("older hashes of the new edge are in the old"),
            })
            .collect();
        self.size += 1;
        self.hashes = hashes;
        stored.into_iter().map(|hash| hash.0).collect()
    }

    /// The stored-hash index at which the hashes of the next leaf begin.
    pub fn next_index(&self) -> u64 {
        stored_hash_index(0, self.size)
    }

    /// The edge from hashes in the order of [`indexes`].
    pub(crate) fn from_hashes(size: u64, hashes: Vec<[u8; 32]>) -> Self {
        Self { size, hashes }
    }
}

/// The stored-hash indexes of the edge of a tree of `size` leaves, rising.
pub(crate) fn indexes(size: u64) -> Vec<u64> {
    tlog_tiles::sub_tree_index(0, size, Vec::new())
}

struct EdgeReader<'a> {
    indexes: Vec<u64>,
    edge: &'a RightEdge,
}

impl EdgeReader<'_> {
    fn find(&self, index: u64) -> Option<[u8; 32]> {
        let position = self.indexes.binary_search(&index).ok()?;
        self.edge.hashes.get(position).copied()
    }
}

impl HashReader for EdgeReader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|&index| self.find(index).map(Hash).ok_or(tlog_tiles::Error::IndexesNotInTree))
            .collect()
    }
}
