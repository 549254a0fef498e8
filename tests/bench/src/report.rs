//! Figures beside their references.

use rmd_runtime::output::Format;
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
        let mut text = format!("{}\n\n", self.conditions);
        text.push_str(
            "what                                ours/s   reference/s   ratio   compared\n",
        );
        for figure in &self.figures {
            text.push_str(&format!(
                "{:<32} {:>9.0} {:>13.0} {:>6.1}x {:>10}\n",
                figure.what,
                figure.per_second,
                figure.reference_per_second,
                figure.ratio,
                figure.compared
            ));
        }
        text
    }
}
