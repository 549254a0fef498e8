//! What is national stays in the nation, whatever way it came and whatever became of it.

mod nation;
mod needle;
mod pages;
mod plan;
mod planted;
mod post;
mod protos;
mod search;
mod sheets;
mod source;
mod stores;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use rand::{SeedableRng as _, rngs::StdRng};

use self::{
    nation::{HUB_COMMANDS, NODE_COMMANDS, Nation},
    plan::Plan,
    planted::{Garden, Made},
    protos::Protos,
    search::Search,
};

/// Chooses the seed of a run: a number.
const SEED: &str = "RMD_SOVEREIGNTY_SEED";

// Goal: no national field leaves a node by any way, in any form. Method: every
// national field of the protocol's text holds a string of its own, in records that
// come out of a database, over the API and in sheets, and are kept, revised,
// declared void, deleted and refused; then every file, frame, log, page, answer and
// command is searched for every string. Strings that must leave show that the search
// finds what is there.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_national_leaves_its_node() -> Result<()> {
    let begun = Instant::now();
    let seed = env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    let plan = Plan::new(Garden::new(&Protos::read()?, StdRng::seed_from_u64(seed))?)?;
    let mut regional: Vec<String> =
        plan.standing().iter().map(|made| made.regional.clone()).collect();
    regional.extend(plan.standing().iter().filter_map(|made| made.site()).map(str::to_owned));
    regional.extend(plan.mapped.iter().map(|one| one.faulty.name.clone()));
    let mut search = Search::new(plan.garden.plants.clone(), regional)?;
    let mut nation = Nation::new(plan).await?;
    files(&nation, &mut search).await?;
    nation.change_rows().await?;
    files(&nation, &mut search).await?;
    nation.post_records().await?;
    files(&nation, &mut search).await?;
    let taken = nation.drop_sheets().await?;
    files(&nation, &mut search).await?;
    shown(&nation, &mut search)?;
    files(&nation, &mut search).await?;

    refused_as_meant(&nation, &taken)?;
    arrived(&nation).await?;
    found(&nation, &search)?;
    assert!(nation.network.nodes[0].process.stop()? && nation.network.hub.stop()?);
    files(&nation, &mut search).await?;
    report(&nation.plan, &search, seed, begun);
    assert!(search.hits().is_empty(), "seed {seed}: {:#?}", search.hits());
    Ok(())
}

/// Everything on disk but what the ministry's own files are.
async fn files(nation: &Nation, search: &mut Search) -> Result<()> {
    let network = &nation.network;
    let (node, hub) = (&network.nodes[0].folder, &network.hub_folder);
    search.files("files of the node", node, &nation::is_own)?;
    search.files("files of the hub", hub, &|_| false)?;
    let (journal, store) = (node.join("node.sqlite"), hub.join("hub.sqlite"));
    stores::cells(search, "cells of the node", &journal).await?;
    stores::cells(search, "cells of the hub", &store).await?;
    stores::blocks(search, &journal).await?;
    stores::ledger(search, &store).await
}

/// Everything that programs and pages show.
fn shown(nation: &Nation, search: &mut Search) -> Result<()> {
    let network = &nation.network;
    let node = &network.nodes[0];
    let of_node = (network.binaries.node.as_path(), node.folder.as_path());
    for arguments in NODE_COMMANDS {
        pages::command(search, "commands of the node", of_node, arguments)?;
    }
    for one in &nation.plan.sheets {
        let file = node.folder.join(format!("sheets/done/{}-1.xlsx", one.kept.entity));
        for verb in ["check", "import"] {
            let arguments = ["sheet", verb, &file.display().to_string()];
            pages::command(search, "commands of the node", of_node, &arguments)?;
        }
    }
    for entity in nation.plan.garden.entities() {
        pages::command(search, "preview", of_node, &["preview", &entity, "--limit", "100"])?;
    }
    let quarantine = network.node_command(node, &["quarantine", "list"])?;
    for row in quarantine["refused"].as_array().context("read the quarantine")? {
        let (entity, key) = (row["entity"].as_str(), row["source_key"].as_str());
        let (entity, key) = entity.zip(key).context("read a refused row")?;
        pages::command(
            search,
            "commands of the node",
            of_node,
            &["quarantine", "show", entity, key],
        )?;
    }
    let of_hub = (network.binaries.hub.as_path(), network.hub_folder.as_path());
    for arguments in HUB_COMMANDS {
        pages::command(search, "commands of the hub", of_hub, arguments)?;
    }
    pages::portal(search, &network.portal)?;
    pages::api(search, "answers of the hub", &network.api, &nation.key()?)
}

/// Every row that was to be refused was, and its findings name the fields.
fn refused_as_meant(nation: &Nation, taken: &BTreeMap<String, serde_json::Value>) -> Result<()> {
    let network = &nation.network;
    let list = network.node_command(&network.nodes[0], &["quarantine", "list"])?;
    let refused = nation::refused(&list);
    for one in &nation.plan.mapped {
        for made in [&one.faulty, &one.bad, &one.unreadable, &one.doubled] {
            ensure!(refused.contains_key(&made.name), "{} was not refused", made.name);
        }
    }
    for one in &nation.plan.sheets {
        let file = format!("{}-1.xlsx", one.kept.entity);
        let report = taken.get(&file).with_context(|| format!("find {file}"))?;
        ensure!(report["refused"] == 2 && report["appended"] == 2, "{report}");
        for number in 2..=3 {
            let file = format!("{}-{number}.csv", one.kept.entity);
            let report = taken.get(&file).with_context(|| format!("find {file}"))?;
            ensure!(report["refused"] == 0 && report["appended"] == 1, "{report}");
        }
    }
    Ok(())
}

/// The hub was told that each planted field is kept back, and of no other.
async fn arrived(nation: &Nation) -> Result<()> {
    let records = stores::records(&nation.network.hub_folder.join("hub.sqlite")).await?;
    let of = |made: &Made| {
        let number = made.name.rsplit('-').next().unwrap_or_default().to_owned();
        let mut own = records
            .iter()
            .filter(move |known| known.entity == made.entity && known.key.contains(&number));
        own.next().with_context(|| format!("find {} at the hub", made.name))
    };
    for made in nation.plan.standing() {
        let known = of(made)?;
        let withheld = known.withheld.iter().cloned().collect();
        assert_eq!(made.paths, withheld, "{}", known.key);
        assert_eq!(known.op, "upsert", "{}", known.key);
    }
    for made in nation.plan.revised() {
        assert_eq!(of(made)?.rev, 2, "{}", made.name);
    }
    for entity in nation.plan.garden.entities() {
        let own = records.iter().filter(|known| known.entity == entity);
        let withheld: BTreeSet<String> = own.flat_map(|known| known.withheld.clone()).collect();
        let missing: Vec<String> =
            nation.plan.garden.paths(&entity).difference(&withheld).cloned().collect();
        assert!(missing.is_empty(), "national fields of {entity} never planted: {missing:?}");
    }
    for one in &nation.plan.mapped {
        assert_eq!(of(&one.annulled)?.op, "annul");
        assert_eq!(of(&one.deleted)?.op, "tombstone");
    }
    for one in &nation.plan.sheets {
        assert_eq!(of(&one.annulled)?.op, "annul");
    }
    Ok(())
}

/// The search finds what is there, and the ministry has its own values back.
fn found(nation: &Nation, search: &Search) -> Result<()> {
    let all = ["blocks of the node", "ledger of the hub", "files of the hub", "cells of the hub"];
    let is_shown = |made: &&Made| plan::POSTED.iter().any(|(entity, _)| *entity == made.entity);
    for made in nation.plan.standing() {
        for kind in all {
            ensure!(
                search.seen(kind).contains(made.regional.as_str()),
                "{} is not in {kind}",
                made.name
            );
        }
        if is_shown(&made) {
            let kind = "answers of the hub";
            ensure!(
                search.seen(kind).contains(made.regional.as_str()),
                "{} is not in {kind}",
                made.name
            );
        }
    }
    for one in &nation.plan.mapped {
        ensure!(search.seen("preview").contains(one.revised.regional.as_str()), "preview");
    }
    for site in nation.plan.standing().iter().filter_map(|made| made.site()) {
        ensure!(search.seen("portal").contains(site), "{site} is not on the portal");
    }
    let log = fs::read_to_string(&nation.network.nodes[0].process.log)?;
    ensure!(log.contains("\"level\":\"TRACE\""), "the node tells all that it can");
    let log = fs::read_to_string(&nation.network.hub.log)?;
    ensure!(log.contains("\"level\":\"TRACE\""), "the hub tells all that it can");
    for one in &nation.plan.mapped {
        for kind in ["cells of the node", "files of the node", "commands of the node"] {
            let name = one.faulty.name.as_str();
            ensure!(search.seen(kind).contains(name), "{name} is not in {kind}");
        }
    }
    for one in &nation.plan.posted {
        let answer = nation.posted(one)?.to_string();
        let record = format!("posted, revised, {}", one.kept.0.entity);
        for plant in nation.plan.garden.plants.iter().filter(|plant| plant.record == record) {
            let is_there = plant.core.forms().iter().any(|(_, form)| {
                answer.as_bytes().windows(form.len()).any(|bytes| bytes == form.as_slice())
            });
            ensure!(is_there, "the ministry's own answer lacks {}: {answer}", plant.path);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a run reports its seed and how much it searched")]
fn report(plan: &Plan, search: &Search, seed: u64, begun: Instant) {
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for plant in &plan.garden.plants {
        *ways.entry(plant.record.split([',', ' ']).next().unwrap_or_default()).or_default() += 1;
    }
    println!("seed {seed}, strings planted {ways:?}, {} bytes searched", search.bytes());
    for (kind, (places, bytes)) in &search.places {
        let regional = search.seen(kind).len();
        println!("{kind}: {places} places, {bytes} bytes, {regional} strings that must leave");
    }
    println!("{} s", begun.elapsed().as_secs());
}
