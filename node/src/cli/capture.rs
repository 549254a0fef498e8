//! `rmd-node capture`: triggers that note the keys of changed rows, and slots that
//! keep the log of them.
//!
//! Prints the SQL before anything else, and runs it only when told so, with the
//! credentials that the operator names: the account of the node cannot. Takes
//! triggers away on this explicit command alone, never because a configuration
//! does not name them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open, preview::entity_named};
use crate::{
    capture, server,
    source::{
        Kind, Limits, Session, Source,
        side::{self, Noting, Script},
        slot::{self, Logged},
    },
};

/// What can be done with triggers.
#[derive(Debug, Subcommand)]
pub(super) enum CaptureCommand {
    /// Print the SQL of the triggers that are missing; run it with --yes · Écrire le SQL des déclencheurs manquants ; le lancer avec --yes
    #[command(
        after_help = "Example · Exemple:\n  rmd-node capture install > triggers.sql\n  rmd-node capture install --yes --url postgres://dba@db.mines.cd/titres --password-file dba.password"
    )]
    Install(Target),
    /// Print the SQL that takes them away; run it with --yes · Écrire le SQL qui les retire ; le lancer avec --yes
    #[command(
        after_help = "Example · Exemple:\n  rmd-node capture remove --record Lot\n  rmd-node capture remove --yes --url sqlite:/srv/mines.sqlite"
    )]
    Remove(Target),
}

/// Which triggers, and who changes the database.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// One record type; all without it · Un type de fiche ; tous sans lui
    #[arg(long, value_name = "ENTITY")]
    record: Option<String>,
    /// Address with an account that may change the database · Adresse avec un compte qui peut modifier la base
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// File that holds its password · Fichier qui contient son mot de passe
    #[arg(long, value_name = "FILE", requires = "url")]
    password_file: Option<PathBuf>,
    /// Run the statements after printing them · Lancer les instructions après les avoir écrites
    #[arg(long, requires = "url")]
    yes: bool,
}

#[derive(Debug, Serialize)]
struct Told {
    notes: Vec<String>,
    statements: Vec<String>,
    /// Whether they were run.
    ran: bool,
}

pub(super) async fn capture(global: &Global, command: CaptureCommand) -> Result<(), Failure> {
    match command {
        CaptureCommand::Install(target) => install(global, target).await,
        CaptureCommand::Remove(target) => remove(global, target).await,
    }
}

async fn install(global: &Global, target: Target) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let mapping = server::load_mapping(&opened.directory, &opened.config)?;
    let source = server::open_source(&opened.directory, &opened.config, &mapping)?;
    let notings = target.among(capture::notings(&mapping), |of| of.record)?;
    let logged = target.among(capture::loggings(&mapping), |of| of.record)?;
    if notings.is_empty() && logged.is_empty() {
        return Err(Failure::usage(
            "no watched table of the mapping has mode = \"triggers\" or \"log\" / aucune table surveillée de la correspondance n'a mode = \"triggers\" ou \"log\"",
        ));
    }
    let mut session = source.connect().await?;
    let script = missing(&mut session, &notings, &logged).await?;
    session.close().await;
    let ran = target.carry_out(global, &source, &script).await?;
    if ran {
        let mut session = source.connect().await?;
        let left = missing(&mut session, &notings, &logged).await?.statements;
        if !left.is_empty() {
            return Err(Failure::data(format!(
                "the node does not find this in its own database: {}; see that --url names the same database / le nœud ne trouve pas ceci dans sa base ; vérifiez que --url nomme la même base",
                left.join("; ")
            )));
        }
    }
    tell(global, script, ran)
}

/// The statements that are missing at the source.
async fn missing(
    session: &mut Session,
    notings: &[Noting],
    logged: &[Logged],
) -> Result<Script, Failure> {
    let none = Script { kind: session.kind(), notes: Vec::new(), statements: Vec::new() };
    let script = if notings.is_empty() { none } else { side::install(session, notings).await? };
    Ok(if logged.is_empty() { script } else { script.and(slot::install(session, logged).await?) })
}

async fn remove(global: &Global, target: Target) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let source = server::open_bare_source(&opened.directory, &opened.config, TimeZone::UTC)?;
    // What was installed for a mapping that is gone can be taken away as well.
    let mapping = server::load_mapping(&opened.directory, &opened.config).ok();
    let notings = mapping.as_ref().map(capture::notings).unwrap_or_default();
    let notings = target.among(notings, |of| of.record)?;
    let mut session = source.connect().await?;
    let mut script = side::remove(&mut session, target.record.as_deref(), &notings).await?;
    if source.kind() == Kind::Postgres {
        script = script.and(slot::remove(&mut session, target.record.as_deref()).await?);
    }
    session.close().await;
    let ran = target.carry_out(global, &source, &script).await?;
    tell(global, script, ran)
}

impl Target {
    /// The tables of the record type that was asked for.
    fn among<T>(
        &self,
        mut tables: Vec<T>,
        record_of: fn(&T) -> &'static str,
    ) -> Result<Vec<T>, Failure> {
        if let Some(record) = &self.record {
            let entity = entity_named(record)?;
            tables.retain(|table| record_of(table) == entity.name());
        }
        Ok(tables)
    }

    /// Shows the script, and runs it if told so.
    async fn carry_out(
        &self,
        global: &Global,
        source: &Source,
        script: &Script,
    ) -> Result<bool, Failure> {
        if !global.json {
            output::line(&script.to_text())?;
        }
        let (Some(url), true) = (&self.url, self.yes) else { return Ok(false) };
        if script.statements.is_empty() {
            return Ok(false);
        }
        let password = self.password_file.as_deref();
        let admin = Source::new(url, password, TimeZone::UTC, Limits::default())?;
        let admin = admin.no_laxer_than(source)?;
        if admin.kind() != source.kind() {
            return Err(Failure::usage(
                "--url names another kind of database than the node reads / --url nomme une autre sorte de base que celle du nœud",
            ));
        }
        side::run(&admin, script).await?;
        Ok(true)
    }
}

fn tell(global: &Global, script: Script, ran: bool) -> Result<(), Failure> {
    if global.json {
        let Script { notes, statements, .. } = script;
        output::json(&Told { notes, statements, ran })?;
    } else if ran {
        output::line("-- done · fait")?;
    } else if !script.statements.is_empty() {
        output::line(
            "-- Nothing was run; --yes --url URL runs it. Rien n'a été lancé ; --yes --url URL le lance.",
        )?;
    }
    Ok(())
}
