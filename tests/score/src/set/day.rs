//! The day of a set.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use jiff::{Timestamp, civil::Date};
use rmd_standard::effective::calendar_day;

/// Reads the file `as-of`.
pub(super) fn read(file: &Path) -> Result<Date> {
    let text = fs::read_to_string(file).with_context(|| {
        format!("read {}; write the day of the set into it, as 2026-11-20", file.display())
    })?;
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches('"');
    day_of(text).with_context(|| {
        format!("{} says {text:?}; write the day of the set into it, as 2026-11-20", file.display())
    })
}

/// A day, or the day in UTC+2 of an instant; without an offset the day that is written.
pub(super) fn day_of(text: &str) -> Option<Date> {
    let (head, tail) = text.split_at_checked(10)?;
    let day: Date = head.parse().ok()?;
    if tail.is_empty() {
        return Some(day);
    }
    if !tail.starts_with(['T', 't', ' ']) {
        return None;
    }
    let instant = text.parse::<Timestamp>().ok().map(calendar_day);
    let is_local = || text.replacen(' ', "T", 1).parse::<jiff::civil::DateTime>().is_ok();
    instant.or_else(|| is_local().then_some(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_may_have_a_time_a_mark_and_an_end_of_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("as-of");
        for text in [
            "2026-11-20",
            "2026-11-20\n",
            "\u{feff}2026-11-20\r\n",
            "\"2026-11-20\"",
            "2026-11-20T10:00:00",
            "2026-11-20 10:00",
            "2026-11-19T23:30:00Z",
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(read(&file).unwrap().to_string(), "2026-11-20", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_day_is_named_with_what_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("as-of");
        for text in ["", "20/11/2026", "2026-13-01", "2026-11-20x"] {
            fs::write(&file, text).unwrap();
            let error = read(&file).unwrap_err().to_string();
            assert!(error.contains("as 2026-11-20"), "{error}");
        }
    }
}
