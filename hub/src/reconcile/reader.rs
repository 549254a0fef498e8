//! One moment of the store, and what the engine keeps beside it.
//!
//! Records are read from one moment, so that all that is judged together belongs
//! together. What the engine keeps itself changes by its own steps alone, and is read as
//! it is: a run over everything reads there what it wrote a batch before.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use rmd_reconcile::{part::Prices, view::Custody};
use sqlx::{Any, Transaction, pool::PoolConnection};

use super::{
    kept,
    shelf::{KeySet, Shelf},
};
use crate::store::{self, Store};

/// Records in memory, at some kilobytes each.
const SHELF: usize = 40_000;

/// Lots of which is remembered what they inherit.
const INHERITED: usize = 200_000;

/// Two connections and what was read over them.
pub(super) struct Reader {
    /// Records, of one moment.
    pub(super) records: Transaction<'static, Any>,
    /// What the engine keeps.
    pub(super) own: PoolConnection<Any>,
    pub(super) shelf: Shelf,
    /// What every certificate is worth, where that was asked for.
    pub(super) prices: Option<Prices>,
    /// Whether there are decisions about sites at all.
    pub(super) has_decisions: bool,
    young: HashMap<Arc<str>, Custody>,
    old: HashMap<Arc<str>, Custody>,
}

impl Reader {
    pub(super) async fn open(store: &Store) -> Result<Self, store::Error> {
        Ok(Self {
            own: store.acquire().await?,
            records: store.snapshot().await?,
            shelf: Shelf::new(SHELF),
            prices: None,
            has_decisions: false,
            young: HashMap::new(),
            old: HashMap::new(),
        })
    }

    /// What these lots inherit, as it was computed last; of a lot that was never judged
    /// nothing is known.
    pub(super) async fn custody(
        &mut self,
        lots: &KeySet,
    ) -> Result<BTreeMap<Arc<str>, Custody>, store::Error> {
        let (mut found, mut absent) = (BTreeMap::new(), Vec::new());
        for key in lots {
            match self.young.get(key).or_else(|| self.old.get(key)) {
                Some(custody) => drop(found.insert(Arc::clone(key), custody.clone())),
                None => absent.push(&**key),
            }
        }
        for (key, (custody, _)) in kept::custody(&mut self.own, &absent).await? {
            found.insert(key, custody);
        }
        Ok(found)
    }

    /// Remembers what lots inherit before it is written.
    pub(super) fn inherits(&mut self, custody: &BTreeMap<Arc<str>, Custody>, is_all_kept: bool) {
        // What is not written yet must not be forgotten.
        if is_all_kept && self.young.len() + custody.len() > INHERITED {
            self.old = std::mem::take(&mut self.young);
        }
        let new = custody.iter().map(|(key, custody)| (Arc::clone(key), custody.clone()));
        self.young.extend(new);
    }
}
