//! A private PostgreSQL server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, bail};

use super::{Server, command_as, folder_for, free_port, install, new_password, run};

const USER: &str = "postgres";

/// A running PostgreSQL server with one superuser, `rmd`.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    programs: PathBuf,
    /// Loopback port.
    pub port: u16,
    /// Password of `rmd`.
    pub password: String,
}

impl Postgres {
    /// Makes a cluster below `folder` and starts it; installs the server if it is missing.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// The same with settings of its own, as `wal_level=logical`.
    pub async fn start_with(folder: &Path, settings: &[&str]) -> Result<Self> {
        let programs = install::postgres_programs()?;
        let data = folder_for(USER, folder, "postgres")?;
        let password = new_password();
        let password_file = data.with_extension("password");
        fs::write(&password_file, &password)?;
        run(std::process::Command::new("chmod").arg("644").arg(&password_file))?;
        run(command_as(USER, &programs.join("initdb"))
            .args(["--username=rmd", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"])
            .arg(format!("--pwfile={}", password_file.display()))
            .arg(format!("--pgdata={}", data.display()))
            .current_dir("/"))?;
        fs::remove_file(&password_file)?;

        let port = free_port()?;
        let log = fs::File::create(folder.join("postgres.log"))?;
        let child = command_as(USER, &programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "max_connections=200"])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start postgres")?;
        let mut started = Self { server: Server { child }, programs, port, password };
        started.wait(&folder.join("postgres.log")).await?;
        Ok(started)
    }

    /// URL of a database, with the password in it: for this process alone.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://rmd:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// URL of a database without the password, for a configuration file.
    pub fn public_url(&self, database: &str) -> String {
        format!("postgres://rmd@127.0.0.1:{}/{database}", self.port)
    }

    /// A program of the same installation, as `psql`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Makes a database.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE \"{name}\"")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }

    async fn wait(&mut self, log: &Path) -> Result<()> {
        use sqlx::{Connection as _, PgConnection};
        for _ in 0..600 {
            if PgConnection::connect(&self.url("postgres")).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.server.child.try_wait()? {
                bail!("postgres ended with {status}: {}", fs::read_to_string(log)?.trim());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        bail!("postgres took longer than a minute to accept a connection")
    }
}
