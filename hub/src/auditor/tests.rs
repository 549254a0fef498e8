//! What an auditor makes of what it is shown: over mutual TLS, with real stores.

use rmd_feed::{FeedVerifier, evidence::Statement};

use super::{Error, compare::compare};
use crate::{
    audit::testing::{Scene, audited},
    store::testing::on_each_store,
};

/// What a third party finds in the evidence.
fn holds(evidence: &str, key: &FeedVerifier) -> bool {
    Statement::parse(evidence).is_ok_and(|statement| statement.check(key).is_ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_follows_and_proves_every_checkpoint() {
    audited(async |scene, auditor, _| {
        auditor.once().await.unwrap();
        for number in 0..4 {
            scene.land(number * 3..number * 3 + 3).await;
            scene.publish().await;
            auditor.once().await.unwrap();
        }
        auditor.once().await.unwrap();
        let summary = auditor.summary().await.unwrap();
        assert_eq!((summary.entries, summary.checkpoints, summary.pending), (4, 4, 0));
        assert!(summary.sound && summary.findings.is_empty(), "{summary:?}");
    })
    .await;
}

// Method: the hub forgets what it showed to the first auditor, and shows the second
// something else under the same key.
#[tokio::test(flavor = "multi_thread")]
async fn two_auditors_find_that_they_were_shown_different_feeds() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let address = scene.serve().await;
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let a = scene.auditor("audit-a", folders[0].path(), address).await;
        let b = scene.auditor("audit-b", folders[1].path(), address).await;
        scene.land(0..2).await;
        scene.publish().await;
        scene.land(2..4).await;
        scene.publish().await;
        a.once().await.unwrap();
        let (one, other) = (folders[0].path(), folders[1].path());
        let clock = &scene.hub.clock;
        scene.forget_published().await;
        scene.publish().await;
        b.once().await.unwrap();
        let compared = compare(one, other, &[], clock).await.unwrap();
        assert!(!compared.sound);
        assert_eq!(compared.hub[0].first_differing_seq, Some(1));
        let key = scene.hub.signer().0.verifier();
        assert!(holds(&compared.contradictions[0].evidence, &key), "{compared:?}");
        // One that is compared with itself agrees.
        let same = compare(one, one, &[], clock).await.unwrap();
        assert!(same.sound && same.checkpoints == 2, "{same:?}");
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_lost_entries_is_told_by_the_auditor_and_says_so_in_a_new_epoch() {
    audited(async |scene, auditor, _| {
        scene.land(0..2).await;
        scene.publish().await;
        scene.land(2..4).await;
        scene.publish().await;
        auditor.once().await.unwrap();
        let before = auditor.summary().await.unwrap();
        // Put back from before anything was published, without a mark that tells.
        scene.forget_published().await;
        scene.publish().await;
        let told = auditor.once().await;
        assert!(told.is_err() || !auditor.summary().await.unwrap().findings.is_empty());
        scene.publish().await;
        auditor.once().await.unwrap();
        let after = auditor.summary().await.unwrap();
        assert!(after.epoch > before.epoch, "{after:?}");
        let what: Vec<&str> = after.findings.iter().map(|kept| kept.what.as_str()).collect();
        assert!(what.contains(&"hub-restored"), "{after:?}");
        assert_eq!(after.pending, 0);
        // The checkpoints of the node were not rewritten, whatever the hub lost.
        assert!(!what.contains(&"rewritten") && !what.contains(&"two-roots"), "{what:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_notes_is_held_against_what_an_auditor_saw() {
    audited(async |scene, auditor, dir| {
        scene.land(0..2).await;
        let good = scene.node.state().checkpoint;
        scene.publish().await;
        auditor.once().await.unwrap();
        let mut other = crate::follow::testing::Publisher::with_key(
            crate::audit::testing::NODE,
            crate::audit::testing::FEED,
            scene.node.key.clone(),
        );
        let sites = [9, 8].map(|number| crate::follow::testing::site(number, "B", &[]).into());
        other.publish(sites);
        let rewritten = other.state().checkpoint;
        let file = dir.join("notes.txt");
        std::fs::write(&file, format!("{good}\n{rewritten}")).unwrap();
        let compared = compare(dir, &file, &[], &scene.hub.clock).await.unwrap();
        assert_eq!((compared.checkpoints, compared.contradictions.len()), (1, 1), "{compared:?}");
        assert!(holds(&compared.contradictions[0].evidence, &scene.node.key.verifier()));
        std::fs::write(&file, &good).unwrap();
        assert!(compare(dir, &file, &[], &scene.hub.clock).await.unwrap().sound);
        std::fs::write(&file, "no note").unwrap();
        let refused = compare(dir, &file, &[], &scene.hub.clock).await.unwrap_err();
        assert!(matches!(refused, Error::NoSide(_)));
    })
    .await;
}
