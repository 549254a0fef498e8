//! Statuses that changed in the month: counted, and one by one.

use rmd_report::{Edition, Status, StatusChange, Statuses as Part, Whose};
use serde::Serialize;

use super::{
    Pen,
    grid::{Grid, Head, Piece},
    states,
};

/// As many as people read; all are in the workbook.
const LINES_MOST: usize = 40;
/// What a status becomes, in the order of tables.
const BECOMES: [Status; 4] = [Status::Green, Status::Blue, Status::Yellow, Status::Red];

#[derive(Debug, Serialize)]
pub(super) struct Changes {
    intro: String,
    /// That a public edition does not tell all.
    public: Option<String>,
    counts: Grid,
    /// None where only what is not told changed.
    lines: Option<Grid>,
    more: Option<String>,
}

/// The changes; none where nothing changed.
pub(super) fn of(pen: Pen<'_>, part: &Part) -> Option<Changes> {
    if part.changed.is_empty() {
        return None;
    }
    let month = pen.lang.month(pen.report.month);
    let is_public = pen.report.edition == Edition::Public;
    let more = part.changes.len().saturating_sub(LINES_MOST) as u64;
    Some(Changes {
        intro: pen.say(pen.prose.changes_intro, &[("month", &month)]),
        public: is_public.then(|| pen.lang.set(pen.prose.changes_public)),
        counts: counts(pen, part),
        lines: (!part.changes.is_empty()).then(|| lines(pen, &part.changes)),
        more: (more > 0).then(|| pen.say(pen.prose.more_rows, &[("count", &pen.count(more))])),
    })
}

/// By state: what sites and what exporters became.
fn counts(pen: Pen<'_>, part: &Part) -> Grid {
    let prose = pen.prose;
    let line = |name: Piece, country: Option<&str>| {
        let count = |whose: Whose, to: Status| {
            let wanted = part.changed.iter().filter(|one| {
                one.whose == whose && one.to == to && country.is_none_or(|two| one.country == two)
            });
            wanted.map(|one| one.count).sum::<u64>()
        };
        let of = |whose| BECOMES.map(|to| count(whose, to));
        let counts = of(Whose::Site).into_iter().chain(of(Whose::Exporter));
        let counts = counts.map(|count| Piece::count(pen.count(count), count));
        std::iter::once(name).chain(counts).collect::<Vec<Piece>>()
    };
    let of_state = states().filter(|one| part.changed.iter().any(|change| change.country == *one));
    let heads = BECOMES.iter().chain(&BECOMES);
    let heads = heads.map(|status| Head::number(status.word().of(pen.lang), 1.0));
    Grid {
        groups: vec![
            (String::new(), 1),
            (prose.changed_sites.to_owned(), BECOMES.len()),
            (prose.changed_exporters.to_owned(), BECOMES.len()),
        ],
        heads: std::iter::once(Head::wide(prose.state, 3.2)).chain(heads).collect(),
        rows: of_state.map(|one| line(Piece::plain(pen.lang.country(one)), Some(one))).collect(),
        total: line(Piece::strong(prose.region), None),
    }
}

fn lines(pen: Pen<'_>, changes: &[StatusChange]) -> Grid {
    let prose = pen.prose;
    let chip = |status: Status| Piece::look(status.word().of(pen.lang), status.word().code);
    let row = |change: &StatusChange| {
        vec![
            Piece::plain(pen.lang.short_day(change.on)),
            Piece::plain(rmd_report::words::alpha3(&change.country)),
            Piece::plain(pen.lang.set(change.whose.word().of(pen.lang))),
            Piece::look(&change.id, "code"),
            chip(change.from),
            chip(change.to),
            Piece::plain(pen.lang.set(change.reason.word().of(pen.lang))),
        ]
    };
    Grid {
        heads: vec![
            Head::short(prose.on),
            Head::short(prose.state),
            Head::short(prose.whose),
            Head::wide(prose.site_or_exporter, 1.3),
            Head::short(prose.was),
            Head::short(prose.became),
            Head::wide(prose.why, 1.0),
        ],
        rows: changes.iter().take(LINES_MOST).map(row).collect(),
        ..Grid::default()
    }
}
