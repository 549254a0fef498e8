//! Databases in which something is broken or named as nobody would.

use super::{KINDS, checked, drafted};
use crate::source::{Kind, testing::TestDatabase};

const SITES: &str = "CREATE TABLE sites_miniers (code_site VARCHAR(20) PRIMARY KEY, nom_site VARCHAR(80)); \
    INSERT INTO sites_miniers VALUES ('S1', 'Kalimbi'); \
    CREATE TABLE ancien (a VARCHAR(20), b VARCHAR(20)); \
    CREATE VIEW vue_cassee AS SELECT a FROM ancien; ";

#[tokio::test]
async fn a_broken_view_is_named_and_stops_no_draft() {
    for kind in [Kind::Sqlite, Kind::MySql] {
        let database = TestDatabase::new(kind).await;
        database.create(SITES, &["sites_miniers", "vue_cassee"]).await;
        database.execute("DROP TABLE ancien").await;
        let draft = drafted(&database).await;
        let told = "# Tables that cannot be read · Tables illisibles:\n#   vue_cassee\n";
        // MariaDB does not show it at all, as it does with what may not be read.
        assert!(draft.text.contains(told) || kind == Kind::MySql, "{kind:?}: {}", draft.text);
        let report = checked(&database, &draft.text).await;
        assert!(report.faults.is_empty() && report.records[0].rows == 1, "{report:?}");
        // Every row is refused, for there is no point: that is said.
        let mut warnings = report.warnings.iter();
        assert!(warnings.any(|note| note.en.contains("no row would be accepted")), "{report:?}");
    }
}

#[tokio::test]
async fn quotation_marks_in_names_do_not_end_the_query() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = TestDatabase::new(kind).await;
        let sql = "CREATE TABLE \"mines '''  x\" (code VARCHAR(20) PRIMARY KEY, \"nom '''\" VARCHAR(20)); \
                   INSERT INTO \"mines '''  x\" VALUES ('S1', 'Kalimbi')";
        database.create(sql, &["\"mines '''  x\""]).await;
        let report = checked(&database, &drafted(&database).await.text).await;
        assert!(report.faults.is_empty() && report.records[0].rows == 1, "{kind:?}: {report:?}");
    }
}

#[tokio::test]
async fn generated_columns_are_columns() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let sql = "CREATE TABLE mines (code TEXT PRIMARY KEY, n TEXT, \
               nom_site TEXT GENERATED ALWAYS AS (upper(n)) VIRTUAL); \
               INSERT INTO mines (code, n) VALUES ('S1', 'Kalimbi')";
    database.create(sql, &["mines"]).await;
    let text = drafted(&database).await.text;
    assert!(text.contains("t.nom_site AS \"site_name\""), "{text}");
}

#[tokio::test]
async fn a_view_without_an_index_behind_it_is_a_scan() {
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        let sql = "CREATE TABLE t_mines (code VARCHAR(20), nom VARCHAR(20)); \
                   CREATE TABLE t_keyed (code VARCHAR(20) PRIMARY KEY, nom VARCHAR(20)); \
                   INSERT INTO t_mines VALUES ('S1', 'Kalimbi'); \
                   INSERT INTO t_keyed VALUES ('S1', 'Kalimbi'); \
                   CREATE VIEW mines AS SELECT code, nom FROM t_mines; \
                   CREATE VIEW keyed AS SELECT code, nom FROM t_keyed";
        database.create(sql, &["t_mines", "t_keyed", "mines", "keyed"]).await;
        for (view, is_scan) in [("mines", true), ("keyed", false)] {
            let text = format!(
                "[mapping]\nname = \"v\"\nzone = \"UTC\"\n[[record]]\nentity = \"MineSite\"\nkey = \"t.code\"\n\
                 rows = '''SELECT t.code AS \"_key\", t.nom AS \"site_name\" FROM {view} t /* where-keys */'''\n\
                 [[record.watch]]\ntable = \"{view}\"\nmode = \"diff\"\n"
            );
            let report = checked(&database, &text).await;
            assert_eq!(report.records[0].queries[0].scans, is_scan, "{kind:?} {view}: {report:?}");
        }
    }
}

#[tokio::test]
async fn words_are_listed_as_the_drafted_normalisers_leave_them() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let sql = "CREATE TABLE mines (code TEXT PRIMARY KEY, minerai TEXT); \
               INSERT INTO mines VALUES ('S1', 'CassitÃ©rite'), ('S2', 'Or'), ('S3', 'PÃ©trole')";
    database.create(sql, &["mines"]).await;
    let text = drafted(&database).await.text;
    assert!(text.contains("\nmineral = \"legacy_encoding\""), "{text}");
    assert!(text.contains("\n\"Cassitérite\" = \"cassiterite\" # 1"), "{text}");
    assert!(text.contains("\n#: \"Pétrole\" = \"\""), "{text}");
}

#[tokio::test]
async fn a_schema_that_is_not_public_is_drafted_by_its_name() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let sql = "CREATE SCHEMA \"Cadastre\"; \
               CREATE TABLE \"Cadastre\".sites (code VARCHAR(20) PRIMARY KEY, nom_site VARCHAR(20)); \
               CREATE TABLE sites (code VARCHAR(20) PRIMARY KEY); \
               CREATE SCHEMA secret; CREATE TABLE secret.mines (code INTEGER PRIMARY KEY); \
               INSERT INTO \"Cadastre\".sites VALUES ('S1', 'Kalimbi'), ('S2', 'Bisie')";
    database.create(sql, &["\"Cadastre\".sites", "sites", "secret.mines"]).await;
    database.execute("GRANT USAGE ON SCHEMA \"Cadastre\" TO PUBLIC").await;
    let text = drafted(&database).await.text;
    assert!(text.contains("FROM \"Cadastre\".\"sites\" t"), "{text}");
    // The account may read that table and not enter its schema.
    assert!(text.contains("Tables illisibles:\n#   mines\n"), "{text}");
    let report = checked(&database, &text).await;
    assert!(report.faults.is_empty() && report.records[0].rows == 2, "{report:?}");
}
