//! Standard output, and the only module that prints.
//!
//! A command prints its result once: text for a person, or with `--json` one JSON
//! object on one line for a program. A reader that closes the pipe (`| head`) has
//! had enough; that is no fault. Logs and progress go to standard error.

use std::io::{self, Write};

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
            Self::Text => write_line(out, &text(result)),
        }
    }
}

/// Prints one text as it is, with a line end.
pub fn line(text: &str) -> Result<(), Error> {
    write_line(&mut io::stdout().lock(), text)
}

/// Prints one value as JSON on one line.
pub fn json<T: Serialize>(value: &T) -> Result<(), Error> {
    Format::Json.print(value, |_| String::new())
}

/// Columns of text, aligned, under a line of heads. Missing cells are empty.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let lines = || std::iter::once(&heads).chain(rows);
    let count = lines().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let text = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
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
    fn columns_are_aligned_by_characters() {
        let rows = [vec!["Bisié".to_owned(), "1".to_owned()], vec!["Rubaya-D".to_owned()]];
        assert_eq!(table(&["site", "lots"], &rows), "site      lots\nBisié     1\nRubaya-D");
    }
}
