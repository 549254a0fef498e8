//! The cases as rows, and how they move.
//!
//! Owns the tables `case_file`, `case_finding`, `case_event` and `case_cursor`. Every
//! change goes through a [`File`] that is written back whole, with its event.

mod rows;

use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

pub(super) use self::rows::{
    advance, all, cursor, find, history, named, save, stand, standing, turn,
};
use super::{Error, HUB, State, cause::About, finding::Known};

/// What an officer decided, as it is kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// explained, confirmed or false_alarm.
    pub(crate) outcome: String,
    /// Who decided.
    pub(crate) decided_by: String,
    /// Why.
    pub(crate) reason: String,
    /// Name of the document; empty if there is none.
    pub(crate) document_name: String,
    /// SHA-256 of the document, hexadecimal; empty if there is none.
    pub(crate) document_sha256: String,
    /// When, UTC microseconds.
    pub(crate) decided_at_us: i64,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) case_id: String,
    pub(super) country: String,
    pub(super) subject_kind: String,
    pub(super) subject_key: String,
    pub(super) cause: String,
    pub(super) state: State,
    pub(super) severity: i64,
    pub(super) open_findings: i64,
    pub(super) findings: i64,
    pub(super) opened_at_us: i64,
    pub(super) sent_at_us: Option<i64>,
    pub(super) due: Option<String>,
    pub(super) decision: Option<Decision>,
    pub(super) changed_at_us: i64,
    /// Whether its state is to be told.
    pub(super) is_due: bool,
}

#[derive(FromRow)]
struct Row {
    case_id: String,
    country: String,
    subject_kind: String,
    subject_key: String,
    cause: String,
    state: String,
    severity: i64,
    open_findings: i64,
    findings: i64,
    opened_at_us: i64,
    sent_at_us: Option<i64>,
    due: Option<String>,
    decision: Option<String>,
    changed_at_us: i64,
    is_due: i64,
}

impl TryFrom<Row> for File {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let wrong = |column| {
            let (table, id) = ("case_file", row.case_id.clone());
            Error::Inconsistent { table, column, id }
        };
        let decision = row.decision.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            state: State::of(&row.state).ok_or_else(|| wrong("state"))?,
            decision: decision.map_err(|_| wrong("decision"))?,
            case_id: row.case_id,
            country: row.country,
            subject_kind: row.subject_kind,
            subject_key: row.subject_key,
            cause: row.cause,
            severity: row.severity,
            open_findings: row.open_findings,
            findings: row.findings,
            opened_at_us: row.opened_at_us,
            sent_at_us: row.sent_at_us,
            due: row.due,
            changed_at_us: row.changed_at_us,
            is_due: row.is_due == 1,
        })
    }
}

/// Something that happened to a case, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Event {
    /// When, UTC microseconds.
    pub(crate) at_us: i64,
    /// The hub, an officer or a node.
    pub(crate) actor: String,
    /// What happened.
    pub(crate) action: String,
    /// Why, or about which finding.
    pub(crate) reason: String,
    /// Name of the document; empty if there is none.
    pub(crate) document_name: String,
    /// Its SHA-256, hexadecimal; empty if there is none.
    pub(crate) document_sha256: String,
}

impl Event {
    /// Something that the hub did by itself.
    pub(super) fn of_hub(at_us: i64, action: &str, reason: impl Into<String>) -> Self {
        let (actor, action, reason) = (HUB.to_owned(), action.to_owned(), reason.into());
        Self { at_us, actor, action, reason, ..Self::default() }
    }
}

impl File {
    /// A case of which nothing is known yet.
    pub(super) fn new(about: &About, now_us: i64) -> Self {
        Self {
            case_id: about.case_id(),
            country: about.country.clone(),
            subject_kind: about.subject_kind.to_owned(),
            subject_key: about.subject_key.clone(),
            cause: about.cause.to_owned(),
            state: State::Open,
            severity: 1,
            open_findings: 0,
            findings: 0,
            opened_at_us: now_us,
            sent_at_us: None,
            due: None,
            decision: None,
            changed_at_us: now_us,
            is_due: false,
        }
    }

    /// Whether its state let the day pass.
    pub(super) fn is_overdue(&self, today: Date) -> bool {
        self.state == State::Sent && self.is_past(today)
    }

    /// Whether a day is after the one until which an answer was awaited.
    pub(super) fn is_past(&self, day: Date) -> bool {
        let due = self.due.as_deref().and_then(|due| due.parse::<Date>().ok());
        due.is_some_and(|due| day > due)
    }

    /// Asks the state, that has so many days from now.
    pub(super) fn send(&mut self, today: Date, answer_days: u16, now_us: i64) {
        self.state = State::Sent;
        self.sent_at_us.get_or_insert(now_us);
        let due = today.saturating_add(Span::new().days(i64::from(answer_days)));
        self.due = Some(due.to_string());
        self.is_due = true;
    }

    /// Takes up what became of a finding; the event, where it moves the case.
    pub(super) fn take(&mut self, known: &Known, change: Change, now_us: i64) -> Option<Event> {
        let was_told = self.sent_at_us.is_some() && self.state != State::Open;
        let finding = format!("{} {}", known.rule.id(), known.finding_id);
        let is_graver = i64::from(known.severity) > change.severity_before;
        let action = match change.kind {
            Kind::Opened if self.state == State::Resolved => "reopened",
            Kind::Opened if self.state.is_decided() => "reopened",
            Kind::Changed if self.state.is_decided() && is_graver => "reopened",
            Kind::Closed if self.open_findings == 0 && !self.state.is_decided() => "resolved",
            Kind::Opened => "finding opened",
            Kind::Closed => "finding closed",
            Kind::Changed => "finding changed",
            Kind::Known => return None,
        };
        match action {
            "reopened" => {
                self.state = State::Open;
                self.decision = None;
                self.due = None;
                self.opened_at_us = now_us;
                self.is_due = false;
            }
            "resolved" => {
                self.state = State::Resolved;
                self.is_due = was_told;
            }
            _ => self.is_due |= was_told,
        }
        Some(Event::of_hub(now_us, action, finding))
    }
}

/// What became of a finding in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: Kind,
    /// Its weight in the case before; 0 if it is new.
    pub(super) severity_before: i64,
}

/// See [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Opened,
    Changed,
    Closed,
    /// It was taken up already, or comes back with a restored hub.
    Known,
}
