//! Sees that the state directory was copied or put back from a backup.
//!
//! At each start a new file `store.mark` takes the place of the old one, and the
//! store keeps its random number and what the file system says of it. A folder
//! that was copied or restored has a mark of another start or another file: then
//! the feeds take nothing new until the hub has said what it holds, because what
//! would be appended before could contradict what was lost. A snapshot of a whole
//! disk cannot be told from a power cut; for it there is `rmd-node recover run`.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path, time::UNIX_EPOCH};

use rmd_runtime::files;
use tracing::warn;

use crate::{
    config::Directory,
    journal::{
        Error, FEEDS, Store,
        boot::Boot,
        recovery::{self, Lost, State},
    },
};

/// Holds the feeds if the folder is not the one that the store was last used in.
pub(crate) async fn inspect(directory: &Directory, store: &Store) -> Result<(), Error> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT random, file FROM store_mark WHERE id = 1")
            .fetch_optional(store.readers())
            .await?;
    let Some((random, file)) = row else { return Ok(()) };
    // A start that was cut short has left its mark under the other name.
    let is_ours = [directory.mark(), directory.next_mark()]
        .iter()
        .any(|path| read(path).is_some_and(|(seen, of)| seen == random && of == file));
    if is_ours {
        return Ok(());
    }
    warn!("the state directory was copied or restored, asking the hub before anything is appended");
    hold(store).await
}

/// Appends nothing to any feed until the hub has said what it holds.
pub(crate) async fn hold(store: &Store) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    for feed in FEEDS {
        if recovery::find(&mut *transaction, feed).await?.is_some() {
            continue;
        }
        let lost = Lost {
            feed: feed.to_owned(),
            state: State::Unsure,
            held_size: 0,
            held_checkpoint: String::new(),
            common_size: None,
            evidence: String::new(),
            since_us: store.now_us(),
        };
        recovery::set(&mut transaction, &lost).await?;
    }
    Ok(transaction.commit().await?)
}

/// Leaves the mark of a start.
pub(crate) async fn leave(directory: &Directory, store: &Store, boot: Boot) -> Result<(), Error> {
    let (next, path) = (directory.next_mark(), directory.mark());
    let failed = |source| Error::Tail { path: path.clone(), source };
    // Removed first: a new file beside the old mark never has the old one's number.
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    files::write_public(&next, boot.random.to_string())
        .map_err(|error| failed(io::Error::other(error)))?;
    let (_, file) = read(&next).ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "INSERT INTO store_mark (id, random, file) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET random = excluded.random, file = excluded.file",
    )
    .bind(boot.random)
    .bind(file)
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("store_mark", written.rows_affected(), 1)?;
    transaction.commit().await?;
    fs::rename(&next, &path).map_err(failed)
}

/// The random number in a mark, and what tells the file from a copy of it.
fn read(path: &Path) -> Option<(i64, String)> {
    let text = fs::read_to_string(path).ok()?;
    let metadata = fs::metadata(path).ok()?;
    // Some file systems do not keep the birth; nothing writes to a mark later.
    let born = metadata.created().or_else(|_| metadata.modified()).ok()?;
    let born = born.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some((text.trim().parse().ok()?, format!("{}:{born}", metadata.ino())))
}
