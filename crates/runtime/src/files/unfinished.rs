//! A file that grows, and gets its name once it is whole and on disk.
//!
//! For what is too large to be held in memory. Dropped before it is finished, it is
//! gone: half a file is of no use to anybody.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::folder;

/// A file without its name.
#[derive(Debug)]
pub struct Unfinished {
    out: BufWriter<File>,
    fresh: PathBuf,
    is_named: bool,
}

impl Unfinished {
    /// Begins it as `fresh`; refuses to go on with one that is there.
    pub fn begin(fresh: &Path) -> io::Result<Self> {
        let out = BufWriter::new(File::create_new(fresh)?);
        Ok(Self { out, fresh: fresh.to_owned(), is_named: false })
    }

    /// Makes it durable, and then visible as `path`, in the same folder.
    pub fn finish(mut self, path: &Path) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.fresh, path)?;
        self.is_named = true;
        File::open(folder(path))?.sync_all()
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_named {
            // What went wrong is said already.
            let _ = fs::remove_file(&self.fresh);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_once_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (fresh, path) = (dir.path().join("a.part"), dir.path().join("a.age"));
        let mut file = Unfinished::begin(&fresh).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(fresh.exists() && !path.exists());
        file.finish(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(!fresh.exists());
    }

    #[test]
    fn half_a_file_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let fresh = dir.path().join("a.part");
        let mut file = Unfinished::begin(&fresh).unwrap();
        file.write_all(b"half").unwrap();
        assert!(Unfinished::begin(&fresh).is_err(), "somebody else is writing it");
        assert!(fresh.exists(), "and keeps it");
        drop(file);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_get_its_name_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir_all(path.join("inside")).unwrap();
        let file = Unfinished::begin(&dir.path().join("a.part")).unwrap();
        assert!(file.finish(&path).is_err());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
    }
}
