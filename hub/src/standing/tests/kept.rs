//! What is in shadow, erased, or lost with a store and given back.

use prost::Message as _;
use rmd_proto::v1::Op;

use super::*;
use crate::{
    share::{bulletin, decision as decisions},
    standing::{reminder, revision},
    store::testing::on_each_store,
};

#[tokio::test]
async fn nothing_is_told_of_a_site_in_shadow() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed_at(COD, Level::Shadow).await;
        let site = green(1, "2017-06-30", &["2017-06-30"]);
        let key = key_of(&site);
        cod.say("2017-11-01T10:00:00Z", [site.into()]).await;
        for on in ["2018-01-01", "2018-06-30", "2018-07-01"] {
            scene.at(&format!("{on}T12:00:00Z"));
            assert_eq!(scene.told().await, (0, 0), "{on}");
        }
        let asked = Asked {
            entity: Entity::MineSite,
            record_key: &key,
            day: None,
            known_at: Timestamp::MAX,
            today: day("2018-07-01"),
        };
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let answer = timeline::read(&mut connection, asked, &Policy::default()).await.unwrap();
        assert_eq!(answer, None);
        assert_eq!(scene.entries(&OwnFeed::shared()).await, []);
        assert_eq!(scene.entries(&OwnFeed::verdicts(COD)).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_an_owner_had_erased_is_in_no_history() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let site = green(1, "2017-06-30", &["2017-06-30"]);
        let key = key_of(&site);
        cod.say("2017-11-01T10:00:00Z", [site.clone().into()]).await;
        assert_eq!(scene.ask(&key, "2017-11-01", "2017-12-01T00:00:00Z").await.0, "green");
        let erased = v1::ErasedEntry { epoch: 1, seq: 1, rev: 1, seal: vec![6; 32] };
        let order = v1::Erasure {
            ground: v1::ErasureGround::CourtOrder.into(),
            document_sha256: vec![5; 32],
            erased: vec![erased],
            executed: None,
        };
        let order = Said {
            op: Op::Erase,
            reason: "erased:court-order".to_owned(),
            payload: order.encode_to_vec(),
            ..site.into()
        };
        cod.say("2017-12-15T10:00:00Z", [order]).await;
        assert_eq!(scene.ask(&key, "2017-11-01", "2017-12-01T00:00:00Z").await.0, "unknown");
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let keys = [key.as_str()];
        let kept = revision::of_keys(&mut connection, Entity::MineSite, &keys).await.unwrap();
        assert!(kept[&key].iter().all(|one| one.declared.is_empty() && one.op == "tombstone"));
        drop(connection);
        assert!(intake::rebuild(&scene.hub.store).await.unwrap().is_same);
    })
    .await;
}

#[tokio::test]
async fn what_the_nodes_gave_back_to_a_restored_hub_is_not_said_again() {
    on_each_store(async |store| {
        let scene = Scene::set(store).await;
        let mut cod = scene.feed(COD).await;
        let known = exporter(CertificationStatus::Green, "2018-03-31");
        cod.say(
            "2017-11-01T10:00:00Z",
            [green(1, "2017-01-15", &["2017-01-15"]).into(), said(known)],
        )
        .await;
        assert_eq!(scene.told().await, (0, 2));
        let entity = Entity::ExporterStatus;
        let red = decision(Status::Red);
        scene.publisher.decide_about(entity, "CD/CD-EXP-1", red).await.unwrap();
        // Red by decision, it does not get worse: the reminder is taken back.
        assert_eq!(scene.told().await, (0, 0));
        scene.at("2018-01-16T12:00:00Z");
        assert_eq!(scene.told().await, (1, 0));
        let shared = scene.entries(&OwnFeed::shared()).await;
        let own = scene.entries(&OwnFeed::verdicts(COD)).await;
        assert_eq!((shared.len(), own.len()), (2, 4));
        let listed = async || {
            let mut connection = scene.hub.store.acquire().await.unwrap();
            let [sites, exporters] = crate::standing::ENTITIES;
            let mut all = reminder::list(&mut connection, sites, true, 10).await.unwrap();
            all.extend(reminder::list(&mut connection, exporters, true, 10).await.unwrap());
            all
        };
        let before = listed().await;
        assert_eq!(before.len(), 2);
        assert!(before.iter().all(|one| one.cleared_on.is_some()));
        let mut transaction = scene.hub.store.begin().await.unwrap();
        for undo in ["DELETE FROM bulletin", "DELETE FROM decision", "DELETE FROM reminder"] {
            sqlx::query(undo).execute(&mut *transaction).await.unwrap();
        }
        for entry in &shared {
            bulletin::keep_again(&mut transaction, entry).await.unwrap();
            decisions::keep_again(&mut transaction, entry).await.unwrap();
        }
        for entry in &own {
            reminder::keep_again(&mut transaction, COD, entry).await.unwrap();
        }
        transaction.commit().await.unwrap();
        assert_eq!(listed().await, before);
        scene.at("2018-01-17T12:00:00Z");
        assert_eq!(scene.told().await, (0, 0));
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let about = decisions::about(&mut connection, "2018-0001").await.unwrap();
        assert_eq!(about, Some((entity, "CD/CD-EXP-1".to_owned())));
        let told = bulletin::list(&mut connection, 10).await.unwrap();
        assert_eq!(told.len(), 2);
        assert_eq!(
            (told[1].record_key.as_str(), told[1].decided_status),
            ("CD/CD-EXP-1", Some("red"))
        );
    })
    .await;
}
