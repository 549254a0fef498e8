//! A private MariaDB server.

use std::{fs, path::Path, process::Stdio};

use anyhow::{Context as _, Result, bail};

use super::{Server, command_as, folder_for, free_port, install, new_password, run};

const USER: &str = "mysql";

/// A running MariaDB server with one database, `national`, and one user, `rmd`.
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
    /// Loopback port.
    pub port: u16,
    /// Password of `rmd`.
    pub password: String,
}

impl MariaDb {
    /// Makes a data directory below `folder` and starts a server; installs it if it is missing.
    pub async fn start(folder: &Path) -> Result<Self> {
        let program = install::mariadb_server()?;
        let data = folder_for(USER, folder, "mariadb")?;
        run(command_as(USER, Path::new("/usr/bin/mariadb-install-db"))
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"])
            .arg(format!("--datadir={}", data.display()))
            .current_dir("/"))?;
        let password = new_password();
        let init = data.join("init.sql");
        fs::write(
            &init,
            format!(
                "CREATE DATABASE IF NOT EXISTS national CHARACTER SET utf8mb4;\n\
                 CREATE USER IF NOT EXISTS rmd@'127.0.0.1' IDENTIFIED BY '{password}';\n\
                 GRANT ALL ON *.* TO rmd@'127.0.0.1' WITH GRANT OPTION;\n"
            ),
        )?;
        run(std::process::Command::new("chmod").arg("644").arg(&init))?;

        let port = free_port()?;
        let log = fs::File::create(folder.join("mariadb.log"))?;
        let child = command_as(USER, &program)
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", data.join("server.sock").display()))
            .arg(format!("--pid-file={}", data.join("server.pid").display()))
            .arg(format!("--port={port}"))
            .arg(format!("--init-file={}", init.display()))
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve"])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start mariadbd")?;
        let mut started = Self { server: Server { child }, port, password };
        started.wait(&folder.join("mariadb.log")).await?;
        fs::remove_file(init)?;
        Ok(started)
    }

    /// URL of a database, with the password in it: for this process alone.
    pub fn url(&self, database: &str) -> String {
        format!("mysql://rmd:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// URL of a database without the password, for a configuration file.
    pub fn public_url(&self, database: &str) -> String {
        format!("mysql://rmd@127.0.0.1:{}/{database}", self.port)
    }

    async fn wait(&mut self, log: &Path) -> Result<()> {
        use sqlx::{Connection as _, MySqlConnection};
        for _ in 0..600 {
            if MySqlConnection::connect(&self.url("national")).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.server.child.try_wait()? {
                bail!("mariadbd ended with {status}: {}", fs::read_to_string(log)?.trim());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        bail!("mariadbd took longer than a minute to accept a connection")
    }
}
