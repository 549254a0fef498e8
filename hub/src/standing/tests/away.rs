//! A hub, or a node, that was away: each change is told, and each has its place in time.

use prost::Message as _;

use super::*;
use crate::{share::ENTITY, store::testing::on_each_store};

fn bulletins(entries: &[StoredEntry]) -> Vec<(&'static str, String, String)> {
    let read = |entry: &StoredEntry| {
        assert_eq!(entry.header.entity, ENTITY);
        let told = v1::SiteStatusBulletin::decode(entry.payload().unwrap()).unwrap();
        let status = crate::share::decision::word(told.effective_status());
        (status, told.effective_since, told.effective_until)
    };
    entries.iter().map(read).collect()
}

fn told(status: &'static str, since: &str, until: &str) -> (&'static str, String, String) {
    (status, since.to_owned(), until.to_owned())
}

fn said_to_be(status: CertificationStatus, since: &str) -> v1::MineSite {
    let mut site = green(1, since, &[]);
    site.certification_status = status.into();
    site
}

#[tokio::test]
async fn each_change_that_came_at_once_is_told_in_its_order_with_its_days() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let first = green(1, "2017-10-01", &[]);
        let key = key_of(&first);
        cod.say("2017-11-01T10:00:00Z", [first.into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        // None of the three says anything of what was before it.
        let yellow = said_to_be(CertificationStatus::Yellow, "2018-03-05");
        cod.keep("2018-03-06T10:00:00Z", [yellow.into()]);
        let red = said_to_be(CertificationStatus::Red, "2018-03-10");
        cod.keep("2018-03-11T10:00:00Z", [red.into()]);
        cod.keep("2018-03-21T10:00:00Z", [green(1, "2018-03-20", &[]).into()]);
        scene.at("2018-04-01T12:00:00Z");
        cod.bring("2018-04-01T11:00:00Z").await;
        assert_eq!(scene.told().await, (3, 0));
        assert_eq!(scene.told().await, (0, 0));
        let entries = scene.entries(&OwnFeed::shared()).await;
        assert_eq!(
            bulletins(&entries),
            [
                told("yellow", "2018-03-05", "2018-09-05"),
                told("red", "2018-03-10", ""),
                told("green", "2018-03-20", "2019-03-20"),
            ]
        );
        let places = entries.iter().map(|one| (one.header.rev, one.header.previous_seq));
        assert_eq!(places.collect::<Vec<_>>(), [(1, 0), (2, 1), (3, 2)]);
        let held = async |day: &str, known: &str| scene.ask(&key, day, known).await.0;
        let before = "2018-04-01T10:59:59Z";
        assert_eq!(held("2018-03-07", before).await, "green", "nobody here knew it");
        let after = "2018-04-02T00:00:00Z";
        let course = ["2018-03-04", "2018-03-07", "2018-03-15", "2018-03-20"];
        let mut statuses = Vec::new();
        for day in course {
            statuses.push(held(day, after).await);
        }
        assert_eq!(statuses, ["green", "yellow", "red", "green"]);
    })
    .await;
}

#[tokio::test]
async fn changes_without_a_day_count_from_when_they_were_said() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = |status| said_to_be(status, "");
        let key = key_of(&site(CertificationStatus::Green));
        cod.say("2017-11-01T10:00:00Z", [site(CertificationStatus::Green).into()]).await;
        scene.told().await;
        cod.keep("2018-03-05T10:00:00Z", [site(CertificationStatus::Red).into()]);
        cod.keep("2018-03-20T10:00:00Z", [site(CertificationStatus::Green).into()]);
        scene.at("2018-04-01T12:00:00Z");
        cod.bring("2018-04-01T11:00:00Z").await;
        assert_eq!(scene.told().await.0, 2);
        let late = "2018-04-02T00:00:00Z";
        assert_eq!(scene.ask(&key, "2018-03-10", late).await.0, "red");
        assert_eq!(scene.ask(&key, "2018-03-10", "2018-03-31T00:00:00Z").await.0, "green");
        assert_eq!(scene.ask(&key, "2018-03-20", late).await.0, "green");
        assert!(intake::rebuild(&scene.hub.store).await.unwrap().is_same);
    })
    .await;
}

#[tokio::test]
async fn two_changes_of_one_day_are_both_told_and_the_later_counts() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-01", &[]).into()]).await;
        scene.told().await;
        let of_day = |status| said_to_be(status, "2017-12-20").into();
        let both = [of_day(CertificationStatus::Red), of_day(CertificationStatus::Yellow)];
        cod.say("2017-12-20T10:00:00Z", both).await;
        assert_eq!(scene.told().await.0, 2);
        let told = bulletins(&scene.entries(&OwnFeed::shared()).await);
        assert_eq!(told.iter().map(|one| one.0).collect::<Vec<_>>(), ["red", "yellow"]);
        assert!(told.iter().all(|one| one.1 == "2017-12-20"));
    })
    .await;
}

#[tokio::test]
async fn every_lapse_in_years_away_is_told_and_no_reminder_comes_late() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-28", &["2017-10-28"]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        scene.at("2021-11-05T12:00:00Z");
        assert_eq!(scene.told().await, (2, 0));
        let told_of = bulletins(&scene.entries(&OwnFeed::shared()).await);
        let blue = told("blue", "2018-10-29", "2021-10-29");
        assert_eq!(told_of, [blue, told("red", "2021-10-30", "")]);
    })
    .await;
}

#[tokio::test]
async fn what_changed_before_a_decision_is_told_before_it() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = green(1, "2017-10-28", &["2017-10-28"]);
        cod.say("2017-11-01T10:00:00Z", [site.clone().into()]).await;
        scene.told().await;
        // The hub did not run on the day of the lapse; an officer decides first.
        scene.at("2018-11-05T12:00:00Z");
        let decided =
            scene.publisher.decide_about(Entity::MineSite, &site.icglr_id, decision(Status::Red));
        assert_eq!(decided.await.unwrap().seq, 2);
        assert_eq!(scene.told().await, (0, 0));
        let told = bulletins(&scene.entries(&OwnFeed::shared()).await);
        assert_eq!(told.iter().map(|one| one.0).collect::<Vec<_>>(), ["blue", "red"]);
    })
    .await;
}

#[tokio::test]
async fn a_day_costs_what_is_due_on_it() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let day = |number: u32| format!("2017-10-{:02}", number % 28 + 1);
        let sites = |numbers: std::ops::Range<u32>| {
            numbers.map(move |number| green(number, &day(number), &[&*day(number)]).into())
        };
        for first in [1, 201] {
            let said: Vec<Said> = sites(first..first + 200).collect();
            cod.say("2017-11-01T10:00:00Z", said).await;
        }
        let computed = async || {
            let told = Keeper::new(scene.publisher.clone()).settle().await.unwrap();
            (told.computed, told.bulletins, told.reminders)
        };
        assert_eq!(computed().await, (400, 0, 0));
        assert_eq!(computed().await, (0, 0, 0));
        scene.at("2018-01-02T12:00:00Z");
        assert_eq!(computed().await, (0, 0, 0), "a day on which nothing is due");
        // 90 days before the year of those of 2017-10-01 is over.
        scene.at("2018-07-03T12:00:00Z");
        let due = 400 / 28;
        assert_eq!(computed().await, (due, 0, due));
    })
    .await;
}
