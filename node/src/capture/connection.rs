//! The session that capture holds open, and the plans that live as long as it.
//!
//! Owns what status is told of a pass. Refuses to go on with a session in which
//! anything failed: the next pass opens a new one.

use super::nominate::{Nominator, Trouble};
use super::pass::{self, Pass};
use super::{Context, Error};
use crate::mapping::{Mapping, Plan, RecordMap, refused};
use crate::source::Session;
use crate::source::side::Eraser;
use crate::source::slot::SlotReader;

/// The session in use and what was learnt in it; dropped when anything fails.
pub(super) struct Connection<'c> {
    pub(super) context: &'c Context,
    mapping: &'c Mapping,
    open: Option<Open<'c>>,
}

struct Open<'c> {
    session: Session,
    eraser: Eraser,
    slots: SlotReader,
    /// What the imprints of the journal begin with.
    salt: Vec<u8>,
    plans: Vec<Option<Plan<'c>>>,
    /// Record types whose nominators could be relied upon in their last pass.
    sound: Vec<bool>,
}

/// What one look or one pass did.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Rows read, those of lists included.
    pub(super) rows: u64,
    /// Whether nominated keys are left for the next look.
    pub(super) is_behind: bool,
    troubles: Vec<Trouble>,
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
    ) -> Result<Done, Error> {
        let journal = &self.context.journal;
        for watch in &record.watches {
            journal.pass_begun(record.entity, &watch.table, pass::mode_word(watch)).await?;
        }
        let result = self.read(index, record, sweep).await;
        self.tell(record, &result).await?;
        result
    }

    /// A look at what was nominated since the last one; none before a pass has found
    /// the nominator sound.
    pub(super) async fn look(
        &mut self,
        index: usize,
        record: &'c RecordMap,
    ) -> Result<Option<Done>, Error> {
        let Some(open) = self.open.as_mut().filter(|open| open.sound[index]) else {
            return Ok(None);
        };
        let (Some(nominator), Some(plan)) = (Nominator::of(record), &open.plans[index]) else {
            return Ok(None);
        };
        let takers = (&mut open.eraser, &mut open.slots, open.salt.as_slice());
        let mut pass = Pass::new(self.context, record, plan, &mut open.session, takers);
        let drained = pass.drain(&nominator).await;
        let (rows, is_behind) = (pass.rows_read, pass.is_behind);
        let result = drained.map(|trouble| {
            let troubles: Vec<Trouble> = trouble.into_iter().collect();
            open.sound[index] = troubles.is_empty();
            Done { rows, is_behind, troubles }
        });
        if result.as_ref().map_or(true, |done| done.rows > 0 || !done.troubles.is_empty()) {
            self.tell(record, &result).await?;
        }
        result.map(Some)
    }

    /// Tells status how a pass ended; a session in which anything failed is dropped.
    async fn tell(
        &mut self,
        record: &'c RecordMap,
        result: &Result<Done, Error>,
    ) -> Result<(), Error> {
        if result.is_err() {
            self.open = None;
        }
        let message = match result {
            // A pass that was cut short is neither a success nor a failure.
            Err(Error::Stopped) => return Ok(()),
            Ok(_) => None,
            Err(Error::Source(error)) => {
                let file = &self.mapping.file;
                Some(refused(file, record.entity.name(), "rows", error).to_string())
            }
            Err(error) => Some(chain(error)),
        };
        let none = Done::default();
        let done = result.as_ref().unwrap_or(&none);
        for (position, watch) in record.watches.iter().enumerate() {
            // The rows of a pass are counted once, with the first table.
            let rows = if position == 0 { done.rows } else { 0 };
            let is_of_watch = |trouble: &&Trouble| match trouble.index {
                Some(index) => index == position,
                None => pass::is_noted(watch),
            };
            let trouble = done.troubles.iter().find(is_of_watch);
            let said = message.as_deref().or(trouble.map(|trouble| trouble.message.as_str()));
            let journal = &self.context.journal;
            journal.pass_finished(record.entity, &watch.table, rows, said).await?;
        }
        Ok(())
    }

    async fn read(
        &mut self,
        index: usize,
        record: &'c RecordMap,
        sweep: bool,
    ) -> Result<Done, Error> {
        if self.open.is_none() {
            let session = self.context.source.connect().await?;
            let server = session.server();
            self.context.journal.source_seen(server.kind, &server.version).await?;
            let plans: Vec<_> = self.mapping.records.iter().map(|_| None).collect();
            let sound = vec![false; plans.len()];
            let eraser = Eraser::new(self.context.source.clone());
            let slots = SlotReader::new(self.context.source.clone());
            let salt = self.context.journal.salt().await?;
            self.open = Some(Open { session, eraser, slots, salt, plans, sound });
        }
        let open = self.open.as_mut().expect("it was opened above");
        let plan = match &mut open.plans[index] {
            Some(plan) => plan,
            slot @ None => slot.insert(Plan::new(&mut open.session, self.mapping, record).await?),
        };
        let takers = (&mut open.eraser, &mut open.slots, open.salt.as_slice());
        let mut pass = Pass::new(self.context, record, plan, &mut open.session, takers);
        let troubles = pass.run(sweep).await?;
        let done = Done { rows: pass.rows_read, is_behind: pass.is_behind, troubles };
        open.sound[index] = done.troubles.is_empty();
        Ok(done)
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
