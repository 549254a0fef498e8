//! Bad input, told in both languages, and everything else untouched.

use std::collections::BTreeMap;
use std::time::Duration;

use rmd_standard::Severity;

use super::super::run_once;
use super::KINDS;
use super::node::{Node, Watched};
use crate::journal::report::{self, Quarantined};
use crate::source::{Kind, Limits};

const EARLY: &str = "2017-06-01 08:00:00";

/// A node with ten sites and two periods, all read once.
async fn loaded(kind: Kind, limits: Limits) -> Node {
    let node = Node::with_limits(kind, Watched::Diff, limits).await;
    node.add_sites(0, 10, EARLY).await;
    node.execute("INSERT INTO periodes VALUES ('2017-05', 3)").await;
    node.pass().await;
    assert_eq!((node.size().await, periods(&node).await), (10, 1));
    node
}

/// Rows of the other record type that were read and are good.
async fn periods(node: &Node) -> i64 {
    let entities = report::entities(node.context.journal.store()).await.unwrap();
    entities.iter().find(|report| report.entity == "ReportingPeriod").unwrap().off
}

/// A pass in which the sites fail and a new period is read all the same; what
/// status says of the sites.
async fn failed_pass(node: &Node) -> String {
    node.execute("INSERT INTO periodes VALUES ('2017-06', 4)").await;
    let results = run_once(&node.context).await;
    assert!(results[0].1.is_err() && results[1].1.is_ok(), "{results:?}");
    assert_eq!(periods(node).await, 2, "the other record type is read on");
    assert_eq!(node.status("periodes").await.last_error, None);
    assert_eq!((node.size().await, node.published().await.len()), (10, 10), "nothing is deleted");
    assert!(node.quarantine().await.is_empty());
    node.status("sites").await.last_error.unwrap()
}

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

/// Sites read through a view, which the ministry may change at any time.
async fn look_through(node: &Node, kind: Kind, name: &str) {
    node.execute("ALTER TABLE sites RENAME TO sites_de_base").await;
    let view = format!(
        "CREATE VIEW sites AS SELECT code, {name} AS nom, statut, lat, lon, modifie_le \
         FROM sites_de_base"
    );
    node.database.create(&view, if kind == Kind::Sqlite { &[] } else { &["sites"] }).await;
}

#[tokio::test]
async fn a_slow_query_is_told_and_touches_no_other_record_type() {
    for kind in KINDS {
        let statement = Duration::from_millis(300);
        let node = loaded(kind, Limits { statement, ..Limits::default() }).await;
        let name = match kind {
            Kind::Sqlite => {
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                 WHERE i < 2000000000) SELECT MAX(i) FROM n)"
            }
            Kind::Postgres => "(SELECT 'x' FROM pg_sleep(60))",
            Kind::MySql => "CONCAT(nom, SLEEP(60))",
        };
        look_through(&node, kind, name).await;
        let said = failed_pass(&node).await;
        assert_says(&said, &["mapping.toml: MineSite: rows", "too slow", "add an index"]);
        assert_says(&said, &["trop lente", "ajoutez un index"]);
    }
}

#[tokio::test]
async fn a_failing_query_is_told_and_touches_no_other_record_type() {
    for kind in [Kind::Postgres, Kind::Sqlite] {
        let node = loaded(kind, Limits::default()).await;
        let name = match kind {
            Kind::Sqlite => "json(nom)",
            _ => "CAST(1 / (length(nom) - length(nom)) AS TEXT)",
        };
        look_through(&node, kind, name).await;
        let said = failed_pass(&node).await;
        let reason = if kind == Kind::Sqlite { "malformed JSON" } else { "division by zero" };
        assert_says(&said, &["mapping.toml: MineSite: rows", reason, "correct the query"]);
        assert_says(&said, &["la source refuse la requête", "corrigez la requête"]);
    }
}

#[tokio::test]
async fn a_column_that_goes_is_told_and_touches_no_other_record_type() {
    for kind in [Kind::Postgres, Kind::MySql] {
        let node = loaded(kind, Limits::default()).await;
        node.execute("ALTER TABLE sites DROP COLUMN nom").await;
        let said = failed_pass(&node).await;
        assert_says(&said, &["mapping.toml: MineSite: rows", "nom", "correct the query"]);
        assert_says(&said, &["la source refuse la requête", "corrigez la requête"]);
    }
}

#[tokio::test]
async fn a_privilege_that_is_lost_is_told_and_touches_no_other_record_type() {
    for kind in [Kind::Postgres, Kind::MySql] {
        let node = loaded(kind, Limits::default()).await;
        node.database.revoke("sites").await;
        let said = failed_pass(&node).await;
        assert_says(&said, &["mapping.toml: MineSite: rows", "sites", "denied"]);
        assert_says(
            &said,
            &["the rights of the reading account", "les droits du compte de lecture"],
        );
    }
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_told_and_deletes_nothing() {
    let node = loaded(Kind::Sqlite, Limits::default()).await;
    std::fs::remove_file(node.database.file()).unwrap();
    assert!(run_once(&node.context).await.iter().all(|(_, result)| result.is_err()));
    assert_eq!((node.size().await, node.published().await.len()), (10, 10));
    let said = node.status("sites").await.last_error.unwrap();
    assert_says(&said, &["the source cannot be reached", "see that its server runs"]);
    assert_says(&said, &["la source est injoignable", "vérifiez que son serveur tourne"]);
}

/// The refusing finding of each row in quarantine, by source key; each names
/// record, field, value, rule and a remedy in both languages.
fn told(quarantined: &[Quarantined]) -> BTreeMap<&str, (&str, &str, &str)> {
    let told = quarantined.iter().map(|row| {
        let refusing = |finding: &&rmd_standard::Finding| finding.severity == Severity::Refuse;
        let finding = row.findings.iter().find(refusing).unwrap();
        assert_eq!(row.entity, "MineSite");
        for said in [&finding.en, &finding.fr] {
            assert_says(said, &["MineSite", &finding.path, &finding.value, &finding.rule]);
            let (_, remedy) = said.split_once("). ").unwrap();
            assert!(remedy.len() > 15 && remedy.ends_with('.'), "{remedy}");
        }
        assert!(finding.fr.contains("règle") && finding.en.contains("rule"));
        (
            row.source_key.as_str(),
            (finding.rule.as_str(), finding.path.as_str(), finding.value.as_str()),
        )
    });
    told.collect()
}

/// A missing, a malformed, an out-of-range and an out-of-list value, in rows and in lists.
#[tokio::test]
async fn each_bad_value_is_told_by_record_field_value_rule_and_remedy() {
    let node = loaded(Kind::Sqlite, Limits::default()).await;
    let visit = |id: u32, day: &str, result: &str| {
        format!("INSERT INTO visites VALUES ({id}, 'S0000{id}', '{day}', '{result}', '{EARLY}')")
    };
    for sql in [
        "UPDATE sites SET statut = NULL WHERE code = 'S00001'",
        "UPDATE sites SET statut = 'Violet' WHERE code = 'S00002'",
        "UPDATE sites SET lat = 'huit' WHERE code = 'S00003'",
        "UPDATE sites SET lon = 1000 WHERE code = 'S00004'",
        &visit(5, "2017-13-45", "Vert"),
        &visit(6, "2017-05-01", "Mauve"),
        "UPDATE sites SET nom = CAST(x'e9' AS TEXT) WHERE code = 'S00007'",
        "UPDATE sites SET nom = 'New' WHERE code = 'S00008'",
    ] {
        node.execute(sql).await;
    }
    node.pass().await;
    let (latitude, longitude) = (
        "mine_site_location.geolocalization.latitude_e7",
        "mine_site_location.geolocalization.longitude_e7",
    );
    let expected = [
        ("S00001", ("MD01-CERTIFICATION-STATUS-REQUIRED", "certification_status", "")),
        ("S00002", ("MD01-CERTIFICATION-STATUS-LIST", "certification_status", "Violet")),
        ("S00003", ("MD06-LATITUDE-E7-FORM", latitude, "huit")),
        ("S00004", ("MD06-LONGITUDE-E7-RANGE", longitude, "1000")),
        ("S00005", ("MD07-INSPECTION-DATE-FORM", "inspection[0].inspection_date", "2017-13-45")),
        ("S00006", ("MD07-INSPECTION-RESULT-LIST", "inspection[0].inspection_result", "Mauve")),
        ("S00007", ("SOURCE-VALUE", "site_name", "")),
    ];
    assert_eq!(told(&node.quarantine().await), BTreeMap::from(expected));
    // What they had published stays, and the good change among them goes through.
    assert_eq!((node.size().await, node.published().await.len()), (11, 10));
    assert_eq!(node.names().await["S00008"], "New");
    assert_eq!(node.names().await["S00001"], "Site 1");
}

#[tokio::test]
async fn two_rows_for_one_key_are_both_told_and_no_third_is_touched() {
    let node = loaded(Kind::Sqlite, Limits::default()).await;
    // Where a site is and its number make its regional id; the number of this one is 1.
    node.execute("INSERT INTO sites SELECT 'T00001', 'Twin', statut, lat, lon, modifie_le FROM sites WHERE code = 'S00001'").await;
    node.execute("UPDATE sites SET nom = 'New' WHERE code = 'S00008'").await;
    node.pass().await;
    let quarantined = node.quarantine().await;
    let told = told(&quarantined);
    let key = quarantined[0].record_key.as_deref().unwrap();
    assert_eq!(told["S00001"], ("KEY-CLASH", "_key", key));
    assert_eq!(told["T00001"], ("KEY-CLASH", "_key", key));
    let said = &quarantined[0].findings[0];
    assert_says(&said.en, &["S00001, T00001", "leave only one"]);
    assert_says(&said.fr, &["S00001, T00001", "n'en laissez qu'une"]);
    assert_eq!((node.names().await["S00001"].as_str(), node.size().await), ("Site 1", 11));
}
