//! The schema of a source, as three servers tell it.

use super::super::schema::{Count, ForeignKey};
use super::super::testing::TestDatabase;
use super::KINDS;

#[tokio::test]
async fn every_source_tells_tables_keys_references_and_samples() {
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        database
            .create(
                "CREATE TABLE provinces (id INTEGER PRIMARY KEY, libelle VARCHAR(40)); \
                 CREATE TABLE sites (code VARCHAR(20) NOT NULL, annee INTEGER NOT NULL, \
                 province INTEGER, nom VARCHAR(80), vu DATE, PRIMARY KEY (code, annee), \
                 FOREIGN KEY (province) REFERENCES provinces (id)); \
                 CREATE INDEX sites_nom ON sites (nom); \
                 CREATE UNIQUE INDEX sites_code ON sites (code); \
                 INSERT INTO provinces VALUES (1, 'Maniema'); \
                 INSERT INTO sites VALUES ('S1', 2017, 1, 'Kalimbi', '2017-05-01'), \
                 ('S2', 2017, NULL, 'Kalimbi', NULL); \
                 CREATE VIEW vus AS SELECT code, vu FROM sites",
                &["provinces", "sites", "vus"],
            )
            .await;
        let mut session = database.source().connect().await.unwrap();
        let tables = session.schema().await.unwrap();
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["provinces", "sites", "vus"], "{kind:?}");
        let sites = &tables[1];
        assert_eq!(sites.primary_key, ["code", "annee"], "{kind:?}");
        let reference = ForeignKey {
            column: "province".to_owned(),
            table: "provinces".to_owned(),
            target: "id".to_owned(),
        };
        assert_eq!(sites.foreign_keys, [reference], "{kind:?}");
        assert!(sites.is_indexed("nom") && sites.is_indexed("code") && !sites.is_indexed("vu"));
        assert!(sites.is_unique("code") && !sites.is_unique("nom"), "{kind:?}: {sites:?}");
        assert_eq!(sites.rows, Count::Exactly(2));
        assert!(tables[2].is_view && !sites.is_view);
        let types: Vec<&str> =
            sites.columns.iter().map(|column| column.type_name.as_str()).collect();
        assert!(types[3].contains("char") && types[4] == "date", "{kind:?}: {types:?}");

        let samples = session.samples(sites, 10).await.unwrap();
        assert_eq!(samples.len(), 2);
        assert_eq!(samples[0][4].as_deref(), Some("2017-05-01"), "{kind:?}");
        assert_eq!(samples[1][2], None);
        let words = session.words(sites, "nom", 5).await.unwrap();
        assert_eq!(words, [("Kalimbi".to_owned(), 2)], "{kind:?}");
    }
}

#[tokio::test]
async fn a_table_that_the_account_may_not_read_is_left_out() {
    for kind in &KINDS[1..] {
        let database = TestDatabase::new(*kind).await;
        database
            .create("CREATE TABLE secrets (a INTEGER); CREATE TABLE sites (a INTEGER)", &["sites"])
            .await;
        let mut session = database.source().connect().await.unwrap();
        let tables = session.schema().await.unwrap();
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["sites"], "{kind:?}");
    }
}
