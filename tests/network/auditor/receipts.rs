//! Receipts come back to the node, and anybody can verify them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use rmd_demo::wait::until;
use serde_json::Value;

use super::{Auditor, has_proven, open_hub, run};
use crate::harness::{Make, World};

/// The receipts of a node once the hub has given them for everything that it wrote.
async fn given(world: &mut World, node: usize) -> Result<Value> {
    until("the hub has given receipts for everything", || {
        world.network.hub.check()?;
        let node = &world.network.nodes[node];
        let listed = world.network.node_command(node, &["receipts", "list"])?;
        let status = world.network.node_command(node, &["status"])?;
        let feeds = status["feeds"].as_array().cloned().unwrap_or_default();
        let receipts = listed["receipts"].as_array().cloned().unwrap_or_default();
        let has = |feed: &Value| {
            feed["size"] == 0
                || receipts.iter().any(|receipt| {
                    receipt["size"] == feed["size"] && receipt["root"] == feed["root"]
                })
        };
        Ok(feeds.iter().all(has).then_some(listed))
    })
    .await
}

fn verify(program: &Path, folder: &Path, file: &Path, keys: [&str; 2]) -> Result<i32> {
    let file = file.display().to_string();
    let [hub, node] = keys;
    let arguments = ["receipts", "verify", &file, "--hub-vkey", hub, "--node-vkey", node];
    Ok(run(program, &arguments, folder)?.0)
}

// Goal: the hub gives a receipt for all that it applied; the node, and anybody with
// both keys and no node, verifies it, and finds a changed byte; an auditor holds it
// against what the hub showed. Method: export the receipts of one node.
#[tokio::test(flavor = "multi_thread")]
async fn receipts_come_back_and_are_verified_without_anybody() -> Result<()> {
    const RWA: usize = 1;
    let mut world = World::new(Make::default()).await?;
    open_hub(&mut world)?;
    let auditor = Auditor::enrol(&mut world, "audit-a").await?;
    let listed = given(&mut world, RWA).await?;
    assert_eq!(listed["sound"], true, "{listed}");
    let proven = |summary: &Value| has_proven(summary, 4);
    auditor.until(&mut world, "the auditor has the checkpoints", proven).await?;
    world.network.hub.stop()?;
    let node = &world.network.nodes[RWA];
    let (program, folder) = (&world.network.binaries.node, &node.folder);
    assert_eq!(run(program, &["receipts", "verify"], folder)?.0, 0);

    let export = std::process::Command::new(program)
        .args(["receipts", "export", "--dir"])
        .arg(folder)
        .output()?;
    let file = world.folder.path().join("receipts.txt");
    fs::write(&file, &export.stdout)?;
    let nowhere = world.folder.path().join("nowhere");
    let hub_key = listed["keys"][0].as_str().context("read the key of receipts")?;
    let shown = world.network.hub_command(&["node", "show", &node.state.node_id()])?;
    let node_key = shown["feed_vkey"].as_str().context("read the key of the node")?;
    let keys = [hub_key, node_key];
    assert_eq!(verify(program, &nowhere, &file, keys)?, 0);
    let one = auditor.folder.display().to_string();
    let (code, compared) = auditor.run(&["compare", &one, &file.display().to_string()])?;
    assert_eq!(code, 0, "{compared}");
    assert!(compared["checkpoints"].as_u64() > Some(0), "{compared}");

    let text = String::from_utf8(export.stdout)?;
    let (size, rest) = text.split_once('\n').and_then(|(_, rest)| rest.split_once('\n')).unwrap();
    let changed = text.replacen(&format!("\n{size}\n"), &format!("\n{size}1\n"), 1);
    assert!(changed != text && !rest.is_empty());
    fs::write(&file, changed)?;
    assert_eq!(verify(program, &nowhere, &file, keys)?, 1, "a changed byte is found");
    assert_eq!(verify(program, &nowhere, &file, [hub_key, hub_key])?, 64, "no key of a node");
    Ok(())
}
