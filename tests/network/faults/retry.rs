//! Peers that do not answer: how often they are asked, and who is kept waiting.

use std::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{exchange, wait};

use super::{
    Fault, Line, Make, form,
    line::{PATIENCE, until},
    proxy::Profile,
    source,
    writers::Writers,
};
use crate::harness::now_us;

/// How long the attempts are counted.
const SHORT: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_mins(5);

/// The first wait of the shipped configuration, and its longest: the ordinary run has no
/// minute for it.
fn waits() -> Vec<(&'static str, String)> {
    let longest = if form().is_long { "1min" } else { "10s" };
    let waits = [("RMD_HUB_LINK__RETRY_INITIAL", "1s"), ("RMD_HUB_LINK__RETRY_MAX", longest)];
    waits.map(|(name, value)| (name, value.to_owned())).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_exchange_is_not_retried_every_second() -> Result<()> {
    let make = Make { is_apart: true, variables: waits(), ..Make::default() };
    Fault {
        name: "failing exchange",
        done: "at the node's address somebody takes each connection and ends it",
        holds: "attempts grow rarer, a restart of the hub honours the wait, and the node comes back",
    }
    .run(make, async |line| {
        let address = line.network.nodes[0].address.clone();
        let (ended, attempts) = refuse(&address)?;
        tokio::time::sleep(if form().is_long { LONG } else { SHORT }).await;
        let counted: Vec<Duration> = attempts.try_iter().collect();
        // Two tasks that tried every second would make 40, and 600 in the long form.
        let bound = if form().is_long { 60 } else { 30 };
        ensure!(counted.len() >= 4, "only {} attempts: {counted:?}", counted.len());
        ensure!(counted.len() <= bound, "{} attempts: {counted:?}", counted.len());
        restarted_hub_waits(line, &attempts).await?;
        drop(attempts);
        drop(TcpStream::connect(&address));
        ended.join().ok().context("join who refuses")?;
        // The wait may be a minute by now.
        line.connect(Profile::PLAIN)?;
        line.network.options.variables.push(("RMD_HUB_LINK__RETRY_MAX", "1s".to_owned()));
        line.network.hub.kill()?;
        line.network.restart_hub()?;
        Ok(format!("{} attempts of two tasks in {:?}", counted.len(), if form().is_long { LONG } else { SHORT }))
    })
    .await
}

/// A hub that is killed and started again asks no earlier than it had decided.
async fn restarted_hub_waits(line: &mut Line, attempts: &mpsc::Receiver<Duration>) -> Result<()> {
    // A wait that is worth it; they are drawn, so one comes.
    let next_us = until("the next attempt is some seconds away", PATIENCE, || {
        let next_us = line.seen(0)?["next_attempt_us"].as_i64();
        Ok(next_us.filter(|next_us| next_us - now_us() > 2_500_000))
    })
    .await?;
    line.network.hub.kill()?;
    line.network.restart_hub()?;
    while attempts.try_recv().is_ok() {}
    let seen = line.seen(0)?;
    ensure!(seen["next_attempt_us"].as_i64() == Some(next_us), "the restart changed the wait");
    until("the hub tries again", PATIENCE, || {
        Ok(line.seen(0)?["next_attempt_us"].as_i64().filter(|later| *later > next_us))
    })
    .await?;
    ensure!(now_us() >= next_us, "the hub tried before the wait was over");
    Ok(())
}

/// Takes connections and ends them, until nobody counts them any more.
fn refuse(address: &str) -> Result<(thread::JoinHandle<()>, mpsc::Receiver<Duration>)> {
    let listener = TcpListener::bind(address)?;
    let (tell, attempts) = mpsc::channel();
    let begun = Instant::now();
    let ended = thread::spawn(move || {
        for connection in listener.incoming() {
            drop(connection);
            if tell.send(begun.elapsed()).is_err() {
                break;
            }
        }
    });
    Ok((ended, attempts))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_third_party_stops_nobody() -> Result<()> {
    let make = Make { sites: 100, lots: 100, more_states: 1, ..Make::default() };
    Fault {
        name: "unreachable third party",
        done: "the node of another state is killed; then the hub is",
        holds: "the first state's changes arrive and the pages answer; without a hub it captures",
    }
    .run(make, async |line| {
        line.network.nodes[1].process.kill()?;
        let writers = Writers::start(line.state(), form().seed);
        let before = line.applied()?;
        until("the hub goes on with the first state", PATIENCE, || {
            Ok((line.applied()? > before).then_some(()))
        })
        .await?;
        let portal = line.network.portal.clone();
        wait::until("the pages answer", || Ok(page(&portal).ok())).await?;
        line.network.hub.kill()?;
        let size = line.size()?;
        until("the node captures without the hub", PATIENCE, || {
            Ok((line.size()? > size).then_some(()))
        })
        .await?;
        let wrote = writers.stop().await?;
        line.state().execute(&source::masses(77, (1, 20))).await?;
        line.network.restart_node(1)?;
        line.network.restart_hub()?;
        exchange::complete(&mut line.network, now_us()).await?;
        Ok(format!("{wrote} writes"))
    })
    .await
}

/// The first page of the portal.
fn page(address: &str) -> Result<()> {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.0 200"), "{}", answer.lines().next().unwrap_or_default());
    Ok(())
}
