//! Refused entries after an upgrade, on each store.

use std::sync::Arc;

use rmd_runtime::{SharedClock, clock::ManualClock};
use rmd_standard::Entity;
use sqlx::Row as _;

use super::reapply::{Outcome, Which, reapply};
use crate::{
    follow::testing::{Said, site, upsert},
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
    verdict::testing::{Court, complete_lot, lot_from},
};

const COD: &str = "COD/cod-mines";

/// A site that is inspected after the hub's day, which no rule takes until then.
fn inspected_later(number: u32) -> rmd_proto::v1::MineSite {
    let mut later = site(number, "Nzibira", &["SAEMAPE"]);
    later.inspection[0].inspection_date = "2018-03-01".to_owned();
    later
}

fn clock(day: &str) -> SharedClock {
    Arc::new(ManualClock::new(format!("{day}T12:00:00Z").parse().unwrap()))
}

async fn all(store: &Store, day: &str, is_dry: bool) -> Vec<Outcome> {
    some(store, day, &Which::default(), is_dry).await
}

async fn some(store: &Store, day: &str, which: &Which, is_dry: bool) -> Vec<Outcome> {
    reapply(store, &clock(day), which, is_dry, &|_| ()).await.unwrap()
}

async fn count(store: &Store, query: &'static str) -> i64 {
    sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap().get(0)
}

const STANDING: &str = "SELECT COUNT(*) FROM quarantine WHERE superseded_by_seq IS NULL";

#[tokio::test]
async fn what_an_older_rule_refused_is_applied_with_its_verdict_and_those_that_wait_for_it() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let later = inspected_later(1);
        cod.master.say([upsert(later.clone())]).await;
        cod.trade.say([upsert(lot_from(1, &later))]).await;
        court.judge().await;
        assert_eq!((court.told(COD).await.len(), court.parked().await.len()), (2, 1));
        // With the same rules nothing changes, also not for a second time.
        for _ in 0..2 {
            let outcome = &all(&store, "2018-01-02", false).await[0];
            assert_eq!((outcome.looked_at, outcome.applied), (1, 0));
            assert_eq!(outcome.refused.values().sum::<u64>(), 1);
        }
        assert_eq!(count(&store, STANDING).await, 1);
        let dry = &all(&store, "2018-04-01", true).await[0];
        assert_eq!((dry.applied, dry.refused.len()), (1, 0));
        assert_eq!(count(&store, STANDING).await, 1, "a dry run keeps nothing");
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 0);
        assert_eq!(all(&store, "2018-04-01", false).await[0], *dry);
        assert_eq!(count(&store, STANDING).await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site_inspection").await, 1);
        assert_eq!(
            count(&store, "SELECT shown FROM record_tally WHERE entity = 'MineSite'").await,
            1
        );
        court.judge().await;
        assert_eq!(court.parked().await, []);
        let told = court.told(COD).await;
        assert!(told.keys().all(|key| key.starts_with("MineSite/")), "{told:?}");
        assert!(told.values().flatten().all(|rule| rule.starts_with("MD")), "{told:?}");
        assert_eq!(all(&store, "2018-04-01", false).await, []);
        // The feed goes on, and a later revision counts up from the one reapplied.
        cod.master.say([upsert(site(1, "Nzibira II", &[]))]).await;
        assert_eq!(count(&store, "SELECT rev FROM record WHERE entity = 'MineSite'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn only_the_newest_revision_of_a_record_comes_back() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        cod.master.say([upsert(inspected_later(1)), upsert(inspected_later(2))]).await;
        cod.master.say([upsert(site(1, "corrected", &[])), upsert(inspected_later(2))]).await;
        // As if the newer revisions had not taken the place of the older ones.
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("UPDATE quarantine SET superseded_by_seq = NULL")
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let outcome = &all(&store, "2018-04-01", false).await[0];
        assert_eq!((outcome.looked_at, outcome.applied, outcome.outdated), (3, 1, 2));
        let names = sqlx::query("SELECT site_name FROM mine_site ORDER BY site_name")
            .fetch_all(&mut *store.acquire().await.unwrap())
            .await
            .unwrap();
        let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
        assert_eq!(names, ["Nzibira", "corrected"]);
        assert_eq!(count(&store, "SELECT MIN(rev) FROM record").await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_this_version_cannot_read_either_stays_and_is_named() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let mut unknown: Said = upsert(site(1, "", &[]));
        unknown.entity = "MoonRock".to_owned();
        let mut undecodable: Said = upsert(complete_lot(1));
        undecodable.payload = vec![0xff; 12];
        cod.master.say([unknown]).await;
        cod.trade.say([undecodable]).await;
        let of = |node: &str, feed: &str| Which {
            node_id: (!node.is_empty()).then(|| node.to_owned()),
            feed: (!feed.is_empty()).then(|| feed.to_owned()),
        };
        for (which, rules) in [
            (of("", ""), &["HUB-ENTITY", "HUB-DECODE"][..]),
            (of(COD, "transactions"), &["HUB-DECODE"]),
            (of(COD, "master-data"), &["HUB-ENTITY"]),
        ] {
            let outcomes = some(&store, "2018-01-01", &which, false).await;
            let refused = outcomes.into_iter().flat_map(|one| one.refused.into_keys());
            assert_eq!(refused.collect::<Vec<_>>(), rules);
        }
        let stranger = super::reapply::count(&store, &of("UGA/uga-mines", "")).await;
        assert!(stranger.unwrap_err().to_string().contains("not enrolled"));
        assert_eq!(count(&store, STANDING).await, 2);
        assert_eq!(Entity::from_name("MoonRock"), None);
    })
    .await;
}
