//! What leaves in files: the feeds after what the hub has.
//!
//! A feed is looked through once to cut it into parts, then written; both times up
//! to the size that it had at first. A part is written down in the audit, and gets
//! its name only then, when it is whole and on disk. What the journal holds may
//! leave, and nothing else is in it.

use std::path::{Path, PathBuf};

use rmd_feed::{
    bundle::{Exported, Part, Planner, Recipient, Writer, frame_bytes, new_bundle_id, part_name},
    frame::{self, Reads},
};
use rmd_proto::{PROTOCOL_RANGE, v1};
use rmd_runtime::files::Unfinished;

use super::{Bundles, Error, key, known};
use crate::{
    inbox,
    journal::{FEEDS, audit::Call, blocks_after, boot, erase},
    serve,
};

/// What is to be exported.
#[derive(Debug)]
pub(crate) struct Options {
    /// Into which folder.
    pub(crate) dir: PathBuf,
    /// Only this feed.
    pub(crate) feed: Option<String>,
    /// After this seq; else what the hub is known to have.
    pub(crate) after: Option<u64>,
    /// Bytes of frames in a part.
    pub(crate) part_bytes: u64,
    /// The hub's recipient, where it is given.
    pub(crate) to: Option<Recipient>,
    /// Whether it takes the place of another one.
    pub(crate) replace_recipient: bool,
}

/// One feed on its way into files.
struct Feed<'a> {
    bundles: &'a Bundles,
    state: v1::FeedState,
    after: u64,
    frame_bytes: usize,
}

impl Bundles {
    /// Writes what the hub lacks. Where it lacks nothing, one file still tells how far
    /// this node is in the feeds of the hub. `done` is called after each frame with
    /// the entries so far and in all.
    pub(crate) async fn export(
        &self,
        options: &Options,
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Vec<Exported>, Error> {
        let (to, replaces) = (options.to.as_ref(), options.replace_recipient);
        let recipient = key::of_hub(&self.store, to, replaces).await?;
        let mut feeds = self.feeds(options).await?;
        if feeds.iter().any(|feed| feed.after < feed.state.size) {
            feeds.retain(|feed| feed.after < feed.state.size);
        } else {
            feeds.truncate(1);
        }
        let all: u64 = feeds.iter().map(|feed| feed.state.size - feed.after).sum();
        let (mut exported, mut before) = (Vec::new(), 0);
        for feed in feeds {
            let told = |entries: u64| done(before + entries, all);
            let manifest = self.manifest(&feed).await?;
            exported.push(feed.write(&manifest, &recipient, options, &told).await?);
            before += feed.state.size - feed.after;
        }
        Ok(exported)
    }

    /// The feeds that are meant, each after what the hub has of it.
    async fn feeds(&self, options: &Options) -> Result<Vec<Feed<'_>>, Error> {
        let mut feeds = Vec::new();
        for state in serve::feed_states(&self.store).await? {
            if options.feed.as_ref().is_some_and(|wanted| *wanted != state.feed) {
                continue;
            }
            let known = known::cursor(&self.store, &state.feed, state.epoch).await?;
            let after = options.after.unwrap_or_else(|| known.min(state.size));
            if after > state.size {
                let (feed, size) = (&state.feed, state.size);
                return Err(Error::Usage(format!(
                    "--after {after}: the feed {feed} has {size} entries\n\
                     --after {after} : le flux {feed} compte {size} écritures"
                )));
            }
            let frame_bytes = frame_bytes(options.part_bytes);
            feeds.push(Feed { bundles: self, state, after, frame_bytes });
        }
        if feeds.is_empty() {
            let names = FEEDS.join(", ");
            return Err(Error::Usage(format!(
                "this node writes the feeds {names}\nce nœud écrit les flux {names}"
            )));
        }
        Ok(feeds)
    }

    async fn manifest(&self, feed: &Feed<'_>) -> Result<v1::BundleManifest, Error> {
        let boot = boot::last(&self.store).await?;
        Ok(v1::BundleManifest {
            protocol: *PROTOCOL_RANGE.end(),
            network: self.identity.network.clone(),
            sender: self.identity.to_string(),
            receiver: self.hub.to_string(),
            bundle_id: new_bundle_id(),
            created_at_us: self.store.now_us(),
            software_version: env!("CARGO_PKG_VERSION").to_owned(),
            boot_number: boot.map_or(0, |boot| boot.number.cast_unsigned()),
            boot_random: boot.map_or(0, |boot| boot.random.cast_unsigned()),
            state: Some(feed.state.clone()),
            acknowledged: inbox::report::cursors(&self.store).await?,
            ..v1::BundleManifest::default()
        })
    }
}

impl Feed<'_> {
    async fn write(
        &self,
        manifest: &v1::BundleManifest,
        recipient: &Recipient,
        options: &Options,
        done: &(dyn Fn(u64) + Sync),
    ) -> Result<Exported, Error> {
        let mut planner = Planner::new(self.after, options.part_bytes);
        let mut at = self.after;
        while let Some(frame) = self.next(at).await? {
            planner.push(&frame)?;
            at = frame.last_seq;
        }
        let parts = planner.finish();
        let mut files = Vec::new();
        for index in 0..parts.len() {
            let path = options.dir.join(part_name(&ends(manifest), manifest, &parts, index));
            self.write_part(&path, manifest, &parts, index, recipient, done).await?;
            files.push(path);
        }
        Ok(Exported::new(manifest, (self.after, at), files))
    }

    async fn write_part(
        &self,
        path: &Path,
        manifest: &v1::BundleManifest,
        parts: &[Part],
        index: usize,
        recipient: &Recipient,
        done: &(dyn Fn(u64) + Sync),
    ) -> Result<(), Error> {
        let fresh = path.with_extension("part");
        let begun = Unfinished::begin(&fresh);
        let out = begun.map_err(|error| Error::File { path: fresh.clone(), error })?;
        let key = &self.bundles.owner.key;
        let mut writer = Writer::begin(out, manifest, parts, index, key, recipient)?;
        let (store, to) = (self.bundles.store.clone(), recipient.to_string());
        let mut call = Call::in_a_bundle(store, self.bundles.hub.to_string(), to);
        let mut at = parts[index].first_seq - 1;
        let mut first = parts[index].first_seq;
        for _ in 0..parts[index].frames {
            let Some(frame) = self.next(at).await? else { break };
            writer.frame(&frame)?;
            call.leaving(&frame).await?;
            first = first.min(frame.first_seq);
            at = frame.last_seq;
            done(at.saturating_sub(self.after));
        }
        let named = writer.finish()?.finish(path);
        named.map_err(|error| Error::File { path: path.to_owned(), error })?;
        let feed = (self.state.feed.as_str(), self.state.epoch);
        Ok(erase::bundle_written(&self.bundles.store, feed, (first, at), path).await?)
    }

    /// The next frame up to the size that the feed had at first.
    async fn next(&self, after: u64) -> Result<Option<v1::Frame>, Error> {
        let (feed, epoch) = (&self.state.feed, self.state.epoch);
        let readers = self.bundles.store.readers();
        let mut blocks = blocks_after(readers, feed, epoch, after, self.frame_bytes).await?;
        blocks.retain(|block| block.last_seq <= self.state.size);
        if blocks.is_empty() {
            return Ok(None);
        }
        // Whoever opens the file cannot be asked what it reads.
        let (reads, most) = (Reads::default(), self.frame_bytes);
        let frame = frame::build_for(&reads, feed, epoch, blocks, after, most);
        Ok(Some(frame.map_err(|error| Error::Journal(error.into()))?))
    }
}

/// From whom, in the name of a file.
fn ends(manifest: &v1::BundleManifest) -> String {
    let sender = manifest.sender.rsplit_once("/node/").map_or("", |(_, id)| id);
    sender.replace('/', "-")
}
