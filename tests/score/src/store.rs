//! The store of the hub: embedded, or a server that is started for the score and ends
//! with it.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use rmd_demo::{network, servers::Postgres};

/// Where the hub keeps the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// Its embedded SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A server that runs while the value lives.
#[derive(Debug)]
pub(crate) struct Server {
    server: Postgres,
}

impl Store {
    /// Starts what the store needs.
    pub(crate) async fn start(self, folder: &Path) -> Result<Option<Server>> {
        if self == Self::Sqlite {
            return Ok(None);
        }
        let server = Postgres::start(folder).await?;
        server.create_database("regional").await?;
        Ok(Some(Server { server }))
    }
}

impl Server {
    /// What the hub is set up with.
    pub(crate) fn store(&self) -> network::Store {
        network::Store {
            public_url: self.server.public_url("regional"),
            password: self.server.password.clone(),
        }
    }
}
