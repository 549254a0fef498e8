//! `rmd-node mapping draft`: a first mapping out of an unknown database.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use rmd_runtime::{exit, files, output};
use serde::Serialize;

use super::reach::Reach;
use crate::{
    cli::{Failure, Global, preview::entity_named, progress},
    mapping::draft::{self, Draft, Wanted},
};

/// What `mapping draft` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node mapping draft --source sqlite:mines.sqlite --country COD --out mapping.toml\n  rmd-node mapping check --source sqlite:mines.sqlite --country COD --mapping mapping.toml"
)]
pub(in crate::cli) struct DraftArgs {
    #[command(flatten)]
    reach: Reach,
    /// Record type, as MineSite; may stand several times · Type de fiche ; peut figurer plusieurs fois
    #[arg(long = "entity", value_name = "TYPE")]
    entities: Vec<String>,
    /// File to write; without it, standard output · Fichier à écrire ; sinon la sortie standard
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What `mapping draft --json` tells.
#[derive(Debug, Serialize)]
struct Drafted<'a> {
    /// Where it was written; none on standard output.
    file: Option<&'a PathBuf>,
    /// Record type and table.
    records: Vec<(&'static str, &'a str)>,
    /// Tables that no record type uses.
    unused: &'a [String],
    /// The mapping.
    text: &'a str,
}

pub(super) async fn draft(global: &Global, args: &DraftArgs) -> Result<ExitCode, Failure> {
    let entities =
        args.entities.iter().map(|name| entity_named(name)).collect::<Result<Vec<_>, _>>()?;
    if let Some(out) = &args.out
        && out.exists()
    {
        return Err(Failure::usage(format!(
            "{} exists; choose another --out / ce fichier existe ; choisissez un autre --out",
            out.display()
        )));
    }
    let (source, country) = args.reach.bare(global).await?;
    let spinner = progress::spinner("reading the schema · lecture du schéma");
    let wanted =
        Wanted { country: country.alpha2(), alpha3: country.alpha3(), entities: &entities };
    let drafted = draft::draft(&source, &wanted).await;
    spinner.finish_and_clear();
    let drafted = drafted?;
    if let Some(out) = &args.out {
        files::write_public(out, &drafted.text)
            .with_context(|| format!("write {}", out.display()))?;
    }
    let told = Drafted {
        file: args.out.as_ref(),
        records: drafted.records.iter().map(|(of, table)| (of.name(), table.as_str())).collect(),
        unused: &drafted.unused,
        text: &drafted.text,
    };
    let reach = args.reach.again();
    global.format().print(&told, |told| text(told, &drafted, &reach))?;
    Ok(exit::code(exit::OK))
}

fn text(told: &Drafted<'_>, drafted: &Draft, reach: &str) -> String {
    let Some(file) = told.file else { return drafted.text.clone() };
    let rows: Vec<Vec<String>> = told
        .records
        .iter()
        .map(|(entity, table)| vec![(*entity).to_owned(), (*table).to_owned()])
        .collect();
    format!(
        "{}\n\ndraft written to {file} · ébauche écrite dans {file}\n\
         next · ensuite:\n  rmd-node mapping check{reach} --mapping {file}",
        output::table(&["record · fiche", "table"], &rows),
        file = file.display(),
    )
}
