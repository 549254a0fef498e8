//! The mapping of observations on the real file, where it is.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{
    examples::IPIS,
    outcome::{list, number, text},
};

/// The file named by `RMD_IPIS_FILE`, or where it lies beside the project.
fn file() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/ipis/cod_mines_2009-2017.csv");
    std::env::var_os("RMD_IPIS_FILE")
        .map(PathBuf::from)
        .or(Some(beside))
        .filter(|file| file.is_file())
}

/// The rows of the file as an import leaves them: text, the empty one included.
fn statements(file: &Path) -> Result<(Vec<String>, usize)> {
    let mut reader = csv::Reader::from_path(file).context("open the visits")?;
    let names: Vec<String> = reader.headers()?.iter().map(|name| format!("\"{name}\"")).collect();
    let quoted = |value: &str| format!("'{}'", value.replace('\'', "''"));
    let mut rows = Vec::new();
    for row in reader.records() {
        let values: Vec<String> = row?.iter().map(quoted).collect();
        rows.push(format!("({})", values.join(", ")));
    }
    let count = rows.len();
    // A statement of all of them would be longer than SQLite reads at once.
    let insert = |rows: &[String]| {
        format!("INSERT INTO visites ({}) VALUES {}", names.join(", "), rows.join(", "))
    };
    Ok((rows.chunks(200).map(insert).collect(), count))
}

// Goal: the example holds against the file that it is written for, and no status comes
// out of nothing. Method: count in the file itself which sites were ever qualified.
#[tokio::test(flavor = "multi_thread")]
async fn the_real_visits_are_read_and_no_status_is_made_up() -> Result<()> {
    let Some(file) = file() else {
        println!(
            "the real file of IPIS visits is not there, so this part is not run; RMD_IPIS_FILE names it"
        );
        return Ok(());
    };
    let (statements, visits) = statements(&file)?;
    let running = IPIS.run_on(&statements).await?;
    let check = running.network.node_command(running.node(), &["mapping", "check"])?;
    assert_eq!(list(&check["faults"]).count(), 0, "{check}");
    let sites = list(&check["records"]).next().context("find the sites")?;
    let (rows, accepted) = (number(sites, "rows")?, number(sites, "accepted")?);
    println!(
        "== ipis, the real file: {visits} visits, {rows} sites, {accepted} accepted ({} incomplete), {} refused",
        number(sites, "incomplete")?,
        number(sites, "refused")?
    );
    for rule in list(&sites["rules"]) {
        let (name, severity) = (text(rule, "rule")?, text(rule, "severity")?);
        println!("{name:<44} {severity:<10} {:>5} records", number(rule, "records")?);
    }
    println!("in no code list: {}\n", sites["unmapped"]);
    let status = running.network.node_command(running.node(), &["status"])?;
    let captured = list(&status["entities"]).find(|entity| entity["entity"] == "MineSite");
    assert_eq!(number(captured.context("find the sites in the status")?, "published")?, accepted);
    assert!(accepted > 0 && accepted <= qualified(&file)?, "{accepted} sites have a status");
    Ok(())
}

/// Sites that the file qualifies at least once.
fn qualified(file: &Path) -> Result<u64> {
    let mut reader = csv::Reader::from_path(file)?;
    let column = |name: &str, headers: &csv::StringRecord| {
        headers.iter().position(|header| header == name).context("find a column of the file")
    };
    let headers = reader.headers()?.clone();
    let (site, word) = (column("pcode", &headers)?, column("qualification", &headers)?);
    let mut sites = std::collections::BTreeSet::new();
    for row in reader.records() {
        let row = row?;
        if matches!(&row[word], "Vert" | "Jaune" | "Rouge") {
            sites.insert(row[site].to_owned());
        }
    }
    Ok(sites.len() as u64)
}
