//! What the demonstration tells a person.

use std::path::Path;

use serde_json::Value;

use crate::network::Network;

/// Prints one line.
#[expect(clippy::print_stdout, reason = "the one place where the demonstration prints")]
pub fn line(text: &str) {
    println!("{text}");
}

/// Prints an error with all its causes.
#[expect(clippy::print_stderr, reason = "the one place where the demonstration prints")]
pub fn fault(error: &anyhow::Error) {
    eprintln!("rmd-demo: {error:#}");
}

/// What happened and where to look.
pub fn summary(report: &Value, network: &Network, folder: &Path, records_min: u64) {
    if let Some(banner) = report["banner"].as_str() {
        line(banner);
    }
    for (id, node) in report["nodes"].as_object().into_iter().flatten() {
        line(&format!(
            "{id}: {} {}, {} rows read, records {}, quarantined {}",
            text(&node["source"]["kind"]),
            text(&node["source"]["server_version"]),
            node["rows_read"],
            present(&node["records"]),
            counts(&node["quarantined"]),
        ));
    }
    let hub = &report["hub"];
    line(&format!(
        "hub: {} {}",
        text(&hub["store"]["kind"]),
        text(&hub["store"]["server_version"])
    ));
    for feed in hub["feeds"].as_array().into_iter().flatten() {
        line(&format!(
            "  {} {}: {} entries in {} frames, {} bytes, verified {}, root {}",
            text(&feed["node"]),
            text(&feed["feed"]),
            feed["cursor"],
            feed["frames"],
            feed["bytes"],
            feed["verified"],
            text(&feed["root"]).get(..16).unwrap_or_default(),
        ));
    }
    line(&format!("bulletins: {}", counts(&hub["bulletins"])));
    for feed in report["second_exchange"]["feeds"].as_array().into_iter().flatten() {
        line(&format!(
            "second exchange, {} {}: {} entries, {} bytes",
            text(&feed["node"]),
            text(&feed["feed"]),
            feed["entries"],
            feed["bytes"],
        ));
    }
    line(&format!("differences between sources and regional view: {}", report["differences"]));
    for difference in report["differing"].as_array().into_iter().flatten() {
        line(&format!("  {difference}"));
    }
    line(&format!("records: {} (at least {records_min})", report["records"]));
    line(&format!("portal: http://{}/", network.portal));
    let (hub, dir) = (network.binaries.hub.display(), network.hub_folder.display());
    line(&format!("the standard's REST API, hub: http://{}/v1/docs", network.api));
    line(&format!("  a key for it: {hub} key create --name you --scope mine-sites --dir {dir}"));
    for node in &network.nodes {
        let (program, dir) = (network.binaries.node.display(), node.folder.display());
        line(&format!("the same, {}: http://{}/v1/docs", node.state.country, node.api));
        line(&format!(
            "  a token for it: {program} api token create --name you --read --dir {dir}"
        ));
    }
    line(&format!(
        "look around: {} status --dir {}",
        network.binaries.hub.display(),
        network.hub_folder.display()
    ));
    line(&format!("folder: {}", folder.display()));
}

fn counts(value: &Value) -> String {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

/// The same without what there is none of.
fn present(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(pairs) = value.as_object_mut() {
        pairs.retain(|_, count| *count != 0);
    }
    counts(&value)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
