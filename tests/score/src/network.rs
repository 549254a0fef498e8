//! A set through the whole network: one node for each state, the hub, mutual TLS.
//!
//! Lots, certificates and sites are posted to the nodes in the standard's JSON; what the
//! standard has no path for lies in a national database. When the hub has everything,
//! its own commands judge and list.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use rmd_demo::{
    binaries::Binaries,
    exchange,
    network::{Network, Node, Options},
    states, wait,
};
use rmd_standard::Entity;
use serde_json::Value;

use crate::{
    found::Found,
    national::{self, National},
    post::{self, Target},
    set::{Set, State},
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
pub(crate) async fn judge(set: &Set) -> Result<Vec<Found>> {
    let mut folder = tempfile::tempdir()?;
    folder.disable_cleanup(std::env::var_os("RMD_SCORE_KEEP").is_some());
    let mut national = Vec::with_capacity(set.states.len());
    let mut bodies = Vec::with_capacity(set.states.len());
    for state in &set.states {
        bodies.push(fill(set, *state, folder.path()).await?);
        national.push(state_of(*state, folder.path())?);
    }
    let options = Options {
        as_of: set.as_of.to_string(),
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
    for (place, bodies) in bodies.into_iter().enumerate() {
        post(&mut network, place, bodies).await?;
    }
    exchange::complete(&mut network, begun).await?;
    if let Some(file) = set.partners() {
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

/// Writes the national database of a state, and gives what is posted.
async fn fill(
    set: &Set,
    state: State,
    folder: &Path,
) -> Result<BTreeMap<&'static str, Vec<Bytes>>> {
    let mut national = National::create(folder, state).await?;
    let mut bodies = BTreeMap::<_, Vec<Bytes>>::new();
    for entity in Entity::ALL {
        let path = POSTED.iter().find(|(posted, _)| *posted == entity).map(|(_, path)| *path);
        for line in set.lines(state, entity)? {
            let line = line?;
            let valid = match set.read(state, entity, &line) {
                Ok(valid) => valid,
                Err(reason) => {
                    tell::note(&format!("refused: {} {entity} {reason}", state.alpha3));
                    continue;
                }
            };
            // Who posts speaks the standard, and must have what it demands.
            let is_whole = valid.brief().iter().all(|one| !one.rule.ends_with("-REQUIRED"));
            match path.filter(|_| is_whole) {
                Some(path) => bodies.entry(path).or_default().push(line.into()),
                None => national.add(valid.record()).await?,
            }
        }
    }
    national.finish().await?;
    std::fs::write(mapping_file(folder, state), national::mapping(state))?;
    Ok(bodies)
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
    let evidence = finding["evidence"].as_array().into_iter().flatten();
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
