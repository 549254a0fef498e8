//! Erasure beyond the journal: the other files of the node.
//!
//! Owns what follows the transaction of the journal: the record goes from the file
//! of the API as well, and both files are written anew, so that no free page holds
//! it. Each step can be done again; what was cut off in between is done by the next
//! command or by the running node. Names the files that only people can destroy.
//! Refuses to touch any of those.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use prost::Message as _;
use rmd_feed::frame;
use rmd_proto::v1;
use rmd_runtime::lifecycle::chain;
use rmd_standard::Entity;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    api,
    config::Directory,
    journal::{
        self, Store,
        erase::{Planned, scrub},
    },
};

/// How often the running node looks for files that must be written anew.
const INTERVAL: Duration = Duration::from_secs(5);

/// Why the files of a node still hold something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The file of the API cannot be used.
    #[error(transparent)]
    Api(#[from] api::Error),
    /// A file cannot be read.
    #[error("read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Files in the state directory that hold the record and are a person's to judge.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Elsewhere {
    /// Entries that were given up after a divergence.
    pub(crate) tails: Vec<PathBuf>,
    /// Sheets of the record's type.
    pub(crate) sheets: Vec<String>,
}

/// The files beside the store that may hold a record.
pub(crate) async fn elsewhere(
    directory: &Directory,
    store: &Store,
    planned: &Planned,
) -> Result<Elsewhere, Error> {
    let came_in_sheet = planned.source_rows.iter().any(|key| key.starts_with("sheet:"));
    let sheets = if came_in_sheet {
        sqlx::query_scalar(
            "SELECT stored FROM sheet_file WHERE entity = ?1 AND stored <> '' ORDER BY file_id",
        )
        .bind(planned.entity)
        .fetch_all(store.readers())
        .await
        .map_err(journal::Error::from)?
    } else {
        Vec::new()
    };
    let tails = tails(&directory.tails(), planned)?;
    Ok(Elsewhere { tails, sheets })
}

/// The files of given up entries that hold the record.
fn tails(folder: &Path, planned: &Planned) -> Result<Vec<PathBuf>, Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(folder)(error)),
    };
    let mut found = Vec::new();
    for file in files {
        let path = file.map_err(at(folder))?.path();
        let bytes = fs::read(&path).map_err(at(&path))?;
        if holds(&bytes, planned) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether frames, each behind its length, hold a payload of the record.
fn holds(mut bytes: &[u8], planned: &Planned) -> bool {
    while let Ok(frame) = v1::Frame::decode_length_delimited(&mut bytes) {
        let entries = frame::open(&frame).unwrap_or_default();
        let is_meant = |entry: &rmd_feed::StoredEntry| {
            entry.header.entity == planned.entity
                && entry.header.key == planned.record_key
                && entry.payload().is_some_and(|payload| !payload.is_empty())
        };
        if entries.iter().any(is_meant) {
            return true;
        }
        if bytes.is_empty() {
            return false;
        }
    }
    false
}

/// The file of the API, where there is one, for a command.
pub(crate) async fn api_store(
    directory: &Directory,
    store: &Store,
) -> Result<Option<api::Store>, Error> {
    let path = directory.api_store();
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(api::Store::open(&path, store.clock().clone()).await?))
}

/// Takes what is erased out of the file of the API and writes all files anew; false
/// while somebody reads one of them.
pub(crate) async fn finish(
    directory: &Directory,
    store: &Store,
    api: Option<api::Store>,
) -> Result<bool, Error> {
    let due = scrub::due(store).await?;
    if due.is_empty() {
        return Ok(true);
    }
    scrub::begin(store).await?;
    let mut is_done = true;
    if let Some(api) = api {
        for erased in due {
            let Some(entity) = Entity::from_name(&erased.entity) else { continue };
            api::forget(&api, entity, &erased.record_key, erased.erased_at_us).await?;
        }
        is_done &= scrub::scrub(directory.api_store()).await?;
    }
    // Writers of this process wait for it, however long it takes.
    let writing = store.write().await;
    is_done &= scrub::scrub(directory.store()).await?;
    drop(writing);
    if is_done {
        scrub::end(store).await?;
    }
    Ok(is_done)
}

/// Finishes what a command was cut off in, and what came back from the hub.
pub(crate) async fn tend(
    directory: Directory,
    store: Store,
    api: Option<api::Store>,
    shutdown: CancellationToken,
) {
    loop {
        match finish_if_due(&directory, &store, api.clone()).await {
            Ok(true) => info!("files written anew without what was erased"),
            Ok(false) => {}
            Err(error) => {
                warn!(error = chain(&error), "files not written anew without what was erased");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn finish_if_due(
    directory: &Directory,
    store: &Store,
    api: Option<api::Store>,
) -> Result<bool, Error> {
    if scrub::due(store).await?.is_empty() {
        return Ok(false);
    }
    finish(directory, store, api).await
}
