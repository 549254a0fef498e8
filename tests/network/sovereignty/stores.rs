//! What lies in SQLite files: every cell, and every frame unpacked.
//!
//! A text that a page ends in the middle of is found in no raw file; so each
//! cell is read on its own as well, between quotation marks.

use std::path::Path;

use anyhow::{Context as _, Result};
use prost::Message as _;
use rmd_feed::{Body, StoredEntry, frame};
use rmd_proto::v1;
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::search::Search;

/// Looks into every cell of every table.
pub(super) async fn cells(search: &mut Search, kind: &str, file: &Path) -> Result<()> {
    let mut store = open(file).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut store)
            .await?;
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
            .bind(&table)
            .fetch_all(&mut store)
            .await?;
        let cast: Vec<String> =
            columns.iter().map(|name| format!("CAST(\"{name}\" AS BLOB)")).collect();
        let query = format!("SELECT {} FROM \"{table}\"", cast.join(", "));
        for row in sqlx::query(AssertSqlSafe(query)).fetch_all(&mut store).await? {
            let mut bytes = Vec::new();
            for index in 0..columns.len() {
                let cell: Option<Vec<u8>> = row.try_get(index)?;
                bytes.push(b'"');
                bytes.extend(cell.unwrap_or_default());
                bytes.extend(b"\"\n");
            }
            search.look(kind, &table, &bytes);
        }
    }
    store.close().await?;
    Ok(())
}

/// Opens every block of a node's own feeds, and every frame that the hub sent it.
pub(super) async fn blocks(search: &mut Search, file: &Path) -> Result<()> {
    let mut store = open(file).await?;
    let rows = sqlx::query("SELECT feed, epoch, first_seq, last_seq, body, checkpoint FROM block")
        .fetch_all(&mut store)
        .await?;
    for row in rows {
        let frame = v1::Frame {
            feed: row.try_get(0)?,
            epoch: u32::try_from(row.try_get::<i64, _>(1)?)?,
            first_seq: u64::try_from(row.try_get::<i64, _>(2)?)?,
            last_seq: u64::try_from(row.try_get::<i64, _>(3)?)?,
            body: row.try_get(4)?,
            checkpoint: row.try_get(5)?,
        };
        unpacked(search, "blocks of the node", &frame)?;
    }
    frames(search, &mut store, "inbox of the node", "SELECT frame FROM inbox_frame").await?;
    store.close().await?;
    Ok(())
}

/// Opens every frame of the hub's ledger.
pub(super) async fn ledger(search: &mut Search, file: &Path) -> Result<()> {
    let mut store = open(file).await?;
    frames(search, &mut store, "ledger of the hub", "SELECT frame FROM ledger").await?;
    store.close().await?;
    Ok(())
}

/// What the hub knows of a record: its key and the paths that were kept back.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) entity: String,
    pub(super) key: String,
    pub(super) op: String,
    pub(super) rev: i64,
    pub(super) withheld: Vec<String>,
}

/// Every record of the hub.
pub(super) async fn records(file: &Path) -> Result<Vec<Known>> {
    let mut store = open(file).await?;
    let rows = sqlx::query("SELECT entity, record_key, op, rev, withheld FROM record")
        .fetch_all(&mut store)
        .await?;
    let known = rows.iter().map(|row| {
        let withheld: String = row.try_get(4)?;
        Ok(Known {
            entity: row.try_get(0)?,
            key: row.try_get(1)?,
            op: row.try_get(2)?,
            rev: row.try_get(3)?,
            withheld: withheld
                .split(';')
                .filter(|path| !path.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    });
    let known = known.collect::<Result<Vec<_>>>()?;
    store.close().await?;
    Ok(known)
}

async fn frames(
    search: &mut Search,
    store: &mut SqliteConnection,
    kind: &str,
    query: &'static str,
) -> Result<()> {
    let frames: Vec<Vec<u8>> = sqlx::query_scalar(query).fetch_all(store).await?;
    for bytes in frames {
        unpacked(search, kind, &v1::Frame::decode(bytes.as_slice())?)?;
    }
    Ok(())
}

fn unpacked(search: &mut Search, kind: &str, frame: &v1::Frame) -> Result<()> {
    for entry in frame::open(frame).context("open a frame")? {
        let place = format!("{} {}", entry.header.entity, entry.header.key);
        let StoredEntry { header_bytes, body, .. } = entry;
        search.look(kind, &place, &header_bytes);
        if let Body::Released { payload, .. } = body {
            search.look(kind, &place, &payload);
        }
    }
    Ok(())
}

async fn open(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file);
    SqliteConnection::connect_with(&options)
        .await
        .with_context(|| format!("open {}", file.display()))
}
