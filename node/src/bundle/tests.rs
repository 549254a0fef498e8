//! What leaves a node in files, and what comes back to it.

use std::path::{Path, PathBuf};

use rmd_feed::{
    Cosigner, FeedKey, Follower, Origin,
    bundle::{BundleKey, Expected, Outcome, Planner, Recipient, Writer, open},
};
use rmd_link::{
    Credentials, Identity,
    authority::{Authority, LEAF_LIFETIME},
    keys,
};
use rmd_proto::v1;
use rmd_runtime::files;

use super::{Bundles, Error, Imported, Options};
use crate::{
    config::Directory,
    inbox::receipt::report,
    journal::{
        audit,
        enrolment::{self, Enrolment},
        testing::{FEED, OWNER, TestJournal, row, rows},
    },
    serve::testing::{HUB, HubFeed, entry},
};

const NODE: &str = "spiffe://rmd.net/node/COD/cod-mines";
const HUB_IDENTITY: &str = "spiffe://rmd.net/hub";

/// An enrolled node with entries, and the keys of its hub.
struct Scene {
    test: TestJournal,
    bundles: Bundles,
    hub_key: FeedKey,
    cosigner: Cosigner,
    hub_bundles: BundleKey,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let test = TestJournal::live().await;
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::new(dir.path());
        let hub_key = FeedKey::generate(HUB).unwrap();
        let authority = Authority::create(
            "net",
            dir.path().join("ca"),
            "2018-01-01T10:00:00Z".parse().unwrap(),
        );
        let identity: Identity = NODE.parse().unwrap();
        let (key, csr) = keys::new_key_and_csr(&identity).unwrap();
        let authority = authority.unwrap();
        let now = "2018-01-01T10:00:00Z".parse().unwrap();
        let issued = authority.issue(&csr, &identity, now, LEAF_LIFETIME).unwrap();
        let roots = authority.roots_der();
        Credentials::store(directory.tls(), &key, &issued.chain_der, roots).unwrap();
        std::fs::create_dir_all(directory.feed_key().parent().unwrap()).unwrap();
        files::write_secret(directory.feed_key(), test.key.secret()).unwrap();
        let enrolled = Enrolment {
            identity: NODE.to_owned(),
            hub_identity: HUB_IDENTITY.to_owned(),
            hub_feed_vkey: hub_key.vkey(),
            hub_address: "hub:1".to_owned(),
            advertise: String::new(),
            not_after_us: 0,
        };
        enrolment::save(test.journal.store(), &enrolled).await.unwrap();
        let bundles = Bundles::open(&directory, test.journal.store()).await.unwrap();
        let cosigner = Cosigner::generate("rmd.net/hub/receipts").unwrap();
        Self { test, bundles, hub_key, cosigner, hub_bundles: BundleKey::generate(), dir }
    }

    fn options(&self) -> Options {
        Options {
            dir: self.dir.path().to_owned(),
            feed: Some(FEED.to_owned()),
            after: None,
            part_bytes: 1,
            to: Some(self.hub_bundles.recipient()),
            replace_recipient: false,
        }
    }

    /// Files of an export, and the seq after which it begins.
    async fn export(&self) -> (u64, Vec<PathBuf>) {
        let mut exported = self.bundles.export(&self.options(), &|_, _| ()).await.unwrap();
        let exported = exported.remove(0);
        (exported.after_seq, exported.files)
    }

    /// What the hub reads of a file.
    fn read(&self, file: &Path) -> Vec<v1::Frame> {
        let verifier = self.test.key.verifier();
        let expected =
            Expected { network: "net", receiver: HUB_IDENTITY, sender: NODE, verifier: &verifier };
        let file = std::fs::File::open(file).unwrap();
        let mut source = open(file, &self.hub_bundles).unwrap().verify(expected).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = source.next_frame().unwrap() {
            frames.push(frame);
        }
        frames
    }

    /// Return bundles with one frame in each, made by the hub.
    fn returned(&self, frames: &[v1::Frame], said: &[v1::BundleCursor], made: i64) -> Vec<PathBuf> {
        let mut planner = Planner::new(0, 1);
        for frame in frames {
            planner.push(frame).unwrap();
        }
        let parts = planner.finish();
        let last = frames.last();
        let manifest = v1::BundleManifest {
            protocol: 1,
            network: "net".to_owned(),
            sender: HUB_IDENTITY.to_owned(),
            receiver: NODE.to_owned(),
            bundle_id: rand::random::<[u8; 16]>().to_vec(),
            created_at_us: made,
            software_version: "0.1.0".to_owned(),
            state: Some(v1::FeedState {
                feed: "shared".to_owned(),
                epoch: 1,
                size: last.map_or(0, |frame| frame.last_seq),
                checkpoint: last.map_or_else(String::new, |frame| frame.checkpoint.clone()),
                ..v1::FeedState::default()
            }),
            acknowledged: said.to_vec(),
            cosigner: Some(v1::CosignatureKey {
                vkey: self.cosigner.verifier().vkey().to_owned(),
                proof: self.cosigner.vouched_by(&self.hub_key),
            }),
            ..v1::BundleManifest::default()
        };
        let recipient: Recipient = self.bundles.recipient().parse().unwrap();
        let write = |index: usize| {
            let path =
                self.dir.path().join(format!("{}-{index}", hex::encode(&manifest.bundle_id)));
            let out = std::fs::File::create_new(&path).unwrap();
            let mut writer =
                Writer::begin(out, &manifest, &parts, index, &self.hub_key, &recipient).unwrap();
            if let Some(frame) = frames.get(index) {
                writer.frame(frame).unwrap();
            }
            writer.finish().unwrap();
            path
        };
        (0..parts.len()).map(write).collect()
    }

    async fn import(&self, files: &[&PathBuf]) -> Imported {
        let files: Vec<PathBuf> = files.iter().map(|&file| file.clone()).collect();
        self.bundles.import(&files, &|_, _| ()).await.unwrap()
    }
}

fn outcomes(imported: &Imported) -> Vec<Outcome> {
    imported.files.iter().map(|file| file.outcome).collect()
}

#[tokio::test]
async fn a_follower_of_files_stands_where_the_journal_does_and_the_audit_says_what_left() {
    let scene = Scene::new().await;
    for from in [0, 4, 8] {
        scene.test.apply(rows(from, from + 4, 1)).await;
    }
    let (after, files) = scene.export().await;
    assert_eq!((after, files.len()), (0, 3));
    let verifier = scene.test.key.verifier();
    let mut follower = Follower::new(FEED, 1, Origin::new(OWNER, FEED, 1), verifier);
    let mut entries = Vec::new();
    for file in &files {
        for frame in scene.read(file) {
            entries.extend(follower.accept(&frame).unwrap());
        }
    }
    assert_eq!(entries, scene.test.entries().await);
    let calls = audit::list(scene.test.journal.store(), 10).await.unwrap();
    let told: Vec<_> = calls.iter().map(|call| (call.first_seq, call.last_seq)).collect();
    assert_eq!(told, [(9, 12), (5, 8), (1, 4)]);
    assert!(calls.iter().all(|call| call.call == "Bundle" && call.peer == HUB_IDENTITY));
    assert!(calls.iter().all(|call| call.serial.starts_with("age1")));
    let left = std::fs::read_dir(scene.dir.path()).unwrap();
    let mut left = left.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert!(!left.any(|name| name.contains(".part")), "half a file stayed behind");
}

#[tokio::test]
async fn what_a_return_bundle_acknowledges_is_not_carried_again() {
    let scene = Scene::new().await;
    scene.test.apply(rows(0, 4, 1)).await;
    scene.test.apply(rows(4, 6, 1)).await;
    let (_, files) = scene.export().await;
    let first = scene.read(&files[0]).remove(0);
    let said = |cursor, checkpoint: &str| v1::BundleCursor {
        feed: FEED.to_owned(),
        epoch: 1,
        cursor,
        checkpoint: checkpoint.to_owned(),
        ..v1::BundleCursor::default()
    };
    let back = scene.returned(&[], &[said(4, &first.checkpoint)], 20);
    let imported = scene.import(&[&back[0]]).await;
    assert_eq!(imported.acknowledged[0].fault, None);
    let (after, files) = scene.export().await;
    assert_eq!((after, files.len()), (4, 1));
    // An older return bundle does not set it back.
    let old = scene.returned(&[], &[said(0, "")], 10);
    scene.import(&[&old[0]]).await;
    assert_eq!(scene.export().await.0, 4);
    // What is no checkpoint of this journal is said, and not believed.
    let lie = scene.returned(&[], &[said(6, &first.checkpoint)], 30);
    let imported = scene.import(&[&lie[0]]).await;
    assert!(imported.acknowledged[0].fault.is_some());
    assert_eq!(scene.export().await.0, 4);
}

#[tokio::test]
async fn a_return_bundle_brings_receipts() {
    let scene = Scene::new().await;
    scene.test.apply(rows(0, 4, 1)).await;
    let (_, files) = scene.export().await;
    let checkpoint = scene.read(&files[0]).remove(0).checkpoint;
    let receipt = scene.cosigner.cosign(&checkpoint, 1_514_800_800).unwrap();
    let (feed, cursor) = (FEED.to_owned(), 4);
    let said = v1::BundleCursor { feed, epoch: 1, cursor, checkpoint, receipt };
    let back = scene.returned(&[], std::slice::from_ref(&said), 20);
    scene.import(&[&back[0]]).await;
    let kept = report::all(scene.test.journal.store()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].note.as_str(), kept[0].standing.as_str()), (said.receipt.as_str(), "held"));
}

#[tokio::test]
async fn bulletins_in_files_go_through_the_inbox_as_a_push_does() {
    let scene = Scene::new().await;
    let mut feed = HubFeed::new(&scene.hub_key);
    let tombstone = |key: &str| entry("SiteStatusBulletin", key, v1::Op::Tombstone, Vec::new());
    let frames = [feed.frame(&[tombstone("a")]), feed.frame(&[tombstone("b"), tombstone("c")])];
    let files = scene.returned(&frames, &[], 1);
    let imported = scene.import(&[&files[1]]).await;
    assert_eq!(outcomes(&imported), [Outcome::Waiting]);
    assert!(imported.feeds[0].missing[0].contains("part 1 of 2"), "{imported:?}");
    let imported = scene.import(&[&files[1], &files[0], &files[1]]).await;
    assert!(imported.files.is_complete(), "{imported:?}");
    assert_eq!((imported.feeds[0].from, imported.feeds[0].cursor), (0, 3));
    assert_eq!(outcomes(&scene.import(&[&files[0]]).await), [Outcome::Known]);
    // The next bundle tells the hub how far the inbox is.
    let (_, files) = scene.export().await;
    let opened = open(std::fs::File::open(&files[0]).unwrap(), &scene.hub_bundles).unwrap();
    let told = &opened.claimed().message().acknowledged[0];
    assert_eq!((told.feed.as_str(), told.cursor), ("shared", 3));
    assert_eq!(told.checkpoint, frames[1].checkpoint);
}

#[tokio::test]
async fn a_file_that_is_not_of_our_hub_for_us_changes_nothing() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    let mut feed = HubFeed::new(&scene.hub_key);
    let frame = feed.frame(&[entry("SiteStatusBulletin", "a", v1::Op::Tombstone, Vec::new())]);
    let for_other = other.returned(std::slice::from_ref(&frame), &[], 1);
    let good = scene.returned(&[frame], &[], 1);
    let mut bytes = std::fs::read(&good[0]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let altered = scene.dir.path().join("altered");
    std::fs::write(&altered, bytes).unwrap();
    scene.test.apply(rows(0, 1, 1)).await;
    let (_, own) = scene.export().await;
    for file in [&for_other[0], &altered, &own[0], &scene.dir.path().join("absent")] {
        let imported = scene.import(&[file]).await;
        assert_eq!(outcomes(&imported), [Outcome::Refused], "{}", file.display());
        assert!(imported.files.errors().all(|text| text.lines().count() == 2));
        assert!(imported.files.exit_code().is_some() && imported.feeds.is_empty());
    }
    assert_eq!(outcomes(&scene.import(&[&good[0]]).await), [Outcome::Applied]);
}

#[tokio::test]
async fn files_are_made_for_the_pinned_key_alone() {
    let scene = Scene::new().await;
    scene.test.apply(vec![row("r1", 1, 1)]).await;
    let export = async |to: Option<Recipient>, replace_recipient| {
        let options = Options { to, replace_recipient, ..scene.options() };
        scene.bundles.export(&options, &|_, _| ()).await
    };
    assert!(matches!(export(None, false).await, Err(Error::NoRecipient)));
    assert!(export(Some(scene.hub_bundles.recipient()), false).await.is_ok());
    let other = BundleKey::generate().recipient();
    assert!(matches!(export(Some(other.clone()), false).await, Err(Error::OtherRecipient)));
    assert!(export(None, false).await.is_ok() && export(Some(other), true).await.is_ok());
    let beyond = Options { after: Some(9), ..scene.options() };
    let beyond = Options { to: None, ..beyond };
    let refused = scene.bundles.export(&beyond, &|_, _| ()).await.unwrap_err();
    assert!(matches!(&refused, Error::Usage(text) if text.contains("--after 9")), "{refused}");
}
