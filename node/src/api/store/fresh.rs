//! A new `api.sqlite`: made whole under another name, then put in its place.
//!
//! Whoever opens the file finds its tables and its WAL, although a command and the
//! node may both be first. Refuses a file that others can read. Invariant: no
//! descriptor of the file in its place is opened and closed here; that would end
//! the locks that this process holds on it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::Error;

/// The permission bits of group and others.
const MODE_OTHERS: u32 = 0o077;

/// Makes the file if there is none; `options` are those with which it is opened.
pub(super) async fn ensure(path: &Path, options: &SqliteConnectOptions) -> Result<(), Error> {
    let fault = |source: io::Error| Error::File { path: path.to_owned(), source };
    if !path.try_exists().map_err(fault)? {
        make(path, options).await?;
    }
    let mode = fs::metadata(path).map_err(fault)?.permissions().mode() & 0o7777;
    if mode & MODE_OTHERS != 0 {
        return Err(Error::Exposed { path: path.to_owned(), mode });
    }
    Ok(())
}

async fn make(path: &Path, options: &SqliteConnectOptions) -> Result<(), Error> {
    let fault = |source: io::Error| Error::File { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // A temporary file is its owner's alone, and SQLite gives the WAL the same mode.
    let draft = tempfile::NamedTempFile::new_in(folder).map_err(fault)?.into_temp_path();
    let mut connection = SqliteConnection::connect_with(&options.clone().filename(&draft)).await?;
    let migrated = super::MIGRATIONS.run(&mut connection).await;
    migrated.map_err(|error| crate::journal::Error::migrating("api.sqlite", error))?;
    connection.close().await?;
    match draft.persist_noclobber(path) {
        Ok(()) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault),
        // Somebody else was first, and has made the same.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(fault(error.error)),
    }
}
