//! How far a hidden amount can move while everything that is public holds.
//!
//! Each row and each column of a table, the totals' own among them, is a node; each
//! amount is an arc between its row and its column, turned so that every equation of the
//! table says that what flows into a node flows out of it. What moves is then a ring of
//! arcs: forwards an amount grows, without a limit; backwards it shrinks, to zero at most.

use pathfinding::directed::{dijkstra::dijkstra, edmonds_karp::edmonds_karp_dense};

use super::grid::{Cell, Grid, Mark, Place};

/// More than any amount, and its sums are far from overflow.
const UNLIMITED: i128 = 1 << 100;

/// Whether a bound above or below is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

impl Direction {
    pub(super) const ALL: [Self; 2] = [Self::Up, Self::Down];
}

/// What the amounts are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    Mass,
    Metal,
}

impl Measure {
    pub(super) const ALL: [Self; 2] = [Self::Mass, Self::Metal];

    /// Milligrams; zero where it is not known.
    pub(super) fn amount(self, cell: &Cell) -> i128 {
        match self {
            Self::Mass => cell.mass,
            Self::Metal => cell.metal.unwrap_or(0),
        }
    }

    /// Whether a reader who knows what was corrected knows that this was not.
    pub(super) fn is_same(self, one: &Cell, other: &Cell) -> bool {
        let is_same = match self {
            Self::Mass => one.mass == other.mass,
            Self::Metal => one.metal == other.metal,
        };
        is_same && one.is_reported == other.is_reported
    }

    /// Whether there is an amount that could be told.
    pub(super) const fn is_told(self, cell: &Cell) -> bool {
        matches!(self, Self::Mass) || cell.metal.is_some()
    }
}

/// Who reads: anybody, or one who stands behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reader(pub(super) Option<String>);

impl Reader {
    /// Whether an amount is the reader's own.
    pub(super) fn knows(&self, cell: &Cell) -> bool {
        self.0.is_some() && cell.behind.alone() == self.0.as_deref()
    }
}

/// A run of editions in which amounts move together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) editions: &'a [Grid],
    pub(super) first: usize,
    /// Included.
    pub(super) last: usize,
    pub(super) reader: &'a Reader,
    pub(super) measure: Measure,
}

/// How an arc may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It moves.
    Free,
    /// It would, if the last edition hid it.
    IfHidden,
    /// It is known.
    Fixed,
}

impl Window<'_> {
    /// How far the amount can move; 0 if it cannot.
    pub(super) fn most(&self, place: Place, direction: Direction) -> i128 {
        if self.usage(place) != Use::Free {
            return 0;
        }
        let mut capacities = Vec::new();
        for other in self.others(place) {
            if self.usage(other) == Use::Free {
                let (from, to) = self.arc(other);
                capacities.push(((from, to), UNLIMITED));
                capacities.push(((to, from), self.least_amount(other)));
            }
        }
        let nodes: Vec<usize> = (0..self.node_count()).collect();
        let (source, sink) = self.ends(place, direction);
        let (_, most, _) = edmonds_karp_dense(&nodes, &source, &sink, capacities);
        match direction {
            Direction::Up => most,
            Direction::Down => most.min(self.least_amount(place)),
        }
    }

    /// The cheapest ring along which the amount can move so far: what it costs, and which
    /// places of the last edition are to be hidden for it.
    pub(super) fn path(
        &self,
        place: Place,
        direction: Direction,
        least: i128,
    ) -> Option<(i128, Vec<Place>)> {
        let is_stuck = direction == Direction::Down && self.least_amount(place) < least;
        if self.usage(place) != Use::Free || is_stuck {
            return None;
        }
        let mut steps: Vec<Vec<(usize, i128)>> = vec![Vec::new(); self.node_count()];
        for other in self.others(place) {
            let cost = match self.usage(other) {
                Use::Free => 0,
                Use::IfHidden => 1 + self.editions[self.last].at(other).mass,
                Use::Fixed => continue,
            };
            let (from, to) = self.arc(other);
            steps[from].push((to, cost));
            if self.least_amount(other) >= least {
                steps[to].push((from, cost));
            }
        }
        let (source, sink) = self.ends(place, direction);
        let (path, cost) = dijkstra(&source, |&node| steps[node].clone(), |&node| node == sink)?;
        let places = path.windows(2).map(|pair| self.between(pair[0], pair[1]));
        let hidden = places.filter(|&place| self.usage(place) == Use::IfHidden);
        Some((cost, hidden.collect()))
    }

    fn usage(&self, place: Place) -> Use {
        let cell = |edition: usize| self.editions[edition].at(place);
        let is_tied = |one: usize, other: usize| self.measure.is_same(cell(one), cell(other));
        let is_tied_before = self.first > 0 && is_tied(self.first - 1, self.first);
        let is_tied_after =
            self.last + 1 < self.editions.len() && is_tied(self.last, self.last + 1);
        let is_known = (self.first..=self.last).any(|edition| self.reader.knows(cell(edition)));
        if is_tied_before || is_tied_after || is_known {
            return Use::Fixed;
        }
        let is_open = |edition: usize| match cell(edition).mark {
            Mark::Hidden | Mark::Withheld => true,
            Mark::Shown => !self.measure.is_told(cell(edition)),
            Mark::Empty => false,
        };
        if !(self.first..self.last).all(is_open) {
            return Use::Fixed;
        }
        match cell(self.last).mark {
            _ if is_open(self.last) => Use::Free,
            Mark::Shown => Use::IfHidden,
            _ => Use::Fixed,
        }
    }

    /// How far it can shrink: what it is where it is least.
    fn least_amount(&self, place: Place) -> i128 {
        let amount = |edition: &Grid| self.measure.amount(edition.at(place));
        self.editions[self.first..=self.last].iter().map(amount).min().unwrap_or(0)
    }

    fn others(&self, place: Place) -> impl Iterator<Item = Place> {
        let places = self.editions[self.last].places();
        places.into_iter().filter(move |&other| other != place)
    }

    fn rows(&self) -> usize {
        self.editions[self.last].states.len() + 1
    }

    fn node_count(&self) -> usize {
        self.rows() + self.editions[self.last].months.len() + 1
    }

    /// From where to where an amount flows. A total stands on the other side of its
    /// equation than what it is the total of.
    fn arc(&self, (row, column): Place) -> (usize, usize) {
        let is_row_of_totals = row + 1 == self.rows();
        let is_column_of_totals = self.rows() + column + 1 == self.node_count();
        let (row, column) = (row, self.rows() + column);
        if is_row_of_totals == is_column_of_totals { (row, column) } else { (column, row) }
    }

    fn between(&self, one: usize, other: usize) -> Place {
        let (row, column) = (one.min(other), one.max(other));
        (row, column - self.rows())
    }

    /// Where what the amount takes on has to come back to, and from where.
    fn ends(&self, place: Place, direction: Direction) -> (usize, usize) {
        let (from, to) = self.arc(place);
        match direction {
            Direction::Up => (to, from),
            Direction::Down => (from, to),
        }
    }
}
