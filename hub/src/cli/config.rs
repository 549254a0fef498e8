//! `rmd-hub config show|check`: what is in force.

use clap::Subcommand;

use super::{Failure, Global};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every key and the value in force · Écrire chaque clé et sa valeur
    #[command(after_help = "Example · Exemple:\n  rmd-hub config show --json")]
    Show,
    /// Check file and environment, name every fault · Vérifier et nommer chaque faute
    #[command(after_help = "Example · Exemple:\n  rmd-hub config check --dir /var/lib/rmd-hub")]
    Check,
}

pub(super) fn config(global: &Global, command: &ConfigCommand) -> Result<(), Failure> {
    let config = Config::load(&global.dir())?;
    match command {
        ConfigCommand::Show => {
            let text = toml::to_string(&config)?;
            global.format().print(&config, |_| text)?;
        }
        ConfigCommand::Check => {
            let file = global.dir().join(crate::config::FILE);
            global.format().print(&serde_json::json!({"valid": true}), |_| {
                format!("{} is valid · est valide", file.display())
            })?;
        }
    }
    Ok(())
}
