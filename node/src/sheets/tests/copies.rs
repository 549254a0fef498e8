//! Refused rows come back annotated, and are taken once they are corrected.

use rmd_standard::Entity;

use super::support::{Drop, cells, csv, lot, part};
use crate::sheets::ledger;

#[tokio::test]
async fn a_refused_row_comes_back_annotated_and_is_taken_once_corrected() {
    let drop = Drop::live().await;
    let rows = [
        lot(&[("lot_number", "L-1")]),
        lot(&[("lot_number", "L-2"), ("mass", "beaucoup"), ("unit_of_measurement", "pood")]),
    ];
    let report = drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    assert_eq!((report.rows, report.accepted, report.refused), (2, 1, 1));
    let waiting = ledger::counts(drop.journal().store()).await.unwrap();
    assert_eq!((waiting.files, waiting.refused_waiting), (1, 1));
    let copy = drop.returned(report.returned.as_deref().unwrap());
    let found = cells(&copy, 0);
    let head = &found[0];
    let at = |name: &str| head.iter().position(|cell| cell.starts_with(name)).unwrap();
    let result = at("Result of the check@");
    assert_eq!(found[1][result], "accepted");
    assert_eq!(found[2][result], "refused");
    assert_eq!(found[2][at("mass")], "beaucoup");
    for word in ["MD12-MASS", "beaucoup", "pood"] {
        assert!(found[2][result + 1].contains(word), "{:?}", found[2]);
    }
    // Cell by cell: one note on the mass, one on its unit.
    let notes = part(&copy, "xl/comments1.xml");
    let cell = |name: &str| {
        let letter =
            rust_xlsxwriter::utility::column_number_to_name(u16::try_from(at(name)).unwrap());
        format!("ref=\"{letter}3\"")
    };
    assert!(
        notes.contains(&cell("mass")) && notes.contains(&cell("unit_of_measurement")),
        "{notes}"
    );
    assert_eq!(notes.matches("<comment ").count(), 2, "{notes}");
    // Corrected in its place and dropped as it is.
    let mut corrected = found.clone();
    corrected[2][at("mass")] = "1200".to_owned();
    corrected[2][at("unit_of_measurement")] = "kg".to_owned();
    let path = drop.path("lots-corrected.xlsx");
    let lines: Vec<Vec<&str>> =
        corrected.iter().map(|line| line.iter().map(String::as_str).collect()).collect();
    super::support::workbook(&path, "data", &lines);
    let report = drop.taken(&path).await;
    assert_eq!((report.accepted, report.refused, report.appended), (2, 0, 1), "{report:?}");
    assert!(report.unknown_columns.is_empty(), "{report:?}");
    let waiting = ledger::counts(drop.journal().store()).await.unwrap();
    assert_eq!((waiting.files, waiting.refused_waiting), (2, 0));
    assert_eq!(drop.counts(Entity::Lot).await.published, 2);
}

#[tokio::test]
async fn a_copy_speaks_the_language_of_its_file() {
    let drop = Drop::live().await;
    let text = "Pays;Numéro du lot;Créateur – Identifiant;Minerai;Masse;Unité\nCD;L-1;TR-7;diamant;12;kg\n";
    let report = drop.text("lots.csv", text.as_bytes()).await;
    assert_eq!((report.language, report.refused), ("fr", 1));
    let found = cells(&drop.returned(report.returned.as_deref().unwrap()), 0);
    assert!(found[0].iter().any(|cell| cell.starts_with("Résultat du contrôle@")), "{found:?}");
    assert_eq!(found[1][6], "refusée");
    assert!(found[1][7].contains("diamant") && found[1][7].contains("règle"), "{found:?}");
}

#[tokio::test]
async fn two_rows_of_one_key_are_both_refused_and_named() {
    let drop = Drop::live().await;
    let rows = [lot(&[]), lot(&[("lot_number", "L-2")]), lot(&[("mass", "7")])];
    let report = drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    assert_eq!((report.rows, report.accepted, report.refused), (3, 1, 2));
    let found = cells(&drop.returned(report.returned.as_deref().unwrap()), 0);
    for line in [1, 3] {
        let last = found[line].last().unwrap();
        assert!(last.contains("rows 2, 4") && last.contains("CD/TR-7/L-1"), "{last}");
    }
}

#[tokio::test]
async fn a_fault_in_a_list_is_noted_on_the_sheet_of_the_list() {
    let drop = Drop::live().await;
    let path = drop.path("Lot.xlsx");
    let row = lot(&[]);
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("data").unwrap();
    for (column, (alias, value)) in (0_u16..).zip(&row) {
        sheet.write_string(0, column, *alias).unwrap();
        sheet.write_string(1, column, *value).unwrap();
    }
    let sheet = workbook.add_worksheet().set_name("Tags").unwrap();
    let lines = [
        ["Belongs to", "Identifier", "Issue date", "Scheme"],
        ["L-1", "T-1", "15/01/2018", "itsci"],
        ["L-1", "T-2", "demain", "itsci"],
        ["L-9", "T-3", "15/01/2018", "itsci"],
    ];
    for (line, cells) in (0_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(line, column, cell).unwrap();
        }
    }
    workbook.save(&path).unwrap();
    let report = drop.taken(&path).await;
    // The record with its bad tag, and the tag of no record.
    assert_eq!((report.rows, report.accepted, report.refused), (1, 0, 2), "{report:?}");
    let found = cells(&drop.returned(report.returned.as_deref().unwrap()), 1);
    assert!(found[2][5].contains("demain"), "{found:?}");
    assert!(found[3][5].contains("SHEET-LIST-HOMELESS"), "{found:?}");
    assert_eq!((found[1][4].as_str(), found[2][4].as_str()), ("refused", "refused"));
}
