//! Triggers from the command line: shown first, run only when told so.

use std::fs;

use rmd_runtime::exit;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{MAPPING, World};

impl World {
    async fn source(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path("mines.sqlite"));
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Names in the national database that are of triggers or of the side table.
    async fn ours(&self) -> i64 {
        let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'rmd_changed%'";
        sqlx::query_scalar(sql).fetch_one(&mut self.source().await).await.unwrap()
    }
}

#[tokio::test]
async fn triggers_are_installed_and_removed_only_when_told_so() {
    let world = World::new().await;
    let mapping = MAPPING.replace("mode = \"diff\"", "mode = \"triggers\"\nkey = \"code\"");
    fs::write(world.path("mines.toml"), mapping).unwrap();
    assert_eq!(world.init().await, exit::OK);
    let url = format!("sqlite:{}", world.path("mines.sqlite"));
    let run = ["--yes", "--url", &url];

    assert_eq!(world.call(&["capture", "install"]).await, exit::OK);
    assert_eq!(world.ours().await, 0, "what is shown is not run");
    let install = [["capture", "install"].as_slice(), &run].concat();
    assert_eq!(world.call(&install).await, exit::OK);
    let installed = world.ours().await;
    assert_eq!(installed, 5, "a table, its index and three triggers");
    assert_eq!(world.call(&install).await, exit::OK, "once more changes nothing");
    assert_eq!(world.ours().await, installed);

    let other = [["capture", "remove", "--record", "Lot"].as_slice(), &run].concat();
    assert_eq!(world.call(&other).await, exit::OK);
    assert_eq!(world.call(&["capture", "remove"]).await, exit::OK);
    assert_eq!(world.ours().await, installed, "neither takes anything away");
    let remove = [["capture", "remove"].as_slice(), &run].concat();
    assert_eq!(world.call(&remove).await, exit::OK);
    assert_eq!(world.ours().await, 0);
}

#[tokio::test]
async fn what_a_capture_command_lacks_is_bad_usage() {
    let world = World::new().await;
    assert_eq!(world.call(&["capture", "install"]).await, exit::NOT_FOUND);
    assert_eq!(world.init().await, exit::OK);
    // No table of the mapping is watched by triggers.
    assert_eq!(world.call(&["capture", "install"]).await, exit::USAGE);
    let other_kind = ["capture", "remove", "--yes", "--url", "mysql://root@127.0.0.1:1/x"];
    assert_eq!(world.call(&other_kind).await, exit::USAGE);
    assert_eq!(world.call(&["capture", "remove", "--record", "Sites"]).await, exit::USAGE);
}
