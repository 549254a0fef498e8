//! Bytes of a block or frame: zstd (RFC 8878) around an `EntryBlock`.
//!
//! The decoder streams into a buffer that stops growing at 8 MiB, whatever the
//! compressed bytes announce, and its window is bounded too, so a bomb costs a
//! peer no more of our memory than an honest frame; entries are counted before
//! they are decoded. A body may be several zstd
//! frames one after the other, each with a checksum, which is how blocks become
//! a frame without being packed again.

use std::{
    cell::RefCell,
    io::{self, Read},
};

use prost::Message;
use rmd_proto::v1;
use zstd::{
    bulk::Compressor,
    zstd_safe::{self, CParameter, DParameter},
};

use crate::{
    entry::{StoredEntry, defect},
    error::{Error, Measure, shown},
    limits::{DECODED_BYTES_MAX, FRAME_BYTES_MAX, FRAME_ENTRIES_MAX, NAME_BYTES_MAX, SIZE_MAX},
};

/// Level 3 is zstd's own choice between speed and size.
const LEVEL: i32 = 3;

/// 2^23 bytes, the most that a decoded frame may have.
const WINDOW_LOG_MAX: u32 = 23;

/// Where a body says that it belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) feed: &'a str,
    pub(crate) epoch: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

thread_local! {
    /// The tables of a compressor, some hundred KiB, are made once a thread: making
    /// them takes as long as packing a block does.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Packs the entries of one block.
pub(crate) fn pack(block: &v1::EntryBlock) -> Vec<u8> {
    let packed = COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(compressor()?),
        };
        compressor.compress(&block.encode_to_vec())
    });
    packed.expect("zstd compresses any bytes in memory at a level of its own")
}

fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    Ok(compressor)
}

/// Opens a body and checks every entry: it holds exactly the seqs of its place,
/// in order, of its feed and epoch.
pub(crate) fn open(place: Place<'_>, body: &[u8]) -> Result<Vec<StoredEntry>, Error> {
    let announced = check(place, body)?;
    let decoded = unpack(place, body)?;
    let entries = split(place, announced, &decoded)?;
    (place.first..).zip(entries).map(|(seq, entry)| open_entry(place, seq, entry)).collect()
}

/// The parts of a body, which were blocks: the bytes of each and how many entries
/// it holds. The body must have been opened before.
pub(crate) fn parts<'a>(
    place: Place<'_>,
    mut body: &'a [u8],
) -> Result<Vec<(&'a [u8], u64)>, Error> {
    let Place { feed, first, last, .. } = place;
    let broken = |detail: &str| Error::Packing {
        feed: feed.to_owned(),
        first,
        last,
        detail: detail.to_owned(),
    };
    let mut parts = Vec::new();
    while !body.is_empty() {
        let bytes =
            zstd_safe::find_frame_compressed_size(body).map_err(|_| broken("a part is cut off"))?;
        let (part, rest) = body.split_at(bytes);
        let block = v1::EntryBlock::decode(unpack(place, part)?.as_slice())
            .map_err(|_| broken("a part is no EntryBlock"))?;
        parts.push((part, block.entry.len() as u64));
        body = rest;
    }
    Ok(parts)
}

/// Bytes that a body announces to hold when decoded; none if it does not say.
pub(crate) fn announced_bytes(body: &[u8]) -> Option<u64> {
    zstd_safe::get_frame_content_size(body).ok().flatten()
}

/// Checks what can be seen from outside; returns how many entries are announced.
pub(crate) fn check(place: Place<'_>, body: &[u8]) -> Result<u64, Error> {
    let Place { feed, first, last, .. } = place;
    if feed.is_empty()
        || feed.len() > NAME_BYTES_MAX
        || feed.chars().any(char::is_control)
        || first == 0
        || last < first
        || last > SIZE_MAX
    {
        return Err(Error::Range { feed: shown(feed), first, last });
    }
    let announced = last - first + 1;
    for (what, seen, limit) in [
        (Measure::Entries, announced, FRAME_ENTRIES_MAX),
        (Measure::CompressedBytes, body.len() as u64, FRAME_BYTES_MAX as u64),
    ] {
        if seen > limit {
            return Err(Error::Oversized { feed: feed.to_owned(), first, what, seen, limit });
        }
    }
    Ok(announced)
}

fn unpack(place: Place<'_>, body: &[u8]) -> Result<Vec<u8>, Error> {
    let Place { feed, first, last, .. } = place;
    let broken = |detail: String| Error::Packing { feed: feed.to_owned(), first, last, detail };
    check_parts(body).map_err(|detail| broken(detail.to_owned()))?;
    let limit = DECODED_BYTES_MAX as u64;
    let mut decoded = Vec::new();
    zstd::stream::read::Decoder::with_buffer(body)
        .and_then(|mut decoder| {
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
            decoder.take(limit + 1).read_to_end(&mut decoded)
        })
        .map_err(|error| broken(shown(&error.to_string())))?;
    let seen = decoded.len() as u64;
    if seen > limit {
        let what = Measure::DecodedBytes;
        return Err(Error::Oversized { feed: feed.to_owned(), first, what, seen, limit });
    }
    Ok(decoded)
}

/// Cuts a decoded body into its entries and counts them before any is decoded:
/// 8 MiB could hold four million empty ones, which would take 80 times as much.
fn split<'a>(place: Place<'_>, announced: u64, decoded: &'a [u8]) -> Result<Vec<&'a [u8]>, Error> {
    /// Field 1 of `EntryBlock`, length-delimited: the only one that there is.
    const ENTRY_TAG: u8 = 0x0A;
    let Place { feed, first, last, .. } = place;
    let (mut rest, mut seen, mut entries) = (decoded, 0, Vec::new());
    while !rest.is_empty() {
        let next = rest.strip_prefix(&[ENTRY_TAG]).and_then(|mut field| {
            let length = prost::decode_length_delimiter(&mut field).ok()?;
            field.split_at_checked(length)
        });
        let Some((entry, after)) = next else {
            let detail = format!("no entry at byte {}", decoded.len() - rest.len());
            return Err(Error::Packing { feed: feed.to_owned(), first, last, detail });
        };
        seen += 1;
        if seen <= announced {
            entries.push(entry);
        }
        rest = after;
    }
    if seen != announced {
        return Err(Error::Count { feed: feed.to_owned(), first, expected: announced, seen });
    }
    Ok(entries)
}

/// Refuses what zstd would skip or ignore, so that no byte of a body is without meaning.
fn check_parts(mut body: &[u8]) -> Result<(), &'static str> {
    /// Bit 4 has no meaning to a decoder, bit 3 is reserved, bits 1 and 0 announce
    /// a dictionary: none may be set. Bit 2 announces the checksum: it must be.
    const DESCRIPTOR_MASK: u8 = 0b0001_1111;
    const DESCRIPTOR: u8 = 0b0000_0100;
    const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
    if body.is_empty() {
        return Err("it is empty");
    }
    while let Some(rest) = body.strip_prefix(&MAGIC) {
        if rest.first().map(|descriptor| descriptor & DESCRIPTOR_MASK) != Some(DESCRIPTOR) {
            return Err("a part has no checksum, or flags that have no meaning");
        }
        let part = zstd_safe::find_frame_compressed_size(body).map_err(|_| "a part is cut off")?;
        body = &body[part..];
        if body.is_empty() {
            return Ok(());
        }
    }
    Err("a part does not begin as zstd does")
}

fn open_entry(place: Place<'_>, seq: u64, entry: &[u8]) -> Result<StoredEntry, Error> {
    let broken = |defect| Error::Entry { feed: place.feed.to_owned(), seq, defect };
    let entry = v1::Entry::decode(entry)
        .or_else(|error| defect("entry", "Entry", shown(&error.to_string())))
        .and_then(StoredEntry::decode)
        .map_err(broken)?;
    let header = &entry.header;
    let placed = if header.feed != place.feed {
        defect("feed", place.feed, shown(&header.feed))
    } else if header.epoch != place.epoch {
        defect("epoch", place.epoch.to_string(), header.epoch.to_string())
    } else if header.seq != seq {
        defect("seq", seq.to_string(), header.seq.to_string())
    } else {
        Ok(())
    };
    placed.map_err(broken)?;
    Ok(entry)
}
