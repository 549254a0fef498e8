//! The configuration of the hub.
//!
//! Layers: `config.default.toml`, embedded here so that the sample cannot
//! drift; `config.toml` in the state directory; the environment. Unknown keys
//! are refused, every fault is named at once, in English and French, and no
//! secret is in it: the password of a database stands in a file of its own.

mod section;

use std::path::{Path, PathBuf};

use rmd_runtime::files;
use serde::{Deserialize, Serialize};

use crate::store;

pub(crate) use section::{
    Api, Audit, Begun, Cases, Clock, Enrol, Link, Log, Network, Portal, Reconcile, Run, Share,
    Store, is_address,
};

/// The default layer.
pub(crate) const DEFAULTS: &str = include_str!("../config.default.toml");
/// Prefix of the environment's layer.
const ENV_PREFIX: &str = "RMD_HUB_";
/// Name of the file in the state directory.
pub(crate) const FILE: &str = "config.toml";

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) network: Network,
    pub(crate) store: Store,
    pub(crate) enrol: Enrol,
    pub(crate) portal: Portal,
    pub(crate) api: Api,
    pub(crate) audit: Audit,
    pub(crate) link: Link,
    pub(crate) share: Share,
    pub(crate) reconcile: Reconcile,
    pub(crate) cases: Cases,
    pub(crate) clock: Clock,
    pub(crate) run: Run,
    pub(crate) log: Log,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no hub in the directory.
    #[error(
        "{} does not exist: create the hub with `rmd-hub init` or name its directory with --dir\n\
         {} n'existe pas : créez le pivot par `rmd-hub init` ou nommez son répertoire par --dir",
        .0.display(), .0.display()
    )]
    Absent(PathBuf),
    /// A layer cannot be read.
    #[error("configuration cannot be read")]
    Load(#[source] rmd_runtime::config::Error),
    /// The file with the password of the store cannot be read.
    #[error("password of the store cannot be read · le mot de passe de la base ne peut être lu")]
    Password(#[source] files::Error),
    /// The file of the store cannot be made.
    #[error("store {} cannot be made · la base ne peut être créée", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Store(store::Error),
    /// Values outside their limits, all of them.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

impl Config {
    /// The configuration of the hub in `dir`, checked.
    pub(crate) fn load(dir: &Path) -> Result<Self, Error> {
        let file = dir.join(FILE);
        if !file.is_file() {
            return Err(Error::Absent(file));
        }
        Self::load_file(&file)
    }

    /// The configuration in a file, checked.
    pub(crate) fn load_file(file: &Path) -> Result<Self, Error> {
        let config: Self =
            rmd_runtime::config::load(DEFAULTS, Some(file), ENV_PREFIX).map_err(Error::Load)?;
        let faults = config.faults();
        if faults.is_empty() { Ok(config) } else { Err(Error::Invalid(faults)) }
    }

    /// Opens the store; relative paths start at the state directory.
    pub(crate) async fn connect(&self, dir: &Path) -> Result<store::Store, Error> {
        let password = match self.store.password_file.as_str() {
            "" => None,
            file => Some(files::read_secret_text(dir.join(file)).map_err(Error::Password)?),
        };
        let url = match self.store.url.strip_prefix("sqlite:") {
            Some(path) => {
                let file = dir.join(path);
                make_private(&file).map_err(|source| Error::File { path: file.clone(), source })?;
                store::sqlite_url(&file)
            }
            None => self.store.url.clone(),
        };
        store::Store::connect(&url, password.as_deref()).await.map_err(Error::Store)
    }

    /// What is wrong with the values, one message each.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        self.network.check(&mut faults);
        self.store.check(&mut faults);
        self.enrol.check(&mut faults);
        self.portal.check(&mut faults);
        self.api.check(&mut faults);
        self.audit.check(&mut faults);
        self.link.check(&mut faults);
        self.share.check(&mut faults);
        self.cases.check(&mut faults);
        self.clock.check(&mut faults);
        faults
    }
}

/// Makes the file of a store that is not there yet, for its owner alone; its log
/// takes the mode after it. One that is there keeps its mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, Error> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), text).unwrap();
        Config::load(dir.path())
    }

    #[test]
    fn defaults_need_only_the_network_and_the_address() {
        let config = load("[network]\nname='net'\n[enrol]\nadvertise='hub:7401'\n").unwrap();
        assert_eq!(config.portal.page_size, 50);
        assert!(config.portal.listen.ip().is_loopback());
        assert_eq!(config.enrol.invitation_lifetime.as_secs(), 72 * 3600);
    }

    #[test]
    fn every_fault_is_named_at_once_in_both_languages() {
        let text = "[network]\nname='Two Words'\n[enrol]\nadvertise=''\n[portal]\npage_size=9\n\
                    [share]\nyellow_months=0\n\
                    [share.yellow_months_of]\nCOD=25\nXYZ=3\n[clock]\nas_of='2018-02-30'\n\
                    [link]\nbytes_per_second=3\n";
        let message = load(text).unwrap_err().to_string();
        for key in [
            "network.name",
            "enrol.advertise",
            "portal.page_size",
            "share.yellow_months =",
            "share.yellow_months_of.COD",
            "share.yellow_months_of =",
            "clock.as_of",
            "link.bytes_per_second",
        ] {
            assert_eq!(message.matches(key).count(), 2, "{key} in {message}");
        }
    }

    #[test]
    fn the_api_is_not_reachable_from_elsewhere_by_mistake() {
        let network = "[network]\nname='net'\n[enrol]\nadvertise='h:1'\n";
        let of = |api: &str| load(&format!("{network}[api]\n{api}"));
        assert_eq!(load(network).unwrap().api.listen.to_string(), "127.0.0.1:7402");
        let message = of("listen='0.0.0.0:80'\n").unwrap_err().to_string();
        assert_eq!(message.matches("api.listen").count(), 2, "{message}");
        assert!(of("listen='[::1]:80'\n").is_ok());
        assert!(of("listen='0.0.0.0:80'\nallow_remote=true\n").is_ok());
    }

    #[test]
    fn a_password_in_the_url_is_refused_without_showing_it() {
        let text = "[network]\nname='net'\n[enrol]\nadvertise='h:1'\n\
                    [store]\nurl='postgres://hub:secret@db/regional'\n";
        let message = load(text).unwrap_err().to_string();
        assert!(message.contains("store.url") && !message.contains("secret"), "{message}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(matches!(load("[portal]\nlogin=true\n"), Err(Error::Load(_))));
    }

    #[tokio::test]
    async fn a_password_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let text = "[network]\nname='net'\n[enrol]\nadvertise='h:1'\n\
                    [store]\nurl='postgres://hub@127.0.0.1:1/regional'\npassword_file='db.password'\n";
        std::fs::write(dir.path().join(FILE), text).unwrap();
        let file = dir.path().join("db.password");
        std::fs::write(&file, "correct horse").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let config = Config::load(dir.path()).unwrap();
        let error = config.connect(dir.path()).await.unwrap_err();
        assert!(matches!(error, Error::Password(_)));
        assert!(!format!("{error:?}").contains("correct horse"), "{error:?}");
    }

    #[tokio::test]
    async fn the_store_is_for_its_owner_alone_wherever_it_lies() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let text = "[network]\nname='net'\n[enrol]\nadvertise='h:1'\n";
        std::fs::write(dir.path().join(FILE), text).unwrap();
        let store = Config::load(dir.path()).unwrap().connect(dir.path()).await.unwrap();
        store.migrate().await.unwrap();
        for name in ["hub.sqlite", "hub.sqlite-wal", "hub.sqlite-shm"] {
            let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
        }
    }

    #[test]
    fn an_absent_hub_is_said_so() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Config::load(dir.path()), Err(Error::Absent(_))));
    }
}
