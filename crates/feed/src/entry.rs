//! Entries: what the owner gives to a log, and what a follower gets out of it.
//!
//! The tree commits to the exact bytes of the header and to the payload by
//! SHA-256 over salt and payload. So a payload can be erased later (personal
//! data, a court's order) while every proof goes on to hold; the salt keeps
//! anybody from guessing an erased payload by its digest.
//!
//! The digest does not travel with a payload, because it is 32 bytes that no
//! compression shrinks and that the receiver computes. It is appended to the
//! header for the leaf alone: [`StoredEntry::leaf_bytes`].
//!
//! This module owns the rules of a single entry, for both sides. It never
//! re-encodes a header that it read, and it refuses a header that brings a
//! digest along, so that an entry has one encoding.

use prost::Message;
use rand::{RngCore, rngs::OsRng};
use rmd_proto::{SCHEMA_ID, v1};
use sha2::{Digest, Sha256};

use crate::{
    error::{Defect, shown},
    limits::{DIGEST_BYTES, HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX, SALT_BYTES},
};

/// The key of `payload_digest`, field 14 of `EntryHeader`, length-delimited
/// (14 << 3 | 2), and its length: what stands between header and digest in a leaf.
const DIGEST_FIELD: [u8; 2] = [0x72, 0x20];

/// One revision of a record, as the owner hands it to its log. The log adds
/// feed, epoch, seq, schema id and salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Name of the entity, as `MineSite`.
    pub entity: String,
    /// Key of the record within the entity.
    pub key: String,
    /// Revision of the record, from 1 without a gap; the caller counts.
    pub rev: u64,
    /// What the entry does.
    pub op: v1::Op,
    /// Why, where the op is not an upsert; otherwise empty.
    pub reason: String,
    /// Instant from which the revision holds at the source, UTC microseconds; 0 if unknown.
    pub event_time_us: i64,
    /// Instant at which the owner writes the entry, UTC microseconds.
    pub captured_at_us: i64,
    /// First 8 bytes of the mapping's SHA-256 in hexadecimal; empty for bulletins.
    pub mapping_id: String,
    /// seq of the previous revision of the record; 0 for the first.
    pub previous_seq: u64,
    /// Exact bytes of the record; empty for a tombstone.
    pub payload: Vec<u8>,
}

/// One entry out of a block or a frame, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// The header exactly as its owner wrote it, without the digest.
    pub header_bytes: Vec<u8>,
    /// The same header, decoded, with `payload_digest` as in the leaf. Fields
    /// that this build does not know are not in it.
    pub header: v1::EntryHeader,
    /// What the entry carries.
    pub body: Body,
    digest: [u8; DIGEST_BYTES],
}

/// The part of an entry that can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Salt and payload, which give the digest.
    Released {
        /// 16 random bytes; none if the payload is empty.
        salt: Vec<u8>,
        /// Exact bytes of the record; empty for a tombstone.
        payload: Vec<u8>,
    },
    /// The owner had the payload erased; the digest alone stands for it.
    Erased,
}

impl StoredEntry {
    /// Checks an entry against the rules that concern it alone: sizes, the
    /// header's required fields, and what goes with an erased payload. Whether
    /// payload and digest are what the owner signed, the root alone shows.
    pub fn decode(entry: v1::Entry) -> Result<Self, Box<Defect>> {
        check_length("header", entry.header.len(), 1, HEADER_BYTES_MAX)?;
        check_length("payload", entry.payload.len(), 0, PAYLOAD_BYTES_MAX)?;
        let mut header = v1::EntryHeader::decode(entry.header.as_slice())
            .or_else(|error| defect("header", "EntryHeader", shown(&error.to_string())))?;
        check_header(&header)?;
        let digest = match entry.erased_digest.as_slice() {
            [] => digest(&entry.salt, &entry.payload),
            erased => erased.try_into().or_else(|_| {
                let (expected, seen) = (DIGEST_BYTES, erased.len());
                defect("erased_digest", format!("{expected} bytes"), format!("{seen} bytes"))
            })?,
        };
        let erased = !entry.erased_digest.is_empty();
        let body = open_body(&header, entry.salt, entry.payload, erased)?;
        header.payload_digest = Some(digest.to_vec());
        Ok(Self { header_bytes: entry.header, header, body, digest })
    }

    /// SHA-256 over salt and payload: computed, or the one that stands for an
    /// erased payload.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What the leaf hash is taken over: the exact header bytes, then the digest
    /// as field 14; itself a decodable `EntryHeader`. For an auditor's proof.
    pub fn leaf_bytes(&self) -> Vec<u8> {
        leaf_bytes(&self.header_bytes, &self.digest)
    }

    /// RFC 6962 leaf hash over [`Self::leaf_bytes`].
    pub fn leaf_hash(&self) -> [u8; 32] {
        tlog_tiles::record_hash(&self.leaf_bytes()).0
    }

    /// The entry as it is sent, with the header's exact bytes.
    pub(crate) fn into_message(self) -> v1::Entry {
        let header = self.header_bytes;
        match self.body {
            Body::Released { salt, payload } => {
                v1::Entry { header, salt, payload, erased_digest: Vec::new() }
            }
            Body::Erased => {
                v1::Entry { header, erased_digest: self.digest.to_vec(), ..v1::Entry::default() }
            }
        }
    }

    /// The same without its payload.
    pub(crate) fn into_erased(self) -> v1::Entry {
        Self { body: Body::Erased, ..self }.into_message()
    }

    /// The number of the entry in its feed.
    pub fn seq(&self) -> u64 {
        self.header.seq
    }

    /// What the entry does.
    pub fn op(&self) -> v1::Op {
        self.header.op()
    }

    /// The payload; none if it was erased.
    pub fn payload(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Released { payload, .. } => Some(payload),
            Body::Erased => None,
        }
    }
}

/// An entry as it goes into a block, and its leaf hash.
pub(crate) struct Sealed {
    pub(crate) entry: v1::Entry,
    pub(crate) leaf: [u8; 32],
}

/// Salts for so many entries, asked of the operating system at once. They are
/// secrets: whoever knows one can test guesses of an erased payload.
pub(crate) fn salts(count: usize) -> Vec<[u8; SALT_BYTES]> {
    let mut salts = vec![[0; SALT_BYTES]; count];
    OsRng.fill_bytes(salts.as_flattened_mut());
    salts
}

/// Gives an entry its place and salt, and computes its leaf.
pub(crate) fn seal(
    new: &NewEntry,
    feed: &str,
    epoch: u32,
    seq: u64,
    salt: &[u8; SALT_BYTES],
) -> Result<Sealed, Box<Defect>> {
    let salt = if new.payload.is_empty() { Vec::new() } else { salt.to_vec() };
    let header = v1::EntryHeader {
        feed: feed.to_owned(),
        epoch,
        seq,
        entity: new.entity.clone(),
        key: new.key.clone(),
        rev: new.rev,
        op: new.op.into(),
        reason: new.reason.clone(),
        event_time_us: new.event_time_us,
        captured_at_us: new.captured_at_us,
        schema_id: SCHEMA_ID.to_owned(),
        mapping_id: new.mapping_id.clone(),
        previous_seq: new.previous_seq,
        payload_digest: None,
    };
    let entry = v1::Entry {
        header: header.encode_to_vec(),
        salt,
        payload: new.payload.clone(),
        erased_digest: Vec::new(),
    };
    check_length("header", entry.header.len(), 1, HEADER_BYTES_MAX)?;
    check_length("payload", entry.payload.len(), 0, PAYLOAD_BYTES_MAX)?;
    check_header(&header)?;
    check_payload(&header, &entry.payload)?;
    let digest = digest(&entry.salt, &entry.payload);
    let leaf = tlog_tiles::record_hash(&leaf_bytes(&entry.header, &digest)).0;
    Ok(Sealed { entry, leaf })
}

fn check_header(header: &v1::EntryHeader) -> Result<(), Box<Defect>> {
    check_length("entity", header.entity.len(), 1, HEADER_BYTES_MAX)?;
    check_length("key", header.key.len(), 1, HEADER_BYTES_MAX)?;
    check_length("schema_id", header.schema_id.len(), 1, HEADER_BYTES_MAX)?;
    if let Some(carried) = &header.payload_digest {
        return defect("payload_digest", "absent", format!("{} bytes", carried.len()));
    }
    if !matches!(v1::Op::try_from(header.op), Ok(op) if op != v1::Op::Unspecified) {
        return defect("op", "1 … 4", header.op.to_string());
    }
    if header.rev == 0 {
        return defect("rev", ">= 1", header.rev.to_string());
    }
    if header.captured_at_us <= 0 {
        return defect("captured_at_us", ">= 1", header.captured_at_us.to_string());
    }
    if header.previous_seq >= header.seq {
        return defect(
            "previous_seq",
            format!("< {}", header.seq),
            header.previous_seq.to_string(),
        );
    }
    if header.rev == 1 && header.previous_seq != 0 {
        return defect("previous_seq", "0 (rev 1)", header.previous_seq.to_string());
    }
    Ok(())
}

/// An upsert carries a record, a tombstone nothing; an annulment or an erasure may carry either.
fn check_payload(header: &v1::EntryHeader, payload: &[u8]) -> Result<(), Box<Defect>> {
    match header.op() {
        v1::Op::Upsert => check_length("payload", payload.len(), 1, PAYLOAD_BYTES_MAX),
        v1::Op::Tombstone => check_length("payload", payload.len(), 0, 0),
        v1::Op::Unspecified | v1::Op::Annul | v1::Op::Erase => Ok(()),
    }
}

fn open_body(
    header: &v1::EntryHeader,
    salt: Vec<u8>,
    payload: Vec<u8>,
    erased: bool,
) -> Result<Body, Box<Defect>> {
    if erased {
        check_length("salt", salt.len(), 0, 0)?;
        check_length("payload", payload.len(), 0, 0)?;
        return Ok(Body::Erased);
    }
    check_payload(header, &payload)?;
    let salt_bytes = if payload.is_empty() { 0 } else { SALT_BYTES };
    check_length("salt", salt.len(), salt_bytes, salt_bytes)?;
    Ok(Body::Released { salt, payload })
}

fn digest(salt: &[u8], payload: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}

/// The header is a whole message and the digest has a fixed length at the end,
/// so no two pairs give the same leaf.
fn leaf_bytes(header: &[u8], digest: &[u8; DIGEST_BYTES]) -> Vec<u8> {
    [header, &DIGEST_FIELD, digest].concat()
}

fn check_length(
    field: &'static str,
    seen: usize,
    least: usize,
    most: usize,
) -> Result<(), Box<Defect>> {
    if (least..=most).contains(&seen) {
        return Ok(());
    }
    defect(field, format!("{least} … {most} bytes"), format!("{seen} bytes"))
}

/// The rule that a field breaks, as an error.
pub(crate) fn defect<T>(
    field: &'static str,
    expected: impl Into<String>,
    seen: impl Into<String>,
) -> Result<T, Box<Defect>> {
    Err(Box::new(Defect { field, expected: expected.into(), seen: seen.into() }))
}
