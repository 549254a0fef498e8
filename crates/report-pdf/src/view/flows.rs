//! Flows: of each mineral three plots over the months, and a table of the month.

use rmd_report::{
    Edition, Figure, Flow, FlowCell, Flows as Part, Month, Total,
    words::{self, decimals},
};
use serde::Serialize;

use super::{
    Pen,
    grid::{Grid, Head, Piece, part as part_of},
    states,
};

/// Flows of every mineral that anybody reported.
#[derive(Debug, Serialize)]
pub(super) struct Flows {
    intro: String,
    signs: String,
    /// What an edition that is not public shows beside.
    internal: Option<String>,
    minerals: Vec<Mineral>,
    absent: Option<String>,
}

#[derive(Debug, Serialize)]
struct Mineral {
    title: String,
    plots: Vec<Plot>,
    table: Grid,
}

/// One flow of one mineral over the region, by month.
#[derive(Debug, Serialize)]
struct Plot {
    title: String,
    /// The greatest bar in words; none where there is none.
    most: Option<String>,
    bars: Vec<Bar>,
    /// Place of a month and what stands below it.
    ticks: Vec<(usize, String)>,
    alt: String,
}

/// One month.
#[derive(Debug, Serialize)]
struct Bar {
    /// Part of the greatest; none where there are no data yet.
    height: Option<f64>,
    is_partial: bool,
}

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Flows {
    let Pen { report, lang, prose } = pen;
    let is_known = |hs6: &str| part.cells.iter().any(|cell| cell.mineral == hs6);
    let (known, absent): (Vec<&String>, Vec<&String>) =
        part.minerals.iter().partition(|hs6| is_known(hs6));
    let names: Vec<String> = absent.iter().map(|hs6| words::mineral(hs6, lang)).collect();
    let least = report.method.parties_least.to_string();
    let values = [
        ("suppressed", prose.suppressed_sign),
        ("unknown", prose.unknown_sign),
        ("least", least.as_str()),
    ];
    let is_public = report.edition == Edition::Public;
    let suppressed = if is_public { prose.flows_suppressed } else { "" };
    let internal = (!is_public).then(|| pen.say(prose.flows_internal, &values));
    Flows {
        intro: pen.say(prose.flows_intro, &[("month", &lang.month(report.month))]),
        signs: pen.say(&format!("{}{suppressed}", prose.flows_signs), &values),
        internal,
        minerals: known.into_iter().map(|hs6| mineral(pen, part, hs6)).collect(),
        absent: (!names.is_empty())
            .then(|| pen.say(prose.flows_absent, &[("minerals", &names.join(", "))])),
    }
}

fn mineral(pen: Pen<'_>, part: &Part, hs6: &str) -> Mineral {
    let code = if hs6.len() == 6 { format!("{}.{}", &hs6[..4], &hs6[4..]) } else { hs6.to_owned() };
    let system = pen.lang.pick("HS", "SH");
    let plots = [Flow::Production, Flow::Export, Flow::Import];
    Mineral {
        title: format!("{} · {system}\u{a0}{code}", words::mineral(hs6, pen.lang)),
        plots: plots.into_iter().map(|flow| plot(pen, part, flow, hs6)).collect(),
        table: table(pen, part, hs6),
    }
}

fn plot(pen: Pen<'_>, part: &Part, flow: Flow, hs6: &str) -> Plot {
    let lang = pen.lang;
    let first = part.months.len().saturating_sub(24);
    let months = &part.months[first..];
    let total = |month: &Month| part.total(flow, hs6, *month, |cell| cell.mass);
    let totals: Vec<Option<Total>> = months.iter().map(total).collect();
    let size = |total: &Option<Total>| total.map_or(0, |total| total.mg.unsigned_abs());
    let most = totals.iter().map(size).max().unwrap_or(0);
    let best = months.iter().zip(&totals).find(|(_, total)| size(total) == most && most > 0);
    let kilograms = |mg: u64| lang.kilograms(i64::try_from(mg).unwrap_or(i64::MAX), decimals(hs6));
    let bar = |total: &Option<Total>| Bar {
        height: total.map(|total| part_of(total.mg.unsigned_abs(), most)),
        is_partial: total.is_some_and(|total| total.is_partial),
    };
    let bounds = months.first().zip(months.last());
    let (begin, end) =
        bounds.map_or_else(Default::default, |(begin, end)| (lang.month(*begin), lang.month(*end)));
    let values = [
        ("flow", flow.word().of(lang)),
        ("mineral", &words::mineral(hs6, lang)),
        ("first", &begin),
        ("last", &end),
        ("most", &kilograms(most)),
        ("month", &best.map_or_else(|| "–".to_owned(), |(month, _)| lang.month(*month))),
        ("none", &totals.iter().filter(|total| total.is_none()).count().to_string()),
        ("count", &months.len().to_string()),
    ];
    Plot {
        title: flow.word().of(lang).to_owned(),
        most: best
            .map(|_| pen.say(pen.prose.most, &[("mass", &format!("{}\u{a0}kg", kilograms(most)))])),
        bars: totals.iter().map(bar).collect(),
        ticks: ticks(months),
        alt: pen.say(pen.prose.flows_plot_alt, &values),
    }
}

/// Every January, and the first month where its year is long enough to be read.
fn ticks(months: &[Month]) -> Vec<(usize, String)> {
    let begins =
        |place: usize, month: &Month| month.number() == 1 || (place == 0 && month.number() <= 9);
    let ticks = months.iter().enumerate().filter(|(place, month)| begins(*place, month));
    ticks.map(|(place, month)| (place, month.year().to_string())).collect()
}

fn table(pen: Pen<'_>, part: &Part, hs6: &str) -> Grid {
    let Pen { report, lang, prose } = pen;
    let mut heads = vec![Head::wide(prose.state, 2.7)];
    for _ in Flow::ALL {
        heads.push(Head::number(prose.mass, 1.0));
        heads.push(Head::number(prose.contained, 1.0));
    }
    let figures: [fn(&FlowCell) -> Figure; 2] = [|cell| cell.mass, |cell| cell.metal];
    let row = |country: &'static str| {
        let cells = Flow::ALL.into_iter().flat_map(|flow| {
            let cell = part.cell(flow, Some(country), hs6, report.month);
            figures.map(|figure| shown(pen, hs6, cell.map(figure)))
        });
        std::iter::once(Piece::plain(lang.country(country))).chain(cells).collect()
    };
    let totals = Flow::ALL.into_iter().flat_map(|flow| {
        figures.map(|figure| sum(pen, hs6, part.total(flow, hs6, report.month, figure)))
    });
    let groups = Flow::ALL.into_iter().map(|flow| (flow.word().of(lang).to_owned(), 2));
    Grid {
        groups: std::iter::once((String::new(), 1)).chain(groups).collect(),
        heads,
        rows: states().map(row).collect(),
        total: std::iter::once(Piece::strong(prose.region)).chain(totals).collect(),
    }
}

/// A figure, or the sign for why there is none.
fn shown(pen: Pen<'_>, hs6: &str, figure: Option<Figure>) -> Piece {
    match figure {
        Some(Figure::Mg(0)) => Piece::soft("0"),
        Some(Figure::Mg(mg)) => Piece::plain(pen.lang.kilograms(mg, decimals(hs6))),
        Some(Figure::Suppressed) => Piece::soft(pen.prose.suppressed_sign),
        Some(Figure::Unknown) => Piece::soft(pen.prose.unknown_sign),
        None => Piece::soft("–"),
    }
}

fn sum(pen: Pen<'_>, hs6: &str, total: Option<Total>) -> Piece {
    let Some(total) = total else { return Piece::soft("–") };
    let sum = pen.lang.kilograms(total.mg, decimals(hs6));
    match (total.is_partial, total.shown) {
        (true, 0) if total.is_suppressed => Piece::soft(pen.prose.suppressed_sign),
        (true, 0) => Piece::soft(pen.prose.unknown_sign),
        (true, _) => Piece::strong(format!("≥\u{a0}{sum}")),
        (false, _) => Piece::strong(sum),
    }
}
