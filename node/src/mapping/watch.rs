//! Tables whose changed rows are noted by a column of theirs.
//!
//! Owns the way from a noted value to the keys of the record: the value itself,
//! or a query of the mapping that looks them up. A look-up answers for the rows
//! as they are now: a link that is gone was a row of a watched table of its own,
//! whose old value was noted when it went.

use rmd_standard::{Entity, Refusal};

use super::culprit::Culprit;
use super::plan::LookupPlan;
use super::read::{bind_of, key_text};
use super::template::{Condition, Template};
use super::{Mode, Output, Plan, findings};
use crate::source::{Bind, Error, Session, Statement};

/// Rows that are noted by a column of theirs.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    /// The column of the watched table whose old and new values are noted.
    pub(crate) key: String,
    /// The way to the record's keys; none where the column holds them.
    pub(crate) lookup: Option<Lookup>,
}

/// The records that a noted value belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// What the noted value is compared with, in the names of the query's FROM.
    pub(crate) noted: String,
    /// The query that yields `_key` of the record and `_noted`.
    pub(crate) keys: Template,
}

/// What becomes of a row that stops the query which reads it.
pub(crate) fn ungiven(
    entity: Entity,
    key: &str,
    error: &Error,
    culprit: Option<&Culprit>,
) -> Output {
    let finding = culprit.map_or_else(
        || findings::ungiven(entity, key, &error.for_log()),
        |culprit| findings::stopping(entity, key, culprit),
    );
    let findings = vec![finding];
    let outcome = Err(Refusal { key: None, findings });
    Output { source_key: key.to_owned(), outcome, annulled: None, imprint: None }
}

/// Keys that a look-up found.
#[derive(Debug)]
pub(crate) struct Parents {
    /// The keys, each once by the comparing of the source.
    pub(crate) keys: Vec<String>,
    /// Where the next page begins; none behind the last.
    pub(crate) next: Option<Bind>,
}

impl Plan<'_> {
    /// The keys of the records that noted values belong to, `limit` at a time in the
    /// order of the source. In the open snapshot.
    pub(crate) async fn parents(
        &self,
        session: &mut Session,
        index: usize,
        noted: &[String],
        after: Option<&Bind>,
        limit: usize,
    ) -> Result<Parents, Error> {
        let (Some((lookup, plan)), false) = (self.lookup(index), noted.is_empty()) else {
            return Ok(Parents { keys: Vec::new(), next: None });
        };
        let mut statement = Statement::new(session.kind());
        statement.push("SELECT DISTINCT rmd_keys.\"_key\" FROM (\n");
        lookup.keys.write(&mut statement, Condition::Among { key: &plan.noted, keys: noted });
        statement.push("\n) AS rmd_keys WHERE rmd_keys.\"_key\" IS NOT NULL");
        if let Some(after) = after {
            statement.push(" AND rmd_keys.\"_key\" > ").bind(after.clone(), plan.key.cast());
        }
        statement.push(" ORDER BY rmd_keys.\"_key\" LIMIT ").push_number(limit);
        let rows = session.fetch(&statement, limit).await?.rows;
        let is_full = rows.len() == limit;
        let next = rows.last().filter(|_| is_full).and_then(|row| bind_of(row.cells.first()?));
        let keys = rows.iter().filter_map(|row| key_text(row.cells.first()?)).collect();
        Ok(Parents { keys, next })
    }

    /// Whether the noted values of a watched table have to be looked up.
    pub(crate) fn has_lookup(&self, index: usize) -> bool {
        self.lookup(index).is_some()
    }

    fn lookup(&self, index: usize) -> Option<(&Lookup, &LookupPlan)> {
        let plan = self.lookups.get(index)?.as_ref()?;
        match &self.record.watches.get(index)?.mode {
            Mode::Triggers(Noted { lookup: Some(lookup), .. })
            | Mode::Log(Noted { lookup: Some(lookup), .. }) => Some((lookup, plan)),
            _ => None,
        }
    }
}
