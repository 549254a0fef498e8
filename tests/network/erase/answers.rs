//! An answer to a case is erased as a record is.

use anyhow::{Context as _, Result, ensure};
use rmd_demo::wait::until;
use serde_json::Value;

use super::{
    COD, export, import, marker,
    stores::{bundled, found},
};
use crate::{
    cases::sent,
    harness::{Make, World},
};

// Goal: what a ministry has said of a person in an answer is gone from every store and
// every new bundle, though the case goes on and every proof holds. Method: a random word in
// an answer; every file, cell and entry is searched for it, before and after.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_erased_is_gone_from_every_store_and_bundle_on_sqlite() -> Result<()> {
    erased(World::new(Make::default()).await?).await
}

// The same with the hub on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_erased_is_gone_from_every_store_and_bundle_on_servers() -> Result<()> {
    erased(World::new(Make { servers: true, ..Make::default() }).await?).await
}

async fn erased(mut world: World) -> Result<()> {
    let (marker, case_id) = (marker(), sent(&world).await?);
    let key = format!("{case_id}/1");
    let by = format!("Mme {marker}");
    node(&world, &["case", "reply", &case_id, "--by", &by, "--text", &format!("ask {marker}")])?;
    until("the hub has the answer", || {
        let shown = world.network.hub_command(&["case", "show", &case_id])?;
        Ok((shown["state"] == "answered").then_some(()))
    })
    .await?;
    let before = found(&world, &marker).await?;
    for place in
        ["blocks of the node", "cells of the node", "cells of the hub", "ledger of the hub"]
    {
        ensure!(before.iter().any(|found| found.starts_with(place)), "{place} not in {before:?}");
    }
    let old = export(&world, "before")?;
    ensure!(bundled(&world, &old, &marker)? == 1, "the old bundle lacks it");

    let planned = order(&world, &key, "--dry-run")?;
    let file = planned["bundles"][0]["file"].as_str().context("read which bundle holds it")?;
    ensure!(file.contains("answers"), "{planned:#}");
    ensure!(found(&world, &marker).await? == before, "a dry run changes nothing");
    let done = order(&world, &key, "--yes")?;
    ensure!(done["outcome"] == "erased" && done["entries"] == planned["entries"], "{done:#}");
    executed(&mut world, &key).await?;
    ensure!(found(&world, &marker).await?.is_empty(), "{:?}", found(&world, &marker).await?);
    world.verify_stores()?;

    // The case goes on, and says that something was said.
    let shown = world.network.hub_command(&["case", "show", &case_id])?;
    ensure!(shown["state"] == "answered" && shown["replies"][0]["text"] == "", "{shown:#}");
    let shown = node(&world, &["case", "show", &case_id])?;
    ensure!(shown["replies"][0]["is_erased"] == true, "{shown:#}");
    ensure!(shown["replies"][0]["is_received"] == true, "{shown:#}");
    let again = order(&world, &key, "--yes")?;
    ensure!(again["outcome"] == "already", "{again:#}");

    // Neither an old bundle nor a new one brings it back.
    let imported = import(&world, &old)?;
    let files = imported["files"].as_array().context("read the files")?;
    ensure!(files.iter().all(|file| file["outcome"] == "known"), "{imported:#}");
    let new = export(&world, "after")?;
    ensure!(bundled(&world, &new, &marker)? == 0, "the new bundle has it");
    ensure!(bundled(&world, &new, &key)? == 2, "the new bundle lacks the headers");
    ensure!(found(&world, &marker).await?.is_empty(), "it came back");
    assert_eq!(world.differences().await?, Vec::<String>::new());
    Ok(())
}

fn node(world: &World, arguments: &[&str]) -> Result<Value> {
    world.network.node_command(&world.network.nodes[COD], arguments)
}

fn order(world: &World, key: &str, more: &str) -> Result<Value> {
    let order = ["erase", "CaseReply", key, "--by", "Greffe de Goma", "--reason", "requête 13"];
    node(world, &[&order[..], &["--ground", "personal-data", more]].concat())
}

/// The hub has done it, the node knows, and every file was written anew.
async fn executed(world: &mut World, key: &str) -> Result<()> {
    world.exchange().await?;
    let network = &world.network;
    let listed = || -> Result<Value> {
        Ok(network.hub_command(&["erasures", "list"])?["erasures"][0].clone())
    };
    let at_hub = until("the hub has executed the order", || {
        Ok(Some(listed()?).filter(|one| one["record_key"] == key))
    })
    .await?;
    ensure!(at_hub["entity"] == "CaseReply" && at_hub["payloads"] == 1, "{at_hub:#}");
    if network.options.store.is_some() {
        network.hub_command(&["erasures", "scrub"])?;
    }
    until("the hub's store is written anew", || Ok(listed()?["scrubbed_at_us"].as_i64())).await?;
    until("the node is told, and its files are written anew", || {
        let one = node(world, &["erase", "list"])?["erasures"][0].clone();
        let is_done = one["executed_at_us"].is_i64() && one["scrubbed_at_us"].is_i64();
        Ok(is_done.then_some(()))
    })
    .await
}
