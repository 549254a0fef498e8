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
        after_help = "Example · Exemple:\n  rmd-hub reconcile run --json\n  rmd-hub reconcile run --all --day 2026-10-15\n  rmd-hub reconcile run --no-wait\n\nThe hub does it by itself while it runs, unless [reconcile] run = \"by-hand\" · Le pivot le fait de lui-même tant qu'il tourne, sauf « by-hand »"
    )]
    Run {
        /// Day of evaluation; today if absent · Jour d'évaluation ; aujourd'hui si absent
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
    let day = day.unwrap_or_else(|| hub.clock.today());
    let engine = engine(&hub);
    let lease = if no_wait {
        engine.lease().await?
    } else {
        engine.lease_in_turn(say_who_is_at_it).await?
    };
    let begun = hub.clock.now();
    let bar = progress::counter("reconciling · rapprochement");
    let shown = |done| {
        bar.set_position(done);
        true
    };
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
