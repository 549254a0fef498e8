//! The parts of a body, seen from outside.
//!
//! Refuses what zstd would skip or ignore, so that no byte of a body is without
//! meaning.

use zstd::zstd_safe;

use super::columns;
use crate::limits::COLUMNS_BYTES_MAX;

/// What a part in columns begins with; zstd begins with 0x28.
const COLUMNS: u8 = 0x43;

/// CRC-32 of a part in columns, little-endian.
const CHECKSUM_BYTES: usize = 4;

/// One block in a body.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// All of its bytes.
    pub(super) whole: &'a [u8],
    /// Its zstd frame.
    pub(super) packed: &'a [u8],
    pub(super) form: Form,
}

/// How the entries stand in a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Rows,
    Columns { rows_bytes: usize },
}

impl Part<'_> {
    /// The dictionary that it needs.
    pub(super) fn dictionary_id(&self) -> Option<u32> {
        zstd_safe::get_dict_id_from_frame(self.packed).map(Into::into)
    }

    /// Bytes of the rows, if it says how many.
    pub(super) fn announced_bytes(&self) -> Option<u64> {
        match self.form {
            Form::Rows => self.packed_bytes(),
            Form::Columns { rows_bytes } => Some(rows_bytes as u64),
        }
    }

    /// Bytes that its zstd frame holds, if it says how many.
    pub(super) fn packed_bytes(&self) -> Option<u64> {
        zstd_safe::get_frame_content_size(self.packed).ok().flatten()
    }
}

/// How a part in columns begins: room for the checksum at its end.
pub(super) fn head(rows_bytes: usize) -> Vec<u8> {
    let mut head = vec![COLUMNS];
    columns::put(&mut head, rows_bytes as u64);
    head.extend([0; CHECKSUM_BYTES]);
    head
}

/// Puts the checksum over the whole part into its place behind a head of so many bytes.
pub(super) fn seal(mut part: Vec<u8>, head: usize) -> Vec<u8> {
    let sum = checksum(&part[..head - CHECKSUM_BYTES], &part[head..]);
    part[head - CHECKSUM_BYTES..head].copy_from_slice(&sum);
    part
}

/// CRC-32 of a part without the checksum. Unlike one over what is unpacked it finds every
/// altered byte: zstd has many ways to say the same.
fn checksum(before: &[u8], after: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(after);
    hasher.finalize().to_le_bytes()
}

/// All parts of a body, one or more.
pub(super) fn all(mut body: &[u8]) -> Result<Vec<Part<'_>>, &'static str> {
    if body.is_empty() {
        return Err("it is empty");
    }
    let mut parts = Vec::new();
    while !body.is_empty() {
        parts.push(next(&mut body)?);
    }
    Ok(parts)
}

fn next<'a>(body: &mut &'a [u8]) -> Result<Part<'a>, &'static str> {
    let begin = *body;
    let mut head = None;
    if let Some(mut rest) = body.strip_prefix(&[COLUMNS]) {
        let announced = columns::take(&mut rest).ok_or("a part is cut off")?;
        let rows_bytes = usize::try_from(announced).unwrap_or(usize::MAX);
        if rows_bytes > COLUMNS_BYTES_MAX {
            return Err("a part in columns announces more than it may");
        }
        let before = &begin[..begin.len() - rest.len()];
        let (sum, rest) = rest.split_at_checked(CHECKSUM_BYTES).ok_or("a part is cut off")?;
        head = Some((before, sum, rows_bytes));
        *body = rest;
    }
    check_descriptor(body, head.is_some())?;
    let bytes = zstd_safe::find_frame_compressed_size(body).map_err(|_| "a part is cut off")?;
    let (packed, rest) = body.split_at_checked(bytes).ok_or("a part is cut off")?;
    *body = rest;
    let mut form = Form::Rows;
    if let Some((before, sum, rows_bytes)) = head {
        if checksum(before, packed) != sum {
            return Err("a part is damaged: its checksum is another");
        }
        form = Form::Columns { rows_bytes };
    }
    Ok(Part { whole: &begin[..begin.len() - rest.len()], packed, form })
}

fn check_descriptor(packed: &[u8], has_own_checksum: bool) -> Result<(), &'static str> {
    /// Bit 4 has no meaning to a decoder, bit 3 is reserved: neither may be set. Bit 2
    /// announces the checksum of rows. Bits 1 and 0 announce a dictionary, of columns.
    const MASK: u8 = 0b0001_1100;
    const DICTIONARY: u8 = 0b0000_0011;
    const CHECKSUM: u8 = 0b0000_0100;
    const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
    let rest = packed.strip_prefix(&MAGIC).ok_or("a part does not begin as zstd does")?;
    let (mask, expected) = if has_own_checksum { (MASK, 0) } else { (MASK | DICTIONARY, CHECKSUM) };
    if rest.first().map(|descriptor| descriptor & mask) != Some(expected) {
        return Err("a part has no checksum, or flags that have no meaning");
    }
    Ok(())
}
