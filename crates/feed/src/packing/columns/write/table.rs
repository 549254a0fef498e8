//! Messages by tag.

use super::super::{
    TAGS_MAX,
    number::{take, take_bytes},
};

/// Messages of one place: which fields each has, and the values of each field.
pub(super) struct Table<'a> {
    /// For each message 0 for a new shape, from 1 on for one that was there.
    pub(super) shapes_of: Vec<u64>,
    /// The tags of a message in their order, as they are written.
    pub(super) shapes: Vec<Vec<u8>>,
    /// In the order in which the tags first occur.
    pub(super) columns: Vec<Column<'a>>,
}

/// The values of one field.
pub(super) struct Column<'a> {
    tag: u64,
    pub(super) values: Values<'a>,
}

/// By the kind of a field on the wire.
pub(super) enum Values<'a> {
    Numbers(Vec<u64>),
    Texts(Vec<&'a [u8]>),
}

impl<'a> Table<'a> {
    /// None where one is no message in canonical encoding, or has what is not taken apart.
    pub(super) fn of(messages: &[&'a [u8]]) -> Option<Self> {
        let mut table = Self {
            shapes_of: Vec::with_capacity(messages.len()),
            shapes: Vec::new(),
            columns: Vec::new(),
        };
        let mut shape = Vec::new();
        let mut shape_before = usize::MAX;
        for message in messages {
            shape.clear();
            table.take(message, &mut shape, messages.len())?;
            let number = table.number_of(&shape, shape_before);
            shape_before = number;
            let is_new = number == table.shapes.len();
            table.shapes_of.push(if is_new { 0 } else { number as u64 + 1 });
            if is_new {
                table.shapes.push(shape.clone());
            }
        }
        Some(table)
    }

    /// The number of a shape, or the next one if it is new; most are like the one before.
    fn number_of(&self, shape: &[u8], before: usize) -> usize {
        if self.shapes.get(before).is_some_and(|before| before == shape) {
            return before;
        }
        let known = self.shapes.iter().position(|known| known == shape);
        known.unwrap_or(self.shapes.len())
    }

    /// Adds the fields of a message; those of one are in the order of the one before.
    fn take(&mut self, mut rest: &'a [u8], shape: &mut Vec<u8>, messages: usize) -> Option<()> {
        const TAG_MAX: u64 = (1 << 14) - 1;
        let mut next = 0;
        while !rest.is_empty() {
            let begin = rest;
            let tag = take(&mut rest)?;
            if !(8..=TAG_MAX).contains(&tag) {
                return None;
            }
            shape.extend_from_slice(&begin[..begin.len() - rest.len()]);
            let at = self.column(tag, next, messages)?;
            match &mut self.columns[at].values {
                Values::Numbers(values) => values.push(take(&mut rest)?),
                Values::Texts(values) => values.push(take_bytes(&mut rest)?),
            }
            next = at + 1;
        }
        Some(())
    }

    fn column(&mut self, tag: u64, next: usize, messages: usize) -> Option<usize> {
        for near in [next, next.wrapping_sub(1)] {
            if self.columns.get(near).is_some_and(|column| column.tag == tag) {
                return Some(near);
            }
        }
        if let Some(at) = self.columns.iter().position(|column| column.tag == tag) {
            return Some(at);
        }
        let values = match tag & 7 {
            0 => Values::Numbers(Vec::with_capacity(messages)),
            2 => Values::Texts(Vec::with_capacity(messages)),
            _ => return None,
        };
        self.columns.push(Column { tag, values });
        (self.columns.len() <= TAGS_MAX).then_some(self.columns.len() - 1)
    }
}
