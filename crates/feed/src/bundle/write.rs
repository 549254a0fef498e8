//! Writes one part of a bundle.
//!
//! The manifest goes first, so the frames that follow were looked through before
//! ([`super::Planner`]); the writer refuses to finish a file whose frames are not
//! those. What it leaves after an error is no bundle: nobody can read it to its end.

use std::io::Write;

use age::stream::StreamWriter;
use prost::Message as _;
use rmd_proto::v1;

use super::{
    Error, MAGIC, MANIFEST_BYTES_MAX, Manifest, Part, Recipient,
    part::{Tally, framed},
};
use crate::FeedKey;

/// The writing end of one part.
pub struct Writer<W: Write> {
    out: StreamWriter<W>,
    tally: Tally,
    expected: Part,
}

impl<W: Write> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("expected", &self.expected).finish_non_exhaustive()
    }
}

impl<W: Write> Writer<W> {
    /// Writes what stands before the frames of `parts[index]`. The manifest says
    /// everything but the parts, which are filled in here.
    pub fn begin(
        out: W,
        manifest: &v1::BundleManifest,
        parts: &[Part],
        index: usize,
        key: &FeedKey,
        recipient: &Recipient,
    ) -> Result<Self, Error> {
        let expected = parts.get(index).ok_or(Error::Parts { limit: parts.len() })?.clone();
        let manifest = filled(manifest, parts, index).encode_to_vec();
        let (seen, limit) = (manifest.len() as u64, MANIFEST_BYTES_MAX as u64);
        if seen > limit {
            return Err(Error::Oversized { what: "manifest", seen, limit });
        }
        // What no reader would take is not written.
        Manifest::decode(&manifest)?;
        let signature = key.sign_manifest(&manifest);
        let envelope = v1::BundleEnvelope { manifest, signature }.encode_to_vec();
        let length = u32::try_from(envelope.len()).map_err(|_| Error::Io("length".to_owned()))?;
        let recipient: &dyn age::Recipient = &recipient.0;
        let mut out = age::Encryptor::with_recipients(std::iter::once(recipient))
            .map_err(|error| Error::Io(error.to_string()))?
            .wrap_output(out)
            .map_err(io)?;
        for bytes in [MAGIC.as_slice(), &length.to_be_bytes(), &envelope] {
            out.write_all(bytes).map_err(io)?;
        }
        Ok(Self { out, tally: Tally::default(), expected })
    }

    /// Writes the next frame.
    pub fn frame(&mut self, frame: &v1::Frame) -> Result<(), Error> {
        let (length, bytes) = framed(frame)?;
        self.out.write_all(&length).map_err(io)?;
        self.out.write_all(&bytes).map_err(io)?;
        self.tally.add(length, &bytes);
        Ok(())
    }

    /// Ends the file. Refuses if the frames are not those of the part.
    pub fn finish(self) -> Result<W, Error> {
        if self.tally.frames != self.expected.frames || self.tally.sha256() != self.expected.sha256
        {
            let detail = format!(
                "{} of {} frames, or the feed changed while the bundle was made",
                self.tally.frames, self.expected.frames
            );
            return Err(Error::OtherFrames { detail });
        }
        self.out.finish().map_err(io)
    }
}

/// The manifest of one part.
fn filled(manifest: &v1::BundleManifest, parts: &[Part], index: usize) -> v1::BundleManifest {
    let range = |part: &Part| v1::BundlePart { first_seq: part.first_seq, last_seq: part.last_seq };
    v1::BundleManifest {
        part: parts.iter().map(range).collect(),
        part_number: u32::try_from(index + 1).unwrap_or(u32::MAX),
        frames: parts[index].frames,
        frames_sha256: parts[index].sha256.to_vec(),
        ..manifest.clone()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it ends the life of the error")]
fn io(error: std::io::Error) -> Error {
    Error::Io(error.to_string())
}
