//! A set through the whole network: one node for each state, the hub, mutual TLS.
//!
//! Lots, certificates and sites are posted to the nodes in the standard's JSON; what the
//! standard has no path for lies in a national database. When the hub has everything,
//! its own commands judge and list.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use rmd_demo::{
    binaries::Binaries,
    exchange,
    network::{Network, Node, Options, Process},
    states, wait,
};
use rmd_standard::Entity;
use serde_json::Value;

use crate::{
    found::Found,
    national::{self, Later, National},
    post::{self, Target},
    set::{Loaded, OfState, State},
    store::{Server, Store},
    tell,
};

/// What is posted, in this order, and under which path.
const POSTED: [(Entity, &str); 3] = [
    (Entity::MineSite, "mine-sites"),
    (Entity::ExportCertificate, "export-certificates"),
    (Entity::Lot, "lots"),
];

/// Findings that are told in words of the score.
const REFUSALS_TOLD: usize = 5;

/// Sends a set through the network and lists what the hub finds.
pub(crate) async fn judge(set: &Loaded, store: Store) -> Result<Vec<Found>> {
    let mut folder = tempfile::tempdir()?;
    folder.disable_cleanup(std::env::var_os("RMD_SCORE_KEEP").is_some());
    let server = store.start(folder.path()).await?;
    let mut national = Vec::with_capacity(set.states.len());
    let mut filled = Vec::with_capacity(set.states.len());
    for state in &set.states {
        filled.push(fill(state, folder.path()).await?);
        national.push(state_of(state.state, folder.path())?);
    }
    let options = Options {
        as_of: set.as_of.to_string(),
        store: server.as_ref().map(Server::store),
        // What was posted came within a day: that is no accident.
        variables: vec![
            ("RMD_NODE_BRAKE__CHANGES_PERCENT", "100".to_owned()),
            ("RMD_NODE_BRAKE__DELETES_PERCENT", "100".to_owned()),
        ],
        ..Options::default()
    };
    let begun = now_us();
    let binaries = binaries()?;
    let mut network = Network::start(folder.path(), binaries, &national, options).await?;
    let mut later = Vec::with_capacity(filled.len());
    for (place, filled) in filled.into_iter().enumerate() {
        post(&mut network, place, filled.bodies).await?;
        later.push(filled.later);
    }
    exchange::complete(&mut network, begun).await?;
    revise(&mut network, &set.states, folder.path(), &later).await?;
    tell_memory(&network)?;
    if let Some(file) = &set.partners {
        network.hub_command(&["partner", "load", &file.display().to_string()])?;
    }
    // What the hub has not judged by itself yet, its commands do: two that judge everything
    // at once only hinder each other.
    network.hub.stop()?;
    let day = set.as_of.to_string();
    network.hub_command(&["reconcile", "run", "--day", &day])?;
    let by_steps = listed(&network)?;
    network.hub_command(&["reconcile", "run", "--all", "--day", &day])?;
    let findings = listed(&network)?;
    for one in differing(&by_steps, &findings) {
        tell::note(&format!("judged step by step and as a whole, this differs: {one}"));
    }
    tell::note(&format!("{} findings of the hub", findings.len()));
    Ok(findings)
}

/// Findings that are open.
fn listed(network: &Network) -> Result<Vec<Found>> {
    let list = ["finding", "list", "--state", "open", "--limit", "1000000"];
    found(&network.hub_command(&list)?)
}

/// Findings that stand in one list alone.
fn differing<'a>(one: &'a [Found], other: &'a [Found]) -> Vec<&'a Found> {
    let only = |these: &'a [Found], those: &'a [Found]| {
        these.iter().filter(|found| !those.contains(found)).collect::<Vec<_>>()
    };
    [only(one, other), only(other, one)].concat()
}

/// The binaries, built for this run, or those in the folder RMD_TEST_BINARIES: what is
/// about to be shipped is scored as it is.
fn binaries() -> Result<Binaries> {
    let Some(folder) = std::env::var_os("RMD_TEST_BINARIES") else {
        tell::note("building node and hub");
        return Binaries::build(&[]);
    };
    let folder = Path::new(&folder);
    Ok(Binaries { node: folder.join("rmd-node"), hub: folder.join("rmd-hub") })
}

/// What waits for a state: documents by path, and revisions of rows.
#[derive(Debug, Default)]
struct Filled {
    bodies: BTreeMap<&'static str, Vec<Bytes>>,
    later: Vec<Later>,
}

/// Writes the national database of a state, and gives what is posted and what comes later.
async fn fill(of_state: &OfState, folder: &Path) -> Result<Filled> {
    let state = of_state.state;
    let mut national = National::create(folder, state).await?;
    let mut filled = Filled::default();
    let revised: BTreeSet<(Entity, &str)> = of_state
        .taken
        .iter()
        .filter(|one| one.revision > 0)
        .map(|one| (one.entity, one.valid.key()))
        .collect();
    for one in &of_state.taken {
        let path = POSTED.iter().find(|(posted, _)| *posted == one.entity).map(|(_, path)| *path);
        // Who posts speaks the standard, must have what it demands, and says it once.
        let is_whole = one.valid.brief().iter().all(|one| !one.rule.ends_with("-REQUIRED"));
        let is_once = !revised.contains(&(one.entity, one.valid.key()));
        match path.filter(|_| is_whole && is_once) {
            Some(path) => {
                filled.bodies.entry(path).or_default().push(one.text.clone().into());
            }
            None => filled.later.extend(national.add(one).await?),
        }
    }
    national.finish().await?;
    std::fs::write(mapping_file(folder, state), national::mapping(state))?;
    Ok(filled)
}

/// Corrects rows as their states did, one revision after the other.
async fn revise(
    network: &mut Network,
    states: &[OfState],
    folder: &Path,
    later: &[Vec<Later>],
) -> Result<()> {
    let last = later.iter().flatten().map(|one| one.revision).max().unwrap_or_default();
    for revision in 1..=last {
        let begun = now_us();
        for (state, later) in states.iter().zip(later) {
            national::revise(folder, state.state, later, revision).await?;
        }
        exchange::complete(network, begun).await?;
    }
    Ok(())
}

/// Tells how much memory the processes took.
fn tell_memory(network: &Network) -> Result<()> {
    let mib = |process: &Process| Ok::<_, anyhow::Error>(process.peak_memory_bytes()? >> 20);
    let nodes: Vec<u64> =
        network.nodes.iter().map(|node| mib(&node.process)).collect::<Result<_>>()?;
    let most = nodes.into_iter().max().unwrap_or_default();
    tell::note(&format!("peak memory: hub {} MiB, largest node {most} MiB", mib(&network.hub)?));
    Ok(())
}

fn mapping_file(folder: &Path, state: State) -> std::path::PathBuf {
    folder.join(format!("{}.toml", state.alpha3))
}

fn state_of(state: State, folder: &Path) -> Result<states::State> {
    const NAMES: [(&str, &str); 12] = [
        ("AGO", "ago-mines"),
        ("BDI", "bdi-mines"),
        ("CAF", "caf-mines"),
        ("COG", "cog-mines"),
        ("COD", "cod-mines"),
        ("KEN", "ken-mines"),
        ("RWA", "rwa-mines"),
        ("SSD", "ssd-mines"),
        ("SDN", "sdn-mines"),
        ("TZA", "tza-mines"),
        ("UGA", "uga-mines"),
        ("ZMB", "zmb-mines"),
    ];
    let name = NAMES.iter().find(|(alpha3, _)| *alpha3 == state.alpha3);
    let url = national::url(folder, state);
    Ok(states::State {
        country: state.alpha3,
        name: name.map(|(_, name)| *name).context("name the node of a member")?,
        public_url: url.clone(),
        url,
        password: None,
        mapping: mapping_file(folder, state),
    })
}

/// Posts the records of one state.
async fn post(
    network: &mut Network,
    place: usize,
    mut bodies: BTreeMap<&'static str, Vec<Bytes>>,
) -> Result<()> {
    let node = &mut network.nodes[place];
    let address = node.api.clone();
    let process = &mut node.process;
    wait::until("the API listens", || {
        process.check()?;
        Ok(std::net::TcpStream::connect(&address).ok())
    })
    .await?;
    let target = Target { address, token: token(network, &network.nodes[place])? };
    for (_, path) in POSTED {
        let bodies = bodies.remove(path).unwrap_or_default();
        let posted = post::all(&target, path, bodies).await?;
        let country = network.nodes[place].state.country;
        tell::note(&format!(
            "{country}: {} {path} posted, {} refused",
            posted.taken,
            posted.refused.len()
        ));
        for reason in posted.refused.iter().take(REFUSALS_TOLD) {
            tell::note(&format!("  {reason}"));
        }
    }
    Ok(())
}

fn token(network: &Network, node: &Node) -> Result<String> {
    let create = ["api", "token", "create", "--name", "score", "--read", "--write"];
    let made = network.node_command(node, &create)?;
    Ok(made["token"].as_str().context("read the token")?.to_owned())
}

/// Findings as the hub lists them.
fn found(listed: &Value) -> Result<Vec<Found>> {
    let list = listed.as_array().or_else(|| listed["findings"].as_array());
    let list = list.context("read the list of findings")?;
    let is_open = |one: &&Value| one["state"].as_str().is_none_or(|state| state == "open");
    list.iter().filter(is_open).map(one).collect()
}

fn one(finding: &Value) -> Result<Found> {
    let text = |name: &str| {
        let found = finding[name].as_str();
        found.map(str::to_owned).with_context(|| format!("find {name} in {finding}"))
    };
    let severity = finding["severity"].as_u64().context("read a severity")?;
    ensure!((1..=3).contains(&severity), "a severity of {severity}");
    // The list stands in the list of findings as the store keeps it, as text.
    let kept = finding["evidence"].as_str().map(serde_json::from_str::<Value>).transpose()?;
    let evidence = kept.as_ref().unwrap_or(&finding["evidence"]).as_array();
    let evidence = evidence.context("read the records that a finding rests on")?.iter();
    let pair =
        |one: &Value| Some((one["entity"].as_str()?.to_owned(), one["key"].as_str()?.to_owned()));
    Ok(Found {
        rule: text("rule")?,
        severity: u8::try_from(severity)?,
        subject: text("subject_key").or_else(|_| text("subject"))?,
        evidence: evidence.filter_map(pair).collect(),
    })
}

/// This instant, in microseconds of UTC.
#[expect(clippy::disallowed_methods, reason = "the processes use the real clock")]
fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
