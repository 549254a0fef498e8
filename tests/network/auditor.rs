//! Auditors outside, and the receipts that nodes get.

mod receipts;
mod views;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{changes, servers::free_port, wait::until};
use serde_json::Value;

use crate::harness::{Make, World, now_us};

/// What a grave finding ends with.
const CONTRADICTED: i32 = 65;
/// What a refused auditor ends with.
const REFUSED: i32 = 77;

/// Has the hub answer auditors, and publish what moved every second.
fn open_hub(world: &mut World) -> Result<()> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let config = world.network.hub_folder.join("config.toml");
    let audit = format!(
        "\n[audit]\nlisten = '{address}'\nadvertise = '{address}'\ncheckpoint_interval = '1s'\n"
    );
    world.network.hub.stop()?;
    fs::write(&config, fs::read_to_string(&config)? + &audit)?;
    world.network.restart_hub()
}

/// An auditor's folder, and the binary that works in it.
struct Auditor {
    hub: PathBuf,
    folder: PathBuf,
}

impl Auditor {
    /// Invites and enrols one.
    async fn enrol(world: &mut World, name: &str) -> Result<Self> {
        let invited = world.network.hub_command(&["auditor", "invite", name])?;
        let token = world.folder.path().join(format!("{name}.token"));
        fs::write(&token, invited["token"].as_str().context("read the token")?)?;
        let folder = world.folder.path().join(name);
        let auditor = Self { hub: world.network.binaries.hub.clone(), folder };
        let token = token.display().to_string();
        until("the auditor is enrolled", || {
            world.network.hub.check()?;
            let (code, _) = auditor.run(&["enrol", "--token-file", &token])?;
            Ok((code == 0).then_some(()))
        })
        .await?;
        Ok(auditor)
    }

    /// Exit code and JSON of a command.
    fn run(&self, arguments: &[&str]) -> Result<(i32, Value)> {
        run(&self.hub, &[&["auditor"], arguments].concat(), &self.folder)
    }

    /// Takes and proves what there is.
    fn once(&self) -> Result<(i32, Value)> {
        self.run(&["follow", "--once"])
    }

    /// Takes what there is until something holds of the summary.
    async fn until(
        &self,
        world: &mut World,
        what: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        until(what, || {
            world.network.hub.check()?;
            let (_, summary) = self.once()?;
            Ok(holds(&summary).then_some(summary))
        })
        .await
    }
}

/// Exit code and JSON of a command of a binary in a folder.
fn run(program: &Path, arguments: &[&str], folder: &Path) -> Result<(i32, Value)> {
    let output = Command::new(program)
        .args(arguments)
        .args(["--json", "--dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .output()?;
    let code = output.status.code().context("ended by a signal")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // A refusal is the last object; what was kept stands before it.
    let last = text.lines().last().unwrap_or("null");
    let value = serde_json::from_str(&text).or_else(|_| serde_json::from_str(last));
    Ok((code, value.unwrap_or_default()))
}

/// Whether the summary has so many checkpoints, all of them proven.
fn has_proven(summary: &Value, checkpoints: u64) -> bool {
    summary["pending"] == 0 && summary["checkpoints"].as_u64() >= Some(checkpoints)
}

/// The words of the findings.
fn findings(summary: &Value) -> Vec<String> {
    let kept = summary["findings"].as_array().cloned().unwrap_or_default();
    kept.iter().filter_map(|one| one["what"].as_str().map(str::to_owned)).collect()
}

/// Checks evidence with the hub's binary and a key, without any store.
fn verify(world: &World, file: &Path, vkey: &str) -> Result<()> {
    let checked = Command::new(&world.network.binaries.hub)
        .args(["evidence", "verify"])
        .arg(file)
        .args(["--vkey", vkey])
        .output()?;
    ensure!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    Ok(())
}

// Goal: an auditor follows the checkpoints of every node through the hub, proves that
// they go on from each other, and agrees with another one; who is revoked, or is no
// auditor, is refused. Method: two exchanges with changes between them; the folder of
// a third auditor gets the certificate of a node.
#[tokio::test(flavor = "multi_thread")]
async fn auditors_follow_every_node_and_who_is_none_is_refused() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    open_hub(&mut world)?;
    let a = Auditor::enrol(&mut world, "audit-a").await?;
    let b = Auditor::enrol(&mut world, "audit-b").await?;
    let proven = |least| move |summary: &Value| has_proven(summary, least);
    let before = a.until(&mut world, "the first checkpoints are proven", proven(4)).await?;
    let begun = now_us();
    changes::second_exchange(&world.states).await?;
    world.exchange_since(begun).await?;
    let more = before["checkpoints"].as_u64().unwrap_or_default() + 1;
    let after = a.until(&mut world, "the next checkpoints are proven", proven(more)).await?;
    assert!(after["sound"] == true && findings(&after).is_empty(), "{after}");
    b.until(&mut world, "the other auditor has them too", proven(more)).await?;
    let (one, other) = (a.folder.display().to_string(), b.folder.display().to_string());
    let (code, compared) = a.run(&["compare", &one, &other])?;
    assert_eq!((code, &compared["sound"]), (0, &Value::Bool(true)), "{compared}");
    assert!(compared["checkpoints"].as_u64() >= Some(more), "{compared}");

    let revoke = ["auditor", "revoke", "audit-a", "--by", "Officer", "--reason", "Ended"];
    world.network.hub_command(&revoke)?;
    assert_eq!(a.once()?.0, REFUSED);
    assert_eq!(b.once()?.0, 0);
    let tls = b.folder.join("tls");
    fs::remove_dir_all(&tls)?;
    super::recover::copy(&world.network.nodes[0].folder.join("tls"), &tls)?;
    assert_eq!(b.once()?.0, REFUSED, "a node is no auditor");
    // What was kept is there without a network, whatever the certificate.
    world.network.hub.stop()?;
    assert_eq!(a.run(&["show"])?.0, 0);
    Ok(())
}
