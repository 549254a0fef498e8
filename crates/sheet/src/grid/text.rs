//! The bytes of a text file as UTF-8, whatever they were.
//!
//! A byte order mark decides; without one, what is valid UTF-8 is UTF-8, what
//! has a zero in every second byte is UTF-16, anything else is windows-1252, in
//! which spreadsheets of the region save.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use encoding_rs::{
    CoderResult, Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

const CHUNK_BYTES: usize = 64 << 10;

/// Which encoding a file has; none if it is no text.
pub(super) fn detect(path: &Path) -> io::Result<Option<&'static Encoding>> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut valid = UTF_8.new_decoder_without_bom_handling();
    let mut out = vec![0; CHUNK_BYTES * 3 + 16];
    let mut is_utf8 = true;
    let mut is_first = true;
    let mut has_zero = false;
    loop {
        let read = file.read(&mut chunk)?;
        let bytes = &chunk[..read];
        if is_first {
            if let Some((encoding, _)) = Encoding::for_bom(bytes) {
                return Ok(Some(encoding));
            }
            if let Some(encoding) = wide(bytes) {
                return Ok(Some(encoding));
            }
            is_first = false;
        }
        has_zero |= bytes.contains(&0);
        if is_utf8 {
            let (result, ..) = valid.decode_to_utf8_without_replacement(bytes, &mut out, read == 0);
            is_utf8 = !matches!(result, DecoderResult::Malformed(..));
        }
        if has_zero {
            return Ok(None);
        }
        if read == 0 {
            return Ok(Some(if is_utf8 { UTF_8 } else { WINDOWS_1252 }));
        }
    }
}

/// UTF-16 without a mark: most letters of headers are ASCII.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096)];
    if head.len() < 8 {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    match () {
        () if odd * 10 > half * 7 && even == 0 => Some(UTF_16LE),
        () if even * 10 > half * 7 && odd == 0 => Some(UTF_16BE),
        () => None,
    }
}

/// A file that is read as UTF-8.
pub(super) struct Decoded {
    file: File,
    decoder: Decoder,
    chunk: Vec<u8>,
    is_done: bool,
}

impl Decoded {
    pub(super) fn open(path: &Path, encoding: &'static Encoding) -> io::Result<Self> {
        let decoder = encoding.new_decoder_with_bom_removal();
        Ok(Self { file: File::open(path)?, decoder, chunk: vec![0; CHUNK_BYTES], is_done: false })
    }

    /// Replaces what is in `out` by the next piece; nothing at the end.
    pub(super) fn fill(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        while out.is_empty() && !self.is_done {
            let read = self.file.read(&mut self.chunk)?;
            self.is_done = read == 0;
            out.resize(CHUNK_BYTES * 3 + 16, 0);
            let (result, _, written, _) =
                self.decoder.decode_to_utf8(&self.chunk[..read], out, self.is_done);
            debug_assert_eq!(result, CoderResult::InputEmpty, "no encoding makes more of a byte");
            out.truncate(written);
        }
        Ok(())
    }
}
