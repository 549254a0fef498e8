//! A private MariaDB server.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    Setup,
    account::{Home, command_as, folder_for, run},
    free_port, install,
    setup::new_password,
    watch::Watched,
};

const USER: &str = "mysql";

/// A running MariaDB server with one database, `national`, and one user, `rmd`.
#[derive(Debug)]
pub struct MariaDb {
    _server: Watched,
    /// Loopback port.
    pub port: u16,
    /// Password of `rmd`; empty on a disposable server, which asks for none.
    pub password: String,
}

impl MariaDb {
    /// Makes a data directory below `folder` and starts a server; installs it if it is missing.
    pub async fn start(folder: &Path) -> Result<Self> {
        let setup = Setup::kept_in(folder);
        tokio::task::spawn_blocking(move || Self::launch(&setup)).await?
    }

    /// Makes a data directory, starts a server, and blocks until it is ready.
    pub fn launch(setup: &Setup) -> Result<Self> {
        let program = install::mariadb_server()?;
        let mut home = Home::make(setup, USER, "mariadb")?;
        // Servers that start at the same time must not share temporary files.
        let temporary = folder_for(USER, &home.folder, "mariadb-tmp")?;
        run(command_as(USER, Path::new("/usr/bin/mariadb-install-db"))
            .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
            .arg("--auth-root-authentication-method=normal")
            .arg(format!("--datadir={}", home.data.display()))
            .arg(format!("--tmpdir={}", temporary.display())))?;
        let password = if setup.is_disposable { String::new() } else { new_password() };
        let init = write_init(&home, &password)?;
        let port = free_port()?;
        let mut command = command_as(USER, &program);
        command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
        command.arg(format!("--datadir={}", home.data.display()));
        command.arg(format!("--tmpdir={}", temporary.display()));
        command.arg(format!("--socket={}", home.data.join("server.sock").display()));
        command.arg(format!("--pid-file={}", home.data.join("server.pid").display()));
        command.arg(format!("--init-file={}", init.display())).arg(format!("--port={port}"));
        if setup.is_disposable {
            command.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]);
        }
        secure(&mut command, setup, &home)?;
        command.args(setup.settings.iter().map(|setting| format!("--{setting}")));
        let log = home.folder.join("mariadb.log");
        let server =
            Watched::start(&command, "KILL", &mut home, port, &log).context("start MariaDB")?;
        fs::remove_file(init)?;
        Ok(Self { _server: server, port, password })
    }

    /// URL of a database, with the password in it: for this process alone.
    pub fn url(&self, database: &str) -> String {
        match self.password.as_str() {
            "" => self.public_url(database),
            word => format!("mysql://rmd:{word}@127.0.0.1:{}/{database}", self.port),
        }
    }

    /// URL of a database without the password, for a configuration file.
    pub fn public_url(&self, database: &str) -> String {
        format!("mysql://rmd@127.0.0.1:{}/{database}", self.port)
    }
}

/// What the server does before it is ready: the database, and its user.
fn write_init(home: &Home, password: &str) -> Result<PathBuf> {
    let init = home.data.join("init.sql");
    fs::write(
        &init,
        format!(
            "CREATE DATABASE IF NOT EXISTS national CHARACTER SET utf8mb4;\n\
             CREATE USER IF NOT EXISTS rmd@'127.0.0.1' IDENTIFIED BY '{password}';\n\
             GRANT ALL ON *.* TO rmd@'127.0.0.1' WITH GRANT OPTION;\n"
        ),
    )?;
    fs::set_permissions(&init, fs::Permissions::from_mode(0o644))?;
    Ok(init)
}

fn secure(command: &mut Command, setup: &Setup, home: &Home) -> Result<()> {
    let Some(certificate) = &setup.certificate else { return Ok(()) };
    let (certificate, key) = home.certificate(USER, certificate)?;
    command.arg(format!("--ssl-cert={}", certificate.display()));
    command.arg(format!("--ssl-key={}", key.display()));
    Ok(())
}
