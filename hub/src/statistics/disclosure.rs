//! What a public table holds back, so that nobody can compute what it must not show.
//!
//! A table has a row for each state, a column for each month, and the totals of both; a
//! reader may use every total as an equation, remember every earlier edition, and be one
//! of those who stand behind a figure. Each amount behind which stand fewer than three
//! must stay uncertain: amounts from 80 % to 120 % of it, at least, agree with everything
//! that was published. That is what [`protect`] sees to:
//!
//! 1. A figure behind which stand fewer than three is hidden, totals too.
//! 2. Each such amount is tested for its bounds. The equations of a table are those of a
//!    flow in a network, with a node for each row and column and an arc for each amount;
//!    how far an amount can move while the equations hold is a maximum flow. So the
//!    bounds are exact, and no solver with a tolerance is needed.
//! 3. Where a bound is too near, the cheapest path that lets the amount move is hidden as
//!    well: the one that takes the least mass out of sight.
//! 4. An edition is held against all earlier ones: an amount may move only in a run of
//!    editions in which everything that moves with it is hidden, and in which it is not
//!    tied to an edition outside by having stayed the same. A reader who knows
//!    which figures were corrected, without their amounts, is thereby withstood.
//! 5. Whoever stands alone behind a figure knows it. For each such reader everything is
//!    tested again, with what that reader knows as known; of a total counts the rest.
//! 6. If an edition cannot be made safe, it does not leave, and the one before stays.
//!
//! Totals over months leave with the whole year alone: a total to date would give away
//! each month as the difference of two editions. Stocks have none. That a
//! state reported nothing is no secret; that it reported zero is one, if it stands alone.
//!
//! Mass and contained metal are tested one by one, each under its own equations.

#[cfg(test)]
mod attack;
mod grid;
mod network;

use std::collections::BTreeSet;

pub(crate) use grid::{Cell, Grid, Mark, Place};
use network::{Direction, Measure, Reader, Window};

use super::figure::LEAST;

/// How near to a hidden amount a bound may come, in parts per million of it.
pub(crate) const MARGIN_PPM: i128 = 200_000;

/// The least uncertainty that has to be added to a hidden amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Margin {
    /// Milligrams above the amount that must remain possible, however small it is.
    pub(crate) floor_mg: i128,
}

impl Margin {
    /// A gram of gold, a kilogram of everything else.
    pub(crate) fn of(mineral: &str) -> Self {
        Self { floor_mg: if mineral == "710812" { 1_000 } else { 1_000_000 } }
    }

    /// How far an amount must be able to move.
    pub(crate) fn least(self, amount: i128, direction: Direction) -> i128 {
        let share = (amount * MARGIN_PPM).unsigned_abs().div_ceil(1_000_000);
        let share = i128::try_from(share).unwrap_or(i128::MAX);
        match direction {
            Direction::Up => share.max(self.floor_mg),
            Direction::Down => share,
        }
    }
}

/// A hidden amount, and the editions in which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Secret {
    measure: Measure,
    place: Place,
    first: usize,
    last: usize,
}

/// Marks in the last of the editions what it must hold back; `false` if it cannot be made
/// safe. The others left before, in their order, and are not changed.
pub(crate) fn protect(editions: &mut [Grid], margin: Margin) -> bool {
    let Some(current) = editions.len().checked_sub(1) else { return true };
    mark_first(editions, current);
    let readers = readers(editions);
    // What is hidden later for the sake of these lets all the others move as well.
    secrets(editions)
        .into_iter()
        .all(|secret| readers.iter().all(|reader| is_kept(editions, secret, reader, margin)))
}

/// Hides what rests on too few, and what was hidden before and has not changed.
fn mark_first(editions: &mut [Grid], current: usize) {
    for place in editions[current].places() {
        let before = current.checked_sub(1).map(|before| editions[before].at(place).clone());
        let cell = editions[current].at_mut(place);
        let was_hidden = before.as_ref().is_some_and(|before| before.mark == Mark::Hidden);
        let is_same = |before: &Cell| Measure::ALL.iter().any(|one| one.is_same(before, cell));
        let is_same = before.as_ref().is_some_and(is_same);
        let is_few = cell.mark == Mark::Shown && cell.behind.count < LEAST;
        // A figure that was hidden and is gone: that it is gone would tell that it is none.
        let is_gone = cell.mark == Mark::Empty && was_hidden;
        if is_few || is_gone || was_hidden && is_same && cell.mark == Mark::Shown {
            cell.mark = Mark::Hidden;
        }
    }
}

/// Everybody, and each who stands alone behind a hidden figure.
fn readers(editions: &[Grid]) -> Vec<Reader> {
    let hidden = editions.iter().flat_map(Grid::cells).filter(|cell| cell.mark == Mark::Hidden);
    let alone: BTreeSet<String> =
        hidden.filter_map(|cell| cell.behind.alone().map(str::to_owned)).collect();
    std::iter::once(None).chain(alone.into_iter().map(Some)).map(Reader).collect()
}

/// Every amount of fewer than three in every edition, one that stayed the same once. What
/// an edition showed is none any more.
fn secrets(editions: &[Grid]) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let Some(grid) = editions.last() else { return secrets };
    for (measure, place) in Measure::ALL
        .into_iter()
        .flat_map(|measure| grid.places().into_iter().map(move |place| (measure, place)))
    {
        let mut first = 0;
        for edition in 0..editions.len() {
            let cell = editions[edition].at(place);
            let next = editions.get(edition + 1).map(|next| next.at(place));
            if next.is_some_and(|next| measure.is_same(cell, next)) {
                continue;
            }
            let span = || editions[first..=edition].iter().map(|grid| grid.at(place));
            let was_shown = span().any(|cell| cell.mark == Mark::Shown);
            let was_of_few =
                span().any(|cell| cell.mark == Mark::Hidden && cell.behind.count < LEAST);
            if was_of_few && !was_shown && measure.is_told(cell) {
                secrets.push(Secret { measure, place, first, last: edition });
            }
            first = edition + 1;
        }
    }
    secrets
}

/// Whether a reader cannot come near to a secret; hides in the last edition what it takes.
fn is_kept(editions: &mut [Grid], secret: Secret, reader: &Reader, margin: Margin) -> bool {
    let grid = &editions[secret.last];
    let mut span = editions[secret.first..=secret.last].iter();
    if span.any(|grid| reader.knows(grid.at(secret.place))) {
        return true;
    }
    let of_others = grid.parts(secret.place).filter(|part| !reader.knows(part));
    let of_others: i128 = of_others.map(|part| secret.measure.amount(part)).sum();
    Direction::ALL.into_iter().all(|direction| {
        let least = margin.least(of_others, direction);
        can_move(editions, secret, reader, direction, least)
    })
}

fn can_move(
    editions: &mut [Grid],
    secret: Secret,
    reader: &Reader,
    direction: Direction,
    least: i128,
) -> bool {
    if least == 0 {
        return true;
    }
    let current = editions.len() - 1;
    let mut cheapest: Option<(i128, Vec<Place>)> = None;
    for first in 0..=secret.first {
        for last in secret.last..=current {
            let window = Window { editions, first, last, reader, measure: secret.measure };
            if window.most(secret.place, direction) >= least {
                return true;
            }
            // Only the last edition can still be changed.
            let path = (last == current).then(|| window.path(secret.place, direction, least));
            if let Some(path) = path.flatten()
                && cheapest.as_ref().is_none_or(|known| path.0 < known.0)
            {
                cheapest = Some(path);
            }
        }
    }
    let Some((_, places)) = cheapest else { return false };
    for place in places {
        editions[current].at_mut(place).mark = Mark::Hidden;
    }
    true
}
