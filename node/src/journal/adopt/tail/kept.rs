//! The file in which a dropped tail is kept.
//!
//! Frames as they would have been sent, each behind its length as protobuf writes it,
//! for the owner alone. It gets its name once it is whole and on disk; a tail of the
//! same seqs that was dropped before stays beside it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use prost::Message as _;
use rmd_feed::{Block, frame};
use sha2::{Digest as _, Sha256};

use crate::journal::Error;

/// A file that is being written.
pub(super) struct Kept<'a> {
    folder: &'a Path,
    feed: &'a str,
    epoch: u32,
    stem: String,
    fresh: PathBuf,
    out: BufWriter<File>,
    digest: Sha256,
}

impl<'a> Kept<'a> {
    /// Begins the file of a tail.
    pub(super) fn begin(
        folder: &'a Path,
        (feed, epoch): (&'a str, u32),
        (first, last): (u64, u64),
    ) -> Result<Self, Error> {
        let stem = format!("{feed}-{epoch}-{first}-{last}");
        let fresh = folder.join(format!("{stem}.part"));
        let begun = fs::create_dir_all(folder).and_then(|()| {
            // Half a file of a run that was cut short is of no use.
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)
        });
        let failed = |source| Error::Tail { path: fresh.clone(), source };
        let out = BufWriter::new(begun.map_err(failed)?);
        Ok(Self { folder, feed, epoch, stem, fresh, out, digest: Sha256::new() })
    }

    /// Adds blocks, in their order.
    pub(super) fn write(&mut self, blocks: &[Block]) -> Result<(), Error> {
        for block in blocks {
            let after = block.first_seq - 1;
            let frame = frame::build(self.feed, self.epoch, std::slice::from_ref(block), after)?;
            let bytes = frame.encode_length_delimited_to_vec();
            self.digest.update(&bytes);
            self.out.write_all(&bytes).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Gives the file its name, durably. One that is there with the same bytes was left
    /// by a run that was cut short after it.
    pub(super) fn finish(mut self) -> Result<PathBuf, Error> {
        let synced = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        synced.map_err(|source| self.failed(source))?;
        let digest = std::mem::take(&mut self.digest).finalize();
        let named = |copy: u32| match copy {
            0 => self.folder.join(format!("{}.frames", self.stem)),
            _ => self.folder.join(format!("{}.{copy}.frames", self.stem)),
        };
        let mut copy = 0;
        let path = loop {
            let path = named(copy);
            if !path.exists() || digest_of(&path).is_ok_and(|kept| kept == digest[..]) {
                break path;
            }
            copy += 1;
        };
        let placed =
            fs::rename(&self.fresh, &path).and_then(|()| File::open(self.folder)?.sync_all());
        placed.map_err(|source| self.failed(source))?;
        Ok(path)
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Tail { path: self.fresh.clone(), source }
    }
}

fn digest_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut digest = Sha256::new();
    io::copy(&mut BufReader::new(File::open(path)?), &mut digest)?;
    Ok(digest.finalize().to_vec())
}
