//! GET /lots: random pages of one hundred, while the lots on them change.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_demo::wait;

use super::{
    client::{Connection, Target, total},
    lots::Lots,
    posts::Rate,
};
use crate::{cli::RestSettings, report::rate};

/// Lots of a page: the most that the standard allows.
const PAGE: usize = 100;

/// What a list answer may show of a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// Every write that was answered before the request.
    Answered,
    /// No version older than one that was shown before, and none never written.
    Forward,
}

/// Lists of the server to which the changes are written.
pub(crate) async fn of_the_writer(
    node: &Target,
    lots: &Arc<Lots>,
    settings: &RestSettings,
) -> Result<Rate> {
    read_all(node, node, lots, settings, Freshness::Answered).await
}

/// Lists of a server that follows the one to which the changes are written; at
/// the end it has caught up, and every lot shows its last version.
pub(crate) async fn of_a_follower(
    hub: &Target,
    node: &Target,
    lots: &Arc<Lots>,
    settings: &RestSettings,
) -> Result<Rate> {
    let rate = read_all(hub, node, lots, settings, Freshness::Forward).await?;
    wait::eventually("the hub shows the last version of each lot", async || {
        Ok(has_caught_up(hub, lots).await?.then_some(()))
    })
    .await?;
    Ok(rate)
}

/// Waits until a server that follows has so many lots.
pub(crate) async fn wait_for(hub: &Target, lots: u64) -> Result<()> {
    wait::eventually("the hub has all lots", async || Ok((total(hub).await? == lots).then_some(())))
        .await
}

async fn has_caught_up(hub: &Target, lots: &Lots) -> Result<bool> {
    let mut connection = Connection::open(hub).await?;
    let pages = total(hub).await?.div_ceil(PAGE as u64);
    let mut seen = 0;
    for page in 1..=pages {
        for (index, version) in versions(&mut connection, page, lots).await?.1 {
            if version != lots.last_answered(index) {
                return Ok(false);
            }
            seen += 1;
        }
    }
    ensure!(seen == lots.len(), "the hub lists {seen} of {} lots", lots.len());
    Ok(true)
}

async fn read_all(
    target: &Target,
    node: &Target,
    lots: &Arc<Lots>,
    settings: &RestSettings,
    freshness: Freshness,
) -> Result<Rate> {
    let pages = total(target).await? / PAGE as u64;
    ensure!(pages > 0, "too few lots for a page");
    let mut tasks = tokio::task::JoinSet::new();
    for reader in 0..settings.readers {
        let (target, node, lots) = (target.clone(), node.clone(), Arc::clone(lots));
        let (seed, requests) = (settings.seed + 1 + reader as u64, settings.pages);
        tasks.spawn(async move {
            let mut reader = Reader::new(&target, &node, &lots, seed, freshness).await?;
            for _ in 0..requests {
                reader.read(pages).await?;
            }
            Ok::<_, anyhow::Error>((reader.took, reader.listed))
        });
    }
    let (mut per_second, mut compared) = (0.0, 0);
    while let Some(result) = tasks.join_next().await {
        let (took, listed) = result.context("join a reader")??;
        per_second += rate(listed, took);
        compared += listed;
    }
    Ok(Rate { per_second, compared })
}

/// One connection that lists, and one that changes what it lists.
struct Reader<'a> {
    lots: &'a Lots,
    freshness: Freshness,
    rng: StdRng,
    list: Connection,
    change: Connection,
    shown: HashMap<usize, u32>,
    took: Duration,
    listed: u64,
}

impl<'a> Reader<'a> {
    async fn new(
        target: &Target,
        node: &Target,
        lots: &'a Lots,
        seed: u64,
        freshness: Freshness,
    ) -> Result<Self> {
        Ok(Self {
            lots,
            freshness,
            rng: StdRng::seed_from_u64(seed),
            list: Connection::open(target).await?,
            change: Connection::open(node).await?,
            shown: HashMap::new(),
            took: Duration::ZERO,
            listed: 0,
        })
    }

    /// Asks for a page, changes one of its lots, and asks for the page again;
    /// both answers count and both are compared.
    async fn read(&mut self, pages: u64) -> Result<()> {
        let page = self.rng.gen_range(1..=pages);
        let shown = self.page(page).await?;
        if let Some(&index) = shown.get(self.rng.gen_range(0..shown.len().max(1))) {
            self.write(index).await?;
        }
        self.page(page).await.map(drop)
    }

    async fn write(&mut self, index: usize) -> Result<()> {
        let (version, body) = self.lots.change(index);
        let path = format!("/lots/{}", self.lots.number(index));
        let answer = self.change.send(Method::PUT, &path, body).await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}: {:?}", answer.status, answer.body);
        self.lots.answered(index, version);
        Ok(())
    }

    async fn page(&mut self, page: u64) -> Result<Vec<usize>> {
        let answered: Vec<u32> = match self.freshness {
            Freshness::Answered => {
                (0..self.lots.len()).map(|index| self.lots.last_answered(index)).collect()
            }
            Freshness::Forward => Vec::new(),
        };
        let (took, versions) = versions(&mut self.list, page, self.lots).await?;
        self.took += took;
        self.listed += PAGE as u64;
        for &(index, version) in &versions {
            let oldest = match self.freshness {
                Freshness::Answered => answered[index],
                Freshness::Forward => self.shown.insert(index, version).unwrap_or(0),
            };
            let newest = self.lots.last_sent(index);
            if !(oldest..=newest).contains(&version) {
                bail!("lot {index} shows version {version}, not {oldest} to {newest}");
            }
        }
        Ok(versions.into_iter().map(|(index, _)| index).collect())
    }
}

/// The lots of a page that are ours, each with the version that it shows.
async fn versions(
    connection: &mut Connection,
    page: u64,
    lots: &Lots,
) -> Result<(Duration, Vec<(usize, u32)>)> {
    let path = format!("/lots?page={page}&limit={PAGE}");
    let answer = connection.send(Method::GET, &path, Bytes::new()).await?;
    ensure!(answer.status == StatusCode::OK, "{path}: {}: {:?}", answer.status, answer.body);
    let json = answer.json()?;
    let data = json["data"].as_array().context("read the list")?;
    let ours = data.iter().filter_map(|lot| {
        let index = lots.index_of(lot)?;
        Some(Lots::version_of(index, lot).map(|version| (index, version)))
    });
    let versions: Option<Vec<_>> = ours.collect();
    Ok((answer.took, versions.with_context(|| format!("read the masses of page {page}"))?))
}
