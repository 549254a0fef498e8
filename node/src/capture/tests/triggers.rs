//! What triggers note is read, and nothing that was added since is taken back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::rehearse::{Play, rehearse};
use super::super::{run, run_once};
use super::KINDS;
use super::node::{NO_BRAKE, Node, Watched, eventually, site};
use crate::mapping::Mapping;
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";

async fn loaded(kind: Kind, sites: u32) -> Node {
    let node = Node::new(kind, Watched::Triggers).await;
    node.add_sites(0, sites, EARLY).await;
    node.pass().await;
    assert_eq!(node.published().await.len(), sites as usize, "{kind:?}");
    assert_eq!(node.waiting().await, 0, "{kind:?}");
    node
}

#[tokio::test]
async fn a_second_installation_finds_everything_in_place() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Triggers).await;
        let script = node.install().await;
        assert!(script.statements.is_empty(), "{kind:?}: {:?}", script.statements);
    }
}

#[tokio::test]
async fn what_changed_is_read_and_not_the_table() {
    for kind in KINDS {
        let node = loaded(kind, 600).await;
        let before = node.status("sites").await.rows_read;
        node.execute("UPDATE sites SET nom = 'New' WHERE code = 'S00007'").await;
        node.execute("DELETE FROM sites WHERE code = 'S00008'").await;
        node.add_sites(700, 701, EARLY).await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!((names["S00007"].as_str(), names.len()), ("New", 600), "{kind:?}");
        assert!(!names.contains_key("S00008") && names.contains_key("S00700"), "{kind:?}");
        assert_eq!(node.status("sites").await.rows_read - before, 2, "{kind:?}");
        assert_eq!((node.size().await, node.waiting().await), (603, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_key_that_changes_ends_the_old_record() {
    for kind in KINDS {
        let node = loaded(kind, 2).await;
        node.execute("UPDATE sites SET code = 'S00009' WHERE code = 'S00001'").await;
        node.pass().await;
        assert_eq!(node.names().await.keys().collect::<Vec<_>>(), ["S00000", "S00009"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_changed_child_of_an_unchanged_parent_is_seen_by_triggers() {
    for kind in KINDS {
        let node = loaded(kind, 3).await;
        let results = async |site: &str| {
            let sites = node.published().await;
            let visits = sites[site]["inspection"].as_array().cloned().unwrap_or_default();
            visits.iter().map(|v| v["inspection_result"].as_str().unwrap().to_owned()).collect()
        };
        let told = async |sql: &str| -> [Vec<String>; 2] {
            node.execute(sql).await;
            node.pass().await;
            [results("S00001").await, results("S00002").await]
        };
        let nothing = Vec::<String>::new;
        let visit =
            format!("INSERT INTO visites VALUES (1, 'S00001', '2017-05-01', 'Vert', '{EARLY}')");
        assert_eq!(told(&visit).await, [vec!["green".to_owned()], nothing()], "{kind:?}");
        let sql = "UPDATE visites SET resultat = 'Rouge' WHERE id = 1";
        assert_eq!(told(sql).await, [vec!["red".to_owned()], nothing()], "{kind:?}");
        let sql = "UPDATE visites SET site = 'S00002' WHERE id = 1";
        assert_eq!(told(sql).await, [nothing(), vec!["red".to_owned()]], "{kind:?}: both parents");
        assert_eq!(told("DELETE FROM visites").await, [nothing(), nothing()], "{kind:?}");
    }
}

/// SymmetricDS: ids committed out of order leave a gap that is taken for stale.
#[tokio::test]
async fn ids_committed_out_of_order_are_not_skipped() {
    for kind in [Kind::Postgres, Kind::MySql] {
        let node = loaded(kind, 4).await;
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
        assert_eq!(node.names().await["S00003"], "Early", "{kind:?}");
        // The newest transaction commits first, with passes between.
        for (number, writer) in writers.iter_mut().enumerate().rev() {
            writer.execute("COMMIT").await;
            node.pass().await;
            assert_eq!(node.names().await[&format!("S0000{number}")], "Late", "{kind:?}");
        }
        assert_eq!((node.size().await, node.waiting().await), (8, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_change_between_reading_and_confirming_is_not_lost() {
    for kind in KINDS {
        let node = loaded(kind, 2).await;
        node.execute("UPDATE sites SET nom = 'One' WHERE code = 'S00001'").await;
        let mut session = node.context.source.connect().await.unwrap();
        session.begin().await.unwrap();
        let seen = session.noted("MineSite", &["sites", "visites"], 500).await.unwrap();
        session.end().await.unwrap();
        assert_eq!(seen.len(), 1, "{kind:?}");
        // The same row again, and another one, before what was seen is taken back.
        node.execute("UPDATE sites SET nom = 'Two' WHERE code = 'S00001'").await;
        node.execute("UPDATE sites SET nom = 'Two' WHERE code = 'S00000'").await;
        let mut eraser = crate::source::side::Eraser::new(node.context.source.clone());
        eraser.erase("MineSite", &seen).await.unwrap();
        assert_eq!(node.waiting().await, 2, "{kind:?}");
        // Once more, as after a lost answer: nothing else goes.
        eraser.erase("MineSite", &seen).await.unwrap();
        assert_eq!(node.waiting().await, 2, "{kind:?}");
        node.pass().await;
        let names = node.names().await;
        assert_eq!(
            (names["S00000"].as_str(), names["S00001"].as_str()),
            ("Two", "Two"),
            "{kind:?}"
        );
    }
}

/// An SQLite file has one writer: while the ministry's is at work, what was noted
/// before is published, and taken back later.
#[tokio::test]
async fn a_long_transaction_in_a_file_holds_up_no_record() {
    let node = loaded(Kind::Sqlite, 3).await;
    node.execute("UPDATE sites SET nom = 'Before' WHERE code = 'S00001'").await;
    let mut late = node.database.writer().await;
    late.execute("BEGIN IMMEDIATE").await;
    late.execute("UPDATE sites SET nom = 'Late' WHERE code = 'S00002'").await;
    node.pass().await;
    assert_eq!(node.names().await["S00001"], "Before");
    assert_eq!(node.status("sites").await.last_error, None);
    late.execute("COMMIT").await;
    node.pass().await;
    assert_eq!(node.names().await["S00002"], "Late");
    assert_eq!((node.size().await, node.waiting().await), (5, 0));
}

/// The ministry's software goes on writing, in transactions of several rows that
/// last over passes, while the node looks.
#[tokio::test]
async fn busy_writers_lose_no_row_and_are_not_held_up() {
    for kind in KINDS {
        let mut node = Node::new(kind, Watched::Triggers).await;
        node.context.settings.triggers_interval = Duration::from_millis(1);
        let node = node;
        let stop = node.context.shutdown.clone();
        let writers = async {
            write_all(&node, kind).await;
            let all = async || is_whole(&node).await;
            eventually("every row is published as it is", all).await;
            eventually("nothing waits", async || node.waiting().await == 0).await;
            stop.cancel();
        };
        tokio::join!(run(node.context.clone()), writers);
    }
}

/// One writer at a time where the database has but one.
async fn write_all(node: &Node, kind: Kind) {
    if kind == Kind::Sqlite {
        write(node, 0..60).await;
    } else {
        tokio::join!(write(node, 0..20), write(node, 20..40), write(node, 40..60));
    }
}

async fn is_whole(node: &Node) -> bool {
    let names = node.names().await;
    names.len() == 60 && names.values().all(|name| name == "Last")
}

async fn write(node: &Node, numbers: std::ops::Range<u32>) {
    let mut writer = node.database.writer().await;
    for number in numbers {
        writer.execute("BEGIN").await;
        writer.execute(&format!("INSERT INTO sites VALUES {}", site(number, EARLY))).await;
        for name in ["First", "Last"] {
            let sql = format!("UPDATE sites SET nom = '{name}' WHERE code = 'S{number:05}'");
            writer.execute(&sql).await;
        }
        writer.execute("COMMIT").await;
    }
}

#[tokio::test]
async fn a_change_is_published_long_before_the_next_pass() {
    for kind in KINDS {
        let mut node = loaded(kind, 1).await;
        node.context.settings.interval = Duration::from_mins(10);
        node.context.settings.triggers_interval = Duration::from_millis(20);
        let node = node;
        let stop = node.context.shutdown.clone();
        let passes = async || node.status("sites").await.passes;
        let change = async {
            eventually("the first pass is over", async || passes().await == 2).await;
            let began = Instant::now();
            node.execute("UPDATE sites SET nom = 'Now' WHERE code = 'S00000'").await;
            eventually("it is there", async || node.names().await["S00000"] == "Now").await;
            stop.cancel();
            began.elapsed()
        };
        let (took, ()) = tokio::join!(change, run(node.context.clone()));
        assert!(took < Duration::from_secs(5), "{kind:?}: {took:?}");
    }
}

/// SymmetricDS batches: one bad row blocks all behind it.
#[tokio::test]
async fn one_bad_row_blocks_nothing_behind_it() {
    for kind in KINDS {
        let node = loaded(kind, 3).await;
        node.execute("UPDATE sites SET statut = 'Violet' WHERE code = 'S00000'").await;
        node.execute("UPDATE sites SET nom = 'Behind' WHERE code = 'S00001'").await;
        node.pass().await;
        assert_eq!(node.names().await["S00001"], "Behind", "{kind:?}");
        assert_eq!(node.quarantine().await.len(), 1, "{kind:?}");
        assert_eq!(node.waiting().await, 0, "{kind:?}: nothing is tried for ever");
        node.execute("UPDATE sites SET statut = 'Vert', nom = 'Good' WHERE code = 'S00000'").await;
        node.pass().await;
        assert_eq!(
            (node.names().await["S00000"].as_str(), node.quarantine().await.len()),
            ("Good", 0)
        );
    }
}

/// A value that stops the whole query, as a cast does: no other row waits for it.
#[tokio::test]
async fn a_row_that_stops_the_query_is_refused_and_blocks_nothing() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let node = Node::new(kind, Watched::Diff).await;
        let (number, text) = match kind {
            Kind::Sqlite => ("json_extract(s.nom, '$')", "CAST(%s AS TEXT)"),
            _ => ("CAST(s.nom AS INTEGER)", "%s::text"),
        };
        let name = format!("{} AS \"site_name\"", text.replace("%s", number));
        let text = node.mapping_text().replace("s.nom AS \"site_name\"", &name);
        let text = text.replace(
            "\"sites\"\nmode = \"diff\"",
            "\"sites\"\nmode = \"triggers\"\nkey = \"code\"",
        );
        let text = text.replace(
            "\"visites\"\nmode = \"diff\"",
            "\"visites\"\nmode = \"triggers\"\nkey = \"site\"",
        );
        let mut node = node;
        node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
        node.install().await;
        node.add_sites(0, 9, EARLY).await;
        node.execute("UPDATE sites SET nom = '1'").await;
        node.pass().await;
        node.execute("UPDATE sites SET nom = '2'").await;
        node.execute("UPDATE sites SET nom = 'two {' WHERE code = 'S00004'").await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!(names.values().filter(|name| *name == "2").count(), 8, "{kind:?}");
        assert_eq!(names["S00004"], "1", "{kind:?}: what it had published stays");
        let refused = node.quarantine().await;
        assert_eq!((refused.len(), refused[0].source_key.as_str()), (1, "S00004"), "{kind:?}");
        assert_eq!(refused[0].findings[0].rule, "SOURCE-ROW", "{kind:?}");
        assert!(!refused[0].findings[0].en.contains("two"), "{kind:?}: values stay at the source");
        assert_eq!((node.waiting().await, node.status("sites").await.last_error), (0, None));
        node.execute("UPDATE sites SET nom = '3' WHERE code = 'S00004'").await;
        node.pass().await;
        assert_eq!(
            (node.names().await["S00004"].as_str(), node.quarantine().await.len()),
            ("3", 0)
        );
    }
}

/// What a rehearsal reads goes into a copy; the notes are for the node itself.
#[tokio::test]
async fn a_rehearsal_takes_no_note_back() {
    for kind in KINDS {
        let node = loaded(kind, 3).await;
        node.execute("UPDATE sites SET nom = 'New' WHERE code = 'S00001'").await;
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
        assert_eq!((sites.comparison.changed, node.waiting().await), (1, 1), "{kind:?}");
        node.pass().await;
        assert_eq!((node.names().await["S00001"].as_str(), node.waiting().await), ("New", 0));
    }
}

/// SymmetricDS PR 962: every trigger dropped after a transiently empty configuration.
#[tokio::test]
async fn a_configuration_that_names_no_table_drops_no_trigger() {
    for kind in KINDS {
        let mut node = loaded(kind, 2).await;
        let mapping = Arc::clone(&node.context.mapping);
        let text =
            node.mapping_text().replace("mode = \"triggers\"\nkey = \"code\"", "mode = \"diff\"");
        let text = text.replace("mode = \"triggers\"\nkey = \"site\"", "mode = \"diff\"");
        let other = Mapping::parse("mapping.toml", &text).unwrap();
        node.context.mapping = Arc::new(other);
        node.pass().await;
        let _ = node.install().await;
        node.execute("UPDATE sites SET nom = 'Meanwhile' WHERE code = 'S00001'").await;
        assert_eq!(node.waiting().await, 1, "{kind:?}: the triggers are there");
        node.context.mapping = mapping;
        node.pass().await;
        assert_eq!((node.names().await["S00001"].as_str(), node.waiting().await), ("Meanwhile", 0));
        assert_eq!(node.status("sites").await.last_error, None, "{kind:?}");
        assert!(run_once(&node.context).await.iter().all(|(_, result)| result.is_ok()));
    }
}
