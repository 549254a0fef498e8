//! Restored, cloned, rewritten, lost: state directories put back, copied, deleted.
//!
//! Each test does to the files of real processes what happens to them in a
//! ministry, and ends with the comparison of every regional field with its source,
//! every seq once, and equal roots.

mod copies;
mod epochs;
mod hub;
mod kept_out;
mod tails;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use rmd_demo::{
    network::{Network, Node},
    wait::{eventually, until},
};
use serde_json::Value;

use crate::harness::{Make, World, now_us};

/// A copy of a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// Puts a folder back as its copy has it.
pub(crate) fn put_back(backup: &Path, folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder)?;
    copy(backup, folder)
}

/// Ends a node and copies its folder, as a backup at night does; starts it again.
pub(crate) fn back_up(world: &mut World, node: usize) -> Result<std::path::PathBuf> {
    let backup = world.folder.path().join(format!("backup-{node}"));
    world.network.nodes[node].process.stop()?;
    copy(&world.network.nodes[node].folder, &backup)?;
    world.network.restart_node(node)?;
    Ok(backup)
}

/// What the hub knows of a node.
fn at_hub(network: &Network, node: &Node) -> Result<Value> {
    let status = network.hub_command(&["status"])?;
    let id = node.state.node_id();
    let nodes = status["nodes"].as_array().context("read the nodes of the hub")?;
    Ok(nodes.iter().find(|seen| seen["id"] == id.as_str()).cloned().unwrap_or_default())
}

/// What happened to the feeds of a node, newest first.
fn events(network: &Network, node: &Node) -> Result<Vec<String>> {
    let status = network.node_command(node, &["recover", "status"])?;
    let events = status["events"].as_array().context("read the events of a node")?;
    Ok(events.iter().filter_map(|event| event["what"].as_str().map(str::to_owned)).collect())
}

/// Nothing is lacking at a node any more.
async fn whole(world: &mut World, node: usize) -> Result<()> {
    until("the node lacks nothing", || {
        world.network.nodes[node].process.check()?;
        world.network.hub.check()?;
        let node = &world.network.nodes[node];
        let status = world.network.node_command(node, &["recover", "status"])?;
        Ok(status["feeds"].as_array().is_some_and(Vec::is_empty).then_some(()))
    })
    .await
}

/// The regional view becomes what the sources are, and everything stored holds.
async fn agrees(world: &mut World) -> Result<()> {
    world.exchange().await?;
    eventually("the regional view is what the sources are", async || {
        Ok(world.differences().await?.is_empty().then_some(()))
    })
    .await?;
    world.exchange().await?;
    world.verify_stores()
}

// Goal: a node that is put back from an old backup gets what it published since
// from the hub, goes on in the same epoch, and publishes what changed meanwhile.
// Method: back up, change, kill, change again, put the copy back. One record came
// and went while nobody looked: it was published after the backup and is deleted
// at the source before the restored node runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_put_back_from_an_old_backup_goes_on_where_it_was() -> Result<()> {
    const UGA: usize = 2;
    let mut world = World::new(Make::default()).await?;
    let backup = back_up(&mut world, UGA)?;
    let uga = world.states[UGA].clone();
    let begun = now_us();
    uga.execute("UPDATE site_register SET diggers = 77 WHERE site_ref = 'KGL-02'").await?;
    uga.execute(
        "CREATE TEMP TABLE one AS SELECT * FROM site_register WHERE site_ref = 'KGL-07';
         UPDATE one SET site_ref = 'KGL-90', rmd_id = 'UG-+0.2210+30.3120-590', lic1_no = 'X/590';
         INSERT INTO site_register SELECT * FROM one;
         DROP TABLE one;
         DELETE FROM site_register WHERE site_ref = 'KGL-07'",
    )
    .await?;
    world.exchange_since(begun).await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    let before = at_hub(&world.network, &world.network.nodes[UGA])?;
    world.network.nodes[UGA].process.kill()?;
    uga.execute("UPDATE site_register SET diggers = 78 WHERE site_ref = 'KGL-02'").await?;
    uga.execute("DELETE FROM site_register WHERE site_ref = 'KGL-90'").await?;
    put_back(&backup, &world.network.nodes[UGA].folder)?;
    world.network.restart_node(UGA)?;
    whole(&mut world, UGA).await?;
    agrees(&mut world).await?;
    let after = at_hub(&world.network, &world.network.nodes[UGA])?;
    for (one, other) in before["feeds"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(after["feeds"].as_array().into_iter().flatten())
    {
        assert_eq!(one["epoch"], other["epoch"]);
        assert!(one["cursor"].as_u64() <= other["cursor"].as_u64(), "{one} {other}");
    }
    let events = events(&world.network, &world.network.nodes[UGA])?;
    assert!(events.iter().any(|event| event == "returned"), "{events:?}");
    Ok(())
}
