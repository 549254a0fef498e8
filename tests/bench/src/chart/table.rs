//! The table in docs/, read back and written.

use crate::quantity::{HEADS, Quantity};

/// One line of the table, a text a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row(Vec<String>);

impl Row {
    pub(super) fn of(quantity: &Quantity) -> Self {
        Self(quantity.cells())
    }

    pub(super) fn name(&self) -> &str {
        &self.0[0]
    }

    pub(super) fn against(&self) -> &str {
        &self.0[2]
    }

    /// As it is written, with two places.
    pub(super) fn ratio(&self) -> f64 {
        let last = self.0.last().and_then(|cell| cell.strip_suffix(" x"));
        last.and_then(|ratio| ratio.parse().ok()).unwrap_or_default()
    }
}

/// All lines, in their order.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// The rows in a text; whatever else it holds is left out.
    pub(super) fn read(text: &str) -> Self {
        let cells = |line: &str| {
            let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
            Some(line.split(" | ").map(str::to_owned).collect::<Vec<_>>())
        };
        let is_row = |cells: &Vec<String>| {
            cells.len() == HEADS.len() && cells[0] != HEADS[0] && !cells[0].starts_with("---")
        };
        Self { rows: text.lines().filter_map(cells).filter(is_row).map(Row).collect() }
    }

    /// Puts a row in the place of the one for the same quantity and reference, or at the end.
    pub(super) fn put(&mut self, row: Row) {
        let same =
            |known: &&mut Row| known.name() == row.name() && known.against() == row.against();
        match self.rows.iter_mut().find(same) {
            Some(known) => *known = row,
            None => self.rows.push(row),
        }
    }

    pub(super) fn text(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = line(&HEADS.map(str::to_owned));
        text.push_str(&line(&HEADS.map(|_| "---".to_owned())));
        for row in &self.rows {
            text.push_str(&line(&row.0));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Better;

    fn row(name: &str, ours: f64) -> Row {
        let against = ("a reference", [2.0].as_slice());
        Row::of(&Quantity::new((name, "s", Better::Lower), &[ours], against).unwrap())
    }

    #[test]
    fn a_written_table_is_read_back_and_keeps_what_was_not_measured_again() {
        let mut table = Table::default();
        table.put(row("first", 1.0));
        table.put(row("second", 4.0));
        let mut read = Table::read(&format!("# Words | and more |\n\n{}", table.text()));
        assert_eq!(read.rows, table.rows);
        read.put(row("first", 4.0));
        assert_eq!(read.rows, [row("first", 4.0), row("second", 4.0)]);
        assert!((read.rows[0].ratio() - 0.5).abs() < f64::EPSILON);
    }
}
