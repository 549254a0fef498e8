//! What is said of a watched table: its mode, and what the mode needs.
//!
//! Owns everything that can be told of a watch without a database. Refuses what
//! another mode would need, by name: a line without effect is a mistake.

use toml::{Table, Value};

use super::Parser;
use super::queries::is_plain_column;
use super::raw::{RawLag, RawMode, RawWatch};
use crate::mapping::template::{Marks, Template};
use crate::mapping::{Cursor, Lag, Lookup, Mode, Noted, Watch};

impl Parser<'_> {
    pub(super) fn watch(&mut self, table: Table) -> Option<Watch> {
        let named = table.get("table").and_then(Value::as_str).unwrap_or("?").to_owned();
        let record = self.record.split(' ').next().unwrap_or_default().to_owned();
        self.record = format!("{record} watch {named}");
        let raw: RawWatch = self.read(table, "watch")?;
        let is_noted = raw.key.is_some() || raw.noted.is_some();
        if is_noted && !matches!(raw.mode, RawMode::Triggers | RawMode::Log) {
            self.fault(
                "mode",
                "key and noted belong to modes triggers and log; remove them or write mode = \"triggers\"",
                "key et noted vont avec les modes triggers et log ; supprimez-les ou écrivez mode = \"triggers\"",
            );
            return None;
        }
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
            RawMode::Triggers => Mode::Triggers(self.noted(&raw)?),
            RawMode::Log => Mode::Log(self.noted(&raw)?),
        };
        Some(Watch { table: raw.table, mode })
    }

    /// One nominator for a record type: each has an order of its own.
    pub(super) fn check_modes(&mut self, watches: &[Option<Watch>]) {
        let has = |is: fn(&Mode) -> bool| watches.iter().flatten().any(|watch| is(&watch.mode));
        let is_triggers = |mode: &Mode| matches!(mode, Mode::Triggers(_));
        let is_log = |mode: &Mode| matches!(mode, Mode::Log(_));
        if has(is_triggers) && has(is_log) {
            self.fault(
                "watch",
                "modes triggers and log do not go together in one record type; write one of them for all of its tables",
                "les modes triggers et log ne vont pas ensemble dans un type de fiche ; écrivez l'un des deux pour toutes ses tables",
            );
        }
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

    fn noted(&mut self, raw: &RawWatch) -> Option<Noted> {
        if raw.changed_at.is_some() || raw.lag.is_some() {
            self.fault(
                "mode",
                "modes triggers and log take no changed_at and no lag; remove them or write mode = \"cursor\"",
                "les modes triggers et log ne prennent ni changed_at ni lag ; supprimez-les ou écrivez mode = \"cursor\"",
            );
            return None;
        }
        // Both names are written into the triggers.
        let key = raw.key.clone().filter(|key| !key.contains('.') && is_plain_column(key));
        let Some(key) = key.filter(|_| is_plain_column(&raw.table)) else {
            self.fault(
                "key",
                "modes triggers and log need table (one table, by its name) and key (one column of it, without a prefix: the one that holds the key of the record, or that keys looks up); a table without such a column is watched by mode diff",
                "les modes triggers et log ont besoin de table (une table, par son nom) et de key (une de ses colonnes, sans préfixe : celle qui contient la clé de la fiche, ou que keys recherche) ; une table sans telle colonne se surveille en mode diff",
            );
            return None;
        };
        let lookup = match (&raw.noted, &raw.keys) {
            (None, None) => None,
            (Some(noted), Some(keys)) => Some(self.lookup(noted, keys)?),
            _ => {
                self.lookup_fault();
                return None;
            }
        };
        Some(Noted { key, lookup })
    }

    fn lookup(&mut self, noted: &str, keys: &str) -> Option<Lookup> {
        let template = Template::parse(keys, Marks::Keys);
        let is_whole = keys.contains("\"_key\"") && keys.contains("\"_noted\"");
        if template.is_none() || !is_whole || !is_plain_column(noted) {
            self.lookup_fault();
            return None;
        }
        Some(Lookup { noted: noted.to_owned(), keys: template? })
    }

    fn lookup_fault(&mut self) {
        self.fault(
            "keys",
            "where the noted column is not the key of the record, keys has to select the record's key AS \"_key\" and the noted column AS \"_noted\", and to carry /* where-keys */ or /* and-keys */; noted names that column as the FROM of keys names it",
            "si la colonne notée n'est pas la clé de la fiche, keys doit sélectionner la clé de la fiche AS \"_key\" et la colonne notée AS \"_noted\", et porter /* where-keys */ ou /* and-keys */ ; noted nomme cette colonne comme le FROM de keys la nomme",
        );
    }
}
