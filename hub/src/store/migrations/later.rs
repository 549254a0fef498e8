//! A store of a later version, or of another program.

use sqlx::AssertSqlSafe;

use crate::store::{Error, Kind, testing::on_each_store};

#[tokio::test]
async fn a_store_of_a_later_or_another_version_is_refused_and_left_as_it_is() {
    on_each_store(async |store| {
        let bytes = match store.kind() {
            Kind::Sqlite => "x'00'",
            Kind::Postgres => "'\\x00'::bytea",
        };
        let yes = match store.kind() {
            Kind::Sqlite => "1",
            Kind::Postgres => "TRUE",
        };
        let altered = format!(
            "UPDATE _sqlx_migrations SET checksum = {bytes}
             WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)"
        );
        let later = format!(
            "INSERT INTO _sqlx_migrations
                 (version, description, success, checksum, execution_time)
             VALUES (29991231235959, 'later', {yes}, {bytes}, 0)"
        );
        store.make_ready().await.unwrap();
        for statement in [later, altered] {
            let mut transaction = store.begin().await.unwrap();
            let query = sqlx::query(AssertSqlSafe(statement));
            query.execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
            for refused in
                [store.make_ready().await, store.migrate().await, store.pending().await.map(|_| ())]
            {
                let error = refused.unwrap_err();
                assert!(matches!(error, Error::Foreign { .. }), "{error}");
                let message = error.to_string();
                assert!(message.contains("later version") && message.contains("plus récente"));
            }
        }
    })
    .await;
}
