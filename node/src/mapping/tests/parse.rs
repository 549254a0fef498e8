//! What is refused without a database.

use super::super::{Fault, Lag, Mapping, Mode};

const GOOD: &str = r#"
[mapping]
name = "test"
zone = "Africa/Kigali"
[[record]]
entity = "MineSite"
key = "s.code"
rows = 'SELECT s.code AS "_key", s.nom AS "site_name" FROM sites s /* where-keys */'
[[record.child]]
list = "inspection"
key = "v.site"
rows = 'SELECT v.site as  "_key" FROM visites v WHERE v.ok /* and-keys */ -- visits'
[[record.watch]]
table = "sites"
mode = "cursor"
changed_at = "modifie_le"
lag = "2m"
keys = 'SELECT code AS "_key", modifie_le AS "_changed_at" FROM sites /* where-changed */'
[[record.watch]]
table = "visites"
mode = "diff"
[codes.certification_status]
"Vert" = "green"
"#;

fn faults(text: &str) -> Vec<Fault> {
    Mapping::parse("mapping.toml", text).unwrap_err().0
}

/// The one fault of the good mapping with one part replaced.
fn fault(part: &str, by: &str) -> Fault {
    assert!(GOOD.contains(part), "{part}");
    let mut faults = faults(&GOOD.replace(part, by));
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = faults.remove(0);
    assert!(!fault.en.is_empty() && !fault.fr.is_empty() && fault.en != fault.fr);
    assert_eq!(fault.file, "mapping.toml");
    fault
}

#[test]
fn a_good_mapping_is_understood() {
    let mapping = Mapping::parse("mapping.toml", GOOD).unwrap();
    assert_eq!(mapping.zone.iana_name(), Some("Africa/Kigali"));
    let record = &mapping.records[0];
    assert_eq!(record.children[0].list, "inspection");
    assert_eq!(record.diff_table(), Some("visites"));
    let Mode::Cursor(cursor) = &record.watches[0].mode else { panic!("a cursor") };
    assert_eq!(cursor.lag, Some(Lag::Time(std::time::Duration::from_mins(2))));
}

#[test]
fn the_id_is_of_the_bytes_of_the_file() {
    // printf 'abc' | sha256sum begins so.
    assert_eq!(super::super::mapping_id("abc"), "ba7816bf8f01cfea");
    let id = Mapping::parse("a", GOOD).unwrap().id;
    assert_ne!(id, Mapping::parse("a", &format!("{GOOD}\n")).unwrap().id);
}

#[test]
fn a_line_that_is_no_toml_is_named() {
    let fault = fault("zone =", "zone");
    assert_eq!(fault.key, "line 4");
}

#[test]
fn an_unknown_key_names_its_record() {
    let fault = fault("lag = \"2m\"", "lagg = \"2m\"");
    assert_eq!((fault.record.as_str(), fault.key.as_str()), ("MineSite watch sites", "watch"));
    assert!(fault.en.contains("lagg"));
}

#[test]
fn an_unknown_record_type_suggests_the_nearest() {
    let fault = fault("\"MineSite\"", "\"MinSite\"");
    assert!(fault.en.contains("did you mean MineSite?"), "{}", fault.en);
}

#[test]
fn an_unknown_list_names_those_that_exist() {
    let fault = fault("\"inspection\"", "\"visit\"");
    assert_eq!(fault.record, "MineSite visit");
    assert!(fault.en.contains("inspection") && fault.en.contains("license"));
}

#[test]
fn a_query_without_a_place_for_the_condition_is_refused() {
    let fault = fault("FROM sites s /* where-keys */", "FROM sites s");
    assert!(fault.en.contains("/* where-keys */"));
}

#[test]
fn a_key_that_is_not_what_the_alias_shows_is_refused() {
    let shown = fault("s.code AS \"_key\"", "UPPER(s.code) AS \"_key\"");
    assert_eq!(shown.key, "rows");
    let other = fault("s.code AS \"_key\"", "cas.code AS \"_key\"");
    assert_eq!(other.key, "rows");
    let expression = fault("key = \"s.code\"", "key = \"s.code || 1\"");
    assert_eq!(expression.key, "key");
}

#[test]
fn a_cursor_without_its_column_and_a_diff_with_one_are_refused() {
    assert!(fault("changed_at = \"modifie_le\"\n", "").en.contains("changed_at"));
    let diff = fault("mode = \"diff\"", "mode = \"diff\"\nchanged_at = \"x\"");
    assert_eq!(diff.record, "MineSite watch visites");
    assert!(fault("/* where-changed */", "").en.contains("where-changed"));
}

/// A watch by triggers in the place of the one by diff.
fn noted(lines: &str) -> String {
    format!("mode = \"triggers\"\n{lines}")
}

#[test]
fn a_watch_by_triggers_notes_a_column_or_looks_it_up() {
    let watch = |lines: &str| {
        let text = GOOD.replace("mode = \"diff\"", &noted(lines));
        let mapping = Mapping::parse("mapping.toml", &text).unwrap();
        let Mode::Triggers(noted) = mapping.records[0].watches[1].mode.clone() else {
            panic!("triggers")
        };
        noted
    };
    let plain = watch("key = \"site\"");
    assert_eq!((plain.key.as_str(), plain.lookup.is_none()), ("site", true));
    let looked_up = watch(
        "key = \"\\\"No\\\"\"\nnoted = \"s.visite\"\nkeys = 'SELECT s.code AS \"_key\", \
         s.visite AS \"_noted\" FROM sites s /* where-keys */'",
    );
    assert_eq!(looked_up.lookup.unwrap().noted, "s.visite");
}

#[test]
fn a_watch_by_triggers_that_cannot_be_noted_is_refused() {
    let diff = "mode = \"diff\"";
    assert!(fault(diff, &noted("")).en.contains("watched by mode diff"), "no column");
    for key in ["v.site", "lower(site)", ""] {
        assert_eq!(fault(diff, &noted(&format!("key = \"{key}\""))).key, "key");
    }
    let table = "table = \"visites\"\nmode = \"diff\"";
    let joined = "table = \"visites v, sites s\"\nmode = \"triggers\"\nkey = \"site\"";
    assert_eq!(fault(table, joined).key, "key");
    assert_eq!(fault(diff, &noted("key = \"id\"\nnoted = \"s.visite\"")).key, "keys");
    let unmarked = "key = \"id\"\nnoted = \"s.v\"\nkeys = 'SELECT 1 AS \"_key\", 2 AS \"_noted\"'";
    assert_eq!(fault(diff, &noted(unmarked)).key, "keys");
    assert_eq!(fault(diff, &noted("key = \"site\"\nlag = \"1m\"")).key, "mode");
    assert_eq!(fault(diff, "mode = \"diff\"\nkey = \"site\"").key, "mode");
}

#[test]
fn a_code_that_is_in_no_list_names_list_word_and_what_is_allowed() {
    let fault = fault("\"Vert\" = \"green\"", "\"Vert\" = \"verdant\"");
    assert_eq!(fault.key, "codes.certification_status.\"Vert\"");
    assert!(fault.en.contains("verdant") && fault.en.contains("green"), "{}", fault.en);
}

#[test]
fn a_record_type_that_stands_twice_is_refused() {
    let (_, record) = GOOD.split_once("[[record]]").unwrap();
    let (record, _) = record.split_once("[codes").unwrap();
    let faults = faults(&format!("{GOOD}\n[[record]]{record}"));
    assert!(faults[0].en.contains("twice"), "{faults:?}");
}

#[test]
fn all_faults_are_told_at_once() {
    let text = GOOD
        .replace("Africa/Kigali", "Africa/Kigaly")
        .replace("\"inspection\"", "\"visit\"")
        .replace("\"Vert\" = \"green\"", "\"Vert\" = \"verdant\"\n\"Bleu\" = \"azure\"")
        .replace("/* where-changed */", "");
    let faults = faults(&text);
    let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "mapping.zone",
            "codes.certification_status.\"Bleu\"",
            "codes.certification_status.\"Vert\"",
            "list",
            "keys",
        ]
    );
}

#[test]
fn a_mapping_without_records_or_watches_is_refused() {
    let (head, _) = GOOD.split_once("[[record]]").unwrap();
    assert_eq!(faults(head)[0].key, "record");
    let (unwatched, _) = GOOD.split_once("[[record.watch]]").unwrap();
    assert_eq!(faults(unwatched)[0].key, "watch");
}

#[test]
fn a_file_that_is_missing_or_not_utf_8_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mapping.toml");
    assert!(Mapping::load(&file).unwrap_err().0[0].en.contains("cannot be read"));
    std::fs::write(&file, b"# caf\xe9").unwrap();
    assert!(Mapping::load(&file).unwrap_err().0[0].en.contains("UTF-8"));
    std::fs::write(&file, GOOD).unwrap();
    assert_eq!(Mapping::load(&file).unwrap().file, "mapping.toml");
}
