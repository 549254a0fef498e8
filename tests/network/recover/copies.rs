//! Two copies of one state directory.

use anyhow::Result;
use rmd_demo::{network::Process, wait::until};

use super::{agrees, at_hub, copy};
use crate::harness::{Make, World};

const RWA: usize = 1;

/// The hub refuses the node for being one of two.
async fn refused(world: &mut World, said: &str) -> Result<()> {
    until("the hub refuses a copy", || {
        world.network.hub.check()?;
        let error = at_hub(&world.network, &world.network.nodes[RWA])?["last_error"].clone();
        let message = error["message"].as_str().unwrap_or_default();
        Ok((error["code"] == "node-cloned" && message.contains(said)).then_some(()))
    })
    .await
}

/// The random numbers of the starts that the hub knows, by what they are to it.
fn starts(world: &World, is: &str) -> Result<Vec<String>> {
    let id = world.network.nodes[RWA].state.node_id();
    let boots = world.network.hub_command(&["node", "boots", &id])?;
    let boots = boots["boots"].as_array().cloned().unwrap_or_default();
    Ok(boots
        .iter()
        .filter(|boot| boot["state"] == is)
        .filter_map(|boot| boot["boot_random"].as_i64())
        .map(|random| random.cast_unsigned().to_string())
        .collect())
}

// Goal: two copies that run in turns are refused until an officer names one; that
// one goes on, the other never again. Method: copy the folder of a node that is
// down, run the copy, then the original, at the same address.
#[tokio::test(flavor = "multi_thread")]
async fn two_copies_in_turns_are_refused_until_an_officer_names_one() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    world.network.nodes[RWA].process.stop()?;
    let other = world.folder.path().join("copy");
    copy(&world.network.nodes[RWA].folder, &other)?;
    let node = world.network.binaries.node.clone();
    let first = starts(&world, "current")?;
    let mut copied = Process::start("copy", &node, &other, &[])?;
    until("the hub follows the copy", || {
        copied.check()?;
        let current = starts(&world, "current")?;
        Ok((current.len() == 1 && current != first).then_some(()))
    })
    .await?;
    let of_copy = starts(&world, "current")?;
    copied.stop()?;
    world.network.restart_node(RWA)?;
    refused(&mut world, "rmd-hub node keep").await?;
    let rivals = starts(&world, "rival")?;
    assert_eq!(rivals.len(), 2, "{rivals:?}");
    let original = rivals.iter().find(|random| !of_copy.contains(random)).cloned().unwrap();
    let id = world.network.nodes[RWA].state.node_id();
    let keep = ["node", "keep", &id, "--boot-random", &original, "--by", "Officer", "--reason"];
    world.network.hub_command(&[&keep[..], &["The other machine was sold"]].concat())?;
    agrees(&mut world).await?;
    world.network.nodes[RWA].process.stop()?;
    let mut copied = Process::start("copy", &node, &other, &[])?;
    refused(&mut world, "turned away").await?;
    copied.stop()?;
    world.network.restart_node(RWA)?;
    agrees(&mut world).await
}
