//! Exports against imports: lines and masses, by state and outcome.

use rmd_report::{Edition, Figure, MatchOutcome, MatchRow, Matching as Part, words::decimals};
use serde::Serialize;

use super::{
    Pen,
    grid::{Grid, Head, Piece, nothing, part as part_of},
    states,
};

/// Both tables.
#[derive(Debug, Serialize)]
pub(super) struct Matching {
    counts: Grid,
    /// None in a public edition, where none is told.
    masses: Option<Grid>,
}

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Matching {
    let is_full = pen.report.edition == Edition::Full;
    Matching { counts: counts(pen, part), masses: is_full.then(|| masses(pen, part)) }
}

fn heads(pen: Pen<'_>) -> Vec<Head> {
    let outcomes =
        MatchOutcome::ALL.into_iter().map(|one| Head::number(one.word().of(pen.lang), 1.05));
    std::iter::once(Head::wide(pen.prose.state, 2.9)).chain(outcomes).collect()
}

fn is_in(part: &Part, country: &str) -> bool {
    part.rows.iter().any(|row| row.country == country)
}

fn counts(pen: Pen<'_>, part: &Part) -> Grid {
    let line = |name: Piece, count: &dyn Fn(MatchOutcome) -> u64| {
        let compared =
            MatchOutcome::ALL.into_iter().filter(|one| one.is_compared()).map(count).sum();
        let cells = MatchOutcome::ALL
            .into_iter()
            .map(|one| Piece::count(pen.count(count(one)), count(one)));
        let share = part_of(count(MatchOutcome::Matched), compared);
        let bar =
            if compared == 0 { Piece::soft("–") } else { Piece::bar(vec![("matched", share)]) };
        std::iter::once(name).chain(cells).chain([bar]).collect::<Vec<Piece>>()
    };
    let row = |country: &'static str| {
        let name = pen.lang.country(country);
        if !is_in(part, country) {
            return nothing(name, MatchOutcome::ALL.len() + 1);
        }
        line(Piece::plain(name), &|one| part.count(country, one))
    };
    let all = |one: MatchOutcome| {
        part.rows.iter().filter(|row| row.outcome == one).map(|row| row.count).sum::<u64>()
    };
    let mut heads = heads(pen);
    heads.push(Head::middle(pen.prose.matching_share, 1.3));
    Grid {
        heads,
        rows: states().map(row).collect(),
        total: line(Piece::strong(pen.prose.region), &all),
        ..Grid::default()
    }
}

/// The mass of lines: of pairs as exported, of lines without a partner their own.
fn mass(row: &MatchRow) -> Option<Figure> {
    let is_alone = matches!(
        row.outcome,
        MatchOutcome::ExportUnmatched
            | MatchOutcome::ImportUnmatched
            | MatchOutcome::Awaited
            | MatchOutcome::NotTestable
    );
    match (row.exported, row.imported) {
        (Some(Figure::Mg(out)), Some(Figure::Mg(into))) if is_alone => {
            Some(Figure::Mg(out.saturating_add(into)))
        }
        (Some(exported), _) => Some(exported),
        (None, imported) => imported,
    }
}

fn masses(pen: Pen<'_>, part: &Part) -> Grid {
    let row = |country: &'static str| {
        let name = pen.lang.country(country);
        if !is_in(part, country) {
            return nothing(name, MatchOutcome::ALL.len());
        }
        let cells =
            MatchOutcome::ALL.into_iter().map(|one| match part.row(country, one).and_then(mass) {
                Some(Figure::Mg(mg)) => Piece::plain(pen.lang.kilograms(mg, decimals(""))),
                Some(Figure::Suppressed) => Piece::soft(pen.prose.suppressed_sign),
                Some(Figure::Unknown) => Piece::soft(pen.prose.unknown_sign),
                None => Piece::soft("0"),
            });
        std::iter::once(Piece::plain(name)).chain(cells).collect()
    };
    Grid { heads: heads(pen), rows: states().map(row).collect(), ..Grid::default() }
}
