//! What lots inherit, of those that were judged last.
//!
//! Kept as the store keeps it, in few bytes: a lot is judged long before those that took
//! of it. Bounded: what was judged longest ago is forgotten, and is in the store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rmd_reconcile::view::Custody;

use super::custody;

/// Lots of which it is remembered, in each of two halves; at some hundred bytes each.
const INHERITED: usize = 80_000;

/// A bounded memory.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    young: HashMap<Arc<str>, Box<[u8]>>,
    old: HashMap<Arc<str>, Box<[u8]>>,
}

impl Inherited {
    /// What a lot inherits, if it is remembered.
    pub(super) fn get(&self, key: &str) -> Option<Custody> {
        let bytes = self.young.get(key).or_else(|| self.old.get(key))?;
        custody::read(bytes).map(|(custody, _)| custody)
    }

    /// Remembers what lots inherit before it is written; what is not written yet is never
    /// forgotten.
    pub(super) fn keep(&mut self, custody: &BTreeMap<Arc<str>, Custody>, is_all_kept: bool) {
        if is_all_kept && self.young.len() + custody.len() > INHERITED {
            self.old = std::mem::take(&mut self.young);
        }
        let bytes = |custody| custody::write(custody, false).into_boxed_slice();
        self.young.extend(custody.iter().map(|(key, one)| (Arc::clone(key), bytes(one))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_judged_last_is_remembered_and_what_was_judged_long_ago_is_not() {
        let mut inherited = Inherited::default();
        let page = |at: usize| -> BTreeMap<Arc<str>, Custody> {
            let custody = Custody { rank: 7, ..Custody::default() };
            let key = |lot: usize| Arc::from(format!("CD/P/{}", at * 20_000 + lot));
            (0..20_000).map(|lot| (key(lot), custody.clone())).collect()
        };
        for at in 0..12 {
            inherited.keep(&page(at), true);
            assert!(inherited.young.len() + inherited.old.len() <= 2 * INHERITED);
        }
        assert_eq!(inherited.get("CD/P/239999").map(|one| one.rank), Some(7));
        assert_eq!(inherited.get("CD/P/0"), None);
        // Nothing is forgotten where it is kept nowhere else.
        for at in 0..12 {
            inherited.keep(&page(at), false);
        }
        assert!((0..240_000).all(|lot| inherited.get(&format!("CD/P/{lot}")).is_some()));
    }
}
