//! A bundle for tests: an owner, a receiver, and files in memory.

use rmd_feed::{
    Block, FeedKey, FeedVerifier, Log,
    bundle::{BundleKey, Error, Expected, Manifest, Planner, Writer, open},
};
use rmd_proto::v1;

use crate::common::{blocks, frames, key, log, state};

pub(crate) const SENDER: &str = "spiffe://rmd.net/node/COD/cod-mines";
pub(crate) const RECEIVER: &str = "spiffe://rmd.net/hub";

/// A feed and one export of it.
pub(crate) struct Made {
    pub(crate) feed_key: FeedKey,
    pub(crate) key: BundleKey,
    pub(crate) log: Log,
    pub(crate) blocks: Vec<Block>,
    pub(crate) parts: Vec<Vec<u8>>,
    verifier: FeedVerifier,
}

impl Made {
    /// A feed of blocks of these sizes, exported after a seq.
    pub(crate) fn new(sizes: &[u64], after_seq: u64, part_bytes: u64) -> Self {
        let (mut log, feed_key) = (log(), key());
        let blocks = blocks(&mut log, &feed_key, sizes);
        let key = BundleKey::generate();
        let verifier = feed_key.verifier();
        let mut made = Self { feed_key, key, log, blocks, parts: Vec::new(), verifier };
        let after: Vec<_> = frames(&made.blocks);
        let after: Vec<_> = after.into_iter().filter(|frame| frame.last_seq > after_seq).collect();
        made.parts = made.export(&after, after_seq, part_bytes);
        made
    }

    /// The files of one export of these frames.
    pub(crate) fn export(
        &self,
        frames: &[v1::Frame],
        after_seq: u64,
        part_bytes: u64,
    ) -> Vec<Vec<u8>> {
        let mut planner = Planner::new(after_seq, part_bytes);
        for frame in frames {
            planner.push(frame).unwrap();
        }
        let parts = planner.finish();
        let manifest = self.template(frames);
        let recipient = self.key.recipient();
        let mut rest = frames.iter();
        (0..parts.len())
            .map(|index| {
                let mut writer =
                    Writer::begin(Vec::new(), &manifest, &parts, index, &self.feed_key, &recipient)
                        .unwrap();
                let count = usize::try_from(parts[index].frames).unwrap();
                for frame in rest.by_ref().take(count) {
                    writer.frame(frame).unwrap();
                }
                writer.finish().unwrap()
            })
            .collect()
    }

    fn template(&self, frames: &[v1::Frame]) -> v1::BundleManifest {
        let checkpoint = frames.last().map_or("", |frame| &frame.checkpoint);
        v1::BundleManifest {
            protocol: 1,
            network: "net".to_owned(),
            sender: SENDER.to_owned(),
            receiver: RECEIVER.to_owned(),
            bundle_id: vec![u8::try_from(frames.len() % 256).unwrap(); 16],
            created_at_us: 1_514_764_800_000_000,
            software_version: "0.1.0".to_owned(),
            boot_number: 1,
            boot_random: 2,
            state: Some(state(&self.log, checkpoint)),
            acknowledged: vec![v1::BundleCursor {
                feed: "shared".to_owned(),
                epoch: 1,
                cursor: 7,
                ..v1::BundleCursor::default()
            }],
            ..v1::BundleManifest::default()
        }
    }

    pub(crate) fn expected(&self) -> Expected<'_> {
        let verifier = &self.verifier;
        Expected { network: "net", receiver: RECEIVER, sender: SENDER, verifier }
    }

    pub(crate) fn manifest(&self, part: &[u8]) -> Manifest {
        open(part, &self.key).unwrap().claimed().clone()
    }

    /// Every frame of a file, if all of it holds.
    pub(crate) fn read(&self, part: &[u8]) -> Result<Vec<v1::Frame>, Error> {
        let mut source = open(part, &self.key)?.verify(self.expected())?;
        let mut frames = Vec::new();
        while let Some(frame) = source.next_frame()? {
            frames.push(frame);
        }
        Ok(frames)
    }
}
