//! Quoted names in SQLite.
//!
//! SQLite takes a name in double quotes that is no column for a text: a column
//! that was renamed would fill a field of every record with its old name. Names
//! in backquotes are names or errors, so the node asks with those.

/// The query with every name in double quotes put in backquotes; strings and
/// comments stay as they are.
pub(crate) fn strict_names(sql: &str) -> String {
    let mut strict = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(start) = rest.find(['\'', '"', '-', '/']) {
        let (before, from) = rest.split_at(start);
        strict.push_str(before);
        let length = token(from);
        let (token, after) = from.split_at(length);
        match token.strip_prefix('"').and_then(|token| token.strip_suffix('"')) {
            Some(name) if !name.contains(['`', '"']) => {
                strict.push('`');
                strict.push_str(name);
                strict.push('`');
            }
            _ => strict.push_str(token),
        }
        rest = after;
    }
    strict.push_str(rest);
    strict
}

/// Bytes of the string, name or comment at the beginning of a text; one if it is
/// none of them.
fn token(text: &str) -> usize {
    let end = |close: &str, from: usize| {
        text[from..].find(close).map_or(text.len(), |at| from + at + close.len())
    };
    match text.as_bytes() {
        [quote @ (b'\'' | b'"'), ..] => quoted(text, char::from(*quote)),
        [b'-', b'-', ..] => end("\n", 2),
        [b'/', b'*', ..] => end("*/", 2),
        _ => 1,
    }
}

/// Bytes up to the closing quote; a doubled quote does not close.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = quote.len_utf8();
    loop {
        let Some(at) = text[from..].find(quote) else { return text.len() };
        from += at + quote.len_utf8();
        if !text[from..].starts_with(quote) {
            return from;
        }
        from += quote.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::strict_names;

    #[test]
    fn names_become_strict_and_nothing_else_changes() {
        for (given, expected) in [
            (r#"SELECT s."nom" AS "site_name""#, "SELECT s.`nom` AS `site_name`"),
            (r#"SELECT 'it''s "so"' AS "a""#, r#"SELECT 'it''s "so"' AS `a`"#),
            ("SELECT 1 -- \"a\"\n, \"b\"", "SELECT 1 -- \"a\"\n, `b`"),
            (r#"SELECT 4 / 2 - 1 /* "a" */ AS "é""#, r#"SELECT 4 / 2 - 1 /* "a" */ AS `é`"#),
            (r#"SELECT "a""b""#, r#"SELECT "a""b""#),
            ("SELECT 'open", "SELECT 'open"),
        ] {
            assert_eq!(strict_names(given), expected);
        }
    }
}
