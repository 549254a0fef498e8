//! One moment of the store, and what the engine keeps beside it.
//!
//! Records are read from one moment, so that all that is judged together belongs
//! together. What the engine keeps itself changes by its own steps alone, and is read as
//! it is: a run over everything reads there what it wrote a batch before.

use std::{collections::BTreeMap, sync::Arc};

use rmd_reconcile::{part::Prices, view::Custody};
use sqlx::{Any, AnyConnection, Transaction, pool::PoolConnection};

use super::{
    inherited::Inherited,
    kept,
    shelf::{KeySet, Shelf},
};
use crate::store::{self, Kind, Store};

/// Records in memory, at some kilobytes each.
const SHELF: usize = 24_000;

/// The same while everything is judged: what was read once is mostly not read again.
const SHELF_OF_ALL: usize = 12_000;

/// Keeps so many KiB of pages while much is read or written on one connection; SQLite
/// would read the upper pages of its indexes again and again.
const WIDE: &str = "PRAGMA cache_size = -16384";

/// What SQLite does by itself, for all that read little.
const NARROW: &str = "PRAGMA cache_size = -2000";

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
    inherited: Inherited,
}

/// Lets a connection of SQLite keep many pages, or few again; PostgreSQL keeps its own.
pub(super) async fn widen(
    connection: &mut AnyConnection,
    kind: Kind,
    is_wide: bool,
) -> Result<(), store::Error> {
    if kind == Kind::Sqlite {
        sqlx::query(if is_wide { WIDE } else { NARROW }).execute(connection).await?;
    }
    Ok(())
}

impl Reader {
    pub(super) async fn open(store: &Store) -> Result<Self, store::Error> {
        Ok(Self {
            own: store.acquire().await?,
            records: store.snapshot().await?,
            shelf: Shelf::new(SHELF),
            prices: None,
            has_decisions: false,
            inherited: Inherited::default(),
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
            match self.inherited.get(key) {
                Some(custody) => drop(found.insert(Arc::clone(key), custody)),
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
        self.inherited.keep(custody, is_all_kept);
    }

    /// For a run over everything: each record is read about once.
    pub(super) async fn widen(&mut self, kind: Kind) -> Result<(), store::Error> {
        self.shelf = Shelf::new(SHELF_OF_ALL);
        widen(&mut self.records, kind, true).await
    }

    /// For whoever takes the connection next.
    pub(super) async fn narrow(&mut self, kind: Kind) -> Result<(), store::Error> {
        widen(&mut self.records, kind, false).await
    }
}
