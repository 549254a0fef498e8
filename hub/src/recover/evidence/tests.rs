//! Evidence outlives what comes after it.

use rmd_feed::{Checkpoint, FeedKey, Origin};
use rmd_proto::Code;

use super::*;
use crate::{
    follow::cursor,
    recover::{Word, diverged, epoch},
    registry::node::Node,
    store::{Store, testing::on_each_store},
};

const NODE: &str = "COD/cod-mines";
const FEED: &str = "transactions";

/// A node with a feed that is followed.
struct Scene {
    store: Store,
    key: FeedKey,
}

impl Scene {
    async fn new(store: Store) -> Self {
        let key = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        let scene = Self { store, key };
        let mut transaction = scene.store.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO node (node_id, country, name, identity, feed_vkey, address,
                 certificate_serial, certificate_not_after_us, enrolled_at_us)
             VALUES ('COD/cod-mines', 'COD', 'cod-mines', 'spiffe://rmd.net/node/COD/cod-mines',
                 $1, '', '', 0, 0)",
        )
        .bind(scene.key.vkey())
        .execute(&mut *transaction)
        .await
        .unwrap();
        let state = rmd_proto::v1::FeedState {
            feed: FEED.to_owned(),
            epoch: 1,
            size: 7,
            ..Default::default()
        };
        let lease = cursor::Lease::draw();
        cursor::take(&mut transaction, NODE, &state, &lease, 1).await.unwrap();
        sqlx::query("UPDATE feed_cursor SET checkpoint = $1")
            .bind(scene.note(7, 1))
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        scene
    }

    fn note(&self, size: u64, root: u8) -> String {
        let origin = Origin::new("rmd.net/COD/cod-mines", FEED, 1);
        Checkpoint { size, root: [root; 32] }.sign(&origin, &self.key).unwrap()
    }

    /// The node shows another root of the same size.
    async fn freeze(&self, root: u8, now_us: i64) {
        let pair = evidence::pair(Some(&self.note(7, 1)), &self.note(7, root));
        let freeze = Freeze {
            node_id: NODE,
            feed: FEED,
            code: Code::RootMismatch,
            message: "another root",
            evidence: &pair,
            frame: None,
        };
        let mut transaction = self.store.begin().await.unwrap();
        cursor::freeze(&mut transaction, &freeze, now_us).await.unwrap();
        transaction.commit().await.unwrap();
    }

    async fn kept(&self) -> Vec<Kept> {
        all(&mut self.store.acquire().await.unwrap(), Some(NODE)).await.unwrap()
    }
}

#[tokio::test]
async fn a_second_divergence_of_a_feed_leaves_the_evidence_of_the_first() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        scene.freeze(2, 10).await;
        let mut transaction = scene.store.begin().await.unwrap();
        cursor::thaw(&mut transaction, NODE, FEED, 11).await.unwrap();
        transaction.commit().await.unwrap();
        scene.freeze(3, 12).await;
        let kept = scene.kept().await;
        let found: Vec<i64> = kept.iter().map(|kept| kept.found_at_us).collect();
        assert_eq!(found, [12, 10]);
        for (kept, root) in kept.iter().zip([3, 2]) {
            let statement = kept.statement();
            assert_eq!(
                (statement.held, statement.offered),
                (scene.note(7, 1), scene.note(7, root))
            );
            assert!(kept.proven().is_some());
        }
        let mut connection = scene.store.acquire().await.unwrap();
        for kept in &kept {
            let by_id = find(&mut connection, &kept.evidence_id[..12]).await.unwrap();
            assert_eq!(by_id.as_ref(), Some(kept));
        }
        assert_eq!(find(&mut connection, "").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_same_sighting_is_one_row_however_often_it_is_seen() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        for now_us in [10, 11, 12] {
            scene.freeze(2, now_us).await;
        }
        let kept = scene.kept().await;
        assert_eq!((kept.len(), kept[0].found_at_us), (1, 10));
    })
    .await;
}

#[tokio::test]
async fn a_new_epoch_under_a_new_key_leaves_evidence_with_the_key_of_then() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        scene.freeze(2, 10).await;
        let mut transaction = scene.store.begin().await.unwrap();
        let known = crate::registry::node::find(&mut transaction, NODE).await.unwrap().unwrap();
        epoch::end(&mut transaction, &known, 20).await.unwrap();
        let fresh = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        sqlx::query("UPDATE node SET feed_vkey = $1")
            .bind(fresh.vkey())
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let Node { feed_vkey, .. } = known;
        let kept = scene.kept().await;
        assert_eq!((kept.len(), &kept[0].feed_vkey), (1, &feed_vkey));
        let verifier = FeedVerifier::parse(&feed_vkey).unwrap();
        assert!(kept[0].statement().check(&verifier).is_ok(), "the key of then proves it");
        let mut connection = scene.store.acquire().await.unwrap();
        let best = of_feed(&mut connection, NODE, FEED).await.unwrap();
        assert_eq!(best.as_ref(), kept.first());
    })
    .await;
}

#[tokio::test]
async fn what_an_earlier_version_kept_is_taken_over_once() {
    on_each_store(async |store| {
        let scene = Scene::new(store).await;
        let pair = evidence::pair(Some(&scene.note(7, 1)), &scene.note(7, 9));
        let mut transaction = scene.store.begin().await.unwrap();
        sqlx::query(
            "UPDATE feed_cursor SET state = 'frozen', frozen_code = 'root-mismatch',
                 frozen_message = '', evidence = $1, updated_at_us = 5",
        )
        .bind(pair)
        .execute(&mut *transaction)
        .await
        .unwrap();
        for _ in 0..2 {
            take_over(&mut transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let kept = scene.kept().await;
        assert_eq!((kept.len(), kept[0].found_at_us), (1, 5));
        assert_eq!(kept[0].feed_vkey, scene.key.vkey());
        // An officer lets the feed go on; nobody takes the evidence away.
        let word = Word::new("Officer", "It gave way").unwrap();
        let mut transaction = scene.store.begin().await.unwrap();
        let confirmed = diverged::confirm(&mut transaction, NODE, &word, 6).await;
        assert!(confirmed.is_err(), "no inquiry came to an end here");
        cursor::thaw(&mut transaction, NODE, FEED, 6).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(scene.kept().await.len(), 1);
    })
    .await;
}

#[test]
fn no_statement_of_the_hub_takes_evidence_away() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            seen += usize::from(text.contains("INTO feed_evidence"));
            // Put together, so that this file is no find of its own.
            for verb in ["DELETE FROM", "UPDATE", "TRUNCATE", "DROP TABLE"] {
                let statement = format!("{verb} feed_evidence");
                assert!(!text.contains(&statement), "{}: {statement}", path.display());
            }
        }
    }
    assert!(seen > 0, "nothing was read");
}

/// Rows that a statement of its own transaction touched.
async fn run(store: &Store, sql: &'static str) -> Result<u64, sqlx::Error> {
    let mut transaction = store.begin().await.unwrap();
    let done = sqlx::query(sql).execute(&mut *transaction).await?;
    transaction.commit().await.unwrap();
    Ok(done.rows_affected())
}

#[tokio::test]
async fn the_store_itself_refuses_to_alter_evidence_and_to_take_it_away() {
    on_each_store(async |store| {
        for (row, _) in ROWS_AND_CHANGES {
            assert_eq!(run(&store, row).await.unwrap(), 1, "{row}");
        }
        for change in ROWS_AND_CHANGES.iter().flat_map(|(_, changes)| changes) {
            let refused = run(&store, change).await.unwrap_err().to_string();
            let is_told = refused.contains("can only be added to");
            assert!(is_told && refused.contains("complétée"), "{change}: {refused}");
        }
        // The same sighting once more is still no fault.
        let again = "INSERT INTO audit_evidence (statement_sha256, node_id, feed, published_at_us)
                     VALUES ('ab', 'COD/x', 'master-data', 2)
                     ON CONFLICT (statement_sha256) DO NOTHING";
        assert_eq!(run(&store, again).await.unwrap(), 0);
    })
    .await;
}

/// A row of each table of evidence, and what must not be done to it.
const ROWS_AND_CHANGES: [(&str, [&str; 2]); 2] = [
    (
        "INSERT INTO feed_evidence (evidence_id, node_id, feed, epoch, found_at_us, kind, feed_vkey,
                                    held, offered)
         VALUES ('1', 'COD/x', 'master-data', 1, 1, 'root-mismatch', 'key', '', '')",
        // Put together, as no statement of the program may read so.
        [concat!("UPDATE", " feed_evidence SET kind = 'none'"), concat!("DELETE FROM", " feed_evidence")],
    ),
    (
        "INSERT INTO audit_evidence (statement_sha256, node_id, feed, published_at_us)
         VALUES ('ab', 'COD/x', 'master-data', 1)",
        ["UPDATE audit_evidence SET feed = 'transactions'", "DELETE FROM audit_evidence"],
    ),
];
