//! A record that is erased goes from the file of the API, however it came.

use jiff::SignedDuration;
use rmd_api::{Collection, Query};
use rmd_standard::Entity;

use super::super::testing::{World, lot, lot_key, of_lot};
use crate::journal::erase::{Ground, Order};

async fn erase(world: &World, number: &str) {
    let order = Order {
        entity: Entity::Lot,
        record_key: &lot_key(number),
        ground: Ground::PersonalData,
        document: None,
        by: "Cadastre",
        reason: "request",
    };
    assert!(world.journal.erase(order).await.unwrap().seq.is_some());
}

async fn numbers(world: &World) -> Vec<String> {
    let lots = world.all(&Query::of(Collection::Lots)).await;
    let mut keys: Vec<String> = lots.iter().map(|record| record.key().unwrap()).collect();
    keys.sort();
    keys
}

/// Terms and counts that belong to no record.
async fn left_over(world: &World) -> i64 {
    sqlx::query_scalar(
        "SELECT (SELECT COUNT(*) FROM term WHERE record_id NOT IN (SELECT record_id FROM record))
              + (SELECT COUNT(*) FROM intake)",
    )
    .fetch_one(world.store.readers())
    .await
    .unwrap()
}

#[tokio::test]
async fn posted_and_published_records_go_and_the_same_post_is_refused() {
    let world = World::live().await;
    world.capture(vec![("a", of_lot(lot("L-1", 1))), ("b", of_lot(lot("L-2", 1)))]).await;
    world.post(of_lot(lot("L-3", 1))).await.unwrap();
    world.post(of_lot(lot("L-4", 1))).await.unwrap();
    world.follow().await;
    erase(&world, "L-1").await;
    erase(&world, "L-3").await;
    world.follow().await;
    assert_eq!(numbers(&world).await, [lot_key("L-2"), lot_key("L-4")]);
    assert_eq!(left_over(&world).await, 0);
    let same = world.post(of_lot(lot("L-3", 1))).await;
    assert!(format!("{same:?}").contains("ERASED"), "{same:?}");
    assert_eq!(numbers(&world).await.len(), 2);
    assert_eq!(left_over(&world).await, 0);
}

#[tokio::test]
async fn what_was_posted_corrected_since_stays_although_the_order_is_read_later() {
    let world = World::live().await;
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    world.follow().await;
    erase(&world, "L-1").await;
    super::super::forget(&world.store, Entity::Lot, &lot_key("L-1"), world.store.now_us())
        .await
        .unwrap();
    assert!(numbers(&world).await.is_empty());
    world.test.clock.advance(SignedDuration::from_secs(1));
    world.post(of_lot(lot("L-1", 7))).await.unwrap();
    world.follow().await;
    assert_eq!(numbers(&world).await, [lot_key("L-1")]);
}
