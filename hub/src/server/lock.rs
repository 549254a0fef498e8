//! One running hub for one state directory.
//!
//! The lock is the operating system's: it ends with the process, however that
//! ends. The file holds the process id for `rmd-hub status`.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use super::Error;

const FILE: &str = "hub.lock";

/// The lock, held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a state directory, or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let access = |source| Error::Lock { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(access)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Running { dir: dir.to_owned(), pid: pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(access(source)),
        }
        file.set_len(0).map_err(access)?;
        file.rewind().map_err(access)?;
        write!(file, "{}", std::process::id()).map_err(access)?;
        Ok(Self { _file: file })
    }
}

/// The process that runs the hub in `dir`; none if nobody does.
pub(crate) fn holder(dir: &Path) -> Option<u32> {
    let mut file = File::open(dir.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => pid(&mut file),
        _ => None,
    }
}

fn pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_directory_has_one_running_hub() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(holder(dir.path()), None);
        let lock = Lock::take(dir.path()).unwrap();
        assert_eq!(holder(dir.path()), Some(std::process::id()));
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(error, Error::Running { pid: Some(_), .. }));
        drop(lock);
        assert_eq!(holder(dir.path()), None);
        assert!(Lock::take(dir.path()).is_ok());
    }
}
