//! What each column type becomes.

use rmd_standard::Cell;
use rust_decimal::Decimal;

use super::super::testing::TestDatabase;
use super::{Error, Kind, fetch};

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn decimal(text: &str) -> Cell {
    Cell::Decimal(text.parse::<Decimal>().unwrap())
}

async fn cells(kind: Kind, select: &str) -> Vec<Cell> {
    let database = TestDatabase::new(kind).await;
    let mut session = database.source().connect().await.unwrap();
    let mut rows = fetch(&mut session, select).await.unwrap();
    let row = rows.rows.remove(0);
    assert_eq!(row.faults, []);
    row.cells
}

#[tokio::test]
async fn sqlite_values_are_read_by_their_stored_type() {
    let found = cells(
        Kind::Sqlite,
        "SELECT NULL AS a, 9223372036854775807 AS b, 0.1 AS c, 'Vert é' AS d, '' AS e, x'c0ff' AS f",
    )
    .await;
    assert_eq!(
        found,
        [
            Cell::Null,
            Cell::Integer(i64::MAX),
            Cell::Real(0.1),
            text("Vert é"),
            text(""),
            text("c0ff"),
        ]
    );
}

#[tokio::test]
async fn postgres_types_are_read_exactly() {
    let found = cells(
        Kind::Postgres,
        "SELECT true AS a, 1::int2 AS b, 2::int4 AS c, 3::int8 AS d, 0.1::float4 AS e, \
         0.1::float8 AS f, 1234567890.123456789::numeric AS g, 'é'::varchar AS h, \
         'ab'::char(4) AS i, DATE '2016-02-29' AS j, TIME '10:11:12.5' AS k, \
         TIMESTAMP '2017-05-03 10:11:12.123456' AS l, \
         TIMESTAMPTZ '2017-05-03 23:30:00+00' AS m, '\\xc0ff'::bytea AS n, \
         'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS o, '{\"a\": 1}'::jsonb AS p, \
         ARRAY['gold', 'tin'] AS q, NULL::int4 AS r",
    )
    .await;
    assert_eq!(
        found,
        [
            Cell::Bool(true),
            Cell::Integer(1),
            Cell::Integer(2),
            Cell::Integer(3),
            Cell::Real(0.1),
            Cell::Real(0.1),
            decimal("1234567890.123456789"),
            text("é"),
            text("ab  "),
            text("2016-02-29"),
            text("10:11:12.500000"),
            text("2017-05-03T10:11:12.123456"),
            // Half past one on the next day in Lubumbashi.
            text("2017-05-04T01:30:00+02:00"),
            text("c0ff"),
            text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            text("{\"a\": 1}"),
            text("gold;tin"),
            Cell::Null,
        ]
    );
}

#[tokio::test]
async fn mariadb_types_are_read_exactly() {
    let database = TestDatabase::new(Kind::MySql).await;
    database
        .create(
            "CREATE TABLE t (a TINYINT(1), b INT UNSIGNED, c BIGINT UNSIGNED, d FLOAT, e DOUBLE, \
             f DECIMAL(20,9), g VARCHAR(20) COLLATE utf8mb4_bin, h ENUM('vert','bleu'), i DATE, \
             j TIME, k DATETIME(6), l TIMESTAMP NULL, m VARBINARY(4), n YEAR, o BIT(10), p TEXT, \
             q DATE); SET time_zone = '+00:00'; SET sql_mode = ''; \
             INSERT INTO t VALUES (2, 4000000000, 18446744073709551615, 0.1, 0.1, \
             1234567890.123456789, 'é', 'bleu', '2016-02-29', '10:11:12', \
             '2017-05-03 10:11:12.123456', '2017-05-03 23:30:00', x'c0ff', 2017, b'1000000001', \
             'long', '0000-00-00')",
            &["t"],
        )
        .await;
    let mut session = database.source().connect().await.unwrap();
    let rows = fetch(&mut session, "SELECT \"t\".* FROM t").await.unwrap();
    assert_eq!(rows.rows[0].faults, []);
    assert_eq!(
        rows.rows[0].cells,
        [
            // A code in TINYINT(1) is no truth value.
            Cell::Integer(2),
            Cell::Integer(4_000_000_000),
            decimal("18446744073709551615"),
            Cell::Real(0.1),
            Cell::Real(0.1),
            decimal("1234567890.123456789"),
            text("é"),
            text("bleu"),
            text("2016-02-29"),
            text("10:11:12"),
            text("2017-05-03T10:11:12.123456"),
            text("2017-05-04T01:30:00+02:00"),
            text("c0ff"),
            Cell::Integer(2017),
            Cell::Integer(513),
            text("long"),
            Cell::Null,
        ]
    );
}

#[tokio::test]
async fn a_type_that_no_record_holds_names_its_column() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let mut session = database.source().connect().await.unwrap();
    let error = fetch(&mut session, "SELECT point(1, 2) AS place").await.unwrap_err();
    let Error::Type { column, type_name } = &error else { panic!("{error}") };
    assert_eq!((column.as_str(), type_name.as_str()), ("place", "POINT"));
    assert!(error.to_string().contains("cast it to text"));
}

#[tokio::test]
async fn an_unreadable_value_is_a_fault_of_its_row_alone() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let mut session = database.source().connect().await.unwrap();
    // Latin-1 in a file that says UTF-8.
    let sql = "SELECT 1 AS code, CAST(x'e9' AS TEXT) AS name UNION ALL SELECT 2, 'é'";
    let rows = fetch(&mut session, sql).await.unwrap();
    assert_eq!(rows.rows[0].faults.len(), 1);
    assert_eq!(rows.rows[0].faults[0].0, 1);
    assert_eq!(rows.rows[1].faults, []);
    assert_eq!(rows.rows[1].cells[1], text("é"));
}

#[tokio::test]
async fn a_zero_date_is_absent_and_half_a_date_is_a_fault_of_its_row() {
    let database = TestDatabase::new(Kind::MySql).await;
    database
        .create(
            "CREATE TABLE t (n INT, a DATE, b DATETIME, c TIMESTAMP NULL); SET sql_mode = ''; \
             INSERT INTO t VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'), \
             (2, '2017-00-00', '2017-05-00 10:00:00', NULL), \
             (3, '2017-05-01', '2017-05-01 00:00:00', NULL)",
            &["t"],
        )
        .await;
    let mut session = database.source().connect().await.unwrap();
    let rows = fetch(&mut session, "SELECT a, b, c FROM t ORDER BY n").await.unwrap().rows;
    assert_eq!(rows[0].cells, [Cell::Null, Cell::Null, Cell::Null]);
    assert_eq!(rows[0].faults, []);
    let columns: Vec<usize> = rows[1].faults.iter().map(|fault| fault.0).collect();
    assert_eq!(columns, [0, 1]);
    assert_eq!(rows[2].cells[..2], [text("2017-05-01"), text("2017-05-01T00:00:00")]);
}

#[tokio::test]
async fn a_day_without_end_is_a_fault_of_its_row() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let mut session = database.source().connect().await.unwrap();
    let sql = "SELECT 'infinity'::date AS a, '-infinity'::timestamp AS b, \
               'infinity'::timestamptz AS c, 'NaN'::numeric AS d, '12000-01-01'::date AS e, \
               'infinity'::numeric AS f, '1999-12-31'::date AS g, \
               TIMESTAMP '1999-12-31 23:59:59.5' AS h";
    let row = fetch(&mut session, sql).await.unwrap().rows.remove(0);
    let columns: Vec<usize> = row.faults.iter().map(|fault| fault.0).collect();
    assert_eq!(columns, [0, 1, 2, 3, 4, 5]);
    assert!(row.faults[0].1.contains("infinity"), "{:?}", row.faults);
    assert_eq!(row.cells[6..], [text("1999-12-31"), text("1999-12-31T23:59:59.500000")]);
}

#[tokio::test]
async fn a_latin1_column_comes_as_text_and_latin1_bytes_keep_their_bytes() {
    let database = TestDatabase::new(Kind::MySql).await;
    database
        .create(
            "CREATE TABLE t (a VARCHAR(20) CHARACTER SET latin1, b VARCHAR(20)); \
             INSERT INTO t VALUES ('Cassitérite', CONVERT(CAST('Cassitérite' AS BINARY) USING latin1))",
            &["t"],
        )
        .await;
    let mut session = database.source().connect().await.unwrap();
    let row = fetch(&mut session, "SELECT a, b FROM t").await.unwrap().rows.remove(0);
    assert_eq!(row.cells, [text("Cassitérite"), text("CassitÃ©rite")]);
    let database = TestDatabase::new(Kind::Sqlite).await;
    let mut session = database.source().connect().await.unwrap();
    let sql = "SELECT CAST(x'43e9' AS TEXT) AS name, 'é' AS good";
    let row = fetch(&mut session, sql).await.unwrap().rows.remove(0);
    assert_eq!((row.bytes_of(0), row.bytes_of(1)), (Some(b"C\xe9".as_slice()), None));
}
