//! A table with its totals, and what becomes of each amount in public.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::statistics::figure::{Figure, LEAST};

/// Row and column; behind the last state and the last month stand the totals.
pub(crate) type Place = (usize, usize);

/// What becomes of an amount in public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mark {
    /// There is none, and everybody may know.
    Empty,
    /// It is told.
    Shown,
    /// That there is one is told, and not how much.
    Hidden,
    /// A total that the table does not have.
    Withheld,
}

/// Who stands behind an amount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Behind {
    /// How many; of many, not fewer than three.
    pub(crate) count: u64,
    /// Who, where they are fewer than three.
    pub(crate) few: BTreeSet<String>,
}

impl Behind {
    /// The one who stands alone.
    pub(crate) fn alone(&self) -> Option<&str> {
        self.few.first().filter(|_| self.count == 1).map(String::as_str)
    }

    fn add(&mut self, other: &Self) {
        self.few.extend(other.few.iter().cloned());
        // Below three both lists are whole, and so is what they make together.
        let most = self.count.max(other.count);
        self.count = if most >= LEAST { most } else { self.few.len() as u64 };
        if self.count >= LEAST {
            self.few.clear();
        }
    }
}

/// One amount of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cell {
    /// Milligrams.
    pub(crate) mass: i128,
    /// Milligrams of metal; none if it is not known.
    pub(crate) metal: Option<i128>,
    /// Whether anything was reported.
    pub(crate) is_reported: bool,
    pub(crate) behind: Behind,
    pub(crate) mark: Mark,
}

impl Cell {
    fn empty() -> Self {
        let (behind, mark) = (Behind::default(), Mark::Empty);
        Self { mass: 0, metal: Some(0), is_reported: false, behind, mark }
    }

    /// Whether both say the same, whatever becomes of it.
    fn is_same(&self, other: &Self) -> bool {
        (self.mass, self.metal, self.is_reported, &self.behind)
            == (other.mass, other.metal, other.is_reported, &other.behind)
    }

    fn add(&mut self, other: &Self) {
        if !other.is_reported {
            return;
        }
        self.mass += other.mass;
        self.metal = self.metal.zip(other.metal).map(|(one, other)| one + other);
        self.is_reported = true;
        self.behind.add(&other.behind);
        self.mark = Mark::Shown;
    }
}

/// A table of one flow of one mineral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grid {
    /// Rows.
    pub(crate) states: Vec<String>,
    /// Columns.
    pub(crate) months: Vec<String>,
    /// Row after row, each with its total; the last row is that of totals.
    cells: Vec<Cell>,
}

impl Grid {
    /// The table of these figures. Without totals over months they are withheld.
    pub(crate) fn new<'a>(
        states: Vec<String>,
        months: Vec<String>,
        figures: impl IntoIterator<Item = &'a Figure>,
        has_totals_over_months: bool,
    ) -> Self {
        let cells = vec![Cell::empty(); (states.len() + 1) * (months.len() + 1)];
        let mut grid = Self { states, months, cells };
        for figure in figures {
            let row = grid.states.iter().position(|state| *state == figure.country);
            let column = grid.months.iter().position(|month| *month == figure.month);
            let Some(place) = row.zip(column) else { continue };
            let few = figure.few.iter().map(|one| format!("{}:{one}", figure.country));
            *grid.at_mut(place) = Cell {
                mass: i128::from(figure.mass_mg),
                metal: figure.metal_mg.map(i128::from),
                is_reported: true,
                behind: Behind { count: figure.contributors, few: few.collect() },
                mark: Mark::Shown,
            };
        }
        grid.add_up(has_totals_over_months);
        grid
    }

    fn add_up(&mut self, has_totals_over_months: bool) {
        let (rows, columns) = (self.states.len(), self.months.len());
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |one| (row, one))) {
            let cell = self.at((row, column)).clone();
            for total in [(row, columns), (rows, column), (rows, columns)] {
                self.at_mut(total).add(&cell);
            }
        }
        if !has_totals_over_months {
            for row in 0..=rows {
                self.at_mut((row, columns)).mark = Mark::Withheld;
            }
        }
    }

    /// The amount at a place.
    pub(crate) fn at(&self, (row, column): Place) -> &Cell {
        &self.cells[row * (self.months.len() + 1) + column]
    }

    /// The same, to be changed.
    pub(crate) fn at_mut(&mut self, (row, column): Place) -> &mut Cell {
        &mut self.cells[row * (self.months.len() + 1) + column]
    }

    /// The amount at a place, or those of states and months of which it is the total.
    pub(crate) fn parts(&self, (row, column): Place) -> impl Iterator<Item = &Cell> {
        let (rows, columns) = (self.states.len(), self.months.len());
        let of = |place: usize, all: usize| if place == all { 0..all } else { place..place + 1 };
        let of_row = move |row| of(column, columns).map(move |column| self.at((row, column)));
        of(row, rows).flat_map(of_row)
    }

    /// Every amount.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter()
    }

    /// Every place, the totals too, row after row.
    pub(crate) fn places(&self) -> Vec<Place> {
        let columns = self.months.len();
        let of_row = |row| (0..=columns).map(move |column| (row, column));
        (0..=self.states.len()).flat_map(of_row).collect()
    }

    /// Whether both say the same at every place, whatever they hold back.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&Cell, &Cell)| {
            one.is_same(other) && (one.mark == Mark::Withheld) == (other.mark == Mark::Withheld)
        };
        (&self.states, &self.months) == (&other.states, &other.months)
            && self.cells.iter().zip(&other.cells).all(is_same)
    }
}
