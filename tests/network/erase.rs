//! Erasure: what a record said is gone from every store and bundle, and every proof holds.

mod answers;
mod stores;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::wait::{eventually, until};
use serde_json::Value;

use self::stores::{bundled, found};
use crate::harness::{Make, World, now_us};

/// The node of the demonstration whose national database is SQLite.
const COD: usize = 0;

/// A site of it, as its mapping names it.
const SITE: &str = "CD-1.5057-28.5905-1";

const ORDER: [&str; 9] = [
    "erase",
    "MineSite",
    SITE,
    "--by",
    "Greffe de Goma",
    "--reason",
    "requête 12/2018",
    "--ground",
    "personal-data",
];

// Goal: nothing that a record said stays anywhere once it is erased, nothing else is
// touched, and every proof holds. Method: a random name in a site, in two revisions;
// then every file, every cell and every entry is searched for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_gone_from_every_store_and_bundle_on_sqlite() -> Result<()> {
    erased(World::new(Make::default()).await?).await
}

// The same with the hub on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_gone_from_every_store_and_bundle_on_servers() -> Result<()> {
    erased(World::new(Make { servers: true, ..Make::default() }).await?).await
}

async fn erased(mut world: World) -> Result<()> {
    let marker = marker();
    for revision in 1..=2 {
        name_site(&mut world, &format!("{marker} {revision}")).await?;
    }
    let before = found(&world, &marker).await?;
    for place in ["blocks of the node", "cells of the hub", "ledger of the hub"] {
        ensure!(before.iter().any(|found| found.starts_with(place)), "{place} not in {before:?}");
    }
    let old = export(&world, "before")?;
    ensure!(bundled(&world, &old, &marker)? > 0, "the old bundle lacks it");

    let planned = order(&world, &["--dry-run"])?;
    let revisions = planned["entries"].as_array().context("read what is planned")?.len();
    ensure!(planned["outcome"] == "planned" && revisions == 3, "{planned:#}");
    names(&planned["bundles"], &old)?;
    ensure!(found(&world, &marker).await? == before, "a dry run changes nothing");

    let done = order(&world, &["--yes"])?;
    ensure!(done["outcome"] == "erased" && done["entries"] == planned["entries"], "{done:#}");
    executed(&mut world).await?;
    assert_eq!(found(&world, &marker).await?, Vec::<String>::new());
    proofs_hold(&world)?;
    stays_out(&mut world, &marker, &old).await?;
    corrected(&mut world, &marker).await
}

/// The hub has done it, the node knows, and every file was written anew.
async fn executed(world: &mut World) -> Result<()> {
    world.exchange().await?;
    let network = &world.network;
    let at_hub = until("the hub has executed the order", || {
        let listed = network.hub_command(&["erasures", "list"])?;
        Ok(listed["erasures"].get(0).cloned())
    })
    .await?;
    ensure!(at_hub["payloads"] == 3 && at_hub["ground"] == "personal-data", "{at_hub:#}");
    let text = at_hub.to_string();
    ensure!(!text.contains("Greffe") && !text.contains("requête"), "{text}");
    if network.options.store.is_some() {
        ensure!(at_hub["scrubbed_at_us"].is_null(), "nobody said when to lock the tables");
        let scrubbed = network.hub_command(&["erasures", "scrub"])?;
        ensure!(scrubbed["done"] == true, "{scrubbed}");
    }
    until("the hub's store is written anew", || {
        let listed = network.hub_command(&["erasures", "list"])?;
        Ok(listed["erasures"][0]["scrubbed_at_us"].as_i64())
    })
    .await?;
    let node = &network.nodes[COD];
    let one = until("the node is told, and its files are written anew", || {
        let listed = network.node_command(node, &["erase", "list"])?;
        let one = listed["erasures"].get(0).cloned().unwrap_or_default();
        let is_done = one["executed_at_us"].is_i64() && one["scrubbed_at_us"].is_i64();
        Ok(is_done.then_some(one))
    })
    .await?;
    ensure!(one["erased_by"] == "Greffe de Goma", "{one:#}");
    ensure!(one["executed_at_us"] == at_hub["executed_at_us"], "{one:#} {at_hub:#}");
    Ok(())
}

/// Node and hub prove what they hold; only the record of the order is gone.
fn proofs_hold(world: &World) -> Result<()> {
    world.verify_stores()?;
    let again = order(world, &["--yes"])?;
    ensure!(again["outcome"] == "already" && again["seq"].is_null(), "{again:#}");
    let unknown = ["erase", "MineSite", "CD-0.0-0.0-0", "--by", "x", "--reason", "x"];
    let (code, said) = run(world, &[&unknown[..], &["--ground", "court-order", "--yes"]].concat())?;
    ensure!(code == 66 && said.contains("CD-0.0-0.0-0"), "{code}: {said}");
    Ok(())
}

/// The row at the source is as it was; old bundles are where they were.
async fn stays_out(world: &mut World, marker: &str, old: &[PathBuf]) -> Result<()> {
    let size = size(world)?;
    world.network.nodes[COD].process.kill()?;
    world.network.restart_node(COD)?;
    world.exchange().await?;
    ensure!(self::size(world)? == size, "something was published");
    let quarantine =
        world.network.node_command(&world.network.nodes[COD], &["quarantine", "list"])?;
    ensure!(quarantine.to_string().contains("ERASED"), "{quarantine:#}");
    let imported = import(world, old)?;
    let words: Vec<&Value> =
        imported["files"].as_array().into_iter().flatten().map(|file| &file["outcome"]).collect();
    ensure!(!words.is_empty() && words.iter().all(|word| **word == "known"), "{imported:#}");
    let new = export(world, "after")?;
    ensure!(bundled(world, &new, marker)? == 0, "the new bundle has it");
    ensure!(bundled(world, &new, SITE)? > 0, "the new bundle lacks the record's headers");
    let listed = world.network.node_command(&world.network.nodes[COD], &["erase", "list"])?;
    names(&listed["erasures"][0]["bundles"], old)?;
    let found = found(world, marker).await?;
    ensure!(found.is_empty(), "{found:#?}");
    Ok(())
}

/// What the ministry corrects is published as the next revision, and nothing else ever
/// differed.
async fn corrected(world: &mut World, marker: &str) -> Result<()> {
    // The row that waits for its correction counts as refused.
    assert_eq!(world.differences().await?, Vec::<String>::new());
    name_site(world, "Carrière 1").await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()?;
    let found = found(world, marker).await?;
    ensure!(found.is_empty(), "{found:#?}");
    Ok(())
}

// Goal: an order that is cut off anywhere is carried out whole or not at all, and
// repeating it finishes it. Method: kill the command after ever longer times, until
// it ends by itself.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_killed_at_any_moment_is_whole_or_nothing() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let marker = marker();
    name_site(&mut world, &marker).await?;
    let node = &world.network.nodes[COD];
    let (mut kills, mut ended) = (0, false);
    while !ended {
        let mut command = Command::new(&world.network.binaries.node);
        command.args(ORDER).args(["--yes", "--json", "--dir"]).arg(&node.folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = tokio::process::Command::from(command).spawn()?;
        ended = tokio::time::timeout(Duration::from_millis(3 * kills), child.wait()).await.is_ok();
        // The signal of no appeal, as a power cut.
        child.kill().await?;
        kills += 1;
        let planned = order(&world, &["--dry-run"])?;
        let left = planned["entries"].as_array().context("read what is left")?.len();
        ensure!(left == 2 || left == 0, "half of it after {kills} kills: {planned:#}");
        world.network.node_command(node, &["journal", "verify"])?;
    }
    ensure!(kills > 3, "only {kills} kills");
    let done = order(&world, &["--yes"])?;
    ensure!(done["outcome"] == "already", "{done:#}");
    let network = &world.network;
    until("its files are written anew", || {
        let listed = network.node_command(node, &["erase", "list"])?;
        Ok(listed["erasures"][0]["scrubbed_at_us"].as_i64())
    })
    .await?;
    let listed = network.node_command(node, &["erase", "list"])?;
    ensure!(listed["erasures"].as_array().is_some_and(|all| all.len() == 1), "{listed:#}");
    eventually("it is nowhere any more", async || {
        Ok(found(&world, &marker).await?.is_empty().then_some(()))
    })
    .await?;
    world.exchange().await?;
    world.verify_stores()
}

/// A name that nothing has by chance.
fn marker() -> String {
    format!("Zz{:016x}", rand::random::<u64>())
}

/// Gives the site another name at the source, and waits until the hub has it.
async fn name_site(world: &mut World, name: &str) -> Result<()> {
    let begun = now_us();
    world.states[COD]
        .execute(&format!(
            "UPDATE visites SET name = '{name}',
                 modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')
             WHERE pcode = 'demo00001'"
        ))
        .await?;
    world.exchange_since(begun).await
}

/// Runs the order and reads its JSON.
fn order(world: &World, more: &[&str]) -> Result<Value> {
    let node = &world.network.nodes[COD];
    world.network.node_command(node, &[&ORDER[..], more].concat())
}

/// Exit code and what was said.
fn run(world: &World, arguments: &[&str]) -> Result<(i32, String)> {
    let mut command = Command::new(&world.network.binaries.node);
    command.args(arguments).arg("--dir").arg(&world.network.nodes[COD].folder);
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.code().context("end by a signal")?, said))
}

/// Bundles of everything that the node wrote.
fn export(world: &World, name: &str) -> Result<Vec<PathBuf>> {
    let out = world.folder.path().join(name);
    fs::create_dir_all(&out)?;
    let key = world.network.hub_command(&["bundle", "key"])?;
    let key = key["recipient"].as_str().context("read the key of the hub")?;
    let out = out.display().to_string();
    let arguments = ["bundle", "export", "--out", &out, "--after", "0", "--to", key];
    let node = &world.network.nodes[COD];
    let exported = world.network.node_command(node, &arguments)?;
    let bundles = exported["bundles"].as_array().context("read what was exported")?;
    let files = bundles.iter().filter_map(|bundle| bundle["files"].as_array()).flatten();
    Ok(files.filter_map(|file| file.as_str().map(PathBuf::from)).collect())
}

fn import(world: &World, files: &[PathBuf]) -> Result<Value> {
    let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let arguments: Vec<&str> =
        ["bundle", "import"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    world.network.hub_command(&arguments)
}

/// Whether a list names the bundle of the site's feed.
fn names(listed: &Value, files: &[PathBuf]) -> Result<()> {
    let of_feed = |file: &&PathBuf| file.to_string_lossy().contains("master-data");
    let file = files.iter().find(of_feed).context("find the bundle of master data")?;
    let listed = listed.as_array().context("read the bundles")?;
    let is_named = |one: &Value| one["file"].as_str().is_some_and(|one| Path::new(one) == file);
    ensure!(listed.len() == 1 && is_named(&listed[0]), "{} in {listed:?}", file.display());
    Ok(())
}

/// Entries of master data at the node.
fn size(world: &World) -> Result<u64> {
    let status = world.network.node_command(&world.network.nodes[COD], &["status"])?;
    let feeds = status["feeds"].as_array().context("read the feeds")?;
    let feed = feeds.iter().find(|of| of["feed"] == "master-data").context("find the feed")?;
    feed["size"].as_u64().context("read its size")
}
