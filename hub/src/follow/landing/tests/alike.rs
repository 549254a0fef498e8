//! The tables after the same frames: on both stores, and by both ways of writing.

use std::collections::BTreeMap;

use rmd_proto::v1;
use sqlx::{AssertSqlSafe, Row as _};

use crate::{
    follow::{
        landing::Work,
        testing::{NOW_US, Publisher, Receiver, annul, lot, site, tombstone, upsert},
    },
    registry::entitlement::Level,
    store::{
        Kind, Store,
        testing::{postgres, sqlite},
    },
};

const TRADE: &str = "transactions";
const MASTER: &str = "master-data";

/// Every row of every table that a frame writes, as text.
async fn contents(store: &Store) -> BTreeMap<&'static str, Vec<String>> {
    let mut connection = store.acquire().await.unwrap();
    let mut contents = BTreeMap::new();
    for table in [
        "record",
        "lot",
        "lot_tag",
        "lot_input",
        "lot_tax",
        "mine_site",
        "mine_site_inspection",
        "quarantine",
        "record_tally",
        "ledger",
    ] {
        let names = match store.kind() {
            Kind::Sqlite => "SELECT name AS n, LOWER(type) AS t FROM pragma_table_info($1)",
            Kind::Postgres => {
                "SELECT CAST(column_name AS TEXT) AS n, CAST(data_type AS TEXT) AS t \
                 FROM information_schema.columns WHERE table_name = $1"
            }
        };
        let rows = sqlx::query(names).bind(table).fetch_all(&mut *connection).await.unwrap();
        let mut columns: Vec<(String, String)> =
            rows.iter().map(|row| (row.get("n"), row.get("t"))).collect();
        columns.sort();
        let cells: Vec<String> = columns
            .iter()
            .map(|(name, kind)| match (store.kind(), kind.as_str()) {
                // Of NULL it makes an empty text.
                (Kind::Sqlite, "blob") => {
                    format!("CASE WHEN {name} IS NOT NULL THEN LOWER(HEX({name})) END")
                }
                (Kind::Postgres, "bytea") => format!("ENCODE({name}, 'hex')"),
                _ => format!("CAST({name} AS TEXT)"),
            })
            .map(|cell| format!("COALESCE({cell}, '-')"))
            .collect();
        let all = format!("SELECT {} AS r FROM {table}", cells.join(" || '|' || "));
        let rows = sqlx::query(AssertSqlSafe(all)).fetch_all(&mut *connection).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.get("r")).collect();
        rows.sort();
        contents.insert(table, rows);
    }
    contents
}

/// First revisions, one record refused and one revised within the frame; then
/// later revisions, annulments and withdrawals of many of them.
fn trade(cod: &mut Publisher) -> Vec<v1::Frame> {
    let mut other = lot(500, 1);
    other.country = "RW".to_owned();
    let mut first: Vec<_> = (0..120).map(|number| upsert(lot(number, number % 5))).collect();
    first.extend([upsert(other), upsert(lot(7, 2)), annul(lot(8, 3), false)]);
    let mut second: Vec<_> = (0..100).map(|number| upsert(lot(number, 1))).collect();
    second.extend([tombstone(lot(101, 1)), annul(lot(102, 2), true), annul(lot(103, 3), false)]);
    second.push(upsert(lot(200, 4)));
    [first, second].map(|said| cod.publish(said)).into()
}

async fn land(store: &Store, publisher: &Publisher, frames: &[v1::Frame], is_looking: bool) {
    let mut hub = Receiver::take(store, publisher, Level::Live).await;
    for frame in frames {
        let mut prepared =
            hub.landing.prepare(&hub.follower, frame, NOW_US).unwrap().expect("the frame is new");
        if is_looking {
            let entries = rmd_feed::frame::open(frame).unwrap();
            prepared.work = Work::Examined(hub.landing.examine(entries));
        }
        hub.follower = prepared.after().clone();
        hub.landing.commit(prepared).await.unwrap();
    }
}

#[tokio::test]
async fn the_same_frames_make_the_same_tables_on_both_stores_and_both_ways() {
    let (mut cod, mut sites) =
        (Publisher::new("COD/cod-mines", TRADE), Publisher::new("COD/cod-mines", MASTER));
    let frames = trade(&mut cod);
    let of_sites = [sites.publish([
        upsert(site(1, "Nzibira", &["SAESSCAM", "CEEC"])),
        upsert(site(2, "Kamituga — \"aval\"\t\\N", &[])),
    ])];
    let mut expected = None;
    for (is_server, is_looking) in [(false, false), (false, true), (true, false), (true, true)] {
        let (store, _file) = if is_server {
            (postgres().await, None)
        } else {
            let (store, file) = sqlite().await;
            (store, Some(file))
        };
        store.migrate().await.unwrap();
        land(&store, &cod, &frames, is_looking).await;
        land(&store, &sites, &of_sites, is_looking).await;
        let contents = contents(&store).await;
        store.close().await;
        assert_eq!(contents["record"].len(), 123, "lots and sites, none twice");
        assert_eq!(contents["lot"].len(), 120, "one of them is withdrawn");
        let expected = expected.get_or_insert_with(|| contents.clone());
        for (table, rows) in &contents {
            assert_eq!(rows, &expected[table], "{table}: server {is_server}, look {is_looking}");
        }
    }
}

#[tokio::test]
async fn a_first_revision_of_a_key_that_is_taken_is_refused_after_a_look() {
    for store in [sqlite().await.0, postgres().await] {
        store.migrate().await.unwrap();
        let mut one = Publisher::new("COD/cod-mines", TRADE);
        let mut other = Publisher::new("COD/cod-trade", TRADE);
        let frames = [one.publish([upsert(lot(1, 2))])];
        land(&store, &one, &frames, false).await;
        let mut hub = Receiver::take(&store, &other, Level::Live).await;
        let frame = other.publish([upsert(lot(1, 1)), upsert(lot(2, 1))]);
        let applied = hub.land(&frame).await;
        assert_eq!((applied.entries, applied.refused), (2, 1));
        assert_eq!(hub.follower.cursor(), 2);
        let contents = contents(&store).await;
        assert_eq!((contents["lot"].len(), contents["lot_tag"].len()), (2, 3));
        assert!(contents["quarantine"][0].contains("HUB-OWNER"));
        store.close().await;
    }
}
