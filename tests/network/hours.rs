//! Hours and caps of a state: what waits for them, and what says so.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rmd_demo::{exchange, network::Network, wait};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use crate::harness::{Make, World, now_us};

/// The node whose hours are set: COD, which watches change times.
const NODE: usize = 0;
/// A node that has none.
const OTHER: usize = 1;
/// The least that the hub can be told to send in a second.
const BYTES_PER_SECOND: u64 = 500;
/// Decisions that are pushed, and the length of the reason of each.
const DECISIONS: usize = 12;

/// Hours that are closed now, and the instant at which they begin.
fn closed() -> Result<(String, Timestamp)> {
    let now = Timestamp::from_microsecond(now_us())?.to_zoned(TimeZone::UTC);
    let begin = now.checked_add(2.hours())?;
    let begin = begin.with().minute(0).second(0).subsec_nanosecond(0).build()?;
    let end = begin.checked_add(1.hours())?;
    let hours = format!("{}-{}", begin.strftime("%H:%M"), end.strftime("%H:%M"));
    Ok((hours, begin.timestamp()))
}

/// Starts the node again with other variables than before.
fn restart(world: &mut World, variables: Vec<(&'static str, String)>) -> Result<()> {
    ensure!(world.network.nodes[NODE].process.stop()?, "the node did not end well");
    world.network.options.variables = variables;
    world.network.restart_node(NODE)
}

/// What the hub knows of the node.
fn seen(network: &Network) -> Result<Value> {
    let status = network.hub_command(&["status"])?;
    let id = network.nodes[NODE].state.node_id();
    let nodes = status["nodes"].as_array().context("read the nodes")?;
    nodes.iter().find(|node| node["id"] == id.as_str()).cloned().context("find the node")
}

/// Entries of all feeds of the node.
fn size(world: &World) -> Result<u64> {
    let status = world.network.node_command(&world.network.nodes[NODE], &["status"])?;
    let feeds = status["feeds"].as_array().context("read the feeds")?;
    Ok(feeds.iter().filter_map(|feed| feed["size"].as_u64()).sum())
}

/// When the last pass of a node over any of its tables began.
fn last_begun(world: &World, node: usize) -> Result<Option<i64>> {
    let status = world.network.node_command(&world.network.nodes[node], &["status"])?;
    let passes = status["capture"].as_array().context("read the capture")?;
    Ok(passes.iter().filter_map(|pass| pass["last_started_us"].as_i64()).max())
}

async fn change(world: &World, workers: u32) -> Result<()> {
    let sql = format!(
        "UPDATE visites SET workers_numb = '{workers}', modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')
         WHERE vid = (SELECT MAX(vid) FROM visites)"
    );
    world.states[NODE].execute(&sql).await
}

// Goal: a node outside of its hours goes on capturing and sends nothing, and the
// Secretariat sees until when, on its command line and on its page. Method: hours that
// begin in two hours, a change, then no hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_outside_its_hours_waits_and_the_hub_says_until_when() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let (hours, begin) = closed()?;
    let zone = ("RMD_NODE_CLOCK__ZONE", "UTC".to_owned());
    restart(&mut world, vec![("RMD_NODE_SERVE__HOURS", hours), zone])?;
    wait::eventually("the hub knows that the node waits", async || {
        let until = seen(&world.network)?["pauses_until_us"].as_i64();
        Ok((until == Some(begin.as_microsecond())).then_some(()))
    })
    .await?;
    let before = size(&world)?;
    let changed = now_us();
    change(&world, 61).await?;
    exchange::captured(&mut world.network, changed).await?;
    ensure!(size(&world)? == before + 1, "the change was not captured");
    let shown = seen(&world.network)?;
    let feeds = shown["feeds"].as_array().context("read the feeds at the hub")?;
    let applied: u64 = feeds.iter().filter_map(|feed| feed["cursor"].as_u64()).sum();
    ensure!(applied == before, "{applied} of {before} entries at the hub");
    ensure!(shown["last_error"].is_null(), "a pause is no fault: {shown}");
    let local = begin.to_zoned(TimeZone::fixed(jiff::tz::offset(2)));
    let expected = format!("waits until {}", local.strftime("%H:%M"));
    let page = page(&world.network.portal)?;
    ensure!(page.contains(&expected), "`{expected}` is not on the page");

    restart(&mut world, Vec::new())?;
    world.exchange().await?;
    wait::eventually("the hub knows that the node goes on", async || {
        Ok(seen(&world.network)?["pauses_until_us"].is_null().then_some(()))
    })
    .await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

/// The first page of the portal.
fn page(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

// Goal: outside of the hours of a source nothing of it is read. Method: hours that begin
// in two hours, a change, and a wait over many times the pause between two passes; then
// hours that are open.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_outside_its_hours_is_not_read() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let zone = || ("RMD_NODE_CLOCK__ZONE", "UTC".to_owned());
    restart(&mut world, vec![("RMD_NODE_CAPTURE__HOURS", closed()?.0), zone()])?;
    let (before, restarted) = (size(&world)?, now_us());
    change(&world, 62).await?;
    // Another node has the same pace and no hours: it tells when there was time enough.
    wait::eventually("another node has begun several passes meanwhile", async || {
        Ok(last_begun(&world, OTHER)?.filter(|begun| *begun > restarted + 5_000_000))
    })
    .await?;
    let begun = last_begun(&world, NODE)?;
    ensure!(begun < Some(restarted), "a pass began at {begun:?}, after {restarted}");
    ensure!(size(&world)? == before, "an entry was appended");

    restart(&mut world, vec![("RMD_NODE_CAPTURE__HOURS", "00:00-24:00".to_owned()), zone()])?;
    world.exchange().await?;
    ensure!(size(&world)? == before + 1, "the change was not captured");
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

// Goal: what the hub pushes keeps to its cap and arrives whole. Method: the least cap
// that there is, decisions with long reasons, and the bytes of their blocks for every
// node over the time that it took.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_keeps_to_the_bandwidth_cap_and_arrives() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    world.network.hub.kill()?;
    let cap = ("RMD_HUB_LINK__BYTES_PER_SECOND", BYTES_PER_SECOND.to_string());
    world.network.options.variables = vec![cap];
    world.network.restart_hub()?;
    let before = pushed_bytes(&world).await?;
    let begun = Instant::now();
    for number in 0..DECISIONS {
        decide(&world, number)?;
    }
    exchange::bulletins_applied(&mut world.network).await?;
    let took = begun.elapsed();
    let bytes = (pushed_bytes(&world).await? - before) * world.network.nodes.len() as u64;
    // One second of bytes may go at once.
    let least = Duration::from_millis((bytes - BYTES_PER_SECOND) * 1_000 / BYTES_PER_SECOND);
    ensure!(bytes > 6 * BYTES_PER_SECOND, "only {bytes} bytes to push");
    ensure!(took >= least, "{bytes} bytes in {took:?}, no sooner than {least:?}");
    for node in &world.network.nodes {
        let inbox = world.network.node_command(node, &["inbox", "list"])?.to_string();
        ensure!(inbox.contains(&reason(DECISIONS - 1)), "{}: {inbox}", node.state.country);
    }
    world.verify_stores()
}

/// A reason that does not compress to nothing.
fn reason(number: usize) -> String {
    let words = (0_u64..40).map(|word| {
        let drawn = (word + 41 * number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{:07x}", drawn >> 36)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn decide(world: &World, number: usize) -> Result<()> {
    let document = world.folder.path().join("decision.txt");
    std::fs::write(&document, format!("Decision {number}\n"))?;
    let document = document.display().to_string();
    let status = ["red", "yellow"][number % 2];
    let decision = ["site", "set-status", "RW-1.7402+29.9901-1002", status, "--by", "Officer"];
    let reason = reason(number);
    let more = ["--reason", &reason, "--document", &document];
    world.network.hub_command(&[&decision[..], &more].concat()).map(drop)
}

/// Bytes of all blocks of the feed that goes to every node.
async fn pushed_bytes(world: &World) -> Result<u64> {
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    let bytes: i64 = sqlx::query_scalar(
        "SELECT COALESCE(SUM(LENGTH(body)), 0) FROM shared_block WHERE feed = 'shared'",
    )
    .fetch_one(&mut store)
    .await?;
    Ok(u64::try_from(bytes)?)
}
