//! The result as a table and as a plot in docs/.
//!
//! The table is the result: where only some of the measurements were made, the rows of
//! the others stay as they are, and the plot is drawn from the whole table.

mod table;

use std::{fs, path::Path, process::Command, thread};

use anyhow::{Context as _, Result};
use plotters::prelude::*;

use self::table::{Row, Table};
use crate::{cli::ExchangeSettings, quantity::Quantity};

const TABLE: &str = "performance-exchange.md";
const PLOT: &str = "performance-exchange.svg";

/// Height of one bar with its words, pixels.
const ROW: u32 = 44;
const WIDTH: u32 = 960;

/// Writes both into docs/ of the workspace, or where it was asked for. The rows of
/// measurements that were not made, or that failed, stay.
pub(crate) fn write(
    quantities: &[Quantity],
    settings: &ExchangeSettings,
    is_whole: bool,
) -> Result<()> {
    let docs = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let folder = settings.into.clone().unwrap_or_else(docs);
    fs::create_dir_all(&folder).context("make the folder of the table")?;
    let file = folder.join(TABLE);
    let mut table = Table::default();
    if !settings.only.is_empty() || !is_whole {
        table = fs::read_to_string(&file).map(|text| Table::read(&text)).unwrap_or_default();
    }
    for quantity in quantities {
        table.put(Row::of(quantity));
    }
    let text = format!(
        "# The exchange, measured\n\n\
         Written by `cargo bench-network -- --write`, last on {}. A ratio above 1 means that ours is \
         better; the medians are compared. Every row of the regional view was compared with the \
         source at the instant at which the clock stopped.\n\n\
         ![Ratios](performance-exchange.svg)\n\n{}",
        machine(),
        table.text()
    );
    fs::write(&file, text).context("write the table")?;
    plot(&folder.join(PLOT), &table.rows)
}

/// What it was measured on.
fn machine() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let gigabytes = memory
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes.div_ceil(1 << 20));
    let version = Command::new("psql").arg("--version").output();
    let server = version.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores ({}), {gigabytes} GB, {}",
        processor.unwrap_or_else(|| "unnamed".to_owned()),
        server.unwrap_or_default().trim().replace("psql (PostgreSQL)", "PostgreSQL")
    )
}

/// One bar a row: its ratio, cut off at five.
fn plot(file: &Path, table: &[Row]) -> Result<()> {
    const RATIO_MAX: f64 = 5.0;
    let rows = u32::try_from(table.len())?;
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
    for (place, row) in (0_u32..).zip(table.iter().rev()) {
        let (low, high) = (f64::from(place) + 0.08, f64::from(place) + 0.5);
        let (green, brown) = (RGBColor(32, 120, 80), RGBColor(176, 104, 32));
        let color = if row.ratio() >= 1.0 { green } else { brown };
        let bar = [(0.0, low), (row.ratio().min(RATIO_MAX), high)];
        let words = format!("{} – {}: {:.2} x", row.name(), row.against(), row.ratio());
        chart.draw_series([Rectangle::new(bar, color.filled())])?;
        chart.draw_series([Text::new(words, (0.02, high + 0.38), ("sans-serif", 13))])?;
    }
    let one = [(1.0, 0.0), (1.0, f64::from(rows))];
    chart.draw_series(LineSeries::new(one, BLACK.stroke_width(1)))?;
    area.present().context("write the plot")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{cli::Arguments, quantity::Better};

    #[test]
    fn a_measurement_that_failed_leaves_the_rows_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().to_str().unwrap();
        let settings = Arguments::parse_from(["rmd-bench", "--write", "--into", into]).exchange;
        let of = |name: &str| {
            Quantity::new((name, "s", Better::Lower), &[1.0], ("a reference", &[2.0])).unwrap()
        };
        write(&[of("load"), of("scan")], &settings, true).unwrap();
        write(&[of("scan")], &settings, false).unwrap();
        let names = || {
            let text = fs::read_to_string(folder.path().join(TABLE)).unwrap();
            Table::read(&text).rows.iter().map(|row| row.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(), ["load", "scan"]);
        assert!(fs::read_to_string(folder.path().join(PLOT)).unwrap().contains("load"));
        write(&[of("scan")], &settings, true).unwrap();
        assert_eq!(names(), ["scan"], "all was measured, and this is all that there is");
    }
}
