//! An exchange: every change in a source has reached the regional view, and
//! every bulletin has reached every node.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    compare::{Comparison, Difference, Quarantined, compare},
    network::{Network, Node},
    wait::until,
};

/// Waits until each node has read its source from begin to end after `since_us`
/// (UTC microseconds) and the hub has applied all of every feed.
pub async fn complete(network: &mut Network, since_us: i64) -> Result<()> {
    captured(network, since_us).await?;
    until("the hub has applied every feed", || {
        network.hub.check()?;
        let hub = network.hub_command(&["status"])?;
        for node in &network.nodes {
            if !is_applied(&network.node_command(node, &["status"])?, &hub, node)? {
                return Ok(None);
            }
        }
        Ok(Some(()))
    })
    .await
}

/// Waits until each node has read its source from begin to end after `since_us`.
pub async fn captured(network: &mut Network, since_us: i64) -> Result<()> {
    for index in 0..network.nodes.len() {
        let name = format!("{} has read its source", network.nodes[index].state.country);
        let records = records_mapped(&network.nodes[index])?;
        until(&name, || {
            network.nodes[index].process.check()?;
            network.hub.check()?;
            let status = network.node_command(&network.nodes[index], &["status"])?;
            Ok(has_read(&status, records, since_us)?.then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Waits until every bulletin is applied at every node.
pub async fn bulletins_applied(network: &mut Network) -> Result<()> {
    let nodes = network.nodes.len() as u64;
    until("every bulletin is applied at every node", || {
        network.hub.check()?;
        let bulletins = network.hub_command(&["status"])?["bulletins"].clone();
        let count = |name: &str| bulletins[name].as_u64().unwrap_or_default();
        Ok((count("published") > 0 && count("applied") == count("published") * nodes).then_some(()))
    })
    .await
}

/// Rows that a node refused.
pub fn quarantined(network: &Network, node: &Node) -> Result<Quarantined> {
    let list = network.node_command(node, &["quarantine", "list"])?;
    list["refused"]
        .as_array()
        .context("read the list of quarantined rows")?
        .iter()
        .map(|row| {
            let text = |name: &str| {
                row[name]
                    .as_str()
                    .map(str::to_owned)
                    .with_context(|| format!("find {name} in {row}"))
            };
            Ok((text("entity")?, text("source_key")?))
        })
        .collect()
}

/// Compares every source with the regional view.
pub async fn compared(
    network: &Network,
    hub_url: &str,
) -> Result<BTreeMap<&'static str, Comparison>> {
    let mut all = BTreeMap::new();
    for node in &network.nodes {
        let comparison = compare(&node.state, &quarantined(network, node)?, hub_url).await?;
        all.insert(node.state.country, comparison);
    }
    Ok(all)
}

/// Every difference of a comparison of all states.
pub fn differences<'a>(comparisons: &'a BTreeMap<&'static str, Comparison>) -> Vec<&'a Difference> {
    comparisons.values().flat_map(|comparison| &comparison.differences).collect()
}

fn has_read(status: &Value, records: usize, since_us: i64) -> Result<bool> {
    let passes = status["capture"].as_array().context("read the capture of a node")?;
    let done = |pass: &Value| {
        let begun = pass["last_started_us"].as_i64().unwrap_or_default();
        let ended = pass["last_finished_us"].as_i64().unwrap_or_default();
        begun >= since_us && ended >= begun && pass["last_error"].is_null()
    };
    let entities: BTreeSet<&str> =
        passes.iter().filter_map(|pass| pass["entity"].as_str()).collect();
    Ok(entities.len() == records && passes.iter().all(done))
}

/// The record types that a mapping has queries for.
fn records_mapped(node: &Node) -> Result<usize> {
    let mapping = std::fs::read_to_string(&node.state.mapping).context("read the mapping")?;
    Ok(mapping.lines().filter(|line| line.trim() == "[[record]]").count())
}

fn is_applied(node_status: &Value, hub_status: &Value, node: &Node) -> Result<bool> {
    let id = node.state.node_id();
    let nodes = hub_status["nodes"].as_array().context("read the nodes of the hub")?;
    let Some(seen) = nodes.iter().find(|seen| seen["id"] == id.as_str()) else { return Ok(false) };
    let feeds = node_status["feeds"].as_array().context("read the feeds of a node")?;
    Ok(feeds.iter().all(|feed| {
        feed["size"] == 0
            || seen["feeds"].as_array().is_some_and(|applied| {
                applied.iter().any(|applied| {
                    applied["feed"] == feed["feed"] && applied["cursor"] == feed["size"]
                })
            })
    }))
}
