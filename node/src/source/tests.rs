//! Sources on real servers: sessions, limits and the decoding of every type.

mod schema;
mod types;

use std::time::Duration;

use rmd_standard::Cell;

use super::testing::TestDatabase;
use super::{Error, Kind, Limits, Rows, Session, Source, Statement};

/// Every dialect; a test that says "every source" runs on all of them.
const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::MySql];

fn statement(kind: Kind, sql: &str) -> Statement {
    let mut statement = Statement::new(kind);
    statement.push(sql);
    statement
}

async fn fetch(session: &mut Session, sql: &str) -> Result<Rows, Error> {
    let statement = statement(session.kind(), sql);
    session.begin().await?;
    let rows = session.fetch(&statement, 1000).await;
    session.end().await?;
    rows
}

#[tokio::test]
async fn every_source_says_its_kind_and_version() {
    for (kind, word) in KINDS.into_iter().zip(["sqlite", "postgresql", "mariadb"]) {
        let database = TestDatabase::new(kind).await;
        let session = database.source().connect().await.unwrap();
        assert_eq!(session.server().kind, word);
        assert!(session.server().version.starts_with(|c: char| c.is_ascii_digit()));
        session.close().await;
    }
}

#[tokio::test]
async fn no_source_lets_itself_be_written() {
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        database.create("CREATE TABLE sites (code INT)", &["sites"]).await;
        let mut session = database.source().connect().await.unwrap();
        let written = fetch(&mut session, "INSERT INTO sites VALUES (1)").await;
        assert!(matches!(written, Err(Error::Query { slow: false, .. })), "{written:?}");
    }
}

#[tokio::test]
async fn a_snapshot_is_one_state_of_the_database() {
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        database.create("CREATE TABLE sites (code INT)", &["sites"]).await;
        let mut session = database.source().connect().await.unwrap();
        let count = statement(kind, "SELECT COUNT(*) AS n FROM sites");
        session.begin().await.unwrap();
        let before = session.fetch(&count, 1).await.unwrap();
        database.execute("INSERT INTO sites VALUES (1)").await;
        let during = session.fetch(&count, 1).await.unwrap();
        session.end().await.unwrap();
        let after = fetch(&mut session, count.sql()).await.unwrap();
        assert_eq!(before.rows[0].cells, [Cell::Integer(0)]);
        assert_eq!(during.rows[0].cells, [Cell::Integer(0)]);
        assert_eq!(after.rows[0].cells, [Cell::Integer(1)]);
    }
}

#[tokio::test]
async fn a_statement_ends_with_its_time_and_the_session_goes_on() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                   WHERE i < 2000000000) SELECT MAX(i) AS most FROM n";
    for kind in KINDS {
        let database = TestDatabase::new(kind).await;
        let limits = Limits { statement: Duration::from_millis(200), ..Limits::default() };
        let mut session = database.source_with(limits).connect().await.unwrap();
        // MariaDB cuts a recursion at a number of steps of its own.
        let sql = if kind == Kind::MySql { "SELECT SLEEP(60) AS nap" } else { endless };
        let slow = fetch(&mut session, sql).await;
        assert!(matches!(slow, Err(Error::Query { slow: true, .. })), "{kind:?}: {slow:?}");
        let quick = fetch(&mut session, "SELECT 1 AS one").await.unwrap();
        assert_eq!(quick.rows.len(), 1);
    }
}

#[tokio::test]
async fn more_rows_than_asked_for_are_an_error() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let mut session = database.source().connect().await.unwrap();
    let three = statement(Kind::Sqlite, "SELECT 1 UNION SELECT 2 UNION SELECT 3");
    session.begin().await.unwrap();
    assert_eq!(session.fetch(&three, 3).await.unwrap().rows.len(), 3);
    assert!(session.fetch(&three, 2).await.unwrap_err().is_slow());
}

#[tokio::test]
async fn a_missing_sqlite_file_is_an_error_and_is_not_made() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    std::fs::remove_file(database.file()).unwrap();
    let error = database.source().connect().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert!(!database.file().exists());
}

#[tokio::test]
async fn the_writer_of_an_sqlite_file_is_not_held_up() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    database.execute("CREATE TABLE sites (code INT)").await;
    let mut session = database.source().connect().await.unwrap();
    session.begin().await.unwrap();
    let all = statement(Kind::Sqlite, "SELECT code FROM sites");
    session.fetch(&all, 10).await.unwrap();
    database.execute("INSERT INTO sites VALUES (1)").await;
    session.end().await.unwrap();
}

#[test]
fn an_address_with_a_password_or_of_no_database_is_refused() {
    let open = |url| Source::new(url, None, jiff::tz::TimeZone::UTC, Limits::default());
    for url in ["postgres://a:secret@h/d", "mysql://a:secret@h/d", "postgres://h/d?password=secret"]
    {
        let error = open(url).unwrap_err();
        assert!(matches!(error, Error::PasswordInAddress), "{url}");
        assert!(!error.to_string().contains("secret"));
    }
    assert!(matches!(open("oracle://h/d"), Err(Error::Address { .. })));
    assert!(matches!(open("sqlite:a.db?immutable=1"), Err(Error::Address { .. })));
    assert!(open("postgres://reader@h:5432/d").is_ok());
}

#[test]
fn the_password_comes_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    rmd_runtime::files::write_secret(&file, "s3cret\n").unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    let source =
        Source::new("postgres://reader@h/d", Some(&file), zone.clone(), Limits::default()).unwrap();
    assert!(!format!("{source:?}").contains("s3cret"));
    let missing = dir.path().join("none");
    let error = Source::new("mysql://h/d", Some(&missing), zone, Limits::default()).unwrap_err();
    assert!(matches!(error, Error::PasswordFile { .. }));
}

#[test]
fn a_password_that_others_can_read_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    rmd_runtime::files::write_public(&file, "s3cret\n").unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    let error =
        Source::new("postgres://reader@h/d", Some(&file), zone, Limits::default()).unwrap_err();
    assert!(error.to_string().contains("chmod 600") && !error.to_string().contains("s3cret"));
}
