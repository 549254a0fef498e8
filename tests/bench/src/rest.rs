//! The REST API: lots posted to a node, lists of a node and of the hub.
//!
//! The reference is the standard's own server, measured on two cores like these:
//! it keeps its records in one SQLite file, checks nothing against other records
//! and proves nothing. Each list answer is compared, lot by lot, with the masses
//! that were written: between two requests of a reader a lot of its page changes,
//! so an answer out of a cache that is behind is a failure.

mod client;
mod lists;
mod lots;
mod posts;

pub(crate) use client::{Connection, Target};

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    binaries::Binaries,
    network::{Network, Options},
    states, wait,
};

use crate::{
    cli::RestSettings,
    report::{Figure, Report},
    rest::lots::Lots,
};

const REFERENCE: &str = "the standard's reference server on two cores";
/// Answered POST /lots a second.
const REFERENCE_POSTS: (&str, f64) = (REFERENCE, 376.0);
/// Lots listed a second.
const REFERENCE_LISTED: (&str, f64) = (REFERENCE, 2_135.0);

pub(crate) async fn measure(settings: &RestSettings) -> Result<Report> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let binaries = Binaries::build(&[])?;
    let states = states::create(folder.path(), None, None).await?;
    // Writers change more lots than a registry does in a day: none is to wait for a person.
    let variables = vec![("RMD_NODE_BRAKE__CHANGES_PERCENT", "100".to_owned())];
    let options = Options { as_of: "2018-01-01".to_owned(), variables, ..Options::default() };
    // One state is enough: COD takes the lots, the hub follows it.
    let mut network = Network::start(folder.path(), binaries, &states[..1], options).await?;
    let (node, hub) = targets(&network)?;
    client::wait_for(&node.address, &mut network.nodes[0].process).await?;

    // The state has a few lots of its own, which the node captures as it starts.
    let before = wait::eventually("the node has captured its lots", async || {
        Ok(Some(client::total(&node).await?).filter(|&lots| lots > 0))
    })
    .await?;
    // The reference has nobody who follows it; the hub comes back for its own turn.
    ensure!(network.hub.stop()?, "the hub did not end well");
    let lots = Arc::new(Lots::new(settings.lots, settings.seed));
    let posted = posts::measure(&node, &lots, settings.writers).await?;
    let after = client::total(&node).await?;
    ensure!(after - before == settings.lots as u64, "{before} lots before, {after} after");
    let listed = lists::of_the_writer(&node, &lots, settings).await?;
    network.restart_hub()?;
    client::wait_for(&hub.address, &mut network.hub).await?;
    lists::wait_for(&hub, after).await?;
    let followed = lists::of_a_follower(&hub, &node, &lots, settings).await?;

    let figure = |what, rate: posts::Rate, reference| {
        Figure::new(what, rate.per_second, reference, rate.compared)
    };
    Ok(Report {
        conditions: format!(
            "{} lots of {} bytes, {} connections that post, {} that list pages of 100 in random \
             order; before each second page one of its lots is changed.",
            settings.lots,
            lots.body(0, 0).len(),
            settings.writers,
            settings.readers
        ),
        figures: vec![
            figure("node, lots posted", posted, REFERENCE_POSTS),
            figure("node, lots listed", listed, REFERENCE_LISTED),
            figure("hub, lots listed", followed, REFERENCE_LISTED),
        ],
    })
}

fn targets(network: &Network) -> Result<(Target, Target)> {
    let node = &network.nodes[0];
    let token = ["api", "token", "create", "--name", "bench", "--read", "--write"];
    let made = network.node_command(node, &token)?;
    let token = made["token"].as_str().context("read the token")?.to_owned();
    let node = Target { address: node.api.clone(), token };
    let key = ["key", "create", "--name", "bench", "--scope", "lots"];
    let made = network.hub_command(&key)?;
    let token = made["key"].as_str().context("read the key")?.to_owned();
    Ok((node, Target { address: network.api.clone(), token }))
}
