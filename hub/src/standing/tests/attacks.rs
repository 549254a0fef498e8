//! What a hostile auditor tries: clocks, names, days and records that come back.

use prost::Message as _;
use rmd_proto::v1::Op;

use super::*;
use crate::{
    follow::testing::tombstone,
    regional::settle,
    share::{Error, decision as decisions},
    standing::{
        appeal::{self, Outcome, Statement},
        reminder,
    },
    store::testing::on_each_store,
};

async fn statuses(scene: &Scene) -> Vec<&'static str> {
    let entries = scene.entries(&OwnFeed::shared()).await;
    let read = |entry: &StoredEntry| {
        let told = v1::SiteStatusBulletin::decode(entry.payload().unwrap()).unwrap();
        decisions::word(told.effective_status())
    };
    entries.iter().map(read).collect()
}

#[tokio::test]
async fn a_clock_that_ran_ahead_leaves_no_lapse_behind_and_each_comes_in_its_time() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-28", &["2017-10-28"]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        scene.at("2018-09-28T12:00:00Z");
        assert_eq!(scene.told().await, (0, 1), "30 days before");
        scene.at("2022-01-01T12:00:00Z");
        assert_eq!(scene.told().await, (2, 0));
        scene.at("2018-09-28T13:00:00Z");
        assert_eq!(scene.told().await, (1, 1), "Green again, and reminded again");
        scene.at("2018-10-28T21:59:59Z");
        assert_eq!(scene.told().await, (0, 0));
        scene.at("2018-10-28T22:00:00Z");
        assert_eq!(scene.told().await, (1, 0));
        assert_eq!(statuses(&scene).await, ["blue", "red", "green", "blue"]);
        let own = scene.entries(&OwnFeed::verdicts(COD)).await;
        let ops: Vec<Op> = own.iter().map(StoredEntry::op).collect();
        assert_eq!(ops, [Op::Upsert, Op::Tombstone, Op::Upsert, Op::Tombstone]);
        let revs: Vec<u64> = own.iter().map(|one| one.header.rev).collect();
        assert_eq!(revs, [1, 2, 3, 4]);
    })
    .await;
}

#[tokio::test]
async fn a_reminder_comes_once_although_the_hub_was_off_on_its_day() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-06-30", &["2017-06-30"]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        // 90 days before is 2018-04-01, 60 is 2018-05-01, 30 is 2018-05-31.
        for (on, reminders) in
            [("2018-04-03", 1), ("2018-04-30", 0), ("2018-06-02", 1), ("2018-06-03", 0)]
        {
            scene.at(&format!("{on}T12:00:00Z"));
            assert_eq!(scene.told().await, (0, reminders), "{on}");
        }
        let own = scene.entries(&OwnFeed::verdicts(COD)).await;
        let days = own
            .iter()
            .map(|entry| v1::StatusReminder::decode(entry.payload().unwrap()).unwrap().days);
        assert_eq!(days.collect::<Vec<_>>(), [90, 30]);
    })
    .await;
}

#[tokio::test]
async fn an_inspection_that_is_taken_back_brings_its_reminder_back() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        scene.at("2018-06-05T12:00:00Z");
        let first = green(1, "2017-06-30", &["2017-06-30"]);
        cod.say("2018-06-01T10:00:00Z", [first.clone().into()]).await;
        assert_eq!(scene.told().await, (0, 1));
        let renewed = green(1, "2017-06-30", &["2017-06-30", "2018-06-01"]);
        cod.say("2018-06-02T10:00:00Z", [renewed.into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        cod.say("2018-06-03T10:00:00Z", [first.into()]).await;
        assert_eq!(scene.told().await, (0, 1));
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let standing = reminder::list(&mut connection, Entity::MineSite, false, 10).await.unwrap();
        assert_eq!((standing.len(), standing[0].rev, standing[0].seq), (1, 3, 3));
    })
    .await;
}

#[tokio::test]
async fn a_status_that_is_said_to_have_begun_earlier_is_told_from_there() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = |since: &str| {
            let mut site = green(1, since, &[]);
            site.certification_status = CertificationStatus::Yellow.into();
            site
        };
        let key = key_of(&site(""));
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-01-10", &[]).into()]).await;
        scene.told().await;
        cod.say("2017-12-10T10:00:00Z", [site("2017-12-01").into()]).await;
        assert_eq!(scene.told().await.0, 1);
        // Backwards, so far that its period is over: Red since the day after.
        cod.say("2017-12-20T10:00:00Z", [site("2017-05-01").into()]).await;
        assert_eq!(scene.told().await.0, 2);
        assert_eq!(statuses(&scene).await, ["yellow", "yellow", "red"]);
        let known = "2017-12-19T00:00:00Z";
        assert_eq!(scene.ask(&key, "2017-11-15", known).await.0, "green");
        assert_eq!(scene.ask(&key, "2017-11-15", "2018-01-01T00:00:00Z").await.0, "red");
        assert_eq!(scene.ask(&key, "2017-04-30", "2018-01-01T00:00:00Z").await.0, "green");
    })
    .await;
}

#[tokio::test]
async fn a_site_that_is_withdrawn_comes_back_as_what_it_was() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = green(1, "2017-10-01", &["2017-10-01"]);
        cod.say("2017-11-01T10:00:00Z", [site.clone().into()]).await;
        assert_eq!(scene.told().await.0, 0);
        cod.say("2017-11-02T10:00:00Z", [tombstone(site.clone())]).await;
        assert_eq!(scene.told().await.0, 0);
        cod.say("2017-11-03T10:00:00Z", [site.clone().into()]).await;
        assert_eq!(scene.told().await.0, 0, "nothing changed");
        cod.say("2017-11-04T10:00:00Z", [tombstone(site.clone())]).await;
        scene.told().await;
        let mut worse = site;
        worse.certification_status = CertificationStatus::Red.into();
        worse.certification_status_since = "2017-11-05".to_owned();
        cod.say("2017-11-05T10:00:00Z", [worse.into()]).await;
        assert_eq!(scene.told().await.0, 1);
        assert_eq!(statuses(&scene).await, ["red"]);
    })
    .await;
}

#[tokio::test]
async fn a_name_of_another_state_is_given_no_decision() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (mut cod, mut rwa) = (scene.feed(COD).await, scene.feed(RWA).await);
        let theirs = crate::follow::testing::site_of("RW", 7, "Rutongo", &["RMB"]);
        let their_key = key_of(&theirs);
        rwa.say("2017-11-01T10:00:00Z", [theirs.into()]).await;
        let own = green(3, "2017-10-01", &[]);
        cod.say("2018-01-01T11:30:00Z", [own.clone().into()]).await;
        let red = decision(Status::Red);
        scene.publisher.decide_about(Entity::MineSite, &own.icglr_id, red).await.unwrap();
        let own_key = key_of(&own);
        let late = "2018-01-02T00:00:00Z";
        assert_eq!(scene.ask(&own_key, "2018-01-01", late).await.0, "red");
        let away = Said { reason: format!("renamed:{their_key}"), ..tombstone(own) };
        cod.say("2018-01-01T11:40:00Z", [away]).await;
        assert_ne!(scene.ask(&their_key, "2018-01-01", late).await.0, "red");
    })
    .await;
}

#[tokio::test]
async fn a_decision_follows_a_site_to_its_new_name_and_so_does_its_appeal() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let (old, new) = (green(1, "2017-10-01", &[]), green(2, "2017-10-01", &[]));
        let (old_key, new_key) = (key_of(&old), key_of(&new));
        cod.say("2017-11-01T10:00:00Z", [old.clone().into()]).await;
        let entity = Entity::MineSite;
        let decided = scene.publisher.decide_about(entity, &old.icglr_id, decision(Status::Red));
        decided.await.unwrap();
        scene.told().await;
        let gone = |to: &str| Said { reason: format!("renamed:{to}"), ..tombstone(old.clone()) };
        cod.say("2018-01-01T11:00:00Z", [gone(&new_key), new.clone().into()]).await;
        assert_eq!(scene.told().await.0, 1, "every node hears it under the new name");
        let late = "2018-01-02T00:00:00Z";
        assert_eq!(scene.ask(&new_key, "2018-01-01", late).await.0, "red");
        // Upheld, the appeal lifts what holds of the new name.
        let by = Statement {
            by: "Ministry of Mines".to_owned(),
            ground: "Inspected since".to_owned(),
            document_name: "letter.pdf".to_owned(),
            document_sha256: [9; 32],
        };
        let deadline = day("2018-02-28");
        appeal::lodge(&scene.publisher, "2018-0001", &by, deadline).await.unwrap();
        let (outcome, green) = (Outcome::Upheld, Some(Status::Green));
        appeal::rule(&scene.publisher, "A-2018-0001", outcome, green, &by).await.unwrap();
        assert_eq!(scene.ask(&new_key, "2018-01-01", late).await.0, "green");
        assert_eq!(scene.ask(&old_key, "2018-01-01", late).await.0, "red");
    })
    .await;
}

#[tokio::test]
async fn no_decision_is_taken_before_the_last_one_about_the_same_record() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let (one, other) = (green(1, "2017-10-01", &[]), green(2, "2017-10-01", &[]));
        let sites = [one.clone().into(), other.clone().into()];
        cod.say("2017-11-01T10:00:00Z", sites).await;
        let decide = async |id: &str, status| {
            scene.publisher.decide_about(Entity::MineSite, id, decision(status)).await
        };
        // A clock far ahead: the decision is dated after today once it is set right.
        scene.at("2030-01-01T12:00:00Z");
        decide(&one.icglr_id, Status::Red).await.unwrap();
        scene.at("2018-01-02T12:00:00Z");
        let refused = decide(&one.icglr_id, Status::Green).await.unwrap_err();
        assert!(
            matches!(&refused, Error::ClockBehind { id, .. } if id == "2030-0001"),
            "{refused}"
        );
        assert_eq!(decide(&other.icglr_id, Status::Red).await.unwrap().decision_id, "2018-0001");
        // Nothing says that a decision of a day to come is in force.
        scene.told().await;
        let entries = scene.entries(&OwnFeed::shared()).await;
        let of_one = entries.iter().rfind(|one_of| one_of.header.key == key_of(&one)).unwrap();
        let told = v1::SiteStatusBulletin::decode(of_one.payload().unwrap()).unwrap();
        assert_eq!((told.effective_status(), told.decision), (CertificationStatus::Green, None));
        // It is in force on its day.
        scene.at("2030-01-01T00:00:00Z");
        assert!(scene.told().await.0 > 0);
        let last = scene.entries(&OwnFeed::shared()).await;
        let of_one = last.iter().rfind(|one_of| one_of.header.key == key_of(&one)).unwrap();
        let told = v1::SiteStatusBulletin::decode(of_one.payload().unwrap()).unwrap();
        assert_eq!(told.effective_status(), CertificationStatus::Red);
    })
    .await;
}

#[tokio::test]
async fn numbers_of_decisions_go_on_after_a_restore_that_lost_some() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let sites: Vec<v1::MineSite> =
            (1..=3).map(|number| green(number, "2017-10-01", &[])).collect();
        let said: Vec<Said> = sites.iter().cloned().map(Into::into).collect();
        cod.say("2017-11-01T10:00:00Z", said).await;
        let decide = async |site: &v1::MineSite| {
            let red = decision(Status::Red);
            let id = &site.icglr_id;
            scene.publisher.decide_about(Entity::MineSite, id, red).await.unwrap().decision_id
        };
        decide(&sites[0]).await;
        assert_eq!(decide(&sites[1]).await, "2018-0002");
        let mut transaction = scene.hub.store.begin().await.unwrap();
        sqlx::query("DELETE FROM decision WHERE decision_id = '2018-0001'")
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(decide(&sites[2]).await, "2018-0003");
    })
    .await;
}

#[tokio::test]
async fn an_exporter_is_red_on_the_very_day_of_its_suspension() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let green = exporter(CertificationStatus::Green, "2019-12-31");
        let suspended = v1::ExporterStatus { suspended_since: "2018-02-01".to_owned(), ..green };
        cod.say("2018-02-02T10:00:00Z", [said(suspended)]).await;
        let held = async |day: &str| {
            let (entity, known) = (Entity::ExporterStatus, "2018-03-01T00:00:00Z");
            scene.answer(entity, "CD/CD-EXP-1", Some(day), known).await.held.unwrap().status
        };
        assert_eq!([held("2018-01-31").await, held("2018-02-01").await], ["green", "red"]);
    })
    .await;
}

#[tokio::test]
async fn a_year_from_a_leap_day_ends_in_february_and_is_told_on_the_first_of_march() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        scene.at("2016-03-01T12:00:00Z");
        cod.say("2016-03-01T10:00:00Z", [green(1, "2016-02-29", &["2016-02-29"]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        for (at, expected) in [
            ("2016-11-29T21:59:59Z", (0, 0)),
            ("2016-11-29T22:00:00Z", (0, 1)),
            ("2017-02-28T21:59:59Z", (0, 1)),
            ("2017-02-28T22:00:00Z", (1, 0)),
        ] {
            scene.at(at);
            assert_eq!(scene.told().await, expected, "{at}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_site_that_left_the_shadow_lapses_like_any_other() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed_at(COD, Level::Shadow).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-28", &["2017-10-28"]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        let Receiver { landing, .. } = &mut cod.receiver;
        landing.levels.values_mut().for_each(|level| *level = Level::Live);
        let (store, owner) = (&landing.store, &landing.owner);
        let moved = settle::settle(store, owner, &landing.levels, &landing.context).await.unwrap();
        assert_eq!(moved, 1);
        assert_eq!(scene.told().await, (0, 0), "a first sight is no change");
        scene.at("2018-10-29T12:00:00Z");
        assert_eq!(scene.told().await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_new_period_for_yellow_counts_at_once_in_its_state_alone() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (mut cod, mut rwa) = (scene.feed(COD).await, scene.feed(RWA).await);
        let yellow = |mut site: v1::MineSite| {
            site.certification_status = CertificationStatus::Yellow.into();
            site.certification_status_since = "2017-09-15".to_owned();
            site
        };
        cod.say("2017-11-01T10:00:00Z", [yellow(green(1, "", &[])).into()]).await;
        let theirs = crate::follow::testing::site_of("RW", 7, "Rutongo", &["RMB"]);
        rwa.say("2017-11-01T10:00:00Z", [yellow(theirs).into()]).await;
        assert_eq!(scene.told().await.0, 0);
        let mut policy = Policy::default();
        policy.yellow_months_of.insert("CD".to_owned(), 3);
        let (store, clock) = (scene.hub.store.clone(), scene.hub.clock.clone());
        let dir = scene.hub.dir.path();
        let publisher = Publisher::open(store, dir, clock, policy).await.unwrap();
        let told = Keeper::new(publisher).settle().await.unwrap();
        assert_eq!(told.bulletins, 1);
        let entries = scene.entries(&OwnFeed::shared()).await;
        let told = v1::SiteStatusBulletin::decode(entries[0].payload().unwrap()).unwrap();
        assert_eq!(
            (told.address_country.as_str(), told.effective_since.as_str()),
            ("CD", "2017-12-16")
        );
    })
    .await;
}
