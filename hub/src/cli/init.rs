//! `rmd-hub init`: a state directory, an authority, keys and a store.
//!
//! Refuses a directory that already holds a hub: an authority is made once. The
//! configuration gets its name last, so a directory either holds a whole hub or
//! none; an `init` that was cut short is begun again, or finished where the store
//! already knows the keys.

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

/// The configuration while the rest is not there yet. Everything beside it is then
/// the work of an `init` that did not end.
const UNDERWAY: &str = "config.toml.init";

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
    /// Where the REST API is served, loopback · Où l'API REST est servie, en bouclage
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7402")]
    api_listen: SocketAddr,
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
    let underway = dir.join(UNDERWAY);
    let is_resumed = underway.is_file();
    let taken =
        [registry::CA_DIR, registry::TLS_DIR, registry::KEYS_DIR].map(|name| dir.join(name));
    if dir.join(config::FILE).exists() || (!is_resumed && taken.iter().any(|path| path.exists())) {
        return Err(Failure::usage(format!(
            "{0} already holds a hub, or its keys; choose another directory\n\
             {0} contient déjà un pivot, ou ses clés ; choisissez un autre répertoire",
            dir.display()
        )));
    }
    make_dir(&dir)?;
    let clock = SystemClock::shared(args.as_of);
    rmd_runtime::files::write_public(&underway, config_text(&args)?)?;
    let made = make(&dir, &underway, is_resumed, &clock).await?;
    // Only now is there a hub.
    std::fs::rename(&underway, dir.join(config::FILE))?;
    std::fs::File::open(&dir)?.sync_all()?;
    global.format().print(&made, |made| {
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

async fn make(
    dir: &Path,
    underway: &Path,
    is_resumed: bool,
    clock: &rmd_runtime::SharedClock,
) -> Result<Made, Failure> {
    let config = Config::load_file(underway)?;
    let store = config.connect(dir).await?;
    store.migrate().await?;
    let network = if is_resumed {
        registry::network::resume(&store, dir, &config, clock).await?
    } else {
        registry::network::create(&store, dir, &config, clock).await?
    };
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
        ("api", vec![("listen", Text(args.api_listen.to_string()))]),
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{
        cli::{Cli, Command},
        registry::network::{self, Network},
        store::Store,
    };

    async fn init_in(dir: &Path) -> Result<(), Failure> {
        let dir = dir.display().to_string();
        let call = ["rmd-hub", "init", "--json", "--dir", &dir, "--network", "net"];
        let call = [&call[..], &["--advertise-enrol", "hub.example:7401"]].concat();
        let cli = Cli::try_parse_from(call).unwrap();
        let Command::Init(args) = cli.command else { panic!("the command is init") };
        init(&cli.global, args).await
    }

    /// The hub of a directory, as `run` needs it.
    async fn hub(dir: &Path) -> (Store, Network) {
        let config = Config::load(dir).unwrap();
        let store = config.connect(dir).await.unwrap();
        let network = network::load(&mut store.acquire().await.unwrap(), &config).await.unwrap();
        let authority = rmd_link::authority::Authority::open(dir.join(registry::CA_DIR)).unwrap();
        assert_eq!(hex::encode(authority.root_sha256()), network.root_fingerprint);
        assert_eq!(network::feed_key(dir).unwrap().vkey(), network.hub_feed_vkey);
        let clock = SystemClock::shared(None);
        let own = rmd_link::Credentials::load(dir.join(registry::TLS_DIR), clock).unwrap();
        assert_eq!(own.identity().as_ref(), Some(&network.identity));
        (store, network)
    }

    /// Makes it look as if `init` had been killed before its last step.
    fn cut_short(dir: &Path) {
        std::fs::rename(dir.join(config::FILE), dir.join(UNDERWAY)).unwrap();
    }

    fn lose(dir: &Path, folders: &[&str]) {
        for folder in folders {
            std::fs::remove_dir_all(dir.join(folder)).unwrap();
        }
    }

    #[tokio::test]
    async fn a_directory_gets_one_hub() {
        let dir = tempfile::tempdir().unwrap();
        init_in(dir.path()).await.unwrap();
        let (_, first) = hub(dir.path()).await;
        assert!(init_in(dir.path()).await.is_err());
        // Nor where the configuration was lost: its keys must not be written over.
        std::fs::remove_file(dir.path().join(config::FILE)).unwrap();
        assert!(init_in(dir.path()).await.is_err());
        assert_eq!(network::feed_key(dir.path()).unwrap().vkey(), first.hub_feed_vkey);
    }

    #[tokio::test]
    async fn an_init_that_was_killed_at_the_end_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        init_in(dir.path()).await.unwrap();
        let (_, first) = hub(dir.path()).await;
        cut_short(dir.path());
        assert!(matches!(Config::load(dir.path()), Err(config::Error::Absent(_))));
        init_in(dir.path()).await.unwrap();
        let (_, second) = hub(dir.path()).await;
        assert_eq!(first.root_fingerprint, second.root_fingerprint);
        assert_eq!(first.hub_feed_vkey, second.hub_feed_vkey);
    }

    #[tokio::test]
    async fn an_init_that_was_killed_before_is_begun_again() {
        for lost in [&[][..], &["keys"], &["keys", "tls"], &["keys", "tls", "ca"]] {
            let dir = tempfile::tempdir().unwrap();
            init_in(dir.path()).await.unwrap();
            let (store, first) = hub(dir.path()).await;
            let mut connection = store.acquire().await.unwrap();
            sqlx::query("DELETE FROM network").execute(&mut *connection).await.unwrap();
            sqlx::query("DELETE FROM shared_log").execute(&mut *connection).await.unwrap();
            drop(connection);
            store.close().await;
            cut_short(dir.path());
            lose(dir.path(), lost);
            init_in(dir.path()).await.unwrap();
            let (_, second) = hub(dir.path()).await;
            assert_ne!(first.hub_feed_vkey, second.hub_feed_vkey);
        }
    }

    #[tokio::test]
    async fn a_store_whose_keys_are_elsewhere_is_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        init_in(dir.path()).await.unwrap();
        cut_short(dir.path());
        std::fs::remove_dir_all(dir.path().join(registry::KEYS_DIR)).unwrap();
        let failure = init_in(dir.path()).await.unwrap_err();
        assert!(format!("{failure:?}").contains("belongs to network net"), "{failure:?}");
        assert!(dir.path().join(registry::CA_DIR).exists(), "the authority is left alone");
    }
}
