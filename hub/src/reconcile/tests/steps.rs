//! Steps that are cut, overtaken, or asked about.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use rmd_proto::v1;
use rmd_reconcile::{Subject, SubjectKind};
use rmd_standard::Record;
use tokio_util::sync::CancellationToken;

use super::{exchanges, lot, say, upsert};
use crate::{
    follow::testing::{Said, tombstone},
    reconcile::{
        Error, show, task,
        testing::{
            DAY, Owners, Scene,
            sample::{self, Dice},
        },
    },
    store::testing::on_each_store,
};

/// Publishes and lands what states say.
async fn hear(scene: &mut Scene, owners: &mut Owners, said: Vec<(String, Said)>) {
    for frame in owners.publish(said) {
        scene.land(&frame).await;
    }
}

/// Runs until it was polled so often, and drops it in the midst of its next question; its
/// output if it had ended.
async fn cut<T>(run: impl Future<Output = T>, mut polls: usize) -> Option<T> {
    let mut run = pin!(run);
    poll_fn(|context| {
        let polled = run.as_mut().poll(context).map(Some);
        polls -= 1;
        if polls == 0 && polled.is_pending() { Poll::Ready(None) } else { polled }
    })
    .await
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
async fn a_run_over_everything_closes_what_was_said_of_records_and_tags_that_are_gone() {
    on_each_store(async |store| {
        let dice = &mut Dice::of(3);
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        let records: Vec<Record> = (0..96).map(|_| sample::record(dice)).collect();
        let all = |say: fn(Record) -> Said| -> Vec<(String, Said)> {
            records.iter().map(|one| (one.country().to_owned(), say(one.clone()))).collect()
        };
        hear(&mut scene, &mut owners, all(upsert)).await;
        scene.judge(DAY).await;
        let found = scene.found().await;
        for kind in ["lot", "tag", "certificate"] {
            assert!(found.iter().any(|one| one.subject_kind == kind), "{kind}");
        }
        hear(&mut scene, &mut owners, all(tombstone)).await;
        scene.engine.run_at(DAY, true, &|_| ()).await.unwrap();
        let found = scene.found().await;
        assert!(found.iter().all(|one| one.subject_kind != "lot" && one.subject_kind != "tag"));
        assert_eq!(found, scene.raised(DAY).await);
        check_history(&scene).await;
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
            let run = || Box::pin(scene.engine.run_at(DAY, false, &|_| ()));
            futures_util::future::try_join(run(), run()).await.unwrap();
            scene.judge(DAY).await;
            assert_eq!(scene.found().await, scene.raised(DAY).await);
        }
        check_history(&scene).await;
    })
    .await;
}

/// Cuts runs over what came later and later, until one ends; each is done again.
async fn cut_later_and_later(
    (scene, owners, dice): (&mut Scene, &mut Owners, &mut Dice),
    is_whole: bool,
) {
    let (mut polls, mut cuts, mut has_ended) = (1, 0, false);
    while !has_ended {
        let said = exchanges(dice, 1, 4).into_iter().flatten().collect();
        hear(scene, owners, said).await;
        has_ended = cut(scene.engine.run_at(DAY, is_whole, &|_| ()), polls).await.is_some();
        scene.judge(DAY).await;
        assert_eq!(scene.found().await, scene.raised(DAY).await, "{polls}");
        check_history(scene).await;
        polls += polls / 2 + 1;
        cuts += u32::from(!has_ended);
    }
    assert!(cuts >= 4, "{cuts}");
}

#[tokio::test]
async fn a_run_that_is_cut_anywhere_is_done_again_and_nothing_is_told_twice() {
    on_each_store(async |store| {
        let dice = &mut Dice::of(8);
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        for is_whole in [false, true] {
            Box::pin(cut_later_and_later((&mut scene, &mut owners, dice), is_whole)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_task_ends_though_a_question_of_its_takes_long() {
    on_each_store(async |store| {
        let mut owners = Owners::new();
        let mut scene = Scene::of(&store, &owners).await;
        hear(&mut scene, &mut owners, vec![("RW".to_owned(), upsert(lot("A", 1, &[])))]).await;
        // Who holds the lease's row keeps the task waiting.
        let mut writer = store.begin().await.unwrap();
        let hold = sqlx::query("UPDATE reconcile_lease SET holder = holder");
        hold.execute(&mut *writer).await.unwrap();
        let shutdown = CancellationToken::new();
        let run = task::run(scene.engine.clone(), Duration::from_millis(1), shutdown.clone());
        let mut run = Box::pin(run);
        assert!(cut(run.as_mut(), 1).await.is_none());
        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(10), run).await.unwrap().unwrap();
        drop(writer);
        assert!(scene.judge(DAY).await.subjects > 0);
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
        let step = scene.engine.step(DAY, (false, true), &|_| (), None).await;
        assert!(matches!(step, Err(Error::Held(_))), "{step:?}");
        let report = scene.engine.run_with(lease, (DAY, false), &|_| ()).await.unwrap();
        assert!(report.subjects > 0);
        // Nothing is left, and who has nothing to do asks for no lease.
        let lease = scene.engine.lease().await.unwrap();
        let step = scene.engine.step(DAY, (false, true), &|_| (), None).await;
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
