//! Both stores behave alike, and their tables are the same.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::{
    Error, Kind, Store,
    testing::{on_each_store, postgres, sqlite},
};

/// Column, type, whether it may be NULL, place in the primary key.
type Columns = BTreeMap<String, (String, bool, i64)>;

async fn tables(store: &Store) -> BTreeMap<String, Columns> {
    let query = match store.kind() {
        Kind::Sqlite => {
            "SELECT t.name AS t, c.name AS c, LOWER(c.type) AS ty, \
             CASE WHEN c.\"notnull\" = 0 AND c.pk = 0 THEN 1 ELSE 0 END AS nullable, \
             CAST(c.pk AS BIGINT) AS pk \
             FROM sqlite_master t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '_sqlx%'"
        }
        Kind::Postgres => {
            "SELECT CAST(c.table_name AS TEXT) AS t, CAST(c.column_name AS TEXT) AS c, \
             CAST(c.data_type AS TEXT) AS ty, \
             CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END AS nullable, \
             CAST(COALESCE(k.ordinal_position, 0) AS BIGINT) AS pk \
             FROM information_schema.columns c \
             LEFT JOIN information_schema.table_constraints p \
             ON p.table_schema = c.table_schema AND p.table_name = c.table_name \
             AND p.constraint_type = 'PRIMARY KEY' \
             LEFT JOIN information_schema.key_column_usage k \
             ON k.constraint_schema = p.constraint_schema \
             AND k.constraint_name = p.constraint_name AND k.column_name = c.column_name \
             WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_sqlx%'"
        }
    };
    let rows = sqlx::query(query).fetch_all(&mut *store.acquire().await.unwrap()).await.unwrap();
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
        let kind: String = row.get("ty");
        let kind = if kind == "bytea" { "blob".to_owned() } else { kind };
        let facts = (kind, row.get::<i64, _>("nullable") == 1, row.get("pk"));
        tables.entry(row.get("t")).or_default().insert(row.get("c"), facts);
    }
    tables
}

#[tokio::test]
async fn both_folders_make_the_same_tables() {
    let (file, _dir) = sqlite().await;
    let server = postgres().await;
    file.migrate().await.unwrap();
    server.migrate().await.unwrap();
    let (ours, theirs) = (tables(&file).await, tables(&server).await);
    assert!(ours.contains_key("feed_cursor") && ours.contains_key("mine_site_inspection"));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (table, columns) in &ours {
        assert_eq!(columns, &theirs[table], "table {table}");
        for (column, (kind, _, _)) in columns {
            assert!(
                ["bigint", "text", "blob"].contains(&kind.as_str()),
                "{table}.{column} is {kind}, which one of the stores lacks"
            );
        }
    }
}

/// From here on a migration is in the words of its store: the language of triggers is no
/// common one.
const OWN_WORDS: &str = "-- In the words of this store:\n";

#[test]
fn both_folders_hold_the_same_text_but_for_bytes_and_triggers() {
    let folder = |name: &str| -> BTreeMap<String, String> {
        let path = format!("{}/migrations/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(path)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect()
    };
    let sqlite = folder("sqlite");
    let postgres = folder("postgres");
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, text) in &sqlite {
        let common = |text: &str| text.split(OWN_WORDS).next().unwrap_or_default().to_owned();
        let own = text.split(OWN_WORDS).nth(1).unwrap_or_default();
        assert_eq!(own.matches("CREATE").count(), own.matches("CREATE TRIGGER").count(), "{name}");
        assert_eq!(common(&text.replace(" BLOB", " BYTEA")), common(&postgres[name]), "{name}");
    }
}

#[tokio::test]
async fn every_primary_key_of_records_contains_the_record_key() {
    let (store, _dir) = sqlite().await;
    store.migrate().await.unwrap();
    for (table, columns) in tables(&store).await {
        if let Some((_, _, place)) = columns.get("record_key") {
            assert!(*place > 0 || table == "decision", "{table} cannot be distributed by record");
        }
    }
}

#[tokio::test]
async fn postgres_is_refused_while_migrations_are_pending() {
    let store = postgres().await;
    let Err(Error::Pending(pending)) = store.make_ready().await else {
        panic!("an empty store is not ready");
    };
    assert!(pending.len() >= 5 && pending[0].contains("create"), "{pending:?}");
    store.migrate().await.unwrap();
    assert_eq!(store.pending().await.unwrap(), Vec::<String>::new());
    store.make_ready().await.unwrap();
}

#[tokio::test]
async fn sqlite_is_migrated_on_start_and_durable() {
    let (store, _dir) = sqlite().await;
    store.make_ready().await.unwrap();
    assert_eq!(store.pending().await.unwrap(), Vec::<String>::new());
    let mut connection = store.acquire().await.unwrap();
    for (pragma, expected) in
        [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 30_000)]
    {
        let row = sqlx::query(pragma).fetch_one(&mut *connection).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), expected, "{pragma}");
    }
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "wal");
}

#[tokio::test]
async fn what_is_dropped_before_commit_never_was() {
    on_each_store(async |store| {
        let count = async || -> i64 {
            let row = sqlx::query("SELECT COUNT(*) FROM exchange")
                .fetch_one(&mut *store.acquire().await.unwrap())
                .await
                .unwrap();
            row.get(0)
        };
        let insert = "INSERT INTO exchange (node_id, failures) VALUES ($1, $2)";
        let mut transaction = store.begin().await.unwrap();
        let query = sqlx::query(insert).bind("COD/é").bind(1_i64);
        query.execute(&mut *transaction).await.unwrap();
        drop(transaction);
        assert_eq!(count().await, 0);
        let mut transaction = store.begin().await.unwrap();
        let query = sqlx::query(insert).bind("COD/é").bind(1_i64);
        query.execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count().await, 1);
        assert!(!store.server_version().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn writers_queue_and_none_is_turned_away() {
    on_each_store(async |store| {
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("INSERT INTO exchange (node_id, failures) VALUES ('a', 0)")
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let writers = (0..20).map(|_| async {
            let mut transaction = store.begin().await?;
            sqlx::query("UPDATE exchange SET failures = failures + 1 WHERE node_id = 'a'")
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        });
        for written in futures_util::future::join_all(writers).await {
            written.unwrap();
        }
        let row = sqlx::query("SELECT failures FROM exchange")
            .fetch_one(&mut *store.acquire().await.unwrap())
            .await
            .unwrap();
        assert_eq!(row.get::<i64, _>(0), 20);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_is_refused_without_showing_it() {
    let error = Store::connect("mysql://hub:secret@db/x", None).await.unwrap_err();
    assert!(matches!(error, Error::Address(_)));
    assert!(!error.to_string().contains("secret"));
}

/// What runs for each page, stream or minute must not read a whole table.
#[tokio::test]
async fn what_runs_again_and_again_goes_through_an_index() {
    use crate::{api, quarantine, regional::settle, share::site};
    let (store, _dir) = sqlite().await;
    store.migrate().await.unwrap();
    let mut connection = store.acquire().await.unwrap();
    for query in [
        settle::MISPLACED,
        settle::UNREAD,
        site::OF_KEY,
        site::AFTER,
        site::FROM,
        quarantine::OF_NODE,
        quarantine::OF_ALL,
        api::TALLY,
    ] {
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
        let rows = sqlx::query(explained).fetch_all(&mut *connection).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let scans = |step: &String| step.starts_with("SCAN") && !step.contains("USING INDEX");
        assert_eq!(steps.iter().find(|step| scans(step)), None, "{query}\n{steps:#?}");
    }
}
