//! What a lot inherits, in few bytes.
//!
//! A million lots have a row each, and most inherit all from one state: three shares of
//! four bytes, the rank, whether it is in a ring, and the two lists.

use std::collections::BTreeSet;

use rmd_reconcile::{Named, view::Custody};
use rmd_standard::Entity;

/// The bytes of what a lot inherits.
pub(super) fn write(custody: &Custody, is_in_ring: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(24);
    bytes.push(u8::from(is_in_ring));
    for share in [custody.traced, custody.open, custody.barred] {
        // A share is from nothing to a billion.
        bytes.extend_from_slice(&u32::try_from(share).unwrap_or(0).to_be_bytes());
    }
    bytes.extend_from_slice(&custody.rank.to_be_bytes());
    push_count(&mut bytes, custody.origins.len());
    custody.origins.iter().for_each(|origin| push_text(&mut bytes, origin));
    push_count(&mut bytes, custody.barred_lots.len());
    for lot in &custody.barred_lots {
        push_text(&mut bytes, &lot.key);
        push_text(&mut bytes, &lot.country);
        bytes.extend_from_slice(&lot.rev.to_be_bytes());
        bytes.extend_from_slice(&lot.digest);
    }
    bytes
}

/// What bytes say, and whether the lot is in a ring; none of other bytes.
pub(super) fn read(bytes: &[u8]) -> Option<(Custody, bool)> {
    let mut rest = Rest(bytes);
    let [ring] = rest.chunk::<1>()?;
    let mut number = || rest.chunk::<4>().map(u32::from_be_bytes);
    let (traced, open, barred, rank) = (number()?, number()?, number()?, number()?);
    let mut origins = BTreeSet::new();
    for _ in 0..rest.count()? {
        origins.insert(rest.text()?.to_owned());
    }
    let mut barred_lots = BTreeSet::new();
    for _ in 0..rest.count()? {
        let (key, country) = (rest.text()?.into(), rest.text()?.into());
        let (rev, digest) = (u64::from_be_bytes(rest.chunk()?), rest.chunk()?);
        barred_lots.insert(Named { entity: Entity::Lot, key, country, rev, digest });
    }
    let (traced, open, barred) = (traced.into(), open.into(), barred.into());
    let custody = Custody { traced, open, barred, barred_lots, origins, rank };
    rest.0.is_empty().then_some((custody, ring != 0))
}

/// Counts and lengths take two bytes: a key has a few hundred.
fn push_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_count(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn chunk<const SIZE: usize>(&mut self) -> Option<[u8; SIZE]> {
        let (chunk, rest) = self.0.split_first_chunk::<SIZE>()?;
        self.0 = rest;
        Some(*chunk)
    }

    fn count(&mut self) -> Option<u16> {
        self.chunk().map(u16::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(self.count()?);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lot_inherits_is_read_as_it_was_written() {
        let named = |key: &str, rev: u64| Named {
            entity: Entity::Lot,
            key: key.into(),
            country: "CD".into(),
            rev,
            digest: [7; 32],
        };
        let custody = Custody {
            traced: 1_000_000_000,
            open: 7,
            barred: 999_999_999,
            barred_lots: BTreeSet::from([named("CD/é/1", 1), named("CD/T/2", u64::MAX)]),
            origins: BTreeSet::from(["CD".to_owned(), "RW".to_owned()]),
            rank: 10_000,
        };
        assert_eq!(read(&write(&custody, true)), Some((custody.clone(), true)));
        let none = Custody::default();
        assert_eq!(read(&write(&none, false)), Some((none, false)));
        let bytes = write(&custody, false);
        assert_eq!(read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(read(&[&bytes[..], &[0]].concat()), None);
    }
}
