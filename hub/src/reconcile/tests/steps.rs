//! Steps that are cut, overtaken, or asked about.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rmd_proto::v1;
use rmd_reconcile::{Subject, SubjectKind};

use super::{exchanges, lot, say, upsert};
use crate::{
    follow::testing::Said,
    reconcile::{
        Error, show,
        testing::{DAY, Owners, Scene, sample::Dice},
    },
    store::testing::{on_each_store, sqlite},
};

/// Publishes and lands what states say.
async fn hear(scene: &mut Scene, owners: &mut Owners, said: Vec<(String, Said)>) {
    for frame in owners.publish(said) {
        scene.land(&frame).await;
    }
}

/// Cuts a run later and later, until it ends; the first one over everything, if told.
async fn cut(scene: &Scene, is_whole: bool) {
    for tries in 0.. {
        let run = scene.engine.run_at(DAY, is_whole && tries == 0, &|_| true);
        let time = Duration::from_micros(300 << tries.min(16));
        if tokio::time::timeout(time, run).await.is_ok() {
            return;
        }
    }
}

/// Ends a run over everything after each of its first pages.
async fn end_early(scene: &Scene) {
    for pages in 0..12 {
        let seen = AtomicU64::new(0);
        let goes_on = |_| seen.fetch_add(1, Ordering::Relaxed) < pages;
        scene.engine.run_at(DAY, true, &goes_on).await.unwrap();
    }
}

/// Events of each finding in order: each is opened once, and closed before it is opened
/// again.
async fn check_history(scene: &Scene) {
    let mut connection = scene.store.acquire().await.unwrap();
    let events: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT event_id, finding_id, change FROM finding_event ORDER BY event_id")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    let mut last = std::collections::HashMap::new();
    for (at, (event, finding, change)) in (1..).zip(&events) {
        assert_eq!(*event, at, "events count up by one");
        let before = last.insert(finding, change.as_str());
        let fits = match change.as_str() {
            "opened" => before.is_none(),
            "reopened" => before == Some("closed"),
            _ => before.is_some_and(|before| before != "closed"),
        };
        assert!(fits, "{finding}: {change} after {before:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_cut_anywhere_is_done_again_and_nothing_is_told_twice() {
    // A process that ends leaves no connection behind; here they go on.
    let (store, _file) = sqlite().await;
    store.migrate().await.unwrap();
    let dice = &mut Dice::of(11);
    let mut owners = Owners::new();
    let said = exchanges(dice, 2, 24);
    let mut scene = Scene::of(&store, &owners).await;
    for (turn, said) in said.into_iter().enumerate() {
        hear(&mut scene, &mut owners, said).await;
        cut(&scene, turn == 1).await;
        assert_eq!(scene.found().await, scene.raised(DAY).await);
        check_history(&scene).await;
    }
}

#[tokio::test]
async fn a_run_over_everything_that_is_ended_is_begun_again() {
    on_each_store(async |store| {
        let dice = &mut Dice::of(7);
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        for said in exchanges(dice, 2, 24) {
            hear(&mut scene, &mut owners, said).await;
            end_early(&scene).await;
            scene.judge(DAY).await;
            assert_eq!(scene.found().await, scene.raised(DAY).await);
            check_history(&scene).await;
        }
    })
    .await;
}

#[tokio::test]
async fn two_engines_on_one_store_do_each_step_once() {
    on_each_store(async |store| {
        let dice = &mut Dice::of(5);
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        for said in exchanges(dice, 3, 16) {
            hear(&mut scene, &mut owners, said).await;
            let run = || Box::pin(scene.engine.run_at(DAY, false, &|_| true));
            futures_util::future::try_join(run(), run()).await.unwrap();
            scene.judge(DAY).await;
            assert_eq!(scene.found().await, scene.raised(DAY).await);
        }
        check_history(&scene).await;
    })
    .await;
}

#[tokio::test]
async fn the_task_leaves_what_came_to_whoever_holds_the_lease() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        hear(&mut scene, &mut owners, vec![("RW".to_owned(), upsert(lot("A", 1, &[])))]).await;
        let lease = scene.engine.lease().await.unwrap();
        let step = scene.engine.step(DAY, (false, true), &|_| true, None).await;
        assert!(matches!(step, Err(Error::Held(_))), "{step:?}");
        let report = scene.engine.run_with(lease, (DAY, false), &|_| true).await.unwrap();
        assert!(report.subjects > 0);
        // Nothing is left, and who has nothing to do asks for no lease.
        let lease = scene.engine.lease().await.unwrap();
        let step = scene.engine.step(DAY, (false, true), &|_| true, None).await;
        assert_eq!(step.unwrap(), None);
        lease.give_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_finding_leads_to_its_records_limits_formula_and_history() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        let takes = upsert(lot("B", 300, &[("A", 300)]));
        let mut produced = lot("A", 100, &[]);
        produced.originating_operation = vec![v1::OriginatingOperation::Production.into()];
        say(&mut scene, &mut owners, vec![upsert(produced), takes]).await;
        let found = scene.found().await;
        let over = found.iter().find(|one| one.rule == "R01").unwrap();
        let behind = show::behind(&scene.engine, &over.id[..16]).await.unwrap().unwrap();
        assert!(behind.formula.starts_with("R01:"), "{}", behind.formula);
        let limit = &behind.parameters[0];
        assert_eq!((limit.name, limit.scope.as_str()), ("over_allocation", "default"));
        assert_eq!(behind.history.len(), 1);
        assert!(behind.sentence_text.en.contains("kg"), "{:?}", behind.sentence_text);
        let keys: Vec<&str> = behind.records.iter().map(|one| one.judged.key.as_str()).collect();
        assert!(keys.contains(&"RW/P-1/A") && keys.contains(&"RW/P-1/B"), "{keys:?}");
        for record in &behind.records {
            let now = record.now.as_ref().unwrap();
            assert!(now.is_as_judged);
            assert_eq!(now.digest, record.judged.digest);
            assert!(now.record.get("lot_number").is_some(), "{}", now.record);
        }
        // No state tells sites: what the rules lack about the lot, they say.
        let subject = Subject::new(SubjectKind::Lot, "RW/P-1/A");
        let untested = show::untested(&scene.engine, &subject).await.unwrap();
        assert!(untested.iter().all(|one| !one.missing.is_empty()));
        assert!(!untested.is_empty());
        assert!(show::behind(&scene.engine, "no such id").await.unwrap().is_none());
    })
    .await;
}
