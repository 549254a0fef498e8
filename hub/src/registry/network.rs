//! The network that this hub made: its authority, the hub's own certificate and
//! the key of its feeds.
//!
//! Private keys are files of mode 0600 and never in the store. The row `network`
//! ties a store to one network, so that two hubs cannot share one by mistake.

use std::path::Path;

use jiff::Timestamp;
use rmd_feed::FeedKey;
use rmd_link::{
    Credentials, Identity,
    authority::{Authority, LEAF_LIFETIME},
    keys,
};
use rmd_runtime::{SharedClock, files};
use sqlx::{AnyConnection, Row as _};

use super::{CA_DIR, Error, FEED_KEY, KEYS_DIR, TLS_DIR, malformed};
use crate::{
    config::Config,
    share::{self, OwnFeed},
    store::Store,
};

/// What is known of the network.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) identity: Identity,
    pub(crate) hub_feed_vkey: String,
    /// SHA-256 of the root certificate, lower-case hexadecimal.
    pub(crate) root_fingerprint: String,
    /// `host:port` at which nodes reach the enrolment listener.
    pub(crate) enrol_address: String,
    /// `host:port` at which auditors reach the hub; empty if they do not.
    pub(crate) audit_address: String,
}

impl Network {
    /// The fingerprint as bytes.
    pub(crate) fn root_sha256(&self) -> Result<[u8; 32], Error> {
        let what = "network.root_fingerprint";
        let bytes = hex::decode(&self.root_fingerprint).map_err(malformed(what))?;
        bytes.try_into().map_err(|_| malformed(what)("it has not 32 bytes"))
    }
}

/// Makes authority, keys, certificate, the row of the network and the empty
/// shared feed. Refuses a store that has a network.
pub(crate) async fn create(
    store: &Store,
    dir: &Path,
    config: &Config,
    clock: &SharedClock,
) -> Result<Network, Error> {
    let wanted = &config.network.name;
    if let Some(found) = find(&mut *store.acquire().await?).await? {
        return Err(Error::NetworkMismatch { found: found.name, wanted: wanted.clone() });
    }
    let identity = Identity::hub(wanted).map_err(malformed("network.name"))?;
    let authority = Authority::create(wanted, dir.join(CA_DIR), clock.now())?;
    issue_own(&authority, &identity, dir, clock.now())?;
    let feed_key = FeedKey::generate(&identity.owner())?;
    let key_file = dir.join(FEED_KEY);
    make_parent(&key_file)?;
    files::write_secret(&key_file, feed_key.secret())?;
    let network = Network {
        name: wanted.clone(),
        hub_feed_vkey: feed_key.vkey(),
        root_fingerprint: hex::encode(authority.root_sha256()),
        enrol_address: config.enrol.advertise.clone(),
        audit_address: config.audit.advertise.clone(),
        identity,
    };
    let mut transaction = store.begin().await?;
    insert(&mut transaction, &network, clock.now()).await?;
    share::log::create(&mut transaction, &OwnFeed::shared()).await?;
    transaction.commit().await?;
    Ok(network)
}

/// Ends a [`create`] that was cut short. Where the store already has the network,
/// with the keys in `dir`, only the certificate is made again; where it has none,
/// nobody ever saw the keys, and all begins anew.
pub(crate) async fn resume(
    store: &Store,
    dir: &Path,
    config: &Config,
    clock: &SharedClock,
) -> Result<Network, Error> {
    let Some(found) = find(&mut *store.acquire().await?).await? else {
        for name in [CA_DIR, TLS_DIR, KEYS_DIR] {
            remove(&dir.join(name))?;
        }
        return create(store, dir, config, clock).await;
    };
    let wanted = &config.network.name;
    let authority = Authority::open(dir.join(CA_DIR)).ok().filter(|authority| {
        found.name == *wanted
            && hex::encode(authority.root_sha256()) == found.root_fingerprint
            && feed_key(dir).is_ok_and(|key| key.vkey() == found.hub_feed_vkey)
    });
    let Some(authority) = authority else {
        return Err(Error::NetworkMismatch { found: found.name, wanted: wanted.clone() });
    };
    issue_own(&authority, &found.identity, dir, clock.now())?;
    Ok(found)
}

/// Gives the hub a new certificate with a new key.
pub(crate) fn issue_own(
    authority: &Authority,
    identity: &Identity,
    dir: &Path,
    now: Timestamp,
) -> Result<(), Error> {
    let (key_pem, csr_der) = keys::new_key_and_csr(identity)?;
    let issued = authority.issue(&csr_der, identity, now, LEAF_LIFETIME)?;
    Credentials::store(dir.join(TLS_DIR), &key_pem, &issued.chain_der, authority.roots_der())?;
    Ok(())
}

/// The network of the store, which must be that of the configuration.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    config: &Config,
) -> Result<Network, Error> {
    let wanted = &config.network.name;
    let found = find(connection).await?;
    let name = found.as_ref().map(|network| network.name.clone()).unwrap_or_default();
    match found {
        // The configured address counts: it may have been moved since.
        Some(network) if network.name == *wanted => Ok(Network {
            enrol_address: config.enrol.advertise.clone(),
            audit_address: config.audit.advertise.clone(),
            ..network
        }),
        _ => Err(Error::NetworkMismatch { found: name, wanted: wanted.clone() }),
    }
}

/// The network of the store; none before `init`.
pub(crate) async fn find(connection: &mut AnyConnection) -> Result<Option<Network>, Error> {
    let row = sqlx::query(
        "SELECT name, hub_feed_vkey, root_fingerprint, enrol_address
         FROM network
         WHERE network_id = 1",
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let name: String = row.try_get("name")?;
    Ok(Some(Network {
        identity: Identity::hub(&name).map_err(malformed("network.name"))?,
        hub_feed_vkey: row.try_get("hub_feed_vkey")?,
        root_fingerprint: row.try_get("root_fingerprint")?,
        enrol_address: row.try_get("enrol_address")?,
        audit_address: String::new(),
        name,
    }))
}

/// The key of the hub's feeds.
pub(crate) fn feed_key(dir: &Path) -> Result<FeedKey, Error> {
    Ok(FeedKey::from_secret(&files::read_secret_text(dir.join(FEED_KEY))?)?)
}

async fn insert(
    connection: &mut AnyConnection,
    network: &Network,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO network
             (network_id, name, hub_feed_vkey, root_fingerprint, enrol_address, created_at_us)
         VALUES (1, $1, $2, $3, $4, $5)",
    )
    .bind(&network.name)
    .bind(&network.hub_feed_vkey)
    .bind(&network.root_fingerprint)
    .bind(&network.enrol_address)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

fn remove(folder: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(malformed("folder of keys")(error))
        }
        _ => Ok(()),
    }
}

fn make_parent(file: &Path) -> Result<(), Error> {
    let parent = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(malformed("folder of keys"))
}
