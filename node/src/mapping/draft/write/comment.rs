//! What a draft says of tables that nobody asked about: columns and samples.

use std::fmt::Write as _;

use super::super::choose::Record;
use super::super::fields::Guess;
use super::super::looks::{Looks, masked};
use super::super::study::{Column, Studied};
use crate::source::schema::Count;

/// Characters of a sample value that are shown.
const VALUE_CHARS_MAX: usize = 30;

/// A number of rows in words.
pub(super) fn rows(count: Count) -> String {
    match count {
        Count::Exactly(number) => format!("{number} rows · lignes"),
        Count::About(number) => format!("about {number} rows · environ {number} lignes"),
        Count::Over(number) => format!("over {number} rows · plus de {number} lignes"),
    }
}

/// The columns of a table with their samples and where each goes.
pub(super) fn columns(table: &Studied, guesses: &[Guess], from: &str) -> String {
    let mut text = String::new();
    for column in &table.columns {
        let guess = guesses.iter().find(|guess| guess.column == column.name && guess.from == from);
        let goes = guess.map_or_else(String::new, |guess| {
            format!(" -> {}{}", guess.alias, if guess.is_certain { "" } else { " ?" })
        });
        let _ = writeln!(
            text,
            "#   {} {}: {}{goes}",
            plain(&column.name),
            plain(&column.type_name),
            samples(table, column, guess),
        );
    }
    text
}

/// The first values; those that may be of a person, and texts that nobody knows,
/// keep only their form.
fn samples(table: &Studied, column: &Column, guess: Option<&Guess>) -> String {
    let profile = &column.profile;
    if profile.looks == Looks::Nothing {
        return "no value · aucune valeur".to_owned();
    }
    let is_known = guess.is_some_and(|guess| guess.is_certain && !guess.is_national);
    let is_free_text = profile.looks == Looks::Text && !is_known && !profile.is_code();
    let is_masked = table.is_personal(column)
        || guess.is_some_and(|guess| guess.is_national)
        || is_free_text
        || table.is_party() && profile.looks == Looks::Text && !profile.is_code();
    let shown: Vec<String> = profile
        .values
        .iter()
        .map(|value| {
            let value = if is_masked { masked(value) } else { value.clone() };
            let cut: String = plain(&value).chars().take(VALUE_CHARS_MAX).collect();
            format!("'{cut}'")
        })
        .collect();
    let absent = match profile.empty + profile.filled {
        0 => 0,
        all => profile.empty * 100 / all,
    };
    let absent = if absent > 0 { format!(" ({absent} % empty · vides)") } else { String::new() };
    format!("{}{absent}", shown.join(", "))
}

/// Tables that the draft does not use.
pub(super) fn unused(tables: &[Studied], records: &[Record]) -> String {
    let is_used = |place: usize| records.iter().any(|record| record.tables().contains(&place));
    let unused: Vec<String> = tables
        .iter()
        .enumerate()
        .filter(|(place, _)| !is_used(*place))
        .map(|(_, table)| {
            format!("#   {} ({})\n", plain(&table.table.name), rows(table.table.rows))
        })
        .collect();
    if unused.is_empty() {
        return String::new();
    }
    format!("\n# Tables that are not used · Tables non utilisées:\n{}", unused.concat())
}

/// Tables and views that the source refuses to read.
pub(super) fn unread(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = names.iter().map(|name| format!("#   {}\n", plain(name))).collect();
    format!("\n# Tables that cannot be read · Tables illisibles:\n{}", lines.concat())
}

/// A text that cannot end a comment.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
