//! `rmd-hub calendar`: which state reported which month.

use clap::Args;
use jiff::civil::Date;
use rmd_runtime::output;

use super::{Failure, Global, open};
use crate::{
    calendar::{self, Calendar, Cell, DATED_FEED, Month, Reported, State},
    parameter,
};

#[derive(Debug, Args)]
#[command(after_help = "\
Example · Exemple:
  rmd-hub calendar --from 2026-01 --to 2026-12
  rmd-hub calendar --feed master-data --json

Without months: the year of the day · Sans mois : l'année du jour")]
pub(crate) struct CalendarArgs {
    /// First month · Premier mois
    #[arg(long, value_name = "YYYY-MM")]
    from: Option<Month>,
    /// Last month · Dernier mois
    #[arg(long, value_name = "YYYY-MM")]
    to: Option<Month>,
    /// Feed that the statements are about · Flux dont parlent les déclarations
    #[arg(long, default_value = DATED_FEED, value_parser = ["transactions", "master-data"])]
    feed: String,
}

/// Months in one calendar: more than a screen has columns for.
const MONTHS_MAX: usize = 120;

pub(super) async fn calendar(global: &Global, args: CalendarArgs) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let today = hub.clock.today();
    let months = months(args.from, args.to, today)?;
    let mut connection = hub.store.acquire().await?;
    let parameters = parameter::in_force(&mut connection).await?;
    let read = calendar::read(&mut connection, &args.feed, months, today, &parameters).await?;
    global.format().print(&read, text)?;
    Ok(())
}

fn months(from: Option<Month>, to: Option<Month>, today: Date) -> Result<(Month, Month), Failure> {
    let from = from.unwrap_or_else(|| to.unwrap_or(Month::of(today)).months_of_year()[0]);
    let to = to.unwrap_or_else(|| from.months_of_year()[11]);
    if !(1..=MONTHS_MAX).contains(&from.until(to).take(MONTHS_MAX + 1).count()) {
        return Err(Failure::usage(format!(
            "--from {from} --to {to}: give a first month and a last one after it, at most \
             {MONTHS_MAX} months\n\
             donnez un premier mois et un dernier qui le suit, {MONTHS_MAX} mois au plus"
        )));
    }
    Ok((from, to))
}

const fn sign(reported: Reported) -> &'static str {
    match reported {
        Reported::OnTime => "+",
        Reported::Late => "L",
        Reported::Missing => "X",
        Reported::Zero => "0",
        Reported::NotDue => "…",
        Reported::NotOwed => ".",
        Reported::NoDataYet => "-",
    }
}

const fn words(reported: Reported) -> &'static str {
    match reported {
        Reported::OnTime => "on time · à temps",
        Reported::Late => "late · en retard",
        Reported::Missing => "missing · manquant",
        Reported::Zero => "zero report · déclaré nul",
        Reported::NotDue => "not due yet · pas encore échu",
        Reported::NotOwed => "before its first month · avant son premier mois",
        Reported::NoDataYet => "no data yet · pas encore de données",
    }
}

fn text(calendar: &Calendar) -> String {
    let months: Vec<String> =
        calendar.from.until(calendar.to).map(|month| month.to_string()).collect();
    let mut heads = vec!["state · État"];
    heads.extend(months.iter().map(|month| month.get(2..).unwrap_or(month)));
    let rows: Vec<Vec<String>> = calendar.states.iter().map(row).collect();
    let mut lines = vec![
        format!("{}, as of · au {}", calendar.feed, calendar.as_of),
        String::new(),
        output::table(&heads, &rows),
        String::new(),
    ];
    lines.extend(Reported::ALL.map(|one| format!("{}  {}", sign(one), words(one))));
    lines.push("*  rewritten after closing · réécrit après clôture".to_owned());
    lines.push("!  zero report, late · déclaré nul, en retard".to_owned());
    let closed: Vec<String> = calendar.closed.iter().map(Month::to_string).collect();
    if !closed.is_empty() {
        lines.push(format!("\nclosed · clos: {}", closed.join(" ")));
    }
    lines.extend(calendar.states.iter().flat_map(rewritten));
    lines.join("\n")
}

fn row(state: &State) -> Vec<String> {
    let code = state.alpha3.to_owned();
    std::iter::once(code).chain(state.months.iter().map(marks)).collect()
}

fn marks(cell: &Cell) -> String {
    let late = if cell.is_late_zero { "!" } else { "" };
    let is_rewritten = cell.rewritten.is_some_and(|one| one.changed > 0);
    format!("{}{late}{}", sign(cell.reported), if is_rewritten { "*" } else { "" })
}

fn rewritten(state: &State) -> Vec<String> {
    let of_cell = |cell: &Cell| {
        let one = cell.rewritten.filter(|one| one.changed > 0)?;
        Some(format!(
            "{} {}: {} of {} records changed after closing · {} des {} fiches changées après clôture",
            state.alpha3, cell.month, one.changed, one.records, one.changed, one.records
        ))
    };
    state.months.iter().filter_map(of_cell).collect()
}
