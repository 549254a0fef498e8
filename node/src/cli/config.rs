//! `rmd-node config`: the configuration in force.

use clap::Subcommand;
use serde::Serialize;

use super::{Failure, Global};
use crate::config::{Config, Directory};

/// What can be asked of the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Show every key in force: defaults, file, variables · Montrer chaque clé en vigueur
    #[command(after_help = "Example · Exemple:\n  rmd-node config show")]
    Show,
    /// Check the file and the variables, all faults at once · Vérifier le fichier et les variables
    #[command(after_help = "Example · Exemple:\n  rmd-node config check")]
    Check,
}

#[derive(Debug, Serialize)]
struct Checked {
    sound: bool,
}

pub(super) fn config(global: &Global, command: &ConfigCommand) -> Result<(), Failure> {
    let directory = Directory::existing(global.dir())?;
    let config = Config::load(&directory)?;
    match command {
        ConfigCommand::Show => {
            let text = toml::to_string(&config)?;
            global.format().print(&config, |_| text)?;
        }
        ConfigCommand::Check => {
            global.format().print(&Checked { sound: true }, |_| {
                "the configuration can be used · la configuration est utilisable".to_owned()
            })?;
        }
    }
    Ok(())
}
