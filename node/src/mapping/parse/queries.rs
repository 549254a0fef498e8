//! The queries of a mapping: what a key, a list and a watch must look like.
//!
//! Owns everything that can be told of a query without a database.

use toml::{Table, Value};

use super::Parser;
use super::raw::{RawLag, RawMode, RawWatch};
use crate::mapping::template::{Marks, Template};
use crate::mapping::{Cursor, Lag, Mode, Watch};

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

    pub(super) fn watch(&mut self, table: Table) -> Option<Watch> {
        let named = table.get("table").and_then(Value::as_str).unwrap_or("?").to_owned();
        let record = self.record.split(' ').next().unwrap_or_default().to_owned();
        self.record = format!("{record} watch {named}");
        let raw: RawWatch = self.read(table, "watch")?;
        let mode = match raw.mode {
            RawMode::Diff if raw.changed_at.is_none() && raw.keys.is_none() => Mode::Diff,
            RawMode::Diff => {
                self.fault(
                    "mode",
                    "mode diff reads the whole table and takes no changed_at and no keys; remove them or write mode = \"cursor\"",
                    "le mode diff lit toute la table et ne prend ni changed_at ni keys ; supprimez-les ou écrivez mode = \"cursor\"",
                );
                return None;
            }
            RawMode::Cursor => Mode::Cursor(self.cursor(raw.changed_at, raw.keys, raw.lag)?),
        };
        Some(Watch { table: raw.table, mode })
    }

    fn cursor(
        &mut self,
        changed_at: Option<String>,
        keys: Option<String>,
        lag: Option<RawLag>,
    ) -> Option<Cursor> {
        let (Some(changed_at), Some(keys)) = (changed_at, keys) else {
            self.fault(
                "mode",
                "mode cursor needs changed_at (the column that says when a row changed) and keys (the query that yields the keys)",
                "le mode cursor a besoin de changed_at (la colonne qui dit quand une ligne a changé) et de keys (la requête qui donne les clés)",
            );
            return None;
        };
        let template = Template::parse(&keys, Marks::Changed);
        if template.is_none() || !keys.contains("\"_key\"") || !keys.contains("\"_changed_at\"") {
            self.fault(
                "keys",
                "the query has to select the parent's key AS \"_key\" and the time AS \"_changed_at\", and to carry /* where-changed */ or /* and-changed */",
                "la requête doit sélectionner la clé du parent AS \"_key\" et l'heure AS \"_changed_at\", et porter /* where-changed */ ou /* and-changed */",
            );
            return None;
        }
        let lag = lag.map(|lag| match lag {
            RawLag::Number(number) => Lag::Number(number.max(0)),
            RawLag::Time(time) => Lag::Time(time),
        });
        Some(Cursor { changed_at, keys: template?, lag })
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
fn is_plain_column(text: &str) -> bool {
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
