//! Sources that break: nothing is ever deleted for it, and nothing else is touched.

use std::num::NonZeroU32;

use super::super::{run, run_once};
use super::node::{Node, Watched, eventually};
use crate::source::{Kind, Limits};

const EARLY: &str = "2017-06-01 08:00:00";

/// Rows per second at which a pass over the rows of these tests waits after each chunk.
fn slowly() -> Limits {
    Limits { rows_per_second: NonZeroU32::new(500), ..Limits::default() }
}

#[tokio::test]
async fn a_database_that_vanishes_while_it_is_read_deletes_nothing() {
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::MySql] {
        let node = Node::with_limits(kind, Watched::Diff, slowly()).await;
        node.add_sites(0, 1200, EARLY).await;
        let stop = node.context.shutdown.clone();
        let capture = run(node.context.clone());
        let vanish = async {
            // After the first chunk the pass waits, and the second finds nothing.
            eventually("the first chunk is there", async || node.size().await >= 500).await;
            match kind {
                Kind::Sqlite => std::fs::write(node.database.file(), "").unwrap(),
                _ => node.execute("DROP TABLE visites; DROP TABLE sites").await,
            }
            let failed = async || node.status("sites").await.last_error.is_some();
            eventually("the pass has failed", failed).await;
            stop.cancel();
        };
        tokio::join!(capture, vanish);
        let size = node.size().await;
        assert!(size >= 500, "{kind:?}");
        assert_eq!(node.published().await.len() as u64, size, "{kind:?}: nothing was deleted");
    }
}

#[tokio::test]
async fn a_lost_privilege_deletes_nothing_and_touches_no_other_record_type() {
    for kind in [Kind::Postgres, Kind::MySql] {
        for watched in [Watched::Diff, Watched::Cursor] {
            let node = Node::new(kind, watched).await;
            node.add_sites(0, 3, EARLY).await;
            node.pass().await;
            node.database.revoke("visites").await;
            let results = run_once(&node.context).await;
            assert!(results[0].1.is_err(), "{kind:?}");
            assert!(results[1].1.is_ok(), "{kind:?}: periods are still read");
            assert_eq!(node.published().await.len(), 3, "{kind:?}");
            let said = node.status("sites").await.last_error.unwrap();
            assert!(said.contains("visites") && said.contains("denied"), "{said}");
            assert_eq!(node.status("periodes").await.last_error, None);
        }
    }
}

#[tokio::test]
async fn a_source_that_comes_back_is_read_on() {
    let node = Node::new(Kind::Sqlite, Watched::Cursor).await;
    node.add_sites(0, 2, EARLY).await;
    node.pass().await;
    let file = node.database.file();
    let away = file.with_extension("away");
    std::fs::rename(&file, &away).unwrap();
    assert!(run_once(&node.context).await.iter().all(|(_, result)| result.is_err()));
    assert!(node.status("sites").await.last_error.is_some());
    std::fs::rename(&away, &file).unwrap();
    node.pass().await;
    assert_eq!(node.status("sites").await.last_error, None);
    assert_eq!((node.published().await.len(), node.size().await), (2, 2));
}
