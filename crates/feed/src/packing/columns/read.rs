//! Puts the entries of a block together again.
//!
//! What is read is believed in nothing: each count is held against what the rows may
//! still have before anything is made of it. A field takes at least two bytes of the
//! rows, and one unit for each of value, tag and shape is charged to twice the rows'
//! bytes; a text stands in them at least once. So an honest block stays within the
//! limits, and another one ends at them. Invariant: memory and time are bounded by a
//! multiple of the announced bytes of the rows.

mod numbers;
mod values;

use self::{
    numbers::Numbers,
    values::{Arena, Texts, next_of},
};
use super::{
    DEPTH_MAX, ENTRY_TAG, PIECES_MAX, TAGS_MAX, list,
    number::{put, take, take_bytes},
    texts,
};

/// What does not hold.
type Broken = &'static str;

const TOO_LONG: Broken = "more bytes than the rows have";

/// Makes the bytes of an `EntryBlock`, exactly so many.
pub(in crate::packing) fn join(columns: &[u8], rows_bytes: usize) -> Result<Vec<u8>, Broken> {
    let left = [rows_bytes; DEPTH_MAX + 2];
    let mut reader = Reader { rest: columns, values_left: 2 * rows_bytes, left };
    let count = reader.count()?;
    let entries = reader.messages(count, 0)?;
    if !reader.rest.is_empty() {
        return Err("there are columns left");
    }
    let mut rows = Vec::with_capacity(rows_bytes);
    for index in 0..count {
        let entry = entries.get(index);
        rows.push(ENTRY_TAG);
        put(&mut rows, entry.len() as u64);
        rows.extend_from_slice(entry);
    }
    if rows.len() != rows_bytes {
        return Err("the columns make another number of bytes than announced");
    }
    Ok(rows)
}

struct Reader<'a> {
    rest: &'a [u8],
    /// Values, tags and shapes that may still come.
    values_left: usize,
    /// Bytes that the texts of each depth may still have.
    left: [usize; DEPTH_MAX + 2],
}

/// The values of one field, to be taken in their order.
enum Values<'a> {
    Numbers(Numbers<'a>),
    Texts(Texts<'a>),
}

/// A field: its tag as it is written, and its values.
struct Column<'a> {
    tag: &'a [u8],
    values: Values<'a>,
}

impl Column<'_> {
    /// Writes the next field, as long as there are no more than so many bytes.
    fn write(&mut self, out: &mut Vec<u8>, most: usize) -> Result<(), Broken> {
        out.extend_from_slice(self.tag);
        match &mut self.values {
            Values::Numbers(numbers) => put(out, numbers.next()?),
            Values::Texts(texts) => {
                let text = texts.next()?;
                if out.len() + text.len() > most {
                    return Err(TOO_LONG);
                }
                put(out, text.len() as u64);
                out.extend_from_slice(text);
            }
        }
        if out.len() > most { Err(TOO_LONG) } else { Ok(()) }
    }
}

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u64, Broken> {
        take(&mut self.rest).ok_or("a number is missing")
    }

    /// A number of things that the rows may still have.
    fn count(&mut self) -> Result<usize, Broken> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.charge(count)
    }

    fn charge(&mut self, count: usize) -> Result<usize, Broken> {
        self.values_left =
            self.values_left.checked_sub(count).ok_or("more values than the rows have")?;
        Ok(count)
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let (&first, rest) = self.rest.split_first().ok_or("flags are missing")?;
        self.rest = rest;
        Ok(first)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or("bytes are missing")?;
        self.rest = rest;
        Ok(bytes)
    }

    fn messages(&mut self, count: usize, depth: usize) -> Result<Arena, Broken> {
        let mut shapes_of = self.numbers(count)?;
        let new = shapes_of.clone().new_ones(count)?;
        let mut columns: Vec<(&[u8], usize)> = Vec::new();
        let mut shapes = Vec::new();
        for _ in 0..new {
            let tags = take_bytes(&mut self.rest).ok_or("a shape is missing")?;
            self.charge(2 + tags.len())?;
            shapes.push(shape(tags, &mut columns)?);
        }
        let mut occur = shapes_of.clone();
        let mut new = 0;
        for _ in 0..count {
            let shape = next_of(&mut occur, &mut new)?;
            let shape = shapes.get(shape).ok_or("a shape is missing")?;
            self.charge(shape.len())?;
            for &column in shape {
                columns[usize::from(column)].1 += 1;
            }
        }
        let mut filled = Vec::with_capacity(columns.len());
        for (tag, count) in columns {
            let values = match tag[0] & 7 {
                0 => Values::Numbers(self.numbers(count)?),
                _ => Values::Texts(self.texts(count, depth)?),
            };
            filled.push(Column { tag, values });
        }
        self.assemble(count, depth, &mut shapes_of, &shapes, &mut filled)
    }

    fn assemble(
        &mut self,
        count: usize,
        depth: usize,
        shapes_of: &mut Numbers<'_>,
        shapes: &[Vec<u16>],
        columns: &mut [Column<'_>],
    ) -> Result<Arena, Broken> {
        let mut arena = Arena::default();
        arena.ends.reserve(count);
        let (out, left) = (&mut arena.bytes, self.left[depth]);
        let mut new = 0;
        for _ in 0..count {
            for &column in &shapes[next_of(shapes_of, &mut new)?] {
                columns[usize::from(column)].write(out, left)?;
            }
            arena.ends.push(u32::try_from(out.len()).map_err(|_| "a message is too long")?);
        }
        self.left[depth] -= arena.bytes.len();
        Ok(arena)
    }

    fn texts(&mut self, count: usize, depth: usize) -> Result<Texts<'a>, Broken> {
        let flags = self.byte()?;
        let repeats = flags & texts::REPEATS != 0;
        let repeats = if repeats { Some(self.numbers(count)?) } else { None };
        let count = match &repeats {
            Some(numbers) => numbers.clone().new_ones(count)?,
            None => count,
        };
        let arena = match flags & !texts::REPEATS {
            0 => self.lengths(count, depth)?,
            texts::MESSAGES if depth < DEPTH_MAX => self.messages(count, depth + 1)?,
            texts::ONE_LENGTH => self.one_length(count, depth)?,
            texts::PIECES => self.pieces(count, depth)?,
            _ => return Err("flags of texts without a meaning"),
        };
        Ok(Texts { arena, repeats, next: 0 })
    }

    /// The bytes of that many texts, taken off what their depth may have.
    fn room(&mut self, bytes: Option<usize>, depth: usize) -> Result<usize, Broken> {
        let left = &mut self.left[depth + 1];
        let taken = bytes.filter(|bytes| bytes <= left).ok_or(TOO_LONG)?;
        *left -= taken;
        Ok(taken)
    }

    fn lengths(&mut self, count: usize, depth: usize) -> Result<Arena, Broken> {
        let mut lengths = self.numbers(count)?;
        let mut arena = Arena::default();
        arena.ends.reserve(count);
        for _ in 0..count {
            let length = self.room(usize::try_from(lengths.next()?).ok(), depth)?;
            let text = self.bytes(length)?;
            arena.bytes.extend_from_slice(text);
            arena.end()?;
        }
        Ok(arena)
    }

    fn one_length(&mut self, count: usize, depth: usize) -> Result<Arena, Broken> {
        let width = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let bytes = self.room(width.checked_mul(count), depth)?;
        let columns = self.bytes(bytes)?;
        let mut arena = Arena { bytes: vec![0; bytes], ends: Vec::with_capacity(count) };
        if width == 0 || count == 0 {
            return Err("texts of no length");
        }
        for (at, column) in columns.chunks_exact(count).enumerate() {
            let places = arena.bytes[at..].iter_mut().step_by(width);
            places.zip(column).for_each(|(place, byte)| *place = *byte);
        }
        let mut end = 0;
        for _ in 0..count {
            end += width;
            arena.ends.push(u32::try_from(end).map_err(|_| "a text is too long")?);
        }
        Ok(arena)
    }

    fn pieces(&mut self, count: usize, depth: usize) -> Result<Arena, Broken> {
        if depth >= DEPTH_MAX {
            return Err("pieces of pieces");
        }
        let mut counts = self.numbers(count)?;
        let mut pieces = counts.clone();
        let mut with_more = [0_usize; PIECES_MAX];
        for _ in 0..count {
            let count = usize::try_from(pieces.next()?).unwrap_or(usize::MAX);
            if !(1..=PIECES_MAX).contains(&count) {
                return Err("a text of no pieces, or of too many");
            }
            self.charge(count)?;
            with_more[..count].iter_mut().for_each(|texts| *texts += 1);
        }
        let mut columns = Vec::new();
        for count in with_more.into_iter().take_while(|&count| count > 0) {
            columns.push(self.texts(count, depth + 1)?);
        }
        let mut arena = Arena::default();
        arena.ends.reserve(count);
        for _ in 0..count {
            let pieces = usize::try_from(counts.next()?).unwrap_or_default();
            let begin = arena.bytes.len();
            let most = begin + self.left[depth + 1];
            put_together(&mut columns[..pieces], &mut arena.bytes, most)?;
            self.room(Some(arena.bytes.len() - begin), depth)?;
            arena.end()?;
        }
        Ok(arena)
    }

    fn numbers(&mut self, count: usize) -> Result<Numbers<'a>, Broken> {
        let flags = if count == 1 { 0 } else { self.byte()? };
        if flags == 0 {
            return Ok(Numbers::equal(self.number()?));
        }
        if flags & list::EACH == 0 || flags > (list::EACH | list::DIFFERENCES | list::DIVISOR) {
            return Err("flags of a list without a meaning");
        }
        let divisor = if flags & list::DIVISOR == 0 { 1 } else { self.number()? };
        // Each ends with the only one of its bytes that is below 0x80.
        let ends = self.rest.iter().enumerate().filter(|(_, byte)| **byte < 0x80);
        let end = match count.checked_sub(1) {
            None => 0,
            Some(last) => ends.map(|(at, _)| at + 1).nth(last).ok_or("a number is missing")?,
        };
        let read = self.bytes(end)?;
        Ok(Numbers::each(read, flags & list::DIFFERENCES != 0, divisor))
    }
}

/// The next piece of each column, with slashes between, as long as there are no more
/// than so many bytes.
fn put_together(columns: &mut [Texts<'_>], out: &mut Vec<u8>, most: usize) -> Result<(), Broken> {
    for (at, column) in columns.iter_mut().enumerate() {
        if at > 0 {
            out.push(b'/');
        }
        let piece = column.next()?;
        if out.len() + piece.len() > most {
            return Err(TOO_LONG);
        }
        out.extend_from_slice(piece);
    }
    Ok(())
}

/// The columns of a shape, each named by its number.
fn shape<'a>(tags: &'a [u8], columns: &mut Vec<(&'a [u8], usize)>) -> Result<Vec<u16>, Broken> {
    let (mut rest, mut shape) = (tags, Vec::with_capacity(tags.len()));
    while !rest.is_empty() {
        let begin = rest;
        let tag = take(&mut rest).ok_or("a tag is cut off")?;
        if tag < 8 || !matches!(tag & 7, 0 | 2) {
            return Err("a tag of another kind");
        }
        let tag = &begin[..begin.len() - rest.len()];
        let near = shape.last().map_or(0, |&last| usize::from(last));
        let known = columns[near..].iter().position(|(known, _)| *known == tag);
        let known = known.map(|at| near + at);
        let known = known.or_else(|| columns.iter().position(|(known, _)| *known == tag));
        let at = known.unwrap_or(columns.len());
        if at == columns.len() {
            columns.push((tag, 0));
        }
        if at >= TAGS_MAX {
            return Err("too many different tags");
        }
        shape.push(u16::try_from(at).map_err(|_| "too many different tags")?);
    }
    Ok(shape)
}
