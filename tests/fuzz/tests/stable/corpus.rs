//! Inputs that are kept: one file each, in `corpus/TARGET`.
//!
//! `seed-…` were written by the network's own writers and have to be taken for ever:
//! what a ministry wrote once can still be read. `found-…` broke a reader once and may
//! be taken or refused. `RMD_FUZZ_WRITE=1` writes the seeds of a target that has none.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    sync::PoisonError,
};

use rmd_fuzz::{Answer, TARGETS, seeds};

use crate::hunt::ALONE;

/// All inputs together; a corpus is for reading, not for storing.
const BYTES_MAX: u64 = 100_000;

/// The inputs that are kept for one target, in the order of their names.
pub(crate) fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join(target))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (named(path), fs::read(path).unwrap())).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_was_written_once_is_still_taken() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for target in TARGETS {
        if kept(target.name).is_empty() && env::var_os("RMD_FUZZ_WRITE").is_some() {
            let folder = folder().join(target.name);
            fs::create_dir_all(&folder).unwrap();
            for (number, seed) in seeds::of(target.name).iter().enumerate() {
                fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
            }
        }
        let kept = kept(target.name);
        assert!(!kept.is_empty(), "no input is kept for {}", target.name);
        for (name, bytes) in kept.iter().filter(|(name, _)| name.starts_with("seed-")) {
            assert_eq!((target.run)(bytes), Answer::Taken, "{}/{name}", target.name);
        }
    }
}

#[test]
fn the_corpus_stays_small_and_belongs_to_the_targets() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&folder()), targets);
    let bytes: usize =
        TARGETS.iter().flat_map(|target| kept(target.name)).map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes as u64 <= BYTES_MAX, "{bytes} bytes are kept");
}

#[test]
fn both_fuzzers_know_the_same_targets() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cargo-fuzz");
    assert_eq!(names(&folder.join("fuzz_targets")), targets);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} has no [[bin]]");
    }
}
