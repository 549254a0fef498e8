//! What the node published, as the API shows it.

use rmd_api::{Backend as _, Collection, Name, Query};
use rmd_standard::{Entity, Record};

use super::super::{
    report,
    testing::{World, lot, lot_key, of_lot, set, site, valid},
};
use crate::journal::{Annulment, Item, entitlement::Level};

async fn shown(world: &World) -> Vec<Record> {
    world.all(&Query::of(Collection::Lots)).await
}

#[tokio::test]
async fn published_rows_are_shown_in_their_released_form() {
    let world = World::live().await;
    let rows: Vec<(String, Record)> =
        (0..30).map(|n| (format!("r{n}"), of_lot(lot(&format!("L-{n}"), 1)))).collect();
    let rows = rows.iter().map(|(key, record)| (key.as_str(), record.clone())).collect();
    world.capture(rows).await;
    world.capture(vec![("s", Record::MineSite(Box::new(site(1))))]).await;
    world.follow().await;
    let lots = shown(&world).await;
    assert_eq!(lots.len(), 30);
    assert!(lots.iter().all(|lot| lot.withheld().contains(&"miner_name".to_owned())));
    let name = Name::MineSite { key: valid(Record::MineSite(Box::new(site(1)))).key().to_owned() };
    assert_eq!(world.node.get(&name).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_tombstone_takes_a_record_away_and_an_annulment_keeps_it() {
    let world = World::live().await;
    world.capture(vec![("a", of_lot(lot("L-1", 1))), ("b", of_lot(lot("L-2", 1)))]).await;
    world.follow().await;
    let annulled = Some(Annulment { on: "2017-12-31".parse().unwrap(), reason: "x".to_owned() });
    let items = vec![
        Item::Gone { source_key: "a".to_owned() },
        Item::Present {
            source_key: "b".to_owned(),
            outcome: Ok(valid(of_lot(lot("L-2", 1)))),
            annulled,
        },
    ];
    world.apply(Entity::Lot, items).await;
    world.follow().await;
    let lots = shown(&world).await;
    assert_eq!(lots.len(), 1);
    assert_eq!(lots[0].key().unwrap(), lot_key("L-2"));
    let marked: Vec<bool> = sqlx::query_scalar("SELECT annulled FROM record")
        .fetch_all(world.store.readers())
        .await
        .unwrap();
    assert_eq!(marked, [true]);
}

#[tokio::test]
async fn following_goes_on_where_it_was_after_a_start() {
    let world = World::live().await;
    for n in 0..3 {
        world.capture(vec![(&format!("r{n}"), of_lot(lot(&format!("L-{n}"), 1)))]).await;
    }
    world.follow().await;
    let world = world.restarted().await;
    world.capture(vec![("r1", of_lot(lot("L-1", 7))), ("r9", of_lot(lot("L-9", 1)))]).await;
    world.follow().await;
    let masses: Vec<(String, i64)> = shown(&world)
        .await
        .into_iter()
        .map(|record| match record {
            Record::Lot(lot) => (lot.lot_number.clone(), lot.mass_mg),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("L-0", 1), ("L-1", 7), ("L-2", 1), ("L-9", 1)];
    assert_eq!(masses, expected.map(|(number, mass)| (number.to_owned(), mass)));
    let seq: i64 = sqlx::query_scalar("SELECT seq FROM followed WHERE feed = 'transactions'")
        .fetch_one(world.store.readers())
        .await
        .unwrap();
    assert_eq!(seq, 5);
}

#[tokio::test]
async fn a_follower_that_forgot_everything_comes_to_the_same() {
    let world = World::live().await;
    world.capture(vec![("a", of_lot(lot("L-1", 1))), ("b", of_lot(lot("L-2", 1)))]).await;
    world.post(of_lot(lot("L-3", 1))).await.unwrap();
    world.follow().await;
    let by_key = async || {
        let mut lots = shown(&world).await;
        lots.sort_by_key(|record| record.key().unwrap());
        lots
    };
    let before = by_key().await;
    assert_eq!(before.len(), 3);
    let mut writing = world.store.write().await.unwrap();
    let mut transaction = writing.begin().await.unwrap();
    // As if the feed had begun another epoch.
    sqlx::query("UPDATE followed SET epoch = 9").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    drop(writing);
    world.follow().await;
    assert_eq!(by_key().await, before);
}

#[tokio::test]
async fn status_counts_what_was_posted_and_what_was_published() {
    let world = World::live().await;
    let path = world.test.path().with_file_name("api.sqlite");
    let clock = world.store.clock().clone();
    world.capture(vec![("a", of_lot(lot("L-1", 1))), ("b", of_lot(lot("L-2", 1)))]).await;
    world.post(of_lot(lot("L-3", 1))).await.unwrap();
    world.follow().await;
    let lots = report::entities(&path, clock.clone()).await.unwrap().unwrap();
    let lots = lots.into_iter().find(|report| report.entity == "Lot").unwrap();
    assert_eq!((lots.posted, lots.published, lots.pending), (1, 2, 0));
    set(&world.journal, &[Entity::Lot], Level::Off).await;
    world.follow().await;
    let lots = report::entities(&path, clock).await.unwrap().unwrap();
    let lots = lots.into_iter().find(|report| report.entity == "Lot").unwrap();
    assert_eq!((lots.posted, lots.published, lots.pending), (1, 0, 0));
}
