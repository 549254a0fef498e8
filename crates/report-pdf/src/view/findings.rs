//! Findings: by rule, by state, and the serious ones one by one in the full edition.

use std::collections::BTreeMap;

use rmd_report::{Edition, FindingCount, FindingLine, Findings as Part, words};
use serde::Serialize;

use super::{
    Pen,
    grid::{Grid, Head, Piece, nothing},
    states,
};

/// As many as people read; all are in the workbook.
const LINES_MOST: usize = 40;
/// Columns of counts: three severities, opened, closed.
const TALLIES: usize = 5;
/// Of an id, what `finding show` takes.
const ID_LETTERS: usize = 12;

#[derive(Debug, Serialize)]
pub(super) struct Findings {
    rules: Grid,
    states: Grid,
    single: Option<Single>,
}

/// The serious findings; none in a public edition.
#[derive(Debug, Serialize)]
struct Single {
    intro: String,
    lines: Grid,
}

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Findings {
    let is_full = pen.report.edition == Edition::Full;
    Findings {
        rules: rules(pen, part),
        states: by_state(pen, part),
        single: is_full.then(|| single(pen, part)),
    }
}

/// Open by severity, opened and closed in the month.
fn tally(pen: Pen<'_>, counts: &[&FindingCount]) -> Vec<Piece> {
    let sum = |of: fn(&FindingCount) -> u64, severity: Option<u8>| {
        let wanted = counts.iter().filter(|count| severity.is_none_or(|one| count.severity == one));
        wanted.map(|count| of(count)).sum::<u64>()
    };
    let open = [3, 2, 1].map(|severity| sum(|count| count.open, Some(severity)));
    let moved = [sum(|count| count.opened, None), sum(|count| count.closed, None)];
    open.into_iter().chain(moved).map(|count| Piece::count(pen.count(count), count)).collect()
}

fn heads(pen: Pen<'_>, first: Vec<Head>) -> Vec<Head> {
    let severities = [3, 2, 1].map(|number| words::severity(number).of(pen.lang));
    let moved = [pen.prose.opened, pen.prose.closed_count];
    let heads = severities.into_iter().chain(moved).map(|text| Head::number(text, 1.0));
    first.into_iter().chain(heads).collect()
}

fn groups(pen: Pen<'_>, first: usize) -> Vec<(String, usize)> {
    vec![(String::new(), first), (pen.prose.open.to_owned(), 3), (pen.prose.in_month.to_owned(), 2)]
}

fn rules(pen: Pen<'_>, part: &Part) -> Grid {
    let prose = pen.prose;
    let row = |rule: &rmd_report::RuleLine| {
        let counts: Vec<&FindingCount> =
            part.counts.iter().filter(|count| count.rule == rule.id).collect();
        let untested = part.untested.iter().find(|untested| untested.rule == rule.id);
        let untested = untested.map_or(0, |untested| untested.subjects);
        let title = pen.lang.set(pen.lang.pick(&rule.en, &rule.fr));
        let mut row = vec![Piece::strong(&rule.id), Piece::plain(title)];
        row.extend(tally(pen, &counts));
        row.push(Piece::count(pen.count(untested), untested));
        row
    };
    let mut heads = heads(pen, vec![Head::short(prose.rule), Head::wide("", 4.2)]);
    heads.push(Head::number(prose.untested, 1.1));
    let mut groups = groups(pen, 2);
    groups.push((String::new(), 1));
    let counts: Vec<&FindingCount> = part.counts.iter().collect();
    let mut total = vec![Piece::strong(prose.total), Piece::plain("")];
    total.extend(tally(pen, &counts));
    // A subject may be untested under several rules: a sum would say nothing.
    total.push(Piece::plain(""));
    let rows = pen.report.method.rules.iter().map(row).collect();
    Grid { groups, heads, rows, total }
}

fn by_state(pen: Pen<'_>, part: &Part) -> Grid {
    let row = |country: &'static str| {
        let counts: Vec<&FindingCount> =
            part.counts.iter().filter(|count| count.country == country).collect();
        let name = pen.lang.country(country);
        let exchanges = pen.report.method.feeds.iter().any(|feed| feed.country == country);
        if counts.is_empty() && !exchanges {
            return nothing(name, TALLIES);
        }
        let mut row = vec![Piece::plain(name)];
        row.extend(tally(pen, &counts));
        row
    };
    Grid {
        groups: groups(pen, 1),
        heads: heads(pen, vec![Head::wide(pen.prose.state, 3.0)]),
        rows: states().map(row).collect(),
        total: Vec::new(),
    }
}

/// At most so many lines, in their order: of each rule one, then of each another, so that
/// the first rules do not keep the last ones off the page.
fn of_each_rule<'a>(lines: &[&'a FindingLine], most: usize) -> Vec<&'a FindingLine> {
    let mut rounds = Vec::with_capacity(lines.len());
    let mut seen = BTreeMap::<&str, usize>::new();
    for (place, line) in lines.iter().enumerate() {
        let round = seen.entry(&line.rule).or_default();
        rounds.push((*round, place));
        *round += 1;
    }
    rounds.sort_unstable();
    let mut places: Vec<usize> = rounds.into_iter().take(most).map(|(_, place)| place).collect();
    places.sort_unstable();
    places.into_iter().map(|place| lines[place]).collect()
}

fn single(pen: Pen<'_>, part: &Part) -> Single {
    let prose = pen.prose;
    let serious: Vec<&FindingLine> = part.list.iter().filter(|line| line.severity == 3).collect();
    let all = serious.len() as u64;
    let serious = of_each_rule(&serious, LINES_MOST);
    let shown = serious.len();
    let row = |line: &&FindingLine| {
        let id: String = line.id.chars().take(ID_LETTERS).collect();
        let colon = pen.lang.pick(": ", "\u{a0}: ");
        let says = pen.lang.set(pen.lang.pick(&line.en, &line.fr));
        vec![
            Piece::look(id, "code"),
            Piece::plain(&line.rule),
            Piece::plain(rmd_report::words::alpha3(&line.country)),
            Piece::plain(pen.lang.short_day(line.opened_on)),
            Piece::plain(format!("{}{colon}{says}", line.subject_key)),
        ]
    };
    let values = [("count", pen.count(shown as u64)), ("all", pen.count(all))];
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let intro = if all == 0 { prose.single_none } else { prose.single_intro };
    Single {
        intro: pen.say(intro, &values),
        lines: Grid {
            heads: vec![
                Head::short(prose.finding),
                Head::short(prose.rule),
                Head::short(prose.state),
                Head::short(prose.since),
                Head::wide(prose.says, 1.0),
            ],
            rows: serious.iter().map(row).collect(),
            ..Grid::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_line_before_any_has_many() {
        let mut lines = rmd_report::sample::realistic().findings.unwrap().list;
        for (place, line) in lines.iter_mut().enumerate() {
            line.rule = if place < 60 { "R01" } else { "R02" }.to_owned();
        }
        let told = of_each_rule(&lines.iter().collect::<Vec<_>>(), 20);
        let of_last = told.iter().filter(|line| line.rule == "R02").count();
        assert_eq!((told.len(), of_last), (20, 10));
        assert!(told.is_sorted_by_key(|line| &line.rule));
        assert_eq!(of_each_rule(&lines.iter().collect::<Vec<_>>(), 100).len(), lines.len());
    }
}
