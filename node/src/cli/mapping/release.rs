//! `rmd-node mapping release`: the changes of a new mapping are no accident.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use rmd_runtime::exit;
use rmd_standard::Entity;

use crate::{
    cli::{Failure, Global, brake::WordArgs, open},
    journal::brake::mapping::{self, Released},
    mapping::Mapping,
    server,
};

/// What `mapping release` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Run it before the node reads with the new mapping; it holds until every row was read once.\nÀ lancer avant que le nœud lise avec la nouvelle correspondance ; vaut jusqu'à une lecture complète.\n\nExample · Exemple:\n  rmd-node mapping release --mapping new.toml --by 'Cadastre minier' --reason 'statuses corrected'"
)]
pub(in crate::cli) struct ReleaseArgs {
    /// Mapping to be released; by default the one in use · Correspondance à libérer ; par défaut celle en service
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    word: WordArgs,
}

pub(super) async fn release(global: &Global, args: &ReleaseArgs) -> Result<ExitCode, Failure> {
    let opened = open::open(global).await?;
    let mapping = match &args.mapping {
        Some(path) => Mapping::load(path)?,
        None => server::load_mapping(&opened.directory, &opened.config)?,
    };
    let entities: Vec<Entity> = mapping.records.iter().map(|record| record.entity).collect();
    let word = args.word.word();
    let released = mapping::release(&opened.store, &mapping.id, &entities, word).await?;
    global.format().print(&released, text)?;
    Ok(exit::code(exit::OK))
}

fn text(released: &Released) -> String {
    format!(
        "mapping {} released until every row was read once · correspondance libérée jusqu'à une lecture complète: {}",
        released.mapping_id,
        released.entities.join(", ")
    )
}
