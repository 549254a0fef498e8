//! The log of a PostgreSQL server as a nominator of keys.
//!
//! Owns the order that loses nothing: a slot is read first and the snapshot opened
//! behind it; a transaction that the snapshot does not see yet stays in the slot.
//! Up to where the slot may be let go is written into the journal before it is, so
//! that a slot that anybody else has moved is noticed.

mod collect;
pub(crate) mod pgoutput;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::collect::{Collected, Target};
use super::Error;
use super::nominate::{Nominated, Receipt, Trouble};
use super::pass::Pass;
use crate::mapping::{Mapping, Mode, RecordMap};
use crate::source::Error as SourceError;
use crate::source::slot::{LogStanding, Logged, Reason};

/// A slot that holds nothing for the node is let go in steps, so that what others
/// write does not pile up.
const IDLE_BYTES: u64 = 1 << 20;

/// Up to where the slot of a record type was let go, under which log.
#[derive(Debug, Serialize, Deserialize)]
struct SlotMark {
    /// Where the slot stood when it was met; part of what marks are made at.
    base: u64,
    /// The slot stands nowhere behind this, unless somebody else moved it.
    upto: u64,
}

/// A watched table of a record type.
#[derive(Debug)]
pub(super) struct Watched {
    /// Its place among the watches of the record type.
    pub(super) index: usize,
    pub(super) logged: Logged,
}

/// Every table of a mapping whose changes are read from the log.
pub(crate) fn loggings(mapping: &Mapping) -> Vec<Logged> {
    mapping.records.iter().flat_map(watched).map(|watched| watched.logged).collect()
}

pub(super) fn watched(record: &RecordMap) -> impl Iterator<Item = Watched> {
    record.watches.iter().enumerate().filter_map(|(index, watch)| {
        let Mode::Log(noted) = &watch.mode else { return None };
        let (table, key) = (watch.table.clone(), noted.key.clone());
        Some(Watched { index, logged: Logged { record: record.entity.name(), table, key } })
    })
}

impl Pass<'_> {
    /// Whether nothing was missed since the last look at the slot.
    pub(super) async fn log_standing(
        &mut self,
        watched: &[Watched],
    ) -> Result<Result<String, Vec<Trouble>>, Error> {
        let standing = self.ask(watched).await?;
        if !standing.reasons.is_empty() {
            let troubles = standing.reasons.iter().map(|(place, reason)| {
                let of = place.map(|place| &watched[place]);
                trouble(of, *reason)
            });
            return Ok(Err(troubles.collect()));
        }
        let mark = self.slot_mark().await?;
        let (confirmed, written) = (standing.confirmed.unwrap_or(0), standing.written);
        let is_moved =
            mark.as_ref().is_some_and(|mark| confirmed > mark.upto || written < mark.upto);
        let base = match mark {
            Some(mark) if !is_moved => mark.base,
            mark => {
                // Another number than before, so that the marks no longer hold.
                let base = mark.map_or(confirmed, |mark| mark.base.wrapping_add(1));
                self.mark_slot(&SlotMark { base, upto: confirmed }).await?;
                base
            }
        };
        if is_moved {
            return Ok(Err(vec![moved()]));
        }
        Ok(Ok(format!("{} {base:x}", standing.fingerprint)))
    }

    async fn ask(&mut self, watched: &[Watched]) -> Result<LogStanding, Error> {
        let logged: Vec<&Logged> = watched.iter().map(|watched| &watched.logged).collect();
        self.session.begin().await?;
        let standing = self.session.log_standing(self.record.entity.name(), &logged).await?;
        self.session.end().await?;
        Ok(standing)
    }

    /// The keys that wait in the slot. Begins the snapshot anew behind the reading of
    /// the slot, which may last long.
    pub(super) async fn nominate_from_log(
        &mut self,
        watched: &[Watched],
    ) -> Result<Nominated, SourceError> {
        let record = self.record.entity.name();
        let logged: Vec<&Logged> = watched.iter().map(|watched| &watched.logged).collect();
        let tables = self.session.log_standing(record, &logged).await?.tables;
        self.session.end().await?;
        let targets = watched.iter().zip(tables).map(|(watched, table)| Target {
            table,
            column: watched.logged.column(),
            index: watched.index,
        });
        let targets: Vec<Target> = targets.collect();
        let mut collected = Collected::default();
        let mut is_readable = true;
        let mut sink = |bytes: &[u8]| is_readable &= collected.push(bytes, &targets).is_ok();
        let shutdown = self.context.shutdown.clone();
        let peeked = tokio::select! {
            peeked = self.slots.peek(record, &mut sink) => peeked,
            () = shutdown.cancelled() => Err(SourceError::slow("shutting down")),
        };
        self.session.begin().await?;
        let peeked = match peeked {
            Ok(peeked) if is_readable => peeked,
            Err(error) if shutdown.is_cancelled() => return Err(error),
            Err(error @ (SourceError::Connect { .. } | SourceError::Untrusted { .. })) => {
                return Err(error);
            }
            Err(error) => return Ok(Nominated::troubled(unreadable(&error.words()))),
            Ok(_) => {
                let words = pgoutput::Malformed.to_string();
                return Ok(Nominated::troubled(unreadable(&[words.clone(), words])));
            }
        };
        let snapshot = self.session.snapshot().await?;
        let seen = collected.seen_by(|xid| snapshot.sees(xid));
        let idle = (!peeked.is_full && !seen.is_cut).then_some(peeked.written);
        let idle = idle.filter(|written| written.saturating_sub(peeked.confirmed) >= IDLE_BYTES);
        let upto = seen.end.max(idle).filter(|upto| *upto > peeked.confirmed);
        let is_full = peeked.is_full && !seen.is_cut;
        Ok(Nominated { notes: seen.notes, receipt: Receipt::Log(upto), is_full, trouble: None })
    }

    /// Lets go what is in the journal.
    pub(super) async fn advance(&mut self, upto: Option<u64>) -> Result<(), Error> {
        let Some(upto) = upto else { return Ok(()) };
        let base = self.slot_mark().await?.map_or(upto, |mark| mark.base);
        self.mark_slot(&SlotMark { base, upto }).await?;
        Ok(self.slots.advance(self.record.entity.name(), upto).await?)
    }

    async fn slot_mark(&self) -> Result<Option<SlotMark>, Error> {
        let text = self.context.journal.mark(self.record.entity, SLOT_MARK).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn mark_slot(&self, mark: &SlotMark) -> Result<(), Error> {
        let text = serde_json::to_string(mark).expect("two numbers can be written as JSON");
        self.apply(Vec::new(), Some((SLOT_MARK.to_owned(), text))).await?;
        Ok(())
    }
}

/// The name under which the journal keeps the mark of a slot; no table has it.
const SLOT_MARK: &str = "(slot)";

const UNTIL: [&str; 2] = [
    "until `rmd-node capture install` has been run, every pass reads all rows",
    "jusqu'à `rmd-node capture install`, chaque passage lit toutes les lignes",
];

fn trouble(of: Option<&Watched>, reason: Reason) -> Trouble {
    let (table, key) = of.map_or(("", ""), |of| (of.logged.table.as_str(), of.logged.key.as_str()));
    let [en, fr] = match reason {
        Reason::NoSlot => [
            "the log slot is not there".to_owned(),
            "le slot du journal n'est pas là".to_owned(),
        ],
        Reason::Lost => [
            "the log slot was given up by the server (max_slot_wal_keep_size was reached, or it cannot be used)".to_owned(),
            "le slot du journal a été abandonné par le serveur (max_slot_wal_keep_size atteint, ou inutilisable)".to_owned(),
        ],
        Reason::NoRight => [
            "the account has not the attribute REPLICATION".to_owned(),
            "le compte n'a pas l'attribut REPLICATION".to_owned(),
        ],
        Reason::NoTable => [
            format!("{table} is not a plain, logged table that the account sees"),
            format!("{table} n'est pas une table ordinaire et journalisée que le compte voit"),
        ],
        Reason::Unpublished => [
            format!("the publication has not all of {table}"),
            format!("la publication n'a pas tout de {table}"),
        ],
        Reason::NoIdentity => [
            format!("column {key} is not part of the replica identity of {table}"),
            format!("la colonne {key} n'est pas dans l'identité de réplique de {table}"),
        ],
    };
    let message = format!("{en}; {} / {fr} ; {}", UNTIL[0], UNTIL[1]);
    Trouble { index: of.map(|of| of.index), message }
}

fn moved() -> Trouble {
    let message = "the log slot was moved by somebody else, made anew, or the database was \
                   restored: everything is read / le slot du journal a été déplacé par un autre, \
                   refait, ou la base restaurée : tout est lu";
    Trouble { index: None, message: message.to_owned() }
}

pub(super) fn unreadable([en, fr]: &[String; 2]) -> Trouble {
    let message = format!(
        "the log slot cannot be read: {en}; {} / le slot du journal est illisible : {fr} ; {}",
        UNTIL[0], UNTIL[1]
    );
    Trouble { index: None, message }
}
