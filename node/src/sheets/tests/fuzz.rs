//! Whatever bytes somebody drops, the reader says so and goes on.

use std::{io::Write as _, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;
use rmd_sheet::Raw;
use rmd_standard::{CodeLists, Context};

use crate::sheets::{
    Bench,
    cell::{Point, plain, read},
    check_file,
};

/// Checks a file to its end, as the command does: an error or a report, and the
/// process goes on. A reader of a format that fails in itself is an error too.
fn read_through(name: &str, bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let context = Context {
        country: "CD".to_owned(),
        today: "2018-02-01".parse().unwrap(),
        zone: TimeZone::UTC,
    };
    let bench = Bench { context, codes: CodeLists::default() };
    let checked = check_file(&path, Timestamp::UNIX_EPOCH, bench, Arc::new(|_| true));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(checked) {
        Ok(report) => assert!(report.accepted <= report.rows),
        Err(error) => assert!(error.to_string().contains(" / "), "{error}"),
    }
}

/// A small workbook, some bytes of which are others.
fn damaged(spots: &[(usize, u8)], sheet: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let parts: [(&str, &[u8]); 4] = [
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="data" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, bytes) in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    for (at, byte) in spots {
        let length = bytes.len();
        bytes[at % length] = *byte;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        read_through("lots.csv", &bytes);
        read_through("lots.xlsx", &bytes);
        read_through("lots.xlsx", &[b"PK\x03\x04", bytes.as_slice()].concat());
    }

    #[test]
    fn a_damaged_workbook_never_breaks_the_reader(
        spots in prop::collection::vec((any::<usize>(), any::<u8>()), 0..12),
        inner in prop::collection::vec("(<row r=\"[0-9]{0,12}\">|<c r=\"[A-Z]{0,5}[0-9]{0,12}\" t=\"(s|n|b|e|str|inlineStr|d)\" s=\"[0-9]{0,4}\">|<v>.{0,12}</v>|</c>|</row>|<f>.{0,9}</f>)", 0..30),
    ) {
        let sheet = format!("<worksheet><sheetData>{}</sheetData></worksheet>", inner.concat());
        read_through("lots.xlsx", &damaged(&[], sheet.as_bytes()));
        read_through("lots.xlsx", &damaged(&spots, sheet.as_bytes()));
    }

    #[test]
    fn any_text_of_headers_and_rows_is_read_to_its_end(text in "([a-z_.;,\t\"\r\n0-9/é%]{0,6}(lot_number|mass|country|mineral)?){0,40}") {
        read_through("lots.csv", text.as_bytes());
    }

    #[test]
    fn any_cell_is_read_for_any_column(text in ".{0,24}", number in any::<f64>()) {
        let layout = crate::sheets::layout::Layout::of(rmd_standard::Entity::Lot);
        for raw in [Raw::Text(text), Raw::Number(number), Raw::Percent(number), Raw::Stamp(number)] {
            let _ = plain(&raw);
            for field in &layout.fields {
                for point in [Point::Comma, Point::Unsaid] {
                    let _ = read(&raw, (field.shape, field.alias), point);
                }
            }
        }
    }
}
