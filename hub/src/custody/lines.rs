//! Which lots may stand in the line of some, by their numbers.
//!
//! One recursive question goes from name to name: a name is a state, a number, and the
//! creator if whoever names it tells one. A bare number may be that of several lots, so
//! this finds more than is meant, never less. A name is followed once, however many lots
//! have it and however many state it: so a ring ends, and a thousand hands under one
//! number cost a thousand look-ups. How much is read is bounded by the caller's limit.

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

/// The lots that a name may mean: with a creator the one whose key the name makes, as
/// the standard writes keys, else all of the number. An outer join, so that no planner
/// begins with the lots: see [`FOUND`]; no equality with a constant, for which SQLite
/// would make an index of its own.
const MEANT: &str = "
    LEFT JOIN lot parent ON parent.void < 1 AND (
        (up.creator <> '' AND parent.record_key = up.country
            || '/' || REPLACE(REPLACE(up.creator, '%', '%25'), '/', '%2F')
            || '/' || REPLACE(REPLACE(up.number, '%', '%25'), '/', '%2F'))
        OR (LOWER(parent.lot_number) = CASE WHEN up.creator = '' THEN LOWER(up.number) END
            AND parent.lot_number = up.number AND parent.country = up.country))";

/// Leaves out names that mean no lot, in words that keep the join an outer one.
const FOUND: &str = "\n    WHERE COALESCE(parent.record_key, '') <> ''";

/// The names that inputs of lots state. A key begins with the state, two letters.
const STATED: &str = "
    SELECT COALESCE(stated.country, SUBSTR(stated.record_key, 1, 2)), stated.lot_number,
        COALESCE(stated.creator_identifier, '')";

/// The inputs that state a name. Names stand in expressions, so that no planner looks
/// them up for each input there is.
const NAMING: &str = "
    JOIN lot_input stated ON stated.lot_number = (down.number || '')
        AND COALESCE(stated.creator_identifier, '') = (down.creator || '')
        AND COALESCE(stated.country, SUBSTR(stated.record_key, 1, 2)) = (down.country || '')";

/// By which a lot is named: its number alone, or with its creator.
const KINDS: &str = "WITH RECURSIVE kind (bare) AS (SELECT 0 UNION ALL SELECT 1),";

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
    let begin = beginning(begin);
    let question = match asked.way {
        // What is traced leads to the end, however far is shown.
        Way::Ancestors => up_from(Piece::new("WITH RECURSIVE ", []), &begin),
        Way::Descendants => down_from(&begin, asked.depth),
    };
    let rows = question.rows(connection).await?;
    let is_cut = rows.len() > LOTS_MAX;
    let keys = rows.iter().take(LOTS_MAX).map(|row| Ok(row.try_get::<String, _>(0)?.into()));
    Ok(Found { keys: keys.collect::<Result<_, Error>>()?, is_cut })
}

fn beginning(lots: &BTreeSet<Arc<str>>) -> Piece {
    let mut piece = Piece::default();
    let head = "SELECT record_key FROM lot WHERE record_key IN";
    piece.push_in(head, lots.iter().map(|key| Value::required(&**key)));
    piece
}

/// Everything that came of some lots, and everything before that.
fn down_from(begin: &Piece, depth: Option<u32>) -> Piece {
    // Without a depth all steps are one, so that a name is followed once.
    let (next, within) = match depth {
        None => ("0", None),
        // One step further, so that it shows where there are deeper ones.
        Some(depth) => ("down.step + 1", Some(i64::from(depth) + 1)),
    };
    let mut question = Piece::new(KINDS, []);
    question.push(
        "\ndown (country, number, creator, step) AS (
    SELECT lot.country, lot.lot_number,
        CASE WHEN kind.bare = 1 THEN '' ELSE COALESCE(lot.creator_identifier, '') END,
        CAST(0 AS BIGINT)
    FROM lot CROSS JOIN kind
    WHERE lot.record_key IN (",
        [],
    );
    question.append(begin);
    question.push(
        ")
    UNION
    SELECT child.country, child.lot_number,
        CASE WHEN kind.bare = 1 THEN '' ELSE COALESCE(child.creator_identifier, '') END,
        ",
        [],
    );
    question.push(next, []);
    question.push("\n    FROM down", []);
    question.push(NAMING, []);
    question.push(
        "\n    JOIN lot child ON child.record_key = stated.record_key\n    CROSS JOIN kind",
        [],
    );
    if let Some(within) = within {
        question.push("\n    WHERE down.step < ?", [Value::integer(within)]);
    }
    question.push("),\nfound (record_key) AS (\n", []);
    question.append(begin);
    question.push("\n    UNION\n    SELECT stated.record_key FROM down", []);
    question.push(NAMING, []);
    if let Some(within) = within {
        question.push("\n    WHERE down.step < ?", [Value::integer(within)]);
    }
    question.push("),\n", []);
    up_from(question, &Piece::new("SELECT record_key FROM found", []))
}

/// Some lots, and everything before them.
fn up_from(mut question: Piece, begin: &Piece) -> Piece {
    question.push("up (country, number, creator) AS (", []);
    question.push(STATED, []);
    question.push("\n    FROM lot_input stated WHERE stated.record_key IN (", []);
    question.append(begin);
    question.push(")\n    UNION", []);
    question.push(STATED, []);
    question.push("\n    FROM up", []);
    question.push(MEANT, []);
    question.push(
        "\n    JOIN lot_input stated ON stated.record_key = COALESCE(parent.record_key, ''))\n",
        [],
    );
    question.append(begin);
    question.push("\nUNION\nSELECT parent.record_key FROM up", []);
    question.push(MEANT, []);
    question.push(FOUND, []);
    question.push("\nLIMIT ?", [Value::integer(limit())]);
    question
}

/// One more than is read, so that it shows where there are more.
fn limit() -> i64 {
    i64::try_from(LOTS_MAX + 1).unwrap_or(i64::MAX)
}
