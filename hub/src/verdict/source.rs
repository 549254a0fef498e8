//! What a state would have sent by now.
//!
//! That a record is absent says nothing as long as nobody sends its type. Owns
//! the table `verdict_source`: a record type of a state is a source once each of
//! its nodes that release it was caught up with; it stays one until none releases
//! it. What changes here has the records that wait for it judged again.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::{Entity, country};
use sqlx::{AnyConnection, Row as _};

use super::{Error, parked};
use crate::{
    follow::exchange,
    registry::{
        entitlement::{self, Level},
        node,
    },
};

/// How far each record type of a node is applied.
pub(crate) type InForce = BTreeMap<Entity, Level>;

/// The sources of the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sources(BTreeMap<(String, String), Level>);

impl Sources {
    /// Whether the absence of a record may be told to a state.
    pub(super) fn is_telling(&self, parked: &parked::Parked) -> bool {
        let name = (parked.target_country.clone(), parked.target_entity.clone());
        let is_own = parked.target_country == parked.country;
        // A lot's number is looked for among the lots that are shown.
        let is_shown = !is_own || parked.target_key.contains("//");
        let least = if is_shown { Level::Live } else { Level::Shadow };
        self.0.get(&name).is_some_and(|level| *level >= least)
    }
}

/// The lesser of the hub's level and of what the node last stated.
pub(crate) async fn in_force(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<InForce, Error> {
    let hub = entitlement::levels(connection, node_id).await?;
    let stated = exchange::owner_entities(connection).await?;
    let level = |entity: Entity| {
        let stated =
            stated.iter().find(|one| one.node_id == node_id && one.entity == entity.name());
        match stated.map(|one| one.entitlement.as_str()) {
            None | Some("live") => hub.of(entity),
            Some("shadow") => hub.of(entity).min(Level::Shadow),
            Some(_) => Level::Off,
        }
    };
    Ok(Entity::ALL.into_iter().map(|entity| (entity, level(entity))).collect())
}

/// The sources as they were last written.
pub(super) async fn load(connection: &mut AnyConnection) -> Result<Sources, Error> {
    let rows = sqlx::query("SELECT country, entity, level FROM verdict_source")
        .fetch_all(connection)
        .await?;
    let mut sources = Sources::default();
    for row in rows {
        let level: String = row.try_get("level")?;
        let level = if level == Level::Live.as_str() { Level::Live } else { Level::Shadow };
        sources.0.insert((row.try_get("country")?, row.try_get("entity")?), level);
    }
    Ok(sources)
}

/// The sources as they now are, given what they were.
pub(super) async fn now(
    connection: &mut AnyConnection,
    before: &Sources,
) -> Result<Sources, Error> {
    let cursors = sqlx::query("SELECT node_id, feed, cursor, owner_size FROM feed_cursor")
        .fetch_all(&mut *connection)
        .await?;
    let mut caught_up = BTreeSet::new();
    for row in cursors {
        if row.try_get::<i64, _>("cursor")? >= row.try_get::<i64, _>("owner_size")? {
            caught_up.insert((row.try_get("node_id")?, row.try_get("feed")?));
        }
    }
    let mut releasing: BTreeMap<(String, String), (Level, bool)> = BTreeMap::new();
    for node in node::all(connection).await? {
        let Some(alpha2) = country::alpha2_of(&node.country) else { continue };
        for (entity, level) in in_force(connection, &node.id).await? {
            if level == Level::Off {
                continue;
            }
            let feed: (String, String) = (node.id.clone(), entity.feed().to_owned());
            let is_caught_up = caught_up.contains(&feed);
            let name = (alpha2.to_owned(), entity.name().to_owned());
            let known = releasing.entry(name).or_insert((level, true));
            known.0 = known.0.max(level);
            known.1 &= is_caught_up;
        }
    }
    let sources = releasing.into_iter().filter_map(|(name, (level, is_caught_up))| {
        let was = before.0.contains_key(&name);
        (was || is_caught_up).then_some((name, level))
    });
    Ok(Sources(sources.collect()))
}

/// Writes what changed, and has the records judged again that wait for it.
pub(super) async fn save(
    connection: &mut AnyConnection,
    before: &Sources,
    now: &Sources,
) -> Result<(), Error> {
    let names = before.0.keys().chain(now.0.keys());
    let changed: BTreeSet<_> =
        names.filter(|name| before.0.get(*name) != now.0.get(*name)).collect();
    for name in changed {
        let (country, entity) = name;
        sqlx::query("DELETE FROM verdict_source WHERE country = $1 AND entity = $2")
            .bind(country)
            .bind(entity)
            .execute(&mut *connection)
            .await?;
        if let Some(level) = now.0.get(name) {
            sqlx::query("INSERT INTO verdict_source (country, entity, level) VALUES ($1, $2, $3)")
                .bind(country)
                .bind(entity)
                .bind(level.as_str())
                .execute(&mut *connection)
                .await?;
        }
        parked::wake_all(connection, country, entity).await?;
    }
    Ok(())
}
