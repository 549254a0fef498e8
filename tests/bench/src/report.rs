//! Figures beside their references.

use std::time::Duration;

use rmd_runtime::output::{self, Format};
use serde::Serialize;

/// One figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: &'static str,
    /// How many a second.
    pub(crate) per_second: f64,
    /// The same of the reference.
    pub(crate) reference_per_second: f64,
    /// Where the reference's figure comes from.
    pub(crate) reference: &'static str,
    /// Ours by the reference's; above one is faster.
    pub(crate) ratio: f64,
    /// How many answers were compared with what must stand in them.
    pub(crate) compared: u64,
}

impl Figure {
    pub(crate) fn new(
        what: &'static str,
        per_second: f64,
        (reference, reference_per_second): (&'static str, f64),
        compared: u64,
    ) -> Self {
        let ratio = per_second / reference_per_second;
        Self { what, per_second, reference_per_second, reference, ratio, compared }
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.what.to_owned(),
            format!("{:.0}", self.per_second),
            format!("{:.0}", self.reference_per_second),
            format!("{:.1} x", self.ratio),
            self.compared.to_string(),
        ]
    }
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// What one measurement found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Settings and sizes, in words.
    pub(crate) conditions: String,
    /// The figures.
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn print(&self, json: bool) -> Result<(), rmd_runtime::output::Error> {
        Format::from_flag(json).print(self, Self::text)
    }

    fn text(&self) -> String {
        let heads = ["", "a second", "reference", "ratio", "compared"];
        let rows: Vec<Vec<String>> = self.figures.iter().map(Figure::row).collect();
        let table = output::table(&heads, &rows);
        let reference = self.figures.first().map_or("", |figure| figure.reference);
        format!("{}\n\n{table}\n\nreference: {reference}", self.conditions)
    }
}
