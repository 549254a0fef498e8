//! `rmd-hub partner load|list`: statistics of partners outside the region.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use rmd_runtime::{exit, output};
use rmd_standard::country;

use super::{Failure, Global, open};
use crate::partner::{self, Loaded, Refused, Statistic};

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Take a file in the columns of UN Comtrade · Prendre un fichier aux colonnes d'UN Comtrade
    #[command(after_help = LOAD_EXAMPLE)]
    Load {
        /// CSV or XLSX, downloaded by you · CSV ou XLSX, téléchargé par vous
        file: PathBuf,
    },
    /// What partners report · Ce que les partenaires déclarent
    #[command(after_help = "Example · Exemple:\n  rmd-hub partner list --json")]
    List,
}

const LOAD_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub partner load TradeData_2025.csv

Yearly imports (flow M) of HS 260900, 261100, 261590 and 710812 from members count.
Comptent les importations annuelles (flux M) des SH 260900, 261100, 261590 et 710812 depuis les membres.

Rows that cannot be read are named, the others are taken, and it ends with code 65.
Les lignes illisibles sont nommées, les autres prises, et elle finit avec le code 65.";

/// Does what is asked for; 65 where a row was refused.
pub(super) async fn partner(global: &Global, command: PartnerCommand) -> Result<ExitCode, Failure> {
    match command {
        PartnerCommand::Load { file } => {
            let hub = open::open(global).await?;
            let mut transaction = hub.store.begin().await?;
            let loaded = partner::load(&mut transaction, &file, hub.clock.now()).await?;
            transaction.commit().await?;
            global.format().print(&loaded, told)?;
            if loaded.refused > 0 {
                return Ok(exit::code(exit::DATA));
            }
        }
        PartnerCommand::List => {
            let hub = open::open(global).await?;
            let all = partner::list(&mut *hub.store.acquire().await?).await?;
            global.format().print(&all, |all| table(all))?;
        }
    }
    Ok(exit::code(exit::OK))
}

fn told(loaded: &Loaded) -> String {
    let Loaded { file, taken, passed_over, refused, .. } = loaded;
    let mut lines = vec![format!(
        "{file}: {taken} totals taken · totaux pris, {passed_over} rows of other kind · lignes \
         autres, {refused} refused · refusées"
    )];
    let line = |one: &Refused| {
        let Refused { row, field, value, en, fr } = one;
        format!("  row · ligne {row}, {field} = {value:?}: {en} · {fr}")
    };
    lines.extend(loaded.findings.iter().map(line));
    lines.join("\n")
}

fn table(all: &[Statistic]) -> String {
    let heads =
        ["state · État", "partner · partenaire", "HS6", "year · année", "kg", "file · fichier"];
    let row = |one: &Statistic| {
        let state = country::alpha3_of(&one.country).unwrap_or(&one.country).to_owned();
        let kilograms = (one.mass_mg / 1_000_000).to_string();
        let (partner, mineral) = (one.partner.clone(), one.mineral.clone());
        [state, partner, mineral, one.year.to_string(), kilograms, one.source_file.clone()].to_vec()
    };
    output::table(&heads, &all.iter().map(row).collect::<Vec<_>>())
}
