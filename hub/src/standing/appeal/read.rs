//! Appeals as they are read, each with its history.

use jiff::{Timestamp, civil::Date};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Appeal, Outcome, Refusal, Step};
use crate::{share::Error, store};

/// One appeal; refused if there is none of that number.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    appeal_id: &str,
    today: Date,
) -> Result<Appeal, Error> {
    let found = select(connection, (appeal_id, ""), today).await?.pop();
    found.ok_or_else(|| Refusal::AppealUnknown(appeal_id.to_owned()).into())
}

/// The appeals, those that are open or all, the oldest first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    is_all: bool,
    today: Date,
) -> Result<Vec<Appeal>, Error> {
    let mut appeals = select(connection, ("", ""), today).await?;
    appeals.retain(|appeal| is_all || appeal.state == "open");
    Ok(appeals)
}

/// The appeals against decisions about one record.
pub(in crate::standing) async fn of_record(
    connection: &mut AnyConnection,
    record_key: &str,
    today: Date,
) -> Result<Vec<Appeal>, Error> {
    select(connection, ("", record_key), today).await
}

/// The appeals with these; an empty text for any.
async fn select(
    connection: &mut AnyConnection,
    (appeal_id, record_key): (&str, &str),
    today: Date,
) -> Result<Vec<Appeal>, Error> {
    let rows = sqlx::query(
        "SELECT a.appeal_id, a.decision_id, a.appellant, a.ground, a.document_name,
                a.document_sha256, a.lodged_on, a.deadline, a.recorded_at_us,
                d.entity, d.record_key, d.status,
                r.outcome, r.ruled_on, r.ruled_by, r.ground AS ruled_ground,
                r.document_name AS ruled_document, r.document_sha256 AS ruled_sha256,
                r.lifting_decision_id, r.recorded_at_us AS ruled_at_us
         FROM appeal a
         JOIN decision d ON d.decision_id = a.decision_id
         LEFT JOIN appeal_ruling r ON r.appeal_id = a.appeal_id
         WHERE ($1 = '' OR a.appeal_id = $1)
           AND ($2 = '' OR d.record_key = $2)
         ORDER BY a.recorded_at_us, a.appeal_id",
    )
    .bind(appeal_id)
    .bind(record_key)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| appeal(row, today)).collect()
}

fn appeal(row: &AnyRow, today: Date) -> Result<Appeal, Error> {
    let id: String = row.try_get("appeal_id")?;
    let deadline: String = row.try_get("deadline")?;
    let last_day: Date = deadline.parse().map_err(|_| inconsistent("deadline", &id))?;
    let lodged = Step {
        event: "lodged",
        on: row.try_get("lodged_on")?,
        by: row.try_get("appellant")?,
        ground: row.try_get("ground")?,
        document_name: row.try_get("document_name")?,
        document_sha256: hex::encode(row.try_get::<Vec<u8>, _>("document_sha256")?),
        ..at(row.try_get("recorded_at_us")?, &id)?
    };
    let ruling = match row.try_get::<Option<String>, _>("outcome")? {
        Some(outcome) => Some(Step {
            event: outcome_of(&outcome, &id)?.as_str(),
            on: row.try_get("ruled_on")?,
            by: row.try_get("ruled_by")?,
            ground: row.try_get("ruled_ground")?,
            document_name: row.try_get("ruled_document")?,
            document_sha256: hex::encode(row.try_get::<Vec<u8>, _>("ruled_sha256")?),
            ..at(row.try_get("ruled_at_us")?, &id)?
        }),
        None => None,
    };
    Ok(Appeal {
        decision_id: row.try_get("decision_id")?,
        entity: row.try_get("entity")?,
        record_key: row.try_get("record_key")?,
        decided_status: row.try_get("status")?,
        state: ruling.as_ref().map_or("open", |step| step.event),
        is_overdue: ruling.is_none() && today > last_day,
        lifting_decision_id: row.try_get("lifting_decision_id")?,
        history: std::iter::once(lodged).chain(ruling).collect(),
        id,
        deadline,
    })
}

/// A step of which only the instant is known yet.
fn at(recorded_at_us: i64, id: &str) -> Result<Step, Error> {
    let at = Timestamp::from_microsecond(recorded_at_us);
    let at = at.map_err(|_| inconsistent("recorded_at_us", id))?;
    Ok(Step {
        event: "",
        on: String::new(),
        by: String::new(),
        ground: String::new(),
        document_name: String::new(),
        document_sha256: String::new(),
        recorded_at: at.to_string(),
        at,
    })
}

pub(super) fn outcome_of(word: &str, id: &str) -> Result<Outcome, Error> {
    let known = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word);
    known.ok_or_else(|| inconsistent("outcome", id))
}

pub(super) fn inconsistent(column: &'static str, id: &str) -> Error {
    store::Error::Inconsistent { table: "appeal", column, id: id.to_owned() }.into()
}
