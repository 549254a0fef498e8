//! What an earlier version of the hub wrote is there after the next one came.

use sqlx::{Row as _, migrate::Migrator};

use super::migrator;
use crate::store::{
    Store,
    testing::{postgres, sqlite},
};

/// The last migration of the version before records had their bytes.
const FIRST_VERSION: i64 = 20_261_121_235_959;

async fn up_to(store: &Store, version: i64) {
    let all = migrator(store.kind());
    let earlier = all.iter().filter(|migration| migration.version <= version).cloned().collect();
    let mut connection = store.acquire().await.unwrap();
    Migrator::with_migrations(earlier).run_direct(None, &mut *connection, false).await.unwrap();
}

async fn execute(store: &Store, statements: &[&'static str]) {
    let mut transaction = store.begin().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn rows_of_the_first_version_survive() {
    let (file, _dir) = sqlite().await;
    for store in [file, postgres().await] {
        up_to(&store, FIRST_VERSION).await;
        execute(
            &store,
            &[
                "INSERT INTO mine_site (record_key, rev, void, icglr_id, address_country,
                     local_geographic_designation, address_address_country,
                     address_subnational_division_l2)
                 VALUES ('CD/1', 1, 0, 'CD-1', 'CD', 'Colline', 'CD', 'Masisi')",
                "INSERT INTO lot (record_key, rev, void, country, lot_number, nr_of_packages)
                 VALUES ('CD/A/1', 1, 0, 'CD', 'L-1', 12)",
                "INSERT INTO lot_tag (record_key, position, identifier, issuer)
                 VALUES ('CD/A/1', 0, 'T-1', 'CEEC')",
            ],
        )
        .await;
        store.migrate().await.unwrap();
        assert_eq!(store.pending().await.unwrap(), Vec::<String>::new());
        let query = "SELECT s.address_country || ' ' || s.local_geographic_designation_country
                     || ' ' || s.local_geographic_designation_subnational_division_l2
                     || ' ' || s.local_geographic_designation_address_locality_text
                     || ' ' || t.issuer_identifier, l.nr_of_packages_e3
                     FROM mine_site s, lot l, lot_tag t";
        let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await;
        let row = row.unwrap();
        assert_eq!(row.get::<String, _>(0), "CD CD Masisi Colline CEEC");
        assert_eq!(row.get::<i64, _>(1), 12_000);
        store.close().await;
    }
}

#[tokio::test]
async fn a_database_in_the_order_of_a_language_compares_bytes_after_all() {
    let admin = postgres().await;
    let create = "CREATE DATABASE in_another_order
                  TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'";
    sqlx::query(create).execute(&mut *admin.acquire().await.unwrap()).await.unwrap();
    let mut url = admin.pool.connect_options().database_url.clone();
    url.set_path("in_another_order");
    let store = Store::connect(url.as_str(), None).await.unwrap();
    up_to(&store, FIRST_VERSION).await;
    let others = "SELECT COUNT(*) FROM information_schema.columns
                  WHERE table_schema = 'public' AND table_name !~ '^_sqlx'
                    AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'";
    let others = async || -> i64 {
        let row = sqlx::query(others).fetch_one(&mut *store.acquire().await.unwrap()).await;
        row.unwrap().get(0)
    };
    assert!(others().await > 100);
    // Twice: the second time there is nothing to do.
    for _ in 0..2 {
        store.migrate().await.unwrap();
        assert_eq!(others().await, 0);
    }
    for store in [store, admin] {
        store.close().await;
    }
}
