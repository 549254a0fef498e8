//! A private PostgreSQL server.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    Setup,
    account::{Home, command_as, run},
    free_port, install,
    setup::new_password,
    watch::Watched,
};

const USER: &str = "postgres";

/// A running PostgreSQL server with one superuser, `rmd`.
#[derive(Debug)]
pub struct Postgres {
    _server: Watched,
    programs: PathBuf,
    /// Loopback port.
    pub port: u16,
    /// Password of `rmd`; empty on a disposable server, which asks for none.
    pub password: String,
}

impl Postgres {
    /// Makes a cluster below `folder` and starts it; installs the server if it is missing.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// The same with settings of its own, as `wal_level=logical`.
    pub async fn start_with(folder: &Path, settings: &[&str]) -> Result<Self> {
        let setup = Setup::kept_in(folder).with(settings);
        tokio::task::spawn_blocking(move || Self::launch(&setup)).await?
    }

    /// Makes a cluster and starts it, and blocks until it is ready.
    pub fn launch(setup: &Setup) -> Result<Self> {
        let programs = install::postgres_programs()?;
        let mut home = Home::make(setup, USER, "postgres")?;
        let password = if setup.is_disposable { String::new() } else { new_password() };
        initialise(&programs, &home, &password)?;
        configure(&home, &setup.settings)?;
        let port = free_port()?;
        let mut command = command_as(USER, &programs.join("postgres"));
        command.arg("-D").arg(&home.data).args(["-p", &port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        command.args(["-c", "max_connections=200"]);
        if setup.is_disposable {
            command.args(["-c", "fsync=off"]);
        }
        if let Some(certificate) = &setup.certificate {
            let (certificate, key) = home.certificate(USER, certificate)?;
            command.args(["-c", "ssl=on"]);
            command.arg("-c").arg(format!("ssl_cert_file={}", certificate.display()));
            command.arg("-c").arg(format!("ssl_key_file={}", key.display()));
        }
        let log = home.folder.join("postgres.log");
        // Its children share memory that a kill of their parent alone would leave behind.
        let server =
            Watched::start(&command, "QUIT", &mut home, port, &log).context("start PostgreSQL")?;
        Ok(Self { _server: server, programs, port, password })
    }

    /// URL of a database, with the password in it: for this process alone.
    pub fn url(&self, database: &str) -> String {
        match self.password.as_str() {
            "" => self.public_url(database),
            word => format!("postgres://rmd:{word}@127.0.0.1:{}/{database}", self.port),
        }
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
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let create = AssertSqlSafe(format!("CREATE DATABASE \"{name}\""));
        sqlx::query(create).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}

/// Writes settings where ALTER SYSTEM can change them; an argument it could not.
fn configure(home: &Home, settings: &[String]) -> Result<()> {
    let mut file = OpenOptions::new().append(true).open(home.data.join("postgresql.conf"))?;
    for setting in settings {
        let (name, value) = setting.split_once('=').context("a setting is NAME=VALUE")?;
        writeln!(file, "{name} = '{value}'")?;
    }
    Ok(())
}

/// Makes the cluster; without a password, whoever reaches the port is let in.
fn initialise(programs: &Path, home: &Home, password: &str) -> Result<()> {
    let mut command = command_as(USER, &programs.join("initdb"));
    command.args(["--username=rmd", "--encoding=UTF8", "--locale=C.UTF-8"]);
    command.arg(format!("--pgdata={}", home.data.display()));
    if password.is_empty() {
        return run(command.args(["--auth=trust", "--no-sync"]));
    }
    let file = home.data.with_extension("password");
    fs::write(&file, password)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
    command.arg("--auth=scram-sha-256").arg(format!("--pwfile={}", file.display()));
    let made = run(&mut command);
    fs::remove_file(&file)?;
    made
}
