//! What happens to a national database and must not happen to the region.

use super::super::{run_once, sweep_once};
use super::node::{Node, Watched, site};
use crate::journal::{
    Journal,
    brake::report::{self, Braking},
};
use crate::source::Kind;

const SERVERS: [Kind; 2] = [Kind::Postgres, Kind::MySql];
const EARLY: &str = "2017-06-01 08:00:00";
const LATE: &str = "2017-12-01 08:00:00";

/// A node whose brake has the limits of the network.
async fn braked(kind: Kind, watched: Watched) -> Node {
    let mut node = Node::new(kind, watched).await;
    let journal = &node.context.journal;
    node.context.journal = Journal::new(journal.store().clone(), journal.owner().clone());
    node
}

async fn trips(node: &Node) -> Vec<Braking> {
    report::trips(node.context.journal.store(), false, None).await.unwrap()
}

/// A role that may not read any more sees an error; a table that is empty would
/// look like thirty deletions.
#[tokio::test]
async fn a_privilege_that_is_taken_away_is_a_failed_pass_and_never_an_empty_table() {
    for kind in SERVERS {
        for watched in [Watched::Cursor, Watched::Diff] {
            let node = braked(kind, watched).await;
            node.add_sites(0, 30, EARLY).await;
            node.pass().await;
            node.database.revoke("sites").await;
            let passes = [run_once(&node.context).await, sweep_once(&node.context).await];
            assert!(passes.iter().all(|pass| pass[0].1.is_err()), "{kind:?}: {passes:?}");
            let said = node.status("sites").await.last_error.unwrap();
            assert!(said.contains("the rights of the reading account"), "{kind:?}: {said}");
            assert_eq!((node.size().await, trips(&node).await.len()), (30, 0), "{kind:?}");
        }
    }
}

/// Yesterday's backup over today's database: rows are gone, others are as they
/// were, and every changed-at value is older than the mark.
#[tokio::test]
async fn a_national_database_that_was_restored_waits_until_it_is_made_good() {
    for kind in SERVERS {
        for watched in [Watched::Cursor, Watched::Diff] {
            let node = braked(kind, watched).await;
            node.add_sites(0, 100, EARLY).await;
            node.pass().await;
            // Since the backup: ten new sites, and fifty were renamed.
            node.add_sites(100, 110, LATE).await;
            node.execute(&format!(
                "UPDATE sites SET nom = 'Nouveau', modifie_le = '{LATE}' \
                 WHERE code < 'S00050'"
            ))
            .await;
            node.sweep().await;
            assert_eq!(trips(&node).await.len(), 0, "{kind:?} {watched:?}");
            let (size, names) = (node.size().await, node.names().await);
            assert_eq!((size, names.len()), (160, 110));

            node.execute("DELETE FROM sites").await;
            node.add_sites(0, 100, EARLY).await;
            node.clock.advance(jiff::SignedDuration::from_hours(30));
            node.pass().await;
            node.sweep().await;
            let held: Vec<(String, i64)> =
                trips(&node).await.into_iter().map(|trip| (trip.kind, trip.held)).collect();
            assert_eq!(held, [("delete".to_owned(), 10)], "{kind:?} {watched:?}: 50 may change");
            assert_eq!(node.published().await.len(), 110);

            // What was lost is entered again.
            let rows: Vec<String> = (100..110).map(|number| site(number, LATE)).collect();
            node.execute(&format!("INSERT INTO sites VALUES {}", rows.join(", "))).await;
            node.sweep().await;
            assert_eq!(trips(&node).await.len(), 0, "{kind:?} {watched:?}");
            assert_eq!(node.published().await.len(), 110);
        }
    }
}
