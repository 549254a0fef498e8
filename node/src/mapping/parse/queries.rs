//! The queries of a mapping: what a key and a list must look like.
//!
//! Owns everything that can be told of a query without a database.

use super::Parser;
use crate::mapping::template::{Marks, Template};

impl Parser<'_> {
    /// A query whose alias `_key` is exactly the key column: only then does the
    /// node's condition on the column select by what the alias shows.
    pub(super) fn keyed_query(&mut self, key: &str, sql: &str) -> Option<Template> {
        if !is_plain_column(key) {
            self.fault(
                "key",
                &format!("`{key}` is no plain column; write it as the FROM names it, such as s.code"),
                &format!("`{key}` n'est pas une simple colonne ; écrivez-la comme le FROM la nomme, par exemple s.code"),
            );
            return None;
        }
        if !selects_as_key(sql, key) {
            self.fault(
                "rows",
                &format!("the query does not select {key} AS \"_key\"; select the key column itself under this alias"),
                &format!("la requête ne sélectionne pas {key} AS \"_key\" ; sélectionnez la colonne clé elle-même sous cet alias"),
            );
            return None;
        }
        let template = Template::parse(sql, Marks::Keys);
        if template.is_none() {
            self.fault(
                "rows",
                "the query has no place for the node's condition; write /* where-keys */ behind the FROM, or /* and-keys */ behind a WHERE",
                "la requête n'a pas de place pour la condition du nœud ; écrivez /* where-keys */ après le FROM, ou /* and-keys */ après un WHERE",
            );
        }
        template
    }
}

/// Whether a query selects exactly this column under the alias `_key`.
fn selects_as_key(sql: &str, key: &str) -> bool {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    sql.match_indices("\"_key\"").any(|(at, _)| {
        let Some(before) = sql[..at].strip_suffix(' ') else { return false };
        let Some((before, word)) = before.rsplit_once(' ') else { return false };
        word.eq_ignore_ascii_case("as")
            && before.strip_suffix(key).is_some_and(|rest| {
                !rest.ends_with(|c: char| c.is_alphanumeric() || "_$.\"".contains(c))
            })
    })
}

/// Whether a text is a column and nothing else: names, quoted or not, between dots.
pub(super) fn is_plain_column(text: &str) -> bool {
    let is_name = |name: &str| {
        let bare = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
        let quoted = name.len() > 2
            && name.starts_with('"')
            && name.ends_with('"')
            && !name[1..name.len() - 1].contains('"');
        !name.is_empty() && (bare && !name.starts_with(|c: char| c.is_ascii_digit()) || quoted)
    };
    text.split('.').all(is_name)
}
