//! Bytes of a block or frame: zstd (RFC 8878) around the entries.
//!
//! A body is one or more parts, one after the other, each packed for itself and with a
//! checksum, which is how blocks become a frame without being packed again. There are
//! two packings.
//!
//! 1. Rows: a zstd frame without a dictionary, holding an `EntryBlock`.
//! 2. Columns: the byte 0x43, the length of the `EntryBlock` as a varint, a CRC-32, and
//!    a zstd frame, with or without one of our dictionaries, holding the same entries in
//!    the order of [`columns`].
//!
//! Blocks are written in columns; what cannot be restored from them to the byte, which
//! is tried each time, stays in rows. Only rows go to a peer that has not said more
//! ([`readable`]).
//!
//! The decoder stops at 8 MiB of rows, whatever the compressed bytes announce, so a
//! bomb costs a peer no more of our memory than an honest frame; entries are counted
//! before they are decoded.

mod codec;
mod columns;
mod part;

use std::borrow::Cow;

use prost::Message;
use rmd_proto::v1;

use self::part::{Form, Part};
use crate::{
    dictionary::{self, Dictionary},
    entry::{StoredEntry, defect},
    error::{Error, Measure, shown},
    limits::{
        COLUMNS_BYTES_MAX, DECODED_BYTES_MAX, FRAME_BYTES_MAX, FRAME_ENTRIES_MAX, NAME_BYTES_MAX,
        SIZE_MAX,
    },
};

/// Level 3 is zstd's own choice between speed and size.
const LEVEL: i32 = 3;

/// Columns up to here take a dictionary: larger ones are not smaller with it.
const SMALL_BYTES: usize = 32 << 10;

/// What is small takes no time worth saving.
const SMALL_LEVEL: i32 = 6;

/// Where a body says that it belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) feed: &'a str,
    pub(crate) epoch: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Place<'_> {
    fn broken(&self, detail: impl Into<String>) -> Error {
        let Self { feed, first, last, .. } = *self;
        Error::Packing { feed: feed.to_owned(), first, last, detail: detail.into() }
    }
}

/// Packs the entries of one block.
pub(crate) fn pack(block: &v1::EntryBlock) -> Vec<u8> {
    let rows = block.encode_to_vec();
    in_columns(&rows, entity(block)).unwrap_or_else(|| in_rows(&rows))
}

fn in_rows(rows: &[u8]) -> Vec<u8> {
    codec::pack(rows, LEVEL).expect("zstd packs any bytes in memory at a level of its own")
}

/// None if they would not come back to the byte.
fn in_columns(rows: &[u8], dictionary: Option<&'static Dictionary>) -> Option<Vec<u8>> {
    let split = columns::split(rows)?;
    if rows.len().max(split.bytes.len()) > COLUMNS_BYTES_MAX {
        return None;
    }
    if columns::join(&split.bytes, rows.len()).ok()? != rows {
        return None;
    }
    let (level, dictionary) = match dictionary {
        Some(known) if split.bytes.len() <= SMALL_BYTES => (SMALL_LEVEL, Some(known)),
        _ => (LEVEL, None),
    };
    let head = part::head(rows.len());
    let head_bytes = head.len();
    let part = codec::pack_columns(head, &split, level, dictionary).ok()?;
    Some(part::seal(part, head_bytes))
}

/// The dictionary of the record type that two of three entries have.
fn entity(block: &v1::EntryBlock) -> Option<&'static Dictionary> {
    let entity = |at: usize| {
        let header = v1::EntryHeader::decode(block.entry.get(at)?.header.as_slice()).ok()?;
        Some(header.entity)
    };
    let (first, middle) = (entity(0)?, entity(block.entry.len() / 2)?);
    let last = entity(block.entry.len() - 1)?;
    dictionary::by_entity(if middle == last { &middle } else { &first })
}

/// The body for a peer that reads rows, or columns with the dictionaries that it named.
pub(crate) fn readable<'a>(
    place: Place<'_>,
    body: &'a [u8],
    reads: impl Fn(Option<u32>) -> bool,
) -> Result<Cow<'a, [u8]>, Error> {
    let is_readable = |part: &Part<'_>| match part.form {
        Form::Rows => true,
        Form::Columns { .. } => reads(part.dictionary_id()),
    };
    let parts = part::all(body).map_err(|detail| place.broken(detail))?;
    if parts.iter().all(is_readable) {
        return Ok(Cow::Borrowed(body));
    }
    let mut readable = Vec::with_capacity(2 * body.len());
    for part in &parts {
        if is_readable(part) {
            readable.extend_from_slice(part.whole);
        } else {
            let mut rows = Vec::new();
            append(place, part, &mut rows)?;
            readable.extend(in_rows(&rows));
        }
    }
    Ok(Cow::Owned(readable))
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
pub(crate) fn parts<'a>(place: Place<'_>, body: &'a [u8]) -> Result<Vec<(&'a [u8], u64)>, Error> {
    let parts = part::all(body).map_err(|detail| place.broken(detail))?;
    let mut counted = Vec::with_capacity(parts.len());
    for part in parts {
        let mut rows = Vec::new();
        append(place, &part, &mut rows)?;
        let block = v1::EntryBlock::decode(rows.as_slice())
            .map_err(|_| place.broken("a part is no EntryBlock"))?;
        counted.push((part.whole, block.entry.len() as u64));
    }
    Ok(counted)
}

/// Where the second and every later part of a body begins.
pub(crate) fn starts(place: Place<'_>, body: &[u8]) -> Result<Vec<usize>, Error> {
    let parts = part::all(body).map_err(|detail| place.broken(detail))?;
    let mut at = 0;
    let ends = parts.iter().map(|part| {
        at += part.whole.len();
        at
    });
    Ok(ends.take(parts.len() - 1).collect())
}

/// The columns of a block, before zstd; none if it stays in rows.
pub(crate) fn columns_of(block: &v1::EntryBlock) -> Option<Vec<u8>> {
    columns::split(&block.encode_to_vec()).map(|split| split.bytes)
}

/// Bytes that a body announces to hold when decoded; none if it does not say.
pub(crate) fn announced_bytes(body: &[u8]) -> Option<u64> {
    part::all(body).ok()?.iter().map(Part::announced_bytes).sum()
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
    let parts = part::all(body).map_err(|detail| place.broken(detail))?;
    let announced = parts.iter().map(Part::announced_bytes).sum::<Option<u64>>();
    let known = announced.unwrap_or_default().min(DECODED_BYTES_MAX as u64);
    let mut decoded = Vec::with_capacity(usize::try_from(known).unwrap_or_default());
    for part in &parts {
        append(place, part, &mut decoded)?;
    }
    Ok(decoded)
}

/// Appends the rows of a part, within what a frame may hold.
fn append(place: Place<'_>, part: &Part<'_>, decoded: &mut Vec<u8>) -> Result<(), Error> {
    let limit = DECODED_BYTES_MAX as u64;
    let begin = decoded.len();
    let left = limit - begin as u64;
    let oversized = |seen| {
        let (feed, first, what) = (place.feed.to_owned(), place.first, Measure::DecodedBytes);
        Error::Oversized { feed, first, what, seen, limit }
    };
    match part.announced_bytes() {
        Some(bytes) if bytes > left => return Err(oversized(begin as u64 + bytes)),
        None => {
            let read = codec::unpack_unknown(part.packed, left, decoded)
                .map_err(|error| place.broken(shown(&error.to_string())))?;
            return if read as u64 > left { Err(oversized(limit + 1)) } else { Ok(()) };
        }
        Some(_) => {}
    }
    match part.form {
        Form::Rows => {
            let rows = announced(part, DECODED_BYTES_MAX).map_err(|detail| place.broken(detail))?;
            decoded.resize(begin + rows, 0);
            whole(part, &mut decoded[begin..], None).map_err(|detail| place.broken(detail))
        }
        Form::Columns { rows_bytes } => {
            let columns = columns_in(part).map_err(|detail| place.broken(detail))?;
            let rows =
                columns::join(&columns, rows_bytes).map_err(|detail| place.broken(detail))?;
            decoded.extend_from_slice(&rows);
            Ok(())
        }
    }
}

fn columns_in(part: &Part<'_>) -> Result<Vec<u8>, String> {
    let dictionary = match part.dictionary_id() {
        None => None,
        Some(id) => Some(dictionary::by_id(id).ok_or_else(|| {
            format!("it needs dictionary {id}, which this version does not have")
        })?),
    };
    let mut bytes = vec![0; announced(part, COLUMNS_BYTES_MAX)?];
    whole(part, &mut bytes, dictionary)?;
    Ok(bytes)
}

/// Bytes that a zstd frame holds, no more than it may.
fn announced(part: &Part<'_>, most: usize) -> Result<usize, String> {
    let announced = part.packed_bytes().and_then(|bytes| usize::try_from(bytes).ok());
    announced
        .filter(|bytes| *bytes <= most)
        .ok_or_else(|| format!("a part does not announce between 0 and {most} bytes"))
}

/// Unpacks a zstd frame that holds exactly so many bytes.
fn whole(part: &Part<'_>, into: &mut [u8], dictionary: Option<&Dictionary>) -> Result<(), String> {
    let bytes = into.len();
    match codec::unpack(part.packed, into, dictionary)? {
        seen if seen == bytes => Ok(()),
        seen => Err(format!("a part holds {seen} bytes and announces {bytes}")),
    }
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
