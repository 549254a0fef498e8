//! A table as the templates take it.

use serde::Serialize;

/// A table: heads, rows, and a last row for totals.
#[derive(Debug, Default, Serialize)]
pub(super) struct Grid {
    /// Heads over several columns, if any: text and number of columns.
    pub(super) groups: Vec<(String, usize)>,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<Piece>>,
    pub(super) total: Vec<Piece>,
}

/// The head of a column.
#[derive(Debug, Serialize)]
pub(super) struct Head {
    text: String,
    /// `left`, `right` or `center`.
    align: &'static str,
    /// Part of what is left of the line; 0 is as wide as its cells.
    width: f64,
}

/// A cell.
#[derive(Debug, Default, Serialize)]
pub(super) struct Piece {
    text: String,
    /// How it looks: plain, soft, strong, code, or the name of a status.
    look: &'static str,
    /// A bar instead of the text: look and part of the whole of each piece of it.
    bar: Vec<(&'static str, f64)>,
}

impl Head {
    /// Of a text, which takes its part of the line.
    pub(super) fn wide(text: &str, width: f64) -> Self {
        Self { text: text.to_owned(), align: "left", width }
    }

    /// Of a short text.
    pub(super) fn short(text: &str) -> Self {
        Self::wide(text, 0.0)
    }

    /// Of a bar: apart from a number to its left.
    pub(super) fn middle(text: &str, width: f64) -> Self {
        Self { text: text.to_owned(), align: "center", width }
    }

    /// Of a number.
    pub(super) fn number(text: &str, width: f64) -> Self {
        Self { text: text.to_owned(), align: "right", width }
    }
}

impl Piece {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::look(text, "plain")
    }

    pub(super) fn soft(text: impl Into<String>) -> Self {
        Self::look(text, "soft")
    }

    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self::look(text, "strong")
    }

    pub(super) fn look(text: impl Into<String>, look: &'static str) -> Self {
        Self { text: text.into(), look, bar: Vec::new() }
    }

    /// A count; a zero stands back.
    pub(super) fn count(text: String, count: u64) -> Self {
        if count == 0 { Self::soft(text) } else { Self::plain(text) }
    }

    pub(super) fn bar(bar: Vec<(&'static str, f64)>) -> Self {
        Self { text: String::new(), look: "plain", bar }
    }
}

/// The row of a state of which there are no data yet.
pub(super) fn nothing(name: &str, cells: usize) -> Vec<Piece> {
    let cells = (0..cells).map(|_| Piece::soft("–"));
    std::iter::once(Piece::soft(name)).chain(cells).collect()
}

/// A part of a whole, to a ten-thousandth, so that a file does not depend on how a
/// machine divides.
#[expect(clippy::cast_precision_loss, reason = "at most ten thousand")]
pub(super) fn part(of: u64, whole: u64) -> f64 {
    let scaled = u128::from(of) * 10_000 / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(10_000).min(10_000) as f64 / 10_000.0
}
