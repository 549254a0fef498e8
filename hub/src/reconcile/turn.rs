//! Whose step it is, and what everything was judged by last.
//!
//! Owns the tables `reconcile_turn` and `evaluation`. A step reads from one moment and
//! writes later: it counts only if nobody else did a step in between.

use jiff::{Timestamp, civil::Date};
use sqlx::{AnyConnection, FromRow, Row as _};

use super::Error;
use crate::store;

/// The row as a step found it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Turn {
    pub(super) steps: i64,
    /// 1: everything is to be judged.
    pub(super) whole: i64,
    /// SHA-256 of limits, coverage and clocks.
    pub(super) ground: String,
    /// Levels in force of each node's record types.
    pub(super) levels: String,
    /// How many decisions about sites were taken into account.
    pub(super) decisions: i64,
    /// SHA-256 of what states and feeds as wholes were judged by.
    pub(super) states: String,
}

impl Turn {
    /// Whether everything is to be judged, whatever came.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole != 0
    }

    /// The same, and whether everything is to be judged from here on.
    pub(super) fn with_whole(self, is_whole: bool) -> Self {
        Self { whole: i64::from(is_whole), ..self }
    }
}

/// The last completed evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evaluated {
    /// The day of evaluation.
    pub(crate) day: Date,
    /// Version of the limits.
    pub(crate) parameters_version: u32,
    /// When.
    pub(crate) at: Timestamp,
}

/// The row as it is.
pub(super) async fn load(connection: &mut AnyConnection) -> Result<Turn, store::Error> {
    Ok(sqlx::query_as(
        "SELECT steps, whole, ground, levels, decisions, states
         FROM reconcile_turn
         WHERE turn_id = 1",
    )
    .fetch_one(connection)
    .await?)
}

/// Takes the turn after `found` and leaves `turn`; the turn as it is then, or none if
/// another process was faster.
pub(super) async fn take(
    connection: &mut AnyConnection,
    found: &Turn,
    turn: &Turn,
) -> Result<Option<Turn>, store::Error> {
    let affected = sqlx::query(
        "UPDATE reconcile_turn
         SET steps = steps + 1, whole = $1, ground = $2, levels = $3, decisions = $4,
             states = $5
         WHERE turn_id = 1 AND steps = $6",
    )
    .bind(turn.whole)
    .bind(&turn.ground)
    .bind(&turn.levels)
    .bind(turn.decisions)
    .bind(&turn.states)
    .bind(found.steps)
    .execute(connection)
    .await?
    .rows_affected();
    Ok((affected == 1).then(|| Turn { steps: found.steps + 1, ..turn.clone() }))
}

/// The last completed evaluation; none before the first.
pub(crate) async fn evaluated(connection: &mut AnyConnection) -> Result<Option<Evaluated>, Error> {
    let row = sqlx::query("SELECT day, parameters_version, at_us FROM evaluation")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let wrong = |column| store::Error::Inconsistent {
        table: "evaluation",
        column,
        id: "the only row".to_owned(),
    };
    let day: String = row.try_get("day")?;
    let version: i64 = row.try_get("parameters_version")?;
    Ok(Some(Evaluated {
        day: day.parse().map_err(|_| wrong("day"))?,
        parameters_version: u32::try_from(version).map_err(|_| wrong("parameters_version"))?,
        at: Timestamp::from_microsecond(row.try_get("at_us")?).map_err(|_| wrong("at_us"))?,
    }))
}

/// Notes that everything that is known was judged at a day.
pub(super) async fn complete(
    connection: &mut AnyConnection,
    evaluated: Evaluated,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO evaluation (evaluation_id, day, parameters_version, at_us)
         VALUES (1, $1, $2, $3)
         ON CONFLICT (evaluation_id) DO UPDATE SET
             day = excluded.day,
             parameters_version = excluded.parameters_version,
             at_us = excluded.at_us",
    )
    .bind(evaluated.day.to_string())
    .bind(i64::from(evaluated.parameters_version))
    .bind(evaluated.at.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("evaluation", 1, affected)
}
