//! Workbooks as people make them, and archives that nobody should parse.

use std::io::Write as _;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::support::{Drop, cells, lot};

#[tokio::test]
async fn merged_headers_formulas_percentages_and_dates_are_read() {
    let drop = Drop::live().await;
    let path = drop.path("lots 2018.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Registre").unwrap();
    let (plain, percent) = (Format::new(), Format::new().set_num_format("0.00%"));
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.merge_range(0, 0, 0, 8, "REGISTRE DES LOTS 2018", &plain).unwrap();
    sheet.merge_range(2, 0, 3, 0, "Numéro du lot", &plain).unwrap();
    sheet.merge_range(2, 1, 2, 2, "Créateur", &plain).unwrap();
    sheet.write_string(3, 1, "Identifiant").unwrap();
    sheet.write_string(3, 2, "Nom").unwrap();
    for (column, name) in [
        (3, "Pays"),
        (4, "Masse"),
        (5, "Unité"),
        (6, "Teneur (%)"),
        (7, "Minerai"),
        (8, "Date d'enregistrement"),
        (9, "Heure d'enregistrement"),
        (10, "Rôle du créateur"),
        (11, "Opération d'origine"),
    ] {
        sheet.merge_range(2, column, 3, column, name, &plain).unwrap();
    }
    sheet.write_string(5, 0, "L-1").unwrap().write_string(5, 1, "TR-7").unwrap();
    sheet.write_string(5, 2, "Comptoir").unwrap().write_string(5, 3, "CD").unwrap();
    sheet
        .write_formula(5, 4, Formula::new("=500.1+450.2").set_result("950.3000000000001"))
        .unwrap();
    sheet.write_string(5, 5, "kg").unwrap();
    sheet.write_number_with_format(5, 6, 0.6125, &percent).unwrap();
    sheet.write_string(5, 7, "étain").unwrap();
    let date = ExcelDateTime::from_ymd(2018, 1, 15).unwrap();
    sheet.write_datetime_with_format(5, 8, &date, &day).unwrap();
    sheet.write_number(5, 9, 70_500).unwrap();
    sheet.write_string(5, 10, "Négociant").unwrap().write_string(5, 11, "Achat").unwrap();
    workbook.save(&path).unwrap();
    let report = drop.taken(&path).await;
    let told = report.returned.as_ref().map(|copy| cells(&drop.returned(copy), 0));
    assert_eq!((report.rows, report.refused, report.language), (1, 0, "fr"), "{report:?} {told:?}");
    // The same lot as text says the same.
    let row = lot(&[("mass", "950,3"), ("creator.name", "Comptoir")]);
    let same = drop.text("lots.csv", super::support::csv(&[row], ';').as_bytes()).await;
    assert_eq!(same.unchanged, 1, "{same:?}");
}

#[tokio::test]
async fn an_error_of_the_spreadsheet_is_a_finding() {
    let drop = Drop::live().await;
    let path = drop.path("Lot.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, (alias, value)) in (0_u16..).zip(lot(&[])) {
        sheet.write_string(0, column, alias).unwrap();
        if alias == "mass" {
            let formula = Formula::new("=NA()").set_result("#N/A");
            sheet.write_formula(1, column, formula).unwrap();
        } else {
            sheet.write_string(1, column, value).unwrap();
        }
    }
    workbook.save(&path).unwrap();
    let report = drop.taken(&path).await;
    assert_eq!((report.rows, report.refused), (1, 1));
    let found = cells(&drop.returned(report.returned.as_deref().unwrap()), 0);
    assert!(found[1].last().unwrap().contains("SHEET-CELL-ERROR"), "{found:?}");
}

#[tokio::test]
async fn an_error_that_no_reader_knows_is_a_finding_of_its_row_alone() {
    let drop = Drop::live().await;
    let path = drop.path("Lot.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let strange = || Formula::new("=X()").set_result("#GETTING_DATA");
    for (row, number) in (1_u32..).zip(["L-1", "L-2", "L-3", "L-4"]) {
        for (column, (alias, value)) in (0_u16..).zip(lot(&[("lot_number", number)])) {
            sheet.write_string(0, column, alias).unwrap();
            sheet.write_string(row, column, value).unwrap();
        }
    }
    for (row, wrong) in [(2_u32, "mass"), (4, "mineral")] {
        let column = lot(&[]).keys().position(|alias| *alias == wrong).unwrap();
        sheet.write_formula(row, u16::try_from(column).unwrap(), strange()).unwrap();
    }
    // In a column that means nothing, it is nobody's fault.
    sheet.write_formula(3, 40, strange()).unwrap();
    workbook.save(&path).unwrap();
    let report = drop.taken(&path).await;
    assert_eq!((report.accepted, report.refused), (2, 2), "{report:?}");
    assert_eq!(report.refused_by_rule["SHEET-CELL-ERROR"], 2);
    let published = drop.test.published().await;
    assert_eq!(published.into_keys().collect::<Vec<_>>(), ["CD/TR-7/L-1", "CD/TR-7/L-3"]);
}

#[tokio::test]
async fn a_damaged_cell_is_not_quoted() {
    let drop = Drop::live().await;
    let (good, bad) = (drop.path("good.xlsx"), drop.path("lots.xlsx"));
    super::support::workbook(&good, "data", &[vec!["country", "lot_number", "mass"]]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&good).unwrap()).unwrap();
    let mut out = ZipWriter::new(std::fs::File::create(&bad).unwrap());
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).unwrap();
        let cell = "<row r=\"2\"><c r=\"A2\" t=\"b\"><v>qzxwvutsrqponmlk</v></c></row></sheetData>";
        out.start_file(name, SimpleFileOptions::default()).unwrap();
        out.write_all(text.replace("</sheetData>", cell).as_bytes()).unwrap();
    }
    out.finish().unwrap();
    let error = drop.import(&bad).await.unwrap_err().whole();
    assert!(error.contains("cellule") && !error.contains("qzxw"), "{error}");
}

fn archive(path: &std::path::Path, parts: &[(&str, &[u8], usize)]) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes, times) in parts {
        zip.start_file(*name, options).unwrap();
        for _ in 0..*times {
            zip.write_all(bytes).unwrap();
        }
    }
    zip.finish().unwrap();
}

#[tokio::test]
async fn archives_that_nobody_should_parse_are_refused_before() {
    let drop = Drop::live().await;
    let path = drop.path("lots.xlsx");
    let cell = b"<c><v>1</v></c>".repeat(4096);
    let zeros = vec![b'0'; 1 << 16];
    for (parts, word) in [
        // Too many times larger than packed.
        (vec![("xl/worksheets/sheet1.xml", cell.as_slice(), 400)], "unpacks"),
        // One text without end.
        (vec![("xl/worksheets/sheet1.xml", zeros.as_slice(), 20)], "unpacks"),
        // A count for which the reader would make room.
        (
            vec![("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\">".as_slice(), 1)],
            "unpacks",
        ),
        (vec![("xl/vbaProject.bin", b"x".as_slice(), 1)], "macros"),
    ] {
        archive(&path, &parts);
        let error = drop.import(&path).await.unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
}

#[tokio::test]
async fn headers_that_come_again_hide_no_row() {
    let drop = Drop::live().await;
    let text = super::support::csv(&[lot(&[])], ';');
    let pages = ["L-1", "L-2", "L-3"].map(|number| text.replace("L-1", number));
    let report = drop.text("lots.csv", pages.concat().as_bytes()).await;
    assert_eq!((report.rows, report.accepted), (3, 3), "{report:?}");
}
