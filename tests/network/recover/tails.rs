//! Each side holds entries that the other lacks.

use std::process::Command;

use anyhow::{Result, ensure};
use rmd_demo::{network::Node, states::State, wait::until};

use super::{agrees, at_hub, back_up, put_back, whole};
use crate::harness::{Make, World};

/// One change of a site; different for each number.
async fn change(state: &State, number: usize) -> Result<()> {
    let statement = match state.country {
        "COD" => format!(
            "UPDATE visites SET workers_numb = '{}', modifie_le = strftime('%Y-%m-%d %H:%M:%f', 'now', '+2 hours')
             WHERE vid = (SELECT vid FROM visites ORDER BY pcode, visit_date DESC, vid DESC LIMIT 1)",
            100 + number
        ),
        "RWA" => format!(
            "UPDATE sites SET workers = {}, updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '+2 hours') WHERE id = 3",
            100 + number
        ),
        _ => format!("UPDATE site_register SET diggers = {} WHERE site_ref = 'KGL-02'", 100 + number),
    };
    state.execute(&statement).await
}

/// Entries of a node's master data.
fn size(world: &World, node: usize) -> Result<u64> {
    let status = world.network.node_command(&world.network.nodes[node], &["status"])?;
    let feeds = status["feeds"].as_array().cloned().unwrap_or_default();
    let feed = feeds.iter().find(|feed| feed["feed"] == "master-data");
    Ok(feed.and_then(|feed| feed["size"].as_u64()).unwrap_or_default())
}

/// Changes one record until the node has so many entries more.
async fn grow(world: &mut World, node: usize, entries: u64, first: usize) -> Result<()> {
    let before = size(world, node)?;
    for number in 0..entries {
        change(&world.states[node].clone(), first + usize::try_from(number)?).await?;
        let wanted = before + number + 1;
        until("the change is an entry", || {
            world.network.nodes[node].process.check()?;
            Ok((size(world, node)? >= wanted).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Exports evidence with a binary and checks it with the hub's, without any store.
fn prove(world: &World, export: &mut Command, vkey: &str) -> Result<String> {
    let exported = export.output()?;
    ensure!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let file = world.folder.path().join("evidence.txt");
    std::fs::write(&file, &exported.stdout)?;
    let checked = Command::new(&world.network.binaries.hub)
        .args(["evidence", "verify"])
        .arg(&file)
        .args(["--vkey", vkey])
        .current_dir("/")
        .output()?;
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    ensure!(checked.status.success(), "{text} {}", String::from_utf8_lossy(&exported.stdout));
    Ok(text)
}

fn evidence(program: &std::path::Path, folder: &std::path::Path, more: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["evidence", "export"]).args(more).arg("--dir").arg(folder);
    command
}

fn vkey(world: &World, node: &Node) -> Result<String> {
    let shown = world.network.hub_command(&["node", "show", &node.state.node_id()])?;
    Ok(shown["feed_vkey"].as_str().unwrap_or_default().to_owned())
}

// Goal: a node that was put back and wrote on before anybody knew is frozen on
// both sides with a proof that a third party can check; the node's operator gives
// way, an officer confirms, and nothing of the national database is lost.
// Method: three nodes; the tail that the hub holds and the one that the node wrote
// have the same length, the hub's is longer, the node's is longer.
#[tokio::test(flavor = "multi_thread")]
async fn two_tails_are_frozen_with_a_proof_until_one_gives_way() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let tails = [(1, 1), (3, 1), (1, 3)];
    let mut backups = Vec::new();
    for (node, (at_hub, _)) in tails.into_iter().enumerate() {
        backups.push(back_up(&mut world, node)?);
        grow(&mut world, node, at_hub, 0).await?;
    }
    world.exchange().await?;
    for (node, backup) in backups.iter().enumerate() {
        world.network.nodes[node].process.kill()?;
        put_back(backup, &world.network.nodes[node].folder)?;
    }
    world.network.hub.stop()?;
    for (node, (_, written)) in tails.into_iter().enumerate() {
        world.network.restart_node(node)?;
        until("the restored node waits for the hub", || {
            let node = &world.network.nodes[node];
            let own = world.network.node_command(node, &["recover", "status"])?;
            Ok((own["feeds"][0]["state"] == "unsure").then_some(()))
        })
        .await?;
        // Asked before the node may go on: it is at it before the command has ended.
        let begun = size(&world, node)?;
        let alone = ["recover", "run", "--alone", "--yes"];
        world.network.node_command(&world.network.nodes[node], &alone)?;
        // What changed at the source since the backup is the first entry.
        until("the restored node captured", || Ok((size(&world, node)? > begun).then_some(())))
            .await?;
        grow(&mut world, node, written - 1, 50).await?;
    }
    world.network.restart_hub()?;
    // A node that has more than the hub, under a number of start that came before,
    // cannot be told from a copy: an officer says which it is.
    keep_the_last(&mut world, 2).await?;
    for node in 0..tails.len() {
        frozen(&mut world, node).await?;
        let node = &world.network.nodes[node];
        let (id, vkey) = (node.state.node_id(), vkey(&world, node)?);
        let binaries = &world.network.binaries;
        let mut of_hub = evidence(&binaries.hub, &world.network.hub_folder, &[&id, "master-data"]);
        let text = prove(&world, &mut of_hub, &vkey)?;
        assert!(text.contains("proven") && text.contains("prouvé"), "{text}");
        let mut of_node = evidence(&binaries.node, &node.folder, &["master-data"]);
        prove(&world, &mut of_node, &vkey)?;
    }
    for node in 0..tails.len() {
        let node = &world.network.nodes[node];
        let given = world.network.node_command(node, &["recover", "--discard-tail", "--yes"])?;
        let file = given["discarded"][0]["file"].as_str().unwrap_or_default();
        assert!(std::fs::metadata(file)?.len() > 0, "{given}");
        let id = node.state.node_id();
        let confirm = ["node", "confirm-recovery", &id, "--by", "Officer", "--reason", "Disk"];
        world.network.hub_command(&confirm)?;
    }
    for node in 0..tails.len() {
        whole(&mut world, node).await?;
    }
    agrees(&mut world).await?;
    // All is well again, and what was signed stays proven.
    let kept = world.network.hub_command(&["evidence", "list"])?;
    let kept = kept["evidence"].as_array().cloned().unwrap_or_default();
    for node in &world.network.nodes {
        let id = node.state.node_id();
        let proven =
            kept.iter().find(|kept| kept["node_id"] == id.as_str() && kept["proven"] == true);
        let proven = proven.ok_or_else(|| anyhow::anyhow!("no evidence about {id}"))?;
        let evidence_id = proven["evidence_id"].as_str().unwrap_or_default();
        let mut by_id =
            evidence(&world.network.binaries.hub, &world.network.hub_folder, &[&evidence_id[..12]]);
        prove(&world, &mut by_id, &vkey(&world, node)?)?;
    }
    Ok(())
}

/// Names the newest of two starts that cannot be told apart.
async fn keep_the_last(world: &mut World, node: usize) -> Result<()> {
    let id = world.network.nodes[node].state.node_id();
    let random = until("the hub refuses what may be a copy", || {
        world.network.hub.check()?;
        let listed = world.network.hub_command(&["node", "boots", &id])?;
        let boots = listed["boots"].as_array().cloned().unwrap_or_default();
        let rivals = boots.iter().filter(|boot| boot["state"] == "rival");
        let last = rivals.max_by_key(|boot| boot["first_seen_us"].as_i64());
        Ok(last.and_then(|boot| boot["boot_random"].as_i64()))
    })
    .await?;
    let random = random.cast_unsigned().to_string();
    let keep =
        ["node", "keep", &id, "--boot-random", &random, "--by", "Officer", "--reason", "Disk"];
    world.network.hub_command(&keep)?;
    Ok(())
}

async fn frozen(world: &mut World, node: usize) -> Result<()> {
    until("both sides are frozen", || {
        world.network.hub.check()?;
        world.network.nodes[node].process.check()?;
        let node = &world.network.nodes[node];
        let seen = at_hub(&world.network, node)?;
        let is_frozen = seen["feeds"].as_array().is_some_and(|feeds| {
            feeds.iter().any(|feed| feed["feed"] == "master-data" && feed["state"] == "frozen")
        });
        let own = world.network.node_command(node, &["recover", "status"])?;
        let diverged = own["feeds"].as_array().is_some_and(|feeds| {
            feeds.iter().any(|feed| feed["state"] == "diverged" && !feed["common_size"].is_null())
        });
        Ok((is_frozen && diverged).then_some(()))
    })
    .await?;
    // Nothing is dropped without a yes.
    let dropped =
        world.network.node_command(&world.network.nodes[node], &["recover", "--discard-tail"]);
    assert!(dropped.is_err());
    Ok(())
}
