//! Servers end in every way in which their value ends, and what is missing is named.

use std::{
    net::{Ipv4Addr, TcpStream},
    panic,
};

use sqlx::{Connection as _, MySqlConnection, PgConnection};

use super::*;
use crate::install::install;

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[test]
fn a_server_ends_with_its_value_and_leaves_its_folder_to_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::launch(&Setup::kept_in(folder.path())).unwrap();
    let port = server.port;
    assert!(answers(port));
    drop(server);
    assert!(!answers(port));
    assert!(folder.path().join("postgres.log").is_file());
}

#[test]
fn servers_end_with_a_thread_that_panics() {
    let postgres = Postgres::launch(&Setup::disposable()).unwrap();
    let mariadb = MariaDb::launch(&Setup::disposable()).unwrap();
    let ports = [postgres.port, mariadb.port];
    assert!(ports.into_iter().all(answers));
    let fallen = panic::catch_unwind(panic::AssertUnwindSafe(move || {
        let _held = (postgres, mariadb);
        panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(fallen.is_err());
    assert!(!ports.into_iter().any(answers));
}

#[tokio::test]
async fn a_kept_server_asks_for_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(folder.path()).await.unwrap();
    postgres.create_database("national").await.unwrap();
    assert!(PgConnection::connect(&postgres.url("national")).await.is_ok());
    assert!(PgConnection::connect(&postgres.public_url("national")).await.is_err());
    let mariadb = MariaDb::start(folder.path()).await.unwrap();
    assert!(MySqlConnection::connect(&mariadb.url("national")).await.is_ok());
    assert!(MySqlConnection::connect(&mariadb.public_url("national")).await.is_err());
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let setup = Setup::disposable().with(&["no_such_setting=1"]);
    let error = format!("{:#}", Postgres::launch(&setup).unwrap_err());
    assert!(error.contains("no_such_setting"), "{error}");
}

#[test]
fn what_cannot_be_installed_is_named_with_its_command() {
    let error = install("postgresql", false).unwrap_err().to_string();
    assert!(error.contains("apt-get install --yes --no-install-recommends postgresql"), "{error}");
}
