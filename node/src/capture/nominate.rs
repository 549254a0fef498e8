//! Nominators: what at the source itself says which keys may have changed.
//!
//! Owns the shape that every one of them has: `standing` (can it be relied upon,
//! and since when), `nominate` (a bounded number of keys), and `confirm`, which
//! comes after the commit of the journal and takes back exactly what was
//! nominated. A nominator that repeats itself does no harm; one that cannot be
//! relied upon is a trouble that names itself, and everything is read instead.

use super::Error;
use super::log;
use super::pass::Pass;
use crate::mapping::{Mapping, Mode, RecordMap, key_text};
use crate::source::Error as SourceError;
use crate::source::side::{Erased, Noting, SIDE_TABLE, SideRow};

/// What nominates keys of one record type.
pub(super) enum Nominator {
    /// Triggers that note keys in a side table.
    Side(Vec<Watched>),
    /// The log of a PostgreSQL server.
    Log(Vec<log::Watched>),
}

/// A watched table of a nominator.
pub(super) struct Watched {
    /// Its place among the watches of the record type.
    pub(super) index: usize,
    pub(super) noting: Noting,
}

/// What one look gave.
pub(super) struct Nominated {
    pub(super) notes: Vec<Note>,
    /// What is to be taken back once the notes are in the journal.
    pub(super) receipt: Receipt,
    /// Whether more may follow.
    pub(super) is_full: bool,
    /// Why nothing could be nominated.
    pub(super) trouble: Option<Trouble>,
}

/// One thing that may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// The row with this value in the noted column of a watch.
    Key(usize, String),
    /// A row without a value in the noted column of a watch.
    Keyless(usize),
    /// Anything at all.
    Everything,
}

/// What a nominator takes back; made by `nominate`, used up by `confirm`.
pub(super) enum Receipt {
    /// Rows of the side table.
    Side(Vec<SideRow>),
    /// The log up to here; none where nothing is to be let go.
    Log(Option<u64>),
}

impl Nominated {
    /// Nothing, and why.
    pub(super) fn troubled(trouble: Trouble) -> Self {
        let trouble = Some(trouble);
        Self { notes: Vec::new(), receipt: Receipt::Log(None), is_full: false, trouble }
    }

    /// Whether there is nothing to hand over and nothing to take back.
    pub(super) fn is_nothing(&self) -> bool {
        self.notes.is_empty() && !matches!(self.receipt, Receipt::Log(Some(_)))
    }
}

/// Why a nominator cannot be relied upon.
#[derive(Debug)]
pub(super) struct Trouble {
    /// The place of the watched table; none for all tables of the nominator.
    pub(super) index: Option<usize>,
    /// For `status`, in English and French.
    pub(super) message: String,
}

impl Nominator {
    /// The nominator of a record type, if any of its tables has one.
    pub(super) fn of(record: &RecordMap) -> Option<Self> {
        // The mapping has refused both in one record type.
        let logged: Vec<log::Watched> = log::watched(record).collect();
        if !logged.is_empty() {
            return Some(Self::Log(logged));
        }
        let watched: Vec<Watched> = watched(record).collect();
        (!watched.is_empty()).then_some(Self::Side(watched))
    }

    /// It answered, and said no.
    pub(super) fn unusable(&self, error: &SourceError) -> Trouble {
        match self {
            Self::Side(_) => unusable(error),
            Self::Log(_) => log::unreadable(&error.words()),
        }
    }
}

/// Every table of a mapping whose changes triggers are to note.
pub(crate) fn notings(mapping: &Mapping) -> Vec<Noting> {
    mapping.records.iter().flat_map(watched).map(|watched| watched.noting).collect()
}

fn watched(record: &RecordMap) -> impl Iterator<Item = Watched> {
    record.watches.iter().enumerate().filter_map(|(index, watch)| {
        let Mode::Triggers(noted) = &watch.mode else { return None };
        let (table, key) = (watch.table.clone(), noted.key.clone());
        Some(Watched { index, noting: Noting { record: record.entity.name(), table, key } })
    })
}

impl Pass<'_> {
    /// Whether nothing was missed since the last look: a text that changes when
    /// something may have been, or the troubles.
    pub(super) async fn standing(
        &mut self,
        nominator: &Nominator,
    ) -> Result<Result<String, Vec<Trouble>>, Error> {
        let watched = match nominator {
            Nominator::Side(watched) => watched,
            Nominator::Log(watched) => return self.log_standing(watched).await,
        };
        let notings: Vec<Noting> = watched.iter().map(|watched| watched.noting.clone()).collect();
        self.session.begin().await?;
        let standing = match self.session.standing(&notings).await {
            // A look at the side table itself tells a right that is missing.
            Ok(standing) => self.look(watched, 1).await.map(|_| standing),
            Err(error) => Err(error),
        };
        let standing = match standing {
            Ok(standing) => standing,
            Err(error) if is_refusal(&error) => {
                self.session.end().await?;
                return Ok(Err(vec![unusable(&error)]));
            }
            Err(error) => return Err(error.into()),
        };
        self.session.end().await?;
        let missing = watched.iter().zip(&standing.missing).filter(|(_, names)| !names.is_empty());
        let troubles: Vec<Trouble> =
            missing.map(|(watched, names)| silent(watched, names)).collect();
        Ok(if troubles.is_empty() { Ok(standing.fingerprint) } else { Err(troubles) })
    }

    /// The next nominated keys, in the open snapshot: what they are re-read in is
    /// that snapshot or a later one.
    pub(super) async fn nominate(
        &mut self,
        nominator: &Nominator,
        limit: usize,
    ) -> Result<Nominated, SourceError> {
        let watched = match nominator {
            Nominator::Side(watched) => watched,
            Nominator::Log(watched) => return self.nominate_from_log(watched).await,
        };
        let rows = self.look(watched, limit).await?;
        let notes = rows.iter().filter_map(|row| {
            let of = watched.iter().find(|watched| watched.noting.table == row.watched)?;
            Some(note(of.index, row))
        });
        let notes = notes.collect();
        let is_full = rows.len() == limit;
        Ok(Nominated { notes, receipt: Receipt::Side(rows), is_full, trouble: None })
    }

    /// Takes back what was nominated; the journal has it. Where that has to wait, the
    /// same is nominated again.
    pub(super) async fn confirm(&mut self, receipt: Receipt) -> Result<Erased, Error> {
        match receipt {
            Receipt::Side(rows) => Ok(self.eraser.erase(self.record.entity.name(), &rows).await?),
            Receipt::Log(upto) => self.advance(upto).await.map(|()| Erased::All),
        }
    }

    async fn look(
        &mut self,
        watched: &[Watched],
        limit: usize,
    ) -> Result<Vec<SideRow>, SourceError> {
        let tables: Vec<&str> =
            watched.iter().map(|watched| watched.noting.table.as_str()).collect();
        self.session.noted(self.record.entity.name(), &tables, limit).await
    }
}

fn note(index: usize, row: &SideRow) -> Note {
    match key_text(&row.key).filter(|_| row.is_readable) {
        None => Note::Everything,
        Some(key) if key.is_empty() => Note::Keyless(index),
        Some(key) => Note::Key(index, key),
    }
}

/// Whether the source answered and said no; a repetition would be told the same.
pub(super) fn is_refusal(error: &SourceError) -> bool {
    matches!(error, SourceError::Query { slow: false, .. })
}

/// The side table is not there, or the account may not use it.
fn unusable(error: &SourceError) -> Trouble {
    let [en, fr] = error.words();
    let message = format!(
        "the side table {SIDE_TABLE} cannot be used: {en}; until `rmd-node capture install` has \
         been run, every pass reads all rows / la table auxiliaire {SIDE_TABLE} est inutilisable : \
         {fr} ; jusqu'à `rmd-node capture install`, chaque passage lit toutes les lignes"
    );
    Trouble { index: None, message }
}

/// Triggers of a table are missing or switched off.
fn silent(watched: &Watched, names: &[String]) -> Trouble {
    let (table, names) = (&watched.noting.table, names.join(", "));
    let message = format!(
        "triggers of {table} are missing or switched off ({names}); until `rmd-node capture \
         install` has been run, every pass reads all rows / des déclencheurs de {table} manquent \
         ou sont désactivés ({names}) ; jusqu'à `rmd-node capture install`, chaque passage lit \
         toutes les lignes"
    );
    Trouble { index: Some(watched.index), message }
}
