//! Closing a month: its figures frozen with what they rest on.
//!
//! Everything is read from one moment of the store: the figures, and of every followed
//! feed the checkpoint that its owner signed at the size up to which it was applied. With
//! the closing leaves a public edition of the year's statistics. A month may be closed
//! again after corrections; if none of its figures changed, the last edition stands.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rmd_reconcile::Parameters;
use rmd_runtime::SharedClock;
use rmd_standard::country;
use serde::Serialize;
use sha2::Digest as _;
use sqlx::{AnyConnection, Row as _};

use super::{DATED_FEED, Error, Month, records, shelf};
use crate::{
    follow::cursor,
    registry::{entitlement::Level, node},
    share::decision,
    statistics::{self, Figure, Published, figure},
    store::Store,
    verdict::source,
};

/// One edition of a closed month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Closing {
    pub(crate) month: Month,
    /// Counts up from 1.
    pub(crate) edition: i64,
    pub(crate) closed_at_us: i64,
    /// The evaluation day.
    pub(crate) closed_on: Date,
    pub(crate) closed_by: String,
    /// Version of the limits in force.
    pub(crate) parameters_version: u32,
    /// The feeds as they stood.
    pub(crate) feeds: Vec<FeedMark>,
    /// What each state had reported.
    pub(crate) reports: Vec<Report>,
    /// The figures: internal, with figures of fewer than three.
    pub(crate) figures: Vec<Figure>,
    /// SHA-256 over all of the above, in hexadecimal.
    pub(crate) digest: String,
}

/// A followed feed as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeedMark {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    /// Alpha-2.
    pub(crate) country: String,
    pub(crate) epoch: u32,
    /// Entries that were applied.
    pub(crate) size: u64,
    /// Root of the tree over them, in hexadecimal.
    pub(crate) root: String,
    /// The owner's signed note.
    pub(crate) checkpoint: String,
    /// The key that was pinned.
    pub(crate) feed_vkey: String,
    /// Its record types that counted.
    pub(crate) levels: Vec<String>,
}

/// What a state had reported of the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Alpha-2.
    pub(crate) country: String,
    pub(crate) feed: String,
    /// Records of the month.
    pub(crate) records: u64,
    /// Whether its own statement that the month is complete was there.
    pub(crate) is_stated: bool,
}

/// What closing a month did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Closed {
    /// No: nothing of the month changed since this edition.
    pub(crate) is_new: bool,
    pub(crate) closing: Closing,
    /// The public edition that left with it.
    pub(crate) published: Published,
}

impl Closing {
    /// The digest as the content gives it.
    pub(crate) fn computed_digest(&self) -> String {
        let whole = (
            (self.month, self.edition, self.closed_at_us, self.closed_on, &self.closed_by),
            (self.parameters_version, &self.feeds, &self.reports, &self.figures),
        );
        let bytes = serde_json::to_vec(&whole).expect("a closing is texts and numbers");
        hex::encode(sha2::Sha256::digest(bytes))
    }
}

/// Closes a month by the word of somebody.
pub(crate) async fn close(
    store: &Store,
    clock: &SharedClock,
    parameters: &Parameters,
    month: Month,
    by: &str,
) -> Result<Closed, Error> {
    let today = clock.today();
    let ends = month.first_day().last_of_month();
    if today <= ends {
        return Err(Error::NotOver { month, ends, today });
    }
    let by = by.trim();
    decision::check_word("--by", by, decision::BY_CHARS_MAX).map_err(|_| Error::Nobody)?;
    let mut snapshot = store.snapshot().await?;
    let mut closing = Closing {
        month,
        edition: 1,
        closed_at_us: clock.now().as_microsecond(),
        closed_on: today,
        closed_by: by.to_owned(),
        parameters_version: parameters.version,
        feeds: feeds(&mut snapshot).await?,
        reports: reports(&mut snapshot, month).await?,
        figures: figure::between(&mut snapshot, month, month).await?,
        digest: String::new(),
    };
    drop(snapshot);
    let mut transaction = store.begin().await?;
    if let Some(last) = last(&mut transaction, month).await? {
        if (&last.figures, &last.reports) == (&closing.figures, &closing.reports) {
            let published = Published::default();
            return Ok(Closed { is_new: false, closing: last, published });
        }
        closing.edition = last.edition + 1;
    }
    closing.digest = closing.computed_digest();
    let inserted = shelf::insert(&mut transaction, &closing).await;
    inserted.map_err(
        |error| {
            if error.is_taken() { Error::Taken(month) } else { Error::Store(error) }
        },
    )?;
    let published = publish(&mut transaction, &closing).await?;
    transaction.commit().await?;
    Ok(Closed { is_new: true, closing, published })
}

async fn publish(connection: &mut AnyConnection, closing: &Closing) -> Result<Published, Error> {
    let of_year: BTreeSet<Month> = closing.month.months_of_year().into_iter().collect();
    let closed = shelf::closed(connection).await?;
    let closed: BTreeMap<Month, i64> =
        closed.into_iter().filter(|(month, _)| of_year.contains(month)).collect();
    let mut figures = Vec::new();
    for (month, edition) in &closed {
        let one = shelf::load(connection, *month, *edition).await?;
        figures.extend(one.into_iter().flat_map(|one| one.figures));
    }
    let months = closed.into_keys().collect();
    let (year, now_us) = (closing.month.year(), closing.closed_at_us);
    Ok(statistics::publish(connection, &year, &months, &figures, now_us).await?)
}

/// One edition of a month, or its last.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    month: Month,
    edition: Option<i64>,
) -> Result<Closing, Error> {
    let loaded = match edition {
        Some(edition) => shelf::load(connection, month, edition).await?,
        None => last(connection, month).await?,
    };
    loaded.ok_or(Error::Unknown(month))
}

/// The last edition of every month that was closed, without their figures.
pub(crate) async fn list(connection: &mut AnyConnection) -> Result<Vec<Closing>, Error> {
    let mut list = Vec::new();
    for (month, edition) in shelf::closed(connection).await? {
        list.extend(shelf::load(connection, month, edition).await?);
    }
    Ok(list)
}

async fn last(connection: &mut AnyConnection, month: Month) -> Result<Option<Closing>, Error> {
    match shelf::closed(connection).await?.get(&month) {
        Some(edition) => shelf::load(connection, month, *edition).await,
        None => Ok(None),
    }
}

/// Every followed feed of which something was applied.
async fn feeds(connection: &mut AnyConnection) -> Result<Vec<FeedMark>, Error> {
    let nodes = node::all(connection).await?;
    let mut marks = Vec::new();
    for one in cursor::all(connection).await? {
        let node = nodes.iter().find(|node| node.id == one.node_id);
        let Some((node, checkpoint)) = node.zip(one.position.checkpoint) else { continue };
        let Some(country) = country::alpha2_of(&node.country) else { continue };
        let in_force = source::in_force(connection, &node.id).await?.into_iter();
        let levels = in_force
            .filter(|(entity, level)| *level == Level::Live && entity.feed() == one.feed)
            .map(|(entity, _)| entity.name().to_owned());
        marks.push(FeedMark {
            country: country.to_owned(),
            checkpoint,
            feed_vkey: node.feed_vkey.clone(),
            levels: levels.collect(),
            node_id: one.node_id,
            feed: one.feed,
            epoch: one.epoch,
            size: one.cursor,
            root: one.root,
        });
    }
    Ok(marks)
}

/// What each state had reported of the month.
async fn reports(connection: &mut AnyConnection, month: Month) -> Result<Vec<Report>, Error> {
    let rows = sqlx::query(
        "SELECT country FROM reporting_period \
         WHERE void = 0 AND period = $1 AND feed = $2 AND record_count IS NOT NULL",
    )
    .bind(month.to_string())
    .bind(DATED_FEED)
    .fetch_all(&mut *connection)
    .await?;
    let stated = rows.iter().map(|row| row.try_get("country"));
    let stated = stated.collect::<Result<BTreeSet<String>, _>>()?;
    let counts = records::count(connection, month, 0).await?;
    let countries: BTreeSet<&String> = stated.iter().chain(counts.keys()).collect();
    let report = |country: &String| Report {
        country: country.clone(),
        feed: DATED_FEED.to_owned(),
        records: counts.get(country).map_or(0, |count| count.records),
        is_stated: stated.contains(country),
    };
    Ok(countries.into_iter().map(report).collect())
}
