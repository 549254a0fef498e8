//! The text of a drafted mapping.
//!
//! Writes what is certain as it is and everything else as a comment, so that the
//! text parses whatever was guessed. Names are quoted where SQL needs it; values
//! appear in comments and code lists alone, masked where they may be of a person.

mod comment;
mod query;

use std::fmt::Write as _;

use toml::Value;

use self::comment::columns;
use self::query::{Query, name};
use super::Wanted;
use super::choose::{Child, Record};
use super::codes::{Lists, WORDS_MAX};
use super::fields::{Guess, Step};
use super::study::Studied;
use crate::source::Server;

/// The zone of each member state.
const ZONES: [(&str, &str); 12] = [
    ("AO", "Africa/Luanda"),
    ("BI", "Africa/Bujumbura"),
    ("CD", "Africa/Lubumbashi"),
    ("CF", "Africa/Bangui"),
    ("CG", "Africa/Brazzaville"),
    ("KE", "Africa/Nairobi"),
    ("RW", "Africa/Kigali"),
    ("SD", "Africa/Khartoum"),
    ("SS", "Africa/Juba"),
    ("TZ", "Africa/Dar_es_Salaam"),
    ("UG", "Africa/Kampala"),
    ("ZM", "Africa/Lusaka"),
];

/// A query as TOML writes it; one with three quotation marks has to be escaped.
fn block(sql: &str) -> String {
    if sql.contains("'''") { toml(sql) } else { format!("'''\n{sql}'''") }
}

/// A text as TOML writes it.
fn toml(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

pub(super) fn mapping(
    tables: &[Studied],
    unread: &[String],
    records: &[Record],
    codes: &Lists,
    wanted: &Wanted<'_>,
    server: &Server,
) -> String {
    let zone = ZONES.iter().find(|zone| zone.0 == wanted.country).map_or("UTC", |zone| zone.1);
    let mut text = format!(
        "# Drafted by `rmd-node mapping draft` from {} {}. Every line is a guess: read it,\n\
         # correct it, then run `rmd-node mapping check`. Lines that begin with #: are guesses\n\
         # that are not certain, with the reason.\n\
         # Ébauche à relire et à corriger, puis `rmd-node mapping check` ; les lignes #: sont\n\
         # des suppositions incertaines, avec leur raison.\n\n\
         [mapping]\nname = {}\n# Zone of times without one · Fuseau des heures qui n'en ont pas\nzone = \"{zone}\"\n",
        server.kind,
        comment::plain(&server.version),
        toml(&format!("{}-draft", wanted.alpha3.to_lowercase())),
    );
    for record in records {
        text.push_str(&record_text(tables, record, wanted.country));
    }
    text.push_str(&codes_text(codes));
    text.push_str(&comment::unused(tables, records));
    text.push_str(&comment::unread(unread));
    text
}

fn record_text(tables: &[Studied], record: &Record, country: &str) -> String {
    let main = &tables[record.table];
    let mut text = String::new();
    let kind = if main.table.is_view { "view" } else { "table" };
    let _ = write!(
        text,
        "\n# {entity}: {kind} {name}, {rows}\n",
        entity = record.entity.name(),
        name = comment::plain(&main.table.name),
        rows = comment::rows(main.table.rows),
    );
    if record.is_forced {
        text.push_str(
            "# No table looks like any record type; this one has the most rows.\n\
             # Aucune table ne ressemble à un type de fiche ; celle-ci a le plus de lignes.\n",
        );
    }
    text.push_str(&columns(main, &record.guesses, "t"));
    let is_scan = !record.key.is_indexed
        || record
            .children
            .iter()
            .any(|child| !tables[child.table].table.is_indexed(&child.link.column))
        || main.table.is_view;
    let key = format!("t.{}", name(&record.key.column));
    let _ = write!(
        text,
        "[[record]]\nentity = \"{}\"\n{}key = {}\n",
        record.entity.name(),
        key_comment(record),
        toml(&key)
    );
    if is_scan {
        text.push_str(
            "# A key without an index: each re-read scans the table. An index is better.\n\
             # Une clé sans index : chaque relecture parcourt la table. Un index vaut mieux.\n\
             scan = true\n",
        );
    }
    let query = Query::of_record(tables, record, country);
    let _ = write!(text, "rows = {}\n{}", block(&query.sql), uncertain(&query.uncertain));
    text.push_str(&normalise("record", &record.guesses, country));
    for child in &record.children {
        text.push_str(&child_text(tables, record, child, country));
    }
    text.push_str(&query::watches(tables, record));
    text
}

fn key_comment(record: &Record) -> &'static str {
    if record.key.is_unique {
        ""
    } else {
        "# Rows may share this key; then they are refused. Choose a column that tells rows apart.\n\
         # Des lignes peuvent partager cette clé ; choisissez une colonne qui les distingue.\n"
    }
}

fn child_text(tables: &[Studied], record: &Record, child: &Child, country: &str) -> String {
    let table = &tables[child.table];
    let mut text = format!(
        "\n# {}: table {}, {}{}\n",
        child.list,
        comment::plain(&table.table.name),
        comment::rows(table.table.rows),
        if child.link.is_declared { "" } else { ", joined by the name and values of a column" },
    );
    text.push_str(&columns(table, &child.guesses, "c"));
    let query = Query::of_child(tables, record, child, country);
    let _ = write!(
        text,
        "[[record.child]]\nlist = \"{}\"\nkey = {}\nrows = {}\n{}",
        child.list,
        toml(&query.key),
        block(&query.sql),
        uncertain(&query.uncertain),
    );
    text.push_str(&normalise("record.child", &child.guesses, country));
    text
}

fn uncertain(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = "#: not certain, to be moved into the SELECT if right · incertain\n".to_owned();
    for line in lines {
        let _ = writeln!(text, "#:   {line}");
    }
    text
}

/// The normalisers that the samples ask for; those of uncertain columns as comments.
fn normalise(table: &str, guesses: &[Guess], country: &str) -> String {
    let mut text = String::new();
    for guess in guesses.iter().filter(|guess| !guess.normalise.is_empty()) {
        let steps: Vec<String> =
            guess.normalise.iter().map(|step| step_text(step, country)).collect();
        let steps = match steps.as_slice() {
            [one] => one.clone(),
            _ => format!("[{}]", steps.join(", ")),
        };
        let mark = if guess.is_certain { "" } else { "#:   " };
        let alias =
            if guess.alias.contains('.') { toml(&guess.alias) } else { guess.alias.clone() };
        let _ = writeln!(text, "{mark}{alias} = {steps}");
    }
    if text.is_empty() { text } else { format!("[{table}.normalise]\n{text}") }
}

fn step_text(step: &Step, country: &str) -> String {
    match step {
        Step::Named(name) => toml(name),
        Step::Date(format) => {
            format!("{{ name = \"date\", formats = [{}, \"%Y-%m-%d\"] }}", toml(format))
        }
        Step::Empty(words) => {
            let words: Vec<String> = words.iter().map(|word| toml(word)).collect();
            format!("{{ name = \"empty_words\", words = [{}], fold = true }}", words.join(", "))
        }
        Step::Phone => format!("{{ name = \"phone_e164\", country = {} }}", toml(country)),
    }
}

fn codes_text(codes: &Lists) -> String {
    let mut text = String::new();
    for (name, list) in codes {
        let _ = write!(
            text,
            "\n# Words of the source · Mots de la source. One of · Parmi: {}; \"\" = absent\n",
            list.known
        );
        for column in &list.long {
            let column = comment::plain(column);
            let _ = writeln!(
                text,
                "# {column} has more than {WORDS_MAX} words · a plus de {WORDS_MAX} mots"
            );
        }
        let _ = writeln!(text, "[codes.{name}]");
        for (word, (rows, meaning)) in &list.words {
            let quoted = toml(word);
            let _ = if let Some(meaning) = meaning {
                writeln!(text, "{quoted} = {} # {rows}", toml(meaning))
            } else {
                let quoted = comment::plain(&quoted);
                writeln!(text, "#: {quoted} = \"\" # {rows}: meaning unknown · sens inconnu")
            };
        }
    }
    text
}
