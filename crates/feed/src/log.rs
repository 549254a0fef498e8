//! One feed as its owner writes it.
//!
//! The log gives each entry its seq, puts its leaf into the tree and signs the
//! root at the end of every block. It refuses entries that no follower would
//! accept. It holds no entries: the caller stores the returned block, hashes
//! and the right edge in the same transaction that moves everything else, and
//! restores the log from the store if that transaction fails.
//!
//! Invariant: `edge.size()` is the last seq given out.

use rmd_proto::v1;

use crate::{
    Checkpoint, Error, FeedKey, NewEntry, Origin, RightEdge, entry,
    limits::{BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX, HEADER_BYTES_MAX, SIZE_MAX},
    packing,
};

/// The writing end of one epoch of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    feed: String,
    epoch: u32,
    origin: Origin,
    edge: RightEdge,
}

/// Consecutive entries as the owner stores and sends them, one row a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// seq of the first entry.
    pub first_seq: u64,
    /// seq of the last entry, which is the size on the checkpoint.
    pub last_seq: u64,
    /// zstd of an `EntryBlock`, as it is served.
    pub body: Vec<u8>,
    /// The signed checkpoint at `last_seq`.
    pub checkpoint: String,
    /// Stored-hash index of the first of `hashes`.
    pub hash_first: u64,
    /// Consecutive stored hashes of the tree, 32 bytes each.
    pub hashes: Vec<u8>,
}

impl Log {
    /// An empty feed.
    pub fn new(feed: impl Into<String>, epoch: u32, origin: Origin) -> Self {
        Self::restore(feed, epoch, origin, RightEdge::default())
    }

    /// A feed that goes on after what the store holds.
    pub fn restore(feed: impl Into<String>, epoch: u32, origin: Origin, edge: RightEdge) -> Self {
        Self { feed: feed.into(), epoch, origin, edge }
    }

    /// Name of the feed.
    pub fn feed(&self) -> &str {
        &self.feed
    }

    /// Epoch of the feed.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The name of the log on its checkpoints.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Entries in the feed, which is the last seq.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// RFC 6962 root hash over all entries.
    pub fn root(&self) -> [u8; 32] {
        self.edge.root()
    }

    /// The right edge, to be stored beside each block.
    pub fn edge(&self) -> &RightEdge {
        &self.edge
    }

    /// Appends 1 to 256 entries as one block that ends with a signed checkpoint.
    ///
    /// The entry at position i gets seq `size() + 1 + i`. Nothing changes on an
    /// error. Use [`Self::fitting`] where payloads may be large.
    pub fn append(&mut self, entries: &[NewEntry], key: &FeedKey) -> Result<Block, Error> {
        let feed = || self.feed.clone();
        if entries.is_empty() || entries.len() > BLOCK_ENTRIES_MAX {
            return Err(Error::BlockCount { feed: feed(), count: entries.len() });
        }
        let bytes = entries.iter().map(bytes_most).sum::<usize>();
        if Self::fitting(entries) < entries.len() {
            return Err(Error::BlockOversized { feed: feed(), bytes });
        }
        if self.size() + entries.len() as u64 > SIZE_MAX {
            return Err(Error::Full { feed: feed() });
        }
        let mut edge = self.edge.clone();
        let (first_seq, hash_first) = (edge.size() + 1, edge.next_index());
        let mut block = v1::EntryBlock::default();
        let mut hashes = Vec::with_capacity(2 * entries.len());
        let salts = entry::salts(entries.len());
        for ((seq, new), salt) in (first_seq..).zip(entries).zip(&salts) {
            let sealed = entry::seal(new, &self.feed, self.epoch, seq, salt).map_err(|defect| {
                let (entity, key) = (new.entity.clone(), new.key.clone());
                Error::NewEntry { feed: feed(), entity, key, defect }
            })?;
            hashes.extend(edge.push(sealed.leaf));
            block.entry.push(sealed.entry);
        }
        let checkpoint =
            Checkpoint { size: edge.size(), root: edge.root() }.sign(&self.origin, key)?;
        let body = packing::pack(&block);
        self.edge = edge;
        let last_seq = self.size();
        Ok(Block { first_seq, last_seq, body, checkpoint, hash_first, hashes: hashes.concat() })
    }

    /// How many of the first entries fit into one block: at least 1 unless there
    /// are none, at most 256.
    pub fn fitting(entries: &[NewEntry]) -> usize {
        let mut bytes = 0;
        let fit = entries
            .iter()
            .take(BLOCK_ENTRIES_MAX)
            .take_while(|entry| {
                bytes += bytes_most(entry);
                bytes <= BLOCK_BYTES_MAX
            })
            .count();
        fit.max(usize::from(!entries.is_empty()))
    }
}

impl<'a> From<&'a Block> for crate::verify::Stored<'a> {
    fn from(block: &'a Block) -> Self {
        Self {
            first_seq: block.first_seq,
            last_seq: block.last_seq,
            body: &block.body,
            checkpoint: &block.checkpoint,
            hashes: Some(&block.hashes),
        }
    }
}

/// An upper bound of the bytes of an entry in a block: the texts of its header,
/// its payload, and 512 for numbers, salt, feed name and framing.
fn bytes_most(entry: &NewEntry) -> usize {
    let texts = entry.entity.len() + entry.key.len() + entry.reason.len() + entry.mapping_id.len();
    texts.min(HEADER_BYTES_MAX) + entry.payload.len() + 512
}
