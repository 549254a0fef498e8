//! Reconciliation: what the records of several states say about each other.
//!
//! Owns findings with their history, and what it takes to keep them up to date record by
//! record: names of records as they were judged, what lots inherit, which subjects the
//! clock brings back. The rules are `rmd-reconcile`'s; here the records around a subject
//! are found, and what the rules say is kept. A step reads from one moment of the store
//! and writes in one transaction; killed at any moment it is done again, never twice.
//!
//! Invariant: once nothing is left to do, the findings that are open are those that all
//! rules raise over all records of the regional view on the day, whatever came first.

mod custody;
mod directory;
mod drain;
mod erase;
mod feeds;
pub(crate) mod finding;
pub(crate) mod ground;
mod inherited;
mod kept;
pub(crate) mod lease;
mod load;
mod lots;
mod outcome;
mod province;
mod queue;
mod reach;
mod reader;
mod rings;
mod shelf;
pub(crate) mod show;
mod sorted;
mod states;
mod step;
mod task;
mod told;
pub(crate) mod turn;
mod whole;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use drain::{Engine, Report};
pub(crate) use erase::erase;
use reader::Reader;
pub(crate) use task::run;

use crate::{registry, share, store, verdict};

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A limit that was set is none that this program knows.
    #[error(transparent)]
    Parameters(#[from] rmd_reconcile::parameter::Error),
    /// The decisions about sites cannot be read.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The levels in force cannot be read.
    #[error(transparent)]
    Verdict(#[from] verdict::Error),
    /// The nodes cannot be read.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// A name that was kept cannot be read.
    #[error(transparent)]
    Name(#[from] rmd_reconcile::names::Unreadable),
    /// Another process is at it.
    #[error(transparent)]
    Held(#[from] lease::Held),
    /// The program is ending.
    #[error("judging was ended before its end · le rapprochement a été interrompu")]
    Ended,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// By what rules judge on a day, for whoever pairs or compares as they do.
pub(crate) async fn context(
    connection: &mut sqlx::AnyConnection,
    day: jiff::civil::Date,
    policy: &rmd_standard::effective::Policy,
) -> Result<rmd_reconcile::Context, Error> {
    Ok(ground::read(connection, day, policy).await?.context)
}
