//! What a large workbook costs: goal and method.
//!
//! A ministry's register of 200 000 lots, with a tag each on a sheet of its own
//! and one row in a thousand refused, is checked by the real binary within 256
//! MiB of resident memory, its annotated copy included. The peak is read from
//! the process itself while it runs.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

const ROWS: u32 = 200_000;
const KIB_MAX: u64 = 256 * 1024;

/// How often the peak is read.
const LOOK: Duration = Duration::from_millis(50);

const HEADS: [&str; 22] = [
    "country",
    "lot_number",
    "date_registration",
    "time_registration",
    "creator.identifier",
    "creator.name",
    "creator.tin",
    "creator.contact_details.legal_representative",
    "creator.contact_details.contact_phone_number",
    "creator.contact_details.contact_email",
    "mineral",
    "concentration",
    "mass",
    "unit_of_measurement",
    "creator_role",
    "originating_operation",
    "package_type",
    "nr_of_packages",
    "mine_site_id",
    "purchase_number",
    "purchase_date",
    "responsible_staff",
];

/// Writes the workbook; with shared texts as spreadsheet programs save them.
fn register(path: &Path) -> anyhow::Result<()> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(path.parent().unwrap_or(path))?;
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = workbook.add_worksheet_with_low_memory()?.set_name("data")?;
    sheet.write_row(0, 0, HEADS)?;
    for row in 1..=ROWS {
        lot(sheet, row, &day)?;
    }
    let sheet = workbook.add_worksheet_with_low_memory()?.set_name("Tags")?;
    sheet.write_row(0, 0, ["Belongs to", "Identifier", "Issue date", "Scheme"])?;
    for row in 1..=ROWS {
        sheet.write_string(row, 0, format!("LOT-2018-{row:07}"))?;
        sheet.write_string(row, 1, format!("TAG-{row:09}"))?;
        sheet.write_string(row, 2, "15/01/2018")?;
        sheet.write_string(row, 3, "itsci")?;
    }
    workbook.save(path)?;
    Ok(())
}

fn lot(sheet: &mut Worksheet, row: u32, day: &Format) -> anyhow::Result<()> {
    let date = ExcelDateTime::from_ymd(2018, 1, u8::try_from(row % 28 + 1)?)?;
    let trader = row % 400;
    let texts = [
        (0, "CD".to_owned()),
        (1, format!("LOT-2018-{row:07}")),
        (3, "07:05".to_owned()),
        (4, format!("TR-{trader}")),
        (5, format!("Comptoir {trader} des minerais du Kivu")),
        (6, format!("A{trader:08}")),
        (7, format!("Personne Numéro {trader}")),
        (8, format!("+2438{trader:08}")),
        (9, format!("comptoir{trader}@example.cd")),
        (10, "cassiterite".to_owned()),
        (13, if row.is_multiple_of(1000) { "pood" } else { "kgm" }.to_owned()),
        (14, "trader".to_owned()),
        (15, "purchase".to_owned()),
        (16, "sac".to_owned()),
        (18, "CD-1.9403+29.8739-00001".to_owned()),
        (19, format!("ACHAT-{row:07}")),
        (21, format!("Agent {}", row % 50)),
    ];
    for (column, text) in texts {
        sheet.write_string(row, column, &text)?;
    }
    for column in [2, 20] {
        sheet.write_datetime_with_format(row, column, &date, day)?;
    }
    sheet.write_number(row, 11, 61.25)?;
    sheet.write_number(row, 12, f64::from(row % 5000) + 0.5)?;
    sheet.write_number(row, 17, 12)?;
    Ok(())
}

/// The highest resident memory of a process so far, in KiB.
fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_register_of_200_000_lots_is_checked_within_256_mib() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    fs::create_dir(&state).unwrap();
    let config = "[node]\ncountry = \"COD\"\nname = \"cod-mines\"\n\
                  [clock]\nas_of = \"2018-03-01\"\n[source]\nurl = \"sqlite:none.sqlite\"\n";
    fs::write(state.join("config.toml"), config).unwrap();
    let path = dir.path().join("lots.xlsx");
    register(&path).unwrap();
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_rmd-node"))
        .args(["--json", "--dir"])
        .arg(&state)
        .args(["sheet", "check"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let (send, ended) = mpsc::channel();
    let waiting = std::thread::spawn(move || send.send(child.wait_with_output()));
    let mut peak = 0;
    let output = loop {
        match ended.recv_timeout(LOOK) {
            Ok(output) => break output.unwrap(),
            Err(_) => peak = peak_kib(pid).unwrap_or(0).max(peak),
        }
    };
    waiting.join().unwrap().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let text = String::from_utf8(output.stdout).unwrap();
    let done: serde_json::Value = serde_json::from_str(&text).unwrap();
    let report = &done["report"];
    println!(
        "{ROWS} rows: {} MiB, {seconds:.1} s, {} bytes",
        peak / 1024,
        fs::metadata(&path).unwrap().len()
    );
    assert_eq!(report["rows"], ROWS);
    assert_eq!(report["refused"], ROWS / 1000, "{text}");
    assert!(dir.path().join(report["returned"].as_str().unwrap()).is_file());
    assert!(peak > 0 && peak < KIB_MAX, "{peak} KiB");
}
