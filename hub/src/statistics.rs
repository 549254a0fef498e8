//! Production, exports, imports and stocks: by state, mineral and month.
//!
//! Owns the figures, which are sums of the typed tables, and the tables that are made
//! public of them. The full form is the Secretariat's own. The public form shows closed
//! months alone and holds back every figure behind which stand fewer than three, and as
//! many others as it takes that nobody can compute one of these: see [`disclosure`].
//!
//! Invariant: what was published stays published, so a new edition is held against all
//! earlier ones before it leaves.

pub(crate) mod disclosure;
pub(crate) mod figure;
pub(crate) mod lines;
pub(crate) mod public;
mod shelf;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use figure::{Figure, Flow};
pub(crate) use public::{Published, public, publish};

use serde::Serialize;
use sqlx::AnyConnection;

use crate::{calendar::Month, store};

/// What cannot be summed or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// The full form: every figure of a year as the regional view has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Full {
    /// `internal`: not for publication.
    pub(crate) form: &'static str,
    /// As `2026`.
    pub(crate) year: String,
    pub(crate) figures: Vec<Figure>,
}

/// Sums a year.
pub(crate) async fn full(connection: &mut AnyConnection, in_year: Month) -> Result<Full, Error> {
    let months = in_year.months_of_year();
    let figures = figure::between(connection, months[0], months[11]).await?;
    Ok(Full { form: "internal", year: in_year.year(), figures })
}
