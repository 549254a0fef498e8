//! Proofs for auditors: an entry is in a feed, one size extends another.
//!
//! RFC 6962 sections 2.1.1 and 2.1.2; every hash is computed by `tlog_tiles`.
//! Proving reads a few stored hashes at once. A store that is read
//! asynchronously asks [`needed`] first, loads those hashes, and proves over
//! what it loaded: [`StoredHashes`] takes the `hashes` of whole blocks.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tlog_tiles::{Hash, HashReader};

use crate::{
    Error, RightEdge, edge,
    limits::{PROOF_HASHES_MAX, SIZE_MAX},
};

/// What is to be proven about a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The entry with this seq is in it.
    Inclusion {
        /// Number of the entry, from 1.
        seq: u64,
    },
    /// It begins with the whole tree of this size, from 1.
    Consistency {
        /// Size of the older tree.
        old_size: u64,
    },
    /// Its root hash, and its right edge: no proof, but the same reading.
    Root,
}

/// Gives stored hashes by their index.
pub trait HashSource {
    /// The hashes at these indexes, in their order; [`Error::HashMissing`] for
    /// the first that is not there.
    fn read(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, Error>;
}

/// Stored hashes in memory, put in block by block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredHashes(BTreeMap<u64, Vec<u8>>);

impl StoredHashes {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds consecutive hashes that begin at an index, as a block has them.
    pub fn insert(&mut self, hash_first: u64, hashes: Vec<u8>) {
        self.0.insert(hash_first, hashes);
    }

    fn find(&self, index: u64) -> Option<[u8; 32]> {
        let (first, hashes) = self.0.range(..=index).next_back()?;
        let offset = usize::try_from(index - first).ok()?;
        hashes.as_chunks::<32>().0.get(offset).copied()
    }
}

impl HashSource for StoredHashes {
    fn read(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, Error> {
        indexes.iter().map(|&index| self.find(index).ok_or(Error::HashMissing { index })).collect()
    }
}

/// The indexes of the stored hashes that [`prove`], or [`root`] and
/// [`right_edge`] for [`Claim::Root`], will read.
pub fn needed(size: u64, claim: Claim) -> Result<Vec<u64>, Error> {
    let dry = DryRun::default();
    match claim {
        Claim::Root => check_size(size, size).map(|()| edge::indexes(size)),
        _ => run(size, claim, &dry).map(|_| dry.0.into_inner()),
    }
}

/// The proof of a claim about the tree of `size`, in the order of RFC 9162.
pub fn prove(size: u64, claim: Claim, source: &impl HashSource) -> Result<Vec<[u8; 32]>, Error> {
    run(size, claim, &Reader { source, failure: RefCell::new(None) })
}

/// The root of the tree of `size`.
pub fn root(size: u64, source: &impl HashSource) -> Result<[u8; 32], Error> {
    right_edge(size, source).map(|edge| edge.root())
}

/// The right edge of the tree of `size`, with which its log goes on.
pub fn right_edge(size: u64, source: &impl HashSource) -> Result<RightEdge, Error> {
    check_size(size, size)?;
    let indexes = edge::indexes(size);
    let hashes = source.read(&indexes)?;
    match indexes.get(hashes.len()) {
        Some(&index) => Err(Error::HashMissing { index }),
        None => Ok(RightEdge::from_hashes(size, hashes)),
    }
}

/// Checks that the tree of `size` and `root` holds an entry with this leaf hash
/// as its `seq`.
pub fn check_inclusion(
    proof: &[[u8; 32]],
    size: u64,
    root: [u8; 32],
    seq: u64,
    leaf: [u8; 32],
) -> Result<(), Error> {
    check_range(size, seq)?;
    let invalid = Error::ProofInvalid { size, asked: seq };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(invalid);
    }
    tlog_tiles::check_record(&hashes(proof), size, Hash(root), seq - 1, Hash(leaf))
        .map_err(|_| invalid)
}

/// Checks that the tree of `size` and `root` begins with the tree of `old_size`
/// and `old_root`.
pub fn check_consistency(
    proof: &[[u8; 32]],
    size: u64,
    root: [u8; 32],
    old_size: u64,
    old_root: [u8; 32],
) -> Result<(), Error> {
    check_range(size, old_size)?;
    let invalid = Error::ProofInvalid { size, asked: old_size };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(invalid);
    }
    tlog_tiles::check_tree(&hashes(proof), size, Hash(root), old_size, Hash(old_root))
        .map_err(|_| invalid)
}

fn run(size: u64, claim: Claim, reader: &impl Failing) -> Result<Vec<[u8; 32]>, Error> {
    let proof = match claim {
        Claim::Inclusion { seq } => {
            check_range(size, seq)?;
            tlog_tiles::prove_record(size, seq - 1, reader)
        }
        Claim::Consistency { old_size } => {
            check_range(size, old_size)?;
            tlog_tiles::prove_tree(size, old_size, reader)
        }
        Claim::Root => return Ok(Vec::new()),
    };
    let asked = match claim {
        Claim::Inclusion { seq } => seq,
        Claim::Consistency { old_size } => old_size,
        Claim::Root => size,
    };
    proof
        .map(|proof| proof.into_iter().map(|hash| hash.0).collect())
        .map_err(|_| reader.failure().unwrap_or(Error::ProofRange { size, asked }))
}

fn check_range(size: u64, asked: u64) -> Result<(), Error> {
    if asked == 0 || asked > size {
        return Err(Error::ProofRange { size, asked });
    }
    check_size(size, asked)
}

/// Beyond this size the arithmetic of stored-hash indexes would overflow.
fn check_size(size: u64, asked: u64) -> Result<(), Error> {
    if size > SIZE_MAX { Err(Error::ProofRange { size, asked }) } else { Ok(()) }
}

fn hashes(proof: &[[u8; 32]]) -> Vec<Hash> {
    proof.iter().copied().map(Hash).collect()
}

/// A reader that can say which of our faults made it fail; the error type of
/// `tlog_tiles` has no room for it.
trait Failing: HashReader {
    fn failure(&self) -> Option<Error>;
}

struct Reader<'a, S> {
    source: &'a S,
    failure: RefCell<Option<Error>>,
}

impl<S: HashSource> HashReader for Reader<'_, S> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let read = self.source.read(indexes).and_then(|read| match indexes.get(read.len()) {
            // `tlog_tiles` would panic on a source that gives too few.
            Some(&index) => Err(Error::HashMissing { index }),
            None => Ok(read),
        });
        read.map(|read| read.into_iter().take(indexes.len()).map(Hash).collect()).map_err(|error| {
            self.failure.replace(Some(error));
            tlog_tiles::Error::IndexesNotInTree
        })
    }
}

impl<S: HashSource> Failing for Reader<'_, S> {
    fn failure(&self) -> Option<Error> {
        self.failure.take()
    }
}

/// Notes what would be read and answers with zeros.
#[derive(Default)]
struct DryRun(RefCell<Vec<u64>>);

impl HashReader for DryRun {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        self.0.borrow_mut().extend_from_slice(indexes);
        Ok(vec![Hash::default(); indexes.len()])
    }
}

impl Failing for DryRun {
    fn failure(&self) -> Option<Error> {
        None
    }
}
