//! The bytes of a record are kept as they came.

use rmd_standard::{Entity, Record};
use sqlx::Row as _;

use super::{MASTER, TRADE};
use crate::{
    follow::testing::{Publisher, Receiver, Said, annul, lot, site, tombstone, upsert},
    regional::{payloads, settle::settle},
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
async fn records_are_read_in_the_order_of_the_keys_and_never_out_of_shadow() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let sites = [1, 2, 3].map(|number| site(number, "live", &[]));
        hub.land(&cod.publish(sites.clone().map(upsert))).await;
        hub.land(&cod.publish([tombstone(sites[1].clone())])).await;
        let mut rwa = Publisher::new("RWA/rwa-mines", MASTER);
        let mut hidden = Receiver::take(&store, &rwa, Level::Shadow).await;
        let shadow = crate::follow::testing::site_of("RW", 4, "shadow", &[]);
        hidden.land(&rwa.publish([upsert(shadow.clone())])).await;

        let records = [&sites[2], &shadow, &sites[1], &sites[0]]
            .map(|site| Record::MineSite(Box::new(site.clone())));
        let keys = records.each_ref().map(|record| record.key().unwrap());
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut connection = store.acquire().await.unwrap();
        let read = payloads(&mut connection, Entity::MineSite, &keys).await.unwrap();
        let expected =
            [(keys[0].to_owned(), records[0].clone()), (keys[3].to_owned(), records[3].clone())];
        assert_eq!(read, expected);
        assert_eq!(payloads(&mut connection, Entity::Lot, &keys).await.unwrap(), []);
    })
    .await;
}

/// What an earlier version of the hub wrote has no bytes and lacks the columns
/// that came with them; both are in the ledger.
#[tokio::test]
async fn records_of_an_earlier_version_are_read_again_from_the_ledger() {
    on_each_store(async |store| {
        for level in [Level::Live, Level::Shadow] {
            let name = if level == Level::Live { "COD/cod-mines" } else { "COD/cod-other" };
            let mut cod = Publisher::new(name, TRADE);
            let mut hub = Receiver::take(&store, &cod, level).await;
            let mut mined = lot(if level == Level::Live { 1 } else { 2 }, 1);
            mined.mine_site_id = site(1, "", &[]).icglr_id;
            let said = peculiar(mined);
            hub.land(&cod.publish([said.clone()])).await;
            execute(&store, "UPDATE record SET payload = NULL").await;
            if level == Level::Live {
                execute(&store, "UPDATE lot SET mine_site_key = NULL").await;
            }
            let landing = &hub.landing;
            let settle = async || {
                settle(&store, &landing.owner, &landing.levels, &landing.context).await.unwrap()
            };
            assert_eq!(settle().await, 1);
            assert_eq!(settle().await, 0);
            assert_eq!(kept(&store).await, Some(said.payload));
            let shown = "SELECT COUNT(*) FROM lot WHERE mine_site_key IS NOT NULL";
            let row = sqlx::query(shown).fetch_one(&mut *store.acquire().await.unwrap()).await;
            assert_eq!(row.unwrap().get::<i64, _>(0) == 1, level == Level::Live);
            execute(&store, "DELETE FROM record").await;
            if level == Level::Live {
                execute(&store, "DELETE FROM lot").await;
            }
        }
    })
    .await;
}
