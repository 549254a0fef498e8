//! Statuses that count, and those that lapse soon.

use rmd_report::{Lapse, Status, StatusCount, Statuses as Part};
use serde::Serialize;

use super::{
    Pen,
    changes::{self, Changes},
    grid::{Grid, Head, Piece, part as part_of},
    states,
};

/// As many lapses as people read; all are in the workbook.
const LAPSES_MOST: usize = 40;
/// Bounds of the columns of lapses, in days from the evaluation.
const WITHIN: [(i32, i32); 3] = [(0, 30), (31, 60), (61, Part::DAYS_AHEAD)];

#[derive(Debug, Serialize)]
pub(super) struct Statuses {
    intro: String,
    sites: Grid,
    exporters: Option<Grid>,
    changes: Option<Changes>,
    changes_none: String,
    lapses: Option<Lapses>,
    lapses_none: String,
}

#[derive(Debug, Serialize)]
struct Lapses {
    counts: Grid,
    lines: Grid,
    more: Option<String>,
}

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Statuses {
    let day = pen.lang.day(pen.report.evaluated_on);
    let days = Part::DAYS_AHEAD.to_string();
    Statuses {
        intro: pen.say(pen.prose.statuses_intro, &[("day", &day)]),
        sites: counts(pen, &part.sites),
        exporters: (!part.exporters.is_empty()).then(|| counts(pen, &part.exporters)),
        changes: changes::of(pen, part),
        changes_none: pen
            .say(pen.prose.changes_none, &[("month", &pen.lang.month(pen.report.month))]),
        lapses: (!part.lapses.is_empty()).then(|| lapses(pen, &part.lapses)),
        lapses_none: pen.say(pen.prose.lapses_none, &[("days", &days)]),
    }
}

fn counts(pen: Pen<'_>, counts: &[StatusCount]) -> Grid {
    let sum = |country: Option<&str>, status: Option<Status>| {
        let of_state = counts.iter().filter(|count| country.is_none_or(|one| count.country == one));
        let wanted = of_state.filter(|count| status.is_none_or(|one| count.status == one));
        wanted.map(|count| count.count).sum::<u64>()
    };
    let line = |name: Piece, country: Option<&str>| {
        let all = sum(country, None);
        let of_status = Status::ALL.map(|status| (status, sum(country, Some(status))));
        let mut line = vec![name];
        line.extend(of_status.map(|(_, count)| Piece::count(pen.count(count), count)));
        line.push(Piece::strong(pen.count(all)));
        line.push(Piece::bar(
            of_status.map(|(status, count)| (status.word().code, part_of(count, all))).to_vec(),
        ));
        line
    };
    let row = |country: &'static str| {
        let name = pen.lang.country(country);
        if sum(Some(country), None) > 0 {
            return line(Piece::plain(name), Some(country));
        }
        let cells = Status::ALL.into_iter().map(|_| Piece::soft("–"));
        std::iter::once(Piece::soft(name))
            .chain(cells)
            .chain([Piece::soft("–"), Piece::soft(pen.prose.no_data)])
            .collect()
    };
    let mut heads = vec![Head::wide(pen.prose.state, 2.6)];
    heads.extend(Status::ALL.map(|status| Head::number(status.word().of(pen.lang), 0.9)));
    heads.push(Head::number(pen.prose.total, 0.8));
    heads.push(Head::wide(pen.prose.proportion, 2.2));
    Grid {
        heads,
        rows: states().map(row).collect(),
        total: line(Piece::strong(pen.prose.region), None),
        ..Grid::default()
    }
}

fn lapses(pen: Pen<'_>, lapses: &[Lapse]) -> Lapses {
    let more = lapses.len().saturating_sub(LAPSES_MOST) as u64;
    let row = |lapse: &Lapse| {
        vec![
            Piece::plain(pen.lang.country(&lapse.country)),
            Piece::look(&lapse.icglr_id, "code"),
            Piece::look(lapse.status.word().of(pen.lang), lapse.status.word().code),
            Piece::plain(pen.lang.short_day(lapse.until)),
            Piece::look(lapse.then.word().of(pen.lang), lapse.then.word().code),
        ]
    };
    let prose = pen.prose;
    Lapses {
        counts: ahead(pen, lapses),
        lines: Grid {
            heads: vec![
                Head::wide(prose.state, 1.2),
                Head::wide(prose.site, 1.4),
                Head::short(prose.status),
                Head::wide(prose.until, 0.9),
                Head::short(prose.then),
            ],
            rows: lapses.iter().take(LAPSES_MOST).map(row).collect(),
            ..Grid::default()
        },
        more: (more > 0).then(|| pen.say(prose.more_rows, &[("count", &pen.count(more))])),
    }
}

/// How many lapse within a month, two, three.
fn ahead(pen: Pen<'_>, lapses: &[Lapse]) -> Grid {
    let day = pen.report.evaluated_on;
    let days = |lapse: &Lapse| (lapse.until - day).get_days();
    let count = |country: Option<&str>, (from, to): (i32, i32)| {
        let wanted = lapses.iter().filter(|lapse| {
            country.is_none_or(|one| lapse.country == one) && (from..=to).contains(&days(lapse))
        });
        wanted.count() as u64
    };
    let line = |name: Piece, country: Option<&str>| {
        let counts = WITHIN.map(|within| count(country, within));
        let cells = counts.map(|count| Piece::count(pen.count(count), count));
        std::iter::once(name).chain(cells).collect::<Vec<Piece>>()
    };
    let of_state: Vec<&str> =
        states().filter(|one| lapses.iter().any(|lapse| lapse.country == *one)).collect();
    let heads = WITHIN.map(|(from, to)| {
        let (from, to) = (from.to_string(), to.to_string());
        Head::number(&pen.say(pen.prose.within, &[("from", &from), ("to", &to)]), 1.0)
    });
    Grid {
        heads: std::iter::once(Head::wide(pen.prose.state, 3.0)).chain(heads).collect(),
        rows: of_state
            .into_iter()
            .map(|one| line(Piece::plain(pen.lang.country(one)), Some(one)))
            .collect(),
        total: line(Piece::strong(pen.prose.region), None),
        ..Grid::default()
    }
}
