//! Rows whose record waits in the brake are told as such, not as accepted.

use super::support::{Drop, cells, csv, lot};

/// More than the brake lets change at once.
const MANY: usize = 60;

/// So many lots with one mass.
fn lots(count: usize, mass: &str) -> String {
    let numbers: Vec<String> = (0..count).map(|number| format!("L-{number}")).collect();
    let row = |number| lot(&[("lot_number", number), ("mass", mass)]);
    let rows: Vec<_> = numbers.iter().map(|number| row(number.as_str())).collect();
    csv(&rows, ';')
}

#[tokio::test]
async fn a_row_that_the_brake_holds_is_counted_and_marked_as_held() {
    let drop = Drop::live().await;
    let report = drop.text("lots.csv", lots(MANY, "950").as_bytes()).await;
    assert_eq!((report.accepted, report.held, report.returned), (60, 0, None));

    let report = drop.text("lots-2.csv", lots(MANY + 1, "951").as_bytes()).await;
    let counted = (report.rows, report.accepted, report.held, report.refused, report.appended);
    assert_eq!(counted, (61, 1, 60, 0, 1), "one is new: {report:?}");
    let found = cells(&drop.returned(report.returned.as_deref().unwrap()), 0);
    let result = found[0].iter().position(|cell| cell.starts_with("Result of")).unwrap();
    let of = |word: &'static str| {
        found.iter().filter(move |row| row.get(result).is_some_and(|is| is == word))
    };
    assert_eq!((of("held").count(), of("accepted").count()), (60, 1));
    assert!(of("held").all(|row| row[result + 1].contains("rmd-node brake list")));

    let files = drop.ledger().await;
    assert_eq!(files.iter().map(|file| file.held).collect::<Vec<_>>(), [60, 0]);
}
