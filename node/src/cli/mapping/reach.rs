//! The source and the mapping that a command works on: those of the node, or
//! those that its arguments name before there is a node.

use std::path::PathBuf;

use clap::Args;
use jiff::{civil::Date, tz::TimeZone};
use rmd_runtime::clock::SystemClock;
use rmd_standard::Context;

use crate::{
    cli::{Failure, Global, open},
    config::Country,
    mapping::Mapping,
    server,
    source::{Limits, Source},
};

/// A source without a node.
#[derive(Debug, Args)]
pub(in crate::cli) struct Reach {
    /// Address of a national database, instead of the node's · Adresse d'une base nationale, au lieu de celle du nœud
    #[arg(long, value_name = "URL", requires = "country")]
    source: Option<String>,
    /// State of that database, ISO 3166-1 alpha-3 · État de cette base, ISO 3166-1 alpha-3
    #[arg(long, value_name = "ALPHA-3")]
    pub(super) country: Option<Country>,
    /// File that holds its password · Fichier qui contient son mot de passe
    #[arg(long, value_name = "FILE", requires = "source")]
    password_file: Option<PathBuf>,
    /// Authority that signs the certificate of its server, PEM · Autorité qui signe le certificat de son serveur, PEM
    #[arg(long, value_name = "FILE", requires = "source")]
    ca_file: Option<PathBuf>,
    /// Evaluation day · Jour d'évaluation
    #[arg(long, value_name = "DAY", requires = "source")]
    as_of: Option<Date>,
}

/// What a command reads.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) source: Source,
    pub(super) mapping: Mapping,
    pub(super) context: Context,
}

impl Reach {
    /// Opens the source with a mapping; without `--source`, those of the node.
    pub(super) async fn reach(
        &self,
        global: &Global,
        mapping: Option<&PathBuf>,
    ) -> Result<Reached, Failure> {
        let given = mapping.map(|path| Mapping::load(path)).transpose()?;
        let (Some(url), Some(country)) = (&self.source, &self.country) else {
            let opened = open::open(global).await?;
            let mapping = match given {
                Some(mapping) => mapping,
                None => server::load_mapping(&opened.directory, &opened.config)?,
            };
            let source = server::open_source(&opened.directory, &opened.config, &mapping)?;
            let context = Context {
                country: opened.config.node.country.alpha2().to_owned(),
                today: opened.store.clock().today(),
                zone: mapping.zone.clone(),
            };
            return Ok(Reached { source, mapping, context });
        };
        let Some(mapping) = given else {
            return Err(Failure::usage(
                "--source needs --mapping FILE / --source a besoin de --mapping FICHIER",
            ));
        };
        let source = self.open(url, mapping.zone.clone())?;
        let context = Context {
            country: country.alpha2().to_owned(),
            today: SystemClock::shared(self.as_of).today(),
            zone: mapping.zone.clone(),
        };
        Ok(Reached { source, mapping, context })
    }

    /// Opens the source alone, and tells the state: alpha-2.
    pub(super) async fn bare(&self, global: &Global) -> Result<(Source, Country), Failure> {
        if let (Some(url), Some(country)) = (&self.source, &self.country) {
            return Ok((self.open(url, TimeZone::UTC)?, country.clone()));
        }
        let opened = open::open(global).await?;
        let source = server::open_bare_source(&opened.directory, &opened.config, TimeZone::UTC)?;
        Ok((source, opened.config.node.country.clone()))
    }

    /// The arguments that reach the same source again, for a shell.
    pub(super) fn again(&self) -> String {
        let (Some(url), Some(country)) = (&self.source, &self.country) else {
            return String::new();
        };
        let url = url.replace('\'', "'\\''");
        let file = |name: &str, file: &Option<PathBuf>| {
            let file = file.as_ref();
            file.map_or_else(String::new, |file| format!(" --{name} '{}'", file.display()))
        };
        let password = file("password-file", &self.password_file);
        let authority = file("ca-file", &self.ca_file);
        format!(" --source '{url}' --country {}{password}{authority}", country.alpha3())
    }

    fn open(&self, url: &str, zone: TimeZone) -> Result<Source, Failure> {
        let source = Source::new(url, self.password_file.as_deref(), zone, Limits::default())?;
        Ok(match &self.ca_file {
            Some(file) => source.trusting(file)?,
            None => source,
        })
    }
}
