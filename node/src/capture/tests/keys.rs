//! What a trigger notes is what the node reads as a key, whatever its type.

use std::sync::Arc;

use super::super::notings;
use super::KINDS;
use super::node::{Node, Watched};
use crate::mapping::Mapping;
use crate::source::Kind;
use crate::source::side::{self, InstallError};

/// A table `lieux`, and one of owners that is reached by a look-up.
const MAPPING: &str = r#"
[mapping]
name = "cod-keys"
zone = "Africa/Lubumbashi"

[[record]]
entity = "MineSite"
key = "l.code"
rows = '''
SELECT l.code AS "_key", l.nom AS "national_id", COALESCE(p.nom, l.nom) AS "site_name",
       l.statut AS "certification_status", 'CD' AS "address_country",
       l.lat AS "mine_site_location.geolocalization.latitude",
       l.lon AS "mine_site_location.geolocalization.longitude"
FROM lieux l LEFT JOIN proprietaires p ON p.id = l.proprietaire /* where-keys */
'''
[[record.watch]]
table = "lieux"
mode = "triggers"
key = "code"
[[record.watch]]
table = "proprietaires"
mode = "triggers"
key = "id"
noted = "o.proprietaire"
keys = '''SELECT o.code AS "_key", o.proprietaire AS "_noted" FROM lieux o /* where-keys */'''

[codes.certification_status]
"Vert" = "green"
"Rouge" = "red"
"#;

/// A type of a key column, and two values of it.
type Typed = (&'static str, &'static str, &'static str);

fn types(kind: Kind) -> Vec<Typed> {
    let mut types = vec![("INTEGER", "7", "8"), ("VARCHAR(20)", "'a/1'", "'É''2'")];
    types.extend(match kind {
        // A column without a type keeps numbers and texts apart.
        Kind::Sqlite => {
            vec![
                ("", "7", "'x'"),
                ("BLOB", "x'00ff'", "x'0a'"),
                ("TEXT COLLATE NOCASE", "'b'", "'C'"),
                ("REAL", "7", "8.5"),
            ]
        }
        Kind::Postgres => vec![
            ("BIGINT", "-7", "9007199254740993"),
            ("CHAR(10)", "'ab'", "'cd'"),
            ("NUMERIC(12,2)", "7", "8.5"),
            ("UUID", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "md5('x')::uuid"),
        ],
        Kind::MySql => vec![
            ("INT(6) ZEROFILL", "7", "8"),
            ("BIGINT UNSIGNED", "18446744073709551615", "1"),
            ("CHAR(10)", "'ab'", "'cd'"),
            ("DECIMAL(12,2)", "7", "8.5"),
            ("VARCHAR(9) COLLATE utf8mb4_bin", "'a'", "'A'"),
            ("VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "'é'", "'F'"),
        ],
    });
    types
}

/// A node over `lieux` with a key of this type.
async fn with_key(kind: Kind, column: &str, constraint: &str) -> Node {
    let mut node = Node::new(kind, Watched::Diff).await;
    let sql = format!(
        "CREATE TABLE proprietaires (id INTEGER PRIMARY KEY, nom VARCHAR(80)); \
         CREATE TABLE lieux (code {column} {constraint}, nom VARCHAR(80), statut VARCHAR(20), \
         lat DOUBLE PRECISION, lon DOUBLE PRECISION, proprietaire INTEGER)"
    );
    let granted: &[&str] = if kind == Kind::Sqlite { &[] } else { &["lieux", "proprietaires"] };
    node.database.create(&sql, granted).await;
    node.context.mapping = Arc::new(Mapping::parse("mapping.toml", MAPPING).unwrap());
    node
}

fn row(key: &str, name: u32, owner: &str) -> String {
    format!("INSERT INTO lieux VALUES ({key}, '{name}', 'Vert', -8.5, 26.{name}, {owner})")
}

#[tokio::test]
async fn a_deleted_row_is_seen_whatever_the_type_of_its_key() {
    for kind in KINDS {
        for (column, one, two) in types(kind) {
            let node = with_key(kind, column, "PRIMARY KEY").await;
            node.install().await;
            node.execute(&row(one, 1, "NULL")).await;
            node.pass().await;
            node.execute(&row(two, 2, "NULL")).await;
            node.pass().await;
            assert_eq!(
                node.names().await.len(),
                2,
                "{kind:?} {column}: {:?}",
                node.quarantine().await
            );
            let before = node.status("lieux").await.rows_read;
            node.execute("DELETE FROM lieux WHERE nom = '1'").await;
            node.execute("UPDATE lieux SET statut = 'Rouge' WHERE nom = '2'").await;
            node.pass().await;
            let sites = node.published().await;
            assert_eq!(sites.keys().collect::<Vec<_>>(), ["2"], "{kind:?} {column}");
            assert_eq!(sites["2"]["certification_status"], "red", "{kind:?} {column}");
            assert_eq!(node.status("lieux").await.rows_read - before, 1, "{kind:?} {column}");
        }
    }
}

/// The log writes values as the server does; owners are found by their look-up.
#[tokio::test]
async fn a_key_of_any_type_is_read_from_the_log() {
    for (column, one, two) in types(Kind::Postgres) {
        let mut node = Node::new(Kind::Postgres, Watched::Log).await;
        let sql = format!(
            "CREATE TABLE proprietaires (id INTEGER PRIMARY KEY, nom VARCHAR(80)); \
             CREATE TABLE lieux (code {column} PRIMARY KEY, nom VARCHAR(80), \
             statut VARCHAR(20), lat DOUBLE PRECISION, lon DOUBLE PRECISION, \
             proprietaire INTEGER)"
        );
        node.database.create(&sql, &["lieux", "proprietaires"]).await;
        let text = MAPPING.replace("\"triggers\"", "\"log\"");
        node.context.mapping = Arc::new(Mapping::parse("mapping.toml", &text).unwrap());
        node.install_log().await;
        node.execute("INSERT INTO proprietaires VALUES (1, 'Amani')").await;
        node.execute(&row(one, 1, "NULL")).await;
        node.execute(&row(two, 2, "1")).await;
        node.pass().await;
        assert_eq!(node.names().await.len(), 2, "{column}: {:?}", node.quarantine().await);
        let before = node.status("lieux").await.rows_read;
        node.execute("DELETE FROM lieux WHERE nom = '1'").await;
        node.execute("UPDATE proprietaires SET nom = 'Baraka' WHERE id = 1").await;
        node.pass().await;
        let names = node.names().await;
        assert_eq!((names.len(), names["2"].as_str()), (1, "Baraka"), "{column}");
        assert_eq!(node.status("lieux").await.rows_read - before, 1, "{column}");
    }
}

#[tokio::test]
async fn a_key_whose_text_finds_no_row_again_is_refused_by_name() {
    let refused = [
        (Kind::Postgres, "TIMESTAMP"),
        (Kind::Postgres, "BYTEA"),
        (Kind::MySql, "DOUBLE"),
        (Kind::MySql, "BINARY(16)"),
    ];
    for (kind, column) in refused {
        let node = with_key(kind, column, "PRIMARY KEY").await;
        let mut session = node.context.source.connect().await.unwrap();
        let notings = notings(&node.context.mapping);
        let refused = side::install(&mut session, &notings).await.unwrap_err();
        assert!(matches!(refused, InstallError::Type { .. }));
        let said = refused.to_string();
        for part in
            ["code of lieux", column.split('(').next().unwrap(), "mode diff", "en mode diff"]
        {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
    }
}

#[tokio::test]
async fn a_row_without_a_key_is_refused_until_it_has_one() {
    for kind in KINDS {
        let node = with_key(kind, "VARCHAR(20)", "").await;
        node.install().await;
        node.execute(&row("'A'", 1, "NULL")).await;
        node.pass().await;
        node.execute(&row("NULL", 2, "NULL")).await;
        node.pass().await;
        let refused = node.quarantine().await;
        assert_eq!((refused.len(), refused[0].source_key.as_str()), (1, ""), "{kind:?}");
        assert_eq!(refused[0].findings[0].rule, "SOURCE-KEY-MISSING", "{kind:?}");
        node.execute("UPDATE lieux SET code = 'B' WHERE code IS NULL").await;
        node.pass().await;
        assert_eq!((node.names().await.len(), node.quarantine().await.len()), (2, 0), "{kind:?}");
    }
}

/// One owner of more sites than a page of keys holds.
#[tokio::test]
async fn a_look_up_finds_every_record_that_a_noted_row_belongs_to() {
    for kind in KINDS {
        let node = with_key(kind, "INTEGER", "PRIMARY KEY").await;
        node.execute("INSERT INTO proprietaires VALUES (1, 'Un'), (2, 'Deux')").await;
        let rows = (0..1203_u32).map(|n| {
            let (owner, longitude) = (1 + n % 400 / 399, 26.0 + f64::from(n) / 1000.0);
            format!("({n}, '{n}', 'Vert', -8.5, {longitude:.3}, {owner})")
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        node.execute(&format!("INSERT INTO lieux VALUES {rows}")).await;
        node.install().await;
        node.pass().await;
        let of = async |owner: &str| {
            let sites = node.published().await;
            sites.values().filter(|site| site["site_name"] == owner).count()
        };
        let (size, before) = (node.size().await, of("Trois").await);
        assert_eq!((size, before), (1203, 0), "{kind:?}: {:?}", node.quarantine().await.first());
        node.execute("UPDATE proprietaires SET nom = 'Trois' WHERE id = 1").await;
        node.pass().await;
        assert_eq!((of("Trois").await, node.size().await), (1200, 2403), "{kind:?}");
        assert_eq!(node.waiting().await, 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_truncated_table_is_read_anew() {
    let node = with_key(Kind::Postgres, "INTEGER", "PRIMARY KEY").await;
    node.install().await;
    node.execute(&row("1", 1, "NULL")).await;
    node.execute(&row("2", 2, "NULL")).await;
    node.pass().await;
    node.execute("TRUNCATE lieux").await;
    node.execute(&row("2", 2, "NULL")).await;
    node.pass().await;
    assert_eq!(node.names().await.keys().collect::<Vec<_>>(), ["2"]);
}

/// SQLite removes the rows that REPLACE displaces without firing a trigger for them.
#[tokio::test]
async fn a_row_that_replace_displaces_is_seen() {
    let node = with_key(Kind::Sqlite, "TEXT", "PRIMARY KEY").await;
    node.execute("CREATE UNIQUE INDEX lieux_nom ON lieux (nom)").await;
    node.install().await;
    node.execute(&row("'A'", 1, "NULL")).await;
    node.pass().await;
    node.execute(&row("'B'", 1, "NULL").replacen("INSERT", "REPLACE", 1)).await;
    node.pass().await;
    assert_eq!(node.rows("SELECT code, nom FROM lieux").await.len(), 1);
    assert_eq!(node.published().await.len(), 1);
    assert_eq!(node.waiting().await, 0);
}
