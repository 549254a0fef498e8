//! What is generated and kept in the repository: the lists of rules and the JSON
//! Schemas in `docs/`, out of the tables of the standard and of the rules between states.
//!
//! Compared with what the code makes now; with `--write-generated` written anew.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::{house::House, log::Log};

/// Where the generated files are kept, and which those are.
const KEPT: &str = "docs";
const FILES: [&str; 2] = ["RULES.md", "RULES-BETWEEN-STATES.md"];
const FOLDER: &str = "schema";

const REMEDY: &str = "cargo verify -- --only generated --write-generated";

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let fresh = house.target.join("verify/generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("empty {}", fresh.display()))?;
    }
    for (package, example) in [("rmd-standard", "generated"), ("rmd-reconcile", "between_states")] {
        let run = ["run", "--quiet", "--locked", "-p", package, "--example", example, "--"];
        log.run(house.cargo(run).arg(&fresh))?;
    }
    let made = files(&fresh)?;
    let docs = house.root.join(KEPT);
    if house.write_generated {
        write(&docs, &made)?;
        return Ok(format!("wrote {} files", made.len()));
    }
    let kept = files(&docs)?;
    let differing = differing(&made, &kept);
    for path in &differing {
        log.line(format!("differs: {}", Path::new(KEPT).join(path).display()))?;
    }
    ensure!(
        differing.is_empty(),
        "{} generated files differ; write them anew: {REMEDY}",
        differing.len()
    );
    Ok(format!("{} files", made.len()))
}

/// The generated files of a folder with their bytes; what else is in it stays out.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut paths: Vec<PathBuf> = FILES.map(PathBuf::from).to_vec();
    let schemas = folder.join(FOLDER);
    if schemas.is_dir() {
        let entries =
            fs::read_dir(&schemas).with_context(|| format!("list {}", schemas.display()))?;
        for entry in entries {
            paths.push(Path::new(FOLDER).join(entry?.file_name()));
        }
    }
    let mut files = BTreeMap::new();
    for path in paths {
        let whole = folder.join(&path);
        if whole.is_file() {
            let bytes = fs::read(&whole).with_context(|| format!("read {}", whole.display()))?;
            files.insert(path, bytes);
        }
    }
    Ok(files)
}

/// The files that are in one alone, or not the same in both.
fn differing<'f>(
    made: &'f BTreeMap<PathBuf, Vec<u8>>,
    kept: &'f BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<&'f Path> {
    let mut paths: Vec<&Path> = made.keys().chain(kept.keys()).map(PathBuf::as_path).collect();
    paths.retain(|path| made.get(*path) != kept.get(*path));
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Writes the files, and removes those that are made no more.
fn write(folder: &Path, made: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    fs::create_dir_all(folder.join(FOLDER)).context("make the folder of the schemas")?;
    for path in files(folder)?.keys().filter(|path| !made.contains_key(*path)) {
        fs::remove_file(folder.join(path)).with_context(|| format!("remove {}", path.display()))?;
    }
    for (path, bytes) in made {
        let whole = folder.join(path);
        fs::write(&whole, bytes).with_context(|| format!("write {}", whole.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_file_that_changed_or_is_in_one_place_alone_differs() {
        let made = set(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let kept = set(&[("a", "1"), ("b", "0"), ("d", "4")]);
        assert_eq!(differing(&made, &kept), [Path::new("b"), Path::new("c"), Path::new("d")]);
        assert!(differing(&made, &made).is_empty());
    }

    #[test]
    fn the_remedy_is_a_command_that_exists() {
        use clap::Parser as _;
        let words = REMEDY.split(' ').skip(3);
        let cli = crate::cli::Cli::try_parse_from(std::iter::once("verify").chain(words)).unwrap();
        assert!(cli.write_generated);
        assert_eq!(cli.parts().collect::<Vec<_>>(), [super::super::Part::Generated]);
    }
}
