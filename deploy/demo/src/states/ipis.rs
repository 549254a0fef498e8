//! Loads the IPIS file of visits into the database of COD, column by column.

use std::path::Path;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::State;

/// What stands on everything shown from that file.
pub const CREDIT: [&str; 2] = [
    "Demonstration on IPIS observations 2009–2017 (ODC-BY); not an ICGLR status",
    "Démonstration sur des observations IPIS 2009–2017 (ODC-BY) ; pas un statut CIRGL",
];

/// Loads every row as it stands and names two sites, one of cassiterite and
/// one of gold, on which the made-up trade of the demonstration begins.
pub(super) async fn load(state: &State, file: &Path) -> Result<[String; 2]> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("open {}", file.display()))?;
    let headers = reader.headers().context("read the header of the visits")?.clone();
    // SQLite compares names without case, so the file's own names serve.
    let columns: Vec<String> =
        headers.iter().map(|name| format!("\"{}\"", name.to_lowercase())).collect();
    let places = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO visites ({}) VALUES ({places})", columns.join(", "));

    let mut connection = SqliteConnection::connect(&state.url).await?;
    let mut transaction = connection.begin().await?;
    for row in reader.records() {
        let row = row.context("read a visit")?;
        let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
        for value in &row {
            query = query.bind(value.to_owned());
        }
        query
            .execute(&mut *transaction)
            .await
            .with_context(|| format!("store the visit {:?}", row.get(1)))?;
    }
    let mut sites = [String::new(), String::new()];
    for (site, mineral) in sites.iter_mut().zip(["Cassitérite", "Or"]) {
        *site = sqlx::query_scalar("SELECT MIN(pcode) FROM visites WHERE mineral1 = ?")
            .bind(mineral)
            .fetch_one(&mut *transaction)
            .await
            .with_context(|| format!("find a site of {mineral}"))?;
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(sites)
}
