//! The bytes behind the rows: when the store is written anew, and which tables.
//!
//! On SQLite the running hub does it by itself. On PostgreSQL it locks the tables of
//! the regional view while it lasts, so an officer says when.

use std::{collections::BTreeSet, time::Duration};

use rmd_runtime::{SharedClock, lifecycle::chain};
use serde::Serialize;
use sqlx::Row as _;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::store::{Error, Kind, Store};

/// Tables that hold something of a record, whatever its type.
const TABLES: [&str; 8] = [
    "ledger",
    "record",
    "quarantine",
    "parked",
    "verdict",
    "shared_block",
    "case_notice",
    "case_reply",
];

/// The typed tables of each record type.
const TYPED: [(&str, &[&str]); 11] = [
    (
        "MineSite",
        &[
            "mine_site",
            "mine_site_license",
            "mine_site_operator",
            "mine_site_inspection",
            "mine_site_status_change",
            "mine_site_capacity",
            "mine_site_tag_allocation",
        ],
    ),
    ("ExporterStatus", &["exporter_status"]),
    ("Lot", &["lot", "lot_input", "lot_tag", "lot_tax"]),
    ("ExportCertificate", &["export_certificate"]),
    ("ExportDeclaration", &["export_declaration"]),
    ("ImportDeclaration", &["import_declaration"]),
    ("ProductionDeclaration", &["production_declaration"]),
    ("StockDeclaration", &["stock_declaration"]),
    ("ReportingPeriod", &["reporting_period"]),
    ("Audit", &["audit"]),
    ("Incident", &["incident"]),
];

/// What was written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Scrubbed {
    /// Orders after which that was due.
    pub(crate) erasures: u64,
    /// The tables; none for all of an SQLite file.
    pub(crate) tables: Vec<&'static str>,
    /// Whether it is done; otherwise somebody still reads what was there before.
    pub(crate) done: bool,
}

/// Writes anew what was touched by orders since the last time.
pub(crate) async fn scrub(store: &Store, clock: &SharedClock) -> Result<Scrubbed, Error> {
    let mut transaction = store.begin().await?;
    // What is executed meanwhile is not in it.
    sqlx::query("UPDATE erasure SET scrubbed_at_us = 0 WHERE scrubbed_at_us IS NULL")
        .execute(&mut *transaction)
        .await?;
    let rows = sqlx::query("SELECT entity FROM erasure WHERE scrubbed_at_us = 0")
        .fetch_all(&mut *transaction)
        .await?;
    let touched = rows.iter().map(|row| row.try_get(0));
    let touched: BTreeSet<String> = touched.collect::<Result<_, _>>()?;
    transaction.commit().await?;
    let erasures = rows.len() as u64;
    if erasures == 0 {
        return Ok(Scrubbed { erasures, tables: Vec::new(), done: true });
    }
    let typed = TYPED.iter().filter(|(entity, _)| touched.contains(*entity));
    let tables = TABLES.into_iter().chain(typed.flat_map(|(_, tables)| tables.iter().copied()));
    let tables: Vec<&'static str> = tables.collect();
    let done = store.scrub(&tables).await?;
    if done {
        let mut transaction = store.begin().await?;
        sqlx::query("UPDATE erasure SET scrubbed_at_us = $1 WHERE scrubbed_at_us = 0")
            .bind(clock.now().as_microsecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    let tables = if store.kind() == Kind::Sqlite { Vec::new() } else { tables };
    Ok(Scrubbed { erasures, tables, done })
}

/// Does so after each order, where nothing is locked by it.
pub(crate) async fn run(
    store: Store,
    clock: SharedClock,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    if store.kind() != Kind::Sqlite {
        return Ok(());
    }
    loop {
        match scrub_if_due(&store, &clock).await {
            Ok(0) => {}
            Ok(erasures) => info!(erasures, "store written anew without what was erased"),
            Err(error) => {
                warn!(error = chain(&error), "store not written anew without what was erased");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(poll) => {}
        }
    }
}

async fn scrub_if_due(store: &Store, clock: &SharedClock) -> Result<u64, Error> {
    let due = sqlx::query(
        "SELECT seq FROM erasure WHERE scrubbed_at_us IS NULL OR scrubbed_at_us = 0 LIMIT 1",
    );
    if due.fetch_optional(&mut *store.acquire().await?).await?.is_none() {
        return Ok(0);
    }
    let scrubbed = scrub(store, clock).await?;
    Ok(if scrubbed.done { scrubbed.erasures } else { 0 })
}
