//! From an unknown SQLite file to a checked mapping: draft, init, check.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result};
use rmd_demo::network::command;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use crate::{
    example::{AS_OF, binaries},
    outcome::{list, number},
};

/// The flat table as a file that somebody handed over: other types, no index of ours.
const SCHEMA: &str = "CREATE TABLE mine_site (
    mine_site_id TEXT PRIMARY KEY, mine_site_name TEXT, country_iso2 TEXT, national_id TEXT,
    certification_status TEXT, activity_status TEXT, primary_mineral_hs_code TEXT,
    additional_minerals_hs_codes TEXT, latitude REAL, longitude REAL, polygon_geojson TEXT,
    admin1 TEXT, admin2 TEXT, license_id TEXT, license_type TEXT, owner_company_id TEXT,
    operator_company_id TEXT, last_inspection_date TEXT, notes TEXT, updated_at TEXT NOT NULL
)";

async fn unknown_file(folder: &Path) -> Result<String> {
    let file = folder.join("mines.sqlite").display().to_string();
    let mut source = SqliteConnection::connect(&format!("sqlite://{file}?mode=rwc")).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut source).await?;
    sqlx::raw_sql(include_str!("../../deploy/mappings/tanzania/data.sql"))
        .execute(&mut source)
        .await?;
    source.close().await?;
    Ok(format!("sqlite:{file}"))
}

// Goal: a newcomer gets from a file that nobody described to a mapping that reads its
// rows, and is told what to correct. Method: the three commands, as they stand.
#[tokio::test(flavor = "multi_thread")]
async fn three_commands_lead_from_an_unknown_file_to_a_checked_mapping() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let source = unknown_file(folder.path()).await?;
    let mapping = folder.path().join("mapping.toml").display().to_string();
    let node = folder.path().join("node");
    let binary = binaries().node;

    let draft = ["mapping", "draft", "--source", &source, "--country", "TZA", "--out", &mapping];
    let output = Command::new(&binary).args(draft).output().context("run the first command")?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let drafted = std::fs::read_to_string(&mapping).context("read the draft")?;
    assert!(
        drafted.contains("entity = \"MineSite\"") && drafted.contains("mine_site"),
        "{drafted}"
    );

    let init = ["init", "--country", "TZA", "--name", "mines", "--source", &source];
    let init = [&init[..], &["--mapping", &mapping, "--listen", "127.0.0.1:0", "--as-of", AS_OF]];
    command(&binary, &node, &init.concat())?;

    let report = command(&binary, &node, &["mapping", "check"])?;
    let sites = list(&report["records"]).find(|record| record["entity"] == "MineSite");
    let sites = sites.context("find the sites in the report")?;
    let rows = number(sites, "rows")?;
    assert_eq!(rows, 9, "{report}");
    assert_eq!(number(sites, "accepted")? + number(sites, "refused")?, rows);
    // What the draft found by itself is enough for records, before a hand is laid on it,
    // and a site of another state is not taken for one of this.
    assert!(number(sites, "accepted")? > 0, "{}", told(&report));
    let rules: Vec<_> = list(&sites["rules"]).map(|rule| &rule["rule"]).collect();
    assert!(rules.iter().any(|rule| *rule == "MD01-ADDRESS-COUNTRY-OWN"), "{}", told(&report));
    println!("== newcomer (Sqlite): {}\n", told(&report));
    Ok(())
}

fn told(report: &Value) -> String {
    let record = |record: &Value| {
        let rules: Vec<String> = list(&record["rules"])
            .map(|rule| format!("{} {} ({})", rule["rule"], rule["severity"], rule["records"]))
            .collect();
        format!(
            "{}: {} rows, {} accepted, {} incomplete, {} refused; {}",
            record["entity"],
            record["rows"],
            record["accepted"],
            record["incomplete"],
            record["refused"],
            rules.join(", ")
        )
    };
    list(&report["records"]).map(record).collect::<Vec<_>>().join("\n")
}
