//! An owner, its key, and entries to append.

use prost::Message;
use rmd_feed::{
    Block, FeedKey, Follower, Log, NewEntry, Origin,
    frame::{self, Reads},
};
use rmd_proto::v1;

pub(crate) const OWNER: &str = "rmd.net/COD/cod-mines";
pub(crate) const FEED: &str = "master-data";

pub(crate) fn origin() -> Origin {
    Origin::new(OWNER, FEED, 1)
}

pub(crate) fn key() -> FeedKey {
    FeedKey::generate(OWNER).unwrap()
}

pub(crate) fn log() -> Log {
    Log::new(FEED, 1, origin())
}

pub(crate) fn follower(key: &FeedKey) -> Follower {
    Follower::new(FEED, 1, origin(), key.verifier())
}

pub(crate) fn entry(number: u64) -> NewEntry {
    NewEntry {
        entity: "MineSite".to_owned(),
        key: format!("CD-{number}"),
        rev: 1,
        op: v1::Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1_514_764_800_000_000,
        mapping_id: "0011223344556677".to_owned(),
        previous_seq: 0,
        payload: format!("payload of {number}").into_bytes(),
    }
}

pub(crate) fn entries(count: u64) -> Vec<NewEntry> {
    (1..=count).map(entry).collect()
}

/// Blocks of these sizes, appended one after the other.
pub(crate) fn blocks(log: &mut Log, key: &FeedKey, sizes: &[u64]) -> Vec<Block> {
    sizes.iter().map(|&size| log.append(&entries(size), key).unwrap()).collect()
}

/// One frame for each block.
pub(crate) fn frames(blocks: &[Block]) -> Vec<v1::Frame> {
    blocks.iter().map(single).collect()
}

pub(crate) fn single(block: &Block) -> v1::Frame {
    frame::build(FEED, 1, std::slice::from_ref(block), block.first_seq - 1).unwrap()
}

pub(crate) fn state(log: &Log, checkpoint: &str) -> v1::FeedState {
    v1::FeedState {
        feed: FEED.to_owned(),
        epoch: log.epoch(),
        size: log.size(),
        checkpoint: checkpoint.to_owned(),
        ..v1::FeedState::default()
    }
}

/// zstd with a checksum, as a body must be.
pub(crate) fn checksummed(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
    compressor.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
    compressor.compress(bytes).unwrap()
}

/// The entries of a body, whichever way they are packed, as a peer reads them that knows
/// rows alone.
pub(crate) fn unpacked(body: &[u8]) -> v1::EntryBlock {
    let block = Block {
        first_seq: 1,
        last_seq: 1,
        body: body.to_vec(),
        checkpoint: String::new(),
        hash_first: 0,
        hashes: Vec::new(),
    };
    let rows = frame::readable(FEED, 1, vec![block], &Reads::default()).unwrap();
    let rows = zstd::stream::decode_all(rows[0].body.as_slice()).unwrap();
    v1::EntryBlock::decode(rows.as_slice()).unwrap()
}

/// The frame with its entries changed and packed again; its checkpoint stays.
pub(crate) fn repacked(frame: &v1::Frame, change: impl FnOnce(&mut v1::EntryBlock)) -> v1::Frame {
    let mut block = unpacked(&frame.body);
    change(&mut block);
    v1::Frame { body: checksummed(&block.encode_to_vec()), ..frame.clone() }
}
