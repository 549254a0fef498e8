//! From a frame to the verdicts of its node, on each store.

mod parking;
mod pushing;

use rmd_proto::v1;
use rmd_standard::Record;

use super::testing::{Court, complete_lot, findings};
use crate::{
    follow::testing::{site, tombstone, upsert},
    registry::entitlement::Level,
    share::{OwnFeed, log},
    store::testing::{on_each_store, sqlite},
};

const COD: &str = "COD/cod-mines";
const RWA: &str = "RWA/rwa-mines";

/// A lot with a mass that no rule takes.
fn refused_lot(number: u32) -> v1::Lot {
    v1::Lot { mass_mg: -5, ..complete_lot(number) }
}

fn key_of(lot: &v1::Lot) -> String {
    format!("Lot/{}", Record::Lot(Box::new(lot.clone())).key().unwrap())
}

#[tokio::test]
async fn a_refused_revision_is_told_with_its_findings_and_a_correction_clears_it() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let good = complete_lot(1);
        assert_eq!(findings(Record::Lot(Box::new(good.clone()))), Vec::new());
        cod.trade.say([upsert(good.clone())]).await;
        court.judge().await;
        assert!(court.entries(COD).await.is_empty(), "a good record is no verdict's");
        cod.trade.say([upsert(refused_lot(1))]).await;
        court.judge().await;
        let entries = court.entries(COD).await;
        let [(key, Some(verdict))] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(*key, key_of(&good));
        assert_eq!((verdict.entity.as_str(), verdict.rev, verdict.seq), ("Lot", 2, 2));
        assert_eq!((verdict.feed.as_str(), verdict.epoch), ("transactions", 1));
        let finding = &verdict.finding[0];
        assert_eq!((finding.severity.as_str(), finding.path.as_str()), ("refuse", "mass_mg"));
        assert!(finding.en.contains("-5") && finding.fr.contains("-5"), "{finding:?}");
        cod.trade.say([upsert(good)]).await;
        court.judge().await;
        let entries = court.entries(COD).await;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1], (key.clone(), None));
    })
    .await;
}

#[tokio::test]
async fn what_was_told_is_not_told_again() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        cod.trade
            .say([upsert(refused_lot(1)), upsert(refused_lot(1)), upsert(refused_lot(2))])
            .await;
        court.judge().await;
        assert_eq!(court.entries(COD).await.len(), 2, "one entry a record");
        // All over again, as after a lost cursor or a change of levels.
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("DELETE FROM verdict_cursor").execute(&mut *transaction).await.unwrap();
        super::due(&mut transaction, COD, "Lot", "CD/CD-T-1/L-1").await.unwrap();
        transaction.commit().await.unwrap();
        court.judge().await;
        assert_eq!(court.entries(COD).await.len(), 2);
        // The same fault in a newer revision is news: its number is in it.
        cod.trade.say([upsert(refused_lot(2))]).await;
        court.judge().await;
        let entries = court.entries(COD).await;
        let verdict = entries[2].1.as_ref().unwrap();
        assert_eq!((entries.len(), verdict.rev, verdict.seq), (3, 2, 4));
    })
    .await;
}

#[tokio::test]
async fn what_a_record_lacks_is_told_and_goes_with_the_record() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let lacking = site(1, "Nzibira", &[]);
        cod.master.say([upsert(lacking.clone())]).await;
        court.judge().await;
        let entries = court.entries(COD).await;
        let [(_, Some(verdict))] = &entries[..] else { panic!("{entries:?}") };
        assert!(verdict.finding.iter().all(|finding| finding.severity == "incomplete"));
        assert!(verdict.finding.iter().any(|finding| finding.path == "owner"));
        let mut connection = store.acquire().await.unwrap();
        let standing = super::standing(&mut connection).await.unwrap();
        assert_eq!((standing[COD].incomplete, standing[COD].refuse), (1, 0));
        drop(connection);
        cod.master.say([tombstone(lacking)]).await;
        court.judge().await;
        assert!(court.told(COD).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_record_type_that_nobody_knows_is_told_too() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let mut unknown = upsert(site(4, "", &[]));
        unknown.entity = "MoonRock".to_owned();
        cod.master.say([unknown]).await;
        court.judge().await;
        let told = court.told(COD).await;
        assert_eq!(told.len(), 1);
        assert!(
            told.iter()
                .all(|(key, rules)| key.starts_with("MoonRock/") && *rules == ["HUB-ENTITY"])
        );
    })
    .await;
}

#[tokio::test]
async fn a_feed_of_verdicts_holds_nothing_of_another_state() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let mut rwa = court.state(RWA, Level::Live).await;
        let mut foreign = refused_lot(7);
        foreign.country = "RW".to_owned();
        foreign.lot_number = "RWANDAN-SECRET".to_owned();
        cod.trade.say([upsert(refused_lot(1))]).await;
        rwa.trade.say([upsert(foreign)]).await;
        court.judge().await;
        let mut connection = store.acquire().await.unwrap();
        for (node, own, other) in [(COD, "L-1", "RWANDAN-SECRET"), (RWA, "RWANDAN-SECRET", "L-1")] {
            let feed = OwnFeed::verdicts(node);
            let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
            assert_eq!(blocks.len(), 1);
            assert!(blocks[0].checkpoint.starts_with(&format!("rmd.net/hub/verdicts/{node}/1\n")));
            let text = format!("{:?}", court.entries(node).await);
            assert!(text.contains(own) && !text.contains(other), "{text}");
        }
    })
    .await;
}

/// What runs for each step must not read a whole table.
#[tokio::test]
async fn each_step_goes_through_an_index() {
    use sqlx::Row as _;
    let (store, _dir) = sqlite().await;
    store.migrate().await.unwrap();
    let mut connection = store.acquire().await.unwrap();
    for query in [
        super::queue::ACCEPTED,
        super::queue::REFUSED,
        super::parked::BY_NUMBER,
        "SELECT target_key FROM parked WHERE target_entity = 'Lot' AND target_key IN ('a', 'b')",
    ] {
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
        let rows = sqlx::query(explained).fetch_all(&mut *connection).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().all(|step| step.starts_with("SEARCH")), "{query}\n{steps:#?}");
    }
}

#[tokio::test]
async fn a_verdict_that_came_back_with_a_restored_hub_is_still_taken_back() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        cod.trade.say([upsert(refused_lot(1))]).await;
        court.judge().await;
        let feed = OwnFeed::verdicts(COD);
        let mut transaction = store.begin().await.unwrap();
        let blocks = log::blocks_after(&mut transaction, &feed, 0).await.unwrap();
        let frame = rmd_feed::frame::build(feed.name(), 1, &blocks, 0).unwrap();
        // The backup was made before it; the entry comes back from the node.
        sqlx::query("DELETE FROM verdict").execute(&mut *transaction).await.unwrap();
        for entry in rmd_feed::frame::open(&frame).unwrap() {
            super::keep_again(&mut transaction, COD, &entry).await.unwrap();
        }
        transaction.commit().await.unwrap();
        court.judge().await;
        assert_eq!(court.entries(COD).await.len(), 1, "what was told is not told again");
        cod.trade.say([upsert(complete_lot(1))]).await;
        court.judge().await;
        let entries = court.entries(COD).await;
        assert_eq!(entries.last(), Some(&(key_of(&complete_lot(1)), None)));
    })
    .await;
}
