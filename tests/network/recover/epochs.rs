//! A lost store, with its key and without.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use anyhow::{Context as _, Result};
use rmd_demo::network::command;

use super::{agrees, at_hub, events, whole};
use crate::harness::{Make, World};

const COD: usize = 0;

/// Makes the folder of a node anew and enrols it, with a key if there is one.
fn begin_again(world: &World, key: Option<&[u8]>, invite: &[&str]) -> Result<()> {
    let node = &world.network.nodes[COD];
    let (state, folder) = (&node.state, &node.folder);
    let program = &world.network.binaries.node;
    fs::remove_dir_all(folder)?;
    let mapping = state.mapping.display().to_string();
    let mut init = vec!["init", "--country", state.country, "--name", state.name];
    init.extend(["--source", &state.public_url, "--mapping", &mapping]);
    init.extend(["--listen", &node.address, "--as-of", crate::harness::AS_OF]);
    init.extend(["--capture-interval", "1s"]);
    command(program, folder, &init)?;
    if let Some(key) = key {
        secret(&folder.join("keys/feed.key"), key)?;
    }
    let arguments = [&["node", "invite", state.country, state.name], invite].concat();
    let invited = world.network.hub_command(&arguments)?;
    let token = invited["token"].as_str().context("read the invitation")?;
    let file = world.folder.path().join("again.token");
    secret(&file, token.as_bytes())?;
    let file = file.display().to_string();
    let enrol = ["enrol", "--token-file", &file, "--advertise", &node.address];
    command(program, folder, &enrol)?;
    command(program, folder, &["entitlement", "grant", "transactions"])?;
    Ok(())
}

fn secret(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(path.parent().context("find the folder")?)?;
    fs::write(path, bytes)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}

/// Epoch and cursor of each feed of the node at the hub.
fn feeds(world: &World) -> Result<Vec<(u64, u64)>> {
    let seen = at_hub(&world.network, &world.network.nodes[COD])?;
    let number = |feed: &serde_json::Value, name: &str| feed[name].as_u64().unwrap_or_default();
    let feeds = seen["feeds"].as_array().cloned().unwrap_or_default();
    Ok(feeds.iter().map(|feed| (number(feed, "epoch"), number(feed, "cursor"))).collect())
}

// Goal: with its feed key alone a node comes back as it was: the same epoch, every
// entry, none doubled. Method: delete the folder but for the key, enrol again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_store_comes_back_from_the_hub_with_its_key() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let before = feeds(&world)?;
    world.network.nodes[COD].process.kill()?;
    let key = fs::read(world.network.nodes[COD].folder.join("keys/feed.key"))?;
    begin_again(&world, Some(&key), &[])?;
    world.network.restart_node(COD)?;
    whole(&mut world, COD).await?;
    agrees(&mut world).await?;
    assert_eq!(feeds(&world)?, before, "entries were published again");
    let events = events(&world.network, &world.network.nodes[COD])?;
    assert!(events.iter().any(|event| event == "returned"), "{events:?}");
    Ok(())
}

// Goal: without the key a new epoch begins, which an officer allowed, and every
// record is there again. Method: delete the whole folder; the plain invitation is
// refused, the one for a new epoch is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_begins_a_new_epoch_that_an_officer_allowed() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let before = feeds(&world)?;
    world.network.nodes[COD].process.kill()?;
    let refused = begin_again(&world, None, &[]).unwrap_err();
    assert!(format!("{refused:#}").contains("another feed key"), "{refused:#}");
    begin_again(&world, None, &["--new-epoch"])?;
    world.network.restart_node(COD)?;
    agrees(&mut world).await?;
    let after = feeds(&world)?;
    assert_eq!(after.len(), before.len());
    // A feed that never had an entry begins anew with its first one.
    let written = before.iter().zip(&after).filter(|((_, cursor), _)| *cursor > 0);
    assert_eq!(written.clone().count(), 2);
    for ((epoch, _), (new, cursor)) in written {
        assert_eq!((*new, *cursor > 0), (epoch + 1, true));
    }
    Ok(())
}
