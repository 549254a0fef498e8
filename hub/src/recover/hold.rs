//! A restored hub publishes nothing before it has its own feeds back.
//!
//! Owns the table `publishing_hold`: the nodes that have not yet said what they
//! hold. Whoever appends to one of the hub's feeds asks [`check`] first.

use sqlx::AnyConnection;

use super::{Error, Word, event};
use crate::{share::OwnFeed, store};

/// The word in the events of a node that an officer went on without; the detail is how
/// many entries the hub had for it then.
const RELEASED_WITHOUT: &str = "released-without";

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

/// Since when a node is waited for; none if it is not.
pub(super) async fn since(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Option<i64>, store::Error> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT since_us FROM publishing_hold WHERE node_id = $1")
            .bind(node_id)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(since_us,)| since_us))
}

/// Waits for every enrolled node but those that were revoked: they are not asked any more.
pub(crate) async fn begin(connection: &mut AnyConnection, now_us: i64) -> Result<(), store::Error> {
    begin_by(connection, None, now_us).await
}

/// The same by the word of an officer, who knows that the whole disk was put back: then
/// store and folder belong together, and nothing here tells it from a power cut.
pub(crate) async fn begin_by(
    connection: &mut AnyConnection,
    word: Option<&Word>,
    now_us: i64,
) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO publishing_hold (node_id, since_us)
         SELECT node_id, $1 FROM node
         WHERE node_id NOT IN (SELECT node_id FROM node_standing WHERE state = 'revoked')
         ON CONFLICT (node_id) DO NOTHING",
    )
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    event::keep(connection, ("hub", "", "restored"), "", word, now_us).await
}

/// A node has been heard, or is not asked any more.
pub(crate) async fn heard(
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
    // What one of them still holds is told when it comes to light, and holds up nothing.
    for node_id in &nodes {
        let what = (node_id.as_str(), "", RELEASED_WITHOUT);
        let entries = entries_for(connection, node_id).await?.to_string();
        event::keep(connection, what, &entries, Some(word), now_us).await?;
    }
    Ok(nodes)
}

/// Whether an officer went on without the node, and nothing was lost since.
pub(super) async fn is_released(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<bool, store::Error> {
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT detail
         FROM recovery_event
         WHERE node_id = $1 AND what = $2
         ORDER BY at_us DESC
         LIMIT 1",
    )
    .bind(node_id)
    .bind(RELEASED_WITHOUT)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(before) = row.and_then(|(detail,)| detail.parse::<i64>().ok()) else {
        return Ok(false);
    };
    Ok(entries_for(connection, node_id).await? >= before)
}

/// Entries of the hub's feeds that one node may have.
async fn entries_for(connection: &mut AnyConnection, node_id: &str) -> Result<i64, store::Error> {
    let [shared, verdicts] = OwnFeed::of_node(node_id);
    let (entries,): (i64,) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM shared_log WHERE feed IN ($1, $2)",
    )
    .bind(shared.stored())
    .bind(verdicts.stored())
    .fetch_one(connection)
    .await?;
    Ok(entries)
}
