//! Opens the node that `--dir` names, for one command.

use rmd_link::Identity;
use rmd_runtime::clock::SystemClock;

use super::{Failure, Global};
use crate::{
    config::{Config, Directory},
    journal::{Owner, Store, enrolment},
    server,
};

/// A node as a command works on it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) directory: Directory,
    pub(super) config: Config,
    pub(super) store: Store,
}

/// Configuration, clock and store.
pub(super) async fn open(global: &Global) -> Result<Opened, Failure> {
    let directory = Directory::existing(global.dir())?;
    let config = Config::load(&directory)?;
    let clock = SystemClock::shared(config.clock.as_of);
    let store = Store::open(&directory.store(), clock).await?;
    Ok(Opened { directory, config, store })
}

/// Who writes the feeds; none before the enrolment.
pub(super) async fn owner(opened: &Opened) -> Result<Option<Owner>, Failure> {
    let Some(enrolment) = enrolment::load(&opened.store).await? else { return Ok(None) };
    let identity: Identity = enrolment.identity.parse()?;
    Ok(Some(server::load_owner(&opened.directory, &identity)?))
}

/// An instant for a person, in UTC; empty for none.
pub(super) fn instant(us: Option<i64>) -> String {
    us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok())
        .map(|instant| instant.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}
