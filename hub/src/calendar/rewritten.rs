//! What states changed of months that the Secretariat had closed.
//!
//! Held against the first edition of a month in which the state's own statement was
//! there: what a state reports late it does not rewrite. A record counts once, however
//! often it was revised: revised, withdrawn, moved to another month, or added. Whether a
//! revision came after the closing is told by its place in the owner's feed, so the answer
//! depends on no clock. Where a feed began a new epoch meanwhile, it cannot be told.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::Serialize;
use sqlx::AnyConnection;

use super::{DATED_FEED, Month, records, shelf};
use crate::store;

/// Records of a state's month when it was closed, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Rewritten {
    /// Records that were there.
    pub(crate) records: u64,
    /// Records that changed since, came or went.
    pub(crate) changed: u64,
}

/// What each state (alpha-2) rewrote of a month; none of it if the month was not closed.
pub(crate) async fn of_month(
    connection: &mut AnyConnection,
    month: Month,
) -> Result<BTreeMap<String, Rewritten>, store::Error> {
    let mut first_stated: BTreeMap<String, (i64, u64)> = BTreeMap::new();
    for report in shelf::reports(connection, month).await? {
        if report.is_stated && report.feed == DATED_FEED {
            first_stated.entry(report.country).or_insert((report.edition, report.records));
        }
    }
    let mut counts = BTreeMap::new();
    let mut rewritten = BTreeMap::new();
    for (country, (edition, records)) in first_stated {
        let of_edition = match counts.entry(edition) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(records::count(connection, month, edition).await?),
        };
        let count = of_edition.get(&country).copied().unwrap_or_default();
        if count.unknown > 0 {
            continue;
        }
        let gone_or_revised = records.saturating_sub(count.unchanged);
        // A record that came and was revised since is seen in the second of both alone.
        let changed = (gone_or_revised + count.added).max(count.later);
        rewritten.insert(country, Rewritten { records, changed });
    }
    Ok(rewritten)
}

/// The same of every month that was closed, from a month on: by state (alpha-2), month
/// and feed, records at the close and changed since.
pub(crate) async fn since(
    connection: &mut AnyConnection,
    first: Month,
) -> Result<BTreeMap<(String, String, String), (u64, u64)>, store::Error> {
    let mut all = BTreeMap::new();
    let closed = shelf::closed(connection).await?;
    for month in closed.into_keys().filter(|month| *month >= first) {
        for (country, one) in of_month(connection, month).await? {
            let key = (country, month.to_string(), DATED_FEED.to_owned());
            all.insert(key, (one.records, one.changed));
        }
    }
    Ok(all)
}
