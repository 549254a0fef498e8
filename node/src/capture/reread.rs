//! Re-reading rows by key, and finding the one that stops its query.
//!
//! Owns the halving: where a query stops at a value, the keys are asked for in halves
//! until the row stands alone. It is refused by itself, with the field that stops it;
//! all others are handed over. Invariant: each key that was asked for is handed over as
//! present, as gone or as refused, or is in what is returned.

use super::Error;
use super::pass::{Pass, item};
use crate::mapping::{self, Culprit};
use crate::source::Error as SourceError;

/// What a re-read came to.
#[derive(Debug, Default)]
pub(super) struct Reread {
    /// Numbers of the rows that were handed over.
    pub(super) row_ids: Vec<i64>,
    /// Rows that cannot be read, which nobody was told of yet.
    pub(super) stopping: Vec<Stopping>,
    /// Whether any key could be read.
    pub(super) is_readable: bool,
}

/// A row that stops the query which reads it.
#[derive(Debug)]
pub(super) struct Stopping {
    key: String,
    pub(super) error: SourceError,
    culprit: Option<Culprit>,
}

impl Pass<'_> {
    /// Re-reads rows by key: those that are there are normalised, the others are gone,
    /// and those that stop their query are refused.
    pub(super) async fn reread(&mut self, keys: &[String]) -> Result<(), Error> {
        let Reread { stopping, .. } = self.reread_apart(keys).await?;
        self.refuse(stopping).await.map(drop)
    }

    /// The same, without a word about those that stop their query.
    pub(super) async fn reread_apart(&mut self, keys: &[String]) -> Result<Reread, Error> {
        let mut done = Reread::default();
        let mut rest = keys;
        let mut most = usize::MAX;
        while !rest.is_empty() {
            self.stop_if_asked()?;
            let now = rest.len().min(self.keys()).min(most);
            let plan = self.plan;
            self.session.begin().await?;
            let read = match plan.read_among(self.session, &rest[..now]).await {
                Err(error) if error.is_of_a_row() && now > 1 => {
                    self.session.end().await?;
                    most = now / 2;
                    continue;
                }
                Err(error) if error.is_of_a_row() => {
                    self.session.end().await?;
                    done.stopping.push(self.stopping(&rest[0], error).await?);
                    (most, rest) = (usize::MAX, &rest[1..]);
                    continue;
                }
                read => read,
            };
            let Some(read) = self.unless_slow(read).await? else { continue };
            let held = self.session.end().await?;
            let applied = self.apply_among(&rest[..now], &read, None).await?;
            done.row_ids.extend(applied.row_ids.into_iter().flatten());
            done.is_readable = true;
            self.pace(read.rows(), held).await?;
            rest = &rest[now..];
        }
        Ok(done)
    }

    /// Refuses rows that stop their query; their numbers.
    pub(super) async fn refuse(&mut self, stopping: Vec<Stopping>) -> Result<Vec<i64>, Error> {
        if stopping.is_empty() {
            return Ok(Vec::new());
        }
        let entity = self.plan.entity();
        let refused = stopping.into_iter().map(|Stopping { key, error, culprit }| {
            item(mapping::ungiven(entity, &key, &error, culprit.as_ref()))
        });
        let applied = self.apply(refused.collect(), None).await?;
        Ok(applied.row_ids.into_iter().flatten().collect())
    }

    /// Looks for the field of a row that stops its query.
    async fn stopping(&mut self, key: &str, error: SourceError) -> Result<Stopping, Error> {
        let mut culprit = None;
        if self.culprits_left > 0 {
            self.culprits_left -= 1;
            culprit = self.plan.culprit(self.session, key).await?;
        }
        Ok(Stopping { key: key.to_owned(), error, culprit })
    }
}
