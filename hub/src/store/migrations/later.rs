//! A store of a later version, or of another program.

use sqlx::AssertSqlSafe;

use crate::store::{Error, Kind, Store, testing::on_each_store};

const LATER: i64 = 29_991_231_235_959;

async fn write(store: &Store, statement: String) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

/// The migration for which the store is refused, whatever it is asked.
async fn refused(store: &Store) -> i64 {
    let mut seen = 0;
    for answer in
        [store.make_ready().await, store.migrate().await, store.pending().await.map(|_| ())]
    {
        let error = answer.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("later version") && message.contains("plus récente"), "{message}");
        let Error::Foreign { found, .. } = error else { panic!("{message}") };
        seen = found;
    }
    seen
}

#[tokio::test]
async fn a_store_of_a_later_or_another_version_is_refused() {
    on_each_store(async |store| {
        store.make_ready().await.unwrap();
        let (bytes, yes) = match store.kind() {
            Kind::Sqlite => ("x'00'", "1"),
            Kind::Postgres => ("'\\x00'::bytea", "TRUE"),
        };
        let later = format!(
            "INSERT INTO _sqlx_migrations
                 (version, description, success, checksum, execution_time)
             VALUES ({LATER}, 'later', {yes}, {bytes}, 0)"
        );
        write(&store, later).await;
        assert_eq!(refused(&store).await, LATER);
        write(&store, format!("DELETE FROM _sqlx_migrations WHERE version = {LATER}")).await;
        store.make_ready().await.unwrap();
        let altered = format!(
            "UPDATE _sqlx_migrations SET checksum = {bytes}
             WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)"
        );
        write(&store, altered).await;
        assert!(refused(&store).await < LATER);
    })
    .await;
}
