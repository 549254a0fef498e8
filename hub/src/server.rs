//! The running hub: its listeners and its tasks.
//!
//! [`Server::bind`] acquires everything and returns once the ports are bound;
//! [`Server::start`] hands the tasks to the lifecycle. Every enrolled node gets
//! one task that follows it and one that pushes to it; a node that enrols later
//! gets them without a restart. A fault with one node ends no task but its own
//! attempt.

mod auditors;
pub(crate) mod lock;
mod nodes;
#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use rmd_link::{Credentials, authority::Authority, enrol, tls};
use rmd_proto::v1::enrolment_service_server::EnrolmentServiceServer;
use rmd_runtime::{Handle, SharedClock, lifecycle::chain};
use tokio::net::TcpListener;
use tracing::{info, warn};

use self::lock::Lock;
use crate::{
    api,
    audit::{self, Cosigning},
    bundle, cases,
    config::{self, Config},
    erase, portal, reconcile,
    recover::{self, mark, recall::Recall},
    registry::{self, CA_DIR, TLS_DIR, enrolment::Enrolment, network, standing::certificates},
    share::{self, Publisher},
    standing,
    store::{self, Store},
    verdict::{self, Judge},
};

/// A request for a certificate has at most 10 KiB; nothing larger is read.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// How long a request for a certificate may take, and a connection may last that
/// made one or will.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// See [`REQUEST_TIMEOUT`].
const STRANGER_AGE_MAX: Duration = Duration::from_mins(5);
/// Requests at a time on one connection.
const STRANGER_STREAMS_MAX: u32 = 4;

/// How often the hub looks whether its own certificate is due for renewal. A
/// third of 90 days is the margin.
const RENEWAL_INTERVAL: Duration = Duration::from_hours(1);

/// Why the hub cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Another process runs on the same state directory.
    #[error(
        "a hub runs in {0} already{1}; stop it first\n\
         un pivot tourne déjà dans {0}{1} ; arrêtez-le d'abord",
        dir.display(),
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    Running {
        /// The state directory.
        dir: PathBuf,
        /// The other process, if it is known.
        pid: Option<u32>,
    },
    /// The lock file cannot be used.
    #[error("lock {}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A port cannot be had.
    #[error("listen on {address} for {purpose} · écouter sur {address}")]
    Bind {
        /// The configured address.
        address: SocketAddr,
        /// `enrolment`, `portal`, `api` or `audit`.
        purpose: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A listener ended.
    #[error("serve {0}")]
    Serve(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The cap on bytes cannot be kept.
    #[error(transparent)]
    Rate(rmd_link::BadRate),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The registry: authority, keys, network.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The shared feed.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The key of bundles.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// The mark of the store, or a recovery.
    #[error(transparent)]
    Recover(#[from] recover::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A hub whose ports are bound and whose store is open.
#[derive(Debug)]
pub(crate) struct Server {
    dir: PathBuf,
    config: Config,
    clock: SharedClock,
    store: Store,
    credentials: Credentials,
    network: network::Network,
    publisher: Publisher,
    enrolment: TcpListener,
    portal: TcpListener,
    api: TcpListener,
    audit: Option<TcpListener>,
    lock: Lock,
}

impl Server {
    /// Acquires everything that the hub needs.
    pub(crate) async fn bind(
        dir: &Path,
        config: Config,
        clock: SharedClock,
    ) -> Result<Self, Error> {
        let lock = Lock::take(dir)?;
        let store = config.connect(dir).await?;
        store.make_ready().await?;
        let network = network::load(&mut *store.acquire().await?, &config).await?;
        let credentials =
            Credentials::load(dir.join(TLS_DIR), clock.clone()).map_err(registry::Error::from)?;
        // In force before the first handshake.
        certificates::deny(&store, &credentials).await?;
        let policy = config.share.policy();
        let publisher = Publisher::open(store.clone(), dir, clock.clone(), policy).await?;
        bundle::key::ensure(dir, &store, clock.now()).await?;
        mark::begin(dir, &store, &clock).await?;
        take_over(&store).await?;
        let enrolment = listen(config.enrol.listen, "enrolment").await?;
        let portal = listen(config.portal.listen, "portal").await?;
        let api = listen(config.api.listen, "api").await?;
        let audit = match config.audit.listen() {
            Some(address) => Some(listen(address, "audit").await?),
            None => None,
        };
        if !config.portal.listen.ip().is_loopback() {
            warn!(address = %config.portal.listen, "portal is reachable without a login");
        }
        let dir = dir.to_owned();
        Ok(Self {
            dir,
            config,
            clock,
            store,
            credentials,
            network,
            publisher,
            enrolment,
            portal,
            api,
            audit,
            lock,
        })
    }

    /// Where the enrolment listener is; the port is the bound one.
    #[cfg(test)]
    pub(crate) fn enrolment_addr(&self) -> SocketAddr {
        self.enrolment.local_addr().expect("a bound listener has an address")
    }

    /// Where the pages are; the port is the bound one.
    #[cfg(test)]
    pub(crate) fn portal_addr(&self) -> SocketAddr {
        self.portal.local_addr().expect("a bound listener has an address")
    }

    /// Where the API is; the port is the bound one.
    #[cfg(test)]
    pub(crate) fn api_addr(&self) -> SocketAddr {
        self.api.local_addr().expect("a bound listener has an address")
    }

    /// Hands every task to the lifecycle.
    pub(crate) fn start(self, lifecycle: &Handle) -> Result<(), Error> {
        let Self { dir, config, clock, store, credentials, network, publisher, .. } = self;
        let open = || Authority::open(dir.join(CA_DIR)).map_err(registry::Error::from);
        let (signing, authority) = (open()?, open()?);
        let enrolment = Enrolment::new(
            store.clone(),
            clock.clone(),
            signing,
            credentials.clone(),
            network.clone(),
        );
        info!(
            network = network.name,
            enrolment.addr = %config.enrol.listen,
            portal.addr = %config.portal.listen,
            api.addr = %config.api.listen,
            store.kind = store.kind().as_str(),
            "hub started"
        );
        let soft = lifecycle.soft();
        lifecycle.spawn(
            "enrolment",
            serve_enrolment(self.enrolment, enrolment, credentials.clone(), lifecycle.clone()),
        );
        let state = portal::State::new(store.clone(), clock.clone(), &config);
        let portal = portal::router(state);
        lifecycle.spawn("portal", rmd_api::serve(self.portal, portal, soft.clone()));
        let api = api::Api::new(store.clone(), clock.clone());
        lifecycle.spawn("api-usage", api.usage().run(store.clone(), soft.clone()));
        let api = api.router(&config.api);
        lifecycle.spawn("api", rmd_api::serve(self.api, api, soft.clone()));
        let own_dir = dir.clone();
        let own = OwnCertificate { dir, authority, credentials: credentials.clone() };
        lifecycle.spawn("own-certificate", own.run(clock.clone(), soft.clone()));
        let signer = publisher.signer();
        let cosigning = Cosigning::open(&own_dir, (&signer.0, &signer.1), clock.clone())?;
        let judge = Judge::new(store.clone(), clock.clone(), signer.clone());
        start_judges(lifecycle, judge, &store, &clock, &config);
        let desk =
            cases::Desk::new(store.clone(), clock.clone(), signer.clone(), config.cases.terms());
        lifecycle.spawn("cases", cases::run(desk, config.share.poll, soft.clone()));
        let checkpoints = audit::Publisher {
            store: store.clone(),
            clock: clock.clone(),
            signer: signer.clone(),
            interval: config.audit.checkpoint_interval,
        };
        auditors::start(lifecycle, checkpoints, self.audit, &credentials, config.share.poll);
        let scrub = erase::run(store.clone(), clock.clone(), config.share.poll, soft.clone());
        lifecycle.spawn("erase", scrub);
        start_recovery(lifecycle, &own_dir, &store, &clock, &credentials, &publisher, &config);
        let keeper = standing::Keeper::new(publisher);
        lifecycle.spawn("standing", standing::run(keeper, config.share.refresh, soft));
        let throttle = config.link.throttle().map_err(Error::Rate)?;
        let nodes = nodes::Nodes::new(
            store,
            clock,
            credentials,
            signer,
            &config,
            throttle,
            lifecycle.clone(),
        )
        .giving_receipts(cosigning);
        let lock = self.lock;
        lifecycle.spawn("nodes", async move {
            let ended = nodes.run().await;
            // Held until the last task of ours that starts others has ended.
            drop(lock);
            ended
        });
        Ok(())
    }
}

/// Judges each state's records, and what records of several states say about each other.
fn start_judges(
    lifecycle: &Handle,
    judge: Judge,
    store: &Store,
    clock: &SharedClock,
    config: &Config,
) {
    let verdicts = verdict::run(judge, config.share.poll, lifecycle.soft());
    lifecycle.spawn("verdicts", verdicts);
    if config.reconcile.run == config::Begun::ByHand {
        info!("reconciles only when `rmd-hub reconcile run` is called");
        return;
    }
    let policy = config.share.policy();
    let engine = reconcile::Engine::new(store.clone(), clock.clone(), policy);
    let run = reconcile::run(engine, config.share.poll, lifecycle.soft());
    lifecycle.spawn("reconcile", run);
}

/// What an earlier version kept elsewhere.
async fn take_over(store: &Store) -> Result<(), Error> {
    let mut transaction = store.begin().await?;
    recover::evidence::take_over(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

/// Keeps the mark of the store fresh, and brings entries back that were lost.
fn start_recovery(
    lifecycle: &Handle,
    dir: &Path,
    store: &Store,
    clock: &SharedClock,
    credentials: &Credentials,
    publisher: &Publisher,
    config: &Config,
) {
    let recall = Recall {
        store: store.clone(),
        clock: clock.clone(),
        credentials: credentials.clone(),
        signer: publisher.signer(),
        poll: config.share.poll,
        shutdown: lifecycle.soft(),
    };
    lifecycle.spawn("recall", recall.run());
    let (denied, soft) = (credentials.clone(), lifecycle.soft());
    lifecycle.spawn("deny-list", certificates::watch(store.clone(), denied, soft));
    lifecycle.spawn("mark", mark::run(dir.to_owned(), store.clone(), lifecycle.soft()));
}

async fn listen(address: SocketAddr, purpose: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Bind { address, purpose, source })
}

async fn serve_enrolment(
    listener: TcpListener,
    enrolment: Enrolment,
    credentials: Credentials,
    lifecycle: Handle,
) -> Result<(), Error> {
    let service =
        EnrolmentServiceServer::new(enrolment).max_decoding_message_size(REQUEST_BYTES_MAX);
    let incoming = tls::incoming(listener, enrol::acceptor(&credentials), lifecycle.soft());
    tls::server()
        // Whoever has the address may connect; nobody needs long, or much at once.
        .timeout(REQUEST_TIMEOUT)
        .max_connection_age(STRANGER_AGE_MAX)
        .max_concurrent_streams(STRANGER_STREAMS_MAX)
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, lifecycle.soft().cancelled_owned())
        .await
        .map_err(|error| Error::Serve("enrolment", error.into()))
}

/// The hub's own certificate: it is its own authority and renews by itself.
#[derive(Debug)]
struct OwnCertificate {
    dir: PathBuf,
    authority: Authority,
    credentials: Credentials,
}

impl OwnCertificate {
    async fn run(
        self,
        clock: SharedClock,
        shutdown: tokio_util::sync::CancellationToken,
    ) -> Result<(), Error> {
        loop {
            let now = clock.now();
            if self.credentials.renew_after().is_some_and(|due| now >= due) {
                match self.renew(now) {
                    Ok(()) => info!("own certificate renewed"),
                    Err(error) => warn!(error = chain(&error), "own certificate not renewed"),
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(RENEWAL_INTERVAL) => {}
            }
        }
    }

    fn renew(&self, now: jiff::Timestamp) -> Result<(), registry::Error> {
        let identity = self.credentials.identity();
        let identity = identity.ok_or_else(|| registry::Error::NodeUnknown("hub".to_owned()))?;
        network::issue_own(&self.authority, &identity, &self.dir, now)?;
        Ok(self.credentials.reload()?)
    }
}
