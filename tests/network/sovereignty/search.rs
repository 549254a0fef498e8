//! Looks for every planted string in every form, and for the strings that must leave.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use anyhow::{Context as _, Result};

use super::planted::Plant;
#[cfg(test)]
use {
    super::needle::{self, Kind},
    base64::{Engine as _, engine::general_purpose::STANDARD},
    rand::{SeedableRng as _, rngs::StdRng},
};

/// Hits that a report shows; the rest are counted.
const SHOWN: usize = 40;

/// A search over many places.
pub(super) struct Search {
    plants: Vec<Plant>,
    national: AhoCorasick,
    /// Plant and form of each pattern.
    forms: Vec<(usize, &'static str)>,
    regional: AhoCorasick,
    regional_strings: Vec<String>,
    /// Regional strings by the kind of place in which they are.
    seen: BTreeMap<String, BTreeSet<usize>>,
    /// Places and bytes by kind.
    pub(super) places: BTreeMap<String, (u64, u64)>,
    hits: BTreeSet<String>,
}

impl Search {
    /// A search for what was planted and what must leave.
    pub(super) fn new(plants: Vec<Plant>, regional_strings: Vec<String>) -> Result<Self> {
        let (mut patterns, mut forms) = (Vec::new(), Vec::new());
        for (index, plant) in plants.iter().enumerate() {
            for (form, bytes) in plant.core.forms() {
                patterns.push(bytes);
                forms.push((index, form));
            }
        }
        let national = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&patterns)?;
        let regional = AhoCorasick::new(&regional_strings)?;
        Ok(Self {
            plants,
            national,
            forms,
            regional,
            regional_strings,
            seen: BTreeMap::new(),
            places: BTreeMap::new(),
            hits: BTreeSet::new(),
        })
    }

    /// Looks into one place.
    pub(super) fn look(&mut self, kind: &str, place: &str, bytes: &[u8]) {
        let counts = self.places.entry(kind.to_owned()).or_default();
        counts.0 += 1;
        counts.1 += bytes.len() as u64;
        for found in self.national.find_overlapping_iter(bytes) {
            let (plant, form) = self.forms[found.pattern().as_usize()];
            let plant = &self.plants[plant];
            let around =
                &bytes[found.start().saturating_sub(60)..bytes.len().min(found.end() + 40)];
            // The same line of a log for every record is one hit.
            let hit = format!("{kind} {place}: {} {} as {form}", plant.record, plant.path);
            if self.hits.len() < SHOWN * 10
                && !self.hits.iter().any(|known| known.starts_with(&hit))
            {
                self.hits
                    .insert(format!("{hit}: {}", String::from_utf8_lossy(around).escape_debug()));
            }
        }
        let seen = self.seen.entry(kind.to_owned()).or_default();
        seen.extend(self.regional.find_iter(bytes).map(|hit| hit.pattern().as_usize()));
    }

    /// Looks into every file below a folder but those that `is_own` names by their path in it.
    pub(super) fn files(
        &mut self,
        kind: &str,
        folder: &Path,
        is_own: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        let mut waiting = vec![folder.to_owned()];
        while let Some(path) = waiting.pop() {
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            if is_own(&name) {
                continue;
            }
            if !path.is_dir() {
                self.file(kind, &name, &path)?;
                continue;
            }
            for entry in fs::read_dir(&path).with_context(|| format!("list {}", path.display()))? {
                waiting.push(entry?.path());
            }
        }
        Ok(())
    }

    fn file(&mut self, kind: &str, name: &str, path: &Path) -> Result<()> {
        self.look(kind, name, name.as_bytes());
        match fs::read(path) {
            Ok(bytes) => self.look(kind, name, &bytes),
            // A database put its own file away in between.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("read {name}")),
        }
        Ok(())
    }

    /// The regional strings that were seen in a kind of place.
    pub(super) fn seen(&self, kind: &str) -> BTreeSet<&str> {
        let seen = self.seen.get(kind).into_iter().flatten();
        seen.map(|index| self.regional_strings[*index].as_str()).collect()
    }

    /// Every hit, as text.
    pub(super) fn hits(&self) -> Vec<&str> {
        self.hits.iter().take(SHOWN).map(String::as_str).collect()
    }

    /// Bytes that were searched.
    pub(super) fn bytes(&self) -> u64 {
        self.places.values().map(|(_, bytes)| bytes).sum()
    }
}

// Goal: nothing is missed because it was written in another way. Method: one of
// each kind in each form, in the middle of other bytes.
#[test]
fn every_form_of_every_kind_is_found() {
    let mut random = StdRng::seed_from_u64(7);
    for path in [
        "owner.name",
        "x.contact_email",
        "x.contact_phone_number",
        "price_per_kg_minor",
        "price_currency",
    ] {
        let kind = Kind::of(path);
        let (value, core) = needle::good(kind, &mut random);
        let plant = Plant { record: "a".to_owned(), path: path.to_owned(), core: core.clone() };
        let mut haystacks: Vec<Vec<u8>> = core.forms().into_iter().map(|form| form.1).collect();
        if kind != Kind::Currency {
            haystacks.push(value.to_uppercase().into_bytes());
            for before in ["", "a", "bc", "def"] {
                haystacks.push(STANDARD.encode(format!("{before}{value}, ")).into_bytes());
            }
        }
        for inner in haystacks {
            let mut search = Search::new(vec![plant.clone()], vec!["Region".to_owned()]).unwrap();
            search.look(
                "kind",
                "place",
                &[b"\x00\xff.".as_slice(), &inner, b"\xff\x00 Region"].concat(),
            );
            assert!(!search.hits().is_empty(), "{path} {inner:?}");
            assert_eq!(search.seen("kind").len(), 1);
        }
    }
}
