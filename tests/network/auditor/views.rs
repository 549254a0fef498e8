//! Rewritten histories.

use std::fs;

use anyhow::{Context as _, Result};
use rmd_demo::wait::until;
use serde_json::Value;

use super::{Auditor, CONTRADICTED, findings, has_proven, open_hub, verify};
use crate::{
    harness::{Make, World},
    recover::{back_up, put_back},
};

const UGA: usize = 2;

/// A change of one site of Uganda.
async fn change(world: &World, diggers: u32) -> Result<()> {
    let statement =
        format!("UPDATE site_register SET diggers = {diggers} WHERE site_ref = 'KGL-02'");
    world.states[UGA].clone().execute(&statement).await
}

fn size(world: &World) -> Result<u64> {
    let status = world.network.node_command(&world.network.nodes[UGA], &["status"])?;
    let feeds = status["feeds"].as_array().cloned().unwrap_or_default();
    let feed = feeds.iter().find(|feed| feed["feed"] == "master-data");
    Ok(feed.and_then(|feed| feed["size"].as_u64()).unwrap_or_default())
}

async fn written(world: &mut World, least: u64) -> Result<()> {
    until("the change is an entry", || {
        world.network.nodes[UGA].process.check()?;
        Ok((size(world)? >= least).then_some(()))
    })
    .await
}

/// The number of the first finding of a kind.
fn number(summary: &Value, what: &str) -> Option<i64> {
    let kept = summary["findings"].as_array()?;
    kept.iter().find(|one| one["what"] == what)?["finding_id"].as_i64()
}

// Goal: a node that rewrote its history is found by an auditor, who proves it to
// others without hub and node. Method: the node is put back from a backup, writes
// another entry in the place of one that the hub has, and goes on alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_history_of_a_node_is_proven_by_an_auditor() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    open_hub(&mut world)?;
    let auditor = Auditor::enrol(&mut world, "audit-a").await?;
    let backup = back_up(&mut world, UGA)?;
    let before = size(&world)?;
    change(&world, 77).await?;
    written(&mut world, before + 1).await?;
    world.exchange().await?;
    let proven = |summary: &Value| has_proven(summary, 4);
    auditor.until(&mut world, "the auditor has the checkpoints", proven).await?;
    world.network.nodes[UGA].process.kill()?;
    put_back(&backup, &world.network.nodes[UGA].folder)?;
    world.network.hub.stop()?;
    change(&world, 78).await?;
    world.network.restart_node(UGA)?;
    until("the restored node waits for the hub", || {
        let own = world.network.node_command(&world.network.nodes[UGA], &["recover", "status"])?;
        Ok((own["feeds"][0]["state"] == "unsure").then_some(()))
    })
    .await?;
    let alone = ["recover", "run", "--alone", "--yes"];
    world.network.node_command(&world.network.nodes[UGA], &alone)?;
    written(&mut world, before + 1).await?;
    world.network.restart_hub()?;
    let is_found = |summary: &Value| findings(summary).iter().any(|what| what == "rewritten");
    let summary = auditor.until(&mut world, "the rewriting is found", is_found).await?;

    let shown =
        world.network.hub_command(&["node", "show", &world.network.nodes[UGA].state.node_id()])?;
    let vkey = shown["feed_vkey"].as_str().context("read the key of the node")?.to_owned();
    world.network.hub.stop()?;
    let (code, offline) = auditor.run(&["show"])?;
    assert_eq!((code, &offline["sound"]), (CONTRADICTED, &Value::Bool(false)), "{offline}");
    let number = number(&summary, "rewritten").context("find the finding")?.to_string();
    let exported = std::process::Command::new(&auditor.hub)
        .args(["auditor", "export", &number, "--dir"])
        .arg(&auditor.folder)
        .output()?;
    let file = world.folder.path().join("evidence.txt");
    fs::write(&file, &exported.stdout)?;
    verify(&world, &file, &vkey)
}
