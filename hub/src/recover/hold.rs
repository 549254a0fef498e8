//! A restored hub publishes nothing before it has its own feeds back.
//!
//! Owns the table `publishing_hold`: the nodes that have not yet said what they
//! hold. Whoever appends to one of the hub's feeds asks [`check`] first.

use sqlx::AnyConnection;

use super::{Error, Word, event};
use crate::store;

/// Refuses to publish while a node has not been heard.
pub(crate) async fn check(connection: &mut AnyConnection) -> Result<(), Error> {
    let nodes = nodes(connection).await?;
    if nodes.is_empty() {
        return Ok(());
    }
    Err(Error::Held { nodes: nodes.join(", ") })
}

/// The nodes that have not been heard.
pub(crate) async fn nodes(connection: &mut AnyConnection) -> Result<Vec<String>, store::Error> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT node_id FROM publishing_hold ORDER BY node_id")
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(node_id,)| node_id).collect())
}

/// Waits for every enrolled node.
pub(super) async fn begin(connection: &mut AnyConnection, now_us: i64) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO publishing_hold (node_id, since_us)
         SELECT node_id, $1 FROM node WHERE true
         ON CONFLICT (node_id) DO NOTHING",
    )
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    event::keep(connection, ("hub", "", "restored"), "", None, now_us).await
}

/// A node has been heard.
pub(super) async fn heard(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<(), store::Error> {
    sqlx::query("DELETE FROM publishing_hold WHERE node_id = $1")
        .bind(node_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Goes on without the nodes that were not heard; their names.
pub(crate) async fn release(
    connection: &mut AnyConnection,
    word: &Word,
    now_us: i64,
) -> Result<Vec<String>, Error> {
    let nodes = nodes(connection).await?;
    sqlx::query("DELETE FROM publishing_hold").execute(&mut *connection).await?;
    if !nodes.is_empty() {
        let (what, detail) = (("hub", "", "released"), nodes.join(", "));
        event::keep(connection, what, &detail, Some(word), now_us).await?;
    }
    Ok(nodes)
}
