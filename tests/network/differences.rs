//! The comparison can fail: each way in which the two sides may part is found.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::harness::{Make, World};

async fn in_regional_store(world: &World, statement: &str) -> Result<()> {
    let mut store = SqliteConnection::connect(&world.hub_url).await?;
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut store).await?;
    assert_eq!(done.rows_affected(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_regional_field_is_a_difference() -> Result<()> {
    let world = World::new(Make::default()).await?;
    in_regional_store(&world, "UPDATE mine_site SET workers_declared = workers_declared + 1 WHERE national_id = 'RUL-001'")
        .await?;
    let differences = world.differences().await?;
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert!(differences[0].contains("RW/RUL-001") && differences[0].contains("workers_declared"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_regional_row_is_a_difference() -> Result<()> {
    let world = World::new(Make::default()).await?;
    in_regional_store(&world, "DELETE FROM lot_tag WHERE identifier = 'RW0010002'").await?;
    let differences = world.differences().await?;
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert!(differences[0].contains("lot_tag") && differences[0].contains("L-17-0201"));
    Ok(())
}

// The node is stopped first, so that it cannot carry the change over.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_row_altered_after_the_exchange_is_a_difference() -> Result<()> {
    let mut world = World::new(Make::default()).await?;
    assert!(world.network.nodes[2].process.stop()?);
    world.states[2]
        .execute("UPDATE site_register SET diggers = 41 WHERE site_ref = 'KGL-02'")
        .await?;
    let differences = world.differences().await?;
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert!(differences[0].contains("UG/KGL-02") && differences[0].contains("41"));
    Ok(())
}
