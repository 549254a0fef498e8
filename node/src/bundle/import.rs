//! Return bundles into the inbox: in which order, and what is missing.
//!
//! Every file is checked to its last byte first. Frames go through the inbox as
//! those of a push do; what is known is skipped, what has a gap before it is left
//! alone and the gap is named.

use std::{collections::BTreeMap, path::PathBuf};

use rmd_feed::bundle::{FileReports, Manifest, Outcome, Schedule, schedule};
use rmd_link::Credentials;
use serde::Serialize;

use super::{
    Bundles, Checked, Error,
    known::{self, Acknowledged},
};
use crate::inbox::{Inbox, receipt};

/// What became of all files.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Imported {
    /// Each file in the order in which it was given.
    pub(crate) files: FileReports,
    /// Each feed of the hub that they are of.
    pub(crate) feeds: Vec<FeedReport>,
    /// How far the hub is in the feeds of this node.
    pub(crate) acknowledged: Vec<Acknowledged>,
}

/// What became of one feed.
#[derive(Debug, Serialize)]
pub(crate) struct FeedReport {
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    /// Cursor before.
    pub(crate) from: u64,
    /// Cursor after.
    pub(crate) cursor: u64,
    /// Size of the feed when the newest bundle was made.
    pub(crate) owner_size: u64,
    /// What no file brought: sentences, English then French.
    pub(crate) missing: Vec<String>,
}

impl Bundles {
    /// Imports files. `done` is called after each frame with the entries so far and
    /// in all.
    pub(crate) async fn import(
        &self,
        paths: &[PathBuf],
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut groups: BTreeMap<(String, u32), Vec<(usize, Checked)>> = BTreeMap::new();
        for path in paths {
            let index = imported.files.add(path.clone());
            match self.check(path) {
                Ok(checked) => {
                    let state = checked.manifest.state();
                    let feed = (state.feed.clone(), state.epoch);
                    groups.entry(feed).or_default().push((index, checked));
                }
                Err(error) if error.is_of_one_file() => {
                    imported.files.refuse(index, error.text(), error.exit_code());
                }
                Err(error) => return Err(error),
            }
        }
        let clock = self.store.clock().clone();
        let credentials = Credentials::load(self.directory.tls(), clock)?;
        let verifier = self.hub_verifier.clone();
        let inbox =
            Inbox::open(self.store.clone(), credentials, self.hub.owner(), verifier).await?;
        let newest = groups.values().flatten().map(|(_, checked)| &checked.manifest);
        let newest = newest.max_by_key(|manifest| manifest.message().created_at_us).cloned();
        for (_, files) in groups {
            self.import_feed(&inbox, &files, &mut imported, done).await?;
        }
        if let Some(manifest) = newest {
            let message = manifest.message();
            let receipts: Vec<&str> =
                message.acknowledged.iter().map(|said| said.receipt.as_str()).collect();
            let cosigner = message.cosigner.as_ref();
            receipt::keep(&self.store, &self.owner, &self.hub_verifier, cosigner, &receipts)
                .await?;
            for said in &message.acknowledged {
                let kept = known::keep(&self.store, said, message.created_at_us).await?;
                imported.acknowledged.push(kept);
            }
        }
        Ok(imported)
    }

    /// The files of one feed.
    async fn import_feed(
        &self,
        inbox: &Inbox,
        files: &[(usize, Checked)],
        imported: &mut Imported,
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), Error> {
        let Some((_, first)) = files.first() else { return Ok(()) };
        let state = first.manifest.state();
        let mut report = FeedReport {
            feed: state.feed.clone(),
            epoch: state.epoch,
            from: 0,
            cursor: 0,
            owner_size: files.iter().map(|(_, file)| file.manifest.state().size).max().unwrap_or(0),
            missing: Vec::new(),
        };
        match self.apply(inbox, files, &mut report, done).await {
            Ok(plan) => {
                let applied = plan.apply.iter().map(|&place| (place, Outcome::Applied));
                let waiting = plan.beyond.iter().map(|&place| (place, Outcome::Waiting));
                for (place, outcome) in applied.chain(waiting) {
                    imported.files.mark(files[place].0, outcome);
                }
                report.missing = plan.missing.iter().map(ToString::to_string).collect();
            }
            Err(error) if error.is_of_one_file() => {
                for (index, _) in files {
                    imported.files.refuse(*index, error.text(), error.exit_code());
                }
            }
            Err(error) => return Err(error),
        }
        imported.feeds.push(report);
        Ok(())
    }

    /// Puts what follows the cursor through the inbox.
    async fn apply(
        &self,
        inbox: &Inbox,
        files: &[(usize, Checked)],
        report: &mut FeedReport,
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Schedule, Error> {
        let held = inbox.cursor(&report.feed).await.map_err(Error::Inbox)?;
        (report.from, report.cursor) = (held.cursor, held.cursor);
        let manifests: Vec<&Manifest> = files.iter().map(|(_, file)| &file.manifest).collect();
        let plan = schedule(held.cursor, &manifests);
        for &place in &plan.apply {
            let mut frames = self.frames(&files[place].1.path)?;
            while let Some(frame) = frames.next_frame()? {
                report.cursor = inbox.take(&frame).await.map_err(Error::Inbox)?;
                done(report.cursor.saturating_sub(report.from), plan.reaches - report.from);
            }
        }
        Ok(plan)
    }
}
