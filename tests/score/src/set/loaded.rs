//! The records of a set, checked as a node checks them.
//!
//! Two lines of one key are two revisions of one record: the later one counts, as it would
//! if the state had corrected itself. What is refused is kept with its place and its
//! reason, so that a label about it is not lost in silence.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
};

use anyhow::Result;
use jiff::{civil::Date, tz::TimeZone};
use rmd_standard::{Context, Entity, National, Record, Severity, Valid, icglr};

use super::{
    Line, Set, State, files, lines,
    mend::{Mend, mend},
};
use crate::tell::{self, Often};

/// Times that a record is mended before it is given up.
const ROUNDS_MAX: usize = 12;

/// A record that a node takes.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// Its type.
    pub(crate) entity: Entity,
    /// The document as it is posted.
    pub(crate) text: String,
    /// The record.
    pub(crate) valid: Valid<Record, National>,
    /// 0 for the first line of its key, then 1, 2.
    pub(crate) revision: u64,
}

/// A record that a node refuses.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    /// File and line.
    pub(crate) place: String,
    /// Its type.
    pub(crate) entity: Entity,
    /// Its key, if it could be identified.
    pub(crate) key: Option<String>,
    /// The line.
    pub(crate) text: String,
    /// Why.
    pub(crate) reason: String,
}

/// The records of a state, in the order of types and lines.
#[derive(Debug)]
pub(crate) struct OfState {
    /// The state.
    pub(crate) state: State,
    /// What a node takes.
    pub(crate) taken: Vec<Taken>,
}

/// A set in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The day for which it is made.
    pub(crate) as_of: Date,
    /// Its states with their records.
    pub(crate) states: Vec<OfState>,
    /// What nodes refuse.
    pub(crate) refused: Vec<Refused>,
    /// The file of partner statistics, if there is one.
    pub(crate) partners: Option<PathBuf>,
}

impl Loaded {
    /// Reads all files of a set.
    pub(crate) fn of(set: &Set) -> Result<Self> {
        let mut loaded = Self {
            as_of: set.as_of,
            states: Vec::with_capacity(set.states.len()),
            refused: Vec::new(),
            partners: set.partners(),
        };
        let mut often = Often::default();
        for (state, folder) in &set.states {
            let context = Context {
                country: state.alpha2.to_owned(),
                today: set.as_of,
                zone: TimeZone::fixed(jiff::tz::offset(2)),
            };
            let mut of_state = OfState { state: *state, taken: Vec::new() };
            for (entity, name) in files() {
                let file = OfFile { entity, name: &name, context: &context };
                loaded.refused.extend(file.read(folder, &mut of_state, &mut often)?);
            }
            if of_state.taken.is_empty() {
                tell::note(&format!("{}: no records; it has no data yet", state.alpha3));
            }
            loaded.states.push(of_state);
        }
        often.finish();
        Ok(loaded)
    }
}

/// A file of a state.
struct OfFile<'a> {
    entity: Entity,
    name: &'a str,
    context: &'a Context,
}

impl OfFile<'_> {
    /// Takes its records; gives what is refused.
    fn read(
        &self,
        folder: &Path,
        of_state: &mut OfState,
        often: &mut Often,
    ) -> Result<Vec<Refused>> {
        let (mut known, mut refused) = (BTreeMap::new(), Vec::new());
        let Self { entity, name, context } = self;
        for line in lines(&folder.join(name))? {
            let place = format!("{}/{name}:{}", of_state.state.alpha3, line.number);
            match read(*entity, &line, context, &place, often) {
                Ok((text, valid)) => {
                    let revision = revise(&mut known, &place, &valid, often);
                    let taken =
                        revision.map(|revision| Taken { entity: *entity, text, valid, revision });
                    of_state.taken.extend(taken);
                }
                Err(fault) => {
                    let kind = format!("refused {name} {}", fault.rule);
                    often.note(&kind, &format!("refused: {place} {}", fault.one.reason));
                    refused.push(fault.one);
                }
            }
        }
        Ok(refused)
    }
}

/// Which revision a line is; none if it says again what stands before.
fn revise(
    known: &mut BTreeMap<String, (u64, Vec<u8>)>,
    place: &str,
    valid: &Valid<Record, National>,
    often: &mut Often,
) -> Option<u64> {
    let bytes = valid.record().encode();
    match known.entry(valid.key().to_owned()) {
        Entry::Vacant(free) => {
            free.insert((0, bytes));
            Some(0)
        }
        Entry::Occupied(before) if before.get().1 == bytes => {
            let told = format!("passed over: {place} says again what {} is", valid.key());
            often.note("again", &told);
            None
        }
        Entry::Occupied(mut before) => {
            let revision = before.get().0 + 1;
            before.insert((revision, bytes));
            often.note(
                "revised",
                &format!("{place} is a later revision of {}; the last one counts", valid.key()),
            );
            Some(revision)
        }
    }
}

/// A refused record, and the rule by which the like are told together.
struct Fault {
    one: Refused,
    rule: String,
}

/// Reads a line, mending what is refused for its spelling alone.
fn read(
    entity: Entity,
    line: &Line,
    context: &Context,
    place: &str,
    often: &mut Often,
) -> Result<(String, Valid<Record, National>), Box<Fault>> {
    let text = String::from_utf8_lossy(&line.bytes).into_owned();
    let fault = |key: Option<String>, rule: &str, reason: String| {
        let (place, text) = (place.to_owned(), text.clone());
        let one = Refused { place, entity, key, text, reason };
        Box::new(Fault { one, rule: rule.to_owned() })
    };
    let parsed = icglr::parse(&line.bytes);
    let mut json = parsed.map_err(|finding| fault(None, &finding.rule, finding.en))?;
    let mut mends: Vec<Mend> = Vec::new();
    loop {
        let refusal = match icglr::read(entity, &json, context) {
            Ok(valid) if mends.is_empty() => return Ok((text, valid)),
            Ok(valid) => {
                for mend in mends {
                    let kind = format!("read {entity} {}", mend.path);
                    often.note(&kind, &format!("{place} field {}: {}", mend.path, mend.told));
                }
                return Ok((json.to_string(), valid));
            }
            Err(refusal) => refusal,
        };
        let broken = refusal.findings.iter().filter(|one| one.severity == Severity::Refuse);
        let mended: Vec<Mend> = broken
            .clone()
            .filter_map(|one| mend(&mut json, entity, one, &context.country))
            .collect();
        if mended.is_empty() || mends.len() > ROUNDS_MAX {
            let rules: Vec<&str> = broken.clone().map(|one| one.rule.as_str()).collect();
            let reasons: Vec<&str> = broken.map(|one| one.en.as_str()).collect();
            return Err(fault(refusal.key.clone(), &rules.join(" "), reasons.join(" ")));
        }
        mends.extend(mended);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{direct::Judgement, label, names::Names, why};

    const LOT: &str = r#""creator":{"identifier":"T-1"},"dateRegistration":"2026-05-01","mineral":"2609.00.00","unitOfMeasurement":"KGM""#;

    /// A set of one state whose lots are these lines, with these labels.
    fn set(lots: &[String], labels: &str) -> (tempfile::TempDir, Set) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("as-of"), "2026-10-31\r\n").unwrap();
        fs::write(folder.path().join("labels.jsonl"), labels).unwrap();
        fs::create_dir(folder.path().join("COD")).unwrap();
        let text = format!("\u{feff}{}\r\n", lots.join("\r\n"));
        fs::write(folder.path().join("COD/lots.jsonl"), text).unwrap();
        let set = Set::open(folder.path()).unwrap();
        (folder, set)
    }

    #[test]
    fn a_later_line_of_a_key_is_a_revision_and_the_same_again_is_none() {
        let lot = |mass: &str| format!(r#"{{"lotNumber":17,"massMg":{mass},{LOT}}}"#);
        let lots = [lot("\"1000000\""), lot("1000000"), lot("2000000")];
        let (_folder, set) = set(&lots, "");
        let loaded = Loaded::of(&set).unwrap();
        let of_state = &loaded.states[0];
        let found: Vec<_> =
            of_state.taken.iter().map(|one| (one.valid.key(), one.revision)).collect();
        assert_eq!(found, [("CD/T-1/17", 0), ("CD/T-1/17", 1)]);
        assert!(of_state.taken[0].text.contains(r#""lotNumber":"17""#), "posted as it is meant");
        assert!(loaded.refused.is_empty());
    }

    #[test]
    fn a_label_is_found_in_other_spellings_and_lost_with_a_reason() {
        let lots = [
            format!(r#"{{"lotNumber":"A","massMg":5,{LOT}}}"#),
            format!(r#"{{"lotNumber":"B","massMg":-5,{LOT}}}"#),
        ];
        let label = |key: &str| {
            format!(r#"{{"rule":"R01","severity":3,"country":"COD","entity":"Lot","key":"{key}"}}"#)
        };
        let labels = ["cod/t-1/a", "A", "CD/T-1/B", "CD/T-1/C"].map(label).join("\n");
        let (_folder, set) = set(&lots, &labels);
        let loaded = Loaded::of(&set).unwrap();
        let names = Names::of(&loaded);
        let (labels, unreadable) = label::read(&set, "labels.jsonl", &names).unwrap();
        assert_eq!((labels.len(), unreadable), (4, 0));
        assert!(labels[..2].iter().all(|one| one.keys.contains("CD/T-1/A") && one.is_known));
        let judged = Judgement::default();
        let reasons = labels.iter().map(|one| why::reason(one, &loaded, &judged));
        let reasons: Vec<_> = reasons.collect();
        let causes: Vec<&str> = reasons.iter().map(|one| one.0).collect();
        assert_eq!(causes, ["passed", "passed", "refused", "unknown"]);
        assert!(reasons[2].1.contains("COD/lots.jsonl:2"), "{}", reasons[2].1);
    }
}
