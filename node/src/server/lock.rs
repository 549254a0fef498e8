//! One running process for one state directory.
//!
//! The lock is the operating system's and ends with the process, however that
//! ends; the file itself says nothing.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use super::Error;
use crate::config::Directory;

/// How long a lock that is taken is tried again: a command that looks whether the
/// node runs has it for an instant, and must not keep a node from starting.
const GRACE: Duration = Duration::from_millis(500);

/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a node runs, and while it enrols.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock, or says that somebody has it.
    pub(crate) fn take(directory: &Directory) -> Result<Self, Error> {
        let until = Instant::now() + GRACE;
        loop {
            match Self::try_take(directory) {
                Err(Error::Running { .. }) if Instant::now() < until => thread::sleep(PAUSE),
                taken => return taken,
            }
        }
    }

    /// Whether a process runs the node now.
    pub(crate) fn is_taken(directory: &Directory) -> bool {
        matches!(Self::try_take(directory), Err(Error::Running { .. }))
    }

    fn try_take(directory: &Directory) -> Result<Self, Error> {
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

    #[test]
    fn a_look_at_the_lock_keeps_no_node_from_starting() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::new(dir.path());
        let looking = RunLock::try_take(&directory).unwrap();
        thread::scope(|scope| {
            let starting = scope.spawn(|| RunLock::take(&directory));
            // Whether it was there before or after the look ended, it gets through.
            drop(looking);
            assert!(starting.join().unwrap().is_ok());
        });
    }
}
