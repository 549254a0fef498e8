//! The running node: capture, feeds and inbox of one state directory.
//!
//! [`Server::bind`] acquires everything and returns when the port is bound;
//! [`Server::start`] hands the tasks to the lifecycle. Refuses to start twice on
//! one directory, and without an enrolment. Invariant: the boot number of this
//! start is on disk before capture can append.

mod lock;
mod renewal;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;
use rmd_feed::{FeedKey, FeedVerifier};
use rmd_link::{Acceptor, Credentials, Identity, Throttle};
use rmd_runtime::{clock::SharedClock, files, lifecycle::Handle};
use tokio::net::TcpListener;
use tracing::info;

pub(crate) use self::lock::RunLock;
use crate::{
    api::{self, Api},
    capture,
    config::{self, Config, Directory},
    erase,
    hours::{Hours, Opening},
    inbox::Inbox,
    journal::{
        self, Journal, Owner, Store, boot,
        enrolment::{self, Enrolment},
    },
    mapping::{Faults, Mapping},
    recover, serve, sheets, source,
};

/// Why the node cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The journal cannot be used.
    #[error("open the journal")]
    Journal(#[from] journal::Error),
    /// Certificate, key or roots cannot be used.
    #[error("load the node's certificate")]
    Credentials(#[source] rmd_link::credentials::Error),
    /// The feed key cannot be read.
    #[error("load the feed key")]
    KeyFile(#[source] files::Error),
    /// The feed key, or the one of the hub, is none.
    #[error("read the feed key")]
    Key(#[source] rmd_feed::Error),
    /// The feed key was made for another node.
    #[error(
        "the feed key is of {key} and the certificate of {certificate}; put back the right files or enrol again / la clé des flux et le certificat n'appartiennent pas au même nœud"
    )]
    OtherOwner {
        /// Name in the key.
        key: String,
        /// Name in the certificate.
        certificate: String,
    },
    /// What was kept at enrolment is no identity.
    #[error("read the identities of the enrolment")]
    Identity(#[source] rmd_link::identity::Malformed),
    /// The mapping has faults.
    #[error("the mapping cannot be used / la correspondance est inutilisable:\n{0}")]
    Mapping(Faults),
    /// The source's address or password file cannot be used.
    #[error("configure the source")]
    Source(#[source] source::Error),
    /// The records behind the API cannot be used.
    #[error("open the API")]
    Api(#[source] api::Error),
    /// The address is taken or not ours.
    #[error("listen on {address}")]
    Bind {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The zone of hours is none.
    #[error(transparent)]
    Zone(config::NoZone),
    /// The cap on bytes cannot be kept.
    #[error(transparent)]
    Rate(rmd_link::BadRate),
    /// Another process runs this node.
    #[error(
        "another process runs or enrols the node in {}; stop it first / un autre processus fait tourner ou inscrit le nœud de ce répertoire ; arrêtez-le d'abord",
        dir.display()
    )]
    Running {
        /// The state directory.
        dir: PathBuf,
    },
    /// The lock file cannot be made.
    #[error("lock {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server ended by itself.
    #[error("serve the feeds")]
    Serve(#[source] tonic::transport::Error),
}

/// A node that has acquired everything and does nothing yet.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    enrolment: Enrolment,
    credentials: Credentials,
    inbox: Inbox,
    journal: Journal,
    boot: boot::Boot,
    capture: Captured,
    limits: serve::Limits,
    zone: TimeZone,
    api: Option<Api>,
    config: Config,
    directory: Directory,
    lock: RunLock,
}

/// What capture needs before the lifecycle exists.
#[derive(Debug)]
struct Captured {
    source: source::Source,
    mapping: Arc<Mapping>,
}

impl Server {
    /// Opens the state directory and binds the port.
    pub(crate) async fn bind(
        directory: Directory,
        config: Config,
        clock: SharedClock,
    ) -> Result<Self, Error> {
        let lock = RunLock::take(&directory)?;
        let store = Store::open(&directory.store(), clock.clone()).await?;
        store.not_before(journal::clock::built_at_us());
        let enrolment =
            enrolment::load(&store).await?.ok_or(Error::Journal(journal::Error::NotEnrolled))?;
        let identity: Identity = enrolment.identity.parse().map_err(Error::Identity)?;
        let owner = load_owner(&directory, &identity)?;
        let credentials = Credentials::load(directory.tls(), clock).map_err(Error::Credentials)?;
        let hub: Identity = enrolment.hub_identity.parse().map_err(Error::Identity)?;
        let verifier = FeedVerifier::parse(&enrolment.hub_feed_vkey).map_err(Error::Key)?;
        let capture = load_source(&directory, &config)?;
        let zone = zone_of_hours(&config, &capture.mapping)?;
        let limits = limits(&config, &zone, store.clock())?;
        let address = &config.serve.listen;
        let bind = |source| Error::Bind { address: address.clone(), source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let local_addr = listener.local_addr().map_err(bind)?;
        let api = bind_api(&directory, &config, &capture.mapping, store.clock().clone()).await?;
        let inbox = Inbox::open(store.clone(), credentials.clone(), hub.owner(), verifier).await?;
        recover::mark::inspect(&directory, &store).await?;
        recover::epochs::inspect(&directory, &store).await?;
        let boot = boot::begin(&store).await?;
        recover::mark::leave(&directory, &store, boot).await?;
        let journal = Journal::braked(store, owner, config.brake.limits());
        info!(node.id = identity.node_id(), boot = boot.number, addr = %local_addr, "node bound");
        Ok(Self {
            listener,
            local_addr,
            enrolment,
            credentials,
            inbox,
            journal,
            boot,
            capture,
            limits,
            zone,
            api,
            config,
            directory,
            lock,
        })
    }

    /// The address on which peers reach the feeds.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The address of the API, if it runs.
    pub(crate) fn api_addr(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(|api| api.local_addr)
    }

    /// Starts capture, service and renewal. The lock is held until the service ends.
    pub(crate) fn start(self, lifecycle: &Handle) {
        let soft = lifecycle.soft();
        let context = serve::Context {
            journal: self.journal.clone(),
            inbox: self.inbox,
            credentials: self.credentials.clone(),
            boot: self.boot,
            poll_interval: self.config.serve.poll_interval,
            limits: self.limits,
            shutdown: soft.clone(),
        };
        let network = self.credentials.identity().map(|identity| identity.network);
        let network = network.unwrap_or_default();
        let auditors = self.config.serve.auditors.clone();
        let acceptor = Acceptor::new(&self.credentials, move |peer| {
            serve::is_admitted(&network, &auditors, peer)
        });
        let incoming = rmd_link::tls::incoming(self.listener, acceptor, soft.clone());
        let store = self.journal.store().clone();
        let lock = self.lock;
        lifecycle.spawn("serve", async move {
            let served = Box::pin(serve::serve(context, incoming)).await;
            drop(lock);
            served.map_err(Error::Serve)
        });
        let of_api = self.api.as_ref().map(|api| api.store.clone());
        let tended = erase::tend(self.directory.clone(), store.clone(), of_api, soft.clone());
        lifecycle.spawn("erase", async move {
            tended.await;
            Ok::<_, Error>(())
        });
        start_sheets(lifecycle, &self.directory, &self.config, &self.journal, &self.capture);
        if let Some(api) = self.api {
            start_api(api, self.journal.clone(), lifecycle);
        }
        let captured = capture::Context {
            source: self.capture.source,
            mapping: self.capture.mapping,
            clock: self.journal.store().clock().clone(),
            opening: opening(&self.config.capture.hours, &self.zone, self.journal.store().clock()),
            journal: self.journal,
            country: self.config.node.country.alpha2().to_owned(),
            settings: settings(&self.config),
            shutdown: soft.clone(),
        };
        lifecycle.spawn("capture", async move {
            capture::run(captured).await;
            Ok::<_, Error>(())
        });
        lifecycle.spawn("renew", async move {
            let (directory, enrolment) = (&self.directory, &self.enrolment);
            renewal::run(directory, &self.credentials, enrolment, &store, soft).await;
            Ok::<_, Error>(())
        });
    }
}

/// The zone in which the configuration writes hours.
fn zone_of_hours(config: &Config, mapping: &Mapping) -> Result<TimeZone, Error> {
    let named = config.clock.zone().map_err(Error::Zone)?;
    Ok(named.unwrap_or_else(|| mapping.zone.clone()))
}

fn opening(hours: &Hours, zone: &TimeZone, clock: &SharedClock) -> Opening {
    Opening::new(hours.clone(), zone.clone(), clock.clone())
}

fn limits(config: &Config, zone: &TimeZone, clock: &SharedClock) -> Result<serve::Limits, Error> {
    let serve = &config.serve;
    Ok(serve::Limits {
        throttle: Throttle::new(serve.bytes_per_second).map_err(Error::Rate)?,
        opening: opening(&serve.hours, zone, clock),
        streams: serve::Streams::new(serve.streams_per_peer, serve.read_timeout),
    })
}

/// Takes sheets, unless the configuration names no folder for them.
fn start_sheets(
    lifecycle: &Handle,
    directory: &Directory,
    config: &Config,
    journal: &Journal,
    captured: &Captured,
) {
    if config.sheets.folder.as_os_str().is_empty() {
        return;
    }
    let context = sheets::Context {
        folder: sheets::Folder::new(directory.resolve(&config.sheets.folder)),
        journal: journal.clone(),
        country: config.node.country.alpha2().to_owned(),
        zone: captured.mapping.zone.clone(),
        codes: captured.mapping.codes.clone(),
        interval: config.sheets.interval,
        shutdown: lifecycle.soft(),
    };
    lifecycle.spawn("sheets", async move {
        sheets::run(context).await;
        Ok::<_, Error>(())
    });
}

/// The port and the file of the API, if it is wanted.
async fn bind_api(
    directory: &Directory,
    config: &Config,
    mapping: &Mapping,
    clock: SharedClock,
) -> Result<Option<Api>, Error> {
    if !config.api.enabled {
        return Ok(None);
    }
    let address = &config.api.listen;
    let bind = |source| Error::Bind { address: address.clone(), source };
    let store = api::Store::open(&directory.api_store(), clock).await.map_err(Error::Api)?;
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let local_addr = listener.local_addr().map_err(bind)?;
    let country = config.node.country.alpha2().to_owned();
    let place = api::Place { country, zone: mapping.zone.clone() };
    let usage = config.api.usage.into();
    let poll_interval = config.serve.poll_interval;
    info!(addr = %local_addr, "api bound");
    Ok(Some(Api { listener, local_addr, store, place, usage, poll_interval }))
}

fn start_api(api: Api, journal: Journal, lifecycle: &Handle) {
    let api::Tasks { serve, intake, follow } = api.tasks(journal, lifecycle.soft());
    lifecycle.spawn("api", serve);
    lifecycle.spawn("api-intake", async move { intake.await.map_err(Error::Api) });
    lifecycle.spawn("api-follow", async move {
        follow.await;
        Ok::<_, Error>(())
    });
}

/// The owner of the feeds: the certificate's name and the key in its file.
pub(crate) fn load_owner(directory: &Directory, identity: &Identity) -> Result<Owner, Error> {
    let text = files::read_secret_text(directory.feed_key()).map_err(Error::KeyFile)?;
    let key = FeedKey::from_secret(&text).map_err(Error::Key)?;
    let name = identity.owner();
    if key.name() != name {
        return Err(Error::OtherOwner { key: key.name().to_owned(), certificate: name });
    }
    Ok(Owner { name, key })
}

/// The mapping, and the source under it.
pub(crate) fn load_mapping(directory: &Directory, config: &Config) -> Result<Mapping, Error> {
    Mapping::load(&directory.resolve(&config.mapping.file)).map_err(Error::Mapping)
}

/// The source as the configuration names it, read in the mapping's zone.
pub(crate) fn open_source(
    directory: &Directory,
    config: &Config,
    mapping: &Mapping,
) -> Result<source::Source, Error> {
    open_bare_source(directory, config, mapping.zone.clone())
}

/// The same in a zone of its own: for a source that has no mapping yet.
pub(crate) fn open_bare_source(
    directory: &Directory,
    config: &Config,
    zone: TimeZone,
) -> Result<source::Source, Error> {
    let limits = source::Limits {
        statement: config.source.statement_timeout,
        wait: config.source.wait_timeout,
        rows_per_second: config.source.rows_per_second(),
    };
    let password = config.source.password_file.as_deref().map(|path| directory.resolve(path));
    let source = source::Source::new(&config.source.url, password.as_deref(), zone, limits);
    let source = match &config.source.ca_file {
        Some(file) => source.and_then(|source| source.trusting(&directory.resolve(file))),
        None => source,
    };
    source.map_err(Error::Source)
}

fn load_source(directory: &Directory, config: &Config) -> Result<Captured, Error> {
    let mapping = load_mapping(directory, config)?;
    let source = open_source(directory, config, &mapping)?;
    Ok(Captured { source, mapping: Arc::new(mapping) })
}

fn settings(config: &Config) -> capture::Settings {
    let defaults = capture::Settings::every(config.capture.interval);
    capture::Settings {
        lag: config.capture.lag.unwrap_or(defaults.lag),
        sweep_every: config.capture.sweep_every.map_or(defaults.sweep_every, Into::into),
        triggers_interval: config.capture.triggers_interval,
        ..defaults
    }
}
