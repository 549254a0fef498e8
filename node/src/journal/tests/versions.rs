//! Files of a later version of the program.

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::super::{Error, Store, testing::TestJournal};
use crate::api;

const LATER: &str = "INSERT INTO _sqlx_migrations
    (version, description, success, checksum, execution_time)
    VALUES (29991231235959, 'later', 1, x'00', 0)";
const ALTERED: &str = "UPDATE _sqlx_migrations SET checksum = x'00'
    WHERE version = (SELECT max(version) FROM _sqlx_migrations)";

async fn write(path: &std::path::Path, statement: &str) {
    let url = format!("sqlite://{}", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let statement = sqlx::query(AssertSqlSafe(statement.to_owned()));
    statement.execute(&mut connection).await.unwrap();
}

fn assert_refused(error: &Error, name: &str) {
    let Error::Foreign { file, .. } = error else { panic!("{error}") };
    assert_eq!(*file, name);
    let message = error.to_string();
    assert!(message.contains("later version") && message.contains("plus récente"), "{message}");
}

#[tokio::test]
async fn a_file_of_a_later_or_another_version_is_refused_by_name() {
    for statement in [LATER, ALTERED] {
        let test = TestJournal::live().await;
        let clock = test.journal.store().clock().clone();
        write(&test.path(), statement).await;
        let error = Store::open(&test.path(), clock.clone()).await.unwrap_err();
        assert_refused(&error, "node.sqlite");
        let path = test.path().with_file_name("api.sqlite");
        drop(api::Store::open(&path, clock.clone()).await.unwrap());
        write(&path, statement).await;
        match api::Store::open(&path, clock).await {
            Err(api::Error::Journal(error)) => assert_refused(&error, "api.sqlite"),
            other => panic!("{other:?}"),
        }
    }
}
