//! A finding becomes a case: asked, answered with a document, decided, seen.

use anyhow::{Context as _, Result, ensure};
use rmd_demo::wait::until;
use serde_json::Value;

use crate::harness::{Make, World};

/// A document, and the SHA-256 of its bytes.
const DOCUMENT: (&str, &str) = (
    "a document that stays at the ministry",
    "e633e788a616ee1a765314986c99196f7d8db93bbc1a5a4efb1aee4a3d0860e9",
);

/// The node that is asked, in the order of the demonstration, and its state.
const COD: usize = 0;
const STATE: &str = "COD";

// Goal: what the engine finds reaches the ministry as a case, its answer is
// written while no hub runs and reaches the Secretariat, and the decision comes back; the
// document stays where it is. Method: the demonstration's own states, real processes,
// commands alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_asked_answered_with_a_document_decided_and_seen() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let opened = opened(&world).await?;
    let case_id = opened["case_id"].as_str().context("read the number")?.to_owned();
    ensure!(node_cases(&world)?.is_empty(), "nothing is asked by itself");
    let sent = world.network.hub_command(&["case", "send", &case_id, "--by", "An Officer"])?;
    ensure!(sent["sent"][0]["state"] == "sent" && sent["sent"][0]["due"] == "2018-01-31", "{sent}");
    let listed = until("the node lists the case", || {
        Ok(node_cases(&world)?.into_iter().find(|case| case["case_id"] == case_id.as_str()))
    })
    .await?;
    ensure!(listed["state"] == "sent" && listed["severity"] == opened["severity"], "{listed}");

    // No hub runs, and the ministry answers all the same.
    world.network.hub.kill()?;
    let document = world.folder.path().join("bordereau.pdf");
    std::fs::write(&document, DOCUMENT.0)?;
    let document = document.to_str().context("name the document")?;
    let node = &world.network.nodes[COD];
    let reply = ["case", "reply", &case_id[..8], "--by", "Cadastre minier", "--text"];
    let reply = [&reply[..], &["pesé humide à la frontière", "--attach", document]].concat();
    let answered = world.network.node_command(node, &reply)?;
    ensure!(answered["reply_key"] == format!("{case_id}/1"), "{answered}");
    world.network.restart_hub()?;
    let shown = until("the hub shows the answer", || {
        let shown = world.network.hub_command(&["case", "show", &case_id])?;
        Ok((shown["state"] == "answered").then_some(shown))
    })
    .await?;
    let reply = &shown["replies"][0];
    ensure!(reply["text"] == "pesé humide à la frontière", "{shown}");
    ensure!(reply["attachments"][0]["sha256"] == DOCUMENT.1, "{shown}");

    let decide = ["case", "decide", &case_id, "explained", "--by", "An Analyst"];
    let decide = [&decide[..], &["--reason", "the slip shows it"]].concat();
    world.network.hub_command(&decide)?;
    let node = &world.network.nodes[COD];
    let seen = until("the node sees the decision", || {
        let shown = world.network.node_command(node, &["case", "show", &case_id])?;
        Ok((shown["state"] == "explained").then_some(shown))
    })
    .await?;
    ensure!(seen["decision"]["reason"] == "the slip shows it", "{seen}");
    ensure!(seen["replies"][0]["is_received"] == true, "{seen}");
    let history = world.network.hub_command(&["case", "show", &case_id])?;
    let actions = history["history"].as_array().context("read the history")?;
    let actions: Vec<&str> = actions.iter().filter_map(|event| event["action"].as_str()).collect();
    for action in ["finding opened", "sent", "answered", "explained"] {
        ensure!(actions.contains(&action), "{action} in {actions:?}");
    }
    world.verify_stores()
}

/// The gravest case of the state, once the engine has looked at everything.
async fn opened(world: &World) -> Result<Value> {
    world.network.hub_command(&["reconcile", "run", "--all"])?;
    until("a case is open", || first_case(world, "open")).await
}

/// A case of the state that is at its node; its number.
pub(crate) async fn sent(world: &World) -> Result<String> {
    let opened = opened(world).await?;
    let case_id = opened["case_id"].as_str().context("read the number")?.to_owned();
    world.network.hub_command(&["case", "send", &case_id, "--by", "An Officer"])?;
    until("the node has the case", || {
        Ok(node_cases(world)?.into_iter().find(|case| case["case_id"] == case_id.as_str()))
    })
    .await?;
    Ok(case_id)
}

/// The gravest case of the state that stands so.
fn first_case(world: &World, state: &str) -> Result<Option<Value>> {
    let list = ["case", "list", "--country", STATE, "--state", state];
    let listed = world.network.hub_command(&list)?;
    Ok(listed["cases"].as_array().context("read the cases")?.first().cloned())
}

fn node_cases(world: &World) -> Result<Vec<Value>> {
    let node = &world.network.nodes[COD];
    let listed = world.network.node_command(node, &["case", "list"])?;
    Ok(listed["cases"].as_array().context("read the cases")?.clone())
}
