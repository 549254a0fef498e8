//! Rows of sheets that somebody lets go.

use rmd_standard::{CodeLists, Draft, Entity};

use super::support::{Drop, Values, csv, lot};
use crate::{
    journal::{Batch, Fate, Item, Mode, entitlement::Level},
    sheets::{Error, forget},
};

const KEY: &str = "CD/TR-7/L-1";

/// The same lot as the database has it.
fn mapped(drop: &Drop, mass: &str) -> Batch {
    let mut draft = Draft::new(Entity::Lot);
    let values: Values<'_> = &[
        ("mass", mass),
        ("date_registration", "2018-01-15"),
        ("concentration", "61.25"),
        ("unit_of_measurement", "KGM"),
        ("creator_role", "trader"),
        ("originating_operation", "purchase"),
    ];
    for (alias, value) in lot(values) {
        let column = rmd_standard::column(Entity::Lot, None, alias).unwrap();
        draft.set(column, &rmd_standard::Cell::Text(value.to_owned()), &CodeLists::default());
    }
    let outcome = draft.finish(&drop.context.bench().context);
    let item = Item::Present { source_key: "17".to_owned(), outcome, annulled: None };
    let mapping_id = "0011223344556677".to_owned();
    Batch { entity: Entity::Lot, mode: Mode::Mapped, mapping_id, items: vec![item], mark: None }
}

#[tokio::test]
async fn a_record_that_is_let_go_is_withdrawn_and_stays_so() {
    let drop = Drop::live().await;
    let rows = [lot(&[]), lot(&[("lot_number", "L-2")])];
    drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    let (entity, applied) = forget(drop.journal(), None, KEY).await.unwrap();
    assert_eq!((entity, applied.tombstones), (Entity::Lot, 1));
    // The file that had it is read again, and does not bring it back.
    drop.set(&[Entity::Lot], Level::Off).await;
    drop.set(&[Entity::Lot], Level::Live).await;
    drop.turn().await;
    let published = drop.test.published().await;
    assert_eq!(published.into_keys().collect::<Vec<_>>(), ["CD/TR-7/L-2"]);
    // A later file may.
    drop.text("anew.csv", csv(&[lot(&[("mass", "7")])], ';').as_bytes()).await;
    assert_eq!(drop.counts(Entity::Lot).await.published, 2);
}

#[tokio::test]
async fn a_row_of_the_database_takes_a_record_that_a_sheet_lets_go() {
    let drop = Drop::live().await;
    drop.text("lots.csv", csv(&[lot(&[])], ';').as_bytes()).await;
    let applied = drop.journal().apply(mapped(&drop, "12")).await.unwrap();
    assert!(
        matches!(&applied.fates[0], Fate::Refused(found) if found[0].rule == "KEY-CLASH"),
        "{:?}",
        applied.fates
    );
    // It waited, so that followers see a revision and no gap.
    let (_, applied) = forget(drop.journal(), Some(Entity::Lot), KEY).await.unwrap();
    assert_eq!((applied.appended, applied.tombstones), (1, 0));
    let applied = drop.journal().apply(mapped(&drop, "12")).await.unwrap();
    assert_eq!((applied.unchanged, &applied.fates[..]), (1, &[Fate::Published][..]));
    let counts = drop.counts(Entity::Lot).await;
    assert_eq!((counts.published, counts.refused), (1, 0));
}

#[tokio::test]
async fn a_key_that_no_sheet_gave_is_refused_and_nothing_happens() {
    let drop = Drop::live().await;
    drop.journal().apply(mapped(&drop, "12")).await.unwrap();
    for key in [KEY, "17", "sheet:17", ""] {
        let error = forget(drop.journal(), None, key).await.unwrap_err();
        assert!(matches!(error, Error::NoRow { .. }), "{key}: {error}");
    }
    let error = forget(drop.journal(), Some(Entity::MineSite), KEY).await.unwrap_err();
    assert!(error.to_string().contains(KEY), "{error}");
    assert_eq!(drop.counts(Entity::Lot).await.published, 1);
}

#[tokio::test]
async fn what_was_let_go_twice_is_told_once() {
    let drop = Drop::live().await;
    let rows = [lot(&[]), lot(&[("lot_number", "L-2")])];
    drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    forget(drop.journal(), None, KEY).await.unwrap();
    assert!(matches!(forget(drop.journal(), None, KEY).await, Err(Error::NoRow { .. })));
    assert_eq!(drop.test.entries().await.len(), 3);
}

#[tokio::test]
async fn the_last_record_of_a_type_that_is_let_go_waits_in_the_brake() {
    let drop = Drop::live().await;
    drop.text("lots.csv", csv(&[lot(&[])], ';').as_bytes()).await;
    let (_, applied) = forget(drop.journal(), None, KEY).await.unwrap();
    assert_eq!((applied.held, applied.appended), (1, 0));
    assert_eq!(drop.counts(Entity::Lot).await.held, 1);
}
