//! Standard output, and the only module that prints.
//!
//! A command prints its result once: text for a person, or with `--json` one JSON
//! object on one line for a program. A reader that closes the pipe (`| head`) has
//! had enough; that is no fault. Logs and progress go to standard error.
//!
//! Much of what is printed was written elsewhere: names in records, answers of states,
//! faults that the other side tells. Text for a person holds none of the characters that
//! a terminal obeys.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;

/// Why a result could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The result is no JSON: a map whose keys are no strings, for example.
    #[error("write the result as json")]
    Json(#[source] serde_json::Error),
    /// Standard output refused the bytes for another reason than a closed pipe.
    #[error("write to standard output")]
    Write(#[source] io::Error),
}

/// For whom a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Text for a person.
    #[default]
    Text,
    /// One JSON object on one line for a program.
    Json,
}

impl Format {
    /// The format that the flag `--json` asks for.
    pub const fn from_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    /// Prints a result: as it is in JSON, or as the text made from it.
    pub fn print<T: Serialize>(
        self,
        result: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Error> {
        self.write(&mut io::stdout().lock(), result, text)
    }

    fn write<T: Serialize>(
        self,
        out: &mut impl Write,
        result: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Error> {
        match self {
            Self::Json => write_line(out, &serde_json::to_string(result).map_err(Error::Json)?),
            Self::Text => write_line(out, &harmless(&text(result))),
        }
    }
}

/// The text without what a terminal obeys: it shows a mark in its place.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        return Cow::Borrowed(text);
    }
    let mark = |letter| if is_obeyed(letter) { char::REPLACEMENT_CHARACTER } else { letter };
    Cow::Owned(text.chars().map(mark).collect())
}

/// Whether a terminal obeys nothing in the text.
pub fn is_harmless(text: &str) -> bool {
    !text.chars().any(is_obeyed)
}

/// Escapes, and the marks that turn the direction of the letters behind them.
fn is_obeyed(letter: char) -> bool {
    let is_control = letter.is_control() && !matches!(letter, '\n' | '\t');
    is_control || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Prints one text as it is, with a line end.
pub fn line(text: &str) -> Result<(), Error> {
    write_line(&mut io::stdout().lock(), text)
}

/// Prints one value as JSON on one line.
pub fn json<T: Serialize>(value: &T) -> Result<(), Error> {
    Format::Json.print(value, |_| String::new())
}

/// Columns of text, aligned, under a line of heads. Missing cells are empty; a cell of
/// several lines is shown on one, so that no value looks like a row of its own.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let lines = || std::iter::once(&heads).chain(rows);
    let count = lines().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let text = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| {
            let cell = cell.replace('\n', " ");
            format!("{cell:<width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines().map(text).collect::<Vec<_>>().join("\n")
}

/// An instant for a person, in UTC; empty for none.
pub fn instant(us: Option<i64>) -> String {
    us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok())
        .map(|instant| instant.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}

fn write_line(out: &mut impl Write, text: &str) -> Result<(), Error> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match out.write_all(format!("{text}{end}").as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Write),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Site {
        name: &'static str,
    }

    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printed(format: Format) -> String {
        let mut out = Vec::new();
        format.write(&mut out, &Site { name: "Bisié\n" }, |site| site.name.to_owned()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_one_object_on_one_line() {
        assert_eq!(printed(Format::from_flag(true)), "{\"name\":\"Bisié\\n\"}\n");
    }

    #[test]
    fn text_ends_with_one_line_end() {
        assert_eq!(printed(Format::from_flag(false)), "Bisié\n");
    }

    #[test]
    fn a_closed_pipe_is_no_fault_and_a_full_disk_is() {
        assert!(write_line(&mut Refusing(io::ErrorKind::BrokenPipe), "x").is_ok());
        assert!(write_line(&mut Refusing(io::ErrorKind::StorageFull), "x").is_err());
    }

    #[test]
    fn an_instant_is_told_in_utc_and_none_as_nothing() {
        assert_eq!(instant(Some(1_514_764_800_000_000)), "2018-01-01 00:00:00Z");
        assert_eq!(instant(None), "");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_shown_and_json_keeps_it_escaped() {
        let told = "a\u{1b}[2J\u{9b}1m\rb\u{202e}c\td\né";
        assert_eq!(harmless(told), "a\u{fffd}[2J\u{fffd}1m\u{fffd}b\u{fffd}c\td\né");
        assert!(matches!(harmless("Bisié\n"), Cow::Borrowed(_)));
        let mut out = Vec::new();
        Format::Text
            .write(&mut out, &Site { name: "x\u{7}" }, |site| site.name.to_owned())
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x\u{fffd}\n");
        let mut out = Vec::new();
        Format::Json.write(&mut out, &Site { name: "x\u{7}" }, |_| String::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\"name\":\"x\\u0007\"}\n");
    }

    #[test]
    fn a_value_never_looks_like_a_row_of_its_own() {
        let rows = [vec!["COD/x\nRWA/y".to_owned(), "frozen".to_owned()]];
        assert_eq!(table(&["node", "state"], &rows).lines().count(), 2);
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = [vec!["Bisié".to_owned(), "1".to_owned()], vec!["Rubaya-D".to_owned()]];
        assert_eq!(table(&["site", "lots"], &rows), "site      lots\nBisié     1\nRubaya-D");
    }
}
