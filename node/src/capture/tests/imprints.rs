//! Rows that are as they were are not mapped again, and whatever else is.

use std::sync::Arc;

use super::KINDS;
use super::node::{Node, Watched};
use crate::mapping::Mapping;
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";
const LATE: &str = "2017-06-02 08:00:00";

/// Makes each record look as if other content had been published, to whoever compares
/// all of its hash: a row that is mapped gets another revision.
async fn forget_contents(node: &Node) {
    let mut writing = node.context.journal.store().write().await;
    let mut transaction = writing.begin().await.unwrap();
    let changed = sqlx::query(
        "UPDATE record
         SET content_hash = unhex(substr(hex(content_hash), 1, 16) || hex(randomblob(24)))",
    );
    assert!(changed.execute(&mut *transaction).await.unwrap().rows_affected() > 0);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_row_that_is_as_it_was_is_not_mapped_again() {
    for kind in KINDS {
        let node = Node::new(kind, Watched::Diff).await;
        node.add_sites(0, 5, EARLY).await;
        node.execute("INSERT INTO visites VALUES (1, 'S00001', '2017-05-01', 'Vert', NULL)").await;
        node.pass().await;
        forget_contents(&node).await;
        node.pass().await;
        assert_eq!(node.size().await, 5, "{kind:?}");
        for (sql, site) in [
            ("UPDATE sites SET nom = 'New' WHERE code = 'S00000'", "a cell"),
            ("INSERT INTO visites VALUES (2, 'S00002', '2017-05-02', 'Vert', NULL)", "a list"),
            ("UPDATE visites SET resultat = 'Rouge' WHERE id = 1", "a cell of a list"),
        ] {
            let before = node.size().await;
            node.execute(sql).await;
            node.pass().await;
            assert_eq!(node.size().await, before + 1, "{kind:?}: {site}");
        }
    }
}

#[tokio::test]
async fn another_mapping_or_state_or_zone_maps_every_row_again() {
    let mut node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 5, EARLY).await;
    node.pass().await;
    let text = node.mapping_text().replace("\"Vert\" = \"green\"", "\"Vert\" = \"yellow\"");
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
    node.pass().await;
    assert_eq!(node.size().await, 10);
    // Back to the first words: the rows were made of the others last.
    let text = node.mapping_text();
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
    node.pass().await;
    assert_eq!(node.size().await, 15);
    node.context.country = "RW".to_owned();
    node.pass().await;
    assert_eq!(node.quarantine().await.len(), 5, "sites of another state");
}

#[tokio::test]
async fn what_a_window_read_is_not_mapped_again_by_the_next_sweep() {
    let node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 5, EARLY).await;
    node.pass().await;
    node.execute(&format!("UPDATE sites SET nom = 'New', modifie_le = '{LATE}'")).await;
    node.pass().await;
    assert_eq!(node.size().await, 10);
    forget_contents(&node).await;
    node.sweep().await;
    assert_eq!(node.size().await, 10);
}

/// A row in quarantine and its twin have no imprint: freed, each is published.
#[tokio::test]
async fn a_row_that_another_one_clashed_with_is_mapped_again() {
    let node = Node::new(Kind::Sqlite, Watched::Diff).await;
    node.add_sites(0, 3, EARLY).await;
    node.pass().await;
    node.execute("INSERT INTO sites SELECT 'T00001', nom, statut, lat, lon, modifie_le FROM sites WHERE code = 'S00001'").await;
    node.pass().await;
    assert_eq!(node.quarantine().await.len(), 2);
    node.pass().await;
    assert_eq!(node.quarantine().await.len(), 2);
    node.execute("DELETE FROM sites WHERE code = 'T00001'").await;
    node.pass().await;
    assert_eq!((node.quarantine().await.len(), node.published().await.len()), (0, 3));
}
