//! What the log of a PostgreSQL server says is read, and nothing is let go unread.

use super::super::rehearse::{Play, rehearse};
use super::node::{NO_BRAKE, Node, Watched, eventually};
use crate::mapping::Mapping;
use crate::source::slot::{self, SlotReader};
use crate::source::testing::TestDatabase;
use crate::source::{Kind, Limits, side};

const EARLY: &str = "2017-06-01 08:00:00";

async fn loaded(sites: u32) -> Node {
    let node = Node::new(Kind::Postgres, Watched::Log).await;
    node.add_sites(0, sites, EARLY).await;
    node.pass().await;
    assert_eq!(node.published().await.len(), sites as usize);
    assert_eq!(waiting(&node).await, 0);
    node
}

/// Messages that wait in the slot.
async fn waiting(node: &Node) -> usize {
    let mut slots = SlotReader::new(node.context.source.clone());
    let mut count = 0;
    slots.peek("MineSite", &mut |_: &[u8]| count += 1).await.unwrap();
    count
}

/// The slot of this node's database.
async fn slot(node: &Node) -> Option<String> {
    let sql = "SELECT CAST(slot_name AS text), '' FROM pg_replication_slots \
               WHERE database = current_database()";
    node.rows(sql).await.pop().map(|(name, _)| name)
}

async fn drop_slot(node: &Node) {
    let slot = slot(node).await.unwrap();
    node.execute(&format!("SELECT pg_drop_replication_slot('{slot}')")).await;
}

/// Passes are told, and find every change all the same.
async fn reads_everything_and_says(node: &Node, name: &str, part: &str) {
    node.execute(&format!("UPDATE sites SET nom = '{name}' WHERE code = 'S00001'")).await;
    node.pass().await;
    assert_eq!(node.names().await["S00001"], name);
    let said = node.status("sites").await.last_error.unwrap();
    assert!(said.contains(part), "`{part}` is not in: {said}");
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
    assert_eq!(waiting(node).await, 0);
}

#[tokio::test]
async fn what_the_log_says_is_read_and_not_the_table() {
    let node = loaded(600).await;
    let before = node.status("sites").await.rows_read;
    node.execute("UPDATE sites SET nom = 'New' WHERE code = 'S00007'").await;
    node.execute("DELETE FROM sites WHERE code = 'S00008'").await;
    node.execute("UPDATE sites SET code = 'S00999' WHERE code = 'S00009'").await;
    node.add_sites(700, 701, EARLY).await;
    node.pass().await;
    let names = node.names().await;
    assert_eq!((names["S00007"].as_str(), names.len()), ("New", 600));
    assert!(!names.contains_key("S00008") && names.contains_key("S00700"));
    assert!(!names.contains_key("S00009") && names.contains_key("S00999"));
    assert_eq!(node.status("sites").await.rows_read - before, 3);
    assert_eq!(waiting(&node).await, 0);
    assert!(node.install_log().await.statements.is_empty(), "everything is in place");
}

#[tokio::test]
async fn a_changed_child_of_an_unchanged_parent_is_seen_by_the_log() {
    let node = loaded(3).await;
    let told = async |sql: &str| -> [usize; 2] {
        node.execute(sql).await;
        node.pass().await;
        let sites = node.published().await;
        ["S00001", "S00002"].map(|site| sites[site]["inspection"].as_array().map_or(0, Vec::len))
    };
    let visit =
        format!("INSERT INTO visites VALUES (1, 'S00001', '2017-05-01', 'Vert', '{EARLY}')");
    assert_eq!(told(&visit).await, [1, 0]);
    assert_eq!(told("UPDATE visites SET site = 'S00002' WHERE id = 1").await, [0, 1], "both");
    assert_eq!(told("DELETE FROM visites").await, [0, 0]);
    assert_eq!(told(&visit).await, [1, 0]);
    assert_eq!(told("TRUNCATE visites").await, [0, 0], "everything is read");
}

#[tokio::test]
async fn transactions_that_commit_late_are_read_then() {
    let node = loaded(4).await;
    let mut writers = Vec::new();
    for number in 0..3 {
        let mut writer = node.database.writer().await;
        writer.execute("BEGIN").await;
        let sql = format!("UPDATE sites SET nom = 'Late' WHERE code = 'S0000{number}'");
        writer.execute(&sql).await;
        writers.push(writer);
    }
    node.execute("UPDATE sites SET nom = 'Early' WHERE code = 'S00003'").await;
    node.pass().await;
    assert_eq!(node.names().await["S00003"], "Early");
    for (number, writer) in writers.iter_mut().enumerate().rev() {
        writer.execute("COMMIT").await;
        node.pass().await;
        assert_eq!(node.names().await[&format!("S0000{number}")], "Late");
    }
    assert_eq!((node.size().await, waiting(&node).await), (8, 0));
}

/// A commit that waits for a standby is in the log, and in no snapshot: it stays in the
/// slot until its rows can be seen.
#[tokio::test]
async fn a_commit_that_no_snapshot_sees_yet_is_not_let_go() {
    let database = TestDatabase::logical_alone().await;
    let node = Node::on(database, Kind::Postgres, Watched::Log, Limits::default()).await;
    node.add_sites(0, 3, EARLY).await;
    node.pass().await;
    node.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").await;
    let reload = "SELECT pg_reload_conf()";
    node.execute(reload).await;
    let mut writer = node.database.writer().await;
    let settings = "SELECT setting, '' FROM pg_settings WHERE name = 'synchronous_standby_names'";
    let is_set = async || node.rows(settings).await[0].0 == "nobody";
    eventually("new sessions wait for a standby", is_set).await;
    let waits = async {
        writer.execute("UPDATE sites SET nom = 'Waits' WHERE code = 'S00001'").await;
    };
    let looks = async {
        eventually("the log has it", async || waiting(&node).await > 0).await;
        node.pass().await;
        assert_eq!(node.names().await["S00001"], "Site 1", "nobody sees it yet");
        assert!(waiting(&node).await > 0, "it stays in the slot");
        node.execute("ALTER SYSTEM RESET synchronous_standby_names").await;
        node.execute(reload).await;
    };
    tokio::join!(waits, looks);
    node.pass().await;
    assert_eq!((node.names().await["S00001"].as_str(), waiting(&node).await), ("Waits", 0));
}

/// As after a kill behind the commit of the journal: what the slot says again is known.
#[tokio::test]
async fn what_the_slot_says_twice_is_published_once() {
    let mut node = loaded(2).await;
    node.execute("UPDATE sites SET nom = 'One' WHERE code = 'S00001'").await;
    let before = waiting(&node).await;
    assert!(before > 0);
    // A pass that never comes to let go: it reads all, and nobody looks at the slot.
    node.context.settings.notes = super::super::Notes::LeftAlone;
    node.pass().await;
    assert_eq!((node.names().await["S00001"].as_str(), node.size().await), ("One", 3));
    assert_eq!(waiting(&node).await, before, "it is all there still");
    node.context.settings.notes = super::super::Notes::TakenBack;
    node.pass().await;
    assert_eq!((node.size().await, waiting(&node).await), (3, 0));
    assert_eq!(node.status("sites").await.last_error, None);
}

#[tokio::test]
async fn a_slot_that_is_gone_is_told_and_everything_is_read() {
    let node = loaded(3).await;
    drop_slot(&node).await;
    reads_everything_and_says(&node, "Unseen", "slot is not there").await;
    node.execute("UPDATE sites SET nom = 'Between' WHERE code = 'S00002'").await;
    node.install_log().await;
    node.pass().await;
    assert_eq!(node.names().await["S00002"], "Between", "written before the new slot");
    is_sound(&node, "Seen").await;
}

#[tokio::test]
async fn a_slot_that_somebody_else_moved_is_told_and_everything_is_read() {
    let node = loaded(3).await;
    node.execute("UPDATE sites SET nom = 'Taken' WHERE code = 'S00002'").await;
    let slot = slot(&node).await.unwrap();
    node.execute(&format!("SELECT pg_replication_slot_advance('{slot}', pg_current_wal_lsn())"))
        .await;
    assert_eq!(waiting(&node).await, 0, "the slot says nothing of it");
    reads_everything_and_says(&node, "Unseen", "moved by somebody else").await;
    assert_eq!(node.names().await["S00002"], "Taken");
    node.pass().await;
    is_sound(&node, "Seen").await;
}

#[tokio::test]
async fn a_table_that_left_the_publication_is_told_and_everything_is_read() {
    let node = loaded(3).await;
    node.execute("ALTER PUBLICATION rmd_node_minesite DROP TABLE sites").await;
    reads_everything_and_says(&node, "Unseen", "has not all of sites").await;
    node.install_log().await;
    reads_everything_and_says(&node, "Anew", "made anew").await;
    is_sound(&node, "Seen").await;
    // Away and back between two passes.
    node.execute("ALTER PUBLICATION rmd_node_minesite DROP TABLE sites").await;
    node.execute("UPDATE sites SET nom = 'Away' WHERE code = 'S00002'").await;
    node.execute("ALTER PUBLICATION rmd_node_minesite ADD TABLE sites").await;
    node.pass().await;
    assert_eq!(node.names().await["S00002"], "Away");
    is_sound(&node, "Again").await;
}

#[tokio::test]
async fn a_slot_that_the_server_gave_up_is_told_and_everything_is_read() {
    let database = TestDatabase::logical_alone().await;
    let node = Node::on(database, Kind::Postgres, Watched::Log, Limits::default()).await;
    node.add_sites(0, 3, EARLY).await;
    node.pass().await;
    node.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'").await;
    let mut writer = node.database.writer().await;
    writer.execute("CREATE TABLE bulk (filled text)").await;
    let is_lost = async || {
        let sql = "SELECT CAST(wal_status AS text), '' FROM pg_replication_slots";
        node.rows(sql).await.iter().any(|(status, _)| status == "lost")
    };
    eventually("the slot is lost", async || {
        node.execute("SELECT pg_reload_conf()").await;
        node.execute("INSERT INTO bulk SELECT repeat('x', 1000) FROM generate_series(1, 9000)")
            .await;
        node.execute("SELECT pg_switch_wal()").await;
        node.execute("CHECKPOINT").await;
        is_lost().await
    })
    .await;
    reads_everything_and_says(&node, "Unseen", "given up by the server").await;
    node.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'").await;
    node.execute("SELECT pg_reload_conf()").await;
    node.install_log().await;
    reads_everything_and_says(&node, "Anew", "made anew").await;
    is_sound(&node, "Seen").await;
}

#[tokio::test]
async fn a_table_whose_rows_the_log_does_not_identify_is_refused_by_name() {
    let node = loaded(1).await;
    node.execute("ALTER TABLE visites REPLICA IDENTITY DEFAULT").await;
    let logged = super::super::loggings(&node.context.mapping);
    let mut session = node.context.source.connect().await.unwrap();
    let refused = slot::install(&mut session, &logged).await.unwrap_err().to_string();
    for part in
        ["column site of visites", "ALTER TABLE visites REPLICA IDENTITY FULL", "n'identifie"]
    {
        assert!(refused.contains(part), "{refused}");
    }
    node.pass().await;
    let said = node.status("visites").await.last_error.unwrap();
    assert!(said.contains("replica identity of visites"), "{said}");
}

#[tokio::test]
async fn what_remove_prints_leaves_no_slot_and_no_publication() {
    let node = loaded(2).await;
    for (record, is_left) in [(Some("Lot"), true), (None, false)] {
        let mut session = node.context.source.connect().await.unwrap();
        let script = slot::remove(&mut session, record).await.unwrap();
        side::run(&node.database.admin_source(), &script).await.unwrap();
        assert_eq!(slot(&node).await.is_some(), is_left, "{record:?}");
        let left = node.rows("SELECT CAST(pubname AS text), '' FROM pg_publication").await;
        assert_eq!(!left.is_empty(), is_left, "{record:?}");
    }
    reads_everything_and_says(&node, "After", "slot is not there").await;
}

#[tokio::test]
async fn a_rehearsal_takes_nothing_from_the_slot() {
    let node = loaded(3).await;
    node.execute("UPDATE sites SET nom = 'New' WHERE code = 'S00001'").await;
    let before = waiting(&node).await;
    let play = Play {
        source: node.context.source.clone(),
        mapping: Mapping::clone(&node.context.mapping),
        store: node.context.journal.store(),
        path: &node.journal_file(),
        dir: tempfile::tempdir().unwrap(),
        country: "CD".to_owned(),
        examples: 1,
        limits: NO_BRAKE,
        seals: None,
    };
    let told = rehearse(play).await.unwrap();
    let sites = told.iter().find(|of| of.entity == "MineSite").unwrap();
    assert_eq!((sites.comparison.changed, waiting(&node).await), (1, before));
}

#[tokio::test]
async fn the_log_of_another_kind_of_server_is_refused_in_both_languages() {
    for kind in [Kind::Sqlite, Kind::MySql] {
        let mut node = Node::new(kind, Watched::Triggers).await;
        let text = node.mapping_text().replace("\"triggers\"", "\"log\"");
        node.context.mapping = std::sync::Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
        let (_, result) = super::super::run_once(&node.context).await.swap_remove(0);
        let said = result.unwrap_err().to_string();
        assert!(said.contains("PostgreSQL server") && said.contains("n'en est pas un"), "{said}");
    }
}

#[test]
fn triggers_and_log_in_one_record_type_are_refused() {
    let text = |mode| super::node::mapping(Watched::Triggers).replacen("\"triggers\"", mode, 1);
    assert!(Mapping::parse("mapping.toml", &text("\"triggers\"")).is_ok());
    let said = Mapping::parse("mapping.toml", &text("\"log\"")).unwrap_err().to_string();
    assert!(said.contains("do not go together") && said.contains("ne vont pas"), "{said}");
}

/// What others write must not pile up behind a slot that has nothing for the node.
#[tokio::test]
async fn a_slot_without_news_is_let_go_behind_what_others_write() {
    let node = loaded(2).await;
    let held = async || {
        let sql = "SELECT CAST(pg_current_wal_lsn() - confirmed_flush_lsn AS bigint), '' \
                   FROM pg_replication_slots WHERE database = current_database()";
        node.rows(sql).await[0].0.parse::<i64>().unwrap()
    };
    node.execute("CREATE TABLE other (filled text)").await;
    node.execute("INSERT INTO other SELECT repeat('x', 500) FROM generate_series(1, 9000)").await;
    assert!(held().await > 4 << 20);
    node.pass().await;
    assert!(held().await < 1 << 20);
    is_sound(&node, "Seen").await;
}
