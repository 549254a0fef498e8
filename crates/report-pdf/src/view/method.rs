//! What everything rests on: paragraphs, rules with their limits, feeds.

use rmd_report::{LimitLine, Unit, words};
use serde::Serialize;

use super::{
    Pen, cover,
    grid::{Grid, Head, Piece},
};

/// Of a root, as many letters as tell it from others.
const ROOT_LETTERS: usize = 16;

#[derive(Debug, Serialize)]
pub(super) struct Method {
    paragraphs: Vec<String>,
    rules_intro: String,
    rules: Grid,
    feeds: Option<Grid>,
    software: String,
}

pub(super) fn of(pen: Pen<'_>) -> Method {
    let prose = pen.prose;
    let method = &pen.report.method;
    let day = pen.lang.day(pen.report.evaluated_on);
    let least = method.parties_least.to_string();
    let paragraph = |text: &str| pen.say(text, &[("day", &day), ("least", &least)]);
    let paragraphs = [
        prose.method_days,
        prose.method_no_data,
        prose.method_suppression,
        prose.method_findings,
        prose.method_observations,
        prose.method_proof,
    ];
    Method {
        paragraphs: paragraphs.map(paragraph).to_vec(),
        rules_intro: pen.say(prose.rules_intro, &[("limits", &cover::limits(pen))]),
        rules: rules(pen),
        feeds: (!method.feeds.is_empty()).then(|| feeds(pen)),
        software: method.software.clone(),
    }
}

fn rules(pen: Pen<'_>) -> Grid {
    let row = |rule: &rmd_report::RuleLine| {
        let mut limits = Vec::new();
        for (place, one) in rule.limits.iter().enumerate() {
            // Those of a state or mineral stand behind the general one of their name.
            let is_general = one.country.is_none() && one.mineral.is_none();
            let is_first = place == 0 || rule.limits[place - 1].name != one.name;
            if is_general || is_first {
                limits.push(limit(pen, one));
            } else if let Some(line) = limits.last_mut() {
                line.extend([", ", &limited(pen, one)]);
            }
        }
        vec![
            Piece::strong(&rule.id),
            Piece::plain(pen.lang.set(pen.lang.pick(&rule.en, &rule.fr))),
            Piece::plain(rule.version.to_string()),
            if limits.is_empty() { Piece::soft("–") } else { Piece::plain(limits.join("\n")) },
        ]
    };
    Grid {
        heads: vec![
            Head::short(pen.prose.rule),
            Head::wide("", 1.0),
            Head::short(pen.prose.version),
            Head::wide(pen.prose.limits_in_force, 2.0),
        ],
        rows: pen.report.method.rules.iter().map(row).collect(),
        ..Grid::default()
    }
}

fn limit(pen: Pen<'_>, limit: &LimitLine) -> String {
    let colon = pen.lang.pick(": ", "\u{a0}: ");
    format!("{}{colon}{}", pen.lang.set(pen.lang.pick(&limit.en, &limit.fr)), limited(pen, limit))
}

/// Where a limit counts, unless everywhere, and its value.
fn limited(pen: Pen<'_>, limit: &LimitLine) -> String {
    let lang = pen.lang;
    let number = limit.value.unsigned_abs();
    let value = match limit.unit {
        Unit::Mass => format!("{}\u{a0}kg", lang.trimmed(number, 1_000_000)),
        Unit::Share => lang.percent(limit.value),
        Unit::Days => format!("{}\u{a0}{}", lang.count(number), lang.pick("d", "j")),
        Unit::Metres => format!("{}\u{a0}m", lang.count(number)),
        Unit::Count => lang.count(number),
    };
    let state = limit.country.as_deref().map(|one| words::alpha3(one).to_owned());
    let mineral = limit.mineral.as_deref().map(|hs6| {
        let name = words::mineral(hs6, lang);
        // Without the metal, which stands in brackets.
        name.split(" (").next().unwrap_or_default().to_lowercase()
    });
    let scope = state.into_iter().chain(mineral).map(|one| format!("{one}\u{a0}"));
    format!("{}{value}", scope.collect::<String>())
}

fn feeds(pen: Pen<'_>) -> Grid {
    let prose = pen.prose;
    let row = |feed: &rmd_report::FeedCheckpoint| {
        let root: String = feed.root.chars().take(ROOT_LETTERS).collect();
        let checked = match (feed.frozen, feed.verified) {
            (true, _) => Piece::strong(prose.frozen),
            (_, true) => Piece::plain(prose.yes),
            (_, false) => Piece::plain(prose.no),
        };
        let exchange = feed.last_exchange_on;
        vec![
            Piece::plain(pen.lang.country(&feed.country)),
            Piece::plain(&feed.feed),
            Piece::plain(pen.count(feed.size)),
            Piece::look(if root.is_empty() { "–".to_owned() } else { format!("{root}…") }, "code"),
            checked,
            exchange.map_or_else(|| Piece::soft("–"), |day| Piece::plain(pen.lang.short_day(day))),
        ]
    };
    Grid {
        heads: vec![
            Head::wide(prose.state, 1.3),
            Head::wide(prose.feed, 0.8),
            Head::number(prose.entries, 0.7),
            Head::wide(prose.root, 1.1),
            Head::wide(prose.checked, 0.7),
            Head::wide(prose.last_exchange, 0.8),
        ],
        rows: pen.report.method.feeds.iter().map(row).collect(),
        ..Grid::default()
    }
}
