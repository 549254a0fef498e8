//! Questions whose conditions depend on what was asked.
//!
//! A question is put together out of constant pieces of SQL, in which `?` stands
//! for a value; the pieces are joined and their placeholders numbered here.
//! Values are always bound: no text of a request ever becomes SQL.

use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow};

use super::{Error, bulk::Value};

/// Pieces of SQL with the values that stand in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    sql: String,
    values: Vec<Value>,
}

impl Piece {
    /// One piece; it holds a `?` for each of the values.
    pub(crate) fn new(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        let mut piece = Self::default();
        piece.push(sql, values);
        piece
    }

    /// Adds a piece behind.
    pub(crate) fn push(&mut self, sql: &'static str, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        let marks = sql.bytes().filter(|byte| *byte == b'?').count();
        assert_eq!(self.values.len() - before, marks, "a piece has one value a mark: {sql}");
        self.sql.push_str(sql);
    }

    /// Adds `head (?, ?, …)`; at least one value.
    pub(crate) fn push_in(&mut self, head: &'static str, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        let count = self.values.len() - before;
        assert!(count > 0, "a list of SQL has at least one value: {head}");
        self.sql.push_str(head);
        self.sql.push_str(" (?");
        self.sql.extend(std::iter::repeat_n(", ?", count - 1));
        self.sql.push(')');
    }

    /// Adds all of another piece behind.
    pub(crate) fn append(&mut self, other: &Self) {
        self.sql.push_str(&other.sql);
        self.values.extend(other.values.iter().cloned());
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    /// Every row of the answer.
    pub(crate) async fn rows(&self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, Error> {
        let mut query = sqlx::query(AssertSqlSafe(self.numbered()));
        for value in &self.values {
            query = match value.clone() {
                Value::Text(text) => query.bind(text),
                Value::Integer(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        Ok(query.fetch_all(connection).await?)
    }

    /// The text with `$1`, `$2` … in the place of the marks.
    pub(crate) fn numbered(&self) -> String {
        let mut text = String::with_capacity(self.sql.len() + 2 * self.values.len());
        for (number, piece) in self.sql.split('?').enumerate() {
            if number > 0 {
                // Writing into a String cannot fail.
                let _ = write!(text, "${number}");
            }
            text.push_str(piece);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_numbered_in_the_order_of_their_values() {
        let mut piece = Piece::new("SELECT 1 WHERE a = ?", [Value::required("x")]);
        piece.push_in(" AND b IN", ["y", "z"].map(Value::required));
        let tail = Piece::new(" LIMIT ?", [Value::integer(3)]);
        piece.append(&tail);
        assert_eq!(piece.numbered(), "SELECT 1 WHERE a = $1 AND b IN ($2, $3) LIMIT $4");
        assert!(!piece.is_empty() && Piece::default().is_empty());
    }

    #[tokio::test]
    async fn a_text_of_a_request_stays_a_value() {
        super::super::testing::on_each_store(async |store| {
            let hostile = "'; DROP TABLE record; -- ? $1";
            let piece = Piece::new("SELECT CAST(? AS TEXT)", [Value::required(hostile)]);
            let mut connection = store.acquire().await.unwrap();
            let rows = piece.rows(&mut connection).await.unwrap();
            assert_eq!(sqlx::Row::get::<String, _>(&rows[0], 0), hostile);
        })
        .await;
    }
}
