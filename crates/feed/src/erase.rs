//! Payloads that their owner had erased.
//!
//! Owns the way from an entry that erases to blocks and frames without the
//! payloads that it names, for the owner and for every follower. The leaf is
//! taken over header and digest, so leaves, roots and checkpoints stay as they
//! are; each block that is packed again is opened again and its leaves compared
//! before anybody may store it. Refuses an order that names nothing, or entries
//! after itself. Never touches a header: what it says stays for ever.
//!
//! It also owns the seal by which the owner alone knows erased content again. A
//! hash would let anybody who has it confirm a guess; this one takes the owner's
//! key.

use hkdf::Hkdf;
use prost::Message as _;
use rmd_proto::v1;
use sha2::Sha256;

use crate::{
    Block, Error, FeedKey, StoredEntry,
    entry::defect,
    error::{Defect, shown},
    frame,
    limits::DIGEST_BYTES,
    packing::{self, Place},
};

/// Bytes of a seal.
pub const SEAL_BYTES: usize = 32;

/// Begins what a seal is taken over, so that nothing else made with the key is one.
const SEAL_CONTEXT: &[u8] = b"rmd.v1 seal of erased content\n";

/// Bytes without the payloads that were meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased<T> {
    /// What is stored from now on.
    pub now: T,
    /// The entries that lost their payload, by seq.
    pub seqs: Vec<u64>,
}

/// What an entry that erases says, checked against the entry itself.
pub fn read(entry: &StoredEntry) -> Result<v1::Erasure, Box<Defect>> {
    let header = &entry.header;
    if entry.op() != v1::Op::Erase {
        return defect("op", v1::Op::Erase.as_str_name(), entry.op().as_str_name());
    }
    let Some(payload) = entry.payload() else {
        return defect("payload", "Erasure", "erased");
    };
    let order = v1::Erasure::decode(payload)
        .or_else(|error| defect("payload", "Erasure", shown(&error.to_string())))?;
    if order.ground == 0 {
        return defect("ground", ">= 1", "0");
    }
    if !matches!(order.document_sha256.len(), 0 | DIGEST_BYTES) {
        let seen = format!("{} bytes", order.document_sha256.len());
        return defect("document_sha256", "32 bytes", seen);
    }
    if order.erased.is_empty() && order.executed.is_none() {
        return defect("erased", ">= 1", "0");
    }
    let end = (header.epoch, header.seq);
    for erased in &order.erased {
        let place = (erased.epoch, erased.seq);
        if erased.epoch == 0 || erased.seq == 0 || place >= end {
            let (expected, seen) = (format!("1/1 … < {}/{}", end.0, end.1), place);
            return defect("erased", expected, format!("{}/{}", seen.0, seen.1));
        }
        if !matches!(erased.seal.len(), 0 | SEAL_BYTES) {
            return defect("seal", "32 bytes", format!("{} bytes", erased.seal.len()));
        }
    }
    Ok(order)
}

/// By what the owner knows the content of a record again. Nobody without the key
/// can compute it, and the same content of two records has two.
pub fn seal(key: &FeedKey, entity: &str, record_key: &str, content: &[u8]) -> [u8; SEAL_BYTES] {
    let bytes = |text: &str| (text.len() as u64).to_be_bytes();
    let info = [
        SEAL_CONTEXT,
        &bytes(entity),
        entity.as_bytes(),
        &bytes(record_key),
        record_key.as_bytes(),
        content,
    ];
    expand(&key.secret(), &info)
}

fn expand(secret: &str, info: &[&[u8]]) -> [u8; SEAL_BYTES] {
    let mut seal = [0; SEAL_BYTES];
    Hkdf::<Sha256>::new(None, secret.as_bytes())
        .expand_multi_info(info, &mut seal)
        .expect("32 bytes are within what SHA-256 expands to");
    seal
}

/// A block without the payloads that are meant; none if it has none of them.
pub fn block(
    feed: &str,
    epoch: u32,
    block: &Block,
    is_meant: impl Fn(&StoredEntry) -> bool,
) -> Result<Option<Erased<Vec<u8>>>, Error> {
    let place = Place { feed, epoch, first: block.first_seq, last: block.last_seq };
    body(place, &block.body, is_meant)
}

/// A frame without the payloads that are meant; none if it has none of them. The
/// blocks of which it is made stay blocks.
pub fn in_frame(
    frame: &v1::Frame,
    is_meant: impl Fn(&StoredEntry) -> bool,
) -> Result<Option<Erased<v1::Frame>>, Error> {
    let erased = body(frame::place(frame), &frame.body, is_meant)?;
    let Some(Erased { now, seqs }) = erased else { return Ok(None) };
    let now = v1::Frame { body: now, ..frame.clone() };
    // It must go over the network again as the one before did.
    frame::check(&now)?;
    Ok(Some(Erased { now, seqs }))
}

/// A frame that is kept because it was refused: without any payload, because no later
/// order to erase finds it there, and without a body where that cannot be read.
pub fn refused(frame: &v1::Frame) -> v1::Frame {
    match in_frame(frame, |_| true) {
        Ok(Some(erased)) => erased.now,
        Ok(None) => frame.clone(),
        Err(_) => v1::Frame { body: Vec::new(), ..frame.clone() },
    }
}

fn body(
    place: Place<'_>,
    bytes: &[u8],
    is_meant: impl Fn(&StoredEntry) -> bool,
) -> Result<Option<Erased<Vec<u8>>>, Error> {
    let has_payload = |entry: &StoredEntry| entry.payload().is_some_and(|bytes| !bytes.is_empty());
    let (mut now, mut seqs, mut first) = (Vec::with_capacity(bytes.len()), Vec::new(), place.first);
    for (part, count) in packing::parts(place, bytes)? {
        let place = Place { first, last: first + count - 1, ..place };
        first += count;
        let entries = packing::open(place, part)?;
        let meant = |entry: &StoredEntry| has_payload(entry) && is_meant(entry);
        let erased: Vec<u64> =
            entries.iter().filter(|entry| meant(entry)).map(StoredEntry::seq).collect();
        if erased.is_empty() {
            now.extend_from_slice(part);
            continue;
        }
        let leaves: Vec<[u8; 32]> = entries.iter().map(StoredEntry::leaf_hash).collect();
        let entry = entries.into_iter().map(|entry| {
            let is_erased = erased.contains(&entry.seq());
            if is_erased { entry.into_erased() } else { entry.into_message() }
        });
        let packed = packing::pack(&v1::EntryBlock { entry: entry.collect() });
        let again = packing::open(place, &packed)?;
        let differs = again.iter().zip(&leaves).find(|(entry, leaf)| entry.leaf_hash() != **leaf);
        if let Some((entry, _)) = differs {
            return Err(Error::Leaf { feed: place.feed.to_owned(), seq: entry.seq() });
        }
        now.extend_from_slice(&packed);
        seqs.extend(erased);
    }
    Ok((!seqs.is_empty()).then_some(Erased { now, seqs }))
}
