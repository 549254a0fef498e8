//! The return bundle: the hub's feeds for one node, and its acknowledgement.
//!
//! A feed is looked through once to cut it into parts, then written; both times up
//! to the size that it had at first. A file gets its name when it is whole and on
//! disk. Even a feed with nothing new makes a file: it carries the cursors.

use std::path::{Path, PathBuf};

use rmd_feed::{
    Body, FeedKey, StoredEntry,
    bundle::{Exported, Part, Planner, Recipient, Writer, frame_bytes, new_bundle_id, part_name},
    frame::{self, Reads},
};
use rmd_proto::{PROTOCOL_RANGE, SCHEMA_ID, v1};
use rmd_runtime::files::Unfinished;
use serde::Serialize;

use super::{Bundles, Error, key, written};
use crate::{
    audit::Cosigning,
    follow::cursor,
    recover::acknowledged,
    registry::{
        self, network,
        node::{self, Node},
        standing,
    },
    share::{EPOCH, OwnFeed, delivery, log},
};

/// What is to be exported.
#[derive(Debug)]
pub(crate) struct Options {
    /// For which node.
    pub(crate) node_id: String,
    /// Into which folder.
    pub(crate) dir: PathBuf,
    /// Only this feed.
    pub(crate) feed: Option<String>,
    /// After this seq; else what the node is known to have.
    pub(crate) after: Option<u64>,
    /// Bytes of frames in a part.
    pub(crate) part_bytes: u64,
    /// The node's recipient, where it is given.
    pub(crate) to: Option<Recipient>,
    /// Whether it takes the place of another one.
    pub(crate) replace_recipient: bool,
}

/// The files of one feed.
#[derive(Debug, Serialize)]
pub(crate) struct Returned {
    #[serde(flatten)]
    pub(crate) bundle: Exported,
    /// Entries in it whose payload was erased: their headers alone are there.
    pub(crate) erased: Vec<u64>,
}

impl Returned {
    /// The range, the files, and what was erased.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.bundle.lines();
        if !self.erased.is_empty() {
            let seqs: Vec<String> = self.erased.iter().map(u64::to_string).collect();
            lines.push(format!(
                "erased, without content · effacées, sans contenu: seq {}",
                seqs.join(", ")
            ));
        }
        lines
    }
}

/// One feed on its way into files.
struct Feed<'a> {
    bundles: &'a Bundles,
    own: OwnFeed,
    after: u64,
    size: u64,
    frame_bytes: usize,
}

impl Bundles {
    /// Writes the return bundles of a node.
    pub(crate) async fn export(&self, options: &Options) -> Result<Vec<Returned>, Error> {
        let mut transaction = self.store.begin().await?;
        let node = node::find(&mut transaction, &options.node_id).await?;
        let node = node.ok_or_else(|| registry::Error::NodeUnknown(options.node_id.clone()))?;
        let standing = standing::of(&mut transaction, &node.id).await?;
        if let Some(fault) = standing.refusal(&node.id) {
            return Err(Error::Refused(fault.message));
        }
        let (to, replaces) = (options.to.as_ref(), options.replace_recipient);
        let recipient =
            key::for_node(&mut transaction, &node.id, to, replaces, self.clock.now()).await?;
        transaction.commit().await?;
        let signing = network::feed_key(&self.dir)?;
        let signer = (&signing, self.network.identity.owner());
        let cosigning = Cosigning::open(&self.dir, (signer.0, &signer.1), self.clock.clone())?;
        let acknowledged = self.acknowledged(&node.id, &cosigning).await?;
        let mut exported = Vec::new();
        for feed in OwnFeed::of_node(&node.id) {
            if options.feed.as_ref().is_some_and(|wanted| wanted != feed.name()) {
                continue;
            }
            let Some(found) = self.feed(&node, feed, options).await? else { continue };
            let manifest = v1::BundleManifest {
                cosigner: Some(cosigning.key()),
                ..self.manifest(&node, &found, acknowledged.clone()).await?
            };
            exported.push(found.write(&manifest, &signing, &recipient, options).await?);
        }
        if exported.is_empty() {
            let names = OwnFeed::of_node(&node.id).map(|feed| feed.name()).join(", ");
            return Err(Error::Usage(format!(
                "the hub writes no such feed for {0}; there are: {names}\n\
                 le pivot n'écrit pas ce flux pour {0} ; il y a : {names}",
                node.id
            )));
        }
        Ok(exported)
    }

    /// How far the hub is in the feeds of the node, with receipts.
    async fn acknowledged(
        &self,
        node_id: &str,
        cosigning: &Cosigning,
    ) -> Result<Vec<v1::BundleCursor>, Error> {
        let feeds = cursor::all(&mut *self.store.acquire().await?).await?;
        let of_node = feeds.into_iter().filter(|feed| feed.node_id == node_id);
        Ok(of_node
            .map(|feed| {
                let checkpoint = feed.position.checkpoint.unwrap_or_default();
                v1::BundleCursor {
                    feed: feed.feed,
                    epoch: feed.epoch,
                    cursor: feed.cursor,
                    receipt: cosigning.receipt(&checkpoint),
                    checkpoint,
                }
            })
            .collect())
    }

    /// The part of a feed that the node lacks; none for a feed that was never begun.
    async fn feed(
        &self,
        node: &Node,
        feed: OwnFeed,
        options: &Options,
    ) -> Result<Option<Feed<'_>>, Error> {
        let mut connection = self.store.acquire().await?;
        if acknowledged::is_forked(&mut connection, &node.id, &feed).await? {
            return Err(Error::OtherHistory { node_id: node.id.clone(), feed: feed.name() });
        }
        let size = log::head(&mut connection, &feed).await?.size;
        if size == 0 && feed != OwnFeed::shared() && options.feed.is_none() {
            return Ok(None);
        }
        let known = delivery::find(&mut connection, &node.id, &feed).await?;
        let known = known.map_or(0, |known| known.cursor.cast_unsigned()).min(size);
        let after = options.after.unwrap_or(known);
        if after > size {
            return Err(Error::Usage(format!(
                "--after {after}: the feed {0} has {size} entries\n\
                 --after {after} : le flux {0} compte {size} écritures",
                feed.name()
            )));
        }
        let frame_bytes = frame_bytes(options.part_bytes);
        Ok(Some(Feed { bundles: self, own: feed, after, size, frame_bytes }))
    }

    async fn manifest(
        &self,
        node: &Node,
        feed: &Feed<'_>,
        acknowledged: Vec<v1::BundleCursor>,
    ) -> Result<v1::BundleManifest, Error> {
        let mut connection = self.store.acquire().await?;
        let checkpoint = log::checkpoint_at(&mut connection, &feed.own, feed.size).await?;
        Ok(v1::BundleManifest {
            protocol: *PROTOCOL_RANGE.end(),
            network: self.network.name.clone(),
            sender: self.network.identity.to_string(),
            receiver: node.identity.clone(),
            bundle_id: new_bundle_id(),
            created_at_us: self.clock.now().as_microsecond(),
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            state: Some(v1::FeedState {
                feed: feed.own.name().to_owned(),
                epoch: EPOCH,
                size: feed.size,
                checkpoint: checkpoint.unwrap_or_default(),
                schema_id: vec![SCHEMA_ID.to_owned()],
                entity: Vec::new(),
            }),
            acknowledged,
            ..v1::BundleManifest::default()
        })
    }
}

impl Feed<'_> {
    async fn write(
        &self,
        manifest: &v1::BundleManifest,
        signing: &FeedKey,
        recipient: &Recipient,
        options: &Options,
    ) -> Result<Returned, Error> {
        let mut planner = Planner::new(self.after, options.part_bytes);
        let (mut at, mut erased) = (self.after, Vec::new());
        while let Some(frame) = self.next(at).await? {
            planner.push(&frame)?;
            at = frame.last_seq;
            let entries = frame::open(&frame).map_err(crate::share::Error::Feed)?;
            let is_erased = |entry: &&StoredEntry| entry.body == Body::Erased;
            erased.extend(entries.iter().filter(is_erased).map(StoredEntry::seq));
        }
        let parts = planner.finish();
        let mut files = Vec::new();
        for index in 0..parts.len() {
            let path = options.dir.join(part_name(&ends(manifest), manifest, &parts, index));
            let fresh = path.with_extension("part");
            let begun = Unfinished::begin(&fresh);
            let out = begun.map_err(|error| Error::File { path: fresh.clone(), error })?;
            let mut writer = Writer::begin(out, manifest, &parts, index, signing, recipient)?;
            let Part { first_seq, last_seq, frames, .. } = parts[index];
            // Before it is read: what is erased meanwhile may be in it.
            self.note(options, (first_seq, last_seq), &path).await?;
            self.fill(&mut writer, first_seq - 1, frames).await?;
            let named = writer.finish()?.finish(&path);
            named.map_err(|error| Error::File { path: path.clone(), error })?;
            files.push(path);
        }
        Ok(Returned { bundle: Exported::new(manifest, (self.after, at), files), erased })
    }

    async fn note(&self, options: &Options, seqs: (u64, u64), path: &Path) -> Result<(), Error> {
        if seqs.0 > seqs.1 {
            return Ok(());
        }
        let (to, now) = ((options.node_id.as_str(), &self.own), self.bundles.clock.now());
        let mut transaction = self.bundles.store.begin().await?;
        written::keep(&mut transaction, to, seqs, path, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Writes so many frames after a seq.
    async fn fill(
        &self,
        writer: &mut Writer<Unfinished>,
        after: u64,
        frames: u64,
    ) -> Result<(), Error> {
        let mut at = after;
        for _ in 0..frames {
            let Some(frame) = self.next(at).await? else { break };
            writer.frame(&frame)?;
            at = frame.last_seq;
        }
        Ok(())
    }

    /// The next frame up to the size that the feed had at first.
    async fn next(&self, after: u64) -> Result<Option<v1::Frame>, Error> {
        let mut connection = self.bundles.store.acquire().await?;
        let mut blocks = log::blocks_after(&mut connection, &self.own, after).await?;
        blocks.truncate(frame::fitting(&blocks, self.frame_bytes));
        blocks.retain(|block| block.last_seq <= self.size);
        if blocks.is_empty() {
            return Ok(None);
        }
        // Whoever opens the file cannot be asked what it reads.
        let (reads, most) = (Reads::default(), self.frame_bytes);
        let frame = frame::build_for(&reads, self.own.name(), EPOCH, blocks, after, most);
        Ok(Some(frame.map_err(crate::share::Error::Feed)?))
    }
}

/// To whom, in the name of a file.
fn ends(manifest: &v1::BundleManifest) -> String {
    let receiver = manifest.receiver.rsplit_once("/node/").map_or("", |(_, id)| id);
    format!("hub-to-{}", receiver.replace('/', "-"))
}
