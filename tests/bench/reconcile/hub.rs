//! A hub on a folder of its own, which reconciles only when it is told to.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use rmd_demo::{
    network::{Process, command},
    servers::{Postgres, free_port},
    wait,
};
use serde_json::Value;

use super::{feed, watched::Watched};

pub(super) const DATABASE: &str = "regional";

/// How often the hub's cursor is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// The hub.
pub(super) struct Hub {
    program: PathBuf,
    folder: PathBuf,
    enrol: String,
    api: String,
}

impl Hub {
    pub(super) fn make(program: &Path, folder: &Path, server: Option<&Postgres>) -> Result<Self> {
        let [enrol, portal, api] =
            [free_port()?, free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
        let hub = Self { program: program.to_owned(), folder: folder.join("hub"), enrol, api };
        let enrol = hub.enrol.clone();
        let mut init = ["init", "--network", feed::NETWORK, "--as-of", "2018-01-01"].to_vec();
        init.extend(["--enrol-listen", &enrol, "--advertise-enrol", &enrol]);
        init.extend(["--portal-listen", &portal]);
        let password = folder.join("hub.password").display().to_string();
        let url = server.map(|server| server.public_url(DATABASE));
        if let (Some(server), Some(url)) = (server, &url) {
            rmd_runtime::files::write_secret(&password, &server.password)?;
            init.extend(["--store-url", url, "--password-file", &password]);
        }
        hub.call(&init)?;
        hub.call(&["migrate"])?;
        Ok(hub)
    }

    pub(super) fn call(&self, arguments: &[&str]) -> Result<Value> {
        command(&self.program, &self.folder, arguments)
    }

    /// The same, watched from outside.
    pub(super) fn watch(&self, arguments: &[&str], server: Option<u32>) -> Result<Watched> {
        Watched::run(&self.program, &self.folder, arguments, server)
    }

    /// Starts it. What it takes in is judged by nobody but us.
    pub(super) async fn start(&self) -> Result<Process> {
        let variables = [
            ("RMD_HUB_API__LISTEN", self.api.clone()),
            ("RMD_HUB_RECONCILE__RUN", "by-hand".to_owned()),
        ];
        let mut process = Process::start("hub", &self.program, &self.folder, &variables)?;
        wait::until("the hub listens for enrolments", || {
            process.check()?;
            Ok(TcpStream::connect(&self.enrol).ok())
        })
        .await?;
        Ok(process)
    }

    /// Until the hub has applied the feed up to a seq.
    pub(super) async fn wait_for(&self, process: &mut Process, seq: u64) -> Result<()> {
        loop {
            let status = self.call(&["status"])?;
            let feeds = status["nodes"][0]["feeds"].as_array().cloned().unwrap_or_default();
            let own = feeds.iter().find(|one| one["feed"] == feed::FEED);
            if own.and_then(|one| one["cursor"].as_u64()).is_some_and(|cursor| cursor >= seq) {
                return Ok(());
            }
            process.check()?;
            tokio::time::sleep(LOOK).await;
        }
    }
}
