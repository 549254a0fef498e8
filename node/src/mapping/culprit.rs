//! Which field of a row stops the query that reads it.
//!
//! Asks for one column at a time, each in a snapshot of its own, since a server ends
//! the transaction in which a statement failed. Invariant: what a source says of the
//! value is told by its code alone; its words quote what may not leave it.

use super::plan::{Plan, QueryPlan};
use super::read::around;
use super::template::{Condition, Template};
use crate::source::{Error, Session};

/// A field whose value stops its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Culprit {
    /// The alias, behind the name of its list.
    pub(super) path: String,
    /// What the source said, without the value.
    pub(super) said: String,
}

impl Culprit {
    fn of(list: &str, name: &str, error: &Error) -> Self {
        let path = format!("{list}.{name}").trim_start_matches('.').to_owned();
        Self { path, said: error.for_log() }
    }
}

impl Plan<'_> {
    /// The first field that cannot be read of the row of this key; none if that is no
    /// field of its own, or if the row can be read by now.
    pub(crate) async fn culprit(
        &self,
        session: &mut Session,
        key: &str,
    ) -> Result<Option<Culprit>, Error> {
        let own = (&self.record.rows, &self.rows, "");
        let lists = self.record.children.iter().zip(&self.children);
        let lists = lists.map(|(child, plan)| (&child.rows, plan, child.list));
        for (query, plan, list) in std::iter::once(own).chain(lists) {
            // Where not even the key can be read, each field would seem to be the one.
            if probe(session, query, plan, "_key", key).await?.is_some() {
                return Ok(None);
            }
            if let Some((name, error)) = first(session, query, plan, key).await? {
                return Ok(Some(Culprit::of(list, &name, &error)));
            }
        }
        Ok(None)
    }
}

/// The first column of a query that cannot be read of a row, and why.
async fn first(
    session: &mut Session,
    query: &Template,
    plan: &QueryPlan<'_>,
    key: &str,
) -> Result<Option<(String, Error)>, Error> {
    for field in &plan.fields {
        if let Some(error) = probe(session, query, plan, &field.name, key).await? {
            return Ok(Some((field.name.clone(), error)));
        }
    }
    Ok(None)
}

/// Reads one column of a row; why it cannot be read, if that is for the row.
async fn probe(
    session: &mut Session,
    query: &Template,
    plan: &QueryPlan<'_>,
    column: &str,
    key: &str,
) -> Result<Option<Error>, Error> {
    let keys = [key.to_owned()];
    let column = format!("rmd_rows.\"{column}\"");
    let condition = Condition::Among { key: &plan.key, keys: &keys };
    let statement = around(session, &column, query, condition);
    session.begin().await?;
    let read = session.fetch(&statement, super::PAGE_ROWS_MAX).await;
    session.end().await?;
    match read {
        Ok(_) => Ok(None),
        Err(error) if error.is_of_a_row() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
