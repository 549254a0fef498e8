//! Reading what changed since a mark.

use jiff::SignedDuration;

use super::super::run;
use super::KINDS;
use super::node::{Node, Watched, eventually, site};
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";

#[tokio::test]
async fn a_window_reads_what_changed_and_not_the_table() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 600, EARLY).await;
        node.add_sites(600, 601, "2017-07-01 08:00:00").await;
        node.pass().await;
        let loaded = node.status("sites").await.rows_read;
        node.execute("UPDATE sites SET nom = 'New', modifie_le = '2017-08-01 08:00:00' WHERE code = 'S00007'").await;
        node.pass().await;
        assert_eq!(node.names().await["S00007"], "New", "{kind:?}");
        let read = node.status("sites").await.rows_read - loaded;
        assert!(read <= 4, "{kind:?}: {read} rows read for one change");
        assert_eq!(node.size().await, 602);
    }
}

/// Airbyte 14732: rows that share the instant of the mark are lost.
#[tokio::test]
async fn rows_that_share_the_instant_of_the_mark_are_not_lost() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 3, EARLY).await;
        node.pass().await;
        node.add_sites(3, 6, EARLY).await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 6, "{kind:?}");
    }
}

/// A bulk import stamps all its rows alike: they are not read again in each pass
/// until something else changes.
#[tokio::test]
async fn rows_of_one_instant_are_read_once_the_lag_is_over() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 700, EARLY).await;
        node.pass().await;
        node.clock.advance(SignedDuration::from_secs(12));
        let loaded = node.status("sites").await.rows_read;
        node.pass().await;
        assert_eq!(node.status("sites").await.rows_read, loaded, "{kind:?}: read again");

        node.add_sites(700, 701, "2017-06-01 08:00:01").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 701, "{kind:?}: a second later");
        // The new bound steps back by the lag once more: its own instant may go on.
        node.add_sites(701, 702, "2017-06-01 08:00:01").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 702, "{kind:?}: in the same second");
    }
}

/// More rows of one instant than a page holds: the key decides within it.
#[tokio::test]
async fn ties_over_several_pages_are_read_once_and_all() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 1, EARLY).await;
        node.pass().await;
        node.add_sites(1, 1203, "2017-07-01 08:00:00").await;
        node.add_sites(1203, 1300, "2017-07-01 09:00:00").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 1300, "{kind:?}");
        assert_eq!(node.size().await, 1300, "{kind:?}");
    }
}

#[tokio::test]
async fn a_window_of_exactly_one_page_moves_the_mark() {
    let node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 1, EARLY).await;
    node.pass().await;
    node.add_sites(1, 501, "2017-07-01 08:00:00").await;
    node.pass().await;
    node.add_sites(501, 502, "2017-08-01 08:00:00").await;
    node.pass().await;
    let read = node.status("sites").await.rows_read;
    node.pass().await;
    assert_eq!(node.published().await.len(), 502);
    assert!(node.status("sites").await.rows_read - read <= 2);
}

/// Airbyte 21500: a transaction that began before the mark and commits after it.
#[tokio::test]
async fn a_late_commit_within_the_lag_is_not_lost() {
    for kind in [Kind::Postgres, Kind::MySql] {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 2, EARLY).await;
        node.pass().await;
        let mut late = node.database.writer().await;
        late.execute("BEGIN").await;
        late.execute(&format!("INSERT INTO sites VALUES {}", site(2, "2017-07-01 08:00:00"))).await;
        node.add_sites(3, 4, "2017-07-01 08:00:09").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 3, "{kind:?}");
        late.execute("COMMIT").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 4, "{kind:?}");
    }
}

#[tokio::test]
async fn a_commit_later_than_the_lag_is_late_and_not_lost() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 2, "2017-07-01 08:00:00").await;
        node.pass().await;
        node.add_sites(2, 3, EARLY).await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 2, "{kind:?}");
        node.sweep().await;
        assert_eq!(node.published().await.len(), 3, "{kind:?}");
    }
}

#[tokio::test]
async fn a_deleted_row_is_seen_by_the_sweep() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 3, EARLY).await;
        node.pass().await;
        node.execute("DELETE FROM sites WHERE code = 'S00000'").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 3, "{kind:?}: no cursor sees a deletion");
        node.sweep().await;
        assert_eq!(node.names().await.keys().collect::<Vec<_>>(), ["S00001", "S00002"]);
    }
}

#[tokio::test]
async fn a_node_that_restarts_often_sweeps_all_the_same() {
    let node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 3, EARLY).await;
    node.pass().await;
    node.execute("DELETE FROM sites WHERE code = 'S00000'").await;
    node.clock.advance(SignedDuration::from_hours(2));
    // Each of these passes is the first of its process.
    node.pass().await;
    assert_eq!(node.published().await.len(), 2);
}

#[tokio::test]
async fn a_changed_child_of_an_unchanged_parent_is_seen_by_cursor() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 3, EARLY).await;
        node.execute(&format!(
            "INSERT INTO visites VALUES (1, 'S00001', '2017-05-01', 'Vert', '{EARLY}')"
        ))
        .await;
        node.pass().await;
        node.execute("UPDATE visites SET resultat = 'Rouge', modifie_le = '2017-08-01 08:00:00'")
            .await;
        node.pass().await;
        let sites = node.published().await;
        assert_eq!(sites["S00001"]["inspection"][0]["inspection_result"], "red", "{kind:?}");
        assert_eq!(node.size().await, 4);
    }
}

#[tokio::test]
async fn a_parent_that_is_gone_when_its_child_changes_is_a_deletion() {
    let node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 2, EARLY).await;
    node.execute(&format!(
        "INSERT INTO visites VALUES (1, 'S00001', '2017-05-01', 'Vert', '{EARLY}')"
    ))
    .await;
    node.pass().await;
    node.execute("DELETE FROM sites WHERE code = 'S00001'").await;
    node.execute("UPDATE visites SET modifie_le = '2017-08-01 08:00:00'").await;
    node.pass().await;
    assert_eq!(node.names().await.keys().collect::<Vec<_>>(), ["S00000"]);
}

#[tokio::test]
async fn a_row_dated_in_the_future_hides_no_later_change() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 2, EARLY).await;
        node.pass().await;
        node.add_sites(2, 3, "2099-01-01 00:00:00").await;
        node.pass().await;
        node.add_sites(3, 4, "2018-01-01 12:00:05").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 4, "{kind:?}");
    }
}

#[tokio::test]
async fn a_changed_at_that_runs_backwards_is_followed_by_a_full_reading() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.add_sites(0, 2, EARLY).await;
        node.add_sites(2, 3, "2017-09-01 08:00:00").await;
        node.pass().await;
        // A backup of the summer is put back.
        node.execute("DELETE FROM sites WHERE code = 'S00002'").await;
        node.execute("UPDATE sites SET nom = 'Old name' WHERE code = 'S00001'").await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!(names.keys().collect::<Vec<_>>(), ["S00000", "S00001"], "{kind:?}");
        assert_eq!(names["S00001"], "Old name", "{kind:?}");
        let read = node.status("sites").await.rows_read;
        node.pass().await;
        assert!(node.status("sites").await.rows_read - read <= 2, "{kind:?}: once is enough");
    }
}

#[tokio::test]
async fn an_empty_table_is_followed_from_its_first_row() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        node.pass().await;
        node.add_sites(0, 1, EARLY).await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 1, "{kind:?}");
    }
}

/// The ministry's software goes on writing while the node reads.
#[tokio::test]
async fn a_busy_writer_loses_no_row_and_is_not_held_up() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Cursor).await;
        let stop = node.context.shutdown.clone();
        let write = async {
            add_one_by_one(&node, 300).await;
            let all = async || node.published().await.len() == 300;
            eventually("every row is published", all).await;
            stop.cancel();
        };
        tokio::join!(run(node.context.clone()), write);
        assert_eq!(node.size().await, 300, "{kind:?}");
    }
}

/// Puts rows in a transaction each, a second of the ministry's clock apart.
async fn add_one_by_one(node: &Node, rows: u32) {
    let mut writer = node.database.writer().await;
    for number in 0..rows {
        let (minute, second) = (number / 60, number % 60);
        let row = site(number, &format!("2018-01-01 09:{minute:02}:{second:02}"));
        writer.execute(&format!("INSERT INTO sites VALUES {row}")).await;
    }
}
