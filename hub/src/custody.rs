//! From where lots come, and where they went.
//!
//! Answers for a lot or a certificate: every lot before it, or after it, with what went
//! from one to the other, how much of each leads back to production lots, and the worst
//! status of the sites behind it. Reads the tables of lots and of sites, and writes
//! nothing.
//!
//! The store tells which lots may be meant, by one recursive question over their numbers;
//! which lot a number means is decided by the rules' own code, so that this and a finding
//! never disagree. A ring ends where it began, and a lot that names itself is a change of
//! custody, not a ring.

mod graph;
mod lines;
mod read;
mod status;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, civil::Date};
use rmd_reconcile::{
    Context, Coverage, Parameters,
    part::{Known, Wanted},
    region::{Covered, Region},
};
use rmd_standard::effective::Policy;
use serde::Serialize;
use sqlx::AnyConnection;

use crate::{share, store};

pub(crate) use graph::{Lineage, Link, Node, Step};
pub(crate) use status::Behind;

/// Lots that one question reads; of more it tells that it was cut.
pub(crate) const LOTS_MAX: usize = 100_000;

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// To what was there before.
    Ancestors,
    /// To what came of it.
    Descendants,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) way: Way,
    /// Key of a lot or of a certificate.
    pub(crate) key: &'a str,
    /// Steps to go at most; all of them if none.
    pub(crate) depth: Option<u32>,
    /// Day on which statuses are told, and by when something had to be known.
    pub(crate) day: Date,
    pub(crate) now: Timestamp,
    pub(crate) policy: &'a Policy,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Sites and decisions.
    #[error(transparent)]
    Share(#[from] share::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The lots before or after one, or none if there is no such lot and no such certificate.
pub(crate) async fn trace(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
) -> Result<Option<Lineage>, Error> {
    let Some(start) = read::start(connection, asked.key).await? else { return Ok(None) };
    let found = lines::around(connection, &start, &asked).await?;
    let region = read::region(connection, &found.keys).await?;
    let covered = match &start {
        read::Start::Lot(lots) => Covered { lots: lots.clone(), ..Covered::default() },
        read::Start::Certificate { fact, .. } => region.covered(fact),
    };
    let inputs = region.inputs();
    let mut lineage = graph::follow(&region, &inputs, covered, &asked);
    lineage.is_cut |= found.is_cut;
    inherit(connection, &region, &mut lineage, asked.day).await?;
    status::tell(connection, &region, &inputs, &mut lineage, &asked).await?;
    Ok(Some(lineage))
}

/// What share of each lot leads back to production lots, and which lots stand in rings.
async fn inherit(
    connection: &mut AnyConnection,
    region: &Region,
    lineage: &mut Lineage,
    day: Date,
) -> Result<(), Error> {
    let mut coverage = Coverage::default();
    for (country, entity) in read::live(connection).await? {
        coverage.set_live(&country, entity);
    }
    let context = Context::new(day, Parameters::default(), coverage);
    let lots: BTreeSet<Arc<str>> =
        region.lots.iter().filter(|(_, lot)| !lot.is_void).map(|(key, _)| key.clone()).collect();
    let wanted = Wanted { lots, ..Wanted::default() };
    let judgement = region.judge_part(&wanted, &Known::default(), &context);
    let rings: BTreeSet<&Arc<str>> = judgement.rings.iter().flatten().collect();
    for (key, node) in &mut lineage.nodes {
        node.is_in_ring = rings.contains(key);
        if let Some(custody) = judgement.custody.get(key) {
            // Shares are billionths there.
            node.traced_ppm = custody.traced / 1_000;
            node.open_ppm = custody.open / 1_000;
            node.origins = custody.origins.iter().cloned().collect();
        }
    }
    let shown = judgement.rings.into_iter().filter(|ring| {
        let mut lots = ring.iter();
        lots.any(|lot| lineage.nodes.contains_key(lot))
    });
    lineage.rings = shown.map(|ring| ring.into_iter().collect()).collect();
    Ok(())
}
