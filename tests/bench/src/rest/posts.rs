//! POST /lots: many connections, each lot once, each answer looked at.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use hyper::{Method, StatusCode};

use super::{
    client::{Connection, Target},
    lots::Lots,
};
use crate::report::rate;

/// A rate, and how many answers were looked at for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) compared: u64,
}

pub(crate) async fn measure(target: &Target, lots: &Arc<Lots>, writers: usize) -> Result<Rate> {
    // Made before the clock runs: the measurement is the server's.
    let bodies: Arc<Vec<Bytes>> =
        Arc::new((0..lots.len()).map(|index| lots.body(index, 0)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..writers {
        let (target, bodies, next) = (target.clone(), Arc::clone(&bodies), Arc::clone(&next));
        tasks.spawn(async move { write(&target, &bodies, &next).await });
    }
    while let Some(result) = tasks.join_next().await {
        result.context("join a writer")??;
    }
    let count = lots.len() as u64;
    Ok(Rate { per_second: rate(count, begun.elapsed()), compared: count })
}

async fn write(target: &Target, bodies: &[Bytes], next: &AtomicUsize) -> Result<()> {
    let mut connection = Connection::open(target).await?;
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(body) = bodies.get(index) else { return Ok(()) };
        let answer = connection.send(Method::POST, "/lots", body.clone()).await?;
        ensure!(
            answer.status == StatusCode::CREATED,
            "lot {index}: {}: {:?}",
            answer.status,
            answer.body
        );
        let (sent, kept) = (serde_json::from_slice::<serde_json::Value>(body)?, answer.json()?);
        ensure!(sent["lotNumber"] == kept["lotNumber"], "lot {index} came back as another");
        let (sent, kept) = (sent["mass"].as_f64(), kept["mass"].as_f64());
        ensure!(sent == kept, "lot {index} came back with another mass");
    }
}
