//! What a frame does to the store, on SQLite and on PostgreSQL.

mod alike;
mod refused;

use rmd_proto::{Code, v1};
use sqlx::{AnyConnection, Row as _};

use super::Stop;
use crate::{
    follow::{
        Error, cursor,
        testing::{NOW_US, Publisher, Receiver, annul, lot, site, tombstone, upsert},
    },
    ledger,
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

const MASTER: &str = "master-data";
const TRADE: &str = "transactions";

async fn count(store: &Store, query: &'static str) -> i64 {
    let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap();
    row.get(0)
}

async fn text(store: &Store, query: &'static str) -> String {
    let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap();
    row.get(0)
}

#[tokio::test]
async fn a_frame_lands_with_its_cursor_in_every_table() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let frame = cod.publish([
            upsert(site(1, "Nzibira", &["SAESSCAM", "CEEC"])),
            upsert(site(2, "Kamituga", &[])),
        ]);
        let applied = hub.land(&frame).await;
        assert_eq!((applied.entries, applied.refused), (2, 0));
        assert_eq!(count(&store, "SELECT COUNT(*) FROM record").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site_inspection").await, 2);
        let name = "SELECT site_name || ' ' || certification_status || ' ' || mineral \
                    FROM mine_site ORDER BY national_id";
        assert_eq!(text(&store, name).await, "Nzibira green 260900;261590");
        let mut connection = store.acquire().await.unwrap();
        let kept = cursor::load(&mut connection, cod.node_id, MASTER).await.unwrap().unwrap();
        assert_eq!((kept.cursor, kept.edge.root()), (2, cod.root()));
        let stored = ledger::next_after(&mut connection, &cod.owner(), 0).await.unwrap().unwrap();
        assert_eq!(stored.frame, prost::Message::encode_to_vec(&frame));
        let status = cursor::all(&mut connection).await.unwrap().remove(0);
        assert_eq!((status.frames, status.entries, status.refused), (1, 2, 0));
        assert_eq!(status.root, hex::encode(cod.root()));
    })
    .await;
}

#[tokio::test]
async fn a_repeated_frame_changes_nothing() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let frame = cod.publish([upsert(site(1, "Nzibira", &["CEEC"]))]);
        hub.land(&frame).await;
        assert!(hub.try_land(&frame).await.unwrap().is_none());
        let mut again = Receiver::take(&store, &cod, Level::Live).await;
        assert!(again.try_land(&frame).await.unwrap().is_none());
        assert_eq!(count(&store, "SELECT COUNT(*) FROM ledger").await, 1);
        assert_eq!(count(&store, "SELECT frames FROM feed_cursor").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_restarted_hub_goes_on_after_its_cursor() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "Nzibira", &[]))])).await;
        drop(hub);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        assert_eq!(hub.follower.cursor(), 1);
        hub.land(&cod.publish([upsert(site(2, "Kamituga", &[]))])).await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 2);
        assert_eq!(hub.follower.edge().root(), cod.root());
    })
    .await;
}

#[tokio::test]
async fn a_frame_that_cannot_be_written_leaves_the_cursor_where_it_was() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let frame = cod.publish([upsert(site(1, "Nzibira", &[]))]);
        // A row in the way makes the write fail in the middle, as a full disk would.
        let mut transaction = store.begin().await.unwrap();
        ledger::insert(&mut transaction, &cod.owner(), &frame, NOW_US).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(matches!(hub.try_land(&frame).await, Err(Stop::Failed(Error::Store(_)))));
        assert_eq!(hub.follower.cursor(), 0);
        assert_eq!(count(&store, "SELECT cursor FROM feed_cursor").await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM record").await, 0);
        let mut transaction = store.begin().await.unwrap();
        sqlx::query("DELETE FROM ledger").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        hub.land(&frame).await;
        assert_eq!(count(&store, "SELECT cursor FROM feed_cursor").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_second_process_takes_the_feed_and_the_first_cannot_write() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut first = Receiver::take(&store, &cod, Level::Live).await;
        let mut second = Receiver::take(&store, &cod, Level::Live).await;
        let frame = cod.publish([upsert(site(1, "Nzibira", &[]))]);
        let lost = first.try_land(&frame).await;
        assert!(matches!(lost, Err(Stop::Failed(Error::LeaseLost { .. }))), "{lost:?}");
        assert_eq!(count(&store, "SELECT COUNT(*) FROM ledger").await, 0);
        second.land(&frame).await;
        let again = first.try_land(&frame).await;
        assert!(matches!(again, Err(Stop::Failed(Error::LeaseLost { .. }))), "{again:?}");
        assert_eq!(count(&store, "SELECT COUNT(*) FROM ledger").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_revision_replaces_the_record_and_its_lists() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "a", &["x", "y"])), upsert(site(2, "b", &["z"]))]))
            .await;
        hub.land(
            &cod.publish([upsert(site(1, "a2", &["w"])), upsert(site(1, "a3", &["u", "v", "w"]))]),
        )
        .await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site_inspection").await, 4);
        let name = "SELECT site_name FROM mine_site WHERE national_id = '1' AND rev = 3";
        assert_eq!(text(&store, name).await, "a3");
    })
    .await;
}

#[tokio::test]
async fn a_tombstone_takes_the_typed_rows_and_keeps_the_record() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "a", &["x", "y"]))])).await;
        hub.land(&cod.publish([tombstone(site(1, "a", &[]))])).await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site_inspection").await, 0);
        assert_eq!(text(&store, "SELECT op || ' ' || reason FROM record").await, "tombstone gone");
        hub.land(&cod.publish([upsert(site(1, "back", &["x"]))])).await;
        assert_eq!(text(&store, "SELECT site_name FROM mine_site").await, "back");
        assert_eq!(count(&store, "SELECT rev FROM record").await, 3);
    })
    .await;
}

#[tokio::test]
async fn an_annulled_record_stays_visible_as_void() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(lot(1, 2)), upsert(lot(2, 1)), upsert(lot(3, 1))])).await;
        hub.land(&cod.publish([
            annul(lot(1, 2), false),
            annul(lot(2, 3), true),
            upsert(lot(4, 1)),
            annul(lot(4, 1), false),
        ]))
        .await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 4);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot WHERE void = 1 AND rev = 2").await, 3);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot_tag").await, 2 + 3 + 1 + 1);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM record WHERE op = 'annul'").await, 3);
    })
    .await;
}

#[tokio::test]
async fn shadow_is_checked_and_kept_but_shown_nowhere() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Shadow).await;
        let mut bad = lot(2, 1);
        bad.mass_mg = -5;
        hub.land(&cod.publish([upsert(lot(1, 2)), upsert(bad), upsert(lot(3, 1))])).await;
        assert_eq!(count(&store, "SELECT COUNT(*) FROM record WHERE shadow = 1").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM quarantine").await, 1);
        // The entitlement is raised: what was pulled is built again from the ledger.
        let live = Receiver::take(&store, &cod, Level::Live).await.landing;
        let settle = async |levels| {
            crate::regional::settle::settle(&store, &live.owner, levels, &live.context)
                .await
                .unwrap()
        };
        assert_eq!(settle(&live.levels).await, 2);
        assert_eq!(settle(&live.levels).await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot_tag").await, 3);
        // And lowered again.
        assert_eq!(settle(&hub.landing.levels).await, 2);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot_tag").await, 0);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM record WHERE shadow = 1").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_frame_of_many_blocks_lands_in_few_statements() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        for block in 0..4 {
            cod.append((0..200).map(|number| upsert(lot(block * 200 + number, 2))));
        }
        let frame = cod.frame_after(0).unwrap();
        let applied = hub.land(&frame).await;
        assert_eq!((applied.entries, applied.refused), (800, 0));
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot").await, 800);
        assert_eq!(count(&store, "SELECT COUNT(*) FROM lot_tag").await, 1_600);
        assert_eq!(hub.follower.edge().root(), cod.root());
    })
    .await;
}

#[tokio::test]
async fn a_record_that_lacks_something_is_shown_with_its_findings() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "Nzibira", &[]))])).await;
        let findings = text(&store, "SELECT findings FROM record").await;
        let findings = crate::regional::findings::read(&findings).unwrap();
        assert!(findings.iter().any(|finding| finding.path == "owner"), "{findings:?}");
    })
    .await;
}

/// Statements of the follower's tables run on both stores, also where no test
/// above reaches them.
#[tokio::test]
async fn the_first_evidence_of_a_frozen_feed_stays() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let frame = cod.publish([upsert(site(1, "Nzibira", &[]))]);
        let mut transaction = store.begin().await.unwrap();
        for (code, evidence) in [(Code::RootMismatch, "first"), (Code::FrameGap, "second")] {
            freeze(&mut transaction, code, evidence.as_bytes(), &frame).await;
        }
        transaction.commit().await.unwrap();
        let mut connection = store.acquire().await.unwrap();
        let kept = cursor::load(&mut connection, cod.node_id, MASTER).await.unwrap().unwrap();
        assert_eq!(kept.frozen.unwrap().code, "root-mismatch");
        let row = sqlx::query("SELECT evidence, refused_frame FROM feed_cursor")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>(0), b"first");
        let kept = rmd_feed::erase::refused(&frame);
        assert_eq!(row.get::<Vec<u8>, _>(1), prost::Message::encode_to_vec(&kept));
        let said = rmd_feed::frame::open(&kept).unwrap();
        assert!(said.iter().all(|entry| entry.payload().is_none()), "no erasure finds it there");
        drop(connection);
        assert!(matches!(hub.try_land(&frame).await, Err(Stop::Failed(Error::LeaseLost { .. }))));
        assert_eq!(count(&store, "SELECT COUNT(*) FROM mine_site").await, 0);
    })
    .await;
}

async fn freeze(connection: &mut AnyConnection, code: Code, evidence: &[u8], frame: &v1::Frame) {
    let freeze = cursor::Freeze {
        node_id: "COD/cod-mines",
        feed: MASTER,
        code,
        message: "why\npourquoi",
        evidence,
        frame: Some(frame),
    };
    cursor::freeze(connection, &freeze, NOW_US).await.unwrap();
}
