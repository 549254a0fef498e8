//! The monthly report as pages: a PDF file, out of the data of `rmd-report`.
//!
//! Two steps: [`view`](self) puts every number, day and word into the form in which a
//! reader of the language expects it; templates lay that out. The typesetter is a
//! library, its fonts are inside, and nothing is read from disk or fetched.
//!
//! Invariants: the same data give the same bytes; whatever has no data yet says so.

mod pages;
mod prose;
mod view;
mod world;

pub use pages::{Error, Pages};
