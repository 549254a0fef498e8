//! COPY beside all other statements, on a real server.

use futures_util::FutureExt as _;
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::store::{
    Error,
    bulk::{Cell, Columns, Rows, Table},
    testing::postgres,
};

static TABLE: Table =
    Table { name: "made", key: "id", columns: &[Columns::named("id, name, unused, bytes")] };

fn rows(ids: impl IntoIterator<Item = i64>) -> Rows {
    let mut rows = Rows::new(&TABLE);
    for id in ids {
        let bytes: &[u8] = &[0, 255];
        let name = if id % 2 == 0 { Cell::Absent } else { Cell::required("é\t\\N\n\"") };
        rows.push([Cell::integer(id), name, Cell::Absent, Cell::bytes(Some(bytes))]);
    }
    rows
}

const MAKE: &str =
    "CREATE TABLE made (id BIGINT PRIMARY KEY, name TEXT, unused BIGINT, bytes BYTEA)";

#[tokio::test]
async fn copied_rows_belong_to_the_transaction_and_read_as_they_were() {
    let store = postgres().await;
    sqlx::query(MAKE).execute(&mut *store.acquire().await.unwrap()).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    rows(0..5_000).insert(&mut transaction).await.unwrap();
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    rows(0..1_000).insert(&mut transaction).await.unwrap();
    rows(500..2_000).upsert(&mut transaction, "").await.unwrap();
    rows(1_990..2_000).upsert(&mut transaction, "").await.unwrap();
    transaction.commit().await.unwrap();
    let query = "SELECT COUNT(*), COUNT(name), COUNT(unused), MIN(name), MIN(ENCODE(bytes, 'hex')) \
                 FROM made";
    let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap();
    let counts = [0, 1, 2].map(|column| row.get::<i64, _>(column));
    assert_eq!(counts, [2_000, 1_000, 0]);
    assert_eq!(row.get::<String, _>(3), "é\t\\N\n\"");
    assert_eq!(row.get::<String, _>(4), "00ff");
}

#[tokio::test]
async fn a_copy_that_fails_leaves_a_connection_that_works() {
    let store = postgres().await;
    let mut connection = store.acquire().await.unwrap();
    let missing = rows(0..3).insert(&mut connection).await;
    assert!(matches!(missing, Err(Error::Query(sqlx::Error::Database(_)))), "{missing:?}");
    sqlx::query(MAKE).execute(&mut *connection).await.unwrap();
    rows(0..3).insert(&mut connection).await.unwrap();
    let taken = rows(2..9).insert(&mut connection).await.unwrap_err();
    assert!(taken.is_taken(), "{taken}");
    rows(3..9).insert(&mut connection).await.unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM made").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 9);
}

/// The process of the server behind a connection.
async fn process(connection: &mut AnyConnection) -> i32 {
    let row = sqlx::query("SELECT pg_backend_pid()").fetch_one(connection).await.unwrap();
    row.get(0)
}

#[tokio::test]
async fn a_connection_that_is_left_in_a_copy_is_not_used_again() {
    let store = postgres().await;
    let mut connection = store.acquire().await.unwrap();
    sqlx::query(MAKE).execute(&mut *connection).await.unwrap();
    let before = process(&mut connection).await;
    // Polled once, the statement is on its way; then it is dropped.
    assert!(rows(0..200_000).insert(&mut connection).now_or_never().is_none());
    assert!(connection.ping().await.is_err());
    drop(connection);
    assert_ne!(process(&mut store.acquire().await.unwrap()).await, before);
}

#[tokio::test]
async fn a_connection_that_is_left_in_the_begin_of_a_transaction_is_not_used_again() {
    let store = postgres().await;
    let mut connection = store.acquire().await.unwrap();
    let before = process(&mut connection).await;
    // The server begins it at once, and answers only when it has slept.
    let begin = connection.begin_with("BEGIN; SELECT pg_sleep(1)");
    assert!(begin.now_or_never().is_none());
    assert!(connection.ping().await.is_err());
    drop(connection);
    // The driver does not know of that transaction, and this one would be part of it.
    let mut snapshot = store.snapshot().await.unwrap();
    assert_ne!(process(&mut snapshot).await, before);
}
