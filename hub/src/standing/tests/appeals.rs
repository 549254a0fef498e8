//! Appeals: the decision stays in force until one is upheld.

use super::*;
use crate::{
    share::Error,
    standing::appeal::{self, Appeal, Outcome, Refusal, Statement},
    store::testing::on_each_store,
};

fn statement(by: &str) -> Statement {
    Statement {
        by: by.to_owned(),
        ground: "Inspected since".to_owned(),
        document_name: "letter.pdf".to_owned(),
        document_sha256: [9; 32],
    }
}

/// A site that the Secretariat decided to be Red; the key of the site and the decision.
async fn decided(scene: &Scene) -> (String, String) {
    let mut cod = scene.feed(COD).await;
    let site = green(1, "2017-10-01", &["2017-10-01"]);
    cod.say("2017-11-01T10:00:00Z", [site.clone().into()]).await;
    let decided = scene.publisher.decide(&site.icglr_id, decision(Status::Red)).await.unwrap();
    (key_of(&site), decided.decision_id)
}

async fn lodge(scene: &Scene, decision_id: &str) -> Result<Appeal, Error> {
    let by = statement("Ministry of Mines");
    appeal::lodge(&scene.publisher, decision_id, &by, day("2018-02-28")).await
}

async fn rule(
    scene: &Scene,
    id: &str,
    outcome: Outcome,
    status: Option<Status>,
) -> Result<Appeal, Error> {
    appeal::rule(&scene.publisher, id, outcome, status, &statement("Executive Secretary")).await
}

#[tokio::test]
async fn a_decision_stays_in_force_under_appeal_and_is_lifted_once_it_is_upheld() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (key, decision_id) = decided(&scene).await;
        let lodged = lodge(&scene, &decision_id).await.unwrap();
        assert_eq!((lodged.id.as_str(), lodged.state), ("A-2018-0001", "open"));
        assert_eq!(scene.ask(&key, "2018-01-01", "2018-01-01T12:00:00Z").await.0, "red");
        scene.at("2018-01-20T12:00:00Z");
        let upheld = rule(&scene, "A-2018-0001", Outcome::Upheld, Some(Status::Green)).await;
        let upheld = upheld.unwrap();
        assert_eq!(upheld.lifting_decision_id.as_deref(), Some("2018-0002"));
        let events: Vec<&str> = upheld.history.iter().map(|step| step.event).collect();
        assert_eq!((upheld.state, events), ("upheld", vec!["lodged", "upheld"]));
        assert_eq!(upheld.history[0].by, "Ministry of Mines");
        let later = "2018-01-21T00:00:00Z";
        assert_eq!(scene.ask(&key, "2018-01-20", later).await.0, "green");
        assert_eq!(scene.ask(&key, "2018-01-19", later).await.0, "red", "until then it held");
        // What was known before the ruling is known so for ever.
        let before = scene.answer(Entity::MineSite, &key, None, "2018-01-10T00:00:00Z").await;
        assert_eq!((before.appeals[0].state, before.decisions.len()), ("open", 1));
        let after = scene.answer(Entity::MineSite, &key, None, later).await;
        assert!(after.decisions[1].lifts);
        let again = rule(&scene, "A-2018-0001", Outcome::Dismissed, None).await.unwrap_err();
        assert!(matches!(&again, Error::Appeal(Refusal::Ruled { .. })), "{again}");
        assert_eq!(scene.entries(&OwnFeed::shared()).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_appeal_that_fails_leads_to_nothing_and_one_that_waits_is_overdue() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (key, decision_id) = decided(&scene).await;
        lodge(&scene, &decision_id).await.unwrap();
        lodge(&scene, &decision_id).await.unwrap();
        let dismissed = rule(&scene, "A-2018-0002", Outcome::Dismissed, None).await.unwrap();
        assert_eq!(dismissed.lifting_decision_id, None);
        assert_eq!(scene.ask(&key, "2018-01-01", "2018-01-02T00:00:00Z").await.0, "red");
        let listed = async |is_all, today: &str| {
            let mut connection = scene.hub.store.acquire().await.unwrap();
            let listed = appeal::list(&mut connection, is_all, day(today)).await.unwrap();
            listed.into_iter().map(|one| (one.id, one.is_overdue)).collect::<Vec<_>>()
        };
        let first = |is_overdue| ("A-2018-0001".to_owned(), is_overdue);
        assert_eq!(listed(false, "2018-02-28").await, [first(false)], "the last day is inside");
        assert_eq!(listed(false, "2018-03-01").await, [first(true)]);
        assert_eq!(listed(true, "2018-03-01").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_appeal_that_cannot_be_meant_is_refused() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (_, decision_id) = decided(&scene).await;
        let unknown = lodge(&scene, "2018-0099").await.unwrap_err();
        assert_eq!(unknown.exit_code(), Some(66));
        let by = statement("Ministry of Mines");
        let late = appeal::lodge(&scene.publisher, &decision_id, &by, day("2017-12-31")).await;
        assert!(matches!(late, Err(Error::Appeal(Refusal::Deadline { .. }))));
        let nobody = statement(" ");
        let nobody = appeal::lodge(&scene.publisher, &decision_id, &nobody, day("2018-02-01"));
        assert!(matches!(nobody.await, Err(Error::Text { field: "--by", .. })));
        lodge(&scene, &decision_id).await.unwrap();
        for (outcome, status) in
            [(Outcome::Upheld, None), (Outcome::Dismissed, Some(Status::Green))]
        {
            let refused = rule(&scene, "A-2018-0001", outcome, status).await.unwrap_err();
            assert_eq!(refused.exit_code(), Some(64), "{refused}");
        }
        assert_eq!(
            rule(&scene, "A-1", Outcome::Dismissed, None).await.unwrap_err().exit_code(),
            Some(66)
        );
    })
    .await;
}
