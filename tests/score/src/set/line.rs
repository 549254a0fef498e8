//! Lines of a file, with their numbers.
//!
//! A byte-order mark, the carriage return of Windows and blank lines are passed over. What
//! is no UTF-8 stays as it is, for the reader of the record to name.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use anyhow::{Context as _, Result};

/// One line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: usize,
    /// What stands there.
    pub(crate) bytes: Vec<u8>,
}

/// The lines of a file; none of one that is not there.
pub(crate) fn lines(file: &Path) -> Result<Vec<Line>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let name = file.display();
    let mut reader = BufReader::new(File::open(file).with_context(|| format!("open {name}"))?);
    let mut lines = Vec::new();
    for number in 1.. {
        let mut bytes = Vec::new();
        if reader.read_until(b'\n', &mut bytes).with_context(|| format!("read {name}"))? == 0 {
            break;
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).trim_ascii().to_vec();
        if !bytes.is_empty() {
            lines.push(Line { number, bytes });
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_returns_and_blank_lines_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lots.jsonl");
        std::fs::write(&file, b"\xEF\xBB\xBF{\"a\":1}\r\n\r\n  \n{\"b\":2}\xff").unwrap();
        let found = lines(&file).unwrap();
        assert_eq!(found[0], Line { number: 1, bytes: b"{\"a\":1}".to_vec() });
        assert_eq!(found[1], Line { number: 4, bytes: b"{\"b\":2}\xff".to_vec() });
        assert!(lines(&folder.path().join("none.jsonl")).unwrap().is_empty());
    }
}
