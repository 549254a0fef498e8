//! The REST API of a node and of the hub, as strangers' software meets it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::harness::{Make, World};

/// Goal: no request that the API's own document allows, or forbids, makes it fail
/// or answer what the document does not say. Method: a fuzzer from outside makes
/// the requests out of the served document, on the node and on the hub.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_keeps_its_own_document() -> Result<()> {
    let world = World::new(Make::default()).await?;
    for target in targets(&world)? {
        target.run(
            "schemathesis",
            &["--config-file", &here("schemathesis.toml"), "run", &target.document()],
        )?;
    }
    Ok(())
}

/// Goal: the answers are linked data to a processor that knows nothing of us.
/// Method: it expands them with the context that the server serves.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_linked_data() -> Result<()> {
    let world = World::new(Make::default()).await?;
    for target in targets(&world)? {
        target.run("python", &[&here("linked_data.py")])?;
    }
    Ok(())
}

/// An API, and what it lets in.
pub(crate) struct Target {
    name: &'static str,
    url: String,
    pub(crate) token: String,
}

/// The API of the first node and that of the hub.
pub(crate) fn targets(world: &World) -> Result<[Target; 2]> {
    let network = &world.network;
    let node = &network.nodes[0];
    let made = network
        .node_command(node, &["api", "token", "create", "--name", "test", "--read", "--write"])?;
    let token = made["token"].as_str().context("read the token")?.to_owned();
    let mut create = vec!["key", "create", "--name", "test"];
    for scope in ["mine-sites", "export-certificates", "lots"] {
        create.extend(["--scope", scope]);
    }
    let made = network.hub_command(&create)?;
    let key = made["key"].as_str().context("read the key")?.to_owned();
    Ok([
        Target { name: "node", url: format!("http://{}/v1", node.api), token },
        Target { name: "hub", url: format!("http://{}/v1", network.api), token: key },
    ])
}

impl Target {
    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches("/v1")
    }

    fn document(&self) -> String {
        format!("{}/openapi.json", self.url)
    }

    /// Runs a program of the Python environment against this API.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let output = Command::new(tool(program)?)
            .args(arguments)
            .env("RMD_URL", &self.url)
            .env("RMD_TOKEN", &self.token)
            // Whatever it keeps between runs would make them differ.
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("run {program}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let tail: Vec<&str> = text.lines().rev().take(60).collect();
        let tail: Vec<String> =
            tail.iter().rev().map(|line| line.chars().take(400).collect()).collect();
        ensure!(
            output.status.success(),
            "{program} on the {}:\n{}\n{}",
            self.name,
            tail.join("\n"),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }
}

fn here(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("network/rest").join(name);
    path.display().to_string()
}

/// A program that `cargo verify -- --only tools` installs.
fn tool(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own
        .ancestors()
        .find(|folder| folder.join("tools/python").is_dir())
        .context("no Python tools; install them: cargo verify -- --only tools")?;
    Ok(target.join("tools/python/bin").join(name))
}
