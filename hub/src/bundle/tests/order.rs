//! Which bundle tells last, and whose bundles are taken at all.

use rmd_feed::bundle::Outcome;

use super::*;
use crate::{
    follow::exchange,
    recover::Word,
    registry::standing::{self, State},
};

/// Lots that the node last said it publishes.
async fn published(scene: &Scene) -> Option<i64> {
    let mut connection = scene.hub.store.acquire().await.unwrap();
    let counts = exchange::owner_entities(&mut connection).await.unwrap();
    counts.into_iter().find(|count| count.entity == "Lot").map(|count| count.published)
}

/// Says how many lots are published.
fn count(manifest: &mut v1::BundleManifest, published: u64) {
    let lots = v1::EntityCount {
        entity: "Lot".to_owned(),
        entitlement: "live".to_owned(),
        published,
        ..v1::EntityCount::default()
    };
    manifest.state.as_mut().unwrap().entity = vec![lots];
}

const DAY_US: i64 = 86_400 * 1_000_000;

#[tokio::test]
async fn a_bundle_from_a_clock_years_ahead_makes_no_later_one_older() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let first = scene.publish(0..3);
        let ahead = scene.files(&[first], |manifest| {
            manifest.created_at_us += 81 * 365 * DAY_US;
            count(manifest, 3);
        });
        scene.import(&[&ahead[0]]).await;
        assert_eq!(published(&scene).await, Some(3));
        scene.hub.manual.advance(jiff::SignedDuration::from_hours(24));
        let second = scene.publish(3..5);
        let right = scene.files(&[second], |manifest| count(manifest, 5));
        scene.import(&[&right[0]]).await;
        assert_eq!(published(&scene).await, Some(5), "the clock was set right");
        // The older one comes once more, by whatever way: it is not the last word.
        scene.import(&[&ahead[0]]).await;
        assert_eq!(published(&scene).await, Some(5));
        // Nothing new but the counts: of one size the later counts.
        scene.hub.manual.advance(jiff::SignedDuration::from_hours(24));
        let frame = scene.publisher.frame_after(3).unwrap();
        let same = scene.files(&[frame], |manifest| count(manifest, 4));
        scene.import(&[&same[0]]).await;
        assert_eq!(published(&scene).await, Some(4));
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

async fn set(scene: &Scene, state: State) {
    let word = Word::new("Officer", "letter 31").unwrap();
    let now = scene.hub.now();
    let mut transaction = scene.hub.store.begin().await.unwrap();
    match state {
        State::Active => standing::resume(&mut transaction, NODE, &word, now).await,
        State::Suspended => standing::suspend(&mut transaction, NODE, &word, now).await,
        State::Revoked => standing::revoke(&mut transaction, NODE, &word, now).await,
    }
    .unwrap();
    transaction.commit().await.unwrap();
}

/// Return bundles for the node.
async fn export(scene: &Scene, out: &Path) -> Result<(), Error> {
    let options = Options {
        node_id: NODE.to_owned(),
        dir: out.to_owned(),
        feed: None,
        after: None,
        part_bytes: 1 << 20,
        to: Some(BundleKey::generate().recipient()),
        replace_recipient: true,
    };
    scene.bundles.export(&options).await.map(|_| ())
}

/// Nothing is taken of the node and nothing made for it, and it is said why.
async fn assert_kept_out(scene: &Scene, file: &PathBuf, out: &Path, words: &str) {
    let imported = scene.import(&[file]).await;
    assert_eq!(outcomes(&imported), [Outcome::Refused]);
    let error = serde_json::to_string(&imported).unwrap();
    assert!(error.contains(words) && error.contains("letter 31"), "{error}");
    let exported = export(scene, out).await;
    let Err(Error::Refused(message)) = exported else { panic!("it was made") };
    assert!(message.contains(words) && message.lines().count() == 2, "{message}");
}

#[tokio::test]
async fn bundles_of_a_node_that_is_kept_out_are_refused_and_none_is_made_for_it() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3), scene.publish(3..5)];
        let files = scene.files(&frames, |_| ());
        scene.import(&[&files[0]]).await;
        let out = tempfile::tempdir().unwrap();
        export(&scene, out.path()).await.unwrap();
        for (state, words) in [(State::Suspended, "suspended"), (State::Revoked, "revoked")] {
            set(&scene, state).await;
            assert_kept_out(&scene, &files[1], out.path(), words).await;
            assert_eq!((scene.cursor().await, scene.lots().await), (Some(3), 3));
        }
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_suspended_nodes_bundle_is_taken_once_it_is_resumed() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let files = scene.files(&frames, |_| ());
        set(&scene, State::Suspended).await;
        assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Refused]);
        set(&scene, State::Active).await;
        assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Applied]);
        assert_eq!(scene.lots().await, 3);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_feed_that_is_off_and_another_epoch_are_refused() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let files = scene.files(&frames, |_| ());
        let set = async |level| {
            let mut transaction = scene.hub.store.begin().await.unwrap();
            let now = scene.hub.now();
            crate::registry::entitlement::set(&mut transaction, NODE, FEED, None, level, now)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        };
        set(Level::Off).await;
        let imported = scene.import(&[&files[0]]).await;
        let error = imported.files.errors().next().unwrap_or_default();
        assert!(error.contains("entitlement is off"), "{error}");
        assert_eq!(scene.cursor().await, None);
        set(Level::Live).await;
        scene.import(&[&files[0]]).await;
        let mut later = frames[0].clone();
        later.epoch = 2;
        let other = scene.files(&[later], |m| m.state.as_mut().unwrap().epoch = 2);
        let imported = scene.import(&[&other[0]]).await;
        let error = imported.files.errors().next().unwrap_or_default();
        assert!(error.contains("epoch 2") && error.contains("epoch 1"), "{error}");
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(3), 3));
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_bundle_of_an_epoch_that_ended_takes_no_feed_back_to_it() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let files = scene.files(&frames, |_| ());
        scene.import(&[&files[0]]).await;
        let mut transaction = scene.hub.store.begin().await.unwrap();
        cursor::begin_epoch(&mut transaction, NODE, FEED, 2, 9).await.unwrap();
        transaction.commit().await.unwrap();
        // Nothing of epoch 2 came yet.
        assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Refused]);
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let held = cursor::load(&mut connection, NODE, FEED).await.unwrap().unwrap();
        assert_eq!((held.epoch, held.cursor), (2, 0));
        drop(connection);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}
