//! Each change of a status is told once, and so is each reminder.

use prost::Message as _;
use rmd_proto::v1::Op;

use super::*;
use crate::{
    follow::testing::site_of,
    share::{ENTITY, EXPORTER},
    standing::reminder,
    store::testing::on_each_store,
};

fn bulletin(entry: &StoredEntry) -> v1::SiteStatusBulletin {
    assert_eq!(entry.header.entity, ENTITY);
    v1::SiteStatusBulletin::decode(entry.payload().unwrap()).unwrap()
}

#[tokio::test]
async fn a_lapse_is_told_on_its_day_in_central_africa_once_across_restarts() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        // The night in which Europe puts its clocks back, and nobody else does.
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-28", &["2017-10-28"]).into()]).await;
        assert_eq!(scene.told().await.0, 0, "a first sight is no change");
        // The limit day is inside, to its last second in UTC+2.
        scene.at("2018-10-28T21:59:59Z");
        assert_eq!(scene.told().await.0, 0);
        scene.at("2018-10-28T22:00:00Z");
        assert_eq!(scene.told().await.0, 1);
        assert_eq!(scene.told().await.0, 0);
        scene.at("2018-10-29T22:00:00Z");
        assert_eq!(scene.told().await.0, 0, "the day alone is no news");
        let entries = scene.entries(&OwnFeed::shared()).await;
        assert_eq!(entries.len(), 1);
        let told = bulletin(&entries[0]);
        assert_eq!(told.effective_status(), CertificationStatus::Blue);
        assert_eq!(
            (told.effective_reason.as_str(), told.effective_since.as_str()),
            ("lapse", "2018-10-29")
        );
        assert_eq!((told.published_on.as_str(), told.decision), ("2018-10-29", None));
        // Blue for three years, then Red.
        scene.at("2021-10-29T12:00:00Z");
        assert_eq!(scene.told().await.0, 0);
        scene.at("2021-10-30T12:00:00Z");
        assert_eq!(scene.told().await.0, 1);
        let entries = scene.entries(&OwnFeed::shared()).await;
        let told = bulletin(&entries[1]);
        assert_eq!(told.effective_status(), CertificationStatus::Red);
        assert_eq!(told.effective_reason, "overdue");
        assert_eq!((entries[1].header.rev, entries[1].header.previous_seq), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn what_a_state_declares_is_told_and_yellow_ends_in_red() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        cod.say("2017-11-01T10:00:00Z", [green(1, "2017-10-01", &["2017-10-01"]).into()]).await;
        scene.told().await;
        let mut yellow = green(1, "2018-01-01", &["2017-10-01"]);
        yellow.certification_status = CertificationStatus::Yellow.into();
        cod.say("2018-01-01T11:00:00Z", [yellow.into()]).await;
        assert_eq!(scene.told().await.0, 1);
        // Six months, of which the last day is inside.
        scene.at("2018-07-01T12:00:00Z");
        assert_eq!(scene.told().await.0, 0);
        scene.at("2018-07-02T12:00:00Z");
        assert_eq!(scene.told().await.0, 1);
        let entries = scene.entries(&OwnFeed::shared()).await;
        let statuses: Vec<_> = entries.iter().map(|one| bulletin(one).effective_status()).collect();
        assert_eq!(statuses, [CertificationStatus::Yellow, CertificationStatus::Red]);
    })
    .await;
}

#[tokio::test]
async fn each_reminder_goes_once_and_to_its_own_node_alone() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let (mut cod, mut rwa) = (scene.feed(COD).await, scene.feed(RWA).await);
        let site = green(1, "2017-06-30", &["2017-06-30"]);
        let key = key_of(&site);
        cod.say("2017-11-01T10:00:00Z", [site.into()]).await;
        rwa.say("2017-11-01T10:00:00Z", [site_of("RW", 7, "Rutongo", &[]).into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        // 91, 90, 89, 60, 30, 29 and 0 days before the last one.
        for (on, reminders) in [
            ("2018-03-31", 0),
            ("2018-04-01", 1),
            ("2018-04-02", 0),
            ("2018-05-01", 1),
            ("2018-05-31", 1),
            ("2018-06-01", 0),
            ("2018-06-30", 0),
        ] {
            scene.at(&format!("{on}T12:00:00Z"));
            assert_eq!(scene.told().await, (0, reminders), "{on}");
            assert_eq!(scene.told().await, (0, 0), "{on}, again");
        }
        let own = scene.entries(&OwnFeed::verdicts(COD)).await;
        let told: Vec<v1::StatusReminder> = own
            .iter()
            .map(|entry| v1::StatusReminder::decode(entry.payload().unwrap()).unwrap())
            .collect();
        assert_eq!(told.iter().map(|one| one.days).collect::<Vec<_>>(), [90, 60, 30]);
        assert!(told.iter().all(|one| one.record_key == key && one.until == "2018-06-30"));
        assert!(told.iter().all(|one| one.next_status() == CertificationStatus::Blue));
        assert_eq!(own.iter().map(|one| one.header.rev).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(scene.entries(&OwnFeed::verdicts(RWA)).await, []);
        // The lapse itself is told to everybody, and nothing is left to remind of.
        scene.at("2018-07-01T12:00:00Z");
        assert_eq!(scene.told().await, (1, 0));
        let last = scene.entries(&OwnFeed::verdicts(COD)).await.pop().unwrap();
        assert_eq!((last.op(), last.header.rev, last.header.previous_seq), (Op::Tombstone, 4, 3));
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let site = Entity::MineSite;
        assert_eq!(reminder::list(&mut connection, site, false, 10).await.unwrap(), []);
        assert_eq!(reminder::list(&mut connection, site, true, 10).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_renewed_status_takes_its_reminder_back_and_a_late_one_gets_the_nearest() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        scene.at("2018-05-20T12:00:00Z");
        cod.say("2018-05-20T10:00:00Z", [green(1, "2017-06-30", &["2017-06-30"]).into()]).await;
        assert_eq!(scene.told().await, (0, 1));
        let renewed = green(1, "2017-06-30", &["2017-06-30", "2018-05-19"]);
        cod.say("2018-05-20T11:00:00Z", [renewed.into()]).await;
        assert_eq!(scene.told().await, (0, 0));
        let own = scene.entries(&OwnFeed::verdicts(COD)).await;
        let first = v1::StatusReminder::decode(own[0].payload().unwrap()).unwrap();
        assert_eq!(first.days, 60, "90 days before is long over");
        assert_eq!((own.len(), own[1].op()), (2, Op::Tombstone));
    })
    .await;
}

#[tokio::test]
async fn exporters_are_decided_about_told_of_and_reminded() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let green = exporter(CertificationStatus::Green, "2018-03-31");
        cod.say("2017-11-01T10:00:00Z", [said(green.clone())]).await;
        assert_eq!(scene.told().await, (0, 1), "89 days to the end of the licence");
        let entity = Entity::ExporterStatus;
        let decided = scene.publisher.decide_about(entity, "CD/CD-EXP-1", decision(Status::Yellow));
        let decided = decided.await.unwrap();
        assert_eq!(
            (decided.effective_status, decided.decision_id.as_str()),
            ("yellow", "2018-0001")
        );
        assert_eq!(scene.told().await, (0, 0), "its bulletin was published with it");
        // The day after the last one of the licence, Red.
        scene.at("2018-03-31T12:00:00Z");
        assert_eq!(scene.told().await.0, 0);
        scene.at("2018-04-01T12:00:00Z");
        assert_eq!(scene.told().await.0, 1);
        let suspended = v1::ExporterStatus { suspended_since: "2018-02-01".to_owned(), ..green };
        cod.say("2018-04-01T10:00:00Z", [said(suspended)]).await;
        assert_eq!(scene.told().await.0, 1, "since another day, for another reason");
        let entries = scene.entries(&OwnFeed::shared()).await;
        let told: Vec<v1::ExporterStatusBulletin> = entries
            .iter()
            .map(|entry| {
                assert_eq!(
                    (entry.header.entity.as_str(), entry.header.key.as_str()),
                    (EXPORTER, "CD/CD-EXP-1")
                );
                v1::ExporterStatusBulletin::decode(entry.payload().unwrap()).unwrap()
            })
            .collect();
        let reasons: Vec<&str> = told.iter().map(|one| one.effective_reason.as_str()).collect();
        assert_eq!(reasons, ["decision", "licence", "suspension"]);
        assert_eq!(told[0].effective_until, "2018-03-31");
        assert!(told.iter().all(|one| one.decision.is_some()));
        let known = "2018-03-01T00:00:00Z";
        let then = scene.answer(entity, "CD/CD-EXP-1", Some("2018-02-15"), known).await;
        assert_eq!(then.held.unwrap().status, "yellow", "nobody had said that it was suspended");
        let now =
            scene.answer(entity, "CD/CD-EXP-1", Some("2018-02-15"), "2018-05-01T00:00:00Z").await;
        assert_eq!((now.held.unwrap().reason, now.revisions.len()), ("suspension", 2));
    })
    .await;
}

#[tokio::test]
async fn an_unknown_exporter_is_named_beside_those_that_resemble_it() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let known = exporter(CertificationStatus::Green, "2018-03-31");
        cod.say("2017-11-01T10:00:00Z", [said(known)]).await;
        let red = decision(Status::Red);
        let decided =
            scene.publisher.decide_about(Entity::ExporterStatus, "CD/CD-EXP-2", red).await;
        let message = decided.unwrap_err().to_string();
        assert!(message.contains("did you mean CD/CD-EXP-1?"), "{message}");
    })
    .await;
}
