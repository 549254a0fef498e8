//! The session that capture holds open, and the plans that live as long as it.
//!
//! Owns what status is told of a pass. Refuses to go on with a session in which
//! anything failed: the next pass opens a new one.

use super::pass::{self, Pass};
use super::{Context, Error};
use crate::mapping::{Mapping, Plan, RecordMap, refused};
use crate::source::Session;

/// The session in use and what was learnt in it; dropped when anything fails.
pub(super) struct Connection<'c> {
    pub(super) context: &'c Context,
    mapping: &'c Mapping,
    open: Option<Open<'c>>,
}

struct Open<'c> {
    session: Session,
    plans: Vec<Option<Plan<'c>>>,
}

impl<'c> Connection<'c> {
    pub(super) fn new(context: &'c Context, mapping: &'c Mapping) -> Self {
        Self { context, mapping, open: None }
    }

    /// One pass over one record type, told to status before and after.
    pub(super) async fn pass(
        &mut self,
        index: usize,
        record: &'c RecordMap,
        sweep: bool,
    ) -> Result<u64, Error> {
        let journal = &self.context.journal;
        for watch in &record.watches {
            journal.pass_begun(record.entity, &watch.table, pass::mode_word(watch)).await?;
        }
        let result = self.read(index, record, sweep).await;
        if result.is_err() {
            self.open = None;
        }
        let message = match &result {
            // A pass that was cut short is neither a success nor a failure.
            Err(Error::Stopped) => return result,
            Ok(_) => None,
            Err(Error::Source(error)) => {
                let file = &self.mapping.file;
                Some(refused(file, record.entity.name(), "rows", error).to_string())
            }
            Err(error) => Some(chain(error)),
        };
        for (position, watch) in record.watches.iter().enumerate() {
            // The rows of a pass are counted once, with the first table.
            let rows = if position == 0 { *result.as_ref().unwrap_or(&0) } else { 0 };
            journal.pass_finished(record.entity, &watch.table, rows, message.as_deref()).await?;
        }
        result
    }

    async fn read(
        &mut self,
        index: usize,
        record: &'c RecordMap,
        sweep: bool,
    ) -> Result<u64, Error> {
        if self.open.is_none() {
            let session = self.context.source.connect().await?;
            let server = session.server();
            self.context.journal.source_seen(server.kind, &server.version).await?;
            let plans = self.mapping.records.iter().map(|_| None).collect();
            self.open = Some(Open { session, plans });
        }
        let open = self.open.as_mut().expect("it was opened above");
        let plan = match &mut open.plans[index] {
            Some(plan) => plan,
            slot @ None => slot.insert(Plan::new(&mut open.session, self.mapping, record).await?),
        };
        let mut pass = Pass::new(self.context, record, plan, &mut open.session);
        pass.run(sweep).await?;
        Ok(pass.rows_read)
    }
}

/// An error with its causes, for status and logs.
pub(super) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = next.source();
    }
    text
}
