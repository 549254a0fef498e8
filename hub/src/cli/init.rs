//! `rmd-hub init`: a state directory, an authority, keys and a store.
//!
//! Refuses a directory that already holds a hub: an authority is made once.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use jiff::civil::Date;
use rmd_runtime::clock::SystemClock;
use serde::Serialize;

use super::{Failure, Global};
use crate::{
    config::{self, Config},
    registry,
};

const EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub init --dir /var/lib/rmd-hub --network net \\
      --enrol-listen 0.0.0.0:7401 --advertise-enrol hub.example.org:7401 \\
      --store-url postgres://rmd@localhost/regional --password-file /etc/rmd/db.password";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct InitArgs {
    /// Name of the network, as in spiffe://rmd.NAME/hub · Nom du réseau
    #[arg(long, value_name = "NAME")]
    network: String,
    /// Where nodes get their certificates · Où les nœuds obtiennent leurs certificats
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7401")]
    enrol_listen: SocketAddr,
    /// The same as nodes reach it, host:port · La même, vue des nœuds
    #[arg(long, value_name = "HOST:PORT")]
    advertise_enrol: String,
    /// Where the pages are served · Où les pages sont servies
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7400")]
    portal_listen: SocketAddr,
    /// sqlite:PATH or postgres://USER@HOST/DATABASE · Adresse de la base
    #[arg(long, value_name = "URL", default_value = "sqlite:hub.sqlite")]
    store_url: String,
    /// File with the password of the store · Fichier du mot de passe de la base
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Day for which statuses count, for demonstrations · Jour des statuts, pour démonstrations
    #[arg(long, value_name = "DAY")]
    as_of: Option<Date>,
    /// Banner on every page, English · Bandeau sur chaque page, en anglais
    #[arg(long, value_name = "TEXT", default_value = "")]
    banner_en: String,
    /// Banner on every page, French · Bandeau sur chaque page, en français
    #[arg(long, value_name = "TEXT", default_value = "")]
    banner_fr: String,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Made {
    dir: PathBuf,
    network: String,
    identity: String,
    root_fingerprint: String,
    feed_vkey: String,
}

pub(super) async fn init(global: &Global, args: InitArgs) -> Result<(), Failure> {
    let dir = global.dir();
    if dir.join(config::FILE).exists() {
        return Err(Failure::usage(format!(
            "{0} already holds a hub; choose another directory\n\
             {0} contient déjà un pivot ; choisissez un autre répertoire",
            dir.display()
        )));
    }
    make_dir(&dir)?;
    let made_here = [registry::CA_DIR, registry::TLS_DIR, "keys"].map(|name| dir.join(name));
    let made_here: Vec<_> = made_here.into_iter().filter(|path| !path.exists()).collect();
    let clock = SystemClock::shared(args.as_of);
    // The file is written first and checked by loading it, but counts only
    // once the rest is there: it is taken away again if anything fails.
    let file = dir.join(config::FILE);
    rmd_runtime::files::write_public(&file, config_text(&args)?)?;
    let made = make(&dir, &clock).await;
    if made.is_err() {
        // A second attempt must not meet a hub that is half there; what was
        // there before is left alone.
        let _ = std::fs::remove_file(&file);
        for path in &made_here {
            let _ = std::fs::remove_dir_all(path);
        }
    }
    global.format().print(&made?, |made| {
        format!(
            "network {} created · réseau {} créé\nidentity · identité: {}\nroot · racine: {}\n\
             Keep {} offline · Gardez ce fichier hors ligne",
            made.network,
            made.network,
            made.identity,
            made.root_fingerprint,
            made.dir.join(registry::CA_DIR).join("root.key").display()
        )
    })?;
    Ok(())
}

async fn make(dir: &Path, clock: &rmd_runtime::SharedClock) -> Result<Made, Failure> {
    let config = Config::load(dir)?;
    let store = config.connect(dir).await?;
    store.migrate().await?;
    let network = registry::network::create(&store, dir, &config, clock).await?;
    Ok(Made {
        dir: dir.to_owned(),
        identity: network.identity.to_string(),
        root_fingerprint: network.root_fingerprint,
        feed_vkey: network.hub_feed_vkey,
        network: network.name,
    })
}

/// Makes the state directory, readable by its owner alone: it holds keys and, by
/// default, the store.
fn make_dir(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// The file: only what differs from the defaults.
fn config_text(args: &InitArgs) -> std::io::Result<String> {
    use toml::Value::String as Text;
    let mut sections = vec![
        ("network", vec![("name", Text(args.network.clone()))]),
        ("store", vec![("url", Text(args.store_url.clone()))]),
        (
            "enrol",
            vec![
                ("listen", Text(args.enrol_listen.to_string())),
                ("advertise", Text(args.advertise_enrol.clone())),
            ],
        ),
        ("portal", vec![("listen", Text(args.portal_listen.to_string()))]),
    ];
    if let Some(file) = &args.password_file {
        sections[1]
            .1
            .push(("password_file", Text(std::path::absolute(file)?.display().to_string())));
    }
    for (key, text) in [("banner_en", &args.banner_en), ("banner_fr", &args.banner_fr)] {
        if !text.is_empty() {
            sections[3].1.push((key, Text(text.clone())));
        }
    }
    if let Some(day) = args.as_of {
        sections.push(("clock", vec![("as_of", Text(day.to_string()))]));
    }
    let mut lines = vec![
        "# Every other key and its default: rmd-hub config show".to_owned(),
        "# Toute autre clé et sa valeur : rmd-hub config show".to_owned(),
    ];
    for (section, keys) in sections {
        lines.push(format!("\n[{section}]"));
        lines.extend(keys.into_iter().map(|(key, value)| format!("{key} = {value}")));
    }
    Ok(lines.join("\n") + "\n")
}
