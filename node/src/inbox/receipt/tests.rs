//! Receipts at a node: taken by the hub's key alone, and held against the journal.

use rmd_feed::{CosignatureVerifier, Cosigner, FeedKey};
use rmd_proto::v1;

use super::{
    Standing, keep,
    report::{self, Judged},
};
use crate::journal::{
    report::feeds,
    testing::{FEED, TestJournal, rows},
};

/// An instant of 2018, in seconds.
const AT_S: u64 = 1_514_800_800;
const DAY_S: u64 = 24 * 3600;

/// A node, and a hub that gives it receipts.
struct Scene {
    test: TestJournal,
    hub: FeedKey,
    cosigner: Cosigner,
}

impl Scene {
    async fn new() -> Self {
        Self {
            test: TestJournal::live().await,
            hub: FeedKey::generate("rmd.net/hub").unwrap(),
            cosigner: Cosigner::generate("rmd.net/hub/receipts").unwrap(),
        }
    }

    /// The node's checkpoint as it stands.
    async fn checkpoint(&self) -> String {
        let feeds = feeds(self.test.journal.store()).await.unwrap();
        feeds.into_iter().find(|feed| feed.feed == FEED).unwrap().checkpoint
    }

    fn key(&self) -> v1::CosignatureKey {
        let vkey = self.cosigner.verifier().vkey().to_owned();
        v1::CosignatureKey { vkey, proof: self.cosigner.vouched_by(&self.hub) }
    }

    async fn take(&self, receipts: &[&str]) {
        let (journal, hub) = (&self.test.journal, self.hub.verifier());
        let key = self.key();
        keep(journal.store(), journal.owner(), &hub, Some(&key), receipts).await.unwrap();
    }

    async fn judged(&self) -> Vec<Judged> {
        let (store, owner) = (self.test.journal.store(), self.test.journal.owner());
        let mut judged = Vec::new();
        for kept in report::all(store).await.unwrap() {
            judged.push(report::judge_kept(store, owner, &kept).await.unwrap());
        }
        judged
    }
}

#[tokio::test]
async fn a_receipt_is_kept_with_the_largest_of_each_day() {
    let scene = Scene::new().await;
    for (months, at_s) in [(0..3, AT_S), (3..5, AT_S + 60), (5..6, AT_S + DAY_S)] {
        scene.test.apply(rows(months.start, months.end, 1)).await;
        let receipt = scene.cosigner.cosign(&scene.checkpoint().await, at_s).unwrap();
        scene.take(&[&receipt]).await;
        scene.take(&[&receipt, ""]).await;
    }
    let judged = scene.judged().await;
    let sizes: Vec<u64> = judged.iter().map(|judged| judged.size).collect();
    assert_eq!(sizes, [6, 5], "the newest first, the largest of its day");
    assert!(judged.iter().all(Judged::is_sound), "{judged:?}");
    assert_eq!(judged[1].cosigned_at_us, Some((AT_S + 60).cast_signed() * 1_000_000));
    let keys = report::keys(scene.test.journal.store()).await.unwrap();
    assert_eq!(keys, [scene.cosigner.verifier().vkey()]);
}

#[tokio::test]
async fn a_receipt_is_verified_without_the_node_and_a_changed_byte_is_found() {
    let scene = Scene::new().await;
    scene.test.apply(rows(0, 3, 1)).await;
    let receipt = scene.cosigner.cosign(&scene.checkpoint().await, AT_S).unwrap();
    let keys = [CosignatureVerifier::parse(scene.cosigner.verifier().vkey()).unwrap()];
    let owner = scene.test.key.verifier();
    let judged = report::judge(&receipt, &owner, &keys).unwrap();
    assert!(judged.holds && judged.standing.is_none(), "{judged:?}");
    for index in 0..receipt.len() {
        let mut changed = receipt.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let Ok(changed) = String::from_utf8(changed) else { continue };
        let holds = report::judge(&changed, &owner, &keys).is_some_and(|judged| judged.holds);
        assert!(!holds, "changed at {index}: {changed}");
    }
    let other = FeedKey::generate(owner.name()).unwrap();
    assert!(!report::judge(&receipt, &other.verifier(), &keys).unwrap().holds);
}

#[tokio::test]
async fn a_receipt_for_what_the_journal_has_not_is_kept_and_shown() {
    let scene = Scene::new().await;
    let ahead = TestJournal::live().await;
    scene.test.apply(rows(0, 3, 1)).await;
    ahead.apply(rows(0, 3, 2)).await;
    let store = ahead.journal.store();
    let (journal, hub, key) = (&scene.test.journal, scene.hub.verifier(), scene.key());
    // Another history that the same key signed, as from a copied folder.
    let origin = rmd_feed::Origin::new(&journal.owner().name, FEED, 1);
    let of_ahead = feeds(store).await.unwrap().into_iter().find(|feed| feed.feed == FEED).unwrap();
    let (_, rewritten) = rmd_feed::Checkpoint::claimed(&of_ahead.checkpoint).unwrap();
    let larger = rmd_feed::Checkpoint { size: 9, ..rewritten };
    let note = |checkpoint: rmd_feed::Checkpoint, signer: &FeedKey| {
        scene.cosigner.cosign(&checkpoint.sign(&origin, signer).unwrap(), AT_S).unwrap()
    };
    let good = scene.cosigner.cosign(&scene.checkpoint().await, AT_S + 5).unwrap();
    let receipts = [
        note(rewritten, &scene.test.key),
        note(larger, &scene.test.key),
        note(larger, &ahead.key),
        good,
    ];
    let receipts = receipts.each_ref().map(String::as_str);
    keep(journal.store(), journal.owner(), &hub, Some(&key), &receipts).await.unwrap();
    let judged = scene.judged().await;
    let mut standings: Vec<_> = judged.iter().map(|judged| judged.standing.unwrap()).collect();
    standings.sort_by_key(|standing| standing.as_str());
    let all = [Standing::Beyond, Standing::Held, Standing::OtherRoot, Standing::Unsigned];
    assert_eq!(standings, all);
    assert_eq!(judged.iter().filter(|judged| judged.is_sound()).count(), 1);
    for judged in judged.iter().filter(|judged| !judged.is_sound()) {
        assert!(judged.en.contains("hub") && judged.fr.contains("pivot"), "{judged:?}");
    }
}

#[tokio::test]
async fn nothing_is_taken_from_a_key_that_the_hub_does_not_vouch_for() {
    let scene = Scene::new().await;
    scene.test.apply(rows(0, 3, 1)).await;
    let journal = &scene.test.journal;
    let receipt = scene.cosigner.cosign(&scene.checkpoint().await, AT_S).unwrap();
    let other = FeedKey::generate("rmd.net/hub").unwrap().verifier();
    let key = scene.key();
    keep(journal.store(), journal.owner(), &other, Some(&key), &[&receipt]).await.unwrap();
    keep(journal.store(), journal.owner(), &scene.hub.verifier(), None, &[&receipt]).await.unwrap();
    let foreign = FeedKey::generate("rmd.net/RWA/rwa-mines").unwrap();
    let origin = rmd_feed::Origin::new(foreign.name(), FEED, 1);
    let checkpoint = rmd_feed::Checkpoint { size: 1, root: [0; 32] };
    let of_another = checkpoint.sign(&origin, &foreign).unwrap();
    let of_another = scene.cosigner.cosign(&of_another, AT_S).unwrap();
    scene.take(&[&of_another, "no note", &scene.checkpoint().await]).await;
    assert!(scene.judged().await.is_empty());
}
