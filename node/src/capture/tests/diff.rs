//! Reading all of a table.

use super::KINDS;
use super::node::{Node, Watched};
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";

#[tokio::test]
async fn a_first_load_publishes_every_row_and_a_second_pass_nothing() {
    for kind in KINDS {
        for watched in [Watched::Diff, Watched::Cursor] {
            let node = Node::new(kind, watched).await;
            // More than two chunks, and one row more.
            node.add_sites(0, 1001, EARLY).await;
            node.pass().await;
            assert_eq!(node.published().await.len(), 1001, "{kind:?} {watched:?}");
            assert_eq!(node.size().await, 1001);
            node.pass().await;
            assert_eq!(node.size().await, 1001, "{kind:?} {watched:?}");
        }
    }
}

#[tokio::test]
async fn a_deleted_row_is_seen_by_diff() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Diff).await;
        node.add_sites(0, 3, EARLY).await;
        node.pass().await;
        node.execute("DELETE FROM sites WHERE code = 'S00001'").await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!(names.keys().collect::<Vec<_>>(), ["S00000", "S00002"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_changed_child_of_an_unchanged_parent_is_seen_by_diff() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Diff).await;
        node.add_sites(0, 3, EARLY).await;
        let visit = format!("(1, 'S00001', '2017-05-01', 'Vert', '{EARLY}')");
        node.execute(&format!("INSERT INTO visites VALUES {visit}")).await;
        node.pass().await;
        node.execute("UPDATE visites SET resultat = 'Rouge' WHERE id = 1").await;
        node.pass().await;
        assert_eq!(node.size().await, 4, "{kind:?}");
        let sites = node.published().await;
        assert_eq!(sites["S00001"]["inspection"][0]["inspection_result"], "red", "{kind:?}");
    }
}

#[tokio::test]
async fn children_in_another_order_are_no_change() {
    let node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 1, EARLY).await;
    let visit = |id: u32, day: &str| format!("({id}, 'S00000', '{day}', 'Vert', '{EARLY}')");
    let rows = [visit(1, "2017-05-01"), visit(2, "2016-05-01"), visit(3, "2015-05-01")];
    node.execute(&format!("INSERT INTO visites VALUES {}", rows.join(", "))).await;
    node.pass().await;
    node.execute("UPDATE visites SET id = 10 - id").await;
    node.pass().await;
    assert_eq!(node.size().await, 1);
    assert_eq!(node.published().await["S00000"]["inspection"].as_array().unwrap().len(), 3);
}

/// The source sorts 'a' beside 'A' and 'é' beside 'e'; we need not know.
#[tokio::test]
async fn no_row_is_lost_to_the_order_of_the_source() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Diff).await;
        let names = ["a", "B", "c", "é", "e_", "Z", "_", "0", "zz", "Éa", "œ"];
        let keys =
            names.iter().flat_map(|name| (0..60).map(move |number| format!("{name}{number}")));
        let rows: Vec<String> = (0_u32..)
            .zip(keys)
            .map(|(place, key)| {
                let longitude = 26.0 + f64::from(place) / 1000.0;
                format!("('{key}', 'x', 'Vert', -8.5, {longitude:.3}, '{EARLY}')")
            })
            .collect();
        node.execute(&format!("INSERT INTO sites VALUES {}", rows.join(", "))).await;
        node.pass().await;
        assert_eq!(node.published().await.len(), rows.len(), "{kind:?}");
        node.pass().await;
        assert_eq!(node.size().await, rows.len() as u64, "{kind:?}");
    }
}

#[tokio::test]
async fn one_bad_row_blocks_nothing_behind_it() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Diff).await;
        node.add_sites(0, 10, EARLY).await;
        node.execute("UPDATE sites SET statut = 'Violet' WHERE code = 'S00003'").await;
        node.execute("UPDATE sites SET lat = 95 WHERE code = 'S00004'").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 8, "{kind:?}");
        let quarantined = node.quarantine().await;
        let keys: Vec<_> = quarantined.iter().map(|row| row.source_key.as_str()).collect();
        assert_eq!(keys, ["S00003", "S00004"], "{kind:?}");
        let finding = &quarantined[0].findings[0];
        assert_eq!(finding.value, "Violet");
        assert!(finding.path.contains("certification_status"));
        node.execute("UPDATE sites SET statut = 'Vert' WHERE code = 'S00003'").await;
        node.pass().await;
        assert_eq!(node.published().await.len(), 9, "{kind:?}");
    }
}

#[tokio::test]
async fn a_refused_row_keeps_its_published_record() {
    let node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 2, EARLY).await;
    node.pass().await;
    node.execute("UPDATE sites SET statut = 'Violet', nom = 'Other'").await;
    node.pass().await;
    assert_eq!(node.names().await["S00001"], "Site 1");
    assert_eq!(node.quarantine().await.len(), 2);
}

/// Latin-1 in a file that says UTF-8, in the key of the last row of a chunk.
#[tokio::test]
async fn a_key_that_cannot_be_read_blocks_no_row_behind_it() {
    let node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 1100, EARLY).await;
    for end in ["e9", "ea"] {
        let key = format!("CAST(x'533030343938{end}' AS TEXT)");
        node.execute(&format!("INSERT INTO sites VALUES ({key}, 'x', 'Vert', 0, 0, '{EARLY}')"))
            .await;
    }
    node.pass().await;
    assert_eq!(node.published().await.len(), 1100);
    let quarantined = node.quarantine().await;
    assert_eq!((quarantined.len(), quarantined[0].source_key.as_str()), (1, ""));
    let finding = &quarantined[0].findings[0];
    assert_eq!((finding.rule.as_str(), finding.path.as_str()), ("SOURCE-VALUE", "_key"));
    assert!(finding.en.contains("Correct it") && finding.fr.contains("Corrigez-la"));
    node.execute("DELETE FROM sites WHERE nom = 'x'").await;
    node.pass().await;
    assert!(node.quarantine().await.is_empty());
    assert_eq!(node.size().await, 1100);
}
