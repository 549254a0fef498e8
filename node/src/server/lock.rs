//! One running process for one state directory.
//!
//! The lock is the operating system's and ends with the process, however that
//! ends; the file itself says nothing.

use std::fs::{File, TryLockError};

use super::Error;
use crate::config::Directory;

/// Held while a node runs.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock, or says that somebody has it.
    pub(crate) fn take(directory: &Directory) -> Result<Self, Error> {
        let path = directory.lock();
        let lock = |source| Error::Lock { path: path.clone(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::Running { dir: directory.root().to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(lock(source)),
        }
    }

    /// Whether a process runs the node now.
    pub(crate) fn is_taken(directory: &Directory) -> bool {
        matches!(Self::take(directory), Err(Error::Running { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_on_one_directory_is_refused_until_the_first_ends() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::new(dir.path());
        let first = RunLock::take(&directory).unwrap();
        assert!(matches!(RunLock::take(&directory), Err(Error::Running { .. })));
        assert!(RunLock::is_taken(&directory));
        drop(first);
        assert!(!RunLock::is_taken(&directory));
    }
}
