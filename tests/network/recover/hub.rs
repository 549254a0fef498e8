//! A hub put back from a backup.

use anyhow::{Context as _, Result};
use rmd_demo::exchange;

use super::{agrees, copy, put_back};
use crate::harness::{Make, World};

const SITE: &str = "RW-1.7402+29.9901-1002";

fn decide(world: &World, status: &str) -> Result<()> {
    let document = world.folder.path().join("decision.txt");
    std::fs::write(&document, status)?;
    let document = document.display().to_string();
    let mut decision = vec!["site", "set-status", SITE, status, "--by", "Officer"];
    decision.extend(["--reason", "Test", "--document", &document]);
    world.network.hub_command(&decision)?;
    Ok(())
}

/// The bulletins that were published.
fn published(world: &World) -> Result<u64> {
    let status = world.network.hub_command(&["status"])?;
    status["bulletins"]["published"].as_u64().context("count the bulletins")
}

/// Waits until every node was heard, and the hub has so many bulletins.
async fn heard(world: &mut World, bulletins: u64) -> Result<()> {
    rmd_demo::wait::until("the hub has heard every node", || {
        world.network.hub.check()?;
        let status = world.network.hub_command(&["recover", "status"])?;
        let is_heard = status["not_heard"].as_array().is_some_and(Vec::is_empty);
        Ok((is_heard && published(world)? == bulletins).then_some(()))
    })
    .await
}

// Goal: where nothing tells that the whole disk was put back, an officer's word has the hub
// wait for every node, and it publishes nothing before. Method: hold while the nodes are
// away, decide in vain, let them come back.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_an_officer_holds_publishes_once_every_node_was_heard() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    decide(&world, "yellow")?;
    exchange::bulletins_applied(&mut world.network).await?;
    let before = published(&world)?;
    let nodes = world.network.nodes.len();
    for node in 0..nodes {
        world.network.nodes[node].process.stop()?;
    }
    let hold = ["recover", "hold", "--by", "Officer", "--reason", "The disk of Monday"];
    let status = world.network.hub_command(&hold)?;
    assert_eq!(status["not_heard"].as_array().map(Vec::len), Some(nodes), "{status}");
    assert_eq!(status["events"][0]["reason"], "The disk of Monday", "{status}");
    let refused = decide(&world, "red").expect_err("nothing is published while nodes are away");
    for node in &world.network.nodes {
        assert!(format!("{refused:#}").contains(&node.state.node_id()), "{refused:#}");
    }
    assert_eq!(published(&world)?, before);
    for node in 0..nodes {
        world.network.restart_node(node)?;
    }
    heard(&mut world, before).await?;
    decide(&world, "red")?;
    exchange::bulletins_applied(&mut world.network).await?;
    assert_eq!(published(&world)?, before + 1);
    agrees(&mut world).await
}

// Goal: a hub that was put back has its own feed again before it publishes, with
// the decisions that only the nodes still know, and no node freezes it. Method:
// back up after one decision, take a second, kill, put back, take a third.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_put_back_from_a_backup_gets_its_feed_from_the_nodes() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    decide(&world, "yellow")?;
    exchange::bulletins_applied(&mut world.network).await?;
    world.network.hub.stop()?;
    let backup = world.folder.path().join("backup-hub");
    copy(&world.network.hub_folder, &backup)?;
    world.network.restart_hub()?;
    decide(&world, "red")?;
    exchange::bulletins_applied(&mut world.network).await?;
    let before = published(&world)?;
    world.network.hub.kill()?;
    put_back(&backup, &world.network.hub_folder)?;
    world.network.restart_hub()?;
    heard(&mut world, before).await?;
    let shown = world.network.hub_command(&["site", "show", SITE])?;
    assert_eq!(shown["decisions"].as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(shown["decisions"][1]["status"], "red", "{shown}");
    decide(&world, "yellow")?;
    exchange::bulletins_applied(&mut world.network).await?;
    assert_eq!(published(&world)?, before + 1);
    for node in &world.network.nodes {
        let inbox = world.network.node_command(node, &["inbox", "list"])?;
        assert!(!inbox.to_string().contains("frozen\":true"), "{inbox}");
        let status = world.network.node_command(node, &["status"])?;
        let feeds = status["inbox"]["feeds"].as_array().cloned().unwrap_or_default();
        assert!(feeds.iter().all(|feed| feed["state"] == "following"), "{status}");
    }
    agrees(&mut world).await
}
