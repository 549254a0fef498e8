//! Files of a node of which two copies are in use.

use super::{NODE, Outcome, Scene, on_each_store, outcomes};

/// How the hub knows the start that made the file, and another one.
async fn known(scene: &Scene, states: [&str; 2]) {
    let mut transaction = scene.hub.store.begin().await.unwrap();
    for (random, state) in [7_i64, 8].into_iter().zip(states) {
        sqlx::query(
            "INSERT INTO node_boot
                 (node_id, boot_random, boot_number, previous_random, state,
                  first_seen_us, last_seen_us)
             VALUES ($1, $2, 3, 0, $3, 1, 1)
             ON CONFLICT (node_id, boot_random) DO UPDATE SET state = excluded.state",
        )
        .bind(NODE)
        .bind(random)
        .bind(state)
        .execute(&mut *transaction)
        .await
        .unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_copy_is_refused_until_an_officer_named_the_one_to_keep() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frame = scene.publish(0..3);
        let files = scene.files(&[frame], |manifest| manifest.boot_random = 7);
        for (states, expected) in [
            (["rival", "rival"], Outcome::Refused),
            (["dropped", "current"], Outcome::Refused),
            (["current", "dropped"], Outcome::Applied),
        ] {
            known(&scene, states).await;
            let imported = scene.import(&[&files[0]]).await;
            assert_eq!(outcomes(&imported), [expected], "{states:?}: {imported:?}");
        }
        assert_eq!(scene.lots().await, 3);
    })
    .await;
}
