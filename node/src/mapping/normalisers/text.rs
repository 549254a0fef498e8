//! Blanks, words that mean nothing, and entities of HTML.
//!
//! None of them can fail: what they do not know stays as it is.

use std::collections::BTreeSet;

use rmd_standard::Cell;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::text_of;

/// Words that mean that there is no value.
#[derive(Debug, Clone)]
pub(crate) struct EmptyWords {
    words: BTreeSet<String>,
    fold: bool,
}

impl EmptyWords {
    /// `fold`: case and accents do not count.
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = &'w str>, fold: bool) -> Self {
        let as_compared = |word: &str| compared(word, fold);
        Self { words: words.into_iter().map(as_compared).collect(), fold }
    }

    pub(super) fn read(&self, cell: &Cell) -> Cell {
        let word = match cell {
            Cell::Text(text) => compared(text, self.fold),
            // A zero that means "unknown" may come as a number.
            Cell::Integer(number) => number.to_string(),
            _ => return cell.clone(),
        };
        if self.words.contains(&word) { Cell::Null } else { cell.clone() }
    }
}

fn compared(word: &str, fold: bool) -> String {
    if fold { folded(word.trim()) } else { word.trim().to_owned() }
}

/// A text in lower case without accents.
pub(crate) fn folded(text: &str) -> String {
    let bare = text.nfd().filter(|c| !is_combining_mark(*c));
    bare.flat_map(char::to_lowercase).collect()
}

/// Blanks of every kind become one space between words; none is left at the ends.
pub(super) fn whitespace(cell: &Cell) -> Cell {
    let Some(text) = text_of(cell) else { return cell.clone() };
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    Cell::Text(words.join(" "))
}

/// Marks without a width that a copy out of a page brings along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

/// Entities become their characters; twice, because pages escape what forms had
/// escaped before. An ampersand that begins none stays.
pub(super) fn html_entities(cell: &Cell) -> Cell {
    let Some(text) = text_of(cell) else { return cell.clone() };
    let once = html_escape::decode_html_entities(text);
    let twice = html_escape::decode_html_entities(&once);
    Cell::Text(twice.into_owned())
}
