//! Discrepancy cases: how they stand, and what happened to them in the month.
//!
//! Counts alone are read: which entity a case is about stays with who works on it.

use jiff::{
    civil::{Date, Time},
    tz::Offset,
};
use rmd_report::{CaseCount, CaseState, CaseStep, CaseSteps, Cases};
use sqlx::{AnyConnection, FromRow};

use super::{Error, Occasion};
use crate::store;

/// The cases; none where none was ever opened.
pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Option<Cases>, Error> {
    let standing = standing(connection, occasion.day).await?;
    if standing.is_empty() {
        return Ok(None);
    }
    let mut steps = Vec::new();
    steps.extend(of_step(opened(connection, occasion).await?, CaseStep::Opened));
    for (step, actions) in [
        (CaseStep::Asked, ["sent", "sent", "sent"]),
        (CaseStep::Answered, ["answered", "answered late", "answered late"]),
        (CaseStep::Decided, ["explained", "confirmed", "false_alarm"]),
        (CaseStep::Resolved, ["resolved", "resolved", "resolved"]),
    ] {
        steps.extend(of_step(happened(connection, occasion, actions).await?, step));
    }
    steps.sort_by(|one, other| {
        (&one.country, &one.cause, one.severity, one.step).cmp(&(
            &other.country,
            &other.cause,
            other.severity,
            other.step,
        ))
    });
    Ok(Some(Cases { standing, steps }))
}

#[derive(FromRow)]
struct Stands {
    country: String,
    cause: String,
    severity: i64,
    state: String,
    count: i64,
    overdue: i64,
}

async fn standing(connection: &mut AnyConnection, day: Date) -> Result<Vec<CaseCount>, Error> {
    let rows: Vec<Stands> = sqlx::query_as(
        "SELECT country, cause, severity, state, COUNT(*) AS count,
                CAST(SUM(CASE WHEN state = 'sent' AND due < $1 THEN 1 ELSE 0 END) AS BIGINT)
                    AS overdue
         FROM case_file
         GROUP BY country, cause, severity, state
         ORDER BY country, cause, severity DESC, state",
    )
    .bind(day.to_string())
    .fetch_all(connection)
    .await?;
    let one = |row: Stands| {
        let state = CaseState::ALL.into_iter().find(|state| state.word().code == row.state);
        let wrong = || {
            let id = format!("{} {}", row.country, row.cause);
            store::Error::Inconsistent { table: "case_file", column: "state", id }
        };
        Ok(CaseCount {
            state: state.ok_or_else(wrong)?,
            severity: severity(row.severity),
            count: row.count.unsigned_abs(),
            overdue: row.overdue.unsigned_abs(),
            country: Some(row.country),
            cause: row.cause,
        })
    };
    rows.into_iter().map(one).collect()
}

#[derive(FromRow)]
struct Counted {
    country: String,
    cause: String,
    severity: i64,
    count: i64,
}

fn of_step(rows: Vec<Counted>, step: CaseStep) -> impl Iterator<Item = CaseSteps> {
    rows.into_iter().map(move |row| CaseSteps {
        country: Some(row.country),
        cause: row.cause,
        severity: severity(row.severity),
        step,
        count: row.count.unsigned_abs(),
    })
}

/// Cases whose first event, or a reopening, was in the month.
async fn opened(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Vec<Counted>, Error> {
    let (from, to) = bounds(occasion);
    Ok(sqlx::query_as(
        "SELECT f.country, f.cause, f.severity, COUNT(DISTINCT e.case_id) AS count
         FROM case_event e
         JOIN case_file f ON f.case_id = e.case_id
         WHERE e.at_us >= $1 AND e.at_us < $2 AND (e.event_no = 1 OR e.action = 'reopened')
         GROUP BY f.country, f.cause, f.severity",
    )
    .bind(from)
    .bind(to)
    .fetch_all(connection)
    .await?)
}

/// Cases to which one of these happened in the month, each once.
async fn happened(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    actions: [&'static str; 3],
) -> Result<Vec<Counted>, Error> {
    let (from, to) = bounds(occasion);
    Ok(sqlx::query_as(
        "SELECT f.country, f.cause, f.severity, COUNT(DISTINCT e.case_id) AS count
         FROM case_event e
         JOIN case_file f ON f.case_id = e.case_id
         WHERE e.at_us >= $1 AND e.at_us < $2 AND e.action IN ($3, $4, $5)
         GROUP BY f.country, f.cause, f.severity",
    )
    .bind(from)
    .bind(to)
    .bind(actions[0])
    .bind(actions[1])
    .bind(actions[2])
    .fetch_all(connection)
    .await?)
}

/// The first instant of the month and that of the next, in UTC microseconds.
fn bounds(occasion: &Occasion) -> (i64, i64) {
    let begins = |day: Date| {
        let begins = Offset::constant(2).to_timestamp(day.to_datetime(Time::midnight()));
        begins.map_or(i64::MAX, jiff::Timestamp::as_microsecond)
    };
    let next = occasion.month.last_day().tomorrow().unwrap_or(Date::MAX);
    (begins(occasion.month.first_day()), begins(next))
}

fn severity(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
