//! What is posted: kept whole, published as far as it may be.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use rmd_api::{Backend as _, Collection, Fault, Name, Query, Verb, Written};
use rmd_standard::{Entity, Record};

use super::super::testing::{NATIONAL, World, lot, lot_key, of_lot, set, site, valid};
use crate::journal::{Fate, Item, entitlement::Level, report};

fn named(number: &str) -> Name {
    Name::Lot { number: number.to_owned(), country: None, creator: None }
}

async fn put(world: &World, record: Record, number: &str) -> Result<Written, Fault> {
    world.node.write(Verb::Replace(named(number)), valid(record)).await
}

#[tokio::test]
async fn a_posted_record_is_published_and_comes_back_whole() {
    let world = World::live().await;
    let posted = of_lot(lot("L-1", 5_000_000));
    assert_eq!(world.post(posted.clone()).await.unwrap(), Written::Created);
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), std::slice::from_ref(&posted));
    let entries = world.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].header.key, lot_key("L-1"));
    assert_eq!(entries[0].header.mapping_id, "api");
    let released = Record::decode(Entity::Lot, entries[0].payload().unwrap()).unwrap();
    assert!(released.withheld().iter().any(|path| path == "miner_name"), "{released:?}");
    // What the node published of it does not take its place.
    world.follow().await;
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [posted]);
}

#[tokio::test]
async fn a_second_post_of_a_key_is_a_conflict() {
    let world = World::live().await;
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    for mass_mg in [1, 2] {
        let again = world.post(of_lot(lot("L-1", mass_mg))).await;
        assert!(matches!(again, Err(Fault::Exists)), "{again:?}");
    }
    assert_eq!(world.entries().await.len(), 1);
    let kept = world.node.get(&named("L-1")).await.unwrap();
    assert_eq!(kept, [of_lot(lot("L-1", 1))]);
}

#[tokio::test]
async fn a_put_is_the_next_revision_and_one_without_a_change_is_none() {
    let world = World::live().await;
    let missing = put(&world, of_lot(lot("L-1", 1)), "L-1").await;
    assert!(matches!(missing, Err(Fault::Missing)), "{missing:?}");
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    assert_eq!(put(&world, of_lot(lot("L-1", 2)), "L-1").await.unwrap(), Written::Replaced);
    assert_eq!(put(&world, of_lot(lot("L-1", 2)), "L-1").await.unwrap(), Written::Unchanged);
    let revisions: Vec<u64> = world.entries().await.iter().map(|e| e.header.rev).collect();
    assert_eq!(revisions, [1, 2]);
    // A change of what stays in the state is kept and leaves nothing new.
    let mut renamed = lot("L-1", 2);
    renamed.miner_name = "another".to_owned();
    assert_eq!(put(&world, of_lot(renamed.clone()), "L-1").await.unwrap(), Written::Replaced);
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [of_lot(renamed)]);
    assert_eq!(world.entries().await.len(), 2);
}

#[tokio::test]
async fn what_stays_in_the_state_is_in_no_byte_of_the_journal() {
    let world = World::live().await;
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    world.follow().await;
    let path = world.test.path();
    let mut looked_at = 0;
    for suffix in ["", "-wal"] {
        let name = format!("{}{suffix}", path.display());
        let Ok(bytes) = std::fs::read(&name) else { continue };
        looked_at += 1;
        let found = bytes.windows(NATIONAL.len()).any(|part| part == NATIONAL.as_bytes());
        assert!(!found, "{name}");
    }
    assert_eq!(looked_at, 2);
}

#[tokio::test]
async fn a_record_that_a_mapped_row_has_cannot_be_posted() {
    let world = World::live().await;
    world.capture(vec![("row-7", of_lot(lot("L-1", 1)))]).await;
    // Before the follower has seen it, and after.
    let posted = world.post(of_lot(lot("L-1", 2))).await;
    let Err(Fault::Taken(refusal)) = posted else { panic!("{posted:?}") };
    assert!(refusal.findings[0].en.contains("api:CD/TR-1/L-1, row-7"), "{refusal:?}");
    world.follow().await;
    let posted = world.post(of_lot(lot("L-1", 2))).await;
    assert!(matches!(posted, Err(Fault::Exists)), "{posted:?}");
    let replaced = put(&world, of_lot(lot("L-1", 2)), "L-1").await;
    assert!(matches!(replaced, Err(Fault::Taken(_))), "{replaced:?}");
    // The mapped row is as it was, and can go on.
    assert!(report::quarantine(world.journal.store(), None, None, 9).await.unwrap().is_empty());
    let applied = world.capture(vec![("row-7", of_lot(lot("L-1", 3)))]).await;
    assert_eq!(applied.fates, [Fate::Published]);
    assert_eq!(world.entries().await.len(), 2);
}

#[tokio::test]
async fn a_mapped_row_that_takes_a_posted_key_clashes_with_it() {
    let world = World::live().await;
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    let applied = world.capture(vec![("row-7", of_lot(lot("L-1", 2)))]).await;
    assert!(matches!(applied.fates[..], [Fate::Refused(_)]));
    let refused = report::quarantine(world.journal.store(), None, None, 9).await.unwrap();
    let keys: Vec<&str> = refused.iter().map(|row| row.source_key.as_str()).collect();
    assert_eq!(keys, ["api:CD/TR-1/L-1", "row-7"]);
    let replaced = put(&world, of_lot(lot("L-1", 3)), "L-1").await;
    assert!(matches!(replaced, Err(Fault::Taken(_))), "{replaced:?}");
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [of_lot(lot("L-1", 1))]);
    let gone = Item::Gone { source_key: "row-7".to_owned() };
    world.apply(Entity::Lot, vec![gone]).await;
    assert_eq!(put(&world, of_lot(lot("L-1", 3)), "L-1").await.unwrap(), Written::Replaced);
}

#[tokio::test]
async fn many_posts_at_once_are_all_answered_and_one_fault_fails_one() {
    let world = World::live().await;
    world.capture(vec![("row", of_lot(lot("L-13", 1)))]).await;
    let posts = (0..200).map(|n| world.post(of_lot(lot(&format!("L-{n}"), 1))));
    let sites = (0..50).map(|n| world.post(Record::MineSite(Box::new(site(n)))));
    let (posts, sites) = tokio::join!(join_all(posts), join_all(sites));
    let refused: Vec<usize> = (0..200).filter(|at| posts[*at].is_err()).collect();
    assert_eq!(refused, [13]);
    assert!(matches!(posts[13], Err(Fault::Taken(_))));
    assert!(sites.iter().all(|site| matches!(site, Ok(Written::Created))));
    let keys: BTreeSet<String> =
        world.entries().await.into_iter().map(|entry| entry.header.key.clone()).collect();
    assert_eq!(keys.len(), 200);
    let listed = world.node.list(&Query::of(Collection::MineSites)).await.unwrap();
    assert_eq!(listed.total, 50);
}

#[tokio::test]
async fn of_two_posts_of_one_key_at_once_one_is_taken() {
    let world = World::live().await;
    let posts = (1..=8).map(|mass_mg| world.post(of_lot(lot("L-1", mass_mg))));
    let answers = join_all(posts).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(world.entries().await.len(), 1);
}

#[tokio::test]
async fn what_may_not_leave_is_kept_and_leaves_once_it_may() {
    let world = World::off().await;
    assert_eq!(world.post(of_lot(lot("L-1", 1))).await.unwrap(), Written::Created);
    world.follow().await;
    assert!(world.entries().await.is_empty());
    assert_eq!(world.node.get(&named("L-1")).await.unwrap().len(), 1);

    set(&world.journal, &[Entity::Lot], Level::Live).await;
    world.follow().await;
    assert_eq!(world.entries().await.len(), 1);
    world.follow().await;
    assert_eq!(world.entries().await.len(), 1, "applied once a grant");

    // Withdrawn, it stays in the state.
    set(&world.journal, &[Entity::Lot], Level::Off).await;
    world.follow().await;
    assert_eq!(world.node.get(&named("L-1")).await.unwrap(), [of_lot(lot("L-1", 1))]);
}

#[tokio::test]
async fn a_name_is_exact_and_tells_namesakes_apart() {
    let world = World::live().await;
    let mut other = lot("L-1", 2);
    other.creator.as_mut().unwrap().identifier = "TR-2".to_owned();
    for one in [lot("L-1", 1), other, lot("l-1", 3)] {
        world.post(of_lot(one)).await.unwrap();
    }
    let get = async |creator: Option<&str>, country: Option<&str>| {
        let (creator, country) = (creator.map(str::to_owned), country.map(str::to_owned));
        let name = Name::Lot { number: "L-1".to_owned(), country, creator };
        world.node.get(&name).await.unwrap().len()
    };
    assert_eq!(get(None, None).await, 2);
    assert_eq!(get(Some("TR-2"), None).await, 1);
    assert_eq!(get(Some("TR-2"), Some("CD")).await, 1);
    assert_eq!(get(None, Some("RW")).await, 0);
    assert_eq!(get(Some("TR-3"), None).await, 0);
}

/// Each waits until it is known what became of the one before.
#[tokio::test]
async fn puts_of_one_key_at_once_come_one_after_the_other() {
    let world = World::live().await;
    world.post(of_lot(lot("L-1", 1))).await.unwrap();
    let puts = (2..=20).map(|mass_mg| put(&world, of_lot(lot("L-1", mass_mg)), "L-1"));
    let others = (0..20).map(|n| world.post(of_lot(lot(&format!("M-{n}"), 1))));
    let (puts, others) = tokio::join!(join_all(puts), join_all(others));
    assert!(puts.iter().all(|put| matches!(put, Ok(Written::Replaced))), "{puts:?}");
    assert!(others.iter().all(|post| matches!(post, Ok(Written::Created))), "{others:?}");
    let entries = world.entries().await;
    let revisions = entries.iter().filter(|entry| entry.header.key == lot_key("L-1"));
    let revisions: Vec<&[u8]> = revisions.map(|entry| entry.payload().unwrap()).collect();
    assert_eq!(revisions.len(), 20);
    // What is published last is what is kept.
    let published = Record::decode(Entity::Lot, revisions[19]).unwrap();
    let kept = world.node.get(&named("L-1")).await.unwrap().remove(0);
    assert_eq!(valid(kept).release().record(), &published);
}

/// What is applied again after a grant must not come behind what replaces it.
#[tokio::test]
async fn a_grant_beside_puts_publishes_what_is_kept() {
    let world = World::off().await;
    let numbers: Vec<String> = (0..40).map(|n| format!("L-{n}")).collect();
    join_all(numbers.iter().map(|number| world.post(of_lot(lot(number, 1))))).await;
    set(&world.journal, &[Entity::Lot], Level::Live).await;
    let puts = (2..6).map(|mass_mg| {
        let puts = numbers.iter().map(move |number| (number, lot(number, mass_mg)));
        join_all(puts.map(|(number, lot)| put(&world, of_lot(lot), number)))
    });
    let (answers, ()) = tokio::join!(join_all(puts), world.follow());
    assert!(answers.iter().flatten().all(Result::is_ok), "{answers:?}");
    world.follow().await;
    let mut published = std::collections::BTreeMap::new();
    for entry in world.entries().await {
        let record = Record::decode(Entity::Lot, entry.payload().unwrap()).unwrap();
        published.insert(entry.header.key.clone(), record);
    }
    assert_eq!(published.len(), 40);
    for number in &numbers {
        let kept = world.node.get(&named(number)).await.unwrap().remove(0);
        assert_eq!(published[&lot_key(number)], *valid(kept).release().record());
    }
}
