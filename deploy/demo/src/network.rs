//! Hub and nodes as processes of their own, and their command lines.

mod process;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{binaries::Binaries, servers::free_port, states::State};

pub use process::{Process, command};

/// What a network is started with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Day for which status and rules are computed, YYYY-MM-DD.
    pub as_of: String,
    /// Text on every page, English and French.
    pub banner: Option<[&'static str; 2]>,
    /// URL of the hub's store; its embedded SQLite if absent.
    pub store: Option<Store>,
    /// Log filter of every process, as `debug`.
    pub log: Option<&'static str>,
    /// Variables of every process, over the configuration in its folder: those of
    /// nodes begin with `RMD_NODE_`, those of the hub with `RMD_HUB_`.
    pub variables: Vec<(&'static str, String)>,
    /// Where the nodes listen and how the hub reaches them, in their order; a
    /// loopback port of its own for each that is not named.
    pub addresses: Vec<Addresses>,
}

/// Where a node listens, and what it tells the hub to dial: the same, unless
/// something stands between them.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Where the node listens, host:port.
    pub listen: String,
    /// Where the hub dials, host:port.
    pub advertise: String,
}

/// A store of the hub that is not the embedded one.
#[derive(Debug, Clone)]
pub struct Store {
    /// URL without a password.
    pub public_url: String,
    /// Its password.
    pub password: String,
}

/// One enrolled node.
#[derive(Debug)]
pub struct Node {
    /// The state that runs it.
    pub state: State,
    /// Its state directory.
    pub folder: PathBuf,
    /// Where the hub reaches its feeds.
    pub address: String,
    /// Where it serves the standard's REST API.
    pub api: String,
    /// Its process.
    pub process: Process,
}

/// A running network.
#[derive(Debug)]
pub struct Network {
    /// The binaries it runs.
    pub binaries: Binaries,
    /// State directory of the hub.
    pub hub_folder: PathBuf,
    /// Where the portal answers.
    pub portal: String,
    /// Where the hub serves the standard's REST API.
    pub api: String,
    /// Process of the hub.
    pub hub: Process,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// What it was started with.
    pub options: Options,
}

impl Network {
    /// Sets up hub and nodes below `folder`, enrols every node, grants both
    /// feeds on both sides, and starts all processes.
    pub async fn start(
        folder: &Path,
        binaries: Binaries,
        states: &[State],
        options: Options,
    ) -> Result<Self> {
        let hub_folder = folder.join("hub");
        let enrol = format!("127.0.0.1:{}", free_port()?);
        let portal = format!("127.0.0.1:{}", free_port()?);
        init_hub(&binaries, &hub_folder, &enrol, &portal, &options)?;
        let api = format!("127.0.0.1:{}", free_port()?);
        let hub = start_hub(&binaries, &hub_folder, &api, &options)?;
        let mut network = Self {
            binaries,
            hub_folder,
            portal,
            api,
            hub,
            nodes: Vec::with_capacity(states.len()),
            options,
        };
        network.wait_for_enrolment(&enrol).await?;
        for state in states {
            let addresses = network.options.addresses.get(network.nodes.len()).cloned();
            let addresses = addresses.map_or_else(Addresses::loopback, Ok)?;
            let node = network.enrol(folder, state, &addresses)?;
            network.nodes.push(node);
        }
        Ok(network)
    }

    /// Runs a command of the hub and reads its JSON.
    pub fn hub_command(&self, arguments: &[&str]) -> Result<Value> {
        command(&self.binaries.hub, &self.hub_folder, arguments)
    }

    /// Runs a command of a node and reads its JSON.
    pub fn node_command(&self, node: &Node, arguments: &[&str]) -> Result<Value> {
        command(&self.binaries.node, &node.folder, arguments)
    }

    /// Starts the hub again after its process ended.
    pub fn restart_hub(&mut self) -> Result<()> {
        self.hub = start_hub(&self.binaries, &self.hub_folder, &self.api, &self.options)?;
        Ok(())
    }

    /// Starts a node again after its process ended.
    pub fn restart_node(&mut self, index: usize) -> Result<()> {
        let node = &mut self.nodes[index];
        let (name, api) = (node.state.country, node.api.as_str());
        node.process = start_node(&self.binaries, &node.folder, name, api, &self.options)?;
        Ok(())
    }

    fn enrol(&self, folder: &Path, state: &State, addresses: &Addresses) -> Result<Node> {
        let node_folder = folder.join(state.name);
        let Addresses { listen, advertise } = addresses;
        let mapping = state.mapping.display().to_string();
        let mut init = vec!["init", "--country", state.country, "--name", state.name];
        init.extend(["--source", &state.public_url, "--mapping", &mapping, "--listen", listen]);
        init.extend(["--as-of", &self.options.as_of, "--capture-interval", "1s"]);
        let password_file = folder.join(format!("{}.password", state.name)).display().to_string();
        if let Some(password) = &state.password {
            fs::write(&password_file, password)?;
            fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
            init.extend(["--password-file", &password_file]);
        }
        command(&self.binaries.node, &node_folder, &init)?;

        let invitation = self.hub_command(&["node", "invite", state.country, state.name])?;
        let token = invitation["token"].as_str().context("read the invitation")?;
        let token_file = folder.join(format!("{}.token", state.name));
        fs::write(&token_file, token)?;
        fs::set_permissions(&token_file, fs::Permissions::from_mode(0o600))?;
        let token_file = token_file.display().to_string();
        command(
            &self.binaries.node,
            &node_folder,
            &["enrol", "--token-file", &token_file, "--advertise", advertise],
        )?;
        // The ministry releases its transactions, the Secretariat takes them.
        command(&self.binaries.node, &node_folder, &["entitlement", "grant", "transactions"])?;
        self.hub_command(&["node", "entitle", &state.node_id(), "transactions", "live"])?;
        let api = format!("127.0.0.1:{}", free_port()?);
        let process = start_node(&self.binaries, &node_folder, state.country, &api, &self.options)?;
        let address = advertise.clone();
        Ok(Node { state: state.clone(), folder: node_folder, address, api, process })
    }

    async fn wait_for_enrolment(&mut self, address: &str) -> Result<()> {
        crate::wait::until("the hub listens for enrolments", || {
            self.hub.check()?;
            Ok(std::net::TcpStream::connect(address).ok())
        })
        .await?;
        Ok(())
    }
}

impl Addresses {
    fn loopback() -> Result<Self> {
        let listen = format!("127.0.0.1:{}", free_port()?);
        Ok(Self { advertise: listen.clone(), listen })
    }
}

fn init_hub(
    binaries: &Binaries,
    folder: &Path,
    enrol: &str,
    portal: &str,
    options: &Options,
) -> Result<()> {
    let mut init =
        vec!["init", "--network", "demo", "--enrol-listen", enrol, "--advertise-enrol", enrol];
    init.extend(["--portal-listen", portal, "--as-of", &options.as_of]);
    if let Some([en, fr]) = options.banner {
        init.extend(["--banner-en", en, "--banner-fr", fr]);
    }
    let password_file = folder.with_extension("password").display().to_string();
    if let Some(store) = &options.store {
        fs::write(&password_file, &store.password)?;
        fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))?;
        init.extend(["--store-url", &store.public_url, "--password-file", &password_file]);
    }
    command(&binaries.hub, folder, &init)?;
    if options.store.is_some() {
        command(&binaries.hub, folder, &["migrate"])?;
    }
    Ok(())
}

fn start_hub(binaries: &Binaries, folder: &Path, api: &str, options: &Options) -> Result<Process> {
    let mut variables = vec![("RMD_HUB_API__LISTEN", api.to_owned())];
    variables.extend(options.log.map(|filter| ("RMD_HUB_LOG__FILTER", filter.to_owned())));
    variables.extend(options.variables.iter().cloned());
    Process::start("hub", &binaries.hub, folder, &variables)
}

fn start_node(
    binaries: &Binaries,
    folder: &Path,
    name: &'static str,
    api: &str,
    options: &Options,
) -> Result<Process> {
    let mut variables = vec![
        ("RMD_NODE_API__ENABLED", "true".to_owned()),
        ("RMD_NODE_API__LISTEN", api.to_owned()),
    ];
    variables.extend(options.log.map(|filter| ("RMD_NODE_LOG__FILTER", filter.to_owned())));
    variables.extend(options.variables.iter().cloned());
    Process::start(name, &binaries.node, folder, &variables)
}
