//! `rmd-hub run`: the server, until it is told to end.

use std::process::ExitCode;

use rmd_runtime::{Lifecycle, clock::SystemClock, telemetry};

use super::{Failure, Global};
use crate::{config::Config, server::Server};

pub(super) async fn run(global: &Global) -> Result<ExitCode, Failure> {
    let dir = global.dir();
    let config = Config::load(&dir)?;
    telemetry::init(Some(&config.log.filter));
    let lifecycle = Lifecycle::new(config.run.grace);
    let clock = SystemClock::shared(config.clock.day());
    let server = Server::bind(&dir, config, clock).await?;
    server.start(&lifecycle.handle())?;
    Ok(lifecycle.run_until_signal().await)
}
