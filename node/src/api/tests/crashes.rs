//! Ended at any moment: nothing is lost that was answered, nothing is doubled.

use rmd_api::{Backend as _, Name, Verb, Written};
use rmd_standard::Entity;

use super::super::{
    Store,
    testing::{World, lot, of_lot, valid},
};
use crate::journal::{Batch, Item, Mode};

fn named(number: &str) -> Name {
    Name::Lot { number: number.to_owned(), country: None, creator: None }
}

fn writing(
    number: &str,
    mass_mg: i64,
) -> Vec<(Verb, rmd_standard::Valid<rmd_standard::Record, rmd_standard::National>)> {
    vec![(Verb::Create, valid(of_lot(lot(number, mass_mg))))]
}

#[tokio::test]
async fn a_post_that_did_not_reach_the_journal_is_taken_up_at_the_next_start() {
    let world = World::live().await;
    let service = world.service();
    service.desk().write(None, writing("L-1", 1)).await.unwrap();
    drop(service);
    assert!(world.entries().await.is_empty());
    let world = world.restarted().await;
    world.post(of_lot(lot("L-2", 1))).await.unwrap();
    assert_eq!(world.entries().await.len(), 2);
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [of_lot(lot("L-1", 1))]);
    assert_eq!(world.service().desk().pending(Entity::Lot).await, 0);
}

#[tokio::test]
async fn a_post_that_reached_the_journal_alone_is_not_doubled() {
    let world = World::live().await;
    world.service().desk().write(None, writing("L-1", 1)).await.unwrap();
    let record = valid(of_lot(lot("L-1", 1)));
    let item =
        Item::Present { source_key: record.key().to_owned(), outcome: Ok(record), annulled: None };
    let mapping_id = "api".to_owned();
    let items = vec![item];
    let batch = Batch { entity: Entity::Lot, mode: Mode::Api, mapping_id, items, mark: None };
    world.journal.offer(batch).await.unwrap();
    // The follower may be first to see it.
    world.follow().await;
    let world = world.restarted().await;
    world.post(of_lot(lot("L-2", 1))).await.unwrap();
    assert_eq!(world.entries().await.len(), 2);
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [of_lot(lot("L-1", 1))]);
}

#[tokio::test]
async fn an_unanswered_post_whose_record_a_mapped_row_has_by_now_is_dropped() {
    let world = World::live().await;
    world.service().desk().write(None, writing("L-1", 1)).await.unwrap();
    world.capture(vec![("row-7", of_lot(lot("L-1", 2)))]).await;
    let world = world.restarted().await;
    world.post(of_lot(lot("L-2", 1))).await.unwrap();
    assert_eq!(world.entries().await.len(), 2);
    assert_eq!(world.service().desk().pending(Entity::Lot).await, 0);
    world.follow().await;
    let shown = world.node.get(&named("L-1")).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert!(!shown[0].withheld().is_empty(), "what the mapped row published");
}

#[tokio::test]
async fn what_was_answered_is_there_after_every_start() {
    let mut world = World::live().await;
    for round in 0..3 {
        let number = format!("L-{round}");
        assert_eq!(world.post(of_lot(lot(&number, 1))).await.unwrap(), Written::Created);
        world = world.restarted().await;
        world.follow().await;
        for known in 0..=round {
            let found = world.node.get(&named(&format!("L-{known}"))).await.unwrap();
            assert_eq!(found, [of_lot(lot(&format!("L-{known}"), 1))]);
        }
    }
    assert_eq!(world.entries().await.len(), 3);
}

// A command such as `status` opens the file while the node makes it: each makes the
// tables or waits until they are there.
#[tokio::test(flavor = "multi_thread")]
async fn several_that_open_a_new_file_at_once_find_one_set_of_tables() {
    let world = World::live().await;
    let clock = world.store.clock();
    for round in 0..10 {
        let path = world.test.path().with_file_name(format!("api-{round}.sqlite"));
        let opening = (0..6).map(|_| Store::open(&path, clock.clone()));
        let opened = futures_util::future::join_all(opening).await;
        for store in opened {
            store.expect("open the file beside others");
        }
    }
}
