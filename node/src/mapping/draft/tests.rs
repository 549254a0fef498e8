//! Drafts of schemas that nobody made for us.

mod odd;

use jiff::civil::date;
use rmd_standard::{Context, Entity};

use super::{Draft, DraftError, Wanted, draft};
use crate::mapping::Mapping;
use crate::mapping::check::{Options, Report, check};
use crate::source::Kind;
use crate::source::testing::TestDatabase;

const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::MySql];

const WANTED: Wanted<'_> = Wanted { country: "CD", alpha3: "COD", entities: &[] };

/// A ministry's tables: French, abbreviated, normalised, with what SQL does badly.
const SCHEMA: &str = "CREATE TABLE ref_statut (id INTEGER PRIMARY KEY, libelle VARCHAR(20)); \
    CREATE TABLE entites (id_entite INTEGER PRIMARY KEY, raison_sociale VARCHAR(80), nif VARCHAR(20), \
    tel VARCHAR(30), courriel VARCHAR(60), adresse VARCHAR(80)); \
    CREATE TABLE sites_miniers (code_site VARCHAR(20) PRIMARY KEY, nom_site VARCHAR(80), \
    lat VARCHAR(30), long_ VARCHAR(30), id_statut INTEGER, \
    substance VARCHAR(40), nb_creuseurs INTEGER, id_proprietaire INTEGER, \
    territoire VARCHAR(40), remarque VARCHAR(80), \
    FOREIGN KEY (id_statut) REFERENCES ref_statut (id), \
    FOREIGN KEY (id_proprietaire) REFERENCES entites (id_entite)); \
    CREATE TABLE visites (num INTEGER PRIMARY KEY, code_site VARCHAR(20), dt_visite VARCHAR(20), \
    resultat VARCHAR(20), nom_inspecteur VARCHAR(40), \
    FOREIGN KEY (code_site) REFERENCES sites_miniers (code_site)); \
    CREATE INDEX visites_site ON visites (code_site); \
    CREATE TABLE lots (num_lot VARCHAR(20) PRIMARY KEY, dt_enreg VARCHAR(20), substance VARCHAR(40), \
    pds VARCHAR(20), teneur VARCHAR(20), code_site VARCHAR(20), id_vendeur INTEGER, dt_maj TIMESTAMP NULL, \
    FOREIGN KEY (id_vendeur) REFERENCES entites (id_entite), \
    FOREIGN KEY (code_site) REFERENCES sites_miniers (code_site)); \
    CREATE TABLE journal_acces (a VARCHAR(20)); \
    INSERT INTO ref_statut VALUES (1, 'Vert'), (2, 'Rouge'), (3, 'Violet'); \
    INSERT INTO entites VALUES (1, 'Kivu Etain SARL', 'A1234567Z', '0812345678', 'k@etain.cd', 'Goma 12'), \
    (2, 'Jean Mutombo', 'B7654321Y', '0998765432', 'j@m.cd', 'Bukavu 3'); \
    INSERT INTO sites_miniers VALUES \
    ('S1', 'Kalimbi', '2°03''12\"S', '28°42''45.6\"E', 1, 'Cassitérite', 120, 1, 'Kalehe', 'rien a dire sur Mutombo'), \
    ('S2', 'Bisie', '1°00''30\"S', '27°44''00\"E', 2, 'Or', 80, 2, 'Walikale', 'secret'), \
    ('S3', 'Nyabibwe', '2°10''00\"S', '28°50''00\"E', 3, 'Coltan; Or', NULL, NULL, 'Kalehe', NULL); \
    INSERT INTO visites VALUES (1, 'S1', '28/11/2017', 'Vert', 'Pauline Kahindo'), \
    (2, 'S1', '03/04/2017', 'Rouge', 'Pauline Kahindo'), (3, 'S2', '13/04/2017', 'Vert', 'Luc Bahati'); \
    INSERT INTO lots VALUES ('L1', '01/12/2017', 'Cassitérite', '1 200,5 kg', '62,5', 'S1', 1, '2017-12-01 10:00:00'), \
    ('L2', '15/12/2017', 'Or', '350 kg', '90,0', 'S2', 2, '2017-12-15 10:00:00')";

const TABLES: [&str; 6] =
    ["ref_statut", "entites", "sites_miniers", "visites", "lots", "journal_acces"];

async fn drafted(database: &TestDatabase) -> Draft {
    draft(&database.source(), &WANTED).await.unwrap()
}

/// Parses a draft and holds it against the source that it came from.
async fn checked(database: &TestDatabase, text: &str) -> Report {
    let mapping =
        Mapping::parse("draft.toml", text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    let context =
        Context { country: "CD".to_owned(), today: date(2018, 1, 1), zone: mapping.zone.clone() };
    check(&database.source(), &mapping, &context, &Options::default()).await.unwrap()
}

#[tokio::test]
async fn a_foreign_schema_gives_a_mapping_that_runs() {
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        database.create(SCHEMA, &TABLES).await;
        let draft = drafted(&database).await;
        let text = &draft.text;
        let records: Vec<(Entity, &str)> =
            draft.records.iter().map(|(entity, table)| (*entity, table.as_str())).collect();
        assert_eq!(records, [(Entity::MineSite, "sites_miniers"), (Entity::Lot, "lots")], "{text}");
        assert_eq!(draft.unused, ["journal_acces"]);
        let report = checked(&database, text).await;
        assert!(report.is_sound(), "{kind:?}: {:?}\n{text}", report.faults);
        let sites = &report.records[0];
        assert_eq!(
            (sites.rows, sites.accepted, sites.refused),
            (3, 2, 1),
            "{kind:?}: {:?}\n{text}",
            sites.rules
        );
        assert_eq!(sites.unmapped["certification_status"]["Violet"], 1);
        let lots = &report.records[1];
        assert_eq!((lots.rows, lots.accepted), (2, 2), "{kind:?}: {:?}\n{text}", lots.rules);
        let filled = |record: usize, name: &str| {
            let fields = &report.records[record].fields;
            fields.iter().find(|field| field.field == name).map(|field| field.filled)
        };
        for (record, field, rows) in [
            (0, "site_name", 3),
            (0, "national_id", 3),
            (0, "workers_declared", 2),
            (0, "mineral", 3),
            (0, "owner.name", 2),
            (0, "owner.tin", 2),
            (0, "owner.contact_details.contact_phone_number", 2),
            (0, "inspection.inspection_date", 3),
            (0, "inspection.inspection_result", 3),
            (1, "creator.identifier", 2),
            (1, "mass", 2),
            (1, "concentration", 2),
            (1, "date_registration", 2),
            (1, "mine_site.national_id", 2),
        ] {
            assert_eq!(filled(record, field), Some(rows), "{kind:?} {field}\n{text}");
        }
    }
}

#[tokio::test]
async fn values_of_persons_and_unknown_texts_are_masked() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database.create(SCHEMA, &TABLES).await;
    let text = drafted(&database).await.text;
    for secret in [
        "Kivu Etain",
        "Mutombo",
        "A1234567Z",
        "0812345678",
        "812345678",
        "k@etain.cd",
        "Goma",
        "Pauline",
        "Kahindo",
        "Bahati",
        "secret",
    ] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    assert!(text.contains("'Kalimbi'") && text.contains("'S1'"), "{text}");
}

#[tokio::test]
async fn guesses_are_written_as_a_person_would() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database.create(SCHEMA, &TABLES).await;
    let text = drafted(&database).await.text;
    for line in [
        "\"mine_site_location.geolocalization.latitude\" = \"degrees_minutes_seconds\"",
        "inspection_date = { name = \"date\", formats = [\"%d/%m/%Y\", \"%Y-%m-%d\"] }",
        "mass = \"mass_with_unit\"",
        "concentration = \"decimal_comma\"",
        "changed_at = \"t.dt_maj\"",
        "\"Vert\" = \"green\" # ",
        "#: \"Violet\" = \"\" # ",
        "\"Or\" = \"gold\" # ",
        "zone = \"Africa/Lubumbashi\"",
        "key = \"c.code_site\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn a_table_without_any_key_is_scanned_and_told() {
    let database = TestDatabase::new(Kind::MySql).await;
    database
        .create(
            "CREATE TABLE SITES (NUM_SITE VARCHAR(20), NOM VARCHAR(40), LATITUDE VARCHAR(20), \
             LONGITUDE VARCHAR(20), STATUT VARCHAR(10), `Date Visite` DATE) CHARACTER SET latin1; \
             SET sql_mode = ''; \
             INSERT INTO SITES VALUES ('1', 'Kaléhé', '-2,05', '28,71', 'Vert', '0000-00-00'), \
             ('2', 'Bisié', '-1,00', '27,73', 'Vert', '2017-05-01')",
            &["SITES"],
        )
        .await;
    let draft = drafted(&database).await;
    assert!(draft.text.contains("scan = true"), "{}", draft.text);
    let report = checked(&database, &draft.text).await;
    assert!(report.is_sound(), "{:?}\n{}", report.faults, draft.text);
    assert_eq!(report.records[0].accepted, 2, "{:?}\n{}", report.records[0].rules, draft.text);
}

/// A flat table in English; the last row is of another state.
const FLAT: &str = "CREATE TABLE mine_site (mine_site_id TEXT PRIMARY KEY, mine_site_name TEXT, \
    country_iso2 TEXT, national_id TEXT, certification_status TEXT, primary_mineral_hs_code TEXT, \
    latitude REAL, longitude REAL, polygon_geojson TEXT, admin1 TEXT, admin2 TEXT, owner_company_id TEXT); \
    INSERT INTO mine_site VALUES \
    ('CD-2.0500+28.7100-00001', 'Kalimbi', 'CD', 'N-1', 'Green', '2609.00.00', -2.05, 28.71, NULL, 'Sud-Kivu', 'Kalehe', 'CO-1'), \
    ('CD-1.0000+27.7300-00002', 'Bisie', 'CD', 'N-2', 'Not inspected', '2609.00.00', -1.0, 27.73, NULL, 'Nord-Kivu', 'Walikale', 'CO-2'), \
    ('RW-1.7000+29.9000-00003', 'Beyond', 'RW', 'N-3', 'Green', '2611.00.00', -1.7, 29.9, NULL, 'Northern', 'Rulindo', 'CO-3')";

#[tokio::test]
async fn a_row_that_says_another_state_is_not_taken_for_one_of_ours() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database.create(FLAT, &["mine_site"]).await;
    let draft = drafted(&database).await;
    let report = checked(&database, &draft.text).await;
    assert!(report.is_sound(), "{:?}\n{}", report.faults, draft.text);
    let sites = &report.records[0];
    assert_eq!((sites.accepted, sites.refused), (2, 1), "{:?}\n{}", sites.rules, draft.text);
    let other = sites.rules.iter().find(|rule| rule.rule == "MD01-ADDRESS-COUNTRY-OWN");
    assert_eq!(other.map(|rule| rule.records), Some(1), "{:?}", sites.rules);
}

#[tokio::test]
async fn the_columns_of_a_flat_table_are_told_apart() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database.create(FLAT, &["mine_site"]).await;
    let text = drafted(&database).await.text;
    for line in [
        "t.mine_site_id AS \"icglr_id\"",
        "t.national_id AS \"national_id\"",
        "t.country_iso2 AS \"address_country\"",
        "t.country_iso2 AS \"local_geographic_designation.country\"",
        "t.primary_mineral_hs_code AS \"mineral\"",
        "t.admin1 AS \"local_geographic_designation.subnational_division_l1_text\"",
        "t.admin2 AS \"local_geographic_designation.subnational_division_l2\"",
        "t.owner_company_id AS \"owner.identifier\"",
        "\"Not inspected\" = \"blue\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn whatever_the_schema_is_the_draft_parses() {
    for schema in [
        "CREATE TABLE a (b INTEGER)",
        "CREATE TABLE \"select\" (\"from\" TEXT, \"a \"\"b\"\"\" TEXT, \"c'\" TEXT); INSERT INTO \"select\" VALUES ('''', '\"\"\"', 'x'), ('#', '\n', NULL)",
        "CREATE TABLE sites (nom TEXT, \"lat itude\" REAL, longitude REAL); INSERT INTO sites VALUES (''''''' ', 1.5, 28.5)",
        "CREATE VIEW lots AS SELECT 1 AS numero, '12 kg' AS poids",
        "CREATE TABLE lots (numero TEXT PRIMARY KEY, substance TEXT); INSERT INTO lots VALUES ('1', 'a''''''b'), ('2', '\\'), ('3', x'4fe9')",
        "CREATE TABLE \"Été\" (\"№\" INTEGER PRIMARY KEY, \"😀\" TEXT); INSERT INTO \"Été\" VALUES (1, '😀')",
    ] {
        let database = TestDatabase::new(Kind::Sqlite).await;
        database.execute(schema).await;
        let draft = drafted(&database).await;
        let report = checked(&database, &draft.text).await;
        let is_of_query =
            |fault: &crate::mapping::Fault| fault.key == "rows" || fault.key == "keys";
        assert!(!report.faults.iter().any(is_of_query), "{:?}\n{}", report.faults, draft.text);
    }
}

#[tokio::test]
async fn an_empty_database_and_a_wanted_type_are_respected() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let none = draft(&database.source(), &WANTED).await;
    assert!(matches!(none, Err(DraftError::NoTable)));
    database.create(SCHEMA, &TABLES).await;
    let wanted = Wanted { entities: &[Entity::Lot], ..WANTED };
    let draft = draft(&database.source(), &wanted).await.unwrap();
    assert_eq!(draft.records, [(Entity::Lot, "lots".to_owned())]);
}
