//! What was erased in the hub's own feeds, and the files for nodes.

use rmd_feed::{FeedKey, NewEntry, bundle::BundleKey, frame};
use rmd_proto::v1::Op;
use tempfile::TempDir;

use super::{HUB, NODE, SENDER, Scene, on_each_store, reader};
use crate::{
    bundle::{Options, Returned, written},
    share::{OwnFeed, log},
    verdict,
};

/// In a notice, and nowhere else.
const MARKER: &[u8] = b"K-Mirambo-4711";

/// Appends a notice about a case to what the node is told.
async fn tell(scene: &Scene, rev: u64) {
    let feed = OwnFeed::verdicts(NODE);
    let signing = crate::registry::network::feed_key(scene.hub.dir.path()).unwrap();
    let mut transaction = scene.hub.store.begin().await.unwrap();
    log::create(&mut transaction, &feed).await.unwrap();
    let mut locked = log::lock(&mut transaction, &feed, "rmd.net/hub").await.unwrap();
    let entry = NewEntry {
        entity: "CaseNotice".to_owned(),
        key: "3f9a61".to_owned(),
        rev,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: 1,
        mapping_id: String::new(),
        previous_seq: rev - 1,
        payload: MARKER.to_vec(),
    };
    let now = scene.hub.now();
    log::append(&mut transaction, &mut locked, &[entry], &signing, now).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn export(scene: &Scene, out: &TempDir, key: &BundleKey) -> Returned {
    let options = Options {
        node_id: NODE.to_owned(),
        dir: out.path().to_owned(),
        feed: Some(OwnFeed::VERDICTS.to_owned()),
        after: Some(0),
        part_bytes: 1 << 20,
        to: Some(key.recipient()),
        replace_recipient: false,
    };
    scene.bundles.export(&options).await.unwrap().remove(0)
}

/// The seqs in a file whose payload holds the marker.
fn marked(scene: &Scene, returned: &Returned, key: &BundleKey) -> Vec<u64> {
    let opened = super::open(reader(&returned.bundle.files[0]), key).unwrap();
    let signing: FeedKey = crate::registry::network::feed_key(scene.hub.dir.path()).unwrap();
    let verifier = signing.verifier();
    let expected =
        super::Expected { network: "net", receiver: SENDER, sender: HUB, verifier: &verifier };
    let mut frames = opened.verify(expected).unwrap();
    let mut marked = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        let entries = frame::open(&frame).unwrap();
        let holds = |payload: &[u8]| payload.windows(MARKER.len()).any(|part| part == MARKER);
        let with = entries.iter().filter(|entry| entry.payload().is_some_and(holds));
        marked.extend(with.map(rmd_feed::StoredEntry::seq));
    }
    marked
}

#[tokio::test]
async fn a_return_bundle_holds_nothing_that_was_erased_and_those_of_before_are_named() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let (out, key) = (tempfile::tempdir().unwrap(), BundleKey::generate());
        tell(&scene, 1).await;
        tell(&scene, 2).await;
        let before = export(&scene, &out, &key).await;
        assert_eq!((marked(&scene, &before, &key), &before.erased[..]), (vec![1, 2], &[][..]));
        let mut transaction = scene.hub.store.begin().await.unwrap();
        assert!(written::holding(&mut transaction, None).await.unwrap().is_empty());
        let (feed, named) = (OwnFeed::verdicts(NODE), ("CaseNotice", "3f9a61"));
        let erased = verdict::erase_entries(&mut transaction, &feed, named, 2).await.unwrap();
        assert_eq!(erased, [(1, 1), (2, 2)]);
        transaction.commit().await.unwrap();
        let after = export(&scene, &out, &key).await;
        assert_eq!((marked(&scene, &after, &key), &after.erased[..]), (vec![], &[1, 2][..]));
        assert!(after.lines().last().unwrap().contains("seq 1, 2"), "{:?}", after.lines());
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let listed = written::holding(&mut connection, Some(NODE)).await.unwrap();
        let files: Vec<&str> = listed.iter().map(|one| one.file.as_str()).collect();
        assert_eq!(files, [before.bundle.files[0].to_str().unwrap()]);
        assert!(written::holding(&mut connection, Some("RWA/x")).await.unwrap().is_empty());
        drop(connection);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}
