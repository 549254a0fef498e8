//! The result as a table and as a plot in docs/.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use plotters::prelude::*;

use crate::quantity::{self, Quantity};

const TABLE: &str = "docs/performance-exchange.md";
const PLOT: &str = "docs/performance-exchange.svg";

/// Height of one bar with its words, pixels.
const ROW: u32 = 44;
const WIDTH: u32 = 960;

/// Writes both at the root of the workspace.
pub(crate) fn write(quantities: &[Quantity]) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = format!(
        "# The exchange, measured\n\nWritten by `cargo bench-network -- --write`. A ratio above 1 means that ours is \
         better.\n\n![Ratios](performance-exchange.svg)\n\n{}",
        quantity::markdown(quantities)
    );
    fs::write(root.join(TABLE), table).context("write the table")?;
    plot(&root.join(PLOT), quantities)
}

/// One bar a quantity: its ratio, cut off at five.
fn plot(file: &Path, quantities: &[Quantity]) -> Result<()> {
    const RATIO_MAX: f64 = 5.0;
    let rows = u32::try_from(quantities.len())?;
    let area = SVGBackend::new(file, (WIDTH, ROW * rows + 2 * ROW)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(30)
        .build_cartesian_2d(0.0..RATIO_MAX, 0.0..f64::from(rows))?;
    chart
        .configure_mesh()
        .disable_y_axis()
        .disable_y_mesh()
        .x_desc("ratio, ours to the reference")
        .draw()?;
    for (row, quantity) in (0_u32..).zip(quantities.iter().rev()) {
        let (low, high) = (f64::from(row) + 0.08, f64::from(row) + 0.5);
        let color =
            if quantity.ratio >= 1.0 { RGBColor(32, 120, 80) } else { RGBColor(176, 104, 32) };
        let bar = [(0.0, low), (quantity.ratio.min(RATIO_MAX), high)];
        let words = format!("{} – {}: {:.2} x", quantity.name, quantity.against, quantity.ratio);
        chart.draw_series([Rectangle::new(bar, color.filled())])?;
        chart.draw_series([Text::new(words, (0.02, high + 0.38), ("sans-serif", 13))])?;
    }
    let one = [(1.0, 0.0), (1.0, f64::from(rows))];
    chart.draw_series(LineSeries::new(one, BLACK.stroke_width(1)))?;
    area.present().context("write the plot")?;
    Ok(())
}
