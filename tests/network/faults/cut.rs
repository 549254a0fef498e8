//! Cables pulled out: nobody is told, packets are gone.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_demo::{network::Addresses, servers::free_port};

use super::{
    Fault, Line, Make, form,
    line::{PATIENCE, until},
    namespace::Namespace,
    proxy::Profile,
    writers::Writers,
};
use crate::harness::binaries;

/// Cuts of one run, and how long each may last; the long ones outlast the keep-alive
/// of the link (30 s, and 40 s for the answer).
const SHORT: (usize, u64) = (2, 3_000);
const LONG: (usize, u64) = (12, 90_000);

#[tokio::test(flavor = "multi_thread")]
async fn a_cable_that_is_pulled_out_loses_nothing() -> Result<()> {
    let fault = Fault {
        name: "ip link set down",
        done: "node and hub are hosts of their own; the cable between them is pulled out and put in",
        holds: "the node captures meanwhile, the hub goes on by itself",
    };
    match Namespace::new() {
        Ok(namespace) => {
            let folder = tempfile::tempdir()?;
            let make = on_other_host(&namespace, folder.path())?;
            fault
                .run(make, async |line| {
                    let note = cuts(line, |_, is_in| namespace.set_cable(is_in)).await?;
                    Ok(format!("{note}, between network namespaces"))
                })
                .await
        }
        // Said by name, and cut in the other way that there is.
        Err(refused) => {
            let make = Make { sites: 100, lots: 100, is_apart: true, ..Make::default() };
            fault
                .run(make, async |line| {
                    line.connect(Profile::PLAIN)?;
                    let note = cuts(line, silence).await?;
                    Ok(format!("{note}, by the relay, because: {refused:#}"))
                })
                .await
        }
    }
}

// Where the kernel has netem, the same link is made by it too.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_the_second_generation_by_the_kernel() -> Result<()> {
    let fault = Fault {
        name: "2G by netem",
        done: "the kernel delays and narrows the cable between two hosts",
        holds: "everything arrives",
    };
    let shape = ["delay", "300ms", "75ms", "rate", "30kbit"];
    let namespace = match Namespace::new().and_then(|made| made.shape(&shape).map(|()| made)) {
        Ok(namespace) => namespace,
        Err(refused) => {
            fault.note(format!("not run, the relay shapes instead, because: {refused:#}"));
            return Ok(());
        }
    };
    let folder = tempfile::tempdir()?;
    let make = Make { lots: 500, ..on_other_host(&namespace, folder.path())? };
    fault.run(make, async |_| Ok("500 lots by netem".to_owned())).await
}

/// The relay's way to pull the cable out.
fn silence(line: &Line, is_in: bool) -> Result<()> {
    line.proxy.as_ref().context("find the relay")?.silence(!is_in);
    Ok(())
}

fn on_other_host(namespace: &Namespace, folder: &std::path::Path) -> Result<Make> {
    let address = format!("{}:{}", namespace.address, free_port()?);
    Ok(Make {
        sites: 100,
        lots: 100,
        addresses: Some(Addresses { listen: address.clone(), advertise: address }),
        binaries: Some(namespace.binaries(folder, &binaries())?),
        ..Make::default()
    })
}

/// Cuts of drawn lengths while software writes.
async fn cuts(line: &mut Line, set: impl Fn(&Line, bool) -> Result<()>) -> Result<String> {
    let mut random = StdRng::seed_from_u64(form().seed);
    let (count, lasting) = if form().is_long { LONG } else { SHORT };
    let mut lengths = Vec::new();
    for _ in 0..count {
        let size = line.size()?;
        let writers = Writers::start(line.state(), random.r#gen());
        set(line, false)?;
        let length = Duration::from_millis(random.gen_range(lasting / 10..lasting));
        until("the node captures without the network", PATIENCE, || {
            Ok((line.size()? > size).then_some(()))
        })
        .await?;
        ensure!(line.applied()? <= line.size()?, "the hub has more than there is");
        tokio::time::sleep(length).await;
        set(line, true)?;
        writers.stop().await?;
        lengths.push(length.as_millis());
    }
    let bound = PATIENCE * 2;
    until("the hub has what was captured", bound, || {
        Ok((line.applied()? == line.size()?).then_some(()))
    })
    .await?;
    Ok(format!("{count} cuts of {lengths:?} ms"))
}
