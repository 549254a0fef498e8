//! Triggers that are missing, and rights that are: told, and everything is read.

use super::super::{run_once, sweep_once};
use super::KINDS;
use super::node::{Node, Watched};
use crate::source::Kind;
use crate::source::side;

const EARLY: &str = "2017-06-01 08:00:00";

async fn loaded(kind: Kind) -> Node {
    let node = Node::new(kind, Watched::Triggers).await;
    node.add_sites(0, 3, EARLY).await;
    node.pass().await;
    node
}

/// Passes are told, and find every change all the same.
async fn reads_everything_and_says(node: &Node, name: &str, parts: &[&str]) {
    node.execute(&format!("UPDATE sites SET nom = '{name}' WHERE code = 'S00001'")).await;
    node.pass().await;
    assert_eq!(node.names().await["S00001"], name);
    let said = node.status("sites").await.last_error.unwrap();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(said.contains("capture install") && said.contains("chaque passage"), "{said}");
    assert_eq!(node.status("periodes").await.last_error, None);
}

/// Nothing is told, and a change costs its own rows alone.
async fn is_sound(node: &Node, name: &str) {
    node.pass().await;
    assert_eq!(node.status("sites").await.last_error, None);
    let before = node.status("sites").await.rows_read;
    node.execute(&format!("UPDATE sites SET nom = '{name}' WHERE code = 'S00001'")).await;
    node.pass().await;
    assert_eq!(node.names().await["S00001"], name);
    assert_eq!(node.status("sites").await.rows_read - before, 1);
    assert_eq!(node.waiting().await, 0);
}

/// The triggers of a table, by the catalogue.
async fn triggers(node: &Node, kind: Kind, table: &str) -> Vec<String> {
    let sql = match kind {
        Kind::Sqlite => "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        Kind::Postgres => {
            "SELECT CAST(tgrelid::regclass AS text), CAST(tgname AS text) FROM pg_trigger WHERE NOT tgisinternal"
        }
        Kind::MySql => {
            "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        }
    };
    let rows = node.rows(sql).await;
    rows.into_iter().filter(|(of, _)| of == table).map(|(_, name)| name).collect()
}

async fn drop_trigger(node: &Node, kind: Kind, table: &str, name: &str) {
    let on = if kind == Kind::Postgres { format!(" ON {table}") } else { String::new() };
    node.execute(&format!("DROP TRIGGER {}{on}", quoted(kind, name))).await;
}

async fn drop_all(node: &Node, kind: Kind, table: &str) {
    for name in triggers(node, kind, table).await {
        drop_trigger(node, kind, table, &name).await;
    }
}

fn quoted(kind: Kind, name: &str) -> String {
    if kind == Kind::MySql { format!("`{name}`") } else { format!("\"{name}\"") }
}

#[tokio::test]
async fn a_missing_trigger_is_told_and_everything_is_read() {
    for kind in KINDS {
        let node = loaded(kind).await;
        let name = triggers(&node, kind, "sites").await.pop().unwrap();
        drop_trigger(&node, kind, "sites", &name).await;
        reads_everything_and_says(&node, "Unseen", &["triggers of sites", &name]).await;
        node.install().await;
        is_sound(&node, "Seen").await;
    }
}

#[tokio::test]
async fn a_trigger_that_was_away_between_two_passes_is_followed_by_a_full_reading() {
    for kind in KINDS {
        let node = loaded(kind).await;
        drop_all(&node, kind, "sites").await;
        node.execute("UPDATE sites SET nom = 'Unseen' WHERE code = 'S00001'").await;
        node.install().await;
        node.pass().await;
        assert_eq!(node.status("sites").await.last_error, None, "{kind:?}");
        assert_eq!(node.names().await["S00001"], "Unseen", "{kind:?}");
        is_sound(&node, "Seen").await;
    }
}

#[tokio::test]
async fn a_trigger_that_is_switched_off_is_told() {
    let node = loaded(Kind::Postgres).await;
    node.execute("ALTER TABLE sites DISABLE TRIGGER USER").await;
    reads_everything_and_says(&node, "Unseen", &["triggers of sites", "switched off"]).await;
    node.execute("ALTER TABLE sites ENABLE TRIGGER USER").await;
    is_sound(&node, "Seen").await;
}

#[tokio::test]
async fn a_side_table_that_is_gone_is_told_and_everything_is_read() {
    for kind in KINDS {
        let node = loaded(kind).await;
        // The triggers go first, or the ministry's own writing would fail.
        for table in ["sites", "visites"] {
            drop_all(&node, kind, table).await;
        }
        node.execute("DROP TABLE rmd_changed").await;
        let parts = ["side table rmd_changed cannot be used", "table auxiliaire"];
        reads_everything_and_says(&node, "Unseen", &parts).await;
        node.install().await;
        is_sound(&node, "Seen").await;
    }
}

#[tokio::test]
async fn a_right_that_is_lost_is_told_and_everything_is_read() {
    for kind in [Kind::Postgres, Kind::MySql] {
        for right in ["SELECT", "DELETE"] {
            let node = loaded(kind).await;
            node.database.take(right, "rmd_changed").await;
            let parts = ["side table rmd_changed cannot be used", "denied"];
            reads_everything_and_says(&node, "Unseen", &parts).await;
            let size = node.size().await;
            node.pass().await;
            assert_eq!(
                node.size().await,
                size,
                "{kind:?} {right}: what is read again is no change"
            );
            node.database.give(right, "rmd_changed").await;
            node.pass().await;
            is_sound(&node, "Seen").await;
        }
    }
}

#[tokio::test]
async fn what_remove_prints_leaves_nothing_behind() {
    for kind in KINDS {
        let node = loaded(kind).await;
        let mut session = node.context.source.connect().await.unwrap();
        let script = side::remove(&mut session, None, &[]).await.unwrap();
        side::run(&node.database.admin_source(), &script).await.unwrap();
        for table in ["sites", "visites"] {
            assert!(triggers(&node, kind, table).await.is_empty(), "{kind:?}");
        }
        // The ministry goes on writing, the node goes on reading, and says what it lacks.
        let parts = ["side table rmd_changed cannot be used"];
        reads_everything_and_says(&node, "After", &parts).await;
        assert!(sweep_once(&node.context).await.iter().all(|(_, result)| result.is_ok()));
    }
}

#[tokio::test]
async fn what_remove_prints_for_another_record_type_takes_nothing_away() {
    for kind in KINDS {
        let node = loaded(kind).await;
        let mut session = node.context.source.connect().await.unwrap();
        let script = side::remove(&mut session, Some("Lot"), &[]).await.unwrap();
        side::run(&node.database.admin_source(), &script).await.unwrap();
        is_sound(&node, "Seen").await;
        assert!(run_once(&node.context).await.iter().all(|(_, result)| result.is_ok()));
    }
}
