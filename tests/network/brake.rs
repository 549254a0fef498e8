//! A national table that is emptied by accident, or on purpose.

use anyhow::{Context as _, Result};
use rmd_demo::wait;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use crate::harness::{Make, World, now_us};

/// UGA, which compares: it sees deletions in each pass.
const NODE: usize = 2;

// Goal: an emptied table does not empty the regional view, an operator and the
// Secretariat see that records wait, nothing else waits, and what a person
// releases arrives. Method: empty the register of sites, change a lot, compare;
// then release.
#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_register_waits_until_it_is_released() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let sites = held_of(&world, "published")?;
    assert!(sites > 3, "only {sites} sites");
    let begun = now_us();
    world.states[NODE]
        .execute(
            "DELETE FROM site_register;
             UPDATE lot_register SET bags = bags + 1
             WHERE lot_ref = (SELECT MIN(lot_ref) FROM lot_register);",
        )
        .await?;
    world.exchange_since(begun).await?;
    assert_eq!((held_of(&world, "published")?, held_of(&world, "held")?), (sites, sites));
    wait::eventually("the hub knows that sites wait", async || {
        Ok((held_at_hub(&world)? == sites).then_some(()))
    })
    .await?;
    let waiting = world.differences().await?;
    let is_site = |text: &&String| text.contains("mine_site") || text.contains("UG");
    assert!(!waiting.is_empty() && waiting.iter().all(|text| is_site(&text)), "{waiting:#?}");
    assert!(!waiting.iter().any(|text| text.contains("bags")), "the lot waits: {waiting:#?}");

    let node = &world.network.nodes[NODE];
    let list = world.network.node_command(node, &["brake", "list"])?;
    let trip = &list["trips"][0];
    assert_eq!((trip["entity"].as_str(), trip["held"].as_i64()), (Some("MineSite"), Some(sites)));
    let id = trip["trip_id"].to_string();
    let shown = world.network.node_command(node, &["brake", "show", &id])?;
    assert_eq!(shown["records"].as_array().map(Vec::len), usize::try_from(sites).ok());
    let ground = ["--by", "Directorate", "--reason", "the register moved"];
    world.network.node_command(node, &[&["brake", "release", &id], &ground[..]].concat())?;
    world.exchange().await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    assert_eq!((held_of(&world, "published")?, held_of(&world, "held")?), (0, 0));
    wait::eventually("the hub knows that nothing waits", async || {
        Ok((held_at_hub(&world)? == 0).then_some(()))
    })
    .await?;
    assert_eq!(grounds(&world).await?, sites);
    world.verify_stores()
}

// Goal: an accident that is made good leaves no trace in the region. Method: empty
// the register, wait, bring it back as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_comes_back_ends_the_wait_without_an_entry() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let (sites, before) = (held_of(&world, "published")?, size(&world)?);
    let begun = now_us();
    world.states[NODE]
        .execute("CREATE TABLE kept AS SELECT * FROM site_register; DELETE FROM site_register;")
        .await?;
    world.exchange_since(begun).await?;
    assert_eq!(held_of(&world, "held")?, sites);
    // What waits survives a kill.
    world.network.nodes[NODE].process.kill()?;
    world.network.restart_node(NODE)?;
    world.exchange().await?;
    assert_eq!(held_of(&world, "held")?, sites);
    let begun = now_us();
    world.states[NODE].execute("INSERT INTO site_register SELECT * FROM kept;").await?;
    world.exchange_since(begun).await?;
    assert_eq!((held_of(&world, "held")?, size(&world)?), (0, before));
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

/// A count of the sites in the status of the node.
fn held_of(world: &World, count: &str) -> Result<i64> {
    let status = status(world)?;
    let entities = status["entities"].as_array().context("read the record types")?;
    let sites = entities.iter().find(|of| of["entity"] == "MineSite").context("find the sites")?;
    sites[count].as_i64().context("read a count")
}

/// Entries of master data at the node.
fn size(world: &World) -> Result<u64> {
    let status = status(world)?;
    let feeds = status["feeds"].as_array().context("read the feeds")?;
    let feed = feeds.iter().find(|of| of["feed"] == "master-data").context("find the feed")?;
    feed["size"].as_u64().context("read its size")
}

fn status(world: &World) -> Result<Value> {
    world.network.node_command(&world.network.nodes[NODE], &["status"])
}

/// Records of master data that the node holds, as the Secretariat sees it.
fn held_at_hub(world: &World) -> Result<i64> {
    let status = world.network.hub_command(&["status"])?;
    let id = world.network.nodes[NODE].state.node_id();
    let nodes = status["nodes"].as_array().context("read the nodes")?;
    let node = nodes.iter().find(|node| node["id"] == id.as_str()).context("find the node")?;
    let feeds = node["feeds"].as_array().context("read its feeds")?;
    let feed = feeds.iter().find(|of| of["feed"] == "master-data").context("find the feed")?;
    feed["held"].as_i64().context("read what is held")
}

/// Records at the hub whose last entry says that and why they were released.
async fn grounds(world: &World) -> Result<i64> {
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM record WHERE reason LIKE '%; released:%: the register moved'",
    )
    .fetch_one(&mut store)
    .await?)
}
