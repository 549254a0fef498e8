//! Opens the hub that `--dir` names, for one command.

use std::path::PathBuf;

use rmd_runtime::{SharedClock, clock::SystemClock};

pub(super) use rmd_runtime::output::instant;

use super::{Failure, Global};
use crate::{config::Config, store::Store};

/// A hub as a command works on it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) dir: PathBuf,
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) clock: SharedClock,
}

/// Configuration, clock and store, with its tables at this program's version.
pub(super) async fn open(global: &Global) -> Result<Opened, Failure> {
    let opened = connect(global).await?;
    opened.store.make_ready().await?;
    Ok(opened)
}

/// The same, whatever the tables' version.
pub(super) async fn connect(global: &Global) -> Result<Opened, Failure> {
    let dir = global.dir();
    let config = Config::load(&dir)?;
    let store = config.connect(&dir).await?;
    let clock = SystemClock::shared(config.clock.day());
    Ok(Opened { dir, config, store, clock })
}
