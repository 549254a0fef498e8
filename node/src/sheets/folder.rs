//! The folder in which sheets are dropped.
//!
//! Owns its four parts: `in`, where files are dropped; `done`, where those that
//! were taken stay, because their national values are nowhere else; `returned`
//! for annotated copies; `failed` for what cannot be read, each with a text
//! beside it. Takes a file only when it has stopped growing. Invariant: a file
//! leaves `in` after what it says is durable; a crash in between repeats work.
//! What lies in the other three is for the node's user alone, whoever dropped it.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};

use super::error::Error;

/// Files looked at in one turn; the others wait for the next.
const FILES_MAX: usize = 1000;

/// Bytes of a name before its end; a time and a number still fit behind it.
const STEM_BYTES_MAX: usize = 200;

/// Rights of the node's user alone.
const MODE_FOLDER: u32 = 0o700;
const MODE_FILE: u32 = 0o600;

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// Size and time of writing of files when they were last looked at.
pub(super) type Sizes = HashMap<PathBuf, (u64, Option<SystemTime>)>;

impl Folder {
    /// The folder at a path.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Makes what is missing of it.
    pub(crate) fn make(&self) -> Result<(), Error> {
        let parts = [self.inbox(), self.done(), self.returned(), self.failed()];
        for (index, part) in parts.into_iter().enumerate() {
            let of = |source| Error::File { path: part.clone(), source };
            fs::DirBuilder::new().recursive(true).mode(MODE_FOLDER).create(&part).map_err(of)?;
            // Who may drop files is the ministry's to say; the others hold national values.
            if index > 0 {
                fs::set_permissions(&part, Permissions::from_mode(MODE_FOLDER)).map_err(of)?;
            }
        }
        Ok(())
    }

    /// Where files are dropped.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.root.join("in")
    }

    /// Where files stay that were taken.
    pub(crate) fn done(&self) -> PathBuf {
        self.root.join("done")
    }

    /// Where annotated copies lie.
    pub(crate) fn returned(&self) -> PathBuf {
        self.root.join("returned")
    }

    /// Where files lie that cannot be read.
    pub(crate) fn failed(&self) -> PathBuf {
        self.root.join("failed")
    }

    /// Files that have not changed since the last look, in the order of their names.
    pub(super) fn ready(&self, sizes: &mut Sizes) -> Result<Vec<PathBuf>, Error> {
        let inbox = self.inbox();
        let of = |source| Error::File { path: inbox.clone(), source };
        let mut now = Sizes::new();
        let mut ready = Vec::new();
        for entry in fs::read_dir(&inbox).map_err(of)?.take(FILES_MAX) {
            let Ok(entry) = entry else { continue };
            let path = entry.path();
            // What an editor or a copy under way leaves there.
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_passing = name.starts_with(['.', '~'])
                || name.ends_with('~')
                || [".part", ".tmp", ".crdownload"].iter().any(|end| name.ends_with(end));
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if is_passing || !metadata.is_file() {
                continue;
            }
            let size = (metadata.len(), metadata.modified().ok());
            if sizes.get(&path) == Some(&size) {
                ready.push(path.clone());
            }
            now.insert(path, size);
        }
        *sizes = now;
        ready.sort();
        Ok(ready)
    }

    /// Moves a file among those that are done, under a name that is free.
    pub(super) fn keep(&self, path: &Path, stored: &str) -> Result<(), Error> {
        moved(path, &self.done().join(stored))
    }

    /// Moves a file among those that failed, with the reason beside it.
    pub(super) fn reject(&self, path: &Path, name: &str, reason: &str) -> Result<(), Error> {
        let failed = self.failed();
        let to = free(&failed, name);
        let text = failed.join(format!("{}.txt", file_name(&to)));
        let of = |source| Error::File { path: text.clone(), source };
        let mut file = private(&text).map_err(of)?;
        file.write_all(format!("{reason}\n").as_bytes()).map_err(of)?;
        moved(path, &to)
    }

    /// A name that no file in `done` has.
    pub(super) fn stored_name(&self, name: &str) -> String {
        file_name(&free(&self.done(), name))
    }

    /// The path of the annotated copy of a file.
    pub(super) fn copy_of(&self, name: &str, time: &str) -> PathBuf {
        copy_in(&self.returned(), name, time)
    }
}

/// The path of an annotated copy in a folder: the name, the time, always a workbook.
pub(super) fn copy_in(folder: &Path, name: &str, time: &str) -> PathBuf {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // A copy of a copy keeps one time.
    let stem = match stem.len().checked_sub(time.len() + 1).and_then(|at| stem.split_at_checked(at))
    {
        Some((head, tail)) if is_time(tail) => head,
        _ => stem,
    };
    free(folder, &format!("{stem}-{time}.xlsx"))
}

/// `-20260131T081500`.
fn is_time(tail: &str) -> bool {
    tail.starts_with('-')
        && tail.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b'T')
        && tail.contains('T')
}

/// SHA-256 of a file, hexadecimal.
pub(crate) fn hash_of(path: &Path) -> Result<String, Error> {
    let of = |source| Error::File { path: path.to_owned(), source };
    let mut file = fs::File::open(path).map_err(of)?;
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher).map_err(of)?;
    Ok(hex::encode(hasher.finalize()))
}

fn free(folder: &Path, name: &str) -> PathBuf {
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut length = stem.len().min(STEM_BYTES_MAX);
    while !stem.is_char_boundary(length) {
        length -= 1;
    }
    let is_long = length < stem.len();
    let stem = &stem[..length];
    let path = folder.join(if is_long { format!("{stem}.{end}") } else { name.to_owned() });
    if !path.exists() {
        return path;
    }
    let numbered = (2_u32..).map(|number| folder.join(format!("{stem}-{number}.{end}")));
    let mut free = numbered.filter(|path| !path.exists());
    free.next().unwrap_or(path)
}

/// Makes an empty file that the node's user alone may read.
pub(super) fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(MODE_FILE).open(path)
}

/// Copies a file so that the node's user alone may read the copy.
pub(super) fn copied(from: &Path, to: &Path) -> Result<(), Error> {
    let of = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    let mut source = File::open(from).map_err(of(from))?;
    let mut copy = private(to).map_err(of(to))?;
    io::copy(&mut source, &mut copy).map_err(of(to))?;
    copy.sync_all().map_err(of(to))
}

fn moved(from: &Path, to: &Path) -> Result<(), Error> {
    let of = |source| Error::File { path: from.to_owned(), source };
    let closed = fs::set_permissions(from, Permissions::from_mode(MODE_FILE));
    match closed.and_then(|()| fs::rename(from, to)) {
        // Another file system, or another's file: a copy, then the original goes.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::CrossesDevices | io::ErrorKind::PermissionDenied
            ) =>
        {
            copied(from, to)?;
            fs::remove_file(from).map_err(of)
        }
        moved => moved.map_err(of),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
