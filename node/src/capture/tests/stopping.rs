//! One row that stops the query which reads it, and all the others.

use std::sync::Arc;

use super::super::run_once;
use super::KINDS;
use super::node::{Node, Watched};
use crate::mapping::Mapping;
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";
const LATE: &str = "2017-06-02 08:00:00";

/// An expression over the name that overflows, or that no server can read, and the name
/// for which it does.
const fn failing(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Sqlite => ("abs(CAST(s.nom AS INTEGER))", "-9223372036854775808"),
        Kind::Postgres => ("CAST(s.nom AS INTEGER)", "n/a"),
        Kind::MySql => ("CAST(s.nom AS SIGNED) * 9223372036854775807", "3"),
    }
}

/// A node over so many sites, all named `1`, of which some stop the query.
async fn with_sites(kind: Kind, watched: Watched, sites: u32, bad: &[&str]) -> Node {
    let mut node = Node::new(kind, watched).await;
    let text = node.mapping_text().replace("s.nom AS", &format!("{} AS", failing(kind).0));
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
    node.add_sites(0, sites, EARLY).await;
    node.execute("UPDATE sites SET nom = '1'").await;
    name(&node, failing(kind).1, EARLY, bad).await;
    node
}

async fn name(node: &Node, name: &str, changed_at: &str, sites: &[&str]) {
    let sites = sites.join("', '");
    let sql = format!(
        "UPDATE sites SET nom = '{name}', modifie_le = '{changed_at}' WHERE code IN ('{sites}')"
    );
    node.execute(&sql).await;
}

/// Source keys in quarantine; each is told by its field.
async fn refused(node: &Node, kind: Kind) -> Vec<String> {
    let mut keys = Vec::new();
    for row in node.quarantine().await {
        let finding = &row.findings[0];
        let told = (finding.rule.as_str(), finding.path.as_str());
        assert_eq!(told, ("SOURCE-ROW", "site_name"), "{kind:?}");
        for said in [&finding.en, &finding.fr] {
            let code = match kind {
                Kind::Sqlite => "code 1",
                Kind::Postgres => "code 22P02",
                Kind::MySql => "code 22003",
            };
            assert!(said.contains(code) && said.contains(&row.source_key), "{said}");
            let value = failing(kind).1;
            assert!(value.len() == 1 || !said.contains(value), "values stay at home: {said}");
        }
        assert!(finding.en.contains("Correct the value") && finding.fr.contains("Corrigez"));
        keys.push(row.source_key);
    }
    keys.sort_unstable();
    keys
}

const BAD: [&str; 4] = ["S00003", "S00700", "S00701", "S01299"];

#[tokio::test]
async fn a_row_that_stops_its_page_is_refused_and_all_others_flow() {
    for kind in KINDS {
        for watched in [Watched::Diff, Watched::Cursor] {
            let node = with_sites(kind, watched, 1300, &BAD).await;
            node.pass().await;
            assert_eq!(refused(&node, kind).await, BAD, "{kind:?} {watched:?}");
            assert_eq!(node.published().await.len(), 1296, "{kind:?} {watched:?}");
            // Corrected, they flow; what is still wrong stays, and nothing is deleted.
            name(&node, "1", LATE, &BAD[..2]).await;
            node.sweep().await;
            assert_eq!(refused(&node, kind).await, BAD[2..], "{kind:?} {watched:?}");
            assert_eq!((node.published().await.len(), node.size().await), (1298, 1298));
        }
    }
}

#[tokio::test]
async fn a_changed_row_that_stops_its_query_keeps_what_it_had_published() {
    for kind in KINDS {
        let node = with_sites(kind, Watched::Cursor, 700, &[]).await;
        node.pass().await;
        node.execute(&format!("UPDATE sites SET nom = '0', modifie_le = '{LATE}'")).await;
        name(&node, failing(kind).1, LATE, &["S00001", "S00650"]).await;
        node.pass().await;
        assert_eq!(refused(&node, kind).await, ["S00001", "S00650"], "{kind:?}");
        let names = node.names().await;
        assert_eq!(names.values().filter(|name| *name == "0").count(), 698, "{kind:?}");
        assert_ne!(names["S00650"], "0", "{kind:?}");
        assert_eq!(node.status("sites").await.last_error, None, "{kind:?}");
    }
}

/// What no row passes is wrong with the query: nothing is refused for it.
#[tokio::test]
async fn a_query_that_no_row_passes_fails_as_a_query() {
    for kind in KINDS {
        let node = with_sites(kind, Watched::Diff, 1300, &[]).await;
        node.pass().await;
        node.execute(&format!("UPDATE sites SET nom = '{}'", failing(kind).1)).await;
        assert!(run_once(&node.context).await[0].1.is_err(), "{kind:?}");
        assert_eq!((node.published().await.len(), node.quarantine().await.len()), (1300, 0));
        assert!(node.status("sites").await.last_error.unwrap().contains("the source refuses"));
    }
}

/// A changed-at is no field of the record: the rows are read all the same.
#[tokio::test]
async fn a_time_of_change_that_cannot_be_read_is_told_and_all_rows_are_read() {
    let mut node = Node::new(Kind::Postgres, Watched::Cursor).await;
    let text = node
        .mapping_text()
        .replace("changed_at = \"modifie_le\"", "changed_at = \"CAST(date_texte AS TIMESTAMP)\"")
        .replace("modifie_le AS", "CAST(date_texte AS TIMESTAMP) AS");
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
    node.execute("ALTER TABLE sites ADD date_texte TEXT").await;
    node.execute("ALTER TABLE visites ADD date_texte TEXT").await;
    let rows = ["('S1', 'Un', 'Vert', -8.5, 26.1, NULL, '2017-06-01 08:00:00')"];
    node.execute(&format!("INSERT INTO sites VALUES {}", rows[0])).await;
    node.pass().await;
    assert_eq!(node.status("sites").await.last_error, None);
    let second = "('S2', 'Deux', 'Vert', -8.5, 26.2, NULL, 'bientôt')";
    node.execute(&format!("INSERT INTO sites VALUES {second}")).await;
    node.pass().await;
    assert_eq!(node.names().await.len(), 2);
    let said = node.status("sites").await.last_error.unwrap();
    for part in ["time of change of sites", "bientôt", "date de modification", "reads all rows"] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    node.execute("UPDATE sites SET date_texte = '2017-06-02 08:00:00' WHERE code = 'S2'").await;
    node.pass().await;
    assert_eq!(node.status("sites").await.last_error, None);
}
