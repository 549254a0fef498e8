//! Numbers of a list, taken one by one from the bytes in which they stand.

use super::{
    super::number::{take, unzigzag},
    Broken,
};

/// A list that takes no memory: clones begin where it stands.
#[derive(Debug, Clone)]
pub(super) struct Numbers<'a> {
    rest: &'a [u8],
    /// The number, or the one before where differences stand.
    value: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Equal,
    Each { divisor: u64 },
    Differences { divisor: u64 },
}

impl<'a> Numbers<'a> {
    pub(super) const fn equal(value: u64) -> Self {
        Self { rest: &[], value, kind: Kind::Equal }
    }

    pub(super) const fn each(rest: &'a [u8], is_apart: bool, divisor: u64) -> Self {
        let kind = if is_apart { Kind::Differences { divisor } } else { Kind::Each { divisor } };
        Self { rest, value: 0, kind }
    }

    pub(super) fn next(&mut self) -> Result<u64, Broken> {
        const MISSING: Broken = "a number is missing";
        match self.kind {
            Kind::Equal => Ok(self.value),
            Kind::Each { divisor } => {
                Ok(take(&mut self.rest).ok_or(MISSING)?.wrapping_mul(divisor))
            }
            Kind::Differences { divisor } => {
                let difference = unzigzag(take(&mut self.rest).ok_or(MISSING)?);
                self.value = self.value.wrapping_add(difference);
                Ok(self.value.wrapping_mul(divisor))
            }
        }
    }

    /// How many of so many are 0, which means new; none may point ahead.
    pub(super) fn new_ones(mut self, count: usize) -> Result<usize, Broken> {
        let mut new = 0;
        for _ in 0..count {
            match self.next()? {
                0 => new += 1,
                number if number > new => return Err("a number points ahead"),
                _ => {}
            }
        }
        usize::try_from(new).map_err(|_| "a number is too large")
    }
}
