//! What is altered behind the hub's back is found and named.

use std::sync::atomic::{AtomicBool, Ordering};

use rmd_feed::Origin;

use super::*;
use crate::{
    follow::testing::{Publisher, Receiver, site, tombstone, upsert},
    registry::{entitlement::Level, testing::Hub},
    store::testing::on_each_store,
};

async fn landed(store: &Store) -> Publisher {
    let mut cod = Publisher::new("COD/cod-mines", "master-data");
    let mut hub = Receiver::take(store, &cod, Level::Live).await;
    let mut lost = site(3, "", &[]);
    lost.mine_site_location = None;
    for said in [
        vec![upsert(site(1, "a", &["x"])), upsert(site(2, "b", &[])), upsert(lost)],
        vec![upsert(site(1, "a2", &[])), tombstone(site(2, "b", &[]))],
        vec![upsert(site(4, "d", &[]))],
    ] {
        hub.land(&cod.publish(said)).await;
    }
    cod
}

async fn report(store: &Store, cod: &Publisher) -> FeedReport {
    let owner = cod.owner();
    let origin = Origin::new("rmd.net/COD/cod-mines", "master-data", 1);
    let replay = Replay::new("master-data", 1, origin, cod.key.verifier());
    verify_feed(&mut store.acquire().await.unwrap(), &owner, replay).await.unwrap()
}

async fn alter(store: &Store, statement: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    let done = sqlx::query(statement).execute(&mut *transaction).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{statement}");
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_kept_is_proven() {
    on_each_store(async |store| {
        let cod = landed(&store).await;
        let report = report(&store, &cod).await;
        assert!(report.holds(), "{:?}", report.faults);
        assert_eq!((report.frames, report.entries, report.records), (3, 6, 3));
        assert_eq!(report.root, hex::encode(cod.root()));
    })
    .await;
}

/// One byte anywhere in the stored body of the second frame, which begins at seq 4.
#[tokio::test]
async fn one_altered_byte_is_found_and_its_seq_named() {
    on_each_store(async |store| {
        let cod = landed(&store).await;
        let stored = async || {
            let mut connection = store.acquire().await.unwrap();
            super::super::next_after(&mut connection, &cod.owner(), 1).await.unwrap().unwrap()
        };
        let sound = stored().await.frame;
        let frame = v1::Frame::decode(sound.as_slice()).unwrap();
        assert_eq!((frame.first_seq, frame.last_seq), (4, 5));
        for place in [0, frame.body.len() / 2, frame.body.len() - 1] {
            let mut altered = frame.clone();
            altered.body[place] ^= 1;
            write(&store, altered.encode_to_vec()).await;
            let report = report(&store, &cod).await;
            let fault = report.faults.first().expect("the altered byte is noticed");
            assert!(matches!(fault.first_bad_seq, Some(4 | 5)), "{fault:?}");
            assert_eq!(report.entries, 3, "everything before it holds");
        }
        write(&store, sound).await;
        assert!(report(&store, &cod).await.holds());
    })
    .await;
}

async fn write(store: &Store, frame: Vec<u8>) {
    let mut transaction = store.begin().await.unwrap();
    sqlx::query("UPDATE ledger SET frame = $1 WHERE first_seq = 4")
        .bind(frame)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn tables_that_differ_from_the_ledger_are_named() {
    on_each_store(async |store| {
        let cod = landed(&store).await;
        for (statement, repair, seq) in [
            (
                "UPDATE record SET rev = 7 WHERE seq = 4",
                "UPDATE record SET rev = 2 WHERE seq = 4",
                Some(4),
            ),
            (
                "UPDATE record SET record_key = 'CD-x' WHERE seq = 6",
                "UPDATE record SET record_key = (SELECT record_key FROM mine_site WHERE \
                 site_name = 'd') WHERE seq = 6",
                Some(6),
            ),
        ] {
            alter(&store, statement).await;
            let report = report(&store, &cod).await;
            assert_eq!(report.faults[0].first_bad_seq, seq, "{:?}", report.faults);
            alter(&store, repair).await;
        }
        alter(&store, "DELETE FROM ledger WHERE first_seq = 6").await;
        let report = report(&store, &cod).await;
        assert_eq!(report.faults[0].first_bad_seq, Some(6));
        assert!(report.faults[0].message.contains("cursor stands at 6"), "{:?}", report.faults);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_land_meanwhile_are_no_difference() {
    on_each_store(verify_while_frames_land).await;
}

/// Each frame moves the ledger, the cursor and a record, all of which are read.
async fn verify_while_frames_land(store: Store) {
    let hub = Hub::make(store.clone()).await;
    let node_dir = tempfile::tempdir().unwrap();
    hub.enrol("cod-mines", "127.0.0.1:1", node_dir.path()).await;
    let mut cod = Publisher::new("COD/cod-mines", "master-data");
    let mut transaction = store.begin().await.unwrap();
    sqlx::query("UPDATE node SET feed_vkey = $1")
        .bind(cod.key.verifier().vkey())
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let mut receiver = Receiver::take(&store, &cod, Level::Live).await;
    receiver.land(&cod.publish([upsert(site(1, "0", &[]))])).await;
    let is_over = AtomicBool::new(false);
    let landing = async {
        for number in 1..60 {
            receiver.land(&cod.publish([upsert(site(1, &number.to_string(), &[]))])).await;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let verifying = async {
        let mut seen = BTreeSet::new();
        while !is_over.load(Ordering::Relaxed) {
            let report = verify(&store, "net", None).await.unwrap().remove(0);
            assert!(report.holds(), "{:?}", report.faults);
            seen.insert(report.entries);
        }
        assert!(seen.len() > 1, "nothing landed between two looks: {seen:?}");
    };
    tokio::join!(landing, verifying);
}
