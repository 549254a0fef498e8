//! The SQL of a drafted mapping.

use std::fmt::Write as _;

use rmd_standard::{Shape, column};

use super::super::choose::{Child, Record};
use super::super::fields::Guess;
use super::super::looks::Looks;
use super::super::names::best_fit;
use super::super::study::Studied;
use super::{block, toml};
use crate::source::schema::quoted;

/// A query, and the columns that are not certain enough for it.
pub(super) struct Query {
    /// The column behind `_key`.
    pub(super) key: String,
    pub(super) sql: String,
    pub(super) uncertain: Vec<String>,
}

/// Words that SQL takes for its own.
const RESERVED: [&str; 40] = [
    "all", "and", "as", "between", "by", "case", "check", "column", "create", "cross", "date",
    "default", "desc", "distinct", "end", "exists", "from", "group", "having", "in", "index",
    "interval", "join", "key", "lead", "left", "like", "limit", "not", "null", "on", "or", "order",
    "rank", "select", "table", "to", "user", "values", "where",
];

/// What a column is called whose value changes with its row.
const CHANGED_AT: &str = "modifie le|date modification|updated at|update|maj|date maj|last update|\
                          last modified|modified|modified at|changed at|mis jour|date mise jour|\
                          derniere modification|modification|updated|last updated|row updated";

/// A name as SQL reads it, quoted where it has to be.
pub(super) fn name(name: &str) -> String {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && !RESERVED.contains(&name);
    if is_plain { name.to_owned() } else { quoted(name) }
}

impl Query {
    pub(super) fn of_record(tables: &[Studied], record: &Record, country: &str) -> Self {
        let key = format!("t.{}", name(&record.key.column));
        let mut lines = vec![format!("{key} AS \"_key\"")];
        // A column that says the state comes before a literal, which is true of every
        // row only where there is none.
        let mut country = format!("'{country}'");
        for own in ["address_country", "country", "issuing_country"] {
            if column(record.entity, None, own).is_none() {
                continue;
            }
            let said = |guess: &&Guess| guess.is_certain && guess.alias == own;
            match record.guesses.iter().find(said) {
                Some(guess) => country = format!("{}.{}", guess.from, name(&guess.column)),
                None => lines.push(format!("{country} AS \"{own}\"")),
            }
            break;
        }
        if let Some(feed) = column(record.entity, None, "feed") {
            lines.push(format!("'transactions' AS \"{}\"", feed.alias()));
        }
        let place = "local_geographic_designation.";
        let is_placed = |guess: &Guess| guess.is_certain && guess.alias.starts_with(place);
        if record.guesses.iter().any(is_placed) {
            lines.push(format!("{country} AS \"{place}country\""));
        }
        let mut uncertain = Vec::new();
        select(&record.guesses, (record, None), &mut lines, &mut uncertain);
        let mut sql = format!(
            "SELECT\n    {}\nFROM {} t\n",
            lines.join(",\n    "),
            tables[record.table].table.from
        );
        for join in &record.joins {
            let _ = writeln!(
                sql,
                "LEFT JOIN {from} {alias} ON {alias}.{target} = t.{column}",
                from = tables[join.table].table.from,
                alias = join.alias,
                target = name(&join.link.target),
                column = name(&join.link.column),
            );
        }
        sql.push_str("/* where-keys */\n");
        Self { key, sql, uncertain }
    }

    pub(super) fn of_child(
        tables: &[Studied],
        record: &Record,
        child: &Child,
        country: &str,
    ) -> Self {
        let (key, join) = child_key(tables, record, child);
        let mut lines = vec![format!("{key} AS \"_key\"")];
        if column(record.entity, Some(child.list), "country").is_some() {
            lines.push(format!("'{country}' AS \"country\""));
        }
        let mut uncertain = Vec::new();
        select(&child.guesses, (record, Some(child.list)), &mut lines, &mut uncertain);
        let sql = format!(
            "SELECT\n    {}\nFROM {} c\n{join}/* where-keys */\n",
            lines.join(",\n    "),
            tables[child.table].table.from
        );
        Self { key, sql, uncertain }
    }
}

/// The column of a child that holds the key of its parent, and the join that
/// brings it where the child names its parent by another one.
fn child_key(tables: &[Studied], record: &Record, child: &Child) -> (String, String) {
    if child.link.target.eq_ignore_ascii_case(&record.key.column) {
        return (format!("c.{}", name(&child.link.column)), String::new());
    }
    let join = format!(
        "JOIN {} p ON p.{} = c.{}\n",
        tables[record.table].table.from,
        name(&child.link.target),
        name(&child.link.column)
    );
    (format!("p.{}", name(&record.key.column)), join)
}

/// The columns of a query, and the units and currencies that their names say.
fn select(
    guesses: &[Guess],
    (record, list): (&Record, Option<&str>),
    lines: &mut Vec<String>,
    uncertain: &mut Vec<String>,
) {
    let is_there =
        |alias: &str| guesses.iter().any(|guess| guess.alias == alias && guess.is_certain);
    for guess in guesses {
        let line = format!("{}.{} AS \"{}\"", guess.from, name(&guess.column), guess.alias);
        if !guess.is_certain {
            uncertain.push(format!("{line} -- {}", guess.reason));
            continue;
        }
        lines.push(line);
        let beside: &[&str] = match guess.shape {
            Shape::Mass => &["unit_of_measurement", "lot_weight_uom", "contributed_unit"],
            Shape::Money => &["customs_value_currency", "currency", "price_currency"],
            _ => &[],
        };
        let beside = beside.iter().find(|alias| column(record.entity, list, alias).is_some());
        let Some(beside) = beside.filter(|alias| !is_there(alias)) else { continue };
        let is_in_text = guess.normalise.contains(&super::Step::Named("mass_with_unit"));
        match guess.said_unit {
            Some(unit) => lines.push(format!("'{unit}' AS \"{beside}\"")),
            None if is_in_text => {}
            None => {
                let usual = if guess.shape == Shape::Mass { "KGM" } else { "USD" };
                uncertain.push(format!("'{usual}' AS \"{beside}\" -- the source does not say it"));
            }
        }
    }
}

/// One watch for the table of the record and for each list.
pub(super) fn watches(tables: &[Studied], record: &Record) -> String {
    let key = format!("t.{}", name(&record.key.column));
    let mut text = watch(&tables[record.table], "t", &key, "");
    for child in &record.children {
        let (key, join) = child_key(tables, record, child);
        text.push_str(&watch(&tables[child.table], "c", &key, &join));
    }
    text
}

fn watch(table: &Studied, alias: &str, key: &str, join: &str) -> String {
    let changed = table.columns.iter().find(|column| {
        best_fit(&column.words, CHANGED_AT) >= 78
            && column.profile.looks == Looks::Moment
            && column.profile.empty == 0
    });
    let named = toml(&table.table.name);
    let Some(changed) = changed else {
        return format!("\n[[record.watch]]\ntable = {named}\nmode = \"diff\"\n");
    };
    let at = format!("{alias}.{}", name(&changed.name));
    format!(
        "\n[[record.watch]]\ntable = {named}\nmode = \"cursor\"\n\
         # Right only if every change of a row sets it · Juste seulement si tout changement le met à jour\n\
         changed_at = {}\nkeys = {}\n",
        toml(&at),
        block(&format!(
            "SELECT {key} AS \"_key\", {at} AS \"_changed_at\"\nFROM {} {alias}\n{join}/* where-changed */\n",
            table.table.from,
        )),
    )
}
