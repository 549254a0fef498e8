//! The cases as rows, and how they move.
//!
//! Owns the tables `case_file`, `case_finding`, `case_event` and `case_cursor`. Every
//! change goes through a [`File`] that is written back whole, with its event.

use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{Error, HUB, State, cause::About, finding::Known};
use crate::store::{self, expect_rows};

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
        let due = self.due.as_deref().and_then(|due| due.parse::<Date>().ok());
        self.state == State::Sent && due.is_some_and(|due| today > due)
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

/// Takes the turn until the transaction ends.
pub(super) async fn turn(connection: &mut AnyConnection) -> Result<(), store::Error> {
    let affected = sqlx::query("UPDATE case_cursor SET steps = steps + 1 WHERE cursor_id = 1")
        .execute(connection)
        .await?
        .rows_affected();
    expect_rows("case_cursor", 1, affected)
}

/// One case by its whole number.
pub(super) async fn find(
    connection: &mut AnyConnection,
    case_id: &str,
) -> Result<Option<File>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT case_id, country, subject_kind, subject_key, cause, state, severity,
                open_findings, findings, opened_at_us, sent_at_us, due, decision, changed_at_us,
                is_due
         FROM case_file
         WHERE case_id = $1",
    )
    .bind(case_id)
    .fetch_optional(connection)
    .await?;
    row.map(File::try_from).transpose()
}

/// One case by the beginning of its number.
pub(super) async fn named(connection: &mut AnyConnection, begin: &str) -> Result<File, Error> {
    let begin = begin.trim().to_ascii_lowercase();
    let is_number = begin.len() >= 6 && begin.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_number {
        return Err(Error::Unknown(begin));
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT case_id, country, subject_kind, subject_key, cause, state, severity,
                open_findings, findings, opened_at_us, sent_at_us, due, decision, changed_at_us,
                is_due
         FROM case_file
         WHERE case_id >= $1 AND case_id < $2
         ORDER BY case_id
         LIMIT 2",
    )
    .bind(&begin)
    // After every digit.
    .bind(format!("{begin}g"))
    .fetch_all(connection)
    .await?;
    let mut rows = rows.into_iter();
    match (rows.next(), rows.next()) {
        (Some(row), None) => row.try_into(),
        (Some(_), Some(_)) => Err(Error::Ambiguous(begin)),
        _ => Err(Error::Unknown(begin)),
    }
}

/// Cases, the gravest and the oldest first.
pub(super) async fn all(
    connection: &mut AnyConnection,
    (state, country): (&str, &str),
    limit: i64,
) -> Result<Vec<File>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT case_id, country, subject_kind, subject_key, cause, state, severity,
                open_findings, findings, opened_at_us, sent_at_us, due, decision, changed_at_us,
                is_due
         FROM case_file
         WHERE ($1 = '' OR state = $1) AND ($2 = '' OR country = $2)
         ORDER BY severity DESC, opened_at_us, case_id
         LIMIT $3",
    )
    .bind(state)
    .bind(country)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(File::try_from).collect()
}

/// Writes a case, and what happened to it.
pub(super) async fn save(
    connection: &mut AnyConnection,
    file: &File,
    events: &[Event],
) -> Result<(), Error> {
    let decision = file.decision.as_ref().map(|decision| serde_json::json!(decision).to_string());
    let affected = sqlx::query(
        "INSERT INTO case_file
             (case_id, country, subject_kind, subject_key, cause, state, severity, open_findings,
              findings, opened_at_us, sent_at_us, due, decision, changed_at_us, is_due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (case_id) DO UPDATE SET
             state = excluded.state,
             severity = excluded.severity,
             open_findings = excluded.open_findings,
             findings = excluded.findings,
             opened_at_us = excluded.opened_at_us,
             sent_at_us = excluded.sent_at_us,
             due = excluded.due,
             decision = excluded.decision,
             changed_at_us = excluded.changed_at_us,
             is_due = excluded.is_due",
    )
    .bind(&file.case_id)
    .bind(&file.country)
    .bind(&file.subject_kind)
    .bind(&file.subject_key)
    .bind(&file.cause)
    .bind(file.state.as_str())
    .bind(file.severity)
    .bind(file.open_findings)
    .bind(file.findings)
    .bind(file.opened_at_us)
    .bind(file.sent_at_us)
    .bind(file.due.as_deref())
    .bind(decision)
    .bind(file.changed_at_us)
    .bind(i64::from(file.is_due))
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("case_file", 1, affected)?;
    for event in events {
        add(connection, &file.case_id, event).await?;
    }
    Ok(())
}

async fn add(connection: &mut AnyConnection, case_id: &str, event: &Event) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO case_event
             (case_id, event_no, at_us, actor, action, reason, document_name, document_sha256)
         SELECT $1, COALESCE(MAX(event_no), 0) + 1, $2, $3, $4, $5, $6, $7
         FROM case_event
         WHERE case_id = $1",
    )
    .bind(case_id)
    .bind(event.at_us)
    .bind(&event.actor)
    .bind(&event.action)
    .bind(&event.reason)
    .bind(&event.document_name)
    .bind(&event.document_sha256)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("case_event", 1, affected)?)
}

/// Everything that happened to a case, the oldest first.
pub(super) async fn history(
    connection: &mut AnyConnection,
    case_id: &str,
) -> Result<Vec<Event>, Error> {
    Ok(sqlx::query_as(
        "SELECT at_us, actor, action, reason, document_name, document_sha256
         FROM case_event
         WHERE case_id = $1
         ORDER BY event_no",
    )
    .bind(case_id)
    .fetch_all(connection)
    .await?)
}

/// How a finding stood in a case: its state and weight; none if it was not in it.
pub(super) async fn standing(
    connection: &mut AnyConnection,
    case_id: &str,
    finding_id: &str,
) -> Result<Option<(String, i64)>, Error> {
    let row = sqlx::query(
        "SELECT state, severity FROM case_finding WHERE case_id = $1 AND finding_id = $2",
    )
    .bind(case_id)
    .bind(finding_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?))).transpose()?)
}

/// Writes how a finding stands in a case, and counts anew.
pub(super) async fn stand(
    connection: &mut AnyConnection,
    file: &mut File,
    known: &Known,
    (is_open, severity): (bool, i64),
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO case_finding (case_id, finding_id, state, severity)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (case_id, finding_id) DO UPDATE SET
             state = excluded.state,
             severity = excluded.severity",
    )
    .bind(&file.case_id)
    .bind(&known.finding_id)
    .bind(if is_open { "open" } else { "closed" })
    .bind(severity)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("case_finding", 1, affected)?;
    let row = sqlx::query(
        "SELECT COUNT(*),
                CAST(COALESCE(SUM(CASE state WHEN 'open' THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(MAX(CASE state WHEN 'open' THEN severity END), 0) AS BIGINT),
                CAST(COALESCE(MAX(severity), 1) AS BIGINT)
         FROM case_finding
         WHERE case_id = $1",
    )
    .bind(&file.case_id)
    .fetch_one(connection)
    .await?;
    (file.findings, file.open_findings) = (row.try_get(0)?, row.try_get(1)?);
    let open: i64 = row.try_get(2)?;
    file.severity = if open == 0 { row.try_get(3)? } else { open };
    Ok(())
}

/// The last event of the findings that was taken up.
pub(super) async fn cursor(connection: &mut AnyConnection) -> Result<i64, Error> {
    let row = sqlx::query("SELECT event_id FROM case_cursor WHERE cursor_id = 1");
    Ok(row.fetch_one(connection).await?.try_get(0)?)
}

/// Moves on to it.
pub(super) async fn advance(connection: &mut AnyConnection, event_id: i64) -> Result<(), Error> {
    let affected = sqlx::query("UPDATE case_cursor SET event_id = $1 WHERE cursor_id = 1")
        .bind(event_id)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(expect_rows("case_cursor", 1, affected)?)
}
