//! Findings as they are kept, with their history.
//!
//! Owns the tables `finding` and `finding_event`. A discrepancy keeps its row as long as
//! its id stays, whatever its numbers: it is opened, changed, closed and opened again,
//! and each time a line of its history says so. What did not change leaves no line.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rmd_reconcile::{Raised, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow, Row as _, any::AnyRow};

use super::turn::Evaluated;
use crate::store::{
    self,
    bulk::{self, Cell, Columns, Rows, Table},
};

static TABLE: Table = Table {
    name: "finding",
    key: "finding_id",
    columns: &[Columns::named(
        "finding_id, rule, rule_version, severity, subject_kind, subject_key, country, sentence, \
         measures, evidence, parameters_version, state, first_opened_on, opened_on, closed_on, \
         changed_at_us",
    )],
};

static EVENT: Table = Table {
    name: "finding_event",
    key: "event_id",
    columns: &[Columns::named(
        "event_id, finding_id, change, day, at_us, severity, measures, evidence, \
         parameters_version",
    )],
};

/// A record on which a finding rests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// Its type.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) key: String,
    /// The revision that was judged.
    pub(crate) rev: u64,
    /// SHA-256 of its bytes, lower case hexadecimal.
    pub(crate) digest: String,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Finding {
    #[serde(rename = "finding_id")]
    #[sqlx(rename = "finding_id")]
    pub(crate) id: String,
    pub(crate) rule: String,
    pub(crate) rule_version: i64,
    pub(crate) severity: i64,
    pub(crate) subject_kind: String,
    pub(crate) subject_key: String,
    /// The state that may answer, alpha-2.
    pub(crate) country: String,
    /// Id of the sentence.
    pub(crate) sentence: String,
    /// JSON list.
    pub(crate) measures: String,
    /// JSON list.
    pub(crate) evidence: String,
    pub(crate) parameters_version: i64,
    /// `open` or `closed`.
    pub(crate) state: String,
    pub(crate) first_opened_on: String,
    pub(crate) opened_on: String,
    pub(crate) closed_on: Option<String>,
    pub(crate) changed_at_us: i64,
}

/// When a step judges, and by which limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    pub(super) day: Date,
    pub(super) at: Timestamp,
    pub(super) parameters_version: u32,
}

impl Occasion {
    /// The evaluation that is complete with it.
    pub(super) const fn evaluated(self) -> Evaluated {
        Evaluated { day: self.day, parameters_version: self.parameters_version, at: self.at }
    }
}

/// How many findings went which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) opened: u64,
    pub(crate) changed: u64,
    pub(crate) closed: u64,
    pub(crate) reopened: u64,
}

impl Counts {
    /// Adds others.
    pub(super) fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.changed += other.changed;
        self.closed += other.closed;
        self.reopened += other.reopened;
    }
}

impl Finding {
    pub(crate) fn is_open(&self) -> bool {
        self.state == "open"
    }

    /// A finding as it is raised on an occasion.
    pub(super) fn of(raised: &Raised, occasion: Occasion) -> Self {
        let mut evidence: Vec<Evidence> = raised
            .evidence
            .iter()
            .map(|named| Evidence {
                entity: named.entity.name().to_owned(),
                key: named.key.as_ref().to_owned(),
                rev: named.rev,
                digest: hex::encode(named.digest),
            })
            .collect();
        evidence.sort_unstable();
        evidence.dedup();
        let day = occasion.day.to_string();
        Self {
            id: hex::encode(raised.id()),
            rule: raised.rule.id().to_owned(),
            rule_version: i64::from(raised.rule.info().version),
            severity: i64::from(raised.severity.number()),
            subject_kind: raised.subject.kind.as_str().to_owned(),
            subject_key: raised.subject.key.clone(),
            country: raised.country.clone(),
            sentence: raised.sentence.id.to_owned(),
            measures: json(&raised.measures),
            evidence: json(&evidence),
            parameters_version: i64::from(occasion.parameters_version),
            state: "open".to_owned(),
            first_opened_on: day.clone(),
            opened_on: day,
            closed_on: None,
            changed_at_us: occasion.at.as_microsecond(),
        }
    }

    /// What it says; whoever keeps only this notices a change.
    fn said(&self) -> (i64, i64, &str, &str, &str) {
        (self.rule_version, self.severity, &self.country, &self.measures, &self.evidence)
    }

    fn row(&self) -> [Cell<'_>; 16] {
        [
            Cell::required(&self.id),
            Cell::required(&self.rule),
            Cell::integer(self.rule_version),
            Cell::integer(self.severity),
            Cell::required(&self.subject_kind),
            Cell::required(&self.subject_key),
            Cell::required(&self.country),
            Cell::required(&self.sentence),
            Cell::required(&self.measures),
            Cell::required(&self.evidence),
            Cell::integer(self.parameters_version),
            Cell::required(&self.state),
            Cell::required(&self.first_opened_on),
            Cell::required(&self.opened_on),
            Cell::maybe(self.closed_on.as_deref()),
            Cell::integer(self.changed_at_us),
        ]
    }
}

fn json<T: Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("measures and evidence are texts and numbers")
}

/// What one step does to findings.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Rows as they are to be, with the word for the history; none where only the
    /// version of the limits moved on.
    rows: Vec<(Finding, Option<&'static str>)>,
}

impl Changes {
    /// What follows for findings that are kept of some subjects from all that is raised
    /// about the same subjects.
    pub(super) fn between(
        kept: impl IntoIterator<Item = Finding>,
        raised: impl IntoIterator<Item = Finding>,
        occasion: Occasion,
    ) -> Self {
        let mut raised: BTreeMap<String, Finding> =
            raised.into_iter().map(|one| (one.id.clone(), one)).collect();
        let mut rows = Vec::new();
        for kept in kept {
            match raised.remove(&kept.id) {
                Some(now) => rows.extend(again(kept, now)),
                None if kept.is_open() => rows.push((closed(kept, occasion), Some("closed"))),
                None => {}
            }
        }
        rows.extend(raised.into_values().map(|new| (new, Some("opened"))));
        // In the order of ids, whatever the order in which subjects were judged.
        rows.sort_unstable_by(|one, other| one.0.id.cmp(&other.0.id));
        Self { rows }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many went which way.
    pub(super) fn counts(&self) -> Counts {
        let of = |word: &str| {
            self.rows.iter().filter(|(_, change)| *change == Some(word)).count() as u64
        };
        Counts {
            opened: of("opened"),
            changed: of("changed"),
            closed: of("closed"),
            reopened: of("reopened"),
        }
    }

    /// Writes rows and history, within the turn.
    pub(super) async fn write(
        &self,
        connection: &mut AnyConnection,
        occasion: Occasion,
    ) -> Result<(), store::Error> {
        if self.is_empty() {
            return Ok(());
        }
        let row = sqlx::query("SELECT COALESCE(MAX(event_id), 0) FROM finding_event")
            .fetch_one(&mut *connection)
            .await?;
        let mut last: i64 = row.try_get(0)?;
        let day = occasion.day.to_string();
        let (mut rows, mut events) = (Rows::new(&TABLE), Rows::new(&EVENT));
        for (finding, change) in &self.rows {
            rows.push(finding.row());
            let Some(change) = change else { continue };
            last += 1;
            events.push([
                Cell::integer(last),
                Cell::required(&finding.id),
                Cell::required(*change),
                Cell::required(&day),
                Cell::integer(occasion.at.as_microsecond()),
                Cell::integer(finding.severity),
                Cell::required(&finding.measures),
                Cell::required(&finding.evidence),
                Cell::integer(i64::from(occasion.parameters_version)),
            ]);
        }
        rows.upsert(connection, "").await?;
        events.insert(connection).await
    }
}

/// A finding that is raised and was known; none if it says what it said.
fn again(kept: Finding, now: Finding) -> Option<(Finding, Option<&'static str>)> {
    let change = match (kept.is_open(), kept.said() == now.said()) {
        (true, true) if kept.parameters_version == now.parameters_version => return None,
        (true, true) => {
            let parameters_version = now.parameters_version;
            return Some((Finding { parameters_version, ..kept }, None));
        }
        (true, false) => "changed",
        (false, _) => "reopened",
    };
    let opened_on = if kept.is_open() { kept.opened_on } else { now.opened_on };
    Some((Finding { first_opened_on: kept.first_opened_on, opened_on, ..now }, Some(change)))
}

fn closed(kept: Finding, occasion: Occasion) -> Finding {
    Finding {
        state: "closed".to_owned(),
        closed_on: Some(occasion.day.to_string()),
        changed_at_us: occasion.at.as_microsecond(),
        ..kept
    }
}

/// Findings of subjects, open or closed, by the keys of the subjects; of other kinds
/// with the same keys too.
pub(super) async fn of_subjects(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<Vec<Finding>, store::Error> {
    let head = "SELECT finding_id, rule, rule_version, severity, subject_kind, subject_key, \
                country, sentence, measures, evidence, parameters_version, state, \
                first_opened_on, opened_on, closed_on, changed_at_us \
                FROM finding WHERE subject_key IN (";
    let rows = bulk::select_in(connection, (head, None), keys, ")").await?;
    read(&rows)
}

/// Findings about one kind of subjects, open or closed.
pub(super) async fn of_kind(
    connection: &mut AnyConnection,
    kind: SubjectKind,
) -> Result<Vec<Finding>, store::Error> {
    let rows = sqlx::query(
        "SELECT finding_id, rule, rule_version, severity, subject_kind, subject_key,
                country, sentence, measures, evidence, parameters_version, state,
                first_opened_on, opened_on, closed_on, changed_at_us
         FROM finding
         WHERE subject_kind = $1",
    )
    .bind(kind.as_str())
    .fetch_all(connection)
    .await?;
    read(&rows)
}

/// Whether there are any, open or closed.
pub(super) async fn is_any(connection: &mut AnyConnection) -> Result<bool, store::Error> {
    let any = sqlx::query("SELECT finding_id FROM finding LIMIT 1").fetch_optional(connection);
    Ok(any.await?.is_some())
}

/// Findings that are open, with their subjects, after an id, at most so many.
pub(super) async fn open_after(
    connection: &mut AnyConnection,
    last: &str,
    limit: i64,
) -> Result<Vec<(String, Subject)>, store::Error> {
    let rows = sqlx::query(
        "SELECT finding_id, subject_kind, subject_key
         FROM finding
         WHERE state = 'open' AND finding_id > $1
         ORDER BY finding_id
         LIMIT $2",
    )
    .bind(last)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let mut open = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, kind): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let key: String = row.try_get(2)?;
        let column = "subject_kind";
        let wrong = || store::Error::Inconsistent { table: "finding", column, id: id.clone() };
        let kind = SubjectKind::of(&kind).ok_or_else(wrong)?;
        open.push((id, Subject::new(kind, key)));
    }
    Ok(open)
}

fn read(rows: &[AnyRow]) -> Result<Vec<Finding>, store::Error> {
    Ok(rows.iter().map(Finding::from_row).collect::<Result<_, _>>()?)
}
