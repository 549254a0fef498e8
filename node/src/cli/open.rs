//! Opens the node that `--dir` names, for one command.

use rmd_link::Identity;
use rmd_runtime::clock::SystemClock;

pub(super) use rmd_runtime::output::instant;

use super::{Failure, Global};
use crate::{
    config::{Config, Directory},
    journal::{Owner, Store, clock, enrolment},
    recover, server,
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
    let system = SystemClock::shared(config.clock.as_of);
    let store = Store::open(&directory.store(), system).await?;
    store.not_before(clock::built_at_us());
    recover::epochs::inspect(&directory, &store).await?;
    Ok(Opened { directory, config, store })
}

/// Who writes the feeds; none before the enrolment.
pub(super) async fn owner(opened: &Opened) -> Result<Option<Owner>, Failure> {
    let Some(enrolment) = enrolment::load(&opened.store).await? else { return Ok(None) };
    let identity: Identity = enrolment.identity.parse()?;
    Ok(Some(server::load_owner(&opened.directory, &identity)?))
}
