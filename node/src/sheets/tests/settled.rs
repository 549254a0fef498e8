//! Refused rows of sheets, as the hub and a person count them.

use rmd_standard::Entity;

use super::support::{Drop, csv, lot};
use crate::sheets::ledger;

#[tokio::test]
async fn refused_rows_are_counted_by_rule_until_a_corrected_copy_comes() {
    let drop = Drop::live().await;
    let rows = [
        lot(&[]),
        lot(&[("lot_number", "L-2"), ("mass", "many"), ("mineral", "dust")]),
        lot(&[("lot_number", "L-3"), ("mineral", "dust")]),
    ];
    let report = drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    assert_eq!((report.refused, report.refused_by_rule[""]), (2, 2));
    let counts = drop.counts(Entity::Lot).await;
    assert_eq!(counts.refused, 2);
    assert_eq!(counts.refused_by_rule["MD12-MINERAL-LIST"], 2);
    assert_eq!(drop.counts(Entity::MineSite).await.refused, 0);
    // The copy as it is: the same rows are refused, and counted once.
    let copy = drop.returned(&report.returned.unwrap());
    let again = drop.taken(&copy).await;
    assert_eq!(drop.counts(Entity::Lot).await.refused, 2);
    let settled = ledger::settle(drop.journal().store(), &again.sha256[..16]).await.unwrap();
    assert_eq!(settled, 1);
    let counts = drop.counts(Entity::Lot).await;
    assert_eq!((counts.refused, counts.refused_by_rule.len()), (0, 0));
    let status = ledger::counts(drop.journal().store()).await.unwrap();
    assert_eq!(status.refused_waiting, 0);
}

#[tokio::test]
async fn a_hash_that_is_none_settles_nothing() {
    let drop = Drop::live().await;
    let bad = csv(&[lot(&[("mineral", "dust")])], ';');
    let report = drop.text("lots.csv", bad.as_bytes()).await;
    for hash in ["", "%", &report.sha256[..15], "gggggggggggggggg"] {
        assert_eq!(ledger::settle(drop.journal().store(), hash).await.unwrap(), 0, "{hash}");
    }
    assert_eq!(drop.counts(Entity::Lot).await.refused, 1);
}

#[tokio::test]
async fn a_file_that_failed_before_counts_as_taken_once() {
    let drop = Drop::live().await;
    let bad = csv(&[lot(&[("mineral", "dust")])], ';');
    std::fs::write(drop.context.folder.inbox().join("lots.xlsx"), &bad).unwrap();
    drop.turn().await;
    assert_eq!(drop.counts(Entity::Lot).await.refused, 0);
    std::fs::write(drop.context.folder.inbox().join("lots.csv"), &bad).unwrap();
    drop.turn().await;
    assert_eq!(drop.counts(Entity::Lot).await.refused, 1);
    assert_eq!(drop.ledger().await.len(), 1);
}
