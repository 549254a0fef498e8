//! Refused entries, applied again.
//!
//! What an older version could not decode, or what its rules refused, is taken
//! from the ledger with its exact bytes and goes the way of every entry: examined,
//! written to the tables, or refused again. Only the newest revision of a record
//! is, so nothing old comes back. A step is one transaction that holds the cursor
//! of the feed, as a frame does: it is safe beside a running hub, may be cut
//! anywhere, and repeated.

mod row;

use std::collections::BTreeMap;

use prost::Message as _;
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1;
use rmd_runtime::SharedClock;
use rmd_standard::{Context, country};
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use self::row::{Row, delete, is_outdated, keep_as_applied, refusing, renew, stands};
use super::first_rule;
use crate::{
    cases, ledger,
    regional::{self, Examined, Incoming, Owner},
    registry::node,
    standing::intake,
    store::{self, Store, Transaction},
    verdict::{self, source},
};

/// Refused entries in one question: as many as one frame mostly has.
const PAGE: i64 = 256;

/// Which refused entries are meant; none for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    pub(crate) node_id: Option<String>,
    pub(crate) feed: Option<String>,
}

/// What became of the refused entries of one feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    /// Entries that were looked at.
    pub(crate) looked_at: u64,
    /// Entries that are applied now.
    pub(crate) applied: u64,
    /// Entries that are refused still, by their first rule.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Entries that are not the newest of their record.
    pub(crate) outdated: u64,
}

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No node of that name is enrolled.
    #[error("node {0} is not enrolled\nle nœud {0} n'est pas inscrit")]
    NodeUnknown(String),
    /// The levels in force cannot be read.
    #[error(transparent)]
    Verdict(#[from] verdict::Error),
    /// The nodes cannot be read.
    #[error(transparent)]
    Registry(#[from] crate::registry::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// How many refused entries stand.
pub(crate) async fn count(store: &Store, which: &Which) -> Result<u64, Error> {
    let mut connection = store.acquire().await?;
    if let Some(id) = &which.node_id
        && node::find(&mut connection, id).await?.is_none()
    {
        return Err(Error::NodeUnknown(id.clone()));
    }
    let row = sqlx::query(
        "SELECT COUNT(*) FROM quarantine
         WHERE superseded_by_seq IS NULL
           AND ($1 = '' OR node_id = $1) AND ($2 = '' OR feed = $2)",
    )
    .bind(which.node_id.as_deref().unwrap_or_default())
    .bind(which.feed.as_deref().unwrap_or_default())
    .fetch_one(&mut *connection)
    .await?;
    Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
}

/// Applies the refused entries again. `progress` is told how many were looked at;
/// a dry run does the same work and keeps nothing.
pub(crate) async fn reapply(
    store: &Store,
    clock: &SharedClock,
    which: &Which,
    is_dry: bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes: BTreeMap<(String, String), Outcome> = BTreeMap::new();
    let mut after = None;
    let mut looked_at = 0;
    while let Some(page) = page(store, which, after.as_ref()).await? {
        after = page.last().cloned();
        let first = &page[0];
        let name = (first.node_id.clone(), first.feed.clone());
        let outcome = outcomes.entry(name).or_insert_with(|| Outcome {
            node_id: first.node_id.clone(),
            feed: first.feed.clone(),
            ..Outcome::default()
        });
        let mut transaction = store.begin().await?;
        let step = Step::open(&mut transaction, first, clock).await?;
        for row in &page {
            step.judge(&mut transaction, row, outcome).await?;
        }
        if !is_dry {
            transaction.commit().await?;
        }
        looked_at += page.len() as u64;
        progress(looked_at);
    }
    Ok(outcomes.into_values().collect())
}

/// The next refused entries of one feed; none at the end.
async fn page(
    store: &Store,
    which: &Which,
    after: Option<&Row>,
) -> Result<Option<Vec<Row>>, Error> {
    let mut rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, feed, epoch, seq, entity, record_key, rev, op, rule, findings,
                captured_at_us, received_at_us
         FROM quarantine
         WHERE superseded_by_seq IS NULL
           AND ($1 = '' OR node_id = $1) AND ($2 = '' OR feed = $2)
           AND (node_id > $3
                OR (node_id = $3 AND feed > $4)
                OR (node_id = $3 AND feed = $4 AND epoch > $5)
                OR (node_id = $3 AND feed = $4 AND epoch = $5 AND seq > $6))
         ORDER BY node_id, feed, epoch, seq
         LIMIT $7",
    )
    .bind(which.node_id.as_deref().unwrap_or_default())
    .bind(which.feed.as_deref().unwrap_or_default())
    .bind(after.map_or("", |row| &row.node_id).to_owned())
    .bind(after.map_or("", |row| &row.feed).to_owned())
    .bind(after.map_or(0, |row| row.epoch))
    .bind(after.map_or(0, |row| row.seq))
    .bind(PAGE)
    .fetch_all(&mut *store.acquire().await?)
    .await?;
    let Some(first) = rows.first().cloned() else { return Ok(None) };
    let feed = |row: &Row| (row.node_id.clone(), row.feed.clone(), row.epoch);
    let end = rows.partition_point(|row| feed(row) == feed(&first));
    rows.truncate(end);
    Ok(Some(rows))
}

/// One transaction over refused entries of one feed.
struct Step {
    owner: Owner,
    levels: regional::Levels,
    context: Context,
}

impl Step {
    /// Holds the cursor of the feed, so that no frame lands meanwhile.
    async fn open(
        transaction: &mut Transaction,
        first: &Row,
        clock: &SharedClock,
    ) -> Result<Self, Error> {
        // None where the feed began anew since: there is nothing to hold then.
        sqlx::query(
            "UPDATE feed_cursor SET updated_at_us = updated_at_us WHERE node_id = $1 AND feed = $2",
        )
        .bind(&first.node_id)
        .bind(&first.feed)
        .execute(&mut **transaction)
        .await?;
        let node = node::find(transaction, &first.node_id).await?;
        let node = node.ok_or_else(|| Error::NodeUnknown(first.node_id.clone()))?;
        let country = country::alpha2_of(&node.country).unwrap_or_default().to_owned();
        let owner = Owner {
            node_id: first.node_id.clone(),
            country: country.clone(),
            feed: first.feed.clone(),
            epoch: u32::try_from(first.epoch).map_err(|_| first.inconsistent("epoch"))?,
        };
        let levels = source::in_force(transaction, &first.node_id).await?;
        let zone = jiff::tz::TimeZone::UTC;
        let context = Context { country, today: clock.today(), zone };
        Ok(Self { owner, levels, context })
    }

    async fn judge(
        &self,
        transaction: &mut Transaction,
        row: &Row,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        // Another process may have taken it meanwhile.
        if !stands(transaction, row).await? {
            return Ok(());
        }
        outcome.looked_at += 1;
        if is_outdated(transaction, row).await? {
            outcome.outdated += 1;
            return Ok(());
        }
        let entry = self.entry(transaction, row).await?;
        let outcome_of_one = if self.owner.feed == cases::ANSWERS {
            self.answer(transaction, row, entry).await?
        } else {
            let examined = regional::examine(entry, &self.owner, &self.context);
            self.apply(transaction, row, examined).await?
        };
        match outcome_of_one {
            None => outcome.applied += 1,
            Some(rule) => *outcome.refused.entry(rule).or_default() += 1,
        }
        Ok(())
    }

    /// Keeps an answer that can be read now; the rule that still refuses it.
    async fn answer(
        &self,
        transaction: &mut Transaction,
        row: &Row,
        entry: StoredEntry,
    ) -> Result<Option<String>, Error> {
        let (owner, at_us) = (&self.owner, row.received_at_us);
        let refused = cases::take(transaction, owner, &self.context, vec![entry], at_us).await?;
        if let Some(refused) = refused.first() {
            return Ok(Some(first_rule(&refused.findings).to_owned()));
        }
        delete(transaction, row).await?;
        Ok(None)
    }

    /// The entry as its owner wrote it.
    async fn entry(&self, connection: &mut AnyConnection, row: &Row) -> Result<StoredEntry, Error> {
        let wrong = || row.inconsistent("seq");
        let stored = ledger::holding(connection, &self.owner, row.seq.unsigned_abs()).await?;
        let stored = stored.ok_or_else(wrong)?;
        let frame = v1::Frame::decode(stored.frame.as_slice()).map_err(|_| wrong())?;
        let entries = frame::open(&frame).map_err(|_| wrong())?;
        let entry = entries.into_iter().find(|entry| entry.seq() == row.seq.unsigned_abs());
        Ok(entry.ok_or_else(wrong)?)
    }

    /// Applies one entry, or notes why not; the rule that still refuses it.
    async fn apply(
        &self,
        transaction: &mut Transaction,
        row: &Row,
        examined: Examined,
    ) -> Result<Option<String>, Error> {
        if let Err(findings) = &examined.outcome {
            let rule = first_rule(findings).to_owned();
            let findings = regional::findings_json(findings);
            if findings != row.findings {
                renew(transaction, row, &rule, &findings).await?;
            }
            return Ok(Some(rule));
        }
        // Its row goes, and comes back if what the store holds refuses it again.
        delete(transaction, row).await?;
        let incoming = Incoming {
            owner: &self.owner,
            levels: &self.levels,
            entries: vec![examined],
            received_at_us: row.received_at_us,
        };
        regional::apply(transaction, incoming).await?;
        let refusing = refusing(transaction, row).await?;
        if refusing.is_none() {
            keep_as_applied(transaction, row).await?;
            if intake::is_read(&row.entity) {
                intake::reapplied(transaction, &self.owner, row.seq, row.received_at_us).await?;
            }
        }
        verdict::due(transaction, &row.node_id, &row.entity, &row.record_key).await?;
        Ok(refusing)
    }
}
