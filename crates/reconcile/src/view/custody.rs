//! What a lot inherits from all lots before it.
//!
//! Computed once per lot, parents first, and kept: a certificate reads what its
//! lots inherited, so that a chain of ten thousand lots is never walked twice.
//! Shares are billionths, rounded down, which makes them the same on every machine.

use std::collections::BTreeSet;

use super::{LotView, nature};
use crate::Named;

/// The whole, in billionths.
pub const WHOLE: i64 = 1_000_000_000;

/// Lots of barred sites that are named; of more, the first by their keys.
const BARRED_LOTS_MAX: usize = 8;

/// What one lot inherits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custody {
    /// Share that leads back to production lots, in billionths.
    pub traced: i64,
    /// Share that leads to states whose lots do not count yet, in billionths: it
    /// may be traced one day.
    pub open: i64,
    /// Share that leads back to lots of sites that may not trade, in billionths.
    pub barred: i64,
    /// Those lots; the first of them by their keys, if they are many.
    pub barred_lots: BTreeSet<Named>,
    /// States of the production sites that it leads back to, alpha-2.
    pub origins: BTreeSet<String>,
    /// One more than the longest chain of parents; 0 without parents. Lots of a ring have
    /// one rank: one more than the longest chain before any of them.
    pub rank: u32,
}

/// What an input leads to.
#[derive(Debug, Clone, Copy)]
pub enum Inherited<'a> {
    /// A lot, with what it inherits.
    From(&'a Custody),
    /// A lot of a state whose lots do not count yet.
    Open,
    /// Nothing.
    Nothing,
}

impl Custody {
    /// What the lot of a view inherits: `parents` stand in the order of its inputs.
    /// A lot in a cycle leads back to nothing.
    pub fn of(view: &LotView, is_barred: bool, parents: &[Inherited<'_>]) -> Self {
        let parents = if view.is_in_cycle { &[] } else { parents };
        if nature::is_production(&view.lot.record) {
            return Self::of_production(view, is_barred, parents);
        }
        let mut custody = Self::default();
        // An input without a mass of its own is the whole lot where it is the only one.
        let mass = i128::from(view.lot.record.mass_mg);
        let alone = if view.inputs.len() == 1 { mass } else { 0 };
        let (mut traced, mut open, mut barred, mut total) = (0_i128, 0_i128, 0_i128, 0_i128);
        for (input, parent) in view.inputs.iter().zip(parents) {
            let stated = input.stated.contributed_mass_mg.map(i128::from);
            let contributed = stated.unwrap_or(alone).max(0);
            total += contributed;
            custody.take_rank(parent);
            match parent {
                Inherited::Nothing => {}
                Inherited::Open => open += contributed * i128::from(WHOLE),
                Inherited::From(parent) => {
                    traced += contributed * i128::from(parent.traced);
                    open += contributed * i128::from(parent.open);
                    barred += contributed * i128::from(parent.barred);
                    custody.take_names(parent);
                }
            }
        }
        // What processing lost was traced like the rest.
        let whole = total.max(mass);
        let share = |part: i128| {
            i64::try_from(part.checked_div(whole).unwrap_or(0))
                .map_or(WHOLE, |share| share.min(WHOLE))
        };
        Self { traced: share(traced), open: share(open), barred: share(barred), ..custody }
    }

    /// Out of the ground, whatever it names as inputs beside; those count for its rank, so
    /// that every ring of lots is seen by it.
    fn of_production(view: &LotView, is_barred: bool, parents: &[Inherited<'_>]) -> Self {
        let origins = BTreeSet::from([view.lot.country().to_owned()]);
        let mut whole = Self { traced: WHOLE, origins, ..Self::default() };
        for parent in parents {
            whole.take_rank(parent);
        }
        if !is_barred {
            return whole;
        }
        let barred_lots = BTreeSet::from([view.lot.named.clone()]);
        Self { barred: WHOLE, barred_lots, ..whole }
    }

    fn take_names(&mut self, parent: &Self) {
        self.origins.extend(parent.origins.iter().cloned());
        self.barred_lots.extend(parent.barred_lots.iter().cloned());
        while self.barred_lots.len() > BARRED_LOTS_MAX {
            self.barred_lots.pop_last();
        }
    }

    fn take_rank(&mut self, parent: &Inherited<'_>) {
        if let Inherited::From(parent) = parent {
            self.rank = self.rank.max(parent.rank.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::OriginatingOperation::{Combination, Processing, Production};

    use super::*;
    use crate::testing::{KG, lot, lot_fact, view};

    fn traced(share: i64, origin: &str, rank: u32) -> Custody {
        let origins = BTreeSet::from([origin.to_owned()]);
        Custody { traced: share, origins, rank, ..Custody::default() }
    }

    #[test]
    fn a_production_lot_leads_back_to_itself() {
        let view = view(lot("A", KG, &[Production]));
        let custody = Custody::of(&view, true, &[]);
        let barred_lots = BTreeSet::from([view.lot.named.clone()]);
        assert_eq!(custody, Custody { barred: WHOLE, barred_lots, ..traced(WHOLE, "RW", 0) });
    }

    #[test]
    fn shares_are_weighed_by_what_went_in() {
        let view = view(lot("C", 1_000 * KG, &[Combination]))
            .with_input(lot("A", KG, &[]), Some(600 * KG))
            .with_input(lot("B", KG, &[]), Some(400 * KG));
        let (one, other) = (traced(WHOLE, "RW", 3), traced(WHOLE / 2, "CD", 0));
        let custody = Custody::of(&view, false, &[Inherited::From(&one), Inherited::From(&other)]);
        assert_eq!((custody.traced, custody.rank), (800_000_000, 4));
        assert_eq!(custody.origins, BTreeSet::from(["CD".to_owned(), "RW".to_owned()]));
        let custody = Custody::of(&view, false, &[Inherited::From(&one), Inherited::Nothing]);
        assert_eq!(custody.traced, 600_000_000);
        let custody = Custody::of(&view, false, &[Inherited::From(&one), Inherited::Open]);
        assert_eq!((custody.traced, custody.open), (600_000_000, 400_000_000));
    }

    #[test]
    fn the_names_of_barred_lots_are_bounded_whatever_their_order() {
        let named = |key: u8| lot_fact(lot(&key.to_string(), KG, &[])).named.clone();
        let with = |keys: &[u8]| Custody {
            barred_lots: keys.iter().map(|key| named(*key)).collect(),
            ..Custody::default()
        };
        let (one, other) = (with(&[9, 8, 7, 6, 5]), with(&[1, 2, 3, 4, 5, 6]));
        let (mut first, mut second) = (one.clone(), other.clone());
        first.take_names(&other);
        second.take_names(&one);
        assert_eq!(first.barred_lots, second.barred_lots);
        assert_eq!(first.barred_lots.len(), BARRED_LOTS_MAX);
        assert!(!first.barred_lots.contains(&named(9)));
    }

    #[test]
    fn mass_out_of_nowhere_is_untraced_and_what_processing_lost_is_not() {
        let grown = view(lot("C", 2_000 * KG, &[Combination]))
            .with_input(lot("A", KG, &[]), Some(1_000 * KG));
        let one = traced(WHOLE, "RW", 0);
        assert_eq!(Custody::of(&grown, false, &[Inherited::From(&one)]).traced, WHOLE / 2);
        let shrunk =
            view(lot("C", 100 * KG, &[Processing])).with_input(lot("A", KG, &[]), Some(1_000 * KG));
        assert_eq!(Custody::of(&shrunk, false, &[Inherited::From(&one)]).traced, WHOLE);
    }

    #[test]
    fn a_ring_of_lots_leads_back_to_nothing() {
        let mut view = view(lot("C", KG, &[])).with_input(lot("A", KG, &[]), Some(KG));
        view.is_in_cycle = true;
        let one = traced(WHOLE, "RW", 0);
        assert_eq!(Custody::of(&view, false, &[Inherited::From(&one)]), Custody::default());
    }
}
