//! The main job on the visits that IPIS published, when the file is there.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sqlx::{Column as _, Connection as _, Row as _, SqliteConnection, sqlite::SqliteRow};

use crate::harness::{Make, World};

/// The file named by `RMD_IPIS_FILE`, or where it lies beside the project.
fn file() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/ipis/cod_mines_2009-2017.csv");
    std::env::var_os("RMD_IPIS_FILE")
        .map(PathBuf::from)
        .or(Some(beside))
        .filter(|file| file.is_file())
}

// Goal: real input, whole, with its accents, and nothing made up. Method: every
// text of the master data of COD must stand in the file, in a code list or
// among the literals of the mapping.
#[tokio::test(flavor = "multi_thread")]
async fn the_visits_of_ipis_arrive_whole_and_nothing_is_made_up() -> Result<()> {
    let Some(file) = file() else {
        println!("the file of IPIS visits is not there: set RMD_IPIS_FILE to run on it");
        return Ok(());
    };
    let world = World::new(Make { ipis: Some(file.clone()), ..Make::default() }).await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    let node = &world.network.nodes[0];
    let status = world.network.node_command(node, &["status"])?;
    let sites = status["entities"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|entity| entity["entity"] == "MineSite");
    let sites = sites.context("find the sites of COD")?;
    let (published, refused) = (count(&sites["published"]), count(&sites["refused"]));
    assert!(published >= 2300, "{published} sites accepted");
    assert_eq!(published + refused, 2392);
    for row in world.network.node_command(node, &["quarantine", "list"])?["refused"]
        .as_array()
        .into_iter()
        .flatten()
    {
        assert!(row["findings"][0]["rule"].as_str().is_some_and(|rule| !rule.is_empty()), "{row}");
    }
    let known = known_texts(&file)?;
    let texts = regional_texts(&world.hub_url).await?;
    let unknown: Vec<_> = texts.difference(&known).collect();
    assert!(unknown.is_empty(), "not in the file, a code list or the mapping: {unknown:?}");
    assert!(texts.iter().any(|text| text.contains('é')), "accents are gone");
    world.verify_stores()
}

fn count(value: &serde_json::Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// Every text that the records may hold.
fn known_texts(file: &Path) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for row in csv::Reader::from_path(file)?.records() {
        known.extend(row?.iter().map(|value| value.trim().to_owned()));
    }
    let mapping: toml::Table =
        toml::from_str(include_str!("../../deploy/demo/states/cod/mapping.toml"))
            .context("read the mapping")?;
    let codes = mapping["codes"].as_table().context("read the code lists")?;
    for list in codes.values().filter_map(toml::Value::as_table) {
        known.extend(list.values().filter_map(toml::Value::as_str).map(str::to_owned));
    }
    for record in mapping["record"].as_array().into_iter().flatten() {
        let children = record.get("child").and_then(toml::Value::as_array).into_iter().flatten();
        for query in
            std::iter::once(record).chain(children).filter_map(|part| part["rows"].as_str())
        {
            known.extend(query.split('\'').skip(1).step_by(2).map(str::to_owned));
        }
    }
    Ok(known)
}

/// Every text in the master data of COD. The id is minted from country, point
/// and national id, so its form is checked instead.
async fn regional_texts(url: &str) -> Result<BTreeSet<String>> {
    let mut store = SqliteConnection::connect(url).await?;
    let mut texts = BTreeSet::new();
    for query in [
        "SELECT * FROM mine_site WHERE address_country = 'CD'",
        "SELECT c.* FROM mine_site_inspection c JOIN mine_site p ON p.record_key = c.record_key WHERE p.address_country = 'CD'",
        "SELECT c.* FROM mine_site_status_change c JOIN mine_site p ON p.record_key = c.record_key WHERE p.address_country = 'CD'",
    ] {
        for row in sqlx::query(query).fetch_all(&mut store).await? {
            texts.extend(texts_of(&row));
        }
    }
    texts.remove("");
    Ok(texts)
}

fn texts_of(row: &SqliteRow) -> Vec<String> {
    let mut texts = Vec::new();
    for column in row.columns().iter().filter(|column| column.name() != "record_key") {
        let text =
            row.try_get::<Option<String>, _>(column.ordinal()).ok().flatten().unwrap_or_default();
        if column.name() == "icglr_id" {
            assert!(text.starts_with("CD-") && text.matches('.').count() == 2, "{text}");
        } else {
            // Lists of codes are one text in the regional tables.
            let parts = if column.name() == "mineral" {
                text.split(';').collect()
            } else {
                vec![text.as_str()]
            };
            texts.extend(parts.into_iter().map(str::to_owned));
        }
    }
    texts
}
