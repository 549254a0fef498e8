//! `rmd-node init`: makes the state directory.
//!
//! Refuses a directory that is a node already. Writes `config.toml` last, once
//! it is known to be good: a directory without it is no node, so an `init` that
//! was interrupted or refused can be repeated.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use jiff::civil::Date;
use rmd_link::Identity;
use rmd_runtime::{clock::SystemClock, files};
use serde::Serialize;

use super::{Failure, Global};
use crate::{
    config::{Config, Country, Directory},
    journal::Store,
};

/// What `init` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node init --dir /var/lib/rmd-node --country COD --name cod-mines \\\n      --source postgres://reader@db.mines.cd/titres --password-file /etc/rmd/source.password \\\n      --mapping mines.toml --listen 0.0.0.0:7441"
)]
pub(super) struct InitArgs {
    /// State, ISO 3166-1 alpha-3 · État, ISO 3166-1 alpha-3
    #[arg(long, value_name = "ALPHA-3")]
    country: Country,
    /// Name of the node within the state · Nom du nœud dans l'État
    #[arg(long)]
    name: String,
    /// Address of the national database, without a password · Adresse de la base nationale, sans mot de passe
    #[arg(long, value_name = "URL")]
    source: String,
    /// File that holds the password · Fichier qui contient le mot de passe
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Authority that signs the certificate of its server, PEM · Autorité qui signe le certificat de son serveur, PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The ministry's mapping, which is copied · La correspondance du ministère, qui est copiée
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// Where the hub reaches the node · Où le pivot atteint le nœud
    #[arg(long, value_name = "HOST:PORT")]
    listen: String,
    /// Evaluation day for rehearsals · Jour d'évaluation pour les essais
    #[arg(long, value_name = "DAY")]
    as_of: Option<Date>,
    /// Pause between two passes, as 10s · Pause entre deux passages
    #[arg(long, value_name = "DURATION")]
    capture_interval: Option<String>,
}

#[derive(Debug, Serialize)]
struct Made {
    dir: PathBuf,
    country: String,
    name: String,
    config: PathBuf,
}

/// The keys that `init` sets; every other keeps its default.
#[derive(Debug, Serialize)]
struct Keys {
    node: NodeKeys,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockKeys>,
    source: SourceKeys,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture: Option<CaptureKeys>,
    serve: ServeKeys,
}

#[derive(Debug, Serialize)]
struct NodeKeys {
    country: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct ClockKeys {
    as_of: String,
}

#[derive(Debug, Serialize)]
struct SourceKeys {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct CaptureKeys {
    interval: String,
}

#[derive(Debug, Serialize)]
struct ServeKeys {
    listen: String,
}

pub(super) async fn init(global: &Global, args: InitArgs) -> Result<(), Failure> {
    let directory = Directory::new(global.dir());
    if directory.config().exists() {
        return Err(Failure::usage(format!(
            "{} is a node already; choose another --dir / ce répertoire est déjà un nœud ; choisissez un autre --dir",
            directory.root().display()
        )));
    }
    // The name must fit into an identity; the network comes with the token.
    Identity::node("net", args.country.alpha3(), &args.name)
        .map_err(|error| Failure::usage(format!("--name {}: {}", args.name, error.rule)))?;
    let mapping = fs::read(&args.mapping)
        .with_context(|| format!("read the mapping {}", args.mapping.display()))
        .map_err(|error| Failure::not_found(format!("{error:#}")))?;
    let (country, name) = (args.country.alpha3().to_owned(), args.name.clone());
    let as_of = args.as_of;
    let text = config_text(args)?;

    fs::create_dir_all(directory.root())
        .with_context(|| format!("make {}", directory.root().display()))?;
    let draft = directory.root().join("config.toml.draft");
    files::write_public(&draft, &text)?;
    let checked = Config::read(&draft);
    fs::remove_file(&draft).context("take back the draft of the configuration")?;
    checked?;
    files::write_public(directory.root().join("mapping.toml"), mapping)?;
    Store::open(&directory.store(), SystemClock::shared(as_of)).await?;
    files::write_public(directory.config(), text)?;
    let config = directory.config();
    let made = Made { dir: directory.root().to_owned(), country, name, config };
    global.format().print(&made, text_of)?;
    Ok(())
}

fn config_text(args: InitArgs) -> Result<String, Failure> {
    let keys = Keys {
        node: NodeKeys { country: args.country.into(), name: args.name },
        clock: args.as_of.map(|day| ClockKeys { as_of: day.to_string() }),
        source: SourceKeys {
            url: absolute_source(&args.source)?,
            password_file: args.password_file.as_deref().map(std::path::absolute).transpose()?,
            ca_file: args.ca_file.as_deref().map(std::path::absolute).transpose()?,
        },
        capture: args.capture_interval.map(|interval| CaptureKeys { interval }),
        serve: ServeKeys { listen: args.listen },
    };
    let body = toml::to_string(&keys)?;
    Ok(format!(
        "# Keys that differ from the defaults; `rmd-node config show` shows them all.\n\
         # Clés qui diffèrent des valeurs par défaut ; `rmd-node config show` les montre toutes.\n\n\
         {body}"
    ))
}

/// A relative path in the address would change its meaning with the folder in
/// which a command is called.
fn absolute_source(url: &str) -> Result<String, Failure> {
    let Some(rest) = url.strip_prefix("sqlite:") else { return Ok(url.to_owned()) };
    if rest.starts_with("//") {
        return Ok(url.to_owned());
    }
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, q)| (path, Some(q)));
    let path = std::path::absolute(Path::new(path))?;
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("sqlite:{}{query}", path.display()))
}

fn text_of(made: &Made) -> String {
    format!(
        "node {}/{} made in {}\nnœud créé\n\n\
         next · ensuite:\n  rmd-node mapping check --dir {dir}\n  rmd-node preview MineSite --dir {dir}\n  \
         rmd-node enrol --token-file FILE --advertise HOST:PORT --dir {dir}",
        made.country,
        made.name,
        made.dir.display(),
        dir = made.dir.display(),
    )
}
