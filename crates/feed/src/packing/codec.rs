//! zstd at work: one packer and one unpacker for each thread.
//!
//! Their tables, some hundred KiB, are made once: making them takes as long as packing
//! a block does.

use std::{cell::RefCell, io::Read};

use zstd::zstd_safe::{
    self, CCtx, CParameter, CompressionLevel, DCtx, DParameter, ErrorCode, InBuffer, OutBuffer,
    ResetDirective,
};

use super::columns::Split;
use crate::dictionary::Dictionary;

/// 2^23 bytes, the most that a decoded frame may have.
const WINDOW_LOG_MAX: u32 = 23;

thread_local! {
    static PACKER: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static UNPACKER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// zstd packed nothing, though it packs any bytes for which there is memory and room.
#[derive(Debug)]
pub(super) struct Failed;

impl From<ErrorCode> for Failed {
    fn from(_: ErrorCode) -> Self {
        Self
    }
}

/// Packs bytes as one zstd frame with a checksum.
pub(super) fn pack(bytes: &[u8], level: CompressionLevel) -> Result<Vec<u8>, Failed> {
    PACKER.with_borrow_mut(|packer| {
        begin(packer, level, true)?;
        let mut packed = Vec::with_capacity(zstd_safe::compress_bound(bytes.len()));
        packer.compress2(&mut packed, bytes)?;
        packed.shrink_to_fit();
        Ok(packed)
    })
}

/// Packs columns behind what stands in `part`, with new statistics at each cut, and
/// without a checksum: a part has its own.
pub(super) fn pack_columns(
    mut part: Vec<u8>,
    split: &Split,
    level: CompressionLevel,
    dictionary: Option<&'static Dictionary>,
) -> Result<Vec<u8>, Failed> {
    /// A block of zstd has three bytes of its own.
    const CUT_BYTES: usize = 16;
    PACKER.with_borrow_mut(|packer| {
        begin(packer, level, false)?;
        if let Some(dictionary) = dictionary {
            packer.ref_cdict(dictionary.packs(level))?;
        }
        packer.set_pledged_src_size(Some(split.bytes.len() as u64))?;
        let most = zstd_safe::compress_bound(split.bytes.len()) + CUT_BYTES * split.cuts.len();
        let begin = part.len();
        part.reserve_exact(most);
        let mut out = OutBuffer::around_pos(&mut part, begin);
        let mut from = 0;
        for &cut in &split.cuts {
            let mut piece = InBuffer::around(&split.bytes[from..cut]);
            fill(&mut out, |out| {
                packer.compress_stream(out, &mut piece)?;
                Ok(piece.pos() < cut - from)
            })?;
            fill(&mut out, |out| Ok(packer.flush_stream(out)? > 0))?;
            from = cut;
        }
        let mut piece = InBuffer::around(&split.bytes[from..]);
        fill(&mut out, |out| {
            packer.compress_stream(out, &mut piece)?;
            Ok(piece.pos() < split.bytes.len() - from)
        })?;
        fill(&mut out, |out| Ok(packer.end_stream(out)? > 0))?;
        part.shrink_to_fit();
        Ok(part)
    })
}

/// Goes on while a step says that there is more to write; there is room for all of it.
fn fill<'a>(
    out: &mut OutBuffer<'a, Vec<u8>>,
    mut step: impl FnMut(&mut OutBuffer<'a, Vec<u8>>) -> Result<bool, Failed>,
) -> Result<(), Failed> {
    while step(out)? {
        if out.pos() == out.capacity() {
            return Err(Failed);
        }
    }
    Ok(())
}

fn begin(packer: &mut CCtx<'_>, level: CompressionLevel, has_checksum: bool) -> Result<(), Failed> {
    packer.reset(ResetDirective::SessionAndParameters)?;
    packer.set_parameter(CParameter::CompressionLevel(level))?;
    packer.set_parameter(CParameter::ChecksumFlag(has_checksum))?;
    Ok(())
}

/// Unpacks one whole zstd frame that says how many bytes it holds.
pub(super) fn unpack(
    packed: &[u8],
    into: &mut [u8],
    dictionary: Option<&Dictionary>,
) -> Result<usize, String> {
    UNPACKER
        .with_borrow_mut(|unpacker| match dictionary {
            Some(dictionary) => unpacker.decompress_using_ddict(into, packed, dictionary.unpacks()),
            None => unpacker.decompress(into, packed),
        })
        .map_err(|code| zstd_safe::get_error_name(code).to_owned())
}

/// Unpacks one whole zstd frame that does not say how many bytes it holds: no more
/// than one beyond `most`.
pub(super) fn unpack_unknown(
    packed: &[u8],
    most: u64,
    into: &mut Vec<u8>,
) -> std::io::Result<usize> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?.single_frame();
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
    decoder.take(most + 1).read_to_end(into)
}
