//! An owner's order, carried out on each store.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_feed::{Body, Origin, StoredEntry, erase as wire, frame, verify::Replay};
use rmd_proto::v1::{self, Op};
use sqlx::{AssertSqlSafe, Row as _};

use super::{list, scrub};
use crate::{
    follow::testing::{NOW_US, Publisher, Receiver, Said, site, upsert},
    quarantine::reapply::{Which, reapply},
    registry::entitlement::Level,
    share::{EPOCH, OwnFeed, log},
    store::{Kind, Store, testing::on_each_store},
    verdict::testing::{Court, complete_lot, lot_from},
};

const COD: &str = "COD/cod-mines";
const MARKER: &str = "Kabwe Mirambo 4711";

/// The order to erase these entries of a record of epoch 1.
fn order(record: impl Into<Said>, seqs: &[u64]) -> Said {
    let said: Said = record.into();
    let message = v1::Erasure {
        ground: v1::ErasureGround::PersonalData.into(),
        document_sha256: vec![5; 32],
        erased: (1..)
            .zip(seqs)
            .map(|(rev, seq)| v1::ErasedEntry { epoch: 1, seq: *seq, rev, seal: vec![6; 32] })
            .collect(),
        executed: None,
    };
    Said {
        op: Op::Erase,
        reason: "erased:personal-data".to_owned(),
        payload: message.encode_to_vec(),
        ..said
    }
}

/// A lot that tells of a person, and that no rule takes.
fn refused_lot(number: u32) -> v1::Lot {
    let mut lot = v1::Lot { mass_mg: -5, ..complete_lot(number) };
    lot.mineral = MARKER.to_owned();
    lot
}

async fn all(store: &Store, query: &'static str) -> Vec<i64> {
    let rows = sqlx::query(query).fetch_all(&mut *store.acquire().await.unwrap()).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Every table and column in which a text is found as it is, and every feed in whose
/// entries it is found.
async fn found(store: &Store, text: &str) -> BTreeSet<String> {
    let columns = match store.kind() {
        Kind::Sqlite => {
            "SELECT m.name, c.name, 'bytea' FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table'"
        }
        Kind::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
             FROM information_schema.columns
             WHERE table_schema = 'public' AND data_type IN ('text', 'bytea')"
        }
    };
    let mut connection = store.acquire().await.unwrap();
    let columns = sqlx::query(columns).fetch_all(&mut *connection).await.unwrap();
    assert!(columns.len() > 200, "{} columns are not all", columns.len());
    let mut found = BTreeSet::new();
    let is_in = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for column in columns {
        let (table, column, kind): (String, String, String) =
            (column.get(0), column.get(1), column.get(2));
        let cell = match (store.kind(), kind.as_str()) {
            (Kind::Sqlite, _) => format!("CAST(\"{column}\" AS BLOB)"),
            (Kind::Postgres, "bytea") => format!("\"{column}\""),
            (Kind::Postgres, _) => format!("convert_to(\"{column}\", 'UTF8')"),
        };
        let query = AssertSqlSafe(format!("SELECT {cell} FROM \"{table}\""));
        for row in sqlx::query(query).fetch_all(&mut *connection).await.unwrap() {
            let cell: Option<Vec<u8>> = row.try_get(0).unwrap();
            if is_in(&cell.unwrap_or_default()) {
                found.insert(format!("{table}.{column}"));
            }
        }
    }
    for entry in kept(store).await.into_iter().chain(said(store).await) {
        if entry.payload().is_some_and(is_in) || is_in(&entry.header_bytes) {
            found.insert(format!("{} {}", entry.header.feed, entry.seq()));
        }
    }
    found
}

/// Every frame of the ledger.
async fn frames(store: &Store) -> Vec<v1::Frame> {
    let mut connection = store.acquire().await.unwrap();
    let frames = sqlx::query("SELECT frame FROM ledger ORDER BY feed, first_seq");
    let frames = frames.fetch_all(&mut *connection).await.unwrap();
    let bytes = frames.iter().map(|row| row.get::<Vec<u8>, _>(0));
    bytes.map(|bytes| v1::Frame::decode(bytes.as_slice()).unwrap()).collect()
}

/// Every entry in the ledger.
async fn kept(store: &Store) -> Vec<StoredEntry> {
    frames(store).await.iter().flat_map(|one| frame::open(one).unwrap()).collect()
}

/// Every entry in the verdicts of the node.
async fn said(store: &Store) -> Vec<StoredEntry> {
    let feed = OwnFeed::verdicts(COD);
    let mut connection = store.acquire().await.unwrap();
    let blocks = log::blocks_after(&mut connection, &feed, 0).await.unwrap();
    if blocks.is_empty() {
        return Vec::new();
    }
    let frame = frame::build(feed.name(), EPOCH, &blocks, 0).unwrap();
    frame::open(&frame).unwrap()
}

fn erased(entries: &[StoredEntry]) -> Vec<u64> {
    entries.iter().filter(|entry| entry.body == Body::Erased).map(StoredEntry::seq).collect()
}

async fn listed(store: &Store) -> Vec<super::Listed> {
    list(&mut store.acquire().await.unwrap(), None, 100).await.unwrap()
}

/// A site whose name tells of a person.
fn marked(number: u32) -> v1::MineSite {
    site(number, MARKER, &["SAEMAPE"])
}

#[tokio::test]
async fn an_order_clears_every_table_and_the_proofs_hold() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        cod.master.say([upsert(site(1, "Nzibira", &[])), upsert(marked(2))]).await;
        cod.master.say([upsert(site(2, &format!("{MARKER} 2"), &["x"]))]).await;
        court.judge().await;
        let before = found(&store, MARKER).await;
        assert!(before.contains("mine_site.site_name") && before.contains("master-data 2"));
        cod.master.say([order(marked(2), &[2, 3])]).await;
        assert_eq!(found(&store, MARKER).await, BTreeSet::new());
        let entries = kept(&store).await;
        assert_eq!(erased(&entries), [2, 3]);
        assert_eq!(all(&store, "SELECT COUNT(*) FROM mine_site").await, [1]);
        let record = "SELECT COUNT(*) FROM record
                      WHERE op = 'tombstone' AND reason = 'erased:personal-data' AND rev = 3
                        AND payload IS NULL";
        assert_eq!(all(&store, record).await, [1]);
        assert_eq!(all(&store, "SELECT COUNT(*) FROM quarantine").await, [0]);
        let one = &listed(&store).await[0];
        assert_eq!((one.seq, one.payloads, one.ground.as_str()), (4, 2, "personal-data"));
        assert_eq!((one.executed_at_us, one.told_seq, one.scrubbed_at_us), (NOW_US, None, None));
        // A follower from nothing gets the same root out of what is kept.
        let origin = Origin::new("rmd.net/COD/cod-mines", "master-data", 1);
        let verifier = cod.master.publisher.key.verifier();
        let mut replay = Replay::new("master-data", 1, origin, verifier);
        for frame in frames(&store).await {
            replay.push_frame(&frame).unwrap();
        }
        assert_eq!(replay.root(), cod.master.publisher.root());
        // What is corrected is shown again.
        cod.master.say([upsert(site(2, "Corrected", &[]))]).await;
        assert_eq!(all(&store, "SELECT COUNT(*) FROM mine_site").await, [2]);
    })
    .await;
}

#[tokio::test]
async fn what_the_hub_said_of_the_record_is_erased_and_its_owner_told() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let mut lot = complete_lot(1);
        lot.mine_site_id = format!("CD-1.5-28.5-{MARKER}");
        cod.trade.say([upsert(lot.clone()), upsert(refused_lot(2))]).await;
        court.judge().await;
        cod.trade.say([upsert(refused_lot(1))]).await;
        court.judge().await;
        let before = found(&store, MARKER).await;
        let places = ["quarantine.findings", "verdicts 1", "verdicts 2", "verdicts 3"];
        for place in places {
            assert!(before.contains(place), "{place} in {before:?}");
        }
        cod.trade.say([order(lot.clone(), &[1, 3])]).await;
        cod.trade.say([order(refused_lot(2), &[2])]).await;
        assert_eq!(found(&store, MARKER).await, BTreeSet::new());
        court.judge().await;
        let entries = said(&store).await;
        let orders: Vec<&StoredEntry> =
            entries.iter().filter(|entry| entry.op() == Op::Erase).collect();
        assert_eq!(orders.len(), 2, "{entries:?}");
        let told = wire::read(orders[0]).unwrap();
        let executed = told.executed.unwrap();
        let place = (executed.feed.as_str(), executed.epoch, executed.seq);
        assert_eq!((place, executed.executed_at_us), (("transactions", 1, 4), NOW_US));
        let named: Vec<u64> = told.erased.iter().map(|one| one.seq).collect();
        assert_eq!((named, erased(&entries)), (vec![1, 3], vec![1, 2, 3]));
        // A node that has every frame goes on: each order is the next of its key.
        for order in &orders {
            let before = entries
                .iter()
                .rfind(|entry| entry.header.key == order.header.key && entry.seq() < order.seq());
            let before = before.map_or((0, 0), |entry| (entry.header.rev, entry.seq()));
            assert_eq!((order.header.rev - 1, order.header.previous_seq), before);
        }
        assert!(listed(&store).await.iter().all(|one| one.told_seq.is_some()));
        court.judge().await;
        assert_eq!(said(&store).await.len(), entries.len(), "it is told once");
        // A corrected record is judged as any other.
        let mut corrected = refused_lot(2);
        corrected.mineral = "260900".to_owned();
        cod.trade.say([upsert(corrected)]).await;
        court.judge().await;
        assert_eq!(said(&store).await.len(), entries.len() + 1);
    })
    .await;
}

#[tokio::test]
async fn an_erased_record_waits_for_nothing_any_more() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        let lot = lot_from(1, &site(9, "never sent", &[]));
        cod.trade.say([upsert(lot.clone())]).await;
        cod.master.say([upsert(site(1, "Nzibira", &[]))]).await;
        court.judge().await;
        assert_eq!(court.parked().await.len(), 1);
        cod.trade.say([order(lot, &[1])]).await;
        assert_eq!(court.parked().await, []);
        court.judge().await;
        assert_eq!(court.parked().await, []);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_comes_erased_is_shown_as_such_and_never_refused() {
    on_each_store(async |store| {
        let mut cod = Publisher::new(COD, "master-data");
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let sent = cod.publish([upsert(marked(1)), upsert(marked(2)), upsert(site(3, "a", &[]))]);
        let erased = wire::in_frame(&sent, |entry| entry.seq() < 3).unwrap().unwrap();
        assert_eq!(hub.land(&erased.now).await.refused, 0);
        let reasons = "SELECT COUNT(*) FROM record WHERE op = 'tombstone' AND reason = 'erased'";
        assert_eq!(all(&store, reasons).await, [2]);
        assert_eq!(all(&store, "SELECT COUNT(*) FROM mine_site").await, [1]);
        let orders = [order(marked(1), &[1]), order(marked(2), &[2])];
        assert_eq!(hub.land(&cod.publish(orders)).await.refused, 0);
        assert_eq!(listed(&store).await.iter().map(|one| one.payloads).sum::<i64>(), 0);
        assert_eq!(found(&store, MARKER).await, BTreeSet::new());
    })
    .await;
}

#[tokio::test]
async fn record_and_order_in_one_frame_leave_nothing() {
    on_each_store(async |store| {
        let mut cod = Publisher::new(COD, "master-data");
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let sent =
            cod.publish([upsert(marked(1)), upsert(site(2, "b", &[])), order(marked(1), &[1])]);
        assert_eq!(hub.land(&sent).await.refused, 0);
        assert_eq!(found(&store, MARKER).await, BTreeSet::new());
        assert_eq!(all(&store, "SELECT COUNT(*) FROM mine_site").await, [1]);
        // A repeat, as out of an old bundle, brings nothing back.
        assert!(hub.try_land(&sent).await.unwrap().is_none());
        assert_eq!(found(&store, MARKER).await, BTreeSet::new());
    })
    .await;
}

#[tokio::test]
async fn an_order_reaches_no_other_record_and_is_refused_if_it_cannot_be_read() {
    on_each_store(async |store| {
        let mut cod = Publisher::new(COD, "master-data");
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(site(1, "Nzibira", &[])), upsert(marked(2))])).await;
        // It names the entry of another record beside its own.
        hub.land(&cod.publish([order(marked(2), &[1, 2])])).await;
        assert_eq!(erased(&kept(&store).await), [2]);
        let empty =
            Said { payload: v1::Erasure::default().encode_to_vec(), ..order(marked(2), &[2]) };
        let none = Said { payload: vec![8, 1], ..empty };
        assert_eq!(hub.land(&cod.publish([none])).await.refused, 1);
        assert_eq!(
            all(&store, "SELECT COUNT(*) FROM quarantine WHERE rule = 'HUB-ERASURE'").await,
            [1]
        );
    })
    .await;
}

#[tokio::test]
async fn an_order_that_an_older_hub_refused_is_carried_out_after_its_upgrade() {
    on_each_store(async |store| {
        let court = Court::of(&store);
        let mut cod = court.state(COD, Level::Live).await;
        cod.master.say([upsert(marked(1))]).await;
        cod.master.say([order(marked(1), &[1])]).await;
        // As the store of a hub that does not know the operation: refused, and still there.
        let mut transaction = store.begin().await.unwrap();
        for statement in [
            "DELETE FROM erasure",
            "INSERT INTO quarantine (record_key, node_id, feed, epoch, seq, entity, rev, op, rule,
                 findings, captured_at_us, received_at_us)
             SELECT record_key, node_id, feed, epoch, seq, entity, rev, 'erase', 'HUB-OP', '[]', 1, 1
             FROM record",
            "UPDATE record SET op = 'upsert', rev = 1, seq = 1",
        ] {
            sqlx::query(statement).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let which = Which::default();
        let clock: rmd_runtime::SharedClock = court.clock.clone();
        let outcome = reapply(&store, &clock, &which, false, &|_| ()).await.unwrap();
        assert_eq!((outcome[0].looked_at, outcome[0].applied), (1, 1));
        assert_eq!(listed(&store).await.len(), 1);
        assert_eq!(all(&store, "SELECT COUNT(*) FROM record WHERE op = 'tombstone'").await, [1]);
    })
    .await;
}

#[tokio::test]
async fn the_store_is_written_anew_once() {
    on_each_store(async |store| {
        let mut cod = Publisher::new(COD, "master-data");
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        hub.land(&cod.publish([upsert(marked(1)), order(marked(1), &[1])])).await;
        let clock: rmd_runtime::SharedClock = Court::of(&store).clock;
        let scrubbed = scrub(&store, &clock).await.unwrap();
        assert!(scrubbed.done && scrubbed.erasures == 1, "{scrubbed:?}");
        let is_postgres = store.kind() == Kind::Postgres;
        assert_eq!(scrubbed.tables.contains(&"mine_site_license"), is_postgres);
        assert!(listed(&store).await[0].scrubbed_at_us.is_some());
        assert_eq!(scrub(&store, &clock).await.unwrap().erasures, 0);
        hub.land(&cod.publish([upsert(site(2, "after", &[]))])).await;
    })
    .await;
}
