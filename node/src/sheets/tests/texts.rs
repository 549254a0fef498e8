//! CSV as spreadsheets of the region save it.

use encoding_rs::WINDOWS_1252;
use rmd_standard::Entity;

use super::support::{Drop, csv, lot};

#[tokio::test]
async fn separators_and_encodings_give_the_same_record() {
    let drop = Drop::live().await;
    let rows = [lot(&[("transport_company", "Société Générale \"Kivu\"\nGoma")])];
    let first = drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    assert_eq!((first.appended, first.refused), (1, 0));
    let text = csv(&rows, ';');
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    for (name, bytes) in [
        ("lots-bom.csv", marked(b"\xef\xbb\xbf", text.clone().into_bytes())),
        ("lots-1252.csv", WINDOWS_1252.encode(&text).0.into_owned()),
        ("lots-16le.csv", marked(&[0xff, 0xfe], utf16(u16::to_le_bytes))),
        ("lots-16be.csv", marked(&[0xfe, 0xff], utf16(u16::to_be_bytes))),
        ("lots-16.csv", utf16(u16::to_le_bytes)),
        ("lots-tab.tsv", csv(&rows, '\t').into_bytes()),
        ("lots-comma.csv", csv(&rows, ',').into_bytes()),
        ("lots-sep.csv", format!("sep=;\r\n{text}").into_bytes()),
    ] {
        let report = drop.text(name, &bytes).await;
        let found = (report.rows, report.unchanged, report.refused);
        assert_eq!(found, (1, 1, 0), "{name} {report:?}");
    }
    assert_eq!(drop.counts(Entity::Lot).await.published, 1);
}

#[tokio::test]
async fn headers_are_read_in_both_languages_and_as_the_standard_writes_them() {
    let drop = Drop::live().await;
    let row = "CD;L-1;15/01/2018;07:05;TR-7;cassitérite;950,5;kg;négociant;achat;";
    let heads = [
        "Pays;Numéro du lot;Date d'enregistrement;Heure d'enregistrement;Créateur – Identifiant;Minerai;Masse;Unité;Rôle du créateur;Opération d'origine;Bureau",
        "COUNTRY;LOT NUMBER *;registration date;Registration Time;creator - identifier;Mineral;mass;unit;creator role;originating operation;Office",
        "country;lotNumber;dateRegistration;timeRegistration;creator.identifier;mineral;mass;unitOfMeasurement;creatorRole;originatingOperation;Office",
    ];
    let mut appended = 0;
    for (index, head) in heads.iter().enumerate() {
        let report =
            drop.text(&format!("lots-{index}.csv"), format!("{head}\n{row}\n").as_bytes()).await;
        assert_eq!((report.rows, report.refused), (1, 0), "{head} {report:?}");
        assert_eq!(report.unknown_columns.len(), 1, "{report:?}");
        appended += report.appended;
    }
    assert_eq!(appended, 1, "the three say the same");
}

#[tokio::test]
async fn an_element_of_a_list_stands_on_the_row_itself() {
    let drop = Drop::live().await;
    let rows = [lot(&[
        ("tag.identifier", "T-1"),
        ("tag2.identifier", "T-2"),
        ("tag.issue_date", "15/01/2018"),
    ])];
    let report = drop.text("lots.csv", csv(&rows, ';').as_bytes()).await;
    assert_eq!((report.appended, report.unknown_columns.len()), (1, 0), "{report:?}");
    let same = [lot(&[
        ("tag2.identifier", "T-2"),
        ("tag.identifier", "T-1"),
        ("tag.issue_date", "2018-01-15"),
    ])];
    assert_eq!(drop.text("again.csv", csv(&same, ',').as_bytes()).await.unchanged, 1);
}

#[tokio::test]
async fn a_quotation_mark_without_end_and_binary_are_refused_by_name() {
    let drop = Drop::live().await;
    let path = drop.path("lots.csv");
    let endless = format!("country;lot_number;mass\nCD;\"{}", "x".repeat(3 << 20));
    std::fs::write(&path, endless).unwrap();
    let error = drop.import(&path).await.unwrap_err().to_string();
    assert!(error.contains("row 2") && error.contains("guillemet"), "{error}");
    std::fs::write(&path, b"country;lot\0number;mass\n1;2;3;4\n").unwrap();
    let error = drop.import(&path).await.unwrap_err().to_string();
    assert!(error.contains("binary"), "{error}");
    std::fs::write(&path, "a;b;c\n1;2;3\n").unwrap();
    let error = drop.import(&path).await.unwrap_err().to_string();
    assert!(error.contains("rmd-node sheet template"), "{error}");
}
