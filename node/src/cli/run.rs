//! `rmd-node run`: the node, until it is told to end.

use std::process::ExitCode;

use rmd_runtime::{clock::SystemClock, lifecycle::Lifecycle, telemetry};
use serde::Serialize;

use super::{Failure, Global};
use crate::{
    config::{Config, Directory},
    server::Server,
};

#[derive(Debug, Serialize)]
struct Bound {
    listening: String,
    /// None while the API is off.
    api: Option<String>,
    pid: u32,
}

pub(super) async fn run(global: &Global) -> Result<ExitCode, Failure> {
    let directory = Directory::existing(global.dir())?;
    let config = Config::load(&directory)?;
    telemetry::init(config.log.filter.as_deref());
    let lifecycle = Lifecycle::new(config.serve.grace);
    let clock = SystemClock::shared(config.clock.as_of);
    let server = Server::bind(directory, config, clock).await?;
    let listening = Bound {
        listening: server.local_addr().to_string(),
        api: server.api_addr().map(|address| address.to_string()),
        pid: std::process::id(),
    };
    global.format().print(&listening, |listening| {
        format!("listening on · à l'écoute sur {} (pid {})", listening.listening, listening.pid)
    })?;
    server.start(&lifecycle.handle());
    Ok(lifecycle.run_until_signal().await)
}
