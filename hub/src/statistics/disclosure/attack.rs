//! The reader who wants to know: everything that was published, as a linear programme.
//!
//! One variable for each amount of each edition; equal variables where an amount was not
//! corrected, which this reader knows; every total of every edition as an equation. The
//! least and the greatest value of each hidden amount are found by a solver that shares
//! nothing with the code under test.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};
use proptest::prelude::*;

use super::{Cell, Direction, Grid, Margin, Mark, Place, protect};
use crate::statistics::{figure::LEAST, testing::figure};

/// Small amounts: one unit above must stay possible.
const MARGIN: Margin = Margin { floor_mg: 1 };

/// Of what the solver's numbers may be short.
const TOLERANCE: f64 = 1e-6;

const STATES: [&str; 3] = ["AO", "BI", "CF"];
const MONTHS: [&str; 3] = ["2026-01", "2026-02", "2026-03"];

/// An amount, and who is behind it.
type Told = (i64, Vec<&'static str>);

type Rows = Vec<Vec<Option<Told>>>;

fn grid(rows: &Rows, has_totals_over_months: bool) -> Grid {
    let mut figures = Vec::new();
    for (state, row) in STATES.iter().zip(rows) {
        for (month, cell) in MONTHS.iter().zip(row) {
            figures.extend(cell.as_ref().map(|(mass, names)| figure(state, month, *mass, names)));
        }
    }
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let (states, months) = (owned(&STATES[..rows.len()]), owned(&MONTHS[..rows[0].len()]));
    Grid::new(states, months, &figures, has_totals_over_months)
}

/// What a reader knows, and what to find out.
struct Attack<'a> {
    editions: &'a [Grid],
    reader: Option<&'a str>,
}

impl Attack<'_> {
    fn amount(&self, edition: usize, place: Place) -> f64 {
        i32::try_from(self.editions[edition].at(place).mass).unwrap().into()
    }

    fn is_known(&self, edition: usize, place: Place) -> bool {
        let cell = self.editions[edition].at(place);
        let is_own = self.reader.is_some() && cell.behind.alone() == self.reader;
        is_own || matches!(cell.mark, Mark::Shown | Mark::Empty)
    }

    /// Whether the very amount was public, or the reader's own, before or after.
    fn was_told(&self, edition: usize, place: Place) -> bool {
        let cell = |edition: usize| self.editions[edition].at(place);
        let is_same = |other: &usize| {
            let (one, other) = (cell(edition), cell(*other));
            (one.mass, one.is_reported) == (other.mass, other.is_reported)
        };
        let before = (0..=edition).rev().take_while(is_same);
        let after = (edition..self.editions.len()).take_while(is_same);
        let is_own = |cell: &Cell| self.reader.is_some() && cell.behind.alone() == self.reader;
        before
            .chain(after)
            .any(|edition| cell(edition).mark == Mark::Shown || is_own(cell(edition)))
    }

    /// Adds an edition: its amounts, of which one is looked for, and its equations.
    fn add(&self, problem: &mut Problem, number: usize, wanted: Option<Place>) -> Vec<Variable> {
        let grid = &self.editions[number];
        let variable = |place: Place| {
            let amount = self.amount(number, place);
            let is_known = self.is_known(number, place);
            let bounds = if is_known { (amount, amount) } else { (0.0, f64::INFINITY) };
            problem.add_var(f64::from(u8::from(wanted == Some(place))), bounds)
        };
        let variables: Vec<Variable> = grid.places().into_iter().map(variable).collect();
        let (height, width) = (grid.states.len() + 1, grid.months.len() + 1);
        for row in 0..height {
            add_up(problem, (0..width).map(|column| variables[row * width + column]).collect());
        }
        for column in 0..width {
            add_up(problem, (0..height).map(|row| variables[row * width + column]).collect());
        }
        variables
    }

    /// Whether a figure, and no total, is the same in an edition and the next.
    fn is_tied(&self, number: usize, place: Place) -> bool {
        let grid = &self.editions[number];
        let is_total = place.0 == grid.states.len() || place.1 == grid.months.len();
        let (one, other) = (grid.at(place), self.editions[number + 1].at(place));
        !is_total && (one.mass, one.is_reported) == (other.mass, other.is_reported)
    }

    fn bound(&self, (edition, place): (usize, Place), direction: OptimizationDirection) -> f64 {
        let mut problem = Problem::new(direction);
        let all: Vec<Vec<Variable>> = (0..self.editions.len())
            .map(|number| self.add(&mut problem, number, Some(place).filter(|_| number == edition)))
            .collect();
        for (number, pair) in all.windows(2).enumerate() {
            let places = self.editions[number].places().into_iter().enumerate();
            for (at, _) in places.filter(|&(_, place)| self.is_tied(number, place)) {
                let tie = [(pair[0][at], 1.0), (pair[1][at], -1.0)];
                problem.add_constraint(tie, ComparisonOp::Eq, 0.0);
            }
        }
        match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => solution.objective(),
            Ok(SolveOutcome::Interrupted(_)) => panic!("no limit was set"),
            Err(microlp::Error::Unbounded) => f64::INFINITY,
            Err(error) => panic!("the truth is a solution: {error}"),
        }
    }

    /// A hidden amount that this reader can tell too well.
    fn pinned(&self) -> Option<String> {
        let of_edition = |(number, grid): (usize, &Grid)| {
            grid.places().into_iter().map(move |place| (number, place)).collect::<Vec<_>>()
        };
        let mut all = self.editions.iter().enumerate().flat_map(of_edition);
        all.find_map(|(number, place)| self.is_pinned(number, place))
    }

    fn is_pinned(&self, number: usize, place: Place) -> Option<String> {
        let grid = &self.editions[number];
        let cell = grid.at(place);
        let is_few = cell.mark == Mark::Hidden && cell.behind.count < LEAST;
        if !is_few || self.was_told(number, place) {
            return None;
        }
        let is_of_reader =
            |part: &&Cell| self.reader.is_some() && part.behind.alone() == self.reader;
        let own: i128 = grid.parts(place).filter(is_of_reader).map(|part| part.mass).sum();
        let least =
            |direction| f64::from(i32::try_from(MARGIN.least(cell.mass - own, direction)).unwrap());
        let amount = self.amount(number, place);
        let low = self.bound((number, place), OptimizationDirection::Minimize);
        let high = self.bound((number, place), OptimizationDirection::Maximize);
        let is_safe = low <= amount - least(Direction::Down) + TOLERANCE
            && high >= amount + least(Direction::Up) - TOLERANCE;
        (!is_safe).then(|| format!("{place:?} of edition {number}: {low} to {high}"))
    }
}

fn add_up(problem: &mut Problem, line: Vec<Variable>) {
    let total = line.len() - 1;
    let sign = |at: usize| if at == total { -1.0 } else { 1.0 };
    let terms: Vec<(Variable, f64)> =
        line.into_iter().enumerate().map(|(at, variable)| (variable, sign(at))).collect();
    problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
}

/// What the public, or any exporter alone, can tell of these editions.
fn pinned(editions: &[Grid]) -> Option<String> {
    let alone = editions.iter().flat_map(Grid::cells).filter_map(|cell| cell.behind.alone());
    let readers = std::iter::once(None).chain(alone.map(Some));
    readers.into_iter().find_map(|reader| {
        let pinned = Attack { editions, reader }.pinned();
        pinned.map(|pinned| format!("{reader:?} tells {pinned}"))
    })
}

/// Publishes editions one by one; those that cannot be made safe do not leave.
fn published(grids: Vec<Grid>) -> Vec<Grid> {
    let mut editions: Vec<Grid> = Vec::new();
    for grid in grids {
        editions.push(grid);
        if !protect(&mut editions, MARGIN) {
            editions.pop();
        }
    }
    editions
}

const MANY: [&str; 3] = ["A", "B", "C"];

fn many(mass: i64) -> Told {
    (mass, MANY.to_vec())
}

fn one(mass: i64) -> Told {
    (mass, vec!["X"])
}

/// A table of one month.
fn of_month(cells: impl IntoIterator<Item = Told>) -> Rows {
    cells.into_iter().map(|cell| vec![Some(cell)]).collect()
}

fn hidden(grid: &Grid) -> Vec<Place> {
    grid.places().into_iter().filter(|place| grid.at(*place).mark == Mark::Hidden).collect()
}

#[test]
fn hiding_the_figures_of_few_alone_gives_them_away() {
    let mut naive = grid(&of_month([one(10), many(50), many(70)]), false);
    naive.at_mut((0, 0)).mark = Mark::Hidden;
    assert_eq!(pinned(&[naive]).unwrap(), "None tells (0, 0) of edition 0: 10 to 10");
}

#[test]
fn the_smallest_figure_that_serves_is_hidden_with_it_and_the_total_stays() {
    let rows = of_month([one(10), many(50), many(70)]);
    let editions = published(vec![grid(&rows, false)]);
    assert_eq!(hidden(&editions[0]), [(0, 0), (1, 0)]);
    assert_eq!(pinned(&editions), None);
    // Too small to hide behind: a twentieth of what it should cover.
    let rows = of_month([one(100), many(5), many(70)]);
    let editions = published(vec![grid(&rows, false)]);
    assert_eq!(hidden(&editions[0]), [(0, 0), (2, 0)]);
}

#[test]
fn two_who_stand_alone_do_not_tell_each_other() {
    let rows = of_month([one(40), one(50), many(70)]);
    let editions = published(vec![grid(&rows, false)]);
    assert_eq!(hidden(&editions[0]), [(0, 0), (1, 0), (2, 0)]);
    assert_eq!(pinned(&editions), None);
}

#[test]
fn a_table_that_rests_on_one_says_nothing() {
    let editions = published(vec![grid(&vec![vec![Some(one(40)), None]], true)]);
    let shown = editions[0].cells().filter(|cell| cell.mark == Mark::Shown);
    assert_eq!(shown.count(), 0);
    assert_eq!(pinned(&editions), None);
}

#[test]
fn a_figure_that_comes_late_does_not_stand_in_the_difference_of_two_totals() {
    let mut before = of_month([one(10), many(50), many(70)]);
    before[0][0] = None;
    let after = of_month([one(10), many(50), many(70)]);
    let mut alone = vec![grid(&before, false), grid(&after, false)];
    assert!(protect(&mut alone[..1], MARGIN) && protect(&mut alone[1..], MARGIN));
    assert!(pinned(&alone).is_some(), "each alone is safe, and both are not");
    let editions = published(vec![grid(&before, false), grid(&after, false)]);
    assert_eq!(editions.len(), 2);
    assert_eq!(hidden(&editions[1]), [(0, 0), (3, 0)]);
    assert_eq!(pinned(&editions), None);
}

fn cell() -> impl Strategy<Value = Option<Told>> {
    let names = proptest::sample::subsequence(vec!["W", "X", "Y", "Z"], 1..=4);
    proptest::option::weighted(0.85, (0_i64..200, names))
}

fn rows() -> impl Strategy<Value = Rows> {
    (2_usize..=3, 1_usize..=3).prop_flat_map(|(height, width)| {
        proptest::collection::vec(proptest::collection::vec(cell(), width), height)
    })
}

/// The table with its first months alone.
fn until(rows: &Rows, months: usize) -> Rows {
    let cell = |(at, cell): (usize, &Option<Told>)| cell.clone().filter(|_| at < months);
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A year that closes month by month, is corrected here and there, and gets its totals.
    #[test]
    fn nobody_tells_a_hidden_amount_from_all_editions(
        rows in rows(),
        corrections in proptest::collection::vec((0_usize..3, 0_usize..3, cell()), 0..3),
        is_by_month in any::<bool>(),
    ) {
        let width = rows[0].len();
        let mut grids = Vec::new();
        for closed in if is_by_month { 1..=width } else { width..=width } {
            grids.push(grid(&until(&rows, closed), !is_by_month));
        }
        let mut corrected = rows;
        for (row, column, cell) in corrections {
            let height = corrected.len();
            corrected[row % height][column % width] = cell;
            grids.push(grid(&corrected, true));
        }
        let editions = published(grids);
        prop_assert!(!editions.is_empty());
        prop_assert_eq!(pinned(&editions), None);
    }
}
