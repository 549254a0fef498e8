//! Rewritten histories, and a hub that shows two things.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use rmd_demo::wait::until;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use super::{Auditor, CONTRADICTED, findings, has_proven, open_hub, verify};
use crate::{
    harness::{Make, World},
    recover::{back_up, copy, put_back},
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

// Goal: a hub that shows two auditors different checkpoints is found when they compare,
// with a proof; one that was put back says so to the auditor that knows more. Method:
// the hub is backed up with a checkpoint that it has and has not published; the first
// auditor takes what it publishes then; the hub is put back, without the mark that would
// tell it so, and publishes the same anew for the second one. No node runs meanwhile, and
// the first auditor asks nothing: so nobody tells the hub that it was put back.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_shows_two_auditors_different_feeds_is_proven_to() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    open_hub(&mut world)?;
    let a = Auditor::enrol(&mut world, "audit-a").await?;
    let b = Auditor::enrol(&mut world, "audit-b").await?;
    let proven = |least| move |summary: &Value| has_proven(summary, least);
    a.until(&mut world, "the first checkpoints", proven(4)).await?;
    let (backup, least) = back_up_unpublished(&mut world).await?;
    world.network.restart_hub()?;
    a.until(&mut world, "the first auditor has more", proven(least)).await?;
    world.network.hub.kill()?;
    put_back(&backup, &world.network.hub_folder)?;
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    sqlx::query("DELETE FROM hub_mark").execute(&mut store).await?;
    store.close().await?;
    world.network.restart_hub()?;
    b.until(&mut world, "the second auditor has as many", proven(least)).await?;

    let found = world.folder.path().join("found");
    let sides: [String; 3] =
        [&a.folder, &b.folder, &found].map(|path: &PathBuf| path.display().to_string());
    let (code, compared) = a.run(&["compare", &sides[0], &sides[1], "--evidence", &sides[2]])?;
    assert_eq!(code, CONTRADICTED, "{compared}");
    assert_eq!(compared["contradictions"][0]["what"], "split-view", "{compared}");
    let origin = compared["contradictions"][0]["origin"].as_str().context("read the origin")?;
    assert!(origin.contains("/hub/checkpoints/"), "{origin}");
    let vkey = hub_key(&a).await?;
    verify(&world, &found.join("evidence-1.txt"), &vkey)?;
    // The first auditor knows of entries that the hub lost: the hub learns of it.
    let is_told =
        |summary: &Value| summary["epoch"].as_u64() > Some(1) && !findings(summary).is_empty();
    a.until(&mut world, "the hub says that it was restored", is_told).await?;
    Ok(())
}

/// Ends the network and backs the hub up in the moment in which it has applied a change
/// and not published the checkpoint of it; that many checkpoints the hub has with it.
async fn back_up_unpublished(world: &mut World) -> Result<(PathBuf, u64)> {
    world.network.hub.stop()?;
    publish_every(&world.network.hub_folder, "1s", "1h")?;
    world.network.restart_hub()?;
    change(world, 77).await?;
    world.exchange().await?;
    for node in &mut world.network.nodes {
        node.process.stop()?;
    }
    world.network.hub.stop()?;
    publish_every(&world.network.hub_folder, "1h", "1s")?;
    let backup = world.folder.path().join("backup-hub");
    copy(&world.network.hub_folder, &backup)?;
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    let least: i64 = sqlx::query_scalar("SELECT COUNT(*) + 1 FROM audit_checkpoint")
        .fetch_one(&mut store)
        .await?;
    let unpublished: i64 = sqlx::query_scalar(
        "SELECT COUNT(*)
         FROM feed_cursor c
         WHERE c.cursor > (SELECT MAX(a.size)
                           FROM audit_checkpoint a
                           WHERE a.node_id = c.node_id AND a.feed = c.feed AND a.epoch = c.epoch)",
    )
    .fetch_one(&mut store)
    .await?;
    store.close().await?;
    assert!(unpublished > 0, "the hub has nothing left to publish");
    Ok((backup, u64::try_from(least)?))
}

/// Has a hub that does not run wait so long between two checkpoints of a feed.
fn publish_every(folder: &Path, before: &str, now: &str) -> Result<()> {
    let file = folder.join("config.toml");
    let line = |interval: &str| format!("checkpoint_interval = '{interval}'");
    let config = fs::read_to_string(&file)?;
    assert!(config.contains(&line(before)), "{config}");
    Ok(fs::write(&file, config.replace(&line(before), &line(now)))?)
}

/// The key of the hub's feeds, as the auditor was told when it enrolled.
async fn hub_key(auditor: &Auditor) -> Result<String> {
    let store = auditor.folder.join("auditor.sqlite").display().to_string();
    let mut store = SqliteConnection::connect(&format!("sqlite://{store}")).await?;
    Ok(sqlx::query_scalar("SELECT hub_feed_vkey FROM enrolment").fetch_one(&mut store).await?)
}
