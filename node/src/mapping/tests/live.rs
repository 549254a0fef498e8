//! What only the database can tell.

use std::time::Duration;

use jiff::civil::date;
use rmd_standard::{Context, Entity};

use super::super::check::{CheckError, Options, Report, check};
use super::super::preview::preview;
use super::super::{Fault, Mapping};
use crate::source::testing::TestDatabase;
use crate::source::{Kind, Limits};

const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::MySql];

const MAPPING: &str = r#"
[mapping]
name = "test"
zone = "Africa/Lubumbashi"
[[record]]
entity = "MineSite"
key = "s.code"
rows = '''
SELECT s.code AS "_key", s.code AS "national_id", s.nom AS "site_name",
       s.statut AS "certification_status", 'CD' AS "address_country",
       s.lat AS "mine_site_location.geolocalization.latitude",
       s.lon AS "mine_site_location.geolocalization.longitude",
       s.annule AS "_annulled_on", s.motif AS "_annulled_reason"
FROM sites s /* where-keys */
'''
[[record.child]]
list = "inspection"
key = "v.site"
rows = 'SELECT v.site AS "_key", v.jour AS "inspection_date" FROM visites v /* where-keys */'
[[record.watch]]
table = "sites"
mode = "diff"
[[record]]
entity = "ReportingPeriod"
key = "p.mois"
rows = '''SELECT p.mois AS "_key", p.mois AS "period", 'CD' AS "country", 'transactions' AS "feed"
FROM periodes p /* where-keys */'''
[[record.watch]]
table = "periodes"
mode = "diff"
[codes.certification_status]
"Vert" = "green"
"#;

const SCHEMA: &str = "CREATE TABLE sites (code VARCHAR(20) PRIMARY KEY, nom VARCHAR(80), \
    statut VARCHAR(20), lat DOUBLE PRECISION, lon DOUBLE PRECISION, annule DATE, motif VARCHAR(80)); \
    CREATE TABLE visites (site VARCHAR(20), jour DATE); \
    CREATE INDEX visites_site ON visites (site); \
    CREATE TABLE periodes (mois VARCHAR(7) PRIMARY KEY); \
    INSERT INTO periodes VALUES ('2017-05'); \
    INSERT INTO visites VALUES ('S1', '2017-05-01'), ('S1', '2016-05-01'); \
    INSERT INTO sites VALUES ('S1', 'Kalimbi é', 'Vert', -8.5, 27.1, NULL, NULL), \
    ('S2', 'Two', 'Violet', -8.5, 27.2, NULL, NULL), \
    ('S3', 'Three', 'Violet', 95, 27.3, NULL, NULL), \
    ('S4', 'Four', 'Vert', -8.5, 27.4, '2017-03-01', 'double emploi')";

fn context() -> Context {
    let zone = jiff::tz::TimeZone::get("Africa/Lubumbashi").unwrap();
    Context { country: "CD".to_owned(), today: date(2018, 1, 1), zone }
}

async fn database(kind: Kind) -> TestDatabase {
    let database = TestDatabase::new(kind).await;
    database.create(SCHEMA, &["sites", "visites", "periodes"]).await;
    database
}

async fn report(database: &TestDatabase, mapping: &str) -> Report {
    let mapping = Mapping::parse("mapping.toml", mapping).unwrap();
    check(&database.source(), &mapping, &context(), &Options::default()).await.unwrap()
}

/// The one fault of the mapping with one part replaced; the other record is read.
async fn fault(database: &TestDatabase, part: &str, by: &str) -> Fault {
    assert!(MAPPING.contains(part), "{part}");
    let mut report = report(database, &MAPPING.replace(part, by)).await;
    assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
    assert_eq!(report.records[1].rows, 1, "a fault of one record hides no other");
    let fault = report.faults.remove(0);
    assert_eq!(fault.file, "mapping.toml");
    assert!(!fault.fr.is_empty() && fault.fr != fault.en, "{fault}");
    // What is wrong, then what to do.
    assert!(fault.en.contains("; ") && fault.fr.contains(" ; "), "{fault}");
    fault
}

#[tokio::test]
async fn a_good_mapping_reports_rows_rules_and_unmapped_words() {
    for kind in KINDS {
        let database = database(kind).await;
        let report = report(&database, MAPPING).await;
        assert!(report.is_sound(), "{kind:?}: {:?}", report.faults);
        let sites = &report.records[0];
        assert_eq!((sites.rows, sites.list_rows), (4, 2), "{kind:?}");
        assert_eq!((sites.accepted, sites.refused), (2, 2), "{kind:?}");
        assert_eq!(sites.incomplete, 2, "no owner, no licence");
        assert_eq!(sites.unmapped["certification_status"]["Violet"], 2, "{kind:?}");
        let unlisted = sites.rules.iter().find(|rule| rule.rule.ends_with("-LIST")).unwrap();
        assert_eq!((unlisted.records, unlisted.first[0].source_key.as_str()), (2, "S2"));
        assert!(sites.queries.iter().all(|query| !query.scans && !query.plan.is_empty()));
    }
}

#[tokio::test]
async fn a_column_that_does_not_exist_is_named() {
    for kind in KINDS {
        let database = database(kind).await;
        let fault = fault(&database, "s.nom", "s.nomm").await;
        assert_eq!((fault.record.as_str(), fault.key.as_str()), ("MineSite", "rows"));
        assert!(fault.en.contains("nomm"), "{kind:?}: {}", fault.en);
    }
}

/// SQLite would take the name for a text and give every site the name "nomm".
#[tokio::test]
async fn a_quoted_column_that_does_not_exist_is_named_and_no_constant() {
    for kind in KINDS {
        let database = database(kind).await;
        let good = MAPPING.replace("s.nom", "\"nom\"");
        assert!(report(&database, &good).await.is_sound(), "{kind:?}");
        let fault = fault(&database, "s.nom", "\"nomm\"").await;
        assert!(fault.en.contains("nomm"), "{kind:?}: {}", fault.en);
    }
}

#[tokio::test]
async fn an_alias_that_is_no_field_suggests_the_nearest() {
    for kind in KINDS {
        let database = database(kind).await;
        let wrong = fault(&database, "\"site_name\"", "\"sitename\"").await;
        assert_eq!((wrong.record.as_str(), wrong.key.as_str()), ("MineSite", "rows"));
        assert!(wrong.fr.contains("vouliez-vous dire « site_name » ?"), "{}", wrong.fr);
        assert!(wrong.en.contains("did you mean \"site_name\"?"), "{kind:?}: {}", wrong.en);
        let child = fault(&database, "\"inspection_date\"", "\"inspection_day\"").await;
        assert_eq!(child.record, "MineSite inspection");
    }
}

#[tokio::test]
async fn a_re_read_that_scans_is_refused_unless_the_mapping_allows_it() {
    for kind in KINDS {
        let database = database(kind).await;
        let drop = match kind {
            Kind::MySql => "DROP INDEX visites_site ON visites",
            _ => "DROP INDEX visites_site",
        };
        database.execute(drop).await;
        let fault = fault(&database, "[codes", "[codes").await;
        assert_eq!(fault.record, "MineSite inspection", "{kind:?}");
        assert!(fault.en.contains("index") && fault.en.contains("scan = true"), "{}", fault.en);
        let allowed = MAPPING.replace("key = \"s.code\"", "key = \"s.code\"\nscan = true");
        assert!(report(&database, &allowed).await.is_sound(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_key_that_the_index_cannot_serve_is_a_scan() {
    for kind in KINDS {
        let database = database(kind).await;
        database.execute("ALTER TABLE sites ADD COLUMN autre VARCHAR(20)").await;
        database.execute("UPDATE sites SET autre = code").await;
        let text = MAPPING.replace("s.code AS \"_key\"", "s.autre AS \"_key\"");
        let text = text.replace("key = \"s.code\"", "key = \"s.autre\"");
        let faults = report(&database, &text).await.faults;
        assert_eq!(faults.len(), 1, "{kind:?}: {faults:?}");
        assert_eq!(faults[0].record, "MineSite", "{kind:?}");
    }
}

#[tokio::test]
async fn a_query_that_is_slow_is_told_as_slow() {
    let database = database(Kind::Postgres).await;
    let text = MAPPING.replace("s.nom AS", "(SELECT 'x' FROM pg_sleep(60)) AS");
    let mapping = Mapping::parse("mapping.toml", &text).unwrap();
    let limits = Limits { statement: Duration::from_millis(300), ..Limits::default() };
    let source = database.source_with(limits);
    let faults = check(&source, &mapping, &context(), &Options::default()).await.unwrap().faults;
    assert!(faults[0].en.contains("too slow"), "{faults:?}");
}

#[tokio::test]
async fn rows_that_stand_twice_or_without_a_key_are_refused_by_name() {
    for kind in KINDS {
        let database = database(kind).await;
        database.execute("CREATE TABLE copies (code VARCHAR(20), nom VARCHAR(80))").await;
        database.create("CREATE INDEX copies_code ON copies (code)", &["copies"]).await;
        database
            .execute("INSERT INTO copies VALUES ('S1', 'a'), ('S1', 'b'), (NULL, 'c'), ('S2', 'd')")
            .await;
        let text =
            MAPPING.replace("FROM sites s", "FROM copies c LEFT JOIN sites s ON s.code = c.code");
        let text = text.replace("s.code AS \"_key\"", "c.code AS \"_key\"");
        let text = text.replace("key = \"s.code\"", "key = \"c.code\"");
        let sites = &report(&database, &text).await.records[0];
        let refused = |rule: &str| {
            sites.rules.iter().find(|found| found.rule == rule).map_or(0, |found| found.records)
        };
        assert_eq!(refused("SOURCE-KEY-TWICE"), 1, "{kind:?}");
        assert_eq!(refused("SOURCE-KEY-MISSING"), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_preview_shows_rows_findings_annulments_and_missing_keys() {
    for kind in KINDS {
        let database = database(kind).await;
        let mapping = Mapping::parse("mapping.toml", MAPPING).unwrap();
        let source = database.source();
        let keys = ["S4", "S1", "S2", "S9"].map(str::to_owned);
        let shown =
            preview(&source, &mapping, &context(), Entity::MineSite, &keys, 0).await.unwrap();
        assert_eq!(shown.missing, ["S9"]);
        let of = |key: &str| shown.outputs.iter().find(|row| row.source_key == key).unwrap();
        let json = of("S1").outcome.as_ref().unwrap().record().to_json();
        assert_eq!(json["site_name"], "Kalimbi é", "{kind:?}");
        // The order of the source is no order: the earlier visit comes first.
        assert_eq!(json["inspection"][0]["inspection_date"], "2016-05-01", "{kind:?}");
        assert!(of("S2").outcome.is_err());
        let annulled = of("S4").annulled.clone();
        assert_eq!(annulled, Some((date(2017, 3, 1), "double emploi".to_owned())), "{kind:?}");
        let first = preview(&source, &mapping, &context(), Entity::MineSite, &[], 2).await.unwrap();
        assert_eq!(first.outputs.len(), 2);
        let lot = preview(&source, &mapping, &context(), Entity::Lot, &[], 2).await;
        assert!(matches!(lot, Err(CheckError::NotMapped { .. })));
    }
}

#[tokio::test]
async fn children_find_their_parent_as_the_source_compares_keys() {
    // The collation of this server takes upper and lower case for the same.
    let database = database(Kind::MySql).await;
    database.execute("UPDATE visites SET site = 's1'").await;
    let mapping = Mapping::parse("mapping.toml", MAPPING).unwrap();
    let keys = ["S1".to_owned()];
    let source = database.source();
    let shown = preview(&source, &mapping, &context(), Entity::MineSite, &keys, 0).await.unwrap();
    let json = shown.outputs[0].outcome.as_ref().unwrap().record().to_json();
    assert_eq!(json["inspection"].as_array().unwrap().len(), 2);
}

/// A site as an old system keeps it: degrees in words, French days, bytes of latin1.
#[tokio::test]
async fn normalisers_read_what_sql_does_badly() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database
        .execute(
            "CREATE TABLE sites (code TEXT PRIMARY KEY, nom TEXT, statut TEXT, lat TEXT, lon TEXT, \
             annule TEXT, motif TEXT); \
             CREATE TABLE visites (site TEXT, jour TEXT); CREATE INDEX i ON visites (site); \
             CREATE TABLE periodes (mois TEXT PRIMARY KEY); \
             INSERT INTO visites VALUES ('S1', '01/05/2017'), ('S1', 'néant'), ('S2', '31/02/2017'); \
             INSERT INTO sites VALUES \
             ('S1', CAST(x'4b616ce968e9' AS TEXT), 'Vert', '8°30'' S', '27°06''E', '01/03/2017', 'x'), \
             ('S2', 'Two', 'Vert', '8°30'' S', '27,2', NULL, NULL), \
             ('S3', 'Three', 'Vert', '8°75'' S', '27,3', NULL, NULL)",
        )
        .await;
    let text = MAPPING
        .replace(
            "[[record.child]]",
            "[record.normalise]\nsite_name = \"legacy_encoding\"\n\
             \"mine_site_location.geolocalization.latitude\" = \"degrees_minutes_seconds\"\n\
             \"mine_site_location.geolocalization.longitude\" = \"degrees_minutes_seconds\"\n\
             _annulled_on = { name = \"date\", formats = [\"%d/%m/%Y\"] }\n[[record.child]]",
        )
        .replace(
            "FROM visites v /* where-keys */'",
            "FROM visites v /* where-keys */'\n[record.child.normalise]\n\
             inspection_date = [{ name = \"empty_words\", words = [\"néant\"] }, \
             { name = \"date\", formats = [\"%d/%m/%Y\"] }]",
        );
    let mapping = Mapping::parse("mapping.toml", &text).unwrap();
    let source = database.source();
    let shown = preview(&source, &mapping, &context(), Entity::MineSite, &[], 9).await.unwrap();
    let first = &shown.outputs[0];
    let json = first.outcome.as_ref().unwrap().record().to_json();
    assert_eq!(json["site_name"], "Kaléhé");
    let point = &json["mine_site_location"]["geolocalization"];
    assert_eq!(
        (&point["latitude_e7"], &point["longitude_e7"]),
        (&(-85_000_000).into(), &271_000_000.into())
    );
    assert_eq!(json["inspection"].as_array().unwrap().len(), 2, "{json}");
    assert_eq!(first.annulled.as_ref().unwrap().0, date(2017, 3, 1));
    let second = shown.outputs[1].outcome.as_ref().unwrap_err();
    let finding = &second.findings[0];
    assert_eq!((finding.rule.as_str(), finding.value.as_str()), ("NORMALISE-DATE", "31/02/2017"));
    assert_eq!(finding.path, "inspection[0].inspection_date");
    for said in [&finding.en, &finding.fr] {
        assert!(said.contains("31/02/2017") && said.contains("inspection_date"), "{said}");
    }
    let third = shown.outputs[2].outcome.as_ref().unwrap_err();
    assert_eq!(third.findings[0].rule, "NORMALISE-DEGREES-MINUTES-SECONDS");
}

#[tokio::test]
async fn a_normaliser_for_a_column_that_is_not_selected_is_named() {
    let database = database(Kind::Sqlite).await;
    let line =
        "[record.normalise]\nnational_id = \"whitespace\"\nactivity_status = \"whitespace\"\n";
    let wrong = MAPPING.replacen("[[record.child]]", &format!("{line}[[record.child]]"), 1);
    let faults = report(&database, &wrong).await.faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].key.contains("activity_status") && faults[0].en.contains("select"));
}

#[tokio::test]
async fn a_check_tells_how_far_each_field_is_filled() {
    let database = database(Kind::Sqlite).await;
    database.execute("UPDATE sites SET nom = NULL WHERE code = 'S2'").await;
    let text = MAPPING.replacen(
        "[[record.child]]",
        "[record.normalise]\nsite_name = [\"whitespace\", { name = \"empty_words\", words = [\"Three\"] }]\n\
         \"mine_site_location.geolocalization.latitude\" = \"degrees_minutes_seconds\"\n[[record.child]]",
        1,
    );
    let report = report(&database, &text).await;
    let sites = &report.records[0];
    let of = |name: &str| sites.fields.iter().find(|field| field.field == name).unwrap();
    let name = of("site_name");
    assert_eq!((name.filled, name.empty, name.filled_per_mille), (3, 1, 750));
    let steps: Vec<_> =
        name.normalisers.iter().map(|step| (step.name, step.cells, step.emptied)).collect();
    assert_eq!(steps, [("whitespace", 3, 0), ("empty_words", 3, 1)]);
    assert_eq!(of("certification_status").refused, 2);
    assert_eq!(of("mine_site_location.geolocalization.latitude").refused, 1);
    assert_eq!(of("inspection.inspection_date").filled, 2);
    assert!(sites.missing.contains_key("owner") && !sites.missing.contains_key("inspection"));
    assert!(!sites.missing.contains_key("national_id"), "{:?}", sites.missing);
    assert_eq!(report.warnings.len(), 1, "the file of the test is in WAL mode");
}

#[tokio::test]
async fn a_check_of_a_few_rows_says_that_it_was_cut() {
    let database = database(Kind::Sqlite).await;
    let mapping = Mapping::parse("mapping.toml", MAPPING).unwrap();
    let options = Options { examples: 1, limit: Some(3), ..Options::default() };
    let report = check(&database.source(), &mapping, &context(), &options).await.unwrap();
    let sites = &report.records[0];
    assert_eq!((sites.rows, sites.cut), (3, true));
    assert!(sites.rules.iter().all(|rule| rule.first.len() == 1));
    assert!(!report.records[1].cut);
}
