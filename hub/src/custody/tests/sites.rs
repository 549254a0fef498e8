//! Sites behind lots, with what was decided about them, and where a question begins.

use super::*;
use crate::share::{
    site,
    testing::{TestSite, insert_site},
};

const SITE: &str = "RW-1.9403+29.8739-00001";

/// Some lots, of which one was produced on a site that is Green.
async fn with_site(store: &Store) -> String {
    some(store).await;
    let key = site::key_of(SITE);
    let mut transaction = store.begin().await.unwrap();
    let site = TestSite {
        icglr_id: &key,
        country: "RW",
        status: "green",
        district: "",
        inspected: Some("2026-06-01"),
    };
    insert_site(&mut transaction, &site).await;
    sqlx::query("UPDATE lot SET mine_site_id = $1 WHERE record_key = 'RW/M/A'")
        .bind(SITE)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    key
}

async fn decide(store: &Store, key: &str, (id, status, on): (&str, &str, &str), lifts: bool) {
    let mut transaction = store.begin().await.unwrap();
    let recorded: Timestamp = format!("{on}T12:00:00Z").parse().unwrap();
    sqlx::query(
        "INSERT INTO decision
             (decision_id, record_key, icglr_id, status, decided_on, decided_by, ground,
              document_name, document_sha256, lifts, recorded_at_us, entity)
         VALUES ($1, $2, $2, $3, $4, 'A', 'G', '', $5, $6, $7, 'MineSite')",
    )
    .bind(id)
    .bind(key)
    .bind(status)
    .bind(on)
    .bind(vec![7_u8; 32])
    .bind(i64::from(lifts))
    .bind(recorded.as_microsecond())
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn the_worst_site_is_told_with_what_was_decided_and_lifted_by_the_day_of_the_lot() {
    on_each_store(async |store| {
        let key = with_site(&store).await;
        // The lot is of 2026-07-01, and the question of 2026-10-15.
        let told = async || {
            let lineage = asked(&store, Way::Ancestors, "RW/X/C", None).await;
            let worst = lineage.worst.clone().unwrap();
            assert_eq!((&*worst.lot, worst.site.as_str()), ("RW/M/A", SITE));
            assert_eq!(worst.day.as_deref(), Some("2026-07-01"));
            assert_eq!(lineage.nodes["RW/M/A"].site.as_ref(), Some(&worst));
            assert_eq!(lineage.nodes["RW/X/C"].worst.as_ref(), Some(&worst));
            assert_eq!(lineage.nodes["RW/M/B"].worst, None);
            (worst.status, worst.today)
        };
        assert_eq!(told().await, ("green", "green"));
        decide(&store, &key, ("2026-0001", "red", "2026-06-15"), false).await;
        assert_eq!(told().await, ("red", "red"));
        // Lifted after the lot: Red then, Green today.
        decide(&store, &key, ("2026-0002", "green", "2026-08-01"), true).await;
        assert_eq!(told().await, ("red", "green"));
        decide(&store, &key, ("2026-0003", "green", "2026-06-20"), true).await;
        assert_eq!(told().await, ("green", "green"));
    })
    .await;
}

#[tokio::test]
async fn a_certificate_leads_on_to_what_came_of_its_lots() {
    on_each_store(async |store| {
        with_site(&store).await;
        let mut transaction = store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO export_certificate (record_key, rev, void, issuing_country, identifier,
                 exporter_identifier, lot_number)
             VALUES ('RW/P-2', 1, 0, 'RW', 'P-2', 'M', 'A;Q')",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        let lineage = asked(&store, Way::Descendants, "RW/P-2", None).await;
        assert_eq!((lineage.of.as_str(), &*lineage.begins_with[0]), ("RW/P-2", "RW/M/A"));
        assert_eq!(keys(&lineage), ["RW/M/A", "RW/T/C", "RW/X/C"]);
        let depths = ["RW/M/A", "RW/T/C", "RW/X/C"].map(|key| lineage.nodes[key].depth);
        assert_eq!(depths, [0, 1, 2]);
        assert_eq!(lineage.unresolved[0].name, "RW/Q");
        let near = asked(&store, Way::Descendants, "RW/P-2", Some(1)).await;
        assert_eq!(keys(&near), ["RW/M/A", "RW/T/C"]);
        assert!(near.is_cut && !lineage.is_cut);
    })
    .await;
}

/// Lots of one number in as many hands; each states the hand before it, or none does.
async fn hands(store: &Store, number: &'static str, count: i64, is_stated: bool) {
    let mut transaction = store.begin().await.unwrap();
    for statement in [
        "INSERT INTO lot (record_key, rev, void, country, lot_number, registered_at_us,
             creator_identifier, mass_mg, originating_operation)
         WITH RECURSIVE n (i) AS (
             SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         SELECT 'RW/H-' || i || '/' || $2, 1, 0, 'RW', $2, i, 'H-' || i, 1000000,
             CASE WHEN i = 1 THEN 'production' ELSE 'storage' END
         FROM n
         WHERE $3 >= 0",
        "INSERT INTO lot_input (record_key, position, lot_number, creator_identifier,
             contributed_mass_mg)
         WITH RECURSIVE n (i) AS (
             SELECT CAST(2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         SELECT 'RW/H-' || i || '/' || $2, 0, $2,
             CASE WHEN $3 = 1 THEN 'H-' || (i - 1) ELSE NULL END, 1000000
         FROM n",
    ] {
        sqlx::query(statement)
            .bind(count)
            .bind(number)
            .bind(i64::from(is_stated))
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

/// A thousand hands are there, one after the other, each read once.
async fn followed(store: &Store, way: Way, (from, to): (&str, &str)) {
    let lineage = asked(store, way, from, None).await;
    assert_eq!((lineage.nodes.len(), lineage.edges.len()), (1_000, 999));
    assert_eq!(lineage.nodes[to].depth, 999);
    assert!(lineage.edges.iter().all(|link| link.step == Step::CustodyChange));
    assert!(lineage.nodes.values().all(|lot| lot.traced_ppm == 1_000_000));
    assert_eq!(read_for(store, way, from).await, 1_000);
}

#[tokio::test]
async fn a_number_that_went_through_many_hands_is_followed_from_hand_to_hand() {
    on_each_store(async |store| {
        for (number, is_stated) in [("S", true), ("T", false)] {
            hands(&store, number, 1_000, is_stated).await;
            let (first, last) = (format!("RW/H-1/{number}"), format!("RW/H-1000/{number}"));
            followed(&store, Way::Ancestors, (&last, &first)).await;
            followed(&store, Way::Descendants, (&first, &last)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_names_of_hands_and_numbers_are_read_as_keys_are_written() {
    on_each_store(async |store| {
        put(&store, ("M", "plain", "production", 10), &[]).await;
        let mut transaction = store.begin().await.unwrap();
        sqlx::query(
            "UPDATE lot SET record_key = 'RW/M%2F1/L%251', creator_identifier = 'M/1',
                 lot_number = 'L%1'",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        put(&store, ("T", "N", "storage", 10), &[("L%1", None, Some("M/1"), Some(10))]).await;
        let lineage = asked(&store, Way::Ancestors, "RW/T/N", None).await;
        assert_eq!(keys(&lineage), ["RW/M%2F1/L%251", "RW/T/N"]);
        let lineage = asked(&store, Way::Descendants, "RW/M%2F1/L%251", None).await;
        assert_eq!(lineage.nodes.len(), 2);
    })
    .await;
}
