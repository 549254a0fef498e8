//! Stores for tests: SQLite in a temporary file, and PostgreSQL, really.
//!
//! A test is a function over a [`Store`] and runs on both. One PostgreSQL server
//! serves all tests of the process, each with a database of its own.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use rmd_servers::{Postgres, Setup};

use super::{Store, sqlite_url};

/// Runs a test on a fresh, migrated store of each kind.
pub(crate) async fn on_each_store(test: impl AsyncFn(Store)) {
    let (store, _file) = sqlite().await;
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;
    let store = postgres().await;
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;
}

/// An empty SQLite store, gone with the folder.
pub(crate) async fn sqlite() -> (Store, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::connect(&sqlite_url(&dir.path().join("hub.sqlite")), None).await.unwrap();
    (store, dir)
}

/// An empty database on the PostgreSQL server of this process.
pub(crate) async fn postgres() -> Store {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let (server, number) = (server(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let name = format!("hub_{number}");
    server.create_database(&name).await.unwrap();
    Store::connect(&server.url(&name), None).await.unwrap()
}

/// The PostgreSQL server of this process, which it does not outlive.
fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::launch(&Setup::disposable()).expect("PostgreSQL starts"))
}
