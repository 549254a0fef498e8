//! A capture of everything into a copy of the journal, to see what would come of it.
//!
//! Owns nothing but the order: copy, read all, compare. The passes are those of
//! capture, so that what a rehearsal counts is what a capture appends, and what the
//! brake holds of it is what it would hold.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rmd_feed::FeedKey;
use rmd_runtime::clock::SharedClock;
use rmd_standard::Entity;
use serde::Serialize;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Context, Notes, Settings, pass_over_all};
use crate::hours::Opening;
use crate::journal::{
    self, Store,
    brake::Limits,
    rehearsal::{Comparison, Rehearsal},
};
use crate::mapping::Mapping;
use crate::source::Source;

/// The interval of a capture that ends after one pass.
const INTERVAL: Duration = Duration::from_secs(10);

/// What is rehearsed.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    /// The national database.
    pub(crate) source: Source,
    /// The mapping to be tried.
    pub(crate) mapping: Mapping,
    /// The journal that is only read.
    pub(crate) store: &'a Store,
    /// Its file.
    pub(crate) path: &'a Path,
    /// An empty folder for the copy, with as much room as the journal.
    pub(crate) dir: TempDir,
    /// The state, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Examples of each kind.
    pub(crate) examples: u32,
    /// Of the node's brake.
    pub(crate) limits: Limits,
    /// The key of the node's feeds, by which erased content is known; none before it has one.
    pub(crate) seals: Option<FeedKey>,
}

/// What would come of one record type.
#[derive(Debug, Serialize)]
pub(crate) struct Rehearsed {
    /// Name of the record type.
    pub(crate) entity: &'static str,
    /// Rows read, those of lists included; none if the mapping does not have it.
    pub(crate) rows_read: Option<u64>,
    /// Why reading ended early; what was read until then is counted.
    pub(crate) error: Option<String>,
    /// The counts.
    #[serde(flatten)]
    pub(crate) comparison: Comparison,
}

/// Reads the whole source through the mapping and compares with what is published.
pub(crate) async fn rehearse(play: Play<'_>) -> Result<Vec<Rehearsed>, journal::Error> {
    let clock: SharedClock = Arc::clone(play.store.clock());
    let rehearsal =
        Rehearsal::new(play.path, play.store, play.dir, play.limits, play.seals).await?;
    let mapping = Arc::new(play.mapping);
    let context = Context {
        source: play.source,
        mapping: Arc::clone(&mapping),
        journal: rehearsal.journal.clone(),
        // A person asked for it now.
        opening: Opening::always(Arc::clone(&clock)),
        clock,
        country: play.country,
        settings: Settings { notes: Notes::LeftAlone, ..Settings::every(INTERVAL) },
        shutdown: CancellationToken::new(),
    };
    let mut passes = pass_over_all(&context, true).await;
    let mut rehearsed = Vec::new();
    for entity in Entity::ALL {
        let place = passes.iter().position(|(name, _)| *name == entity.name());
        let pass = place.map(|place| passes.swap_remove(place).1);
        let comparison = rehearsal.compare(entity, play.examples).await?;
        // A record type that the mapping leaves out keeps what it has published.
        if pass.is_none() && comparison.unchanged == 0 {
            continue;
        }
        let (rows_read, error) = match pass {
            None => (None, None),
            Some(Ok(rows)) => (Some(rows), None),
            Some(Err(error)) => (Some(0), Some(super::connection::chain(&error))),
        };
        rehearsed.push(Rehearsed { entity: entity.name(), rows_read, error, comparison });
    }
    Ok(rehearsed)
}
