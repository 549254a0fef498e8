//! Exchanges without faults.

use std::collections::BTreeMap;

use anyhow::Result;
use rmd_demo::{changes, exchange};
use sqlx::{Connection as _, SqliteConnection};

use crate::harness::{Make, World, now_us};

// Goal: what three ministries hold is what the Secretariat sees, in the engine
// that needs no server. Method: two exchanges with a changed parent, a changed
// child and a deleted row between them.
#[tokio::test(flavor = "multi_thread")]
async fn two_exchanges_on_sqlite_leave_no_difference() -> Result<()> {
    two_exchanges(World::new(Make::default()).await?).await
}

// The same with RWA and the hub on PostgreSQL and UGA on MariaDB.
#[tokio::test(flavor = "multi_thread")]
async fn two_exchanges_on_servers_leave_no_difference() -> Result<()> {
    two_exchanges(World::new(Make { servers: true, ..Make::default() }).await?).await
}

async fn two_exchanges(mut world: World) -> Result<()> {
    assert_eq!(world.differences().await?, Vec::<String>::new());
    let before = entries(&world)?;
    let begun = now_us();
    changes::second_exchange(&world.states).await?;
    world.exchange_since(begun).await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    // A child, a parent and a deleted row: three entries, not three tables.
    assert_eq!(entries(&world)? - before, 3);
    world.verify_stores()
}

// Goal: the demonstration moves everything that the standard has. Method: count
// the rows of the three sources for each regional table, and ask the hub for the
// bytes of each record that it shows.
#[tokio::test(flavor = "multi_thread")]
async fn every_record_type_and_list_reaches_the_regional_view() -> Result<()> {
    let world = World::new(Make::default()).await?;
    let comparisons = exchange::compared(&world.network, &world.hub_url).await?;
    assert_eq!(exchange::differences(&comparisons), Vec::<&rmd_demo::compare::Difference>::new());
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for (table, count) in comparisons.values().flat_map(|comparison| &comparison.rows) {
        *rows.entry(table).or_default() += count;
    }
    assert_eq!(rows.len(), 20);
    assert!(rows.values().all(|count| *count > 0), "{rows:?}");
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    let without: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM record WHERE op <> 'tombstone' AND LENGTH(COALESCE(payload, '')) = 0",
    )
    .fetch_one(&mut store)
    .await?;
    assert_eq!(without, 0, "records without their bytes");
    Ok(())
}

// Goal: nothing leaves before it is granted, and a withdrawn grant takes the
// records back. Method: revoke transactions at one node, compare, grant again.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_entitlement_takes_its_records_out_of_the_regional_view() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let node = &world.network.nodes[1];
    world.network.node_command(node, &["entitlement", "revoke", "transactions"])?;
    world.exchange().await?;
    let gone = world.differences().await?;
    assert!(!gone.is_empty() && gone.iter().all(|text| text.contains("RW/")), "{gone:#?}");
    let node = &world.network.nodes[1];
    world.network.node_command(node, &["entitlement", "grant", "transactions"])?;
    world.exchange().await?;
    assert_eq!(world.differences().await?, Vec::<String>::new());
    world.verify_stores()
}

// Goal: a decision of the Secretariat reaches every ministry. Method: set a
// status, wait for the acknowledgements, read each inbox.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_of_the_secretariat_arrives_in_every_inbox() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    let document = world.folder.path().join("decision.txt");
    std::fs::write(&document, "Suspended.\n")?;
    let document = document.display().to_string();
    let site = "RW-1.7402+29.9901-1002";
    let decision = [
        "site",
        "set-status",
        site,
        "red",
        "--by",
        "Officer",
        "--reason",
        "Test",
        "--document",
        &document,
    ];
    world.network.hub_command(&decision)?;
    exchange::bulletins_applied(&mut world.network).await?;
    for node in &world.network.nodes {
        let inbox = world.network.node_command(node, &["inbox", "list"])?;
        let text = inbox.to_string();
        assert!(text.contains(site) && text.contains("red"), "{text}");
    }
    Ok(())
}

fn entries(world: &World) -> Result<u64> {
    let mut sum = 0;
    for node in &world.network.nodes {
        let status = world.network.node_command(node, &["status"])?;
        sum += status["feeds"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|feed| feed["size"].as_u64())
            .sum::<u64>();
    }
    Ok(sum)
}
