//! Chance that comes out alike: everything drawn follows from the seed.
//!
//! Each part of a set draws from a stream of its own, so that one part may change
//! without another.

use std::ops::RangeInclusive;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

/// One stream of chance.
#[derive(Debug, Clone)]
pub(crate) struct Draw(StdRng);

impl Draw {
    /// The stream of that name under a seed.
    pub(crate) fn new(seed: u64, stream: &str) -> Self {
        // FNV-1a: all that is asked is that names lead to streams of their own.
        let name = stream.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(StdRng::seed_from_u64(seed.rotate_left(32) ^ name))
    }

    /// A whole number within these limits.
    pub(crate) fn within(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.0.gen_range(range)
    }

    /// One of several.
    ///
    /// # Panics
    /// There are none, which no caller has.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.choose(&mut self.0).expect("there is something to choose from")
    }

    /// Another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.0);
    }
}
