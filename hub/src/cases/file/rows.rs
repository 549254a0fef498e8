//! The statements behind the cases; each text runs on both stores.

use sqlx::{AnyConnection, Row as _};

use super::{Event, File, Row};
use crate::{
    cases::{Error, finding::Known},
    store::{self, expect_rows},
};

/// Takes the turn until the transaction ends.
pub(in crate::cases) async fn turn(connection: &mut AnyConnection) -> Result<(), store::Error> {
    let affected = sqlx::query("UPDATE case_cursor SET steps = steps + 1 WHERE cursor_id = 1")
        .execute(connection)
        .await?
        .rows_affected();
    expect_rows("case_cursor", 1, affected)
}

/// One case by its whole number.
pub(in crate::cases) async fn find(
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
pub(in crate::cases) async fn named(
    connection: &mut AnyConnection,
    begin: &str,
) -> Result<File, Error> {
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
pub(in crate::cases) async fn all(
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
pub(in crate::cases) async fn save(
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
pub(in crate::cases) async fn history(
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
pub(in crate::cases) async fn standing(
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
pub(in crate::cases) async fn stand(
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
pub(in crate::cases) async fn cursor(connection: &mut AnyConnection) -> Result<i64, Error> {
    let row = sqlx::query("SELECT event_id FROM case_cursor WHERE cursor_id = 1");
    Ok(row.fetch_one(connection).await?.try_get(0)?)
}

/// Moves on to it.
pub(in crate::cases) async fn advance(
    connection: &mut AnyConnection,
    event_id: i64,
) -> Result<(), Error> {
    let affected = sqlx::query("UPDATE case_cursor SET event_id = $1 WHERE cursor_id = 1")
        .bind(event_id)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(expect_rows("case_cursor", 1, affected)?)
}
