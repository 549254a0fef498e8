//! Texts that were read, in one piece of memory, and those that were there before.

use super::{Broken, numbers::Numbers};

/// Texts end to end.
#[derive(Default)]
pub(super) struct Arena {
    pub(super) bytes: Vec<u8>,
    pub(super) ends: Vec<u32>,
}

impl Arena {
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.bytes[begin..self.ends[index] as usize]
    }

    pub(super) fn end(&mut self) -> Result<(), Broken> {
        self.ends.push(u32::try_from(self.bytes.len()).map_err(|_| "a text is too long")?);
        Ok(())
    }
}

/// Texts, each new one or one that was there.
pub(super) struct Texts<'a> {
    pub(super) arena: Arena,
    pub(super) repeats: Option<Numbers<'a>>,
    pub(super) next: usize,
}

impl Texts<'_> {
    pub(super) fn next(&mut self) -> Result<&[u8], Broken> {
        let index = match &mut self.repeats {
            None => self.next,
            Some(numbers) => match place(numbers.next()?)? {
                Some(index) => return self.known(index),
                None => self.next,
            },
        };
        self.next += 1;
        self.known(index)
    }

    fn known(&self, index: usize) -> Result<&[u8], Broken> {
        if index >= self.arena.ends.len() {
            return Err("a text is missing");
        }
        Ok(self.arena.get(index))
    }
}

/// Which of the known ones a number means; none for the next new one.
fn place(number: u64) -> Result<Option<usize>, Broken> {
    let before = number.checked_sub(1).map(usize::try_from).transpose();
    before.map_err(|_| "a number is too large")
}

/// The place of the next one: that of a known one, or the next new one.
pub(super) fn next_of(numbers: &mut Numbers<'_>, new: &mut usize) -> Result<usize, Broken> {
    let known = place(numbers.next()?)?;
    Ok(known.unwrap_or_else(|| {
        *new += 1;
        *new - 1
    }))
}
