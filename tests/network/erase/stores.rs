//! Looks for a text in everything that node and hub keep: raw files, cells, entries
//! unpacked, and bundles opened.

use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use rmd_feed::{
    FeedKey, StoredEntry,
    bundle::{BundleKey, Expected, open},
    frame,
};
use rmd_proto::v1;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::COD;
use crate::harness::World;

/// Every place in which a text is found.
pub(super) async fn found(world: &World, text: &str) -> Result<Vec<String>> {
    let (node, hub) = (&world.network.nodes[COD].folder, &world.network.hub_folder);
    let mut found = Vec::new();
    files(node, "files of the node", text, &mut found)?;
    files(hub, "files of the hub", text, &mut found)?;
    let mut journal = sqlite(&node.join("node.sqlite")).await?;
    cells(&mut journal, "cells of the node", text, &mut found).await?;
    for frame in blocks(&mut journal).await? {
        entries("blocks of the node", &frame, text, &mut found)?;
    }
    for bytes in all(&mut journal, "SELECT frame FROM inbox_frame").await? {
        let frame = v1::Frame::decode(bytes.as_slice())?;
        entries("inbox of the node", &frame, text, &mut found)?;
    }
    journal.close().await?;
    let (ledger, own) = if world.network.options.store.is_some() {
        of_postgres(&world.hub_url, text, &mut found).await?
    } else {
        let mut store = sqlite(&hub.join("hub.sqlite")).await?;
        cells(&mut store, "cells of the hub", text, &mut found).await?;
        let ledger = all(&mut store, LEDGER).await?;
        let rows = sqlx::query(OWN).fetch_all(&mut store).await?;
        let own = rows.iter().map(own_frame).collect::<Result<Vec<_>>>()?;
        store.close().await?;
        (ledger, own)
    };
    ensure!(!ledger.is_empty(), "the ledger is empty");
    for bytes in ledger {
        let frame = v1::Frame::decode(bytes.as_slice())?;
        entries("ledger of the hub", &frame, text, &mut found)?;
    }
    for frame in own {
        entries("feeds of the hub", &frame, text, &mut found)?;
    }
    found.dedup();
    Ok(found)
}

const LEDGER: &str = "SELECT frame FROM ledger";

/// The hub's own feeds; the name in the store is not the one in the entries.
const OWN: &str = "SELECT feed, epoch, first_seq, last_seq, body, checkpoint FROM shared_block";

fn own_frame<R>(row: &R) -> Result<v1::Frame>
where
    R: sqlx::Row,
    for<'r> &'r str: sqlx::ColumnIndex<R>,
    for<'r> i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'r> String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'r> Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let stored: String = row.try_get("feed")?;
    let name = stored.split('/').next().unwrap_or_default();
    Ok(v1::Frame {
        feed: name.to_owned(),
        epoch: u32::try_from(row.try_get::<i64, _>("epoch")?)?,
        first_seq: u64::try_from(row.try_get::<i64, _>("first_seq")?)?,
        last_seq: u64::try_from(row.try_get::<i64, _>("last_seq")?)?,
        body: row.try_get("body")?,
        checkpoint: row.try_get("checkpoint")?,
    })
}

/// Entries of bundles for the hub that hold a text, opened with the hub's own key.
pub(super) fn bundled(world: &World, bundles: &[PathBuf], text: &str) -> Result<usize> {
    let network = &world.network;
    let secret = fs::read_to_string(network.hub_folder.join("keys/bundle.key"))?;
    let key = BundleKey::from_secret(&secret)?;
    let feed_key = fs::read_to_string(network.nodes[COD].folder.join("keys/feed.key"))?;
    let verifier = FeedKey::from_secret(&feed_key)?.verifier();
    let mut count = 0;
    for bundle in bundles {
        let opened = open(BufReader::new(File::open(bundle)?), &key)?;
        let said = opened.claimed().message().clone();
        let expected = Expected {
            network: &said.network,
            receiver: &said.receiver,
            sender: &said.sender,
            verifier: &verifier,
        };
        let mut frames = opened.verify(expected)?;
        while let Some(frame) = frames.next_frame()? {
            let entries = frame::open(&frame)?;
            count += entries.iter().filter(|entry| holds(entry, text)).count();
        }
    }
    Ok(count)
}

fn holds(entry: &StoredEntry, text: &str) -> bool {
    is_in(&entry.header_bytes, text) || entry.payload().is_some_and(|bytes| is_in(bytes, text))
}

fn is_in(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn entries(kind: &str, frame: &v1::Frame, text: &str, found: &mut Vec<String>) -> Result<()> {
    for entry in frame::open(frame).with_context(|| format!("open {} of {kind}", frame.feed))? {
        if holds(&entry, text) {
            found.push(format!("{kind}: {} {}", frame.feed, entry.seq()));
        }
    }
    Ok(())
}

/// Every file below a folder, as it lies there.
fn files(folder: &Path, kind: &str, text: &str, found: &mut Vec<String>) -> Result<()> {
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
            continue;
        }
        // A database may have put its own file away in between.
        if fs::read(&path).is_ok_and(|bytes| is_in(&bytes, text)) {
            found.push(format!("{kind}: {}", path.display()));
        }
    }
    Ok(())
}

async fn sqlite(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    SqliteConnection::connect_with(&options)
        .await
        .with_context(|| format!("open {}", file.display()))
}

async fn all(store: &mut SqliteConnection, query: &'static str) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar(query).fetch_all(store).await?)
}

/// Every cell of every table, on its own.
async fn cells(
    store: &mut SqliteConnection,
    kind: &str,
    text: &str,
    found: &mut Vec<String>,
) -> Result<()> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name
         FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table'",
    )
    .fetch_all(&mut *store)
    .await?;
    for (table, column) in columns {
        let query = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
        let cells: Vec<Option<Vec<u8>>> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut *store).await?;
        if cells.iter().flatten().any(|cell| is_in(cell, text)) {
            found.push(format!("{kind}: {table}.{column}"));
        }
    }
    Ok(())
}

async fn blocks(store: &mut SqliteConnection) -> Result<Vec<v1::Frame>> {
    let rows = sqlx::query("SELECT feed, epoch, first_seq, last_seq, body, checkpoint FROM block");
    rows.fetch_all(store).await?.iter().map(own_frame).collect()
}

/// Every column of texts and bytes; frames of the ledger and of the hub's own feeds.
async fn of_postgres(
    url: &str,
    text: &str,
    found: &mut Vec<String>,
) -> Result<(Vec<Vec<u8>>, Vec<v1::Frame>)> {
    let mut store = PgConnection::connect(url).await?;
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
         FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type IN ('text', 'bytea')",
    )
    .fetch_all(&mut store)
    .await?;
    ensure!(columns.len() > 200, "{} columns are not all", columns.len());
    for (table, column, kind) in columns {
        let cell = if kind == "bytea" {
            format!("\"{column}\"")
        } else {
            format!("convert_to(\"{column}\", 'UTF8')")
        };
        let query = format!("SELECT {cell} FROM \"{table}\"");
        let cells: Vec<Option<Vec<u8>>> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut store).await?;
        if cells.iter().flatten().any(|cell| is_in(cell, text)) {
            found.push(format!("cells of the hub: {table}.{column}"));
        }
    }
    let ledger = sqlx::query_scalar(LEDGER).fetch_all(&mut store).await?;
    let rows = sqlx::query(OWN).fetch_all(&mut store).await?;
    let own = rows.iter().map(own_frame).collect::<Result<Vec<_>>>()?;
    store.close().await?;
    Ok((ledger, own))
}
