//! Verdicts about records that were erased, here and by the hub.

use prost::Message as _;
use rmd_feed::{NewEntry, StoredEntry, frame};
use rmd_proto::v1::{self, Op};

use super::{HubVerdicts, all, told};
use crate::{
    journal::{
        Store,
        erase::{Ground, Order, list},
        testing::{ENTITY, TestJournal, key, row},
    },
    serve::testing::{TestServer, entry},
};

/// With what the hub erases its verdict and says that it carried our order out.
fn executed(record_key: &str, (rev, previous_seq): (u64, u64), seq: u64) -> NewEntry {
    let message = v1::Erasure {
        ground: v1::ErasureGround::CourtOrder.into(),
        document_sha256: Vec::new(),
        erased: vec![v1::ErasedEntry { epoch: 1, seq: 1, rev: 1, seal: Vec::new() }],
        executed: Some(v1::ErasureExecution {
            feed: "transactions".to_owned(),
            epoch: 1,
            seq,
            executed_at_us: 77,
        }),
    };
    let key = format!("{ENTITY}/{record_key}");
    let entry = entry("Verdict", &key, Op::Erase, message.encode_to_vec());
    NewEntry { rev, previous_seq, ..entry }
}

/// Entries of the verdicts that still have a payload, as the frames lie here.
async fn kept(store: &Store) -> Vec<u64> {
    let frames: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT frame FROM inbox_frame ORDER BY first_seq")
            .fetch_all(store.readers())
            .await
            .unwrap();
    let frames = frames.iter().map(|bytes| v1::Frame::decode(bytes.as_slice()).unwrap());
    let entries = frames.flat_map(|one| frame::open(&one).unwrap());
    let has_payload = |entry: &StoredEntry| entry.op() != Op::Erase && entry.payload().is_some();
    entries.filter(has_payload).map(|entry| entry.seq()).collect()
}

async fn erase(server: &TestServer, record_key: &str) -> u64 {
    let order = Order {
        entity: ENTITY,
        record_key,
        ground: Ground::CourtOrder,
        document: None,
        by: "Greffe",
        reason: "jugement",
    };
    server.test.journal.erase(order).await.unwrap().seq.unwrap()
}

#[tokio::test]
async fn an_order_takes_the_verdicts_and_the_hub_says_that_it_did() {
    let server = TestServer::start(TestJournal::live().await).await;
    let store = server.test.journal.store();
    server.test.apply(vec![row("a", 1, 1), row("b", 2, 1)]).await;
    let mut hub = HubVerdicts::of(&server, "COD/cod-mines");
    let first = hub.frame(&[told(&key(1), 1, "R-1"), told(&key(2), 1, "R-2")]);
    server.inbox.take(&first).await.unwrap();
    let seq = erase(&server, &key(1)).await;
    assert_eq!(all(store).await.iter().map(|one| &one.record_key).collect::<Vec<_>>(), [&key(2)]);
    assert_eq!(kept(store).await, [2], "the hub's own frame, by the node's own order");
    assert_eq!(list(store).await.unwrap()[0].executed_at_us, None);
    let said = hub.frame(&[executed(&key(1), (2, 1), seq)]);
    assert_eq!(server.inbox.take(&said).await.unwrap(), 3, "its tree is the same");
    assert_eq!(list(store).await.unwrap()[0].executed_at_us, Some(77));
    server.shutdown().await;
}

#[tokio::test]
async fn a_verdict_that_was_on_its_way_is_gone_with_the_hubs_order() {
    let server = TestServer::start(TestJournal::live().await).await;
    let store = server.test.journal.store();
    server.test.apply(vec![row("a", 1, 1)]).await;
    let seq = erase(&server, &key(1)).await;
    let mut hub = HubVerdicts::of(&server, "COD/cod-mines");
    // In one frame, as a push that began before the order and ends behind it.
    let both = hub.frame(&[told(&key(1), 1, "R-1"), executed(&key(1), (2, 1), seq)]);
    assert_eq!(server.inbox.take(&both).await.unwrap(), 2);
    assert!(all(store).await.is_empty());
    assert_eq!(kept(store).await, Vec::<u64>::new());
    let listed = list(store).await.unwrap();
    assert_eq!((listed[0].executed_at_us, listed[0].scrubbed_at_us), (Some(77), None));
    server.shutdown().await;
}

#[tokio::test]
async fn a_verdict_that_comes_erased_says_nothing() {
    let server = TestServer::start(TestJournal::live().await).await;
    let store = server.test.journal.store();
    let mut hub = HubVerdicts::of(&server, "COD/cod-mines");
    let sent = hub.frame(&[told(&key(1), 1, "R-1"), told(&key(2), 1, "R-2")]);
    let erased = rmd_feed::erase::in_frame(&sent, |entry| entry.seq() == 1).unwrap().unwrap();
    assert_eq!(server.inbox.take(&erased.now).await.unwrap(), 2);
    assert_eq!(all(store).await.len(), 1);
    assert_eq!(super::super::super::report::feeds(store).await.unwrap()[0].unread, 0);
    server.shutdown().await;
}
