//! The one object that the demonstration prints with `--once --json`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::{
    compare::Comparison,
    exchange,
    network::{Network, Process},
};

/// Differences named in the report; the count is always whole.
const DIFFERENCES_SHOWN: usize = 50;

/// What each step took.
pub type Seconds = Vec<(&'static str, f64)>;

/// The whole report.
pub fn report(
    network: &Network,
    first: &Snapshot,
    second: &Snapshot,
    comparisons: &BTreeMap<&'static str, Comparison>,
    records_min: u64,
    seconds: &Seconds,
) -> Result<Value> {
    let differences = exchange::differences(comparisons);
    let mut nodes = Map::new();
    for (node, status) in network.nodes.iter().zip(&second.nodes) {
        nodes.insert(node.state.node_id(), node_report(status));
    }
    let compared: BTreeMap<_, _> = comparisons
        .iter()
        .map(|(country, comparison)| {
            (country, json!({"rows": comparison.rows, "fields": comparison.fields}))
        })
        .collect();
    Ok(json!({
        "as_of": network.options.as_of,
        "banner": network.options.banner.map(|[en, _]| en),
        "processes": processes(network, second)?,
        "nodes": nodes,
        "hub": {
            "store": second.hub["store"],
            "feeds": hub_feeds(&second.hub),
            "bulletins": second.hub["bulletins"],
        },
        "second_exchange": second_exchange(first, second),
        "compared": compared,
        "records": second.records(),
        "records_min": records_min,
        "differences": differences.len(),
        "differing": differences.iter().take(DIFFERENCES_SHOWN).collect::<Vec<_>>(),
        "seconds": seconds.iter().map(|(step, took)| ((*step).to_owned(), json!((took * 1000.0).round() / 1000.0))).collect::<Map<_, _>>(),
    }))
}

/// The status of every process at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Status of the hub.
    pub hub: Value,
    /// Status of each node, in the order of the network.
    pub nodes: Vec<Value>,
}

impl Snapshot {
    /// Asks every process.
    pub fn take(network: &Network) -> Result<Self> {
        let nodes = network.nodes.iter().map(|node| network.node_command(node, &["status"]));
        Ok(Self { hub: network.hub_command(&["status"])?, nodes: nodes.collect::<Result<_>>()? })
    }

    /// Records published by all nodes.
    pub fn records(&self) -> u64 {
        self.nodes.iter().flat_map(entities).map(|entity| number(&entity["published"])).sum()
    }
}

/// Each process as the other side of its connections saw it.
fn processes(network: &Network, snapshot: &Snapshot) -> Result<Value> {
    // The nodes were dialled by the hub and keep what its certificate said.
    let hub_seen = snapshot.nodes.first().map_or(&Value::Null, |node| &node["peer"]);
    let mut all = vec![process(&network.hub, hub_seen)?];
    for node in &network.nodes {
        let id = node.state.node_id();
        let at_hub = list(&snapshot.hub["nodes"]).find(|peer| peer["id"] == id.as_str());
        all.push(process(&node.process, at_hub.map_or(&Value::Null, |node| &node["peer"]))?);
    }
    Ok(Value::Array(all))
}

fn process(process: &Process, seen: &Value) -> Result<Value> {
    Ok(json!({
        "name": process.name,
        "pid": process.id(),
        "peak_memory_bytes": process.peak_memory_bytes()?,
        "tls_version": seen["tls_version"],
        "identity_seen_by_peer": seen["identity"],
    }))
}

fn node_report(status: &Value) -> Value {
    let records: Map<_, _> = entities(status)
        .map(|entity| (text(&entity["entity"]), entity["published"].clone()))
        .collect();
    let mut quarantined: BTreeMap<String, u64> = BTreeMap::new();
    for entity in entities(status) {
        for (rule, count) in entity["refused_by_rule"].as_object().into_iter().flatten() {
            *quarantined.entry(rule.clone()).or_default() += number(count);
        }
    }
    json!({
        "source": status["source"],
        "rows_read": rows_read(status),
        "records": records,
        "quarantined": quarantined,
        "feeds": status["feeds"],
        "inbox": status["inbox"],
    })
}

fn hub_feeds(hub: &Value) -> Value {
    let feeds = list(&hub["nodes"]).flat_map(|node| {
        list(&node["feeds"]).map(|feed| {
            json!({
                "node": node["id"], "feed": feed["feed"], "cursor": feed["cursor"], "root": feed["root"],
                "verified": feed["verified"], "frames": feed["frames"], "bytes": feed["bytes"],
            })
        })
    });
    feeds.collect()
}

fn second_exchange(first: &Snapshot, second: &Snapshot) -> Value {
    let read: Map<_, _> = first
        .nodes
        .iter()
        .zip(&second.nodes)
        .map(|(before, after)| {
            (text(&after["identity"]), json!(rows_read(after).saturating_sub(rows_read(before))))
        })
        .collect();
    let (before, after) = (sizes(&first.hub), sizes(&second.hub));
    let feeds: Vec<Value> = after
        .iter()
        .map(|((node, feed), (entries, bytes))| {
            let (old_entries, old_bytes) = before.get(&(node.clone(), feed.clone())).copied().unwrap_or_default();
            json!({"node": node, "feed": feed, "entries": entries - old_entries, "bytes": bytes - old_bytes})
        })
        .collect();
    json!({"rows_read": read, "feeds": feeds})
}

fn sizes(hub: &Value) -> BTreeMap<(String, String), (u64, u64)> {
    list(&hub["nodes"])
        .flat_map(|node| {
            list(&node["feeds"]).map(|feed| {
                (
                    (text(&node["id"]), text(&feed["feed"])),
                    (number(&feed["entries"]), number(&feed["bytes"])),
                )
            })
        })
        .collect()
}

fn rows_read(status: &Value) -> u64 {
    list(&status["capture"]).map(|pass| number(&pass["rows_read"])).sum()
}

fn entities(status: &Value) -> impl Iterator<Item = &Value> {
    list(&status["entities"])
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
