//! A query of the mapping with the places where the node may put its condition.
//!
//! `/* where-keys */` becomes ` WHERE (…) ` and `/* and-keys */` becomes
//! ` AND (…) `; `/* where-changed */` and `/* and-changed */` likewise. Nothing
//! else of the ministry's text is touched, and values are bound, never written.

use rmd_standard::Cell;

use super::read::bind_of;
use crate::source::{Bind, Field, Kind, Statement, strict_names};

/// Which pair of marks a query carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// `where-keys`, `and-keys`.
    Keys,
    /// `where-changed`, `and-changed`.
    Changed,
}

impl Marks {
    fn words(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Keys => [("where-keys", " WHERE ("), ("and-keys", " AND (")],
            Self::Changed => [("where-changed", " WHERE ("), ("and-changed", " AND (")],
        }
    }
}

/// A query cut at its marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// Text up to each mark, and the words that open the condition there.
    marked: Vec<(String, &'static str)>,
    rest: String,
}

/// What a query is limited to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition<'a> {
    /// All rows.
    All,
    /// Rows behind a key in the order of the source.
    After {
        /// The column that the key stands in.
        key: &'a KeyColumn,
        /// The last key read.
        last: &'a Bind,
    },
    /// Rows of these keys.
    Among {
        /// The column that the key stands in.
        key: &'a KeyColumn,
        /// At least one, at most [`super::PAGE_ROWS_MAX`].
        keys: &'a [String],
    },
    /// Rows changed at or after one bound, or only after it, and not after another.
    Changed {
        /// The column that says when a row changed.
        changed_at: &'a KeyColumn,
        /// The lower bound.
        from: Option<&'a Bind>,
        /// Whether the lower bound itself is left out.
        is_open: bool,
        /// The upper bound, inclusive; none = the end of the snapshot.
        to: Option<&'a Bind>,
    },
}

/// A column in the names of a query's FROM, and how values are made to fit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    column: String,
    cast: Option<String>,
    is_integer: bool,
}

impl KeyColumn {
    pub(crate) fn new(kind: Kind, column: &str, field: &Field) -> Self {
        Self {
            column: column.to_owned(),
            cast: kind.cast_for(field),
            is_integer: field.type_name.contains("INT"),
        }
    }

    /// The type to which the source casts what is bound.
    pub(crate) fn cast(&self) -> Option<&str> {
        self.cast.as_deref()
    }

    /// The type to which PostgreSQL casts a list of what is bound.
    fn array(&self) -> String {
        format!("{}[]", self.cast().unwrap_or("text"))
    }

    /// What to bind back for a value of this column, read as the source's text.
    pub(crate) fn bound(&self, kind: Kind, cell: &Cell) -> Option<Bind> {
        match (kind, bind_of(cell)?) {
            (Kind::MySql, Bind::Text(text)) if self.is_integer => {
                Some(text.parse().map_or(Bind::Text(text), Bind::Integer))
            }
            (_, bind) => Some(bind),
        }
    }

    /// What to bind for a key that is known as text.
    ///
    /// An SQLite column without a declared type keeps numbers apart from text,
    /// so a number is looked for as both.
    fn binds(&self, kind: Kind, key: &str) -> Vec<Bind> {
        let number =
            key.parse::<i64>().ok().filter(|number| number.to_string() == key).map(Bind::Integer);
        let text = Bind::Text(key.to_owned());
        match (kind, number) {
            (Kind::Sqlite, Some(number)) => vec![number, text],
            // Compared as text, MySQL would compare large numbers as floating point.
            (Kind::MySql, Some(number)) if self.is_integer && self.cast.is_none() => vec![number],
            _ => vec![text],
        }
    }
}

impl Template {
    /// Cuts a query at its marks; none if it has none of them.
    pub(crate) fn parse(sql: &str, marks: Marks) -> Option<Self> {
        let mut marked = Vec::new();
        let mut rest = sql.trim().trim_end_matches([';', ' ', '\n', '\t', '\r']);
        let mut from = 0;
        while let Some(start) = rest[from..].find("/*").map(|at| from + at) {
            let Some(end) = rest[start..].find("*/").map(|at| start + at) else { break };
            let word = rest[start + 2..end].trim();
            match marks.words().into_iter().find(|(mark, _)| *mark == word) {
                Some((_, opening)) => {
                    marked.push((rest[..start].to_owned(), opening));
                    rest = &rest[end + 2..];
                    from = 0;
                }
                None => from = end + 2,
            }
        }
        (!marked.is_empty()).then(|| Self { marked, rest: rest.to_owned() })
    }

    /// Appends the query with a condition at each of its marks.
    pub(crate) fn write(&self, statement: &mut Statement, condition: Condition<'_>) {
        for (part, opening) in &self.marked {
            push_named(statement, part);
            if condition.is_limiting() {
                statement.push(opening);
                condition.write(statement);
                statement.push(") ");
            }
        }
        push_named(statement, &self.rest);
    }
}

/// Appends text of the ministry.
fn push_named(statement: &mut Statement, text: &str) {
    match statement.kind() {
        Kind::Sqlite => statement.push(&strict_names(text)),
        Kind::Postgres | Kind::MySql => statement.push(text),
    };
}

impl Condition<'_> {
    fn is_limiting(self) -> bool {
        !matches!(self, Self::All | Self::Changed { from: None, to: None, .. })
    }

    fn write(self, statement: &mut Statement) {
        match self {
            Self::All => {}
            Self::After { key, last } => {
                statement.push(&key.column).push(" > ").bind(last.clone(), key.cast());
            }
            Self::Among { key, keys } if statement.kind() == Kind::Postgres => {
                // One value, however many keys: the text of the statement stays the same.
                statement.push(&key.column).push(" = ANY (");
                statement.bind(Bind::Text(array_of(keys)), Some(&key.array()));
                statement.push(")");
            }
            Self::Among { key, keys } => {
                let mut before = " IN (";
                statement.push(&key.column);
                for bind in padded(key, statement.kind(), keys) {
                    statement.push(before).bind(bind, key.cast());
                    before = ", ";
                }
                statement.push(")");
            }
            Self::Changed { changed_at, from, is_open, to } => {
                let least = [" >= ", " > "][usize::from(is_open)];
                let bounds = from.map(|bound| (least, bound)).into_iter();
                let bounds = bounds.chain(to.map(|bound| (" <= ", bound)));
                let mut before = "";
                for (comparison, bound) in bounds {
                    statement.push(before).push(&changed_at.column).push(comparison);
                    statement.bind(bound.clone(), changed_at.cast());
                    before = " AND ";
                }
            }
        }
    }
}

/// Texts as one text that PostgreSQL reads as an array.
fn array_of(keys: &[String]) -> String {
    let mut array = String::with_capacity(keys.iter().map(|key| key.len() + 3).sum());
    for key in keys {
        array.push_str(if array.is_empty() { "{\"" } else { "\",\"" });
        for part in key.split_inclusive(['"', '\\']) {
            match part.strip_suffix(['"', '\\']) {
                Some(before) => {
                    array.push_str(before);
                    array.push('\\');
                    array.push_str(&part[before.len()..]);
                }
                None => array.push_str(part),
            }
        }
    }
    array.push_str(if array.is_empty() { "{}" } else { "\"}" });
    array
}

/// The keys, the last one repeated up to a power of two: a driver caches its
/// prepared statements by text, and so there are few of them.
fn padded(key: &KeyColumn, kind: Kind, keys: &[String]) -> Vec<Bind> {
    let mut binds: Vec<Bind> = keys.iter().flat_map(|text| key.binds(kind, text)).collect();
    if let Some(last) = binds.last().cloned() {
        binds.resize(binds.len().next_power_of_two(), last);
    }
    binds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Kind, type_name: &str) -> KeyColumn {
        let field = Field { name: "_key".to_owned(), type_name: type_name.to_owned() };
        KeyColumn::new(kind, "s.code", &field)
    }

    fn written(kind: Kind, sql: &str, marks: Marks, condition: Condition<'_>) -> Statement {
        let mut statement = Statement::new(kind);
        Template::parse(sql, marks).unwrap().write(&mut statement, condition);
        statement
    }

    const ROWS: &str = "SELECT s.code AS \"_key\" FROM s /* a note */ /* where-keys */;\n";

    #[test]
    fn all_rows_need_no_condition() {
        let statement = written(Kind::Sqlite, ROWS, Marks::Keys, Condition::All);
        assert_eq!(statement.sql(), "SELECT s.code AS `_key` FROM s /* a note */ ");
    }

    #[test]
    fn keys_are_bound_and_cast_by_the_source() {
        let keys = ["7".to_owned(), "8".to_owned(), "9".to_owned()];
        let key = column(Kind::Postgres, "INT4");
        let statement = written(
            Kind::Postgres,
            "SELECT 1 FROM s WHERE a /*and-keys*/ ORDER BY 1",
            Marks::Keys,
            Condition::Among { key: &key, keys: &keys },
        );
        assert_eq!(
            statement.sql(),
            "SELECT 1 FROM s WHERE a  AND (s.code = ANY (CAST($1::text AS int4[])))  ORDER BY 1"
        );
        assert_eq!(statement.binds(), [Bind::Text(r#"{"7","8","9"}"#.to_owned())]);
    }

    #[test]
    fn an_array_keeps_quotes_and_backslashes_of_its_keys() {
        let keys = [r#"a"b"#, r"c\", "", r#"\""#, "d,{e}"].map(str::to_owned);
        assert_eq!(array_of(&keys), r#"{"a\"b","c\\","","\\\"","d,{e}"}"#);
        assert_eq!(array_of(&[]), "{}");
    }

    #[test]
    fn mysql_binds_each_key_and_the_last_one_again() {
        let key = column(Kind::MySql, "BIGINT");
        let keys = ["7".to_owned(), "8".to_owned(), "9".to_owned()];
        let condition = Condition::Among { key: &key, keys: &keys };
        let statement = written(Kind::MySql, ROWS, Marks::Keys, condition);
        assert!(statement.sql().contains("s.code IN (?, ?, ?, ?)"), "{}", statement.sql());
        assert_eq!(statement.binds().last(), Some(&Bind::Integer(9)));
    }

    #[test]
    fn sqlite_looks_for_a_number_as_number_and_as_text() {
        let key = column(Kind::Sqlite, "NULL");
        let keys = ["7".to_owned()];
        let condition = Condition::Among { key: &key, keys: &keys };
        let statement = written(Kind::Sqlite, ROWS, Marks::Keys, condition);
        assert_eq!(statement.binds(), [Bind::Integer(7), Bind::Text("7".to_owned())]);
        let keys = ["007".to_owned()];
        let condition = Condition::Among { key: &key, keys: &keys };
        let statement = written(Kind::Sqlite, ROWS, Marks::Keys, condition);
        assert_eq!(statement.binds(), [Bind::Text("007".to_owned())]);
    }

    #[test]
    fn a_mark_may_stand_more_than_once() {
        let key = column(Kind::MySql, "DATETIME");
        let bound = Bind::Text("2017-01-01 00:00:00".to_owned());
        let statement = written(
            Kind::MySql,
            "SELECT 1 FROM a /* where-changed */ UNION SELECT 2 FROM b /* where-changed */",
            Marks::Changed,
            Condition::Changed { changed_at: &key, from: Some(&bound), is_open: false, to: None },
        );
        assert_eq!(statement.sql().matches("s.code >= CAST(? AS DATETIME(6))").count(), 2);
        assert_eq!(statement.binds().len(), 2);
    }

    #[test]
    fn a_query_without_a_mark_is_none() {
        assert_eq!(Template::parse("SELECT 1 /* keys */", Marks::Keys), None);
        assert_eq!(Template::parse("SELECT 1 /* where-keys", Marks::Keys), None);
    }
}
