//! Quantities of ours beside those of a reference.
//!
//! A ratio above one always means that ours is better, whichever way the
//! quantity counts. Where both were measured several times, the medians are
//! compared and the spread is given.

use rmd_runtime::output;
use serde::Serialize;

/// Which way a quantity is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Better {
    /// As a rate.
    Higher,
    /// As a time or a size.
    Lower,
}

/// Several measurements of one thing: the middle one, the least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one measurement; none of none.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, min, max })
    }
}

/// One row of the result.
#[derive(Debug, Serialize)]
pub(crate) struct Quantity {
    #[serde(rename = "quantity")]
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
    /// The reference's median, or the number that is to be reached.
    pub(crate) reference: f64,
    /// Our median.
    pub(crate) ours: f64,
    pub(crate) ratio: f64,
    /// What the reference is.
    pub(crate) against: &'static str,
    /// Least and most of ours, and how often it was measured.
    pub(crate) spread: [f64; 2],
    pub(crate) runs: usize,
    /// Least and most of the reference.
    pub(crate) reference_spread: [f64; 2],
}

impl Quantity {
    /// Ours beside measurements of a reference, or beside a number to reach.
    pub(crate) fn new(
        (name, unit, better): (impl Into<String>, &'static str, Better),
        ours: &[f64],
        (against, reference): (&'static str, &[f64]),
    ) -> Option<Self> {
        let own = Spread::of(ours)?;
        let Spread { median: reference, min, max } = Spread::of(reference)?;
        let ratio = match better {
            Better::Higher => own.median / reference,
            Better::Lower => reference / own.median,
        };
        Some(Self {
            name: name.into(),
            unit,
            better,
            reference,
            ours: own.median,
            ratio,
            against,
            spread: [own.min, own.max],
            runs: ours.len(),
            reference_spread: [min, max],
        })
    }

    /// The same where ours is one rank of many measurements: their spread.
    pub(crate) fn with_all(mut self, ours: &[f64]) -> Self {
        if let Some(all) = Spread::of(ours) {
            self.spread = [all.min, all.max];
            self.runs = ours.len();
        }
        self
    }

    pub(crate) fn cells(&self) -> Vec<String> {
        let spread = |of: [f64; 2], runs: usize| {
            let is_one = runs < 2 || of[0].to_bits() == of[1].to_bits();
            if is_one { String::new() } else { format!(" ({} – {})", shown(of[0]), shown(of[1])) }
        };
        let theirs = spread(self.reference_spread, 2);
        vec![
            self.name.clone(),
            self.unit.to_owned(),
            self.against.to_owned(),
            format!("{}{theirs}", shown(self.reference)),
            format!("{}{}", shown(self.ours), spread(self.spread, self.runs)),
            self.runs.to_string(),
            format!("{:.2} x", self.ratio),
        ]
    }
}

pub(crate) const HEADS: [&str; 7] = [
    "quantity",
    "unit",
    "reference",
    "its figure (least – most)",
    "ours (least – most)",
    "measured",
    "ratio",
];

/// For a terminal.
pub(crate) fn table(quantities: &[Quantity]) -> String {
    output::table(&HEADS, &quantities.iter().map(Quantity::cells).collect::<Vec<_>>())
}

fn shown(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_is_better_both_ways() {
        let rate = Quantity::new(("r", "1/s", Better::Higher), &[10.0, 30.0, 20.0], ("x", &[10.0]))
            .unwrap();
        assert_eq!((rate.ours, rate.ratio, rate.spread), (20.0, 2.0, [10.0, 30.0]));
        let time = Quantity::new(("t", "s", Better::Lower), &[2.0, 4.0], ("x", &[6.0])).unwrap();
        assert_eq!((time.ours, time.ratio), (3.0, 2.0));
        assert!(Quantity::new(("none", "s", Better::Lower), &[], ("x", &[1.0])).is_none());
        assert_eq!(rate.cells()[3..5], ["10.0", "20.0 (10.0 – 30.0)"]);
    }
}
