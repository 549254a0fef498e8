//! What held of a site or an exporter on a day, as known at an instant.
//!
//! Answers from the revisions, the decisions and the clock alone, so that a question
//! has the same answer whenever it is asked: what became known later changes what held
//! then, never what was known then. A record in shadow does not exist here; one that
//! its state withdrew still has its history.

use jiff::{Timestamp, civil::Date};
use rmd_standard::{
    Entity,
    effective::{Effective, Policy},
};
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use super::{
    appeal::{self, Appeal},
    course::{Course, Turn},
    revision::{self, Revision},
};
use crate::share::{
    Error,
    decision::{self, Decision},
    subject::Subject,
};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) entity: Entity,
    pub(crate) record_key: &'a str,
    /// The day on which something held; none for all.
    pub(crate) day: Option<Date>,
    /// The instant up to which is known.
    pub(crate) known_at: Timestamp,
    /// Today: what begins later is expected only.
    pub(crate) today: Date,
}

/// The history of one status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    pub(crate) entity: &'static str,
    pub(crate) record_key: String,
    pub(crate) country: String,
    /// Everything below is as it was known then.
    pub(crate) known_at: String,
    /// The day that was asked about.
    pub(crate) day: Option<String>,
    /// What held on that day.
    pub(crate) held: Option<Span>,
    /// What held from the first day of which anything is known, oldest first.
    pub(crate) course: Vec<Span>,
    /// What each revision says, oldest knowledge first.
    pub(crate) revisions: Vec<Said>,
    pub(crate) decisions: Vec<Taken>,
    pub(crate) appeals: Vec<Appeal>,
}

/// Days of one status for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Span {
    pub(crate) status: &'static str,
    pub(crate) since: String,
    /// Last day; null if without end.
    pub(crate) until: Option<String>,
    pub(crate) reason: &'static str,
    /// Whether it begins after today, if nothing else happens.
    pub(crate) is_expected: bool,
}

/// What one revision says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    /// When the hub received it.
    pub(crate) known_at: String,
    pub(crate) node_id: String,
    pub(crate) epoch: i64,
    pub(crate) seq: i64,
    pub(crate) rev: i64,
    /// upsert; tombstone or annul: nothing is declared any more.
    pub(crate) op: String,
    pub(crate) status: &'static str,
    pub(crate) since: String,
    /// Days of inspections, with what they found.
    pub(crate) inspections: Vec<String>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Taken {
    pub(crate) decision_id: String,
    pub(crate) status: &'static str,
    pub(crate) decided_on: String,
    pub(crate) decided_by: String,
    pub(crate) ground: String,
    pub(crate) document_sha256: String,
    pub(crate) lifts: bool,
    pub(crate) recorded_at: String,
}

/// The history that a question is about; none if nothing is known of the record.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
    policy: &Policy,
) -> Result<Option<Answer>, Error> {
    let Asked { entity, record_key: key, known_at, .. } = asked;
    let Some(country) = released(connection, entity, key).await? else { return Ok(None) };
    let known = revision::of_keys(connection, entity, &[key]).await?.remove(key);
    let known = known.unwrap_or_default();
    let subject = Subject::of_keys(connection, entity, &[key]).await?.pop();
    let decisions = decision::of_site(connection, key).await?;
    let appeals = appeal::of_record(connection, key, asked.today).await?;
    let course = match subject {
        Some(subject) => Course::of_subject(&subject, usize::MAX, &decisions),
        None => Course::of_revisions(entity, &known, &decisions)?,
    };
    let is_known = |at: Timestamp| at <= known_at;
    let revisions = known.iter().filter(|one| one.known_at().is_ok_and(is_known));
    let decisions = decisions.into_iter().filter(|one| is_known(one.recorded_at));
    let held = |day| {
        let effective = course.on(day, known_at, policy);
        Span::of(&effective, effective.since, asked.today)
    };
    let turns = course.turns(known_at, None, policy);
    Ok(Some(Answer {
        entity: entity.name(),
        record_key: key.to_owned(),
        country,
        known_at: known_at.to_string(),
        day: asked.day.map(|day| day.to_string()),
        held: asked.day.map(held),
        course: turns.iter().map(|turn| turn.span(asked.today)).collect(),
        revisions: revisions.map(|one| said(entity, one)).collect::<Result<_, _>>()?,
        decisions: decisions.map(decided).collect(),
        appeals: appeals.into_iter().filter_map(|one| one.known_by(known_at)).collect(),
    }))
}

/// The state of a record that is not in shadow; none if there is none.
async fn released(
    connection: &mut AnyConnection,
    entity: Entity,
    record_key: &str,
) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        "SELECT country FROM record WHERE entity = $1 AND record_key = $2 AND shadow = 0",
    )
    .bind(entity.name())
    .bind(record_key)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

impl Turn {
    fn span(&self, today: Date) -> Span {
        Span::of(&self.effective, self.on, today)
    }
}

impl Span {
    fn of(effective: &Effective, since: Date, today: Date) -> Self {
        Self {
            status: decision::word(effective.status),
            since: since.to_string(),
            until: effective.until.map(|until| until.to_string()),
            reason: effective.reason.as_str(),
            is_expected: since > today,
        }
    }
}

fn said(entity: Entity, known: &Revision) -> Result<Said, Error> {
    let (status, since, inspections) = if entity == Entity::ExporterStatus {
        let one = known.exporter()?;
        (one.certification_status(), one.certification_status_since, Vec::new())
    } else {
        let site = known.site()?;
        let visits = site.inspection.iter().map(|visit| {
            format!("{} {}", visit.inspection_date, decision::word(visit.inspection_result()))
        });
        let visits = visits.collect();
        (site.certification_status(), site.certification_status_since, visits)
    };
    Ok(Said {
        known_at: known.known_at()?.to_string(),
        node_id: known.node_id.clone(),
        epoch: known.epoch,
        seq: known.seq,
        rev: known.rev,
        op: known.op.clone(),
        status: decision::word(status),
        since,
        inspections,
    })
}

fn decided(decision: Decision) -> Taken {
    Taken {
        decision_id: decision.id,
        status: decision.status.as_str(),
        decided_on: decision.decided_on.to_string(),
        decided_by: decision.decided_by,
        ground: decision.ground,
        document_sha256: hex::encode(decision.document_sha256),
        lifts: decision.lifts,
        recorded_at: decision.recorded_at.to_string(),
    }
}
