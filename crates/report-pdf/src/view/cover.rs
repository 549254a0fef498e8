//! The first page: what the report is, and four figures.

use rmd_report::{Edition, MatchOutcome, Reported, Status};
use serde::Serialize;

use super::Pen;

/// The first page.
#[derive(Debug, Serialize)]
pub(super) struct Cover {
    /// Label and text.
    facts: Vec<(String, String)>,
    edition_note: String,
    tiles: Vec<Tile>,
}

/// One figure.
#[derive(Debug, Serialize)]
struct Tile {
    label: String,
    /// None where there are no data yet.
    value: Option<String>,
    note: String,
}

pub(super) fn of(pen: Pen<'_>) -> Cover {
    let Pen { report, lang, prose } = pen;
    let figures = report.closing.as_ref().map_or_else(
        || lang.set(prose.provisional),
        |closing| pen.say(prose.closed, &[("day", &lang.day(closing.closed_on))]),
    );
    let label = |text: &str| lang.set(text);
    let edition_note = match report.edition {
        Edition::Full => prose.edition_full,
        Edition::Public => prose.edition_public,
    };
    Cover {
        facts: vec![
            (label(prose.network), report.network.clone()),
            (label(prose.evaluated), lang.day(report.evaluated_on)),
            (label(prose.figures), figures),
            (label(prose.limits), limits(pen)),
        ],
        edition_note: lang.set(edition_note),
        tiles: vec![reported(pen), matched(pen), serious(pen), red(pen)],
    }
}

/// The version of the limits in force.
pub(super) fn limits(pen: Pen<'_>) -> String {
    match pen.report.method.parameters_version {
        None => pen.lang.set(pen.prose.not_evaluated),
        Some(0) => pen.lang.set(pen.prose.limits_default),
        Some(version) => pen.say(pen.prose.limits_version, &[("version", &version.to_string())]),
    }
}

fn tile(pen: Pen<'_>, label: &str, note: &str, value: Option<(u64, u64)>) -> Tile {
    let all = value.map_or(0, |(_, all)| all);
    let note = pen.say(note, &[("all", &pen.count(all))]);
    let note = if value.is_some() { note } else { String::new() };
    Tile { label: pen.lang.set(label), value: value.map(|(count, _)| pen.count(count)), note }
}

fn reported(pen: Pen<'_>) -> Tile {
    let counted = pen.report.reporting.as_ref().and_then(|reporting| {
        let count = |one| reporting.count(pen.report.month, one) as u64;
        let is_any =
            Reported::ALL.into_iter().any(|one| one != Reported::NoDataYet && count(one) > 0);
        let counted = Reported::COUNTED.into_iter().map(count).sum();
        is_any.then_some((counted, reporting.rows.len() as u64))
    });
    tile(pen, pen.prose.tile_reported, pen.prose.tile_reported_note, counted)
}

fn matched(pen: Pen<'_>) -> Tile {
    let compared = pen.report.matching.as_ref().map(|matching| {
        let of = |matched: bool| {
            let rows = matching.rows.iter().filter(|row| {
                row.outcome.is_compared() && (!matched || row.outcome == MatchOutcome::Matched)
            });
            rows.map(|row| row.count).sum::<u64>()
        };
        (of(true), of(false))
    });
    let compared = compared.filter(|(_, all)| *all > 0);
    tile(pen, pen.prose.tile_matched, pen.prose.tile_matched_note, compared)
}

fn serious(pen: Pen<'_>) -> Tile {
    let open = pen.report.findings.as_ref().map(|findings| {
        let serious = findings.counts.iter().filter(|count| count.severity == 3);
        (serious.map(|count| count.open).sum(), 0)
    });
    tile(pen, pen.prose.tile_serious, pen.prose.tile_serious_note, open)
}

fn red(pen: Pen<'_>) -> Tile {
    let counted = pen.report.statuses.as_ref().map(|statuses| {
        let of = |red: bool| {
            let counts = statuses.sites.iter();
            let counts = counts.filter(|count| !red || count.status == Status::Red);
            counts.map(|count| count.count).sum::<u64>()
        };
        (of(true), of(false))
    });
    let counted = counted.filter(|(_, all)| *all > 0);
    tile(pen, pen.prose.tile_red, pen.prose.tile_red_note, counted)
}
