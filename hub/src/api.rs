//! The regional view over the standard's REST API, read-only.
//!
//! Owns the keys with which it is read, what each key may see, and the answers
//! of the store; paths, parameters and documents are those of `rmd-api`. Refuses
//! to give anything without a key, anything that a state did not release, and
//! anything in shadow. No answer is older than the tables.

mod backend;
mod cache;
mod caller;
mod filter;
pub(crate) mod key;
mod list;
mod record;
mod shelf;
mod sums;
mod table;
#[cfg(test)]
mod tests;
mod usage;

use std::num::NonZeroU32;

use axum::{Router, middleware};
use rmd_api::Settings;
use rmd_runtime::SharedClock;

use self::cache::Cache;
pub(crate) use self::usage::Usage;
use crate::{config, store::Store};

/// What answers of the API are made of. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    store: Store,
    clock: SharedClock,
    cache: Cache,
    usage: Usage,
}

impl Api {
    /// The API over that store.
    pub(crate) fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock, cache: Cache::default(), usage: Usage::default() }
    }

    /// What was read with each key.
    pub(crate) fn usage(&self) -> Usage {
        self.usage.clone()
    }

    /// Everything below `/v1`.
    pub(crate) fn router(self, config: &config::Api) -> Router {
        let mut settings = Settings::new(env!("CARGO_PKG_VERSION"), self.clock.clone());
        settings.requests_per_minute = NonZeroU32::new(config.requests_per_minute);
        rmd_api::router(self, settings).layer(middleware::from_fn(caller::remember))
    }
}

/// Run for each page or request; the tests look how the stores find the rows.
#[cfg(test)]
pub(crate) use shelf::TALLY;
