//! `rmd-node mapping`: write, check and try the ministry's mapping.
//!
//! None of its commands writes to the source; `release` alone writes to the journal.

mod check;
mod draft;
mod dry_run;
mod lang;
mod normalisers;
mod reach;
mod release;

use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, Global};

/// What can be done with the mapping.
#[derive(Debug, Subcommand)]
pub(super) enum MappingCommand {
    /// Write a first mapping out of the schema of a database; writes nothing there · Écrire une première correspondance d'après le schéma d'une base
    Draft(draft::DraftArgs),
    /// Read the whole source once and tell what would become of it; writes nothing · Lire toute la source et dire ce qu'elle donnerait
    Check(check::CheckArgs),
    /// Count what a capture would append and take back; writes nothing · Compter ce qu'une capture ajouterait et retirerait
    DryRun(dry_run::DryRunArgs),
    /// Say that the changes of a new mapping are no accident · Dire que les changements d'une nouvelle correspondance sont voulus
    Release(release::ReleaseArgs),
    /// The named functions for what SQL does badly · Les fonctions nommées pour ce que SQL fait mal
    Normalisers(normalisers::NormalisersArgs),
}

pub(super) async fn mapping(
    global: &Global,
    command: &MappingCommand,
) -> Result<ExitCode, Failure> {
    match command {
        MappingCommand::Draft(args) => draft::draft(global, args).await,
        MappingCommand::Check(args) => check::check(global, args).await,
        MappingCommand::DryRun(args) => dry_run::dry_run(global, args).await,
        MappingCommand::Release(args) => release::release(global, args).await,
        MappingCommand::Normalisers(args) => normalisers::normalisers(global, args),
    }
}
