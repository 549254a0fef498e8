//! What is in a set, whatever is drawn.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// Every rule with the weights that its findings have. Of R26, information is about records
/// that a node refuses, which no set can hold.
const WEIGHTS: [(&str, &[u8]); 28] = [
    ("R01", &[3]),
    ("R02", &[2, 3]),
    ("R03", &[1, 3]),
    ("R04", &[2, 3]),
    ("R05", &[3]),
    ("R06", &[3]),
    ("R07", &[3]),
    ("R08", &[3]),
    ("R09", &[3]),
    ("R10", &[2, 3]),
    ("R11", &[2, 3]),
    ("R12", &[3]),
    ("R13", &[2, 3]),
    ("R14", &[2, 3]),
    ("R15", &[3]),
    ("R16", &[2, 3]),
    ("R17", &[2, 3]),
    ("R18", &[3]),
    ("R19", &[2, 3]),
    ("R20", &[2, 3]),
    ("R21", &[2, 3]),
    ("R22", &[2, 3]),
    ("R23", &[1, 2]),
    ("R24", &[1, 2, 3]),
    ("R25", &[1, 2, 3]),
    ("R26", &[2, 3]),
    ("R27", &[1, 2, 3]),
    ("R28", &[1, 3]),
];

/// Rules and weights in a file of labels.
fn told(file: &Path) -> BTreeSet<(String, u8)> {
    let text = fs::read_to_string(file).unwrap();
    let one = |line: &str| {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        let weight = label["severity"].as_u64().unwrap();
        (label["rule"].as_str().unwrap().to_owned(), u8::try_from(weight).unwrap())
    };
    text.lines().map(one).collect()
}

#[test]
fn every_rule_has_frauds_and_near_misses_of_every_weight() {
    let folder = tempfile::tempdir().unwrap();
    let wanted: BTreeSet<(String, u8)> = WEIGHTS
        .iter()
        .flat_map(|(rule, weights)| weights.iter().map(|weight| ((*rule).to_owned(), *weight)))
        .collect();
    for as_of in ["2026-11-20", "2026-03-10"] {
        let out = folder.path().join(as_of);
        let options = Generate {
            out: out.clone(),
            seed: 3,
            lots: 1_200,
            frauds: Frauds::All,
            as_of: as_of.parse().unwrap(),
            ipis: None,
            states: Vec::new(),
        };
        generate(&options).unwrap();
        for file in ["labels.jsonl", "near-misses.jsonl"] {
            let found = told(&out.join(file));
            assert_eq!(found, wanted, "{as_of} {file}");
        }
    }
}
