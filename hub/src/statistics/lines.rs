//! The public form as comma-separated values: one table for the command line and the portal.

use super::public::{Public, PublicCell, PublicTable};

/// The words of the columns, for programs.
pub(crate) const HEADS: [&str; 6] = ["flow", "mineral", "country", "month", "mass_kg", "metal_kg"];

/// Milligrams as kilograms, exactly.
pub(crate) fn kilograms(mg: i64) -> String {
    let sign = if mg < 0 { "-" } else { "" };
    let mg = mg.unsigned_abs();
    format!("{sign}{}.{:06}", mg / 1_000_000, mg % 1_000_000)
}

/// Lines under their heads.
pub(crate) fn csv<'a>(
    heads: impl IntoIterator<Item = &'a str>,
    lines: impl IntoIterator<Item = Vec<String>>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heads)?;
    for line in lines {
        writer.write_record(line)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// What may be published, as a file.
pub(crate) fn public_csv(public: &Public) -> Result<Vec<u8>, csv::Error> {
    let heads = HEADS.into_iter().chain(["suppressed"]);
    let lines = public.tables.iter().flat_map(|table| {
        table.cells.iter().map(move |cell| {
            let mut line = public_line(table, cell);
            line.push(cell.suppressed.to_string());
            line
        })
    });
    csv(heads, lines)
}

/// A public figure; what is not told is empty.
pub(crate) fn public_line(table: &PublicTable, cell: &PublicCell) -> Vec<String> {
    vec![
        table.flow.as_str().to_owned(),
        table.mineral.clone(),
        cell.country.clone().unwrap_or_default(),
        cell.month.clone().unwrap_or_default(),
        cell.mass_mg.map(kilograms).unwrap_or_default(),
        cell.metal_mg.map(kilograms).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milligrams_are_told_in_kilograms_to_the_last() {
        assert_eq!(kilograms(1), "0.000001");
        assert_eq!(kilograms(12_345_678_901), "12345.678901");
        assert_eq!(kilograms(i64::MAX), "9223372036854.775807");
    }
}
