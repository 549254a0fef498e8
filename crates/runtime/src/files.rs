//! Files that must not be half written, and secrets that others must not read.
//!
//! A write goes to a new file beside the old one, is synced, renamed over it, and
//! the folder is synced: after a crash the old or the new bytes are there, whole.
//! Secrets are created 0600 and never widened; a secret that the group or others
//! may read is refused when it is read, because it may already be known.

mod unfinished;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rand::{RngCore as _, rngs::OsRng};

pub use unfinished::Unfinished;

/// No secret of ours is larger: keys and passwords have at most a few hundred bytes.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
const MODE_SECRET: u32 = 0o600;
const MODE_PUBLIC: u32 = 0o644;
/// The permission bits of group and others.
const MODE_OTHERS: u32 = 0o077;

/// Why a file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or its folder could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read the secret.
    #[error(
        "{} can be read by others (mode {mode:04o}); take that away with `chmod 600` and, if it may have been read, replace the secret",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is larger than any secret.
    #[error("{} is larger than {SECRET_BYTES_MAX} bytes and cannot be a secret", path.display())]
    Oversized {
        /// The file.
        path: PathBuf,
    },
    /// The secret has to be text and is none.
    #[error("{} holds no UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
}

/// Writes a secret, mode 0600, atomically and durably. Replaces what was there.
pub fn write_secret(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
    write(path.as_ref(), bytes.as_ref(), MODE_SECRET)
}

/// Writes a file that others may read, atomically and durably.
pub fn write_public(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
    write(path.as_ref(), bytes.as_ref(), MODE_PUBLIC)
}

/// Reads a secret; refuses one that the group or others may read.
pub fn read_secret(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    let read = |source| Error::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(read)?;
    // Of the open file, not of the name: the name may point elsewhere by now.
    let mode = file.metadata().map_err(read)?.permissions().mode() & 0o7777;
    if mode & MODE_OTHERS != 0 {
        return Err(Error::Exposed { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(read)?;
    if bytes.len() as u64 > SECRET_BYTES_MAX {
        return Err(Error::Oversized { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Reads a secret that is one text, a password for example, without the line end
/// that editors leave.
pub fn read_secret_text(path: impl AsRef<Path>) -> Result<String, Error> {
    let path = path.as_ref();
    let text = String::from_utf8(read_secret(path)?)
        .map_err(|_| Error::NotText { path: path.to_owned() })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let fresh = beside(path);
    replace(path, &fresh, bytes, mode).map_err(|source| {
        // Whatever failed, the half-written file is of no use to anybody.
        let _ = fs::remove_file(&fresh);
        Error::Write { path: path.to_owned(), source }
    })
}

fn replace(path: &Path, fresh: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(fresh, path)?;
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name in the same folder, because a rename does not cross file systems.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{:016x}", OsRng.next_u64()));
    folder(path).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_is_written_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feed.key");
        write_secret(&path, "first").unwrap();
        write_secret(&path, "second").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(read_secret(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "a temporary file was left");
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        for bits in [0o640, 0o604, 0o610, 0o666] {
            write_public(&path, "secret").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            let error = read_secret(&path).unwrap_err();
            assert!(matches!(error, Error::Exposed { mode, .. } if mode == bits));
            assert!(error.to_string().contains("chmod 600"));
            assert!(!error.to_string().contains("secret\""), "the secret stays out of messages");
        }
    }

    #[test]
    fn a_public_file_is_readable_and_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("roots.pem");
        write_public(&path, "pem").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"pem");
        assert!(matches!(read_secret(&path), Err(Error::Exposed { .. })));
    }

    #[test]
    fn a_failed_write_keeps_the_old_bytes_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir_all(path.join("inside")).unwrap();
        assert!(matches!(write_secret(&path, "x"), Err(Error::Write { .. })));
        assert!(path.join("inside").exists());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "a temporary file was left");
        assert!(write_secret(dir.path().join("absent/key"), "x").is_err());
    }

    #[test]
    fn a_password_file_loses_its_line_end_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        write_secret(&path, " pass word \r\n").unwrap();
        assert_eq!(read_secret_text(&path).unwrap(), " pass word ");
        write_secret(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(read_secret_text(&path), Err(Error::NotText { .. })));
    }

    #[test]
    fn what_is_too_large_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("disk.img");
        write_secret(&path, vec![0; 64 * 1024]).unwrap();
        assert!(read_secret(&path).is_ok());
        write_secret(&path, vec![0; 64 * 1024 + 1]).unwrap();
        assert!(matches!(read_secret(&path), Err(Error::Oversized { .. })));
    }
}
