//! Lines of lots, in the tables as the hub fills them.

mod sites;

use rmd_standard::effective::Policy;

use super::*;
use crate::store::{Store, testing::on_each_store};

const KG: i64 = 1_000_000;
/// Noon of 1 July 2026 in UTC+2.
const NOON_US: i64 = 1_782_900_000_000_000;

/// A lot of Rwanda: creator, number, operation, kilograms.
type Made<'a> = (&'a str, &'a str, &'a str, i64);
/// An input: number, state, creator, kilograms.
type Taken<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<i64>);

async fn put(store: &Store, (creator, number, operation, kg): Made<'_>, inputs: &[Taken<'_>]) {
    let mut transaction = store.begin().await.unwrap();
    let key = format!("RW/{creator}/{number}");
    sqlx::query(
        "INSERT INTO lot (record_key, rev, void, country, lot_number, registered_at_us,
             creator_identifier, mineral, concentration_ppm, mass_mg, originating_operation)
         VALUES ($1, 1, 0, 'RW', $2, $3, $4, '260900', 600000, $5, $6)",
    )
    .bind(&key)
    .bind(number)
    .bind(NOON_US)
    .bind(creator)
    .bind(kg * KG)
    .bind(operation)
    .execute(&mut *transaction)
    .await
    .unwrap();
    for (position, (number, country, creator, kg)) in (0_i64..).zip(inputs) {
        sqlx::query(
            "INSERT INTO lot_input (record_key, position, lot_number, country,
                 creator_identifier, contributed_mass_mg, contributed_concentration_ppm)
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
        )
        .bind(&key)
        .bind(position)
        .bind(*number)
        .bind(*country)
        .bind(*creator)
        .bind(kg.map(|kg| kg * KG))
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn asked(store: &Store, way: Way, key: &str, depth: Option<u32>) -> Lineage {
    let mut moment = store.snapshot_by_index().await.unwrap();
    let policy = Policy::default();
    let (day, now) =
        (jiff::civil::date(2026, 10, 15), Timestamp::from_second(1_792_000_000).unwrap());
    let asked = Asked { way, key, depth, day, now, policy: &policy };
    trace(&mut moment, asked).await.unwrap().unwrap()
}

fn keys(lineage: &Lineage) -> Vec<&str> {
    lineage.nodes.keys().map(|key| &**key).collect()
}

/// Mine, trader and exporter; of 600 kg each half goes on, and the other half is not told.
async fn some(store: &Store) {
    put(store, ("M", "A", "production", 600), &[]).await;
    put(store, ("M", "B", "production", 400), &[]).await;
    let taken =
        [("A", None, None, Some(300)), ("B", None, None, Some(400)), ("Z", None, None, Some(300))];
    put(store, ("T", "C", "combination", 1_000), &taken).await;
    put(store, ("X", "C", "purchase", 1_000), &[("C", None, None, Some(1_000))]).await;
}

#[tokio::test]
async fn a_lot_leads_back_to_all_that_went_into_it_with_masses_and_shares() {
    on_each_store(async |store| {
        some(&store).await;
        let lineage = asked(&store, Way::Ancestors, "RW/X/C", None).await;
        assert_eq!(keys(&lineage), ["RW/M/A", "RW/M/B", "RW/T/C", "RW/X/C"]);
        let of = |key: &str| &lineage.nodes[key];
        assert_eq!(["RW/X/C", "RW/T/C", "RW/M/A"].map(|key| of(key).depth), [0, 1, 2]);
        let shares = ["RW/X/C", "RW/T/C", "RW/M/A"].map(|key| of(key).traced_ppm);
        assert_eq!(shares, [700_000, 700_000, 1_000_000]);
        assert_eq!(
            (of("RW/M/A").mass_mg, of("RW/M/A").concentration_ppm),
            (600 * KG, Some(600_000))
        );
        let steps: Vec<_> = lineage
            .edges
            .iter()
            .map(|link| (&*link.from, &*link.to, link.step, link.contributed_mass_mg))
            .collect();
        assert_eq!(
            steps,
            [
                ("RW/M/A", "RW/T/C", Step::Input, Some(300 * KG)),
                ("RW/M/B", "RW/T/C", Step::Input, Some(400 * KG)),
                ("RW/T/C", "RW/X/C", Step::CustodyChange, Some(1_000 * KG)),
            ]
        );
        let [unresolved] = &lineage.unresolved[..] else { panic!("{:?}", lineage.unresolved) };
        assert_eq!((&*unresolved.named_by, &*unresolved.name), ("RW/T/C", "RW/Z"));
        let near = asked(&store, Way::Ancestors, "RW/X/C", Some(1)).await;
        assert_eq!(keys(&near), ["RW/T/C", "RW/X/C"]);
        assert!(near.is_cut && !lineage.is_cut);
        assert_eq!(near.nodes["RW/X/C"].traced_ppm, 700_000);
    })
    .await;
}

#[tokio::test]
async fn a_lot_leads_on_to_all_that_came_of_it() {
    on_each_store(async |store| {
        some(&store).await;
        let lineage = asked(&store, Way::Descendants, "RW/M/A", None).await;
        assert_eq!(keys(&lineage), ["RW/M/A", "RW/T/C", "RW/X/C"]);
        assert_eq!(lineage.nodes["RW/X/C"].depth, 2);
        // What is traced of it counts what others gave.
        assert_eq!(lineage.nodes["RW/X/C"].traced_ppm, 700_000);
        let near = asked(&store, Way::Descendants, "RW/M/A", Some(1)).await;
        assert_eq!(keys(&near), ["RW/M/A", "RW/T/C"]);
        assert!(near.is_cut && !lineage.is_cut);
    })
    .await;
}

#[tokio::test]
async fn a_certificate_leads_back_through_its_lots_and_to_the_worst_site() {
    on_each_store(async |store| {
        some(&store).await;
        let mut transaction = store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO export_certificate (record_key, rev, void, issuing_country, identifier,
                 exporter_identifier, lot_number)
             VALUES ('RW/P-1', 1, 0, 'RW', 'P-1', 'X', 'C;Y')",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query(
            "UPDATE lot SET mine_site_id = 'RW-1.9403+29.8739-00001' WHERE lot_number = 'A'",
        )
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        let lineage = asked(&store, Way::Ancestors, "RW/P-1", None).await;
        // The exporter's own lot of that number.
        assert_eq!(lineage.begins_with, ["RW/X/C".into()]);
        assert_eq!(lineage.nodes.len(), 4);
        let worst = lineage.worst.as_ref().unwrap();
        assert_eq!((&*worst.lot, worst.status), ("RW/M/A", "unknown"));
        assert_eq!(lineage.nodes["RW/X/C"].worst.as_ref(), Some(worst));
        assert_eq!(lineage.nodes["RW/M/B"].worst, None);
        let names: Vec<_> = lineage.unresolved.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["RW/Y", "RW/Z"]);
    })
    .await;
}

#[tokio::test]
async fn rings_end_and_a_lot_that_names_itself_changes_hands() {
    on_each_store(async |store| {
        put(&store, ("T", "A", "storage", 100), &[("B", None, None, Some(100))]).await;
        put(&store, ("T", "B", "storage", 100), &[("A", None, None, Some(100))]).await;
        put(&store, ("T", "S", "storage", 100), &[("S", None, None, Some(100))]).await;
        for way in [Way::Ancestors, Way::Descendants] {
            let lineage = asked(&store, way, "RW/T/A", None).await;
            assert_eq!(keys(&lineage), ["RW/T/A", "RW/T/B"]);
            assert_eq!(lineage.rings, [["RW/T/A".into(), "RW/T/B".into()]]);
            assert!(lineage.nodes.values().all(|lot| lot.is_in_ring && lot.traced_ppm == 0));
            let itself = asked(&store, way, "RW/T/S", None).await;
            assert!(itself.nodes["RW/T/S"].names_itself);
            assert!(itself.rings.is_empty() && itself.edges.is_empty());
        }
    })
    .await;
}

/// Lots by one statement: `$1` of them.
async fn fill(store: &Store, lots: &'static str, inputs: &'static str, count: i64) {
    let mut transaction = store.begin().await.unwrap();
    for statement in [lots, inputs] {
        sqlx::query(statement).bind(count).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_chain_of_ten_thousand_lots_reads_each_of_them_once() {
    on_each_store(async |store| {
        let lots = "INSERT INTO lot (record_key, rev, void, country, lot_number, registered_at_us,
                        creator_identifier, mass_mg, originating_operation)
                    WITH RECURSIVE n (i) AS (
                        SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                    SELECT 'RW/T/L-' || i, 1, 0, 'RW', 'L-' || i, i, 'T', 1000000,
                        CASE WHEN i = 1 THEN 'production' ELSE 'storage' END
                    FROM n";
        let inputs = "INSERT INTO lot_input (record_key, position, lot_number, contributed_mass_mg)
                      WITH RECURSIVE n (i) AS (
                          SELECT CAST(2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                      SELECT 'RW/T/L-' || i, 0, 'L-' || (i - 1), 1000000
                      FROM n";
        fill(&store, lots, inputs, 10_000).await;
        for (way, key, last) in [
            (Way::Ancestors, "RW/T/L-10000", "RW/T/L-1"),
            (Way::Descendants, "RW/T/L-1", "RW/T/L-10000"),
        ] {
            let lineage = asked(&store, way, key, None).await;
            assert_eq!((lineage.nodes.len(), lineage.edges.len()), (10_000, 9_999));
            assert_eq!(lineage.nodes[last].depth, 9_999);
            assert!(lineage.nodes.values().all(|lot| lot.traced_ppm == 1_000_000));
            assert_eq!(read_for(&store, way, key).await, 10_000);
        }
    })
    .await;
}

#[tokio::test]
async fn a_blend_of_five_thousand_inputs_reads_each_of_them_once() {
    on_each_store(async |store| {
        let lots = "INSERT INTO lot (record_key, rev, void, country, lot_number, registered_at_us,
                        creator_identifier, mass_mg, originating_operation)
                    WITH RECURSIVE n (i) AS (
                        SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                    SELECT 'RW/T/L-' || i, 1, 0, 'RW', 'L-' || i, i, 'T', 1000000,
                        CASE WHEN i = 0 THEN 'combination' ELSE 'production' END
                    FROM n";
        let inputs = "INSERT INTO lot_input (record_key, position, lot_number, contributed_mass_mg)
                      WITH RECURSIVE n (i) AS (
                          SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                      SELECT 'RW/T/L-0', i - 1, 'L-' || i, 200
                      FROM n";
        fill(&store, lots, inputs, 5_000).await;
        let lineage = asked(&store, Way::Ancestors, "RW/T/L-0", None).await;
        assert_eq!((lineage.nodes.len(), lineage.edges.len()), (5_001, 5_000));
        assert_eq!(lineage.nodes["RW/T/L-0"].traced_ppm, 1_000_000);
        assert_eq!(read_for(&store, Way::Ancestors, "RW/T/L-0").await, 5_001);
        let lineage = asked(&store, Way::Descendants, "RW/T/L-17", None).await;
        assert_eq!(lineage.nodes.len(), 2);
        // Of the blend all that went in is read, for its share of what is traced.
        assert_eq!(read_for(&store, Way::Descendants, "RW/T/L-17").await, 5_001);
    })
    .await;
}

/// Lots that are read for a question.
async fn read_for(store: &Store, way: Way, key: &str) -> usize {
    let mut moment = store.snapshot_by_index().await.unwrap();
    let start = read::start(&mut moment, key).await.unwrap().unwrap();
    let policy = Policy::default();
    let (day, now) = (jiff::civil::date(2026, 10, 15), Timestamp::UNIX_EPOCH);
    let asked = Asked { way, key, depth: None, day, now, policy: &policy };
    let found = lines::around(&mut moment, &start, &asked).await.unwrap();
    assert!(!found.is_cut);
    found.keys.len()
}
