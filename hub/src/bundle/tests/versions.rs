//! Files of a node that is newer than the hub.

use super::{FEED, Outcome, Scene, on_each_store, outcomes};
use crate::follow::testing::{Publisher, lot, upsert};

#[tokio::test]
async fn a_feed_that_the_hub_does_not_know_waits_for_its_upgrade_and_holds_no_other_up() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let known = scene.files(&frames, |_| ());
        let key = scene.publisher.key.clone();
        let mut later = Publisher::with_key("COD/cod-mines", "appeals", key);
        let frames = [later.publish([upsert(lot(1, 0))])];
        let unknown = scene.files(&frames, |manifest| manifest.state = Some(later.state()));
        let imported = scene.import(&[&unknown[0], &known[0]]).await;
        assert_eq!(outcomes(&imported), [Outcome::Refused, Outcome::Applied], "{imported:?}");
        let said = imported.files.errors().collect::<Vec<_>>().concat();
        assert!(said.contains("appeals") && said.contains("upgrade") && said.contains("à jour"));
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(3), 3));
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let feeds = crate::follow::cursor::all(&mut connection).await.unwrap();
        assert_eq!(feeds.iter().map(|one| one.feed.as_str()).collect::<Vec<_>>(), [FEED]);
        drop(connection);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}
