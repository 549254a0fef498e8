//! Files of a node at the hub, on either store.

mod copies;
mod erased;
mod order;
mod versions;

use std::path::{Path, PathBuf};

use rmd_feed::{
    FeedKey, FeedVerifier,
    bundle::{BundleKey, Error as Broken, Expected, Outcome, Planner, Recipient, Writer, open},
};
use rmd_proto::v1;

use super::{Bundles, Error, Imported, Options};
use crate::{
    follow::{
        Error as FollowError, cursor,
        landing::Stop,
        testing::{Publisher, Receiver, lot, upsert},
    },
    ledger,
    registry::{
        entitlement::Level,
        testing::{Applicant, Hub},
    },
    share::{OwnFeed, delivery},
    store::{Store, testing::on_each_store},
};

const NODE: &str = "COD/cod-mines";
const FEED: &str = "transactions";
const SENDER: &str = "spiffe://rmd.net/node/COD/cod-mines";
const HUB: &str = "spiffe://rmd.net/hub";

/// A hub, an enrolled node, and the feed that it writes.
struct Scene {
    hub: Hub,
    bundles: Bundles,
    publisher: Publisher,
}

impl Scene {
    async fn new(store: Store) -> Self {
        let hub = Hub::make(store).await;
        let address = hub.serve_enrolment().await;
        let token = hub.invite("COD", "cod-mines").await;
        let applicant = Applicant::new(&token);
        applicant.certify(&token, address, "node:1", &hub.clock).await.unwrap();
        let (dir, store) = (hub.dir.path().to_owned(), hub.store.clone());
        let bundles = Bundles::open(dir, store, hub.clock.clone()).await.unwrap();
        let mut transaction = hub.store.begin().await.unwrap();
        let (level, now) = (Level::Live, hub.now());
        crate::registry::entitlement::set(&mut transaction, NODE, FEED, None, level, now)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let publisher = Publisher::with_key(NODE, FEED, applicant.feed_key);
        Self { hub, bundles, publisher }
    }

    /// One block of lots with these numbers.
    fn publish(&mut self, numbers: std::ops::Range<u32>) -> v1::Frame {
        self.publisher.publish(numbers.map(|number| upsert(lot(number, 0))))
    }

    /// The files of an export with one frame in each.
    fn files(
        &self,
        frames: &[v1::Frame],
        change: impl Fn(&mut v1::BundleManifest),
    ) -> Vec<PathBuf> {
        let recipient: Recipient = self.bundles.recipient().parse().unwrap();
        self.files_for(frames, &recipient, &self.publisher.key, change)
    }

    fn files_for(
        &self,
        frames: &[v1::Frame],
        recipient: &Recipient,
        key: &FeedKey,
        change: impl Fn(&mut v1::BundleManifest),
    ) -> Vec<PathBuf> {
        let after = frames.first().map_or(0, |frame| frame.first_seq - 1);
        let mut planner = Planner::new(after, 1);
        for frame in frames {
            planner.push(frame).unwrap();
        }
        let parts = planner.finish();
        let mut manifest = v1::BundleManifest {
            protocol: 1,
            network: "net".to_owned(),
            sender: SENDER.to_owned(),
            receiver: HUB.to_owned(),
            bundle_id: rand::random::<[u8; 16]>().to_vec(),
            created_at_us: self.hub.now().as_microsecond(),
            software_version: "0.1.0".to_owned(),
            state: Some(self.publisher.state()),
            ..v1::BundleManifest::default()
        };
        change(&mut manifest);
        let write = |(index, frame): (usize, &v1::Frame)| {
            let name = format!("{}-{index}.age", hex::encode(&manifest.bundle_id));
            let path = self.hub.dir.path().join(name);
            let out = std::fs::File::create_new(&path).unwrap();
            let mut writer = Writer::begin(out, &manifest, &parts, index, key, recipient).unwrap();
            writer.frame(frame).unwrap();
            writer.finish().unwrap();
            path
        };
        frames.iter().enumerate().map(write).collect()
    }

    async fn import(&self, files: &[&PathBuf]) -> Imported {
        let files: Vec<PathBuf> = files.iter().map(|&file| file.clone()).collect();
        self.bundles.import(&files, &|_, _| ()).await.unwrap()
    }

    async fn cursor(&self) -> Option<u64> {
        let mut connection = self.hub.store.acquire().await.unwrap();
        cursor::load(&mut connection, NODE, FEED).await.unwrap().map(|position| position.cursor)
    }

    /// Lots in the typed table.
    async fn lots(&self) -> i64 {
        let mut connection = self.hub.store.acquire().await.unwrap();
        sqlx::query_scalar("SELECT COUNT(*) FROM lot").fetch_one(&mut *connection).await.unwrap()
    }

    /// The ledger proves every frame again.
    async fn assert_proven(&self) {
        let mut connection = self.hub.store.acquire().await.unwrap();
        let held = cursor::load(&mut connection, NODE, FEED).await.unwrap().unwrap();
        assert_eq!(held.edge.root(), self.publisher.root());
        let (mut at, owner) = (0, self.publisher.owner());
        while let Some(stored) = ledger::next_after(&mut connection, &owner, at).await.unwrap() {
            assert_eq!(stored.first_seq, at + 1, "frames of the ledger stand end to end");
            at = stored.last_seq;
        }
        assert_eq!(at, held.cursor);
    }
}

fn outcomes(imported: &Imported) -> Vec<Outcome> {
    imported.files.iter().map(|file| file.outcome).collect()
}

#[tokio::test]
async fn parts_in_any_order_are_applied_once_and_a_missing_one_is_named() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3), scene.publish(3..7), scene.publish(7..9)];
        let files = scene.files(&frames, |_| ());
        let imported = scene.import(&[&files[2], &files[0]]).await;
        assert_eq!(outcomes(&imported), [Outcome::Waiting, Outcome::Applied]);
        assert!(!imported.files.is_complete());
        let gap = &imported.feeds[0].missing[0];
        assert_eq!((gap.first_seq, gap.last_seq), (4, 7));
        assert!(gap.message.starts_with("part 2 of 3 of bundle "), "{}", gap.message);
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(3), 3));

        let all = [&files[2], &files[1], &files[0], &files[1]];
        let imported = scene.import(&all).await;
        assert!(imported.files.is_complete(), "{imported:?}");
        assert_eq!((imported.feeds[0].from, imported.feeds[0].cursor), (3, 9));
        assert_eq!(scene.lots().await, 9);
        scene.assert_proven().await;
        let again = scene.import(&all).await;
        assert_eq!(outcomes(&again), [Outcome::Known; 4]);
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(9), 9));
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_frame_that_the_network_brought_in_part_is_applied_from_there() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store.clone()).await;
        let first = scene.publish(0..3);
        scene.publish(3..5);
        scene.publish(5..9);
        let whole = scene.publisher.frame_after(0).unwrap();
        let mut network = Receiver::take(&store, &scene.publisher, Level::Live).await;
        network.land(&first).await;
        let files = scene.files(&[whole], |_| ());
        let imported = scene.import(&[&files[0]]).await;
        assert_eq!(outcomes(&imported), [Outcome::Applied], "{imported:?}");
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(9), 9));
        scene.assert_proven().await;
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_running_hub_gives_way_and_goes_on_after_the_bundle() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store.clone()).await;
        let frames = [scene.publish(0..3), scene.publish(3..5)];
        let mut network = Receiver::take(&store, &scene.publisher, Level::Live).await;
        let files = scene.files(&frames[..1], |_| ());
        assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Applied]);
        let stopped = network.try_land(&frames[0]).await.unwrap_err();
        let Stop::Failed(stopped) = stopped else { panic!("the frame itself is good") };
        assert!(matches!(stopped, FollowError::Overtaken { .. }), "{stopped}");
        assert!(stopped.is_of_one_feed() && !stopped.is_frozen());
        // It takes the feed again, as the task of a feed does after a while.
        let mut network = Receiver::take(&store, &scene.publisher, Level::Live).await;
        network.land(&frames[1]).await;
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(5), 5));
        // Nothing new: an import takes no lease from it.
        assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Known]);
        let third = scene.publish(5..6);
        network.land(&third).await;
        scene.assert_proven().await;
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn whatever_is_wrong_with_a_file_nothing_of_it_is_applied() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let (stranger, key) = (BundleKey::generate().recipient(), &scene.publisher.key);
        let other_key = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        let ours: Recipient = scene.bundles.recipient().parse().unwrap();
        let good = scene.files(&frames, |_| ());
        let bytes = std::fs::read(&good[0]).unwrap();
        let broken = |name: &str, bytes: &[u8]| {
            let path = scene.hub.dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let mut altered = bytes.clone();
        altered[bytes.len() / 2] ^= 1;
        let wrong = [
            (scene.files_for(&frames, &stranger, key, |_| ())[0].clone(), "another receiver"),
            (scene.files_for(&frames, &ours, &other_key, |_| ())[0].clone(), "not signed"),
            (scene.files(&frames, |m| "other".clone_into(&mut m.network))[0].clone(), "network"),
            (scene.files(&frames, |m| SENDER.clone_into(&mut m.receiver))[0].clone(), "is for"),
            (
                scene.files(&frames, |m| m.sender = SENDER.replace("cod-mines", "other"))[0]
                    .clone(),
                "no node of this network",
            ),
            (broken("altered.age", &altered), "altered or cut off"),
            (broken("cut.age", &bytes[..bytes.len() - 40]), "altered or cut off"),
            (broken("empty.age", &[]), "no age file"),
        ];
        for (file, words) in &wrong {
            let imported = scene.import(&[file]).await;
            let error = imported.files.errors().next().unwrap_or_default();
            assert_eq!(outcomes(&imported), [Outcome::Refused], "{words}");
            assert!(error.contains(words) && error.lines().count() == 2, "{words}: {error}");
            assert_eq!(imported.files.exit_code(), Some(rmd_runtime::exit::DATA), "{words}");
            assert_eq!((scene.cursor().await, scene.lots().await), (None, 0), "{words}");
        }
        // A bad file beside a good one holds nothing up.
        let imported = scene.import(&[&wrong[0].0, &good[0]]).await;
        assert_eq!(outcomes(&imported), [Outcome::Refused, Outcome::Applied]);
        assert_eq!(scene.lots().await, 3);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_rewritten_history_in_a_bundle_freezes_the_feed_with_its_evidence() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        scene.import(&[&scene.files(&frames, |_| ())[0]]).await;
        // The same key signs another history.
        scene.publisher = Publisher::with_key(NODE, FEED, scene.publisher.key.clone());
        scene.publish(10..13);
        let second = scene.publish(13..15);
        let imported =
            scene.import(&[&scene.files(std::slice::from_ref(&second), |_| ())[0]]).await;
        let error = imported.files.errors().next().unwrap_or_default();
        assert_eq!(outcomes(&imported), [Outcome::Refused]);
        assert!(error.contains("frozen"), "{error}");
        assert_eq!((scene.cursor().await, scene.lots().await), (Some(3), 3));
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let held = cursor::load(&mut connection, NODE, FEED).await.unwrap().unwrap();
        assert_eq!(held.frozen.unwrap().code, "root-mismatch");
        drop(connection);
        // Frozen, it takes no bundle, not even a good one.
        let again = scene.import(&[&scene.files(&[second], |_| ())[0]]).await;
        assert_eq!(outcomes(&again), [Outcome::Refused]);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_return_bundle_acknowledges_and_is_for_one_node_alone() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        scene.import(&[&scene.files(&frames, |_| ())[0]]).await;
        let out = tempfile::tempdir().unwrap();
        let node_key = BundleKey::generate();
        let export = async |to: Option<Recipient>, replace_recipient| {
            let options = Options {
                node_id: NODE.to_owned(),
                dir: out.path().to_owned(),
                feed: None,
                after: None,
                part_bytes: 1 << 20,
                to,
                replace_recipient,
            };
            scene.bundles.export(&options).await
        };
        assert!(matches!(export(None, false).await, Err(Error::NoRecipient(_))));
        let exported = export(Some(node_key.recipient()), false).await.unwrap();
        assert_eq!(exported[0].bundle.feed, OwnFeed::SHARED);
        let other = BundleKey::generate().recipient();
        let refused = export(Some(other.clone()), false).await.unwrap_err();
        assert!(matches!(refused, Error::OtherRecipient(_)));
        // Pinned by the first, replaced on an officer's word alone.
        assert!(export(None, false).await.is_ok() && export(Some(other), true).await.is_ok());

        let opened = open(reader(&exported[0].bundle.files[0]), &node_key).unwrap();
        let said = &opened.claimed().message().acknowledged[0];
        assert_eq!((said.feed.as_str(), said.epoch, said.cursor), (FEED, 1, 3));
        assert_eq!(said.checkpoint, frames[0].checkpoint);
        let key = crate::registry::network::feed_key(scene.hub.dir.path()).unwrap();
        let verifier: FeedVerifier = key.verifier();
        let expected =
            Expected { network: "net", receiver: SENDER, sender: HUB, verifier: &verifier };
        let mut frames = opened.verify(expected).unwrap();
        assert_eq!(frames.next_frame().unwrap(), None);
        let stranger = open(reader(&exported[0].bundle.files[0]), &BundleKey::generate());
        assert_eq!(stranger.unwrap_err(), Broken::NotForUs);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_bundle_says_of_the_inbox_is_held_against_our_own_feed() {
    on_each_store(async |store| {
        let mut scene = Scene::new(store).await;
        let frames = [scene.publish(0..3)];
        let lies = |m: &mut v1::BundleManifest| {
            m.acknowledged = vec![v1::BundleCursor {
                feed: OwnFeed::SHARED.to_owned(),
                epoch: 1,
                cursor: 5,
                checkpoint: "made up".to_owned(),
                ..v1::BundleCursor::default()
            }];
        };
        scene.import(&[&scene.files(&frames, lies)[0]]).await;
        let mut connection = scene.hub.store.acquire().await.unwrap();
        let known = delivery::find(&mut connection, NODE, &OwnFeed::shared()).await.unwrap();
        assert!(known.is_none_or(|known| known.cursor == 0));
        drop(connection);
        scene.hub.lifecycle.shutdown().await;
    })
    .await;
}

fn reader(path: &Path) -> std::fs::File {
    std::fs::File::open(path).unwrap()
}
