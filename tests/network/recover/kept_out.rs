//! A node that an officer keeps out, and stores that a later version wrote.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{network::command, wait::until};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{agrees, at_hub, copy};
use crate::harness::{Make, World};

const RWA: usize = 1;

fn id(world: &World) -> String {
    world.network.nodes[RWA].state.node_id()
}

/// An officer's word.
fn word(world: &World, verb: &str) -> Result<()> {
    let id = id(world);
    let said = ["node", verb, &id, "--by", "A. Officer", "--reason", "Letter 31"];
    let stands = world.network.hub_command(&said)?;
    let at_hub = at_hub(&world.network, &world.network.nodes[RWA])?;
    ensure!(at_hub["standing"]["state"] == stands["standing"]["state"], "{at_hub} {stands}");
    Ok(())
}

/// Entries of the node's master data that the hub applied, and that the node has.
fn sizes(world: &World) -> Result<(u64, u64)> {
    let node = &world.network.nodes[RWA];
    let of = |status: &serde_json::Value, field: &str| {
        let feeds = status["feeds"].as_array().cloned().unwrap_or_default();
        let feed = feeds.into_iter().find(|feed| feed["feed"] == "master-data");
        feed.and_then(|feed| feed[field].as_u64()).unwrap_or_default()
    };
    let status = world.network.node_command(node, &["status"])?;
    Ok((of(&at_hub(&world.network, node)?, "cursor"), of(&status, "size")))
}

/// Changes a site, and waits until that is an entry of the node.
async fn change(world: &World, workers: u32) -> Result<()> {
    let (_, before) = sizes(world)?;
    let statement = format!(
        "UPDATE sites SET workers = {workers}, \
         updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '+2 hours') WHERE id = 3"
    );
    world.states[RWA].execute(&statement).await?;
    until("the change is an entry", || Ok((sizes(world)?.1 > before).then_some(()))).await
}

/// What the node says of its own certificate.
fn revoked(world: &World) -> Result<serde_json::Value> {
    let status = world.network.node_command(&world.network.nodes[RWA], &["status"])?;
    Ok(status["revoked"].clone())
}

// Goal: a node that is suspended goes on by itself and is followed from where it was
// left; one that is revoked says so, gives nothing, and comes back by an invitation
// alone. Method: the officer's commands beside running processes.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_kept_out_knows_and_comes_back_with_nothing_lost() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    word(&world, "suspend")?;
    let log = world.network.hub_folder.join("log");
    until("the running hub left the node alone", || {
        world.network.hub.check()?;
        let log = fs::read_to_string(&log)?;
        let is_left = |line: &str| line.contains("standing") && line.contains("suspended");
        Ok(log.lines().any(is_left).then_some(()))
    })
    .await?;
    let (applied, _) = sizes(&world)?;
    change(&world, 201).await?;
    // The others go on, and the node captures: what does not move is its cursor.
    until("the other nodes are followed", || {
        world.network.hub.check()?;
        let other = at_hub(&world.network, &world.network.nodes[0])?;
        Ok((other["last_error"].is_null()).then_some(()))
    })
    .await?;
    ensure!(sizes(&world)?.0 == applied && revoked(&world)?.is_null());
    word(&world, "resume")?;
    agrees(&mut world).await?;

    word(&world, "revoke")?;
    let proven = until("the node knows from the hub", || {
        world.network.nodes[RWA].process.check()?;
        let said = revoked(&world)?;
        Ok((said["is_proven"] == true).then_some(said))
    })
    .await?;
    ensure!(proven["since_us"].as_i64() > Some(0), "{proven}");
    let (applied, _) = sizes(&world)?;
    change(&world, 202).await?;
    ensure!(sizes(&world)?.0 == applied, "nothing comes from a revoked node");

    world.network.nodes[RWA].process.stop()?;
    let node = &world.network.nodes[RWA];
    let state = &node.state;
    let invited = world.network.hub_command(&["node", "invite", state.country, state.name])?;
    let token = world.folder.path().join("back.token");
    fs::write(&token, invited["token"].as_str().context("read the invitation")?)?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600))?;
    let token = token.display().to_string();
    let enrol = ["enrol", "--token-file", &token, "--advertise", &node.address];
    command(&world.network.binaries.node, &node.folder, &enrol)?;
    world.network.restart_node(RWA)?;
    agrees(&mut world).await?;
    ensure!(revoked(&world)?.is_null());
    Ok(())
}

// Goal: node and hub refuse a store that a later version wrote, with the exit code of a
// wrong start, and change nothing of it. Method: a migration of the year 2999.
#[tokio::test(flavor = "multi_thread")]
async fn stores_of_a_later_version_are_refused_at_the_start() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    world.network.nodes[RWA].process.stop()?;
    world.network.hub.stop()?;
    let binaries = &world.network.binaries;
    for (program, folder, file) in [
        (&binaries.node, &world.network.nodes[RWA].folder, "node.sqlite"),
        (&binaries.hub, &world.network.hub_folder, "hub.sqlite"),
    ] {
        let later = world.folder.path().join(format!("later-{file}"));
        copy(folder, &later)?;
        let url = format!("sqlite://{}", later.join(file).display());
        let statement = "INSERT INTO _sqlx_migrations
            (version, description, success, checksum, execution_time)
            VALUES (29991231235959, 'later', 1, x'00', 0)";
        let mut connection = SqliteConnection::connect(&url).await?;
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        connection.close().await?;
        for command in ["run", "status"] {
            let mut process = std::process::Command::new(program);
            let ended = process.args([command, "--dir"]).arg(&later).output()?;
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            ensure!(ended.status.code() == Some(64), "{command}: {:?} {said}", ended.status);
            ensure!(said.contains("later version") && said.contains("plus récente"), "{said}");
        }
    }
    Ok(())
}
