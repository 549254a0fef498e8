//! Many files into the store: in which order, and what is missing.
//!
//! Every file is checked to its last byte first. Those of one feed are put in
//! order; what follows the cursor is applied, what is known is skipped, what has
//! a gap before it is left alone and the gap is named. A refused file holds up no
//! other.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rmd_feed::bundle::{FileReports, Manifest, Outcome, Schedule, schedule};
use serde::Serialize;

use super::{Bundles, Error, note::order, read::Checked};
use crate::{follow::cursor, recover::boot, registry::standing};

/// What became of all files.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Imported {
    /// Each file in the order in which it was given.
    pub(crate) files: FileReports,
    /// Each feed that they are of.
    pub(crate) feeds: Vec<FeedReport>,
}

/// What became of one feed.
#[derive(Debug, Serialize)]
pub(crate) struct FeedReport {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    /// Cursor before.
    pub(crate) from: u64,
    /// Cursor after.
    pub(crate) cursor: u64,
    /// Frames applied.
    pub(crate) frames: u64,
    /// Entries applied that went to quarantine.
    pub(crate) refused: u64,
    /// Size of the feed when the newest bundle was made.
    pub(crate) owner_size: u64,
    /// What no file brought.
    pub(crate) missing: Vec<Gap>,
    /// What the node holds of the hub's own feeds and the hub does not: sentences.
    pub(crate) own_feeds: Vec<String>,
}

/// Entries that no file brought.
#[derive(Debug, Serialize)]
pub(crate) struct Gap {
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    /// The sentence, English then French.
    pub(crate) message: String,
}

/// The feeds of the files: node, feed, epoch.
type Groups = BTreeMap<(String, String, u32), Vec<(usize, Checked)>>;

impl Bundles {
    /// Imports files. `done` is called after each frame with the entries so far and
    /// in all.
    pub(crate) async fn import(
        &self,
        paths: &[PathBuf],
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut groups = Groups::new();
        for path in paths {
            let index = imported.files.add(path.clone());
            match self.admit(path).await {
                Ok(checked) => {
                    let state = checked.manifest.state();
                    let feed = (checked.node.id.clone(), state.feed.clone(), state.epoch);
                    groups.entry(feed).or_default().push((index, checked));
                }
                Err(error) if error.is_of_one_file() => {
                    imported.files.refuse(index, error.text(), error.exit_code());
                }
                Err(error) => return Err(error),
            }
        }
        for (_, files) in groups {
            self.import_feed(&files, &mut imported, done).await?;
        }
        Ok(imported)
    }

    /// A file that was checked, of a start that would be followed over the network.
    async fn admit(&self, path: &Path) -> Result<Checked, Error> {
        let checked = self.check(path).await?;
        let (node_id, random) = (&checked.node.id, checked.manifest.message().boot_random);
        let mut connection = self.store.acquire().await?;
        if let Some(fault) = standing::of(&mut connection, node_id).await?.refusal(node_id) {
            return Err(Error::Refused(fault.message));
        }
        match boot::refusal(&mut connection, node_id, random).await? {
            Some(fault) => Err(Error::Refused(fault.message)),
            None => Ok(checked),
        }
    }

    /// The files of one feed.
    async fn import_feed(
        &self,
        files: &[(usize, Checked)],
        imported: &mut Imported,
        done: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), Error> {
        let (Some(newest), manifests) = (newest(files), manifests(files)) else { return Ok(()) };
        let state = newest.manifest.state();
        let mut report = FeedReport {
            node_id: newest.node.id.clone(),
            feed: state.feed.clone(),
            epoch: state.epoch,
            from: 0,
            cursor: 0,
            frames: 0,
            refused: 0,
            owner_size: state.size,
            missing: Vec::new(),
            own_feeds: Vec::new(),
        };
        let result = async {
            let from = self.position(newest).await?;
            (report.from, report.cursor) = (from, from);
            let plan = schedule(from, &manifests);
            self.land(files, &plan, &mut report, done).await?;
            report.own_feeds = self.note(newest).await?;
            Ok::<Schedule, Error>(plan)
        };
        let plan = match result.await {
            Ok(plan) => plan,
            Err(error) if error.is_of_one_file() => {
                for (index, _) in files {
                    imported.files.refuse(*index, error.text(), error.exit_code());
                }
                imported.feeds.push(report);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (places, outcome) in [(&plan.apply, Outcome::Applied), (&plan.beyond, Outcome::Waiting)]
        {
            for &place in places {
                imported.files.mark(files[place].0, outcome);
            }
        }
        report.missing = plan.missing.iter().map(Gap::from).collect();
        imported.feeds.push(report);
        Ok(())
    }

    /// How far the hub is in the feed of a file; refuses another epoch, and a frozen feed.
    async fn position(&self, file: &Checked) -> Result<u64, Error> {
        let (node_id, state) = (&file.node.id, file.manifest.state());
        let mut connection = self.store.acquire().await?;
        let position = cursor::load(&mut connection, node_id, &state.feed).await?;
        let Some(position) = position else { return Ok(0) };
        if let Some(frozen) = position.frozen {
            let (node_id, feed) = (node_id.clone(), state.feed.clone());
            return Err(Error::Frozen { node_id, feed, message: frozen.message });
        }
        let is_past = state.epoch < position.epoch;
        if is_past || (position.cursor > 0 && position.epoch != state.epoch) {
            let (expected, seen) = (position.epoch, state.epoch);
            return Err(Error::Epoch { feed: state.feed.clone(), expected, seen });
        }
        Ok(position.cursor)
    }
}

impl From<&rmd_feed::bundle::Missing> for Gap {
    fn from(missing: &rmd_feed::bundle::Missing) -> Self {
        let (first_seq, last_seq) = (missing.first_seq, missing.last_seq);
        Self { first_seq, last_seq, message: missing.to_string() }
    }
}

fn manifests(files: &[(usize, Checked)]) -> Vec<&Manifest> {
    files.iter().map(|(_, checked)| &checked.manifest).collect()
}

/// The file that was made last: what its owner says is the freshest.
fn newest(files: &[(usize, Checked)]) -> Option<&Checked> {
    files.iter().map(|(_, checked)| checked).max_by_key(|checked| order(&checked.manifest))
}
