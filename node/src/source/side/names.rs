//! Names of a mapping in the SQL of a dialect.
//!
//! A bare name is written as the mapping writes it and folded by the server as
//! in the ministry's own SQL; a quoted one is quoted in the dialect's own way.

use super::super::Kind;

/// The parts of a name between its dots, with their quotes.
fn parts(name: &str) -> Vec<&str> {
    let mut quoted = false;
    name.split(move |c: char| {
        quoted ^= c == '"';
        c == '.' && !quoted
    })
    .collect()
}

/// A name quoted in a dialect.
pub(super) fn quoted(kind: Kind, name: &str) -> String {
    let quote = if kind == Kind::MySql { '`' } else { '"' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

/// A text as a literal; names of ours and of the mapping hold no backslash.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name of the mapping as the dialect has to read it.
pub(super) fn written(kind: Kind, name: &str) -> String {
    let written = parts(name).into_iter().map(|part| match inner(part) {
        Some(name) => quoted(kind, name),
        None => part.to_owned(),
    });
    written.collect::<Vec<_>>().join(".")
}

/// Whether a name of the mapping means this table.
pub(super) fn means(kind: Kind, name: &str, schema: &str, table: &str) -> bool {
    let is = |part: &str, found: &str| match inner(part) {
        Some(name) if kind == Kind::Postgres => name == found,
        Some(name) => name.eq_ignore_ascii_case(found),
        None => part.eq_ignore_ascii_case(found),
    };
    match parts(name).as_slice() {
        [.., of, named] => is(named, table) && (schema.is_empty() || is(of, schema)),
        [named] => schema.is_empty() && is(named, table),
        [] => false,
    }
}

/// The last part of a name, without its quotes.
pub(super) fn bare(name: &str) -> &str {
    let last = parts(name).pop().unwrap_or_default();
    inner(last).unwrap_or(last)
}

fn inner(part: &str) -> Option<&str> {
    part.strip_prefix('"').and_then(|part| part.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_the_dialect_reads_them() {
        assert_eq!(written(Kind::MySql, "\"Site Minier\""), "`Site Minier`");
        assert_eq!(written(Kind::Postgres, "mines.\"Site.A\""), "mines.\"Site.A\"");
        assert!(means(Kind::Postgres, "Mines.SITES", "mines", "sites"));
        assert!(!means(Kind::Postgres, "\"Sites\"", "mines", "sites"));
        assert!(!means(Kind::Postgres, "other.sites", "mines", "sites"));
        assert!(!means(Kind::Postgres, "sites", "mines", "sites"));
        assert_eq!(literal("l'or"), "'l''or'");
    }
}
