//! The words of the source for the codes of the standard, with guessed meanings.

use std::collections::BTreeMap;

use rmd_standard::{Cell, Shape, code, mineral};

use super::choose::Record;
use super::fields::{Guess, Step};
use super::lexicon::meaning_of;
use super::study::Studied;
use crate::mapping::normalisers::{Legacy, Normal, Pipeline, folded};
use crate::source::{Error, Session};

/// Different words of a column that are written down.
pub(super) const WORDS_MAX: usize = 50;

/// Code lists by name.
pub(super) type Lists = BTreeMap<&'static str, List>;

/// The words of one code list.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Word: rows, and the meaning if one is guessed.
    pub(super) words: BTreeMap<String, (u64, Option<&'static str>)>,
    /// Columns with more words than are written down.
    pub(super) long: Vec<String>,
    /// The words of the standard, for the comment.
    pub(super) known: String,
}

/// Reads the words of every certain column of a code.
pub(super) async fn lists(
    session: &mut Session,
    tables: &[Studied],
    records: &[Record],
) -> Result<Lists, Error> {
    let mut lists = Lists::new();
    for record in records {
        let own = record.guesses.iter().map(|guess| (guess, guess.table.unwrap_or(record.table)));
        let children = record.children.iter();
        let children =
            children.flat_map(|child| child.guesses.iter().map(|guess| (guess, child.table)));
        for (guess, table) in own.chain(children).filter(|(guess, _)| guess.is_certain) {
            let Some((name, known)) = list_of(guess.shape) else { continue };
            let table = &tables[table];
            let words = session.words(&table.table, &guess.column, WORDS_MAX + 1).await?;
            let list = lists.entry(name).or_default();
            list.known = known;
            if words.len() > WORDS_MAX {
                list.long.push(format!("{}.{}", table.table.name, guess.column));
                continue;
            }
            list.add(name, guess, words);
        }
    }
    lists.retain(|_, list| !list.words.is_empty() || !list.long.is_empty());
    Ok(lists)
}

/// The drafted normalisers of a column that change words.
fn pipeline(guess: &Guess) -> Pipeline {
    let steps = guess.normalise.iter().filter_map(|step| match step {
        Step::Named("legacy_encoding") => {
            Legacy::of_label("windows-1252").map(Normal::LegacyEncoding)
        }
        Step::Named("html_entities") => Some(Normal::HtmlEntities),
        Step::Named("whitespace") => Some(Normal::Whitespace),
        _ => None,
    });
    Pipeline { steps: steps.collect(), unit: None }
}

/// The code list of a field, and its words.
fn list_of(shape: Shape) -> Option<(&'static str, String)> {
    match shape {
        Shape::Code(list) => Some((list.name, list.words())),
        Shape::Mineral => {
            let words = mineral::DESIGNATED.map(|mineral| mineral.0).join(", ");
            Some(("mineral", format!("{words}, an HS code")))
        }
        Shape::Country => Some(("country", "ISO 3166-1 alpha-2".to_owned())),
        _ => None,
    }
}

impl List {
    fn add(&mut self, name: &'static str, guess: &Guess, words: Vec<(String, u64)>) {
        // A field of several values takes them apart at these marks.
        let is_several = name == "mineral" || matches!(guess.alias.as_str(), "mineral_origin");
        // The lists of a mapping see words as its normalisers leave them.
        let pipeline = pipeline(guess);
        for (word, rows) in words {
            let word = match pipeline.read(&Cell::Text(word.clone())).map(|read| read.cell) {
                Ok(Cell::Text(word)) => word,
                _ => word,
            };
            let marks: &[char] = if is_several { &[';', ','] } else { &[] };
            let pieces = word.split(marks).map(str::trim);
            for piece in pieces.filter(|piece| !piece.is_empty() && !is_of_standard(name, piece)) {
                let meaning = meaning_of(name, &folded(piece));
                let meaning = meaning.filter(|word| is_of_standard(name, word));
                let entry = self.words.entry(piece.to_owned()).or_insert((0, meaning));
                entry.0 += rows;
            }
        }
    }
}

/// Whether a word is one of the standard's own.
fn is_of_standard(list: &str, word: &str) -> bool {
    match list {
        "mineral" => {
            mineral::is_mineral(word)
                || mineral::DESIGNATED.iter().any(|known| known.0.eq_ignore_ascii_case(word))
        }
        "country" => rmd_standard::country::is_country(word),
        _ => code::list(list).is_some_and(|list| list.number_of(word).is_some()),
    }
}
