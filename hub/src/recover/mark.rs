//! Sees that the hub's store or state directory was put back from a backup.
//!
//! A new file `store.mark` at each start, and every few minutes after it; the store
//! keeps its random number and what the file system says of it. If they do not
//! belong together, one of them is older than the other.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use rand::{RngCore as _, rngs::OsRng};
use rmd_runtime::{SharedClock, files, lifecycle::chain};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{Error, hold};
use crate::store::{Store, expect_rows};

/// A backup that is younger than this may go unseen until a node is asked.
const RENEWAL: Duration = Duration::from_mins(10);

/// Holds publishing if store and folder do not belong together; leaves a new mark.
pub(crate) async fn begin(dir: &Path, store: &Store, clock: &SharedClock) -> Result<(), Error> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT random, file FROM hub_mark WHERE mark_id = 1")
            .fetch_optional(&mut *store.acquire().await?)
            .await?;
    if let Some((random, file)) = row {
        let is_ours = [mark(dir), next_mark(dir)]
            .iter()
            .any(|path| read(path).is_some_and(|(seen, of)| seen == random && of == file));
        if !is_ours {
            warn!("store or folder was restored, nothing is published until the nodes were heard");
            let mut transaction = store.begin().await?;
            hold::begin(&mut transaction, clock.now().as_microsecond()).await?;
            transaction.commit().await?;
        }
    }
    leave(dir, store).await
}

/// Renews the mark until the end.
pub(crate) async fn run(
    dir: PathBuf,
    store: Store,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(RENEWAL) => {}
        }
        if let Err(error) = leave(&dir, &store).await {
            warn!(error = chain(&error), "mark of the store cannot be renewed");
        }
    }
}

async fn leave(dir: &Path, store: &Store) -> Result<(), Error> {
    let (next, path) = (next_mark(dir), mark(dir));
    let failed = |source| Error::Mark { path: path.clone(), source };
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let random = OsRng.next_u64().cast_signed();
    files::write_public(&next, random.to_string())
        .map_err(|error| failed(io::Error::other(error)))?;
    let (_, file) = read(&next).ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let mut transaction = store.begin().await?;
    let affected = sqlx::query(
        "INSERT INTO hub_mark (mark_id, random, file) VALUES (1, $1, $2)
         ON CONFLICT (mark_id) DO UPDATE SET random = excluded.random, file = excluded.file",
    )
    .bind(random)
    .bind(file)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    expect_rows("hub_mark", 1, affected)?;
    transaction.commit().await?;
    fs::rename(&next, &path).map_err(failed)
}

/// The random number in a mark, and what tells the file from a copy of it.
fn read(path: &Path) -> Option<(i64, String)> {
    let text = fs::read_to_string(path).ok()?;
    let metadata = fs::metadata(path).ok()?;
    let born = metadata.created().or_else(|_| metadata.modified()).ok()?;
    let born = born.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some((text.trim().parse().ok()?, format!("{}:{born}", metadata.ino())))
}

fn mark(dir: &Path) -> PathBuf {
    dir.join("store.mark")
}

fn next_mark(dir: &Path) -> PathBuf {
    dir.join("store.mark.next")
}
