//! One pass over one record type.
//!
//! Owns the choice between reading all and reading what changed, and the order
//! of a chunk: snapshot, read, end of the snapshot, normalise, journal. Invariant:
//! a capture mark is written with or after the rows that it covers, never before.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rmd_standard::Context as RecordContext;

use super::bound::Mark;
use super::nominate::{Nominator, Trouble};
use super::sift::Mapped;
use super::{Context, Error, Notes};
use crate::journal::{Annulment, Applied, Batch, Item, Mode};
use crate::mapping::{self, Basis, KEYS_MAX, Output, PAGE_ROWS_MAX, Plan, Read, RecordMap, Watch};
use crate::source::side::Eraser;
use crate::source::slot::SlotReader;
use crate::source::{Bind, Error as SourceError, Session};

/// Cells of a page and their texts; pages beyond are halved, so that a source with
/// long texts takes no more memory than any other.
const PAGE_BYTES_MAX: usize = 8 << 20;

/// Rows of a pass of which the field that stops their query is looked for: each costs
/// a query a column.
const CULPRITS_MAX: u32 = 100;

/// The state of one pass.
pub(super) struct Pass<'a> {
    pub(super) context: &'a Context,
    pub(super) record: &'a RecordMap,
    pub(super) plan: &'a Plan<'a>,
    pub(super) session: &'a mut Session,
    /// Deletes notes of the side table that were acted upon.
    pub(super) eraser: &'a mut Eraser,
    /// Reads and advances slots of the log.
    pub(super) slots: &'a mut SlotReader,
    /// When the pass began; no mark goes beyond it.
    pub(super) began: Timestamp,
    /// Rows read so far, those of lists included.
    pub(super) rows_read: u64,
    /// Keys that the next chunk asks for: halved when a chunk is slow.
    pub(super) chunk: usize,
    /// Whether the rows of the next chunk are read by themselves, since one of them
    /// stopped the query.
    pub(super) is_apart: bool,
    /// What it may grow to.
    pub(super) chunk_max: usize,
    /// Whether nominated keys are left for the next look.
    pub(super) is_behind: bool,
    /// Rows of which the field that stops their query may still be looked for.
    pub(super) culprits_left: u32,
    /// Pages in a row of which no row was as it was.
    pub(super) barren: u32,
    pub(super) record_context: RecordContext,
    /// What each imprint begins with.
    pub(super) basis: Basis,
}

/// What a window of changes came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// Everything changed since the mark was read.
    Read,
    /// Not even the row of the mark is there any more: all has to be read.
    WentBack,
    /// A changed-at stops the query that asks for what changed: all has to be read.
    Unreadable,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        context: &'a Context,
        record: &'a RecordMap,
        plan: &'a Plan<'a>,
        session: &'a mut Session,
        (eraser, slots, salt): (&'a mut Eraser, &'a mut SlotReader, &[u8]),
    ) -> Self {
        let record_context = RecordContext {
            country: context.country.clone(),
            today: context.clock.today(),
            zone: context.mapping.zone.clone(),
        };
        Self {
            context,
            record,
            plan,
            session,
            eraser,
            slots,
            began: context.clock.now(),
            rows_read: 0,
            chunk: KEYS_MAX,
            is_apart: false,
            chunk_max: PAGE_ROWS_MAX,
            is_behind: false,
            culprits_left: CULPRITS_MAX,
            barren: 0,
            basis: Basis::new(salt, &context.mapping, &record_context),
            record_context,
        }
    }

    /// Reads all rows, or what changed since the marks and what was nominated. A
    /// table whose triggers cannot be relied upon is told, and everything is read.
    pub(super) async fn run(&mut self, sweep: bool) -> Result<Vec<Trouble>, Error> {
        if self.context.settings.notes == Notes::LeftAlone {
            return self.scan().await.map(|()| Vec::new());
        }
        let nominator = Nominator::of(self.record);
        let standing = match &nominator {
            None => None,
            Some(nominator) => match self.standing(nominator).await? {
                Ok(standing) => Some(standing),
                Err(troubles) => return self.scan().await.map(|()| troubles),
            },
        };
        let troubles = if self.record.diff_table().is_some() {
            self.scan().await.map(|()| Vec::new())?
        } else {
            self.follow(sweep, standing.as_deref()).await?
        };
        let Some(nominator) = nominator else { return Ok(troubles) };
        match self.drain(&nominator).await? {
            None => Ok(troubles),
            Some(trouble) => self.scan().await.map(|()| vec![trouble]),
        }
    }

    /// Reads what changed since the marks, or everything where they do not hold.
    async fn follow(&mut self, sweep: bool, standing: Option<&str>) -> Result<Vec<Trouble>, Error> {
        let record = self.record;
        let mut marks = Vec::with_capacity(record.watches.len());
        for watch in &record.watches {
            let stored = self.context.journal.mark(record.entity, &watch.table).await?;
            let mark = stored.and_then(|text| Mark::parse(&text, &self.context.mapping.id));
            // Triggers or slots that were made anew may have missed something.
            marks.push(mark.filter(|mark| !is_noted(watch) || mark.is_at(standing)));
        }
        // No mark: the first load, an entitlement that was raised, or another mapping.
        let marks: Option<Vec<Mark>> = marks.into_iter().collect();
        let Some(marks) = marks.filter(|marks| !sweep && !self.is_sweep_due(marks)) else {
            return self.read_all(standing).await;
        };
        for (index, mark) in marks.into_iter().enumerate() {
            let entity = record.entity.name();
            match self.window(index, &mark).await? {
                Window::Read => continue,
                Window::WentBack => {
                    tracing::info!(entity, "changed-at ran backwards, reading all");
                }
                Window::Unreadable => {
                    tracing::info!(entity, "a changed-at cannot be read, reading all");
                }
            }
            return self.read_all(standing).await;
        }
        Ok(Vec::new())
    }

    /// Whether everything was read too long ago: a site whose power fails every
    /// half hour never comes to its n-th pass.
    fn is_sweep_due(&self, marks: &[Mark]) -> bool {
        let settings = &self.context.settings;
        let period = settings.interval.saturating_mul(settings.sweep_every);
        let period_us = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
        let now_us = self.began.as_microsecond();
        marks.iter().any(|mark| now_us.saturating_sub(mark.read_all_us) >= period_us)
    }

    /// Reads all rows; the marks are those that held before the first of them was read.
    /// A table in which a changed-at cannot be read gets none, and is told.
    async fn read_all(&mut self, standing: Option<&str>) -> Result<Vec<Trouble>, Error> {
        let record = self.record;
        let mut marks = Vec::with_capacity(record.watches.len());
        let mut troubles = Vec::new();
        self.session.begin().await?;
        for (index, watch) in record.watches.iter().enumerate() {
            if is_noted(watch) {
                let standing = standing.map(|standing| Bind::Text(standing.to_owned()));
                let began_us = self.began.as_microsecond();
                marks.push(Some(Mark::new(&self.context.mapping.id, standing, began_us)));
                continue;
            }
            match self.newest(index).await {
                Ok(mark) => marks.push(Some(mark)),
                Err(error) if error.is_of_a_row() => {
                    marks.push(None);
                    troubles.push(unordered(index, &watch.table, &error));
                    self.session.end().await?;
                    self.session.begin().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.session.end().await?;
        self.scan().await?;
        for (watch, mark) in record.watches.iter().zip(marks) {
            let Some(mark) = mark else { continue };
            self.apply(Vec::new(), Some((watch.table.clone(), mark.to_text()))).await?;
        }
        Ok(troubles)
    }

    /// Hands over what a re-read of these keys found.
    pub(super) async fn apply_among(
        &mut self,
        keys: &[String],
        read: &Read,
        mark: Option<(String, String)>,
    ) -> Result<Applied, Error> {
        let Mapped { mut items, imprints } = self.normalise(read);
        let found: HashSet<&str> = items.iter().map(Item::source_key).collect();
        let gone: Vec<Item> = keys
            .iter()
            .filter(|key| !found.contains(key.as_str()))
            .map(|key| Item::Gone { source_key: key.clone() })
            .collect();
        // Keys that differ in case or blanks alone may bring rows that were not asked
        // for by these very bytes; they are rows of the source all the same.
        items.extend(gone);
        let batch = self.batch(items, mark);
        Ok(self.context.journal.apply_imprinted(batch, imprints).await?)
    }

    /// Hands items to the journal in one transaction.
    pub(super) async fn apply(
        &self,
        items: Vec<Item>,
        mark: Option<(String, String)>,
    ) -> Result<Applied, Error> {
        Ok(self.context.journal.apply(self.batch(items, mark)).await?)
    }

    /// What one transaction of the journal takes.
    pub(super) fn batch(&self, items: Vec<Item>, mark: Option<(String, String)>) -> Batch {
        Batch {
            entity: self.record.entity,
            mode: Mode::Mapped,
            mapping_id: self.context.mapping.id.clone(),
            items,
            mark,
        }
    }

    /// What was read, or none after a slow chunk, in a snapshot that is still open:
    /// the next one asks for half as many keys. Any other error ends the pass.
    pub(super) async fn unless_slow<T>(
        &mut self,
        read: Result<T, crate::source::Error>,
    ) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.is_slow() && self.chunk > 1 => {
                self.session.end().await?;
                // What was too much once is not asked for again in this pass.
                self.chunk_max = (self.chunk / 2).max(KEYS_MAX);
                self.chunk = (self.chunk / 2).max(1);
                tracing::debug!(chunk = self.chunk, "chunk was slow, asking for fewer keys");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keys that the next statement names.
    pub(super) fn keys(&self) -> usize {
        self.chunk.min(KEYS_MAX)
    }

    /// Lets no page become larger than memory has room for.
    pub(super) fn fit(&mut self, read: &Read) {
        if read.bytes() > PAGE_BYTES_MAX {
            self.chunk_max = (self.chunk / 2).max(1);
            self.chunk = self.chunk.min(self.chunk_max);
        }
    }

    /// Keeps to the rows per second, and asks for more again after a quick chunk.
    pub(super) async fn pace(&mut self, rows: u64, held: Duration) -> Result<(), Error> {
        let limits = self.context.source.limits();
        if held * 8 < limits.statement {
            self.chunk = (self.chunk * 2).min(self.chunk_max);
        }
        let Some(per_second) = limits.rows_per_second else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a chunk has some thousands of rows")]
        let due = Duration::from_secs_f64(rows as f64 / f64::from(per_second.get()));
        let until = Instant::now() + due.saturating_sub(held);
        tokio::select! {
            () = self.context.shutdown.cancelled() => Err(Error::Stopped),
            () = tokio::time::sleep_until(until.into()) => Ok(()),
        }
    }

    pub(super) fn stop_if_asked(&self) -> Result<(), Error> {
        if self.context.shutdown.is_cancelled() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// The word of a watch's mode in status.
pub(super) fn mode_word(watch: &Watch) -> &'static str {
    match watch.mode {
        mapping::Mode::Diff => "diff",
        mapping::Mode::Cursor(_) => "cursor",
        mapping::Mode::Triggers(_) => "triggers",
        mapping::Mode::Log(_) => "log",
    }
}

/// A changed-at of a table stops the query that asks for it.
fn unordered(index: usize, table: &str, error: &SourceError) -> Trouble {
    let [en, fr] = error.words();
    let message = format!(
        "a time of change of {table} cannot be read: {en}; until it is corrected at the source, \
         every pass reads all rows / une date de modification de {table} est illisible : {fr} ; \
         jusqu'à sa correction à la source, chaque passage lit toutes les lignes"
    );
    Trouble { index: Some(index), message }
}

/// Whether a table's changes are nominated by the source itself.
pub(super) fn is_noted(watch: &Watch) -> bool {
    matches!(watch.mode, mapping::Mode::Triggers(_) | mapping::Mode::Log(_))
}

pub(super) fn item(output: Output) -> Item {
    Item::Present {
        source_key: output.source_key,
        outcome: output.outcome,
        annulled: output.annulled.map(|(on, reason)| Annulment { on, reason }),
    }
}
