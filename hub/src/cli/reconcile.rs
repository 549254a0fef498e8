//! `rmd-hub reconcile`: what the records of several states say about each other.

use std::io::Write as _;

use clap::Subcommand;
use jiff::civil::Date;
use rmd_runtime::{output, progress};
use serde::Serialize;

use super::{
    Failure, Global,
    open::{self, Opened},
};
use crate::reconcile::{
    Engine, Report,
    lease::Held,
    show::{self, Count},
    turn,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ReconcileCommand {
    /// Judge what came since the last time · Juger ce qui est venu depuis la dernière fois
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub reconcile run --json\n  rmd-hub reconcile run --all\n  rmd-hub reconcile run --no-wait\n\nThe hub does it by itself while it runs, unless [reconcile] run = \"by-hand\" · Le pivot le fait de lui-même tant qu'il tourne, sauf « by-hand »"
    )]
    Run {
        /// Day of evaluation, from the last one to today; today if absent · Jour d'évaluation, du dernier à aujourd'hui
        #[arg(long, value_name = "DAY")]
        day: Option<Date>,
        /// Judge everything anew · Tout juger à nouveau
        #[arg(long)]
        all: bool,
        /// End with code 69 if another process is at it · Finir, code 69, si un autre processus rapproche
        #[arg(long)]
        no_wait: bool,
    },
    /// When it was done last, and what is open · Quand cela fut fait, et ce qui est ouvert
    #[command(after_help = "Example · Exemple:\n  rmd-hub reconcile status --json")]
    Status,
}

/// What a run did.
#[derive(Debug, Serialize)]
struct Ran {
    day: Date,
    #[serde(flatten)]
    report: Report,
    seconds: f64,
}

/// Where the engine is.
#[derive(Debug, Serialize)]
struct Status {
    /// Day of the last completed evaluation; none before the first.
    day: Option<Date>,
    parameters_version: Option<u32>,
    at_us: Option<i64>,
    open: Vec<Count>,
}

/// The engine of an opened hub.
pub(super) fn engine(hub: &Opened) -> Engine {
    let policy = hub.config.share.policy();
    Engine::new(hub.store.clone(), hub.clock.clone(), policy)
}

pub(super) async fn reconcile(global: &Global, command: ReconcileCommand) -> Result<(), Failure> {
    match command {
        ReconcileCommand::Run { day, all, no_wait } => run(global, (day, all), no_wait).await,
        ReconcileCommand::Status => status(global).await,
    }
}

async fn run(
    global: &Global,
    (day, all): (Option<Date>, bool),
    no_wait: bool,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let today = hub.clock.today();
    if let Some(day) = day {
        let evaluated = turn::evaluated(&mut *hub.store.acquire().await?).await?;
        check_day(day, evaluated.map(|one| one.day), today).map_err(Failure::usage)?;
    }
    let day = day.unwrap_or(today);
    let engine = engine(&hub);
    let lease = if no_wait {
        engine.lease().await?
    } else {
        engine.lease_in_turn(say_who_is_at_it).await?
    };
    let begun = hub.clock.now();
    let bar = progress::counter("reconciling · rapprochement");
    let shown = |done| bar.set_position(done);
    let report = engine.run_with(lease, (day, all), &shown).await;
    bar.finish_and_clear();
    let report = report?;
    let seconds = hub.clock.now().duration_since(begun).as_secs_f64();
    global.format().print(&Ran { day, report, seconds }, |ran| {
        let findings = ran.report.findings;
        format!(
            "{}: {} subjects judged in {:.1} s · sujets jugés\n\
             opened · ouverts {}  changed · modifiés {}  closed · clos {}  reopened · rouverts {}",
            ran.day,
            ran.report.subjects,
            ran.seconds,
            findings.opened,
            findings.changed,
            findings.closed,
            findings.reopened,
        )
    })?;
    Ok(())
}

/// What findings say of a day is kept for ever, and cases follow from it: no day is judged
/// that is still to come, and none twice but the last.
fn check_day(day: Date, evaluated: Option<Date>, today: Date) -> Result<(), String> {
    if day > today {
        return Err(format!(
            "--day {day} is after today, {today}: findings of a day to come would be kept, and \
             states asked about them. Give {today} or an earlier day\n\
             --day {day} vient après aujourd'hui, {today} : donnez {today} ou un jour antérieur"
        ));
    }
    match evaluated.filter(|evaluated| day < *evaluated) {
        Some(evaluated) => Err(format!(
            "--day {day} is before {evaluated}, which was judged already: findings go forward only. \
             Give a day from {evaluated} to {today}; `rmd-hub finding show` tells what held before\n\
             --day {day} vient avant {evaluated}, déjà jugé : donnez un jour du {evaluated} au \
             {today} ; « rmd-hub finding show » dit ce qui valait avant"
        )),
        None => Ok(()),
    }
}

/// Tells on standard error why nothing goes on.
fn say_who_is_at_it(held: &Held) {
    // Who closed it does not want to know.
    let _ = writeln!(std::io::stderr(), "rmd-hub: {held}");
}

async fn status(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let evaluated = turn::evaluated(&mut connection).await?;
    let status = Status {
        day: evaluated.map(|one| one.day),
        parameters_version: evaluated.map(|one| one.parameters_version),
        at_us: evaluated.map(|one| one.at.as_microsecond()),
        open: show::counts(&mut connection).await?,
    };
    global.format().print(&status, |status| {
        let Some(day) = status.day else {
            return "nothing was judged yet · rien n'a encore été jugé".to_owned();
        };
        let row = |count: &Count| {
            vec![count.rule.clone(), format!("S{}", count.severity), count.findings.to_string()]
        };
        let heads = ["rule · règle", "weight · poids", "open · ouverts"];
        let table = output::table(&heads, &status.open.iter().map(row).collect::<Vec<_>>());
        let at = open::instant(status.at_us);
        let version = status.parameters_version.unwrap_or_default();
        format!("{table}\njudged for · jugé pour {day} ({at}), limits · limites v{version}")
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::check_day;

    #[test]
    fn no_day_is_judged_before_it_came_or_after_a_later_one() {
        let (before, day, today) = (date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22));
        assert_eq!(check_day(day, None, today), Ok(()));
        assert_eq!(check_day(day, Some(day), today), Ok(()));
        assert_eq!(check_day(today, Some(day), today), Ok(()));
        let again = check_day(before, Some(day), today).unwrap_err();
        assert!(again.contains("from 2026-11-21 to 2026-11-22"), "{again}");
        let ahead = check_day(today, None, day).unwrap_err();
        assert!(ahead.contains("2026-11-22 is after today, 2026-11-21"), "{ahead}");
    }
}
