//! A file of a spreadsheet program as rows of cells, within bounds.
//!
//! Owns the formats: what a file is, how it is packed, in which letters it is
//! written. It knows nothing of records; what a cell means, its caller says. A crate
//! of its own because its bytes come from anybody: fuzzers reach it as the node does.

mod error;
mod grid;

pub use error::{Error, NO_ROWS};
pub use grid::{COLUMNS_MAX, FILE_BYTES_MAX, Grid, ROWS_MAX, Raw, Row, Rows, TEXT_CHARS_MAX};
