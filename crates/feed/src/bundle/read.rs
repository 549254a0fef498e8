//! Reads one part of a bundle, as a stream.
//!
//! Three steps that cannot be taken in another order: [`open`] decrypts and reads
//! what the part says of itself; [`Opened::verify`] holds network, receiver,
//! sender and signature against what is known here; only [`Frames`] gives frames
//! out, and says at the end whether they were those that were signed.
//!
//! No announced length is believed: a limit is checked before a byte is taken,
//! and a buffer grows with what really comes.

use std::io::{Cursor, Read};

use age::stream::StreamReader;
use prost::Message as _;
use rmd_proto::v1;

use super::{
    AGE_HEADER_BYTES_MAX, BundleKey, ENVELOPE_BYTES_MAX, Error, FRAME_MESSAGE_BYTES_MAX, MAGIC,
    MANIFEST_BYTES_MAX, Manifest, part::Tally,
};
use crate::{FeedVerifier, error::shown};

/// The last line of an age header begins so.
const HEADER_END: &[u8] = b"\n--- ";

/// Bytes of that line that follow: 43 of a MAC and the line feed.
const MAC_BYTES: usize = 44;

/// The bytes of a file whose header was looked at.
type Looked<R> = std::io::Chain<Cursor<Vec<u8>>, R>;

type Source<R> = StreamReader<Looked<R>>;

/// A length as it stands in the file, and so many bytes.
type Long = ([u8; 4], Vec<u8>);

/// A part that was decrypted; nothing in it is believed yet.
pub struct Opened<R: Read> {
    source: Source<R>,
    manifest_bytes: Vec<u8>,
    signature: Vec<u8>,
    manifest: Manifest,
}

/// What is known here of the two ends.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Name of our network.
    pub network: &'a str,
    /// Our identity.
    pub receiver: &'a str,
    /// Identity of the sender whose key this is.
    pub sender: &'a str,
    /// The sender's pinned feed key.
    pub verifier: &'a FeedVerifier,
}

/// The frames of a part whose sender is proven.
pub struct Frames<R: Read> {
    source: Source<R>,
    manifest: Manifest,
    tally: Tally,
    next_seq: u64,
}

/// Decrypts a part and reads its manifest.
pub fn open<R: Read>(source: R, key: &BundleKey) -> Result<Opened<R>, Error> {
    let source = bounded_header(source)?;
    let decryptor = age::Decryptor::new(source).map_err(header)?;
    let identity: &dyn age::Identity = &key.0;
    let mut source = decryptor.decrypt(std::iter::once(identity)).map_err(header)?;
    let mut magic = [0; MAGIC.len()];
    let place = "manifest";
    source.read_exact(&mut magic).map_err(Error::reading(place))?;
    if magic != *MAGIC {
        let detail = format!("it begins with {}", shown(&String::from_utf8_lossy(&magic)));
        return Err(Error::malformed("bundle", detail));
    }
    let envelope = read_long(&mut source, place, ENVELOPE_BYTES_MAX)?;
    let Some((_, envelope)) = envelope else { return Err(Error::Damaged { place }) };
    let envelope = v1::BundleEnvelope::decode(envelope.as_slice())
        .map_err(|error| Error::malformed("envelope", shown(&error.to_string())))?;
    let v1::BundleEnvelope { manifest: manifest_bytes, signature } = envelope;
    let (seen, limit) = (manifest_bytes.len() as u64, MANIFEST_BYTES_MAX as u64);
    if seen > limit {
        return Err(Error::Oversized { what: place, seen, limit });
    }
    let manifest = Manifest::decode(&manifest_bytes)?;
    Ok(Opened { source, manifest_bytes, signature, manifest })
}

impl<R: Read> Opened<R> {
    /// What the part says of itself; whoever encrypted it may have lied.
    pub const fn claimed(&self) -> &Manifest {
        &self.manifest
    }

    /// Holds the manifest against what is known.
    pub fn verify(self, expected: Expected<'_>) -> Result<Frames<R>, Error> {
        let message = self.manifest.message();
        let of = |expected: &str, seen: &str| (expected.to_owned(), shown(seen));
        if message.network != expected.network {
            let (expected, seen) = of(expected.network, &message.network);
            return Err(Error::OtherNetwork { expected, seen });
        }
        if message.receiver != expected.receiver {
            let (expected, seen) = of(expected.receiver, &message.receiver);
            return Err(Error::OtherReceiver { expected, seen });
        }
        if message.sender != expected.sender {
            let (expected, seen) = of(expected.sender, &message.sender);
            return Err(Error::OtherSender { expected, seen });
        }
        if !expected.verifier.verify_manifest(&self.manifest_bytes, &self.signature) {
            return Err(Error::Unsigned { sender: shown(&message.sender) });
        }
        let next_seq = self.manifest.first_seq();
        let (source, manifest) = (self.source, self.manifest);
        Ok(Frames { source, manifest, tally: Tally::default(), next_seq })
    }
}

impl<R: Read> Frames<R> {
    /// What the part holds; its sender signed it.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The next frame; none once the file was read to its end and all of it was
    /// what the sender signed.
    pub fn next_frame(&mut self) -> Result<Option<v1::Frame>, Error> {
        let Some((length, bytes)) = read_long(&mut self.source, "frames", FRAME_MESSAGE_BYTES_MAX)?
        else {
            return self.finished().map(|()| None);
        };
        self.tally.add(length, &bytes);
        if self.tally.frames > self.manifest.message().frames {
            return Err(self.other("there are more than announced"));
        }
        let frame = v1::Frame::decode(bytes.as_slice())
            .map_err(|error| Error::malformed("frame", shown(&error.to_string())))?;
        let state = self.manifest.state();
        if frame.feed != state.feed || frame.epoch != state.epoch {
            return Err(self.other("one is of another feed or epoch"));
        }
        if frame.first_seq != self.next_seq
            || frame.last_seq < frame.first_seq
            || frame.last_seq > self.manifest.last_seq()
        {
            return Err(self.other("they do not follow one another"));
        }
        self.next_seq = frame.last_seq + 1;
        Ok(Some(frame))
    }

    fn finished(&self) -> Result<(), Error> {
        let message = self.manifest.message();
        if self.tally.frames != message.frames || self.next_seq != self.manifest.last_seq() + 1 {
            return Err(self.other("there are fewer than announced"));
        }
        if self.tally.sha256().as_slice() != message.frames_sha256 {
            return Err(self.other("their digest differs"));
        }
        Ok(())
    }

    fn other(&self, what: &str) -> Error {
        let (number, count) = self.manifest.part();
        Error::OtherFrames { detail: format!("part {number} of {count}: {what}") }
    }
}

/// The same bytes, once it is certain that their header ends within its limit.
fn bounded_header<R: Read>(mut source: R) -> Result<Looked<R>, Error> {
    let mut start = Vec::new();
    source
        .by_ref()
        .take(AGE_HEADER_BYTES_MAX as u64)
        .read_to_end(&mut start)
        .map_err(Error::reading("header"))?;
    let end = start.windows(HEADER_END.len()).position(|window| window == HEADER_END);
    let is_whole = end.is_some_and(|end| end + HEADER_END.len() + MAC_BYTES <= start.len());
    if !is_whole {
        return Err(Error::Header(format!("no end within {AGE_HEADER_BYTES_MAX} bytes")));
    }
    Ok(Cursor::new(start).chain(source))
}

fn header(error: age::DecryptError) -> Error {
    match error {
        age::DecryptError::NoMatchingKeys => Error::NotForUs,
        age::DecryptError::Io(error) => Error::reading("header")(error),
        error => Error::Header(shown(&error.to_string())),
    }
}

/// A length and so many bytes; none at the end of the file.
fn read_long(
    source: &mut impl Read,
    place: &'static str,
    limit: usize,
) -> Result<Option<Long>, Error> {
    let mut length = Vec::with_capacity(4);
    source.by_ref().take(4).read_to_end(&mut length).map_err(Error::reading(place))?;
    let Ok(length) = <[u8; 4]>::try_from(length.as_slice()) else {
        return if length.is_empty() { Ok(None) } else { Err(Error::Damaged { place }) };
    };
    let (seen, limit) = (u64::from(u32::from_be_bytes(length)), limit as u64);
    if seen > limit {
        return Err(Error::Oversized { what: place, seen, limit });
    }
    let mut bytes = Vec::new();
    source.by_ref().take(seen).read_to_end(&mut bytes).map_err(Error::reading(place))?;
    if bytes.len() as u64 != seen {
        return Err(Error::Damaged { place });
    }
    Ok(Some((length, bytes)))
}

impl<R: Read> std::fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl<R: Read> std::fmt::Debug for Frames<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}
