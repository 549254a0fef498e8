//! Which lots may stand in the line of some, by their numbers.
//!
//! One recursive question goes from lot to lot over the numbers that inputs name. A
//! number may be that of several lots, so this finds more than is meant, never less; a lot
//! is found once, so that a ring ends. How much is read is bounded by the caller's limit.

use std::{collections::BTreeSet, sync::Arc};

use sqlx::{AnyConnection, Row as _};

use super::{Asked, Error, LOTS_MAX, Way, read::Start};
use crate::store::{bulk::Value, question::Piece};

/// Lots by their keys.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) keys: BTreeSet<Arc<str>>,
    /// Whether there are more than are read.
    pub(super) is_cut: bool,
}

/// The lots whose number an input of a lot of the line names. A key begins with the
/// state, two letters.
const UP: &str = "
    SELECT parent.record_key
    FROM up
    JOIN lot_input stated ON stated.record_key = up.record_key
    JOIN lot parent ON LOWER(parent.lot_number) = LOWER(stated.lot_number)
        AND parent.lot_number = stated.lot_number
        AND parent.country = COALESCE(stated.country, SUBSTR(up.record_key, 1, 2))
        AND (stated.creator_identifier IS NULL
            OR stated.creator_identifier = parent.creator_identifier)
        AND parent.void = 0";

/// The lots with an input that names the number of a lot of the line.
const DOWN: &str = "
    SELECT stated.record_key
    FROM down
    JOIN lot parent ON parent.record_key = down.record_key
    JOIN lot_input stated ON stated.lot_number = parent.lot_number
        AND parent.country = COALESCE(stated.country, SUBSTR(stated.record_key, 1, 2))
        AND (stated.creator_identifier IS NULL
            OR stated.creator_identifier = parent.creator_identifier)";

/// The same, step by step.
const DOWN_STEPS: &str = "
    SELECT stated.record_key, down.step + 1
    FROM down
    JOIN lot parent ON parent.record_key = down.record_key
    JOIN lot_input stated ON stated.lot_number = parent.lot_number
        AND parent.country = COALESCE(stated.country, SUBSTR(stated.record_key, 1, 2))
        AND (stated.creator_identifier IS NULL
            OR stated.creator_identifier = parent.creator_identifier)
    WHERE down.step < ?";

/// The lots around what was asked: in its line, and of those whatever decides which lot a
/// number means and how much of it is traced.
pub(super) async fn around(
    connection: &mut AnyConnection,
    start: &Start,
    asked: &Asked<'_>,
) -> Result<Found, Error> {
    let begin = start.lots();
    if begin.is_empty() {
        return Ok(Found::default());
    }
    let question = match (asked.way, asked.depth) {
        // What is traced leads to the end, however far is shown.
        (Way::Ancestors, _) => {
            let begin = beginning("SELECT record_key FROM lot WHERE record_key IN", begin);
            up_from(Piece::new("WITH RECURSIVE ", []), &begin)
        }
        (Way::Descendants, None) => {
            let mut question = Piece::new("WITH RECURSIVE down (record_key) AS (", []);
            question.append(&beginning("SELECT record_key FROM lot WHERE record_key IN", begin));
            question.push("\n    UNION", []);
            question.push(DOWN, []);
            question.push("),\n", []);
            up_from(question, &Piece::new("SELECT record_key FROM down", []))
        }
        (Way::Descendants, Some(depth)) => {
            let mut question = Piece::new("WITH RECURSIVE down (record_key, step) AS (", []);
            let head = "SELECT record_key, CAST(0 AS BIGINT) FROM lot WHERE record_key IN";
            question.append(&beginning(head, begin));
            question.push("\n    UNION", []);
            // One step further, so that it shows where there are deeper ones.
            question.push(DOWN_STEPS, [Value::integer(i64::from(depth) + 1)]);
            question.push("),\n", []);
            up_from(question, &Piece::new("SELECT record_key FROM down", []))
        }
    };
    let rows = question.rows(connection).await?;
    let is_cut = rows.len() > LOTS_MAX;
    let keys = rows.iter().take(LOTS_MAX).map(|row| Ok(row.try_get::<String, _>(0)?.into()));
    Ok(Found { keys: keys.collect::<Result<_, Error>>()?, is_cut })
}

fn beginning(head: &'static str, lots: &BTreeSet<Arc<str>>) -> Piece {
    let mut piece = Piece::default();
    piece.push_in(head, lots.iter().map(|key| Value::required(&**key)));
    piece
}

fn up_from(mut question: Piece, begin: &Piece) -> Piece {
    question.push("up (record_key) AS (", []);
    question.append(begin);
    question.push("\n    UNION", []);
    question.push(UP, []);
    question.push(")\nSELECT record_key FROM up LIMIT ?", [Value::integer(limit())]);
    question
}

/// One more than is read, so that it shows where there are more.
fn limit() -> i64 {
    i64::try_from(LOTS_MAX + 1).unwrap_or(i64::MAX)
}
