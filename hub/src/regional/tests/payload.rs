//! The bytes of a record are kept as they came.

use sqlx::Row as _;

use super::{MASTER, TRADE, row};
use crate::{
    follow::testing::{Publisher, Receiver, Said, annul, lot, site, tombstone, upsert},
    regional::settle::settle,
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

/// Field 500, which no version of this program knows.
const UNKNOWN_FIELD: [u8; 4] = [0xa2, 0x1f, 0x01, b'x'];

/// An entry whose bytes nobody could encode again.
fn peculiar(record: impl Into<Said>) -> Said {
    let mut said: Said = upsert(record);
    said.payload.extend(UNKNOWN_FIELD);
    said
}

async fn kept(store: &Store) -> Option<Vec<u8>> {
    let query = "SELECT payload FROM record";
    let row = sqlx::query(query).fetch_one(&mut *store.acquire().await.unwrap()).await.unwrap();
    row.get(0)
}

async fn execute(store: &Store, statement: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    let done = sqlx::query(statement).execute(&mut *transaction).await.unwrap();
    assert_ne!(done.rows_affected(), 0, "{statement}");
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn bytes_are_those_of_the_last_revision_and_go_with_a_tombstone() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let (first, second) = (peculiar(site(1, "a", &["x"])), peculiar(site(1, "b", &[])));
        hub.land(&cod.publish([first.clone()])).await;
        assert_eq!(kept(&store).await, Some(first.payload.clone()));
        hub.land(&cod.publish([second.clone()])).await;
        assert_eq!(kept(&store).await, Some(second.payload));
        // What a rule refuses leaves them alone.
        let mut lost = site(1, "c", &[]);
        lost.mine_site_location = None;
        hub.land(&cod.publish([upsert(lost), first.clone()])).await;
        assert_eq!(kept(&store).await, Some(first.payload.clone()));
        hub.land(&cod.publish([tombstone(site(1, "", &[]))])).await;
        assert_eq!(kept(&store).await, None);
        hub.land(&cod.publish([first.clone()])).await;
        assert_eq!(kept(&store).await, Some(first.payload));
    })
    .await;
}

#[tokio::test]
async fn an_annulled_record_keeps_the_bytes_that_it_shows() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let first = peculiar(lot(1, 2));
        hub.land(&cod.publish([first.clone()])).await;
        hub.land(&cod.publish([annul(lot(1, 2), false)])).await;
        assert_eq!(kept(&store).await, Some(first.payload));
        // Issued again and declared void within one frame.
        let second = peculiar(lot(1, 3));
        hub.land(&cod.publish([second.clone(), annul(lot(1, 3), false)])).await;
        assert_eq!(kept(&store).await, Some(second.payload));
        // An annulment that carries the record is shown, so its bytes are kept.
        let third = annul(peculiar(lot(1, 1)), true);
        hub.land(&cod.publish([third.clone()])).await;
        assert_eq!(kept(&store).await, Some(third.payload));
    })
    .await;
}

#[tokio::test]
async fn a_record_in_shadow_has_its_bytes_too() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Shadow).await;
        let said = peculiar(lot(1, 2));
        hub.land(&cod.publish([said.clone()])).await;
        assert_eq!(kept(&store).await, Some(said.payload.clone()));
        // Shown and hidden again, they are the same.
        let live = Receiver::take(&store, &cod, Level::Live).await;
        assert_eq!(settled(&store, &live).await, 1);
        assert_eq!(kept(&store).await, Some(said.payload.clone()));
        assert_eq!(settled(&store, &hub).await, 1);
        assert_eq!(kept(&store).await, Some(said.payload));
    })
    .await;
}

/// What an earlier version of the hub wrote has no bytes and lacks the columns
/// that came with them; both are in the ledger.
#[tokio::test]
async fn records_of_an_earlier_version_are_read_again_from_the_ledger() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let said = peculiar(mined());
        hub.land(&cod.publish([said.clone()])).await;
        execute(&store, "UPDATE record SET payload = NULL").await;
        execute(&store, "UPDATE lot SET mine_site_key = NULL").await;
        assert_eq!(settled(&store, &hub).await, 1);
        assert_eq!(kept(&store).await, Some(said.payload));
        assert_eq!(row(&store, "SELECT COUNT(mine_site_key) FROM lot").await, "1");
        assert_eq!(settled(&store, &hub).await, 0);
    })
    .await;
}

#[tokio::test]
async fn records_of_an_earlier_version_stay_in_shadow() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Shadow).await;
        let said = peculiar(mined());
        hub.land(&cod.publish([said.clone()])).await;
        execute(&store, "UPDATE record SET payload = NULL").await;
        assert_eq!(settled(&store, &hub).await, 1);
        assert_eq!(kept(&store).await, Some(said.payload));
        assert_eq!(row(&store, "SELECT COUNT(*) FROM lot").await, "0");
        assert_eq!(row(&store, "SELECT shadow FROM record").await, "1");
    })
    .await;
}

fn mined() -> rmd_proto::v1::Lot {
    let mut lot = lot(1, 1);
    lot.mine_site_id = site(1, "", &[]).icglr_id;
    lot
}

async fn settled(store: &Store, hub: &Receiver) -> u64 {
    let landing = &hub.landing;
    settle(store, &landing.owner, &landing.levels, &landing.context).await.unwrap()
}
