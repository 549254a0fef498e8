//! Frames: the unit of transfer.
//!
//! A frame is one or more whole blocks, end to end as they are stored, and
//! carries the checkpoint of the last one; so a follower's cursor always falls
//! on the end of a block. To a peer that does not read how they are packed the same
//! entries go as rows ([`readable`]). Opening one is bounded (1 MiB compressed, 8 MiB
//! decoded) and checks every entry, but not the root: that is what
//! [`crate::Follower`] and [`crate::verify::Replay`] are for.

use std::borrow::Cow;

use rmd_proto::v1;

use crate::{
    Block, Error, StoredEntry, dictionary,
    error::Measure,
    limits::{
        DECODED_BYTES_MAX, FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX, FRAME_BYTES_MIN, FRAME_ENTRIES_MAX,
    },
    packing::{self, Place},
};

/// The highest packing of bodies that there is: by column.
pub const PACKING_MAX: u32 = 2;

/// Which packings of a body a peer reads. By default rows alone, which everybody does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    columns: bool,
    dictionaries: Vec<u32>,
}

impl Reads {
    /// As a peer says it with a request.
    pub fn stated(packing_max: u32, dictionaries: &[u32]) -> Self {
        Self { columns: packing_max >= PACKING_MAX, dictionaries: dictionaries.to_vec() }
    }

    /// What this version reads.
    pub fn ours() -> Self {
        Self { columns: true, dictionaries: dictionary::ids().collect() }
    }

    /// The ids of the dictionaries, for a request.
    pub fn dictionaries(&self) -> &[u32] {
        &self.dictionaries
    }

    fn reads(&self, dictionary: Option<u32>) -> bool {
        self.columns && dictionary.is_none_or(|id| self.dictionaries.contains(&id))
    }
}

/// The blocks for a peer: what it cannot read is packed again as rows. They may be
/// larger then, so whoever limits a frame looks again how many fit.
pub fn readable(
    feed: &str,
    epoch: u32,
    mut blocks: Vec<Block>,
    reads: &Reads,
) -> Result<Vec<Block>, Error> {
    for block in &mut blocks {
        let (first, last) = (block.first_seq, block.last_seq);
        let place = Place { feed, epoch, first, last };
        let body = packing::readable(place, &block.body, |dictionary| reads.reads(dictionary))?;
        if let Cow::Owned(rows) = body {
            block.body = rows;
        }
    }
    Ok(blocks)
}

/// A frame for a peer, of as many of the blocks as fit, in the packing that it reads.
pub fn build_for(
    reads: &Reads,
    feed: &str,
    epoch: u32,
    blocks: Vec<Block>,
    after_seq: u64,
    bytes_max: usize,
) -> Result<v1::Frame, Error> {
    let blocks = readable(feed, epoch, blocks, reads)?;
    let fitting = fitting(&blocks, bytes_max);
    build(feed, epoch, &blocks[..fitting], after_seq)
}

/// Puts consecutive blocks into a frame for a follower that holds everything up
/// to `after_seq`. The first block may begin before that: the follower skips
/// what it has. Refuses blocks that leave a gap, and more than one frame holds.
pub fn build(feed: &str, epoch: u32, blocks: &[Block], after_seq: u64) -> Result<v1::Frame, Error> {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return Err(Error::BlockCount { feed: feed.to_owned(), count: 0 });
    };
    let gap = |expected, seen| Error::Gap { feed: feed.to_owned(), expected, seen };
    if first.first_seq > after_seq + 1 || first.last_seq <= after_seq {
        return Err(gap(after_seq + 1, first.first_seq));
    }
    for (before, after) in blocks.iter().zip(&blocks[1..]) {
        if after.first_seq != before.last_seq + 1 {
            return Err(gap(before.last_seq + 1, after.first_seq));
        }
    }
    if fitting(blocks, FRAME_BYTES_MAX) < blocks.len() {
        let seen = blocks.iter().map(|block| block.body.len() as u64).sum();
        return Err(Error::Oversized {
            feed: feed.to_owned(),
            first: first.first_seq,
            what: Measure::CompressedBytes,
            seen,
            limit: FRAME_BYTES_MAX as u64,
        });
    }
    Ok(v1::Frame {
        feed: feed.to_owned(),
        epoch,
        first_seq: first.first_seq,
        last_seq: last.last_seq,
        body: blocks.iter().map(|block| block.body.as_slice()).collect::<Vec<_>>().concat(),
        checkpoint: last.checkpoint.clone(),
    })
}

/// How many of the first blocks go into a frame of at most `bytes_max`
/// compressed bytes: at least 1 unless there are none, because a block is whole.
pub fn fitting(blocks: &[Block], bytes_max: usize) -> usize {
    let (mut bytes, mut decoded, mut entries) = (0, 0, 0);
    let fit = blocks
        .iter()
        .take_while(|block| {
            bytes += block.body.len();
            decoded += packing::announced_bytes(&block.body).unwrap_or(DECODED_BYTES_MAX as u64);
            entries += block.last_seq + 1 - block.first_seq;
            bytes <= bytes_max.min(FRAME_BYTES_MAX)
                && decoded <= DECODED_BYTES_MAX as u64
                && entries <= FRAME_ENTRIES_MAX
        })
        .count();
    fit.max(usize::from(!blocks.is_empty()))
}

/// The limit in force for what a follower asked: 16 KiB to 1 MiB, 256 KiB for 0.
pub fn bytes_max(asked: u32) -> usize {
    match usize::try_from(asked) {
        Ok(0) => FRAME_BYTES_DEFAULT,
        Ok(bytes) => bytes.clamp(FRAME_BYTES_MIN, FRAME_BYTES_MAX),
        Err(_) => FRAME_BYTES_MAX,
    }
}

/// Opens a frame: exactly the entries from `first_seq` to `last_seq`, each of
/// the frame's feed and epoch, with its seq. The checkpoint is not looked at, so
/// nothing here shows that header and payload are those that the owner signed.
pub fn open(frame: &v1::Frame) -> Result<Vec<StoredEntry>, Error> {
    packing::open(place(frame), &frame.body)
}

/// Checks what can be seen of a frame without opening it: name, range and sizes.
pub(crate) fn check(frame: &v1::Frame) -> Result<(), Error> {
    packing::check(place(frame), &frame.body).map(|_| ())
}

pub(crate) fn place(frame: &v1::Frame) -> Place<'_> {
    Place { feed: &frame.feed, epoch: frame.epoch, first: frame.first_seq, last: frame.last_seq }
}
