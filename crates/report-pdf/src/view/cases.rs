//! Cases: by question, and by state in the full edition.

use rmd_report::{
    CaseState, CaseStep, Cases as Part, Edition,
    words::{self, CAUSES},
};
use serde::Serialize;

use super::{
    Pen,
    grid::{Grid, Head, Piece, nothing},
    states,
};

/// Columns of counts: how cases stand, those of them that are late, what happened.
const TALLIES: usize = CaseState::ALL.len() + 1 + CaseStep::ALL.len();

#[derive(Debug, Serialize)]
pub(super) struct Cases {
    causes: Grid,
    /// None in a public edition.
    states: Option<Grid>,
}

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Cases {
    let is_full = pen.report.edition == Edition::Full;
    Cases { causes: by_cause(pen, part), states: is_full.then(|| by_state(pen, part)) }
}

/// Of which cases is told.
#[derive(Debug, Clone, Copy)]
struct Which<'a> {
    country: Option<&'a str>,
    cause: Option<&'a str>,
}

impl Which<'_> {
    fn is_of(self, country: Option<&str>, cause: &str) -> bool {
        self.country.is_none_or(|one| country == Some(one))
            && self.cause.is_none_or(|one| cause == one)
    }
}

fn tally(pen: Pen<'_>, part: &Part, which: Which<'_>) -> Vec<Piece> {
    let standing =
        || part.standing.iter().filter(move |one| which.is_of(one.country.as_deref(), &one.cause));
    let steps =
        || part.steps.iter().filter(move |one| which.is_of(one.country.as_deref(), &one.cause));
    let mut counts = Vec::with_capacity(TALLIES);
    for state in CaseState::ALL {
        counts.push(standing().filter(|one| one.state == state).map(|one| one.count).sum());
        if state == CaseState::Sent {
            counts.push(standing().map(|one| one.overdue).sum::<u64>());
        }
    }
    for step in CaseStep::ALL {
        counts.push(steps().filter(|one| one.step == step).map(|one| one.count).sum());
    }
    counts.into_iter().map(|count| Piece::count(pen.count(count), count)).collect()
}

fn table(pen: Pen<'_>, first: Head, rows: Vec<Vec<Piece>>, total: Vec<Piece>) -> Grid {
    let mut heads = vec![first];
    for state in CaseState::ALL {
        heads.push(Head::number(state.word().of(pen.lang), 1.0));
        if state == CaseState::Sent {
            heads.push(Head::number(pen.prose.overdue, 1.0));
        }
    }
    heads.extend(CaseStep::ALL.map(|step| Head::number(step.word().of(pen.lang), 0.9)));
    let groups = vec![
        (String::new(), 1),
        (pen.prose.standing.to_owned(), CaseState::ALL.len() + 1),
        (pen.prose.in_month.to_owned(), CaseStep::ALL.len()),
    ];
    Grid { groups, heads, rows, total }
}

fn by_cause(pen: Pen<'_>, part: &Part) -> Grid {
    let row = |code: &str, name: String| {
        let mut row = vec![Piece::plain(name)];
        row.extend(tally(pen, part, Which { country: None, cause: Some(code) }));
        row
    };
    let is_there = |code: &str| {
        part.standing.iter().any(|one| one.cause == code)
            || part.steps.iter().any(|one| one.cause == code)
    };
    let known = CAUSES.into_iter().filter(|cause| is_there(cause.code));
    let mut rows: Vec<Vec<Piece>> =
        known.map(|cause| row(cause.code, pen.lang.set(cause.of(pen.lang)))).collect();
    // One that this program has no words for stands by its code.
    let mut others: Vec<&str> = part.standing.iter().map(|one| one.cause.as_str()).collect();
    others.retain(|code| words::cause(code).is_none());
    others.sort_unstable();
    others.dedup();
    rows.extend(others.into_iter().map(|code| row(code, code.to_owned())));
    let mut total = vec![Piece::strong(pen.prose.region)];
    total.extend(tally(pen, part, Which { country: None, cause: None }));
    table(pen, Head::wide(pen.prose.cause, 3.6), rows, total)
}

fn by_state(pen: Pen<'_>, part: &Part) -> Grid {
    let row = |country: &'static str| {
        let name = pen.lang.country(country);
        let is_there = part.standing.iter().any(|one| one.country.as_deref() == Some(country));
        if !is_there {
            return nothing(name, TALLIES);
        }
        let mut row = vec![Piece::plain(name)];
        row.extend(tally(pen, part, Which { country: Some(country), cause: None }));
        row
    };
    let rows = states().map(row).collect();
    table(pen, Head::wide(pen.prose.state, 3.6), rows, Vec::new())
}
