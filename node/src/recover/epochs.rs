//! A file beside the key that says which epoch of each feed is written.
//!
//! The store can be put back from before a new epoch, and would then go on in one that
//! it has closed. The file lies outside of it, is written before anything is appended
//! in a new epoch, and only grows: a store that is behind it appends nothing until the
//! hub has given the entries back, or the node was enrolled again. Where the whole
//! folder is put back, file and all, the hub says so at its first call.

use std::{collections::BTreeMap, fs, io, path::Path};

use rmd_runtime::files;
use tracing::error;

use crate::{
    config::Directory,
    journal::{
        Error, Store,
        recovery::{self, Lost, State},
        report,
    },
};

/// The epoch of a feed that never lost its store or key: it needs no line.
const FIRST_EPOCH: u32 = 1;

/// A line a feed; nothing longer is ours.
const BYTES_MAX: u64 = 4096;

type Epochs = BTreeMap<String, u32>;

/// Closes the feeds that the store has in an epoch before that of the file; writes down
/// the epochs of the others.
pub(crate) async fn inspect(directory: &Directory, store: &Store) -> Result<(), Error> {
    let path = directory.epochs();
    let failed = |source| Error::Tail { path: path.clone(), source };
    let written = read(&path).map_err(failed)?;
    let mut newest = written.clone();
    for feed in report::feeds(store).await? {
        let known = written.get(feed.feed).copied().unwrap_or(0);
        if known > feed.epoch {
            error!(feed = feed.feed, epoch = feed.epoch, known, "store is from before a new epoch");
            close(store, feed.feed).await?;
        } else if feed.epoch > FIRST_EPOCH {
            newest.insert(feed.feed.to_owned(), feed.epoch);
        }
    }
    if newest == written {
        return Ok(());
    }
    let lines = newest.iter().map(|(feed, epoch)| format!("{feed} {epoch}\n"));
    files::write_public(&path, lines.collect::<String>())
        .map_err(|error| failed(io::Error::other(error)))
}

/// Appends nothing to a feed whose epoch has ended.
pub(super) async fn close(store: &Store, feed: &str) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let before = recovery::find(&mut *transaction, feed).await?;
    if before.as_ref().is_some_and(|before| before.state == State::Closed) {
        return Ok(());
    }
    let now_us = store.now_us();
    recovery::happened(&mut transaction, (feed, "closed"), (0, 0), "", now_us).await?;
    let lost = Lost {
        feed: feed.to_owned(),
        state: State::Closed,
        held_size: 0,
        held_checkpoint: String::new(),
        common_size: None,
        // What was found before stays for others to check.
        evidence: before.map(|before| before.evidence).unwrap_or_default(),
        since_us: now_us,
    };
    recovery::set(&mut transaction, &lost).await?;
    Ok(transaction.commit().await?)
}

fn read(path: &Path) -> Result<Epochs, io::Error> {
    let text = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Epochs::new()),
        Ok(file) if file.len() <= BYTES_MAX => fs::read_to_string(path)?,
        Ok(_) => return Err(io::Error::other("it is longer than any file of ours")),
        Err(error) => return Err(error),
    };
    let line = |line: &str| {
        let (feed, epoch) = line.split_once(' ')?;
        Some((feed.to_owned(), epoch.parse().ok()?))
    };
    let wrong = || io::Error::other("it holds lines that are not `FEED EPOCH`");
    text.lines().map(|text| line(text).ok_or_else(wrong)).collect()
}
