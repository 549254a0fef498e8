//! What differs between the dialects when a statement is put together.
//!
//! Owns placeholders, casts and values to bind. Never puts a value into the
//! text of a statement: values are bound, and only the ministry's SQL, names
//! from its mapping and numbers of ours are text. Double quotes name columns
//! in every dialect, since the MySQL session runs with `ANSI_QUOTES`.

use std::fmt::Write as _;

use super::{Field, Kind};

/// A value bound to a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bind {
    /// A whole number.
    Integer(i64),
    /// A floating-point number, only where an SQLite source keeps times so.
    Real(f64),
    /// Text; the source casts it to the type of its column.
    Text(String),
}

/// A statement as it grows: text and the values of its placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    kind: Kind,
    sql: String,
    binds: Vec<Bind>,
}

impl Statement {
    /// An empty statement in a dialect.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, sql: String::new(), binds: Vec::new() }
    }

    /// Appends text of the mapping or of ours.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Appends a number of ours.
    pub(crate) fn push_number(&mut self, number: usize) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.sql, "{number}");
        self
    }

    /// Appends a placeholder for a value, cast to a type of the source.
    pub(crate) fn bind(&mut self, value: Bind, cast: Option<&str>) -> &mut Self {
        self.binds.push(value);
        let placeholder = match self.kind {
            Kind::Postgres => format!("${}", self.binds.len()),
            Kind::Sqlite | Kind::MySql => "?".to_owned(),
        };
        match (self.kind, cast) {
            // The parameter is text on the wire; the server reads it as its own type.
            (Kind::Postgres, Some(cast)) => {
                let _ = write!(self.sql, "CAST({placeholder}::text AS {cast})");
            }
            (_, Some(cast)) => {
                let _ = write!(self.sql, "CAST({placeholder} AS {cast})");
            }
            (_, None) => self.sql.push_str(&placeholder),
        }
        self
    }

    /// The dialect.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The text.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// The values in the order of their placeholders.
    pub(crate) fn binds(&self) -> &[Bind] {
        &self.binds
    }
}

impl Kind {
    /// The type that a bound text has to be cast to so that the source compares
    /// it with a column of this type in its own way; none where it does so unasked.
    pub(crate) fn cast_for(self, field: &Field) -> Option<String> {
        match self {
            // Column affinity does it.
            Self::Sqlite => None,
            _ if field.type_name.is_empty() => None,
            Self::Postgres => Some(match field.type_name.as_str() {
                // CHAR without a length would cut the text to one character.
                "CHAR" => "bpchar".to_owned(),
                name if name.chars().any(char::is_lowercase) => {
                    format!("\"{}\"", name.replace('"', "\"\""))
                }
                name => name.to_lowercase(),
            }),
            Self::MySql => match field.type_name.as_str() {
                "DATETIME" | "TIMESTAMP" => Some("DATETIME(6)".to_owned()),
                "DATE" => Some("DATE".to_owned()),
                "DECIMAL" => Some("DECIMAL(65,10)".to_owned()),
                "BIGINT UNSIGNED" => Some("UNSIGNED".to_owned()),
                _ => None,
            },
        }
    }

    /// What stands before and behind an expression so that its bytes are compared,
    /// whatever the source takes for equal.
    pub(crate) fn as_bytes(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["", " COLLATE BINARY"],
            Self::Postgres => ["CAST(", " AS text) COLLATE \"C\""],
            // Through text: a number has other bytes than its digits.
            Self::MySql => ["CAST(CAST(", " AS CHAR) AS BINARY)"],
        }
    }

    /// The text of an expression as the source writes it, so that it can be bound
    /// back without loss. SQLite gives its stored value as it is.
    pub(crate) fn as_text(self, expression: &str) -> String {
        match self {
            Self::Sqlite => expression.to_owned(),
            Self::Postgres => format!("CAST({expression} AS text)"),
            Self::MySql => format!("CAST({expression} AS CHAR)"),
        }
    }
}
