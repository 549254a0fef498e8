//! Keys that the source takes for one, and that are two.

use std::sync::Arc;

use super::KINDS;
use super::node::{Node, Watched};
use crate::mapping::Mapping;
use crate::source::Kind;

const MAPPING: &str = r#"
[mapping]
name = "cod-alike"
zone = "Africa/Lubumbashi"

[[record]]
entity = "MineSite"
key = "l.code"
rows = '''
SELECT l.code AS "_key", l.code AS "national_id", l.nom AS "site_name",
       l.statut AS "certification_status", 'CD' AS "address_country",
       l.lat AS "mine_site_location.geolocalization.latitude",
       l.lon AS "mine_site_location.geolocalization.longitude"
FROM lieux l /* where-keys */
'''
[[record.watch]]
table = "lieux"
mode = "diff"

[codes.certification_status]
"Vert" = "green"
"#;

/// More pairs than a page has rows, behind one row by itself, so that pages end between
/// the two of a pair.
const PAIRS: u32 = 1200;

async fn with_pairs(kind: Kind) -> Node {
    let mut node = Node::new(kind, Watched::Diff).await;
    let (before, column) = match kind {
        Kind::Sqlite => ("", "TEXT COLLATE NOCASE"),
        Kind::Postgres => (
            "CREATE COLLATION sans_casse \
             (provider = icu, locale = 'und-u-ks-level2', deterministic = false);",
            "TEXT COLLATE sans_casse",
        ),
        Kind::MySql => ("", "VARCHAR(20) COLLATE utf8mb4_general_ci"),
    };
    let sql = format!(
        "{before} CREATE TABLE lieux (code {column}, nom VARCHAR(80), statut VARCHAR(20), \
         lat DOUBLE PRECISION, lon DOUBLE PRECISION); CREATE INDEX lieux_code ON lieux (code)"
    );
    node.database.create(&sql, if kind == Kind::Sqlite { &[] } else { &["lieux"] }).await;
    let mut rows = vec!["('a00000', 'Un', 'Vert', -8.4, 26.0)".to_owned()];
    for number in 1..=PAIRS {
        let longitude = 26.0 + f64::from(number) / 1000.0;
        rows.push(format!("('k{number:05}', 'Petit', 'Vert', -8.5, {longitude:.3})"));
        rows.push(format!("('K{number:05}', 'Grand', 'Vert', -8.6, {longitude:.3})"));
    }
    node.execute(&format!("INSERT INTO lieux VALUES {}", rows.join(", "))).await;
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", MAPPING).unwrap());
    node
}

#[tokio::test]
async fn rows_that_the_source_takes_for_one_are_all_read() {
    for kind in KINDS {
        let node = with_pairs(kind).await;
        let all = usize::try_from(PAIRS).unwrap() * 2 + 1;
        node.pass().await;
        assert_eq!(node.names().await.len(), all, "{kind:?}: {:?}", node.quarantine().await);
        let size = node.size().await;
        node.pass().await;
        assert_eq!(node.size().await, size, "{kind:?}: nothing has changed");
        // One of a pair is gone; the other is what the source gives for its key.
        node.execute("DELETE FROM lieux WHERE nom = 'Grand' AND code = 'K00250'").await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!((names.len(), names.get("K00250")), (all - 1, None), "{kind:?}");
        assert_eq!(names["k00250"], "Petit", "{kind:?}");
    }
}

/// One key, a hundred times, in two ways to write it.
#[tokio::test]
async fn more_alike_rows_than_a_page_has_room_for_stop_the_pass_by_name() {
    let node = with_pairs(Kind::MySql).await;
    let letters = |number: u32| -> String {
        let letter = |bit: u32| if number >> bit & 1 == 0 { 'z' } else { 'Z' };
        (0..8).map(letter).collect()
    };
    let rows: Vec<String> =
        (0..256).map(|n| format!("('{}', 'Z{n}', 'Vert', -8.7, 26.{n:03})", letters(n))).collect();
    node.execute("DELETE FROM lieux").await;
    // The 500 rows of the first page end among them.
    let before: Vec<String> =
        (0..400).map(|n| format!("('b{n}', 'B{n}', 'Vert', -8.8, 27.{n:03})")).collect();
    let rows = [before, rows].concat().join(", ");
    node.execute(&format!("INSERT INTO lieux VALUES {rows}")).await;
    let results = super::super::run_once(&node.context).await;
    assert!(results[0].1.is_err());
    let said = node.status("lieux").await.last_error.unwrap();
    for part in ["more than 128 keys", "zzzz", "MineSite: rows", "correct the query", "corrigez"] {
        assert!(said.to_lowercase().contains(&part.to_lowercase()), "`{part}` is not in: {said}");
    }
}
