//! The drop folder over time: again, after a promotion, beside other modes.

use std::fs;

use rmd_standard::Entity;

use super::support::{Drop, csv, lot};
use crate::{
    journal::{Mode, entitlement::Level},
    sheets::Outcome,
};

fn drop_file(drop: &Drop, name: &str, text: &str) {
    fs::write(drop.context.folder.inbox().join(name), text).unwrap();
}

fn names(path: std::path::PathBuf) -> Vec<String> {
    let files = fs::read_dir(path).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_and_says_so() {
    let drop = Drop::live().await;
    let text = csv(&[lot(&[])], ';');
    drop_file(&drop, "lots.csv", &text);
    drop.turn().await;
    assert_eq!(names(drop.context.folder.done()), ["lots.csv"]);
    assert!(names(drop.context.folder.inbox()).is_empty());
    drop_file(&drop, "lots-again.csv", &text);
    drop.turn().await;
    assert!(names(drop.context.folder.inbox()).is_empty());
    assert_eq!(drop.ledger().await.len(), 1);
    let path = drop.path("third.csv");
    fs::write(&path, &text).unwrap();
    assert!(
        matches!(drop.import(&path).await.unwrap(), Outcome::Known(known) if known.name == "lots.csv")
    );
    assert_eq!(drop.test.entries().await.len(), 1);
}

#[tokio::test]
async fn a_corrected_file_updates_and_a_missing_row_is_no_deletion() {
    let drop = Drop::live().await;
    let both = csv(&[lot(&[]), lot(&[("lot_number", "L-2")])], ';');
    drop_file(&drop, "january.csv", &both);
    drop.turn().await;
    drop_file(&drop, "correction.csv", &csv(&[lot(&[("mass", "951")])], ';'));
    drop.turn().await;
    assert_eq!(drop.counts(Entity::Lot).await.published, 2);
    let entries = drop.test.entries().await;
    assert_eq!(entries.len(), 3);
    assert_eq!((entries[2].header.key.as_str(), entries[2].header.rev), ("CD/TR-7/L-1", 2));
    let void =
        lot(&[("mass", "951"), ("_annulled_on", "20/01/2018"), ("_annulled_reason", "error")]);
    drop_file(&drop, "void.csv", &csv(&[void], ';'));
    drop.turn().await;
    assert_eq!(drop.test.entries().await.len(), 4);
}

#[tokio::test]
async fn a_promotion_publishes_the_newest_state_of_each_record_once() {
    let drop = Drop::new().await;
    let rows = [lot(&[]), lot(&[("lot_number", "L-2")])];
    drop_file(&drop, "1.csv", &csv(&rows, ';'));
    drop.turn().await;
    drop_file(&drop, "2.csv", &csv(&[lot(&[("mass", "951")])], ';'));
    drop.turn().await;
    assert_eq!(drop.test.entries().await.len(), 0, "transactions are off by default");
    drop.set(&[Entity::Lot], Level::Live).await;
    drop.turn().await;
    let entries = drop.test.entries().await;
    assert_eq!(entries.len(), 2, "each record once, the newest state");
    assert!(entries.iter().all(|entry| entry.header.rev == 1));
    drop.turn().await;
    assert_eq!(drop.test.entries().await.len(), 2);
    // The newest state it was: the same row again changes nothing.
    drop_file(&drop, "3.csv", &csv(&[lot(&[("mass", "951"), ("purchase_number", "")])], ';'));
    drop.turn().await;
    assert_eq!(drop.test.entries().await.len(), 2);
}

#[tokio::test]
async fn rows_of_sheets_are_no_rows_of_the_mapped_database() {
    let drop = Drop::live().await;
    drop_file(&drop, "lots.csv", &csv(&[lot(&[])], ';'));
    drop.turn().await;
    let journal = drop.journal();
    // What a scan of the database asks for when it looks for rows that are gone.
    let mapped = journal.rows_after(Entity::Lot, Mode::Mapped, i64::MIN, 10).await.unwrap();
    assert!(mapped.is_empty());
    let sheet = journal.rows_after(Entity::Lot, Mode::Sheet, i64::MIN, 10).await.unwrap();
    assert_eq!(sheet.into_iter().map(|row| row.1).collect::<Vec<_>>(), ["CD/TR-7/L-1"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_set_aside_with_the_reason_and_stops_nothing() {
    let drop = Drop::live().await;
    drop_file(&drop, "a.xlsx", "country;lot_number\n");
    drop_file(&drop, "b.xlsx", "PK\u{3}\u{4} and then nothing of an archive");
    drop_file(&drop, "c.xlsm", "PK\u{3}\u{4}");
    drop_file(&drop, "d.ods", "PK\u{3}\u{4}");
    fs::write(drop.context.folder.inbox().join("e.xlsx"), [0xd0, 0xcf, 0x11, 0xe0, 0, 0]).unwrap();
    drop_file(&drop, "f.csv", &csv(&[lot(&[])], ';'));
    drop.turn().await;
    assert_eq!(names(drop.context.folder.done()), ["f.csv"]);
    let failed = drop.context.folder.failed();
    assert_eq!(names(failed.clone()).len(), 10, "{:?}", names(failed.clone()));
    for (name, word) in [
        ("a.xlsx", "rename"),
        ("b.xlsx", "damaged"),
        ("c.xlsm", "macros"),
        ("d.ods", ".ods"),
        ("e.xlsx", "password"),
    ] {
        let reason = fs::read_to_string(failed.join(format!("{name}.txt"))).unwrap();
        assert!(reason.contains(word) && reason.contains(" / "), "{name} {reason}");
    }
    assert_eq!(drop.counts(Entity::Lot).await.published, 1);
}

#[tokio::test]
async fn a_file_that_still_grows_waits() {
    let drop = Drop::live().await;
    let mut sizes = crate::sheets::folder::Sizes::new();
    drop_file(&drop, "lots.csv", "country;lot_number;mass\n");
    assert!(drop.context.folder.ready(&mut sizes).unwrap().is_empty());
    drop_file(&drop, "lots.csv", &csv(&[lot(&[])], ';'));
    drop_file(&drop, "~$lots.xlsx", "lock of an editor");
    assert!(drop.context.folder.ready(&mut sizes).unwrap().is_empty());
    assert_eq!(drop.context.folder.ready(&mut sizes).unwrap().len(), 1);
}
