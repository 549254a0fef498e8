//! Mappings of other shapes, over rows that stop their query: two parts of a UNION, and
//! rows that are summed up by a GROUP BY.

use std::sync::Arc;

use super::super::run_once;
use super::KINDS;
use super::node::{Node, Watched};
use crate::mapping::Mapping;
use crate::source::Kind;

const EARLY: &str = "2017-06-01 08:00:00";
const LATE: &str = "2017-06-02 08:00:00";

/// One in each half of the keys, so in each part of the UNION.
const BAD: [&str; 2] = ["S00003", "S00701"];

/// An expression over a name that stops at the name `n/a`, or at one that overflows.
const fn failing(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Sqlite => ("abs(CAST(s.nom AS INTEGER))", "-9223372036854775808"),
        Kind::Postgres => ("CAST(s.nom AS INTEGER)", "n/a"),
        Kind::MySql => ("CAST(s.nom AS SIGNED) * 9223372036854775807", "3"),
    }
}

/// The query of the sites in two parts, each with its own condition.
fn in_two_parts(kind: Kind) -> String {
    let part = |half: &str| {
        format!(
            "SELECT s.code AS \"_key\", s.code AS \"national_id\", {} AS \"site_name\", \
             s.statut AS \"certification_status\", 'CD' AS \"address_country\", \
             s.lat AS \"mine_site_location.geolocalization.latitude\", \
             s.lon AS \"mine_site_location.geolocalization.longitude\" \
             FROM sites s WHERE s.code {half} 'S00650' /* and-keys */",
            failing(kind).0
        )
    };
    format!("{} UNION ALL {}", part("<"), part(">="))
}

/// The same, each site the sum of its rows.
fn summed_up(kind: Kind) -> String {
    format!(
        "SELECT s.code AS \"_key\", MIN(s.code) AS \"national_id\", MAX({}) AS \"site_name\", \
         MAX(s.statut) AS \"certification_status\", 'CD' AS \"address_country\", \
         MAX(s.lat) AS \"mine_site_location.geolocalization.latitude\", \
         MAX(s.lon) AS \"mine_site_location.geolocalization.longitude\" \
         FROM sites s /* where-keys */ GROUP BY s.code",
        failing(kind).0
    )
}

/// A node whose sites are read by a query of another shape.
async fn reading(kind: Kind, watched: Watched, query: &str) -> Node {
    let mut node = Node::new(kind, watched).await;
    let text = node.mapping_text();
    let (before, rest) = text.split_once("rows = '''").unwrap();
    let (_, after) = rest.split_once("'''").unwrap();
    let text = format!("{before}rows = '''{query}'''{after}");
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
    node.add_sites(0, 1300, EARLY).await;
    node.execute("UPDATE sites SET nom = '1'").await;
    name(&node, failing(kind).1, EARLY, &BAD).await;
    node
}

async fn name(node: &Node, name: &str, changed_at: &str, sites: &[&str]) {
    let sites = sites.join("', '");
    let sql = format!(
        "UPDATE sites SET nom = '{name}', modifie_le = '{changed_at}' WHERE code IN ('{sites}')"
    );
    node.execute(&sql).await;
}

async fn refused(node: &Node) -> Vec<(String, String, String)> {
    let of = |row: crate::journal::report::Quarantined| {
        let finding = &row.findings[0];
        (row.source_key.clone(), finding.rule.clone(), finding.path.clone())
    };
    let mut refused: Vec<_> = node.quarantine().await.into_iter().map(of).collect();
    refused.sort_unstable();
    refused
}

fn expected(keys: &[&str]) -> Vec<(String, String, String)> {
    let of = |key: &&str| ((*key).to_owned(), "SOURCE-ROW".to_owned(), "site_name".to_owned());
    keys.iter().map(of).collect()
}

/// Where the source leaves out what is not asked for, the keys of a page can be read
/// without the values that stop it. SQLite computes what it groups all the same, and
/// MariaDB and MySQL the parts of a UNION too.
const fn is_taken_apart(kind: Kind, shape: Shape) -> bool {
    matches!((kind, shape), (Kind::Postgres, _) | (Kind::Sqlite, Shape::Union))
}

#[tokio::test]
async fn rows_that_stop_a_union_or_a_sum_are_refused_alone_or_the_query_is_told_of() {
    let mut seen = Vec::new();
    let watches = [Watched::Diff, Watched::Cursor];
    let tries = watches.into_iter().flat_map(|watched| {
        [Shape::Union, Shape::Sum].into_iter().map(move |shape| (watched, shape))
    });
    let all = KINDS.into_iter().flat_map(|kind| tries.clone().map(move |one| (kind, one)));
    for (kind, (watched, shape)) in all {
        seen.push((kind, watched, shape, outcome(kind, watched, shape).await));
    }
    for (kind, watched, shape, outcome) in &seen {
        let expected = if is_taken_apart(*kind, *shape) { Outcome::Apart } else { Outcome::Told };
        assert_eq!(*outcome, expected, "{kind:?} {watched:?} {shape:?}; all: {seen:#?}");
    }
}

/// What a query looks like.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Union,
    Sum,
}

impl Shape {
    fn query(self, kind: Kind) -> String {
        match self {
            Self::Union => in_two_parts(kind),
            Self::Sum => summed_up(kind),
        }
    }
}

/// What becomes of a table in which two rows stop the query.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// They are refused, each by itself, and flow once they are right.
    Apart,
    /// The pass says which query it is; nothing is deleted, and all flow once they are right.
    Told,
    Other(String),
}

async fn outcome(kind: Kind, watched: Watched, shape: Shape) -> Outcome {
    let node = reading(kind, watched, &shape.query(kind)).await;
    name(&node, "1", EARLY, &BAD).await;
    node.pass().await;
    assert_eq!(node.published().await.len(), 1300);
    name(&node, failing(kind).1, LATE, &BAD).await;
    let ended = super::super::sweep_once(&node.context).await.remove(0).1;
    let left = (refused(&node).await, node.published().await.len());
    let status = node.status("sites").await.last_error.unwrap_or_default();
    name(&node, "0", LATE, &BAD).await;
    node.sweep().await;
    let names = node.names().await;
    let is_well = node.quarantine().await.is_empty() && BAD.iter().all(|key| names[*key] != "1");
    match ended {
        Ok(_) if is_well && left == (expected(&BAD), 1300) => Outcome::Apart,
        Err(_) if is_well && left == (Vec::new(), 1300) && status.contains("rows") => Outcome::Told,
        ended => Outcome::Other(format!("{ended:?} {is_well} {left:?} {status}")),
    }
}

#[tokio::test]
async fn a_union_or_a_sum_that_no_row_passes_fails_as_a_query_and_deletes_nothing() {
    for kind in KINDS {
        for shape in [Shape::Union, Shape::Sum] {
            let query = shape.query(kind);
            let node = reading(kind, Watched::Diff, &query).await;
            name(&node, "1", LATE, &BAD).await;
            node.pass().await;
            node.execute(&format!("UPDATE sites SET nom = '{}'", failing(kind).1)).await;
            assert!(run_once(&node.context).await[0].1.is_err(), "{kind:?} {query}");
            assert_eq!((node.published().await.len(), node.quarantine().await.len()), (1300, 0));
        }
    }
}
