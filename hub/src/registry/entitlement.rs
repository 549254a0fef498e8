//! The hub's copy of the entitlements: what it wants to receive of a node.
//!
//! The lesser of the node's and the hub's copy is in force. Without an entry
//! master data are live and transactions off, so that nothing more than what a
//! state agreed to at enrolment comes by itself. An entry for one record type
//! goes before the entry for its feed.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{AnyConnection, Row as _};

use super::Error;
use crate::cases::ANSWERS;

/// How much of a record type is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Nothing · Rien
    Off,
    /// Checked, shown nowhere · Vérifié, montré nulle part
    Shadow,
    /// In the regional view · Dans la vue régionale
    Live,
}

impl Level {
    /// The word in tables and messages.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Live => "live",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::Shadow, Self::Live].into_iter().find(|level| level.as_str() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry as it is shown; an empty entity stands for the whole feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Set {
    pub(crate) feed: String,
    pub(crate) entity: String,
    pub(crate) level: Level,
}

/// The hub's levels for one node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    set: BTreeMap<(String, String), Level>,
}

impl Levels {
    /// The level of one record type.
    pub(crate) fn of(&self, entity: Entity) -> Level {
        let feed = entity.feed();
        let at = |entity: &str| self.set.get(&(feed.to_owned(), entity.to_owned())).copied();
        at(entity.name()).or_else(|| at("")).unwrap_or_else(|| default(feed))
    }

    /// Whether anything of a feed is wanted, so that it is pulled at all. What a state
    /// answers is heard whatever else is wanted of it.
    pub(crate) fn wants(&self, feed: &str) -> bool {
        feed == ANSWERS
            || Entity::ALL
                .iter()
                .any(|&entity| entity.feed() == feed && self.of(entity) > Level::Off)
    }

    /// Each feed and record type with its level.
    pub(crate) fn listed(&self) -> Vec<Set> {
        Entity::ALL
            .iter()
            .map(|&entity| Set {
                feed: entity.feed().to_owned(),
                entity: entity.name().to_owned(),
                level: self.of(entity),
            })
            .collect()
    }
}

/// The level of a feed of which nothing was said.
pub(crate) fn default(feed: &str) -> Level {
    if feed == "master-data" { Level::Live } else { Level::Off }
}

/// The hub's levels for a node.
pub(crate) async fn levels(connection: &mut AnyConnection, node_id: &str) -> Result<Levels, Error> {
    let rows = sqlx::query(
        "SELECT feed, entity, level
         FROM node_entitlement
         WHERE node_id = $1",
    )
    .bind(node_id)
    .fetch_all(connection)
    .await?;
    let mut levels = Levels::default();
    for row in rows {
        let word: String = row.try_get("level")?;
        let level = Level::parse(&word).ok_or_else(|| Error::WordUnknown {
            what: "level",
            value: word,
            allowed: "off, shadow, live".to_owned(),
        })?;
        levels.set.insert((row.try_get("feed")?, row.try_get("entity")?), level);
    }
    Ok(levels)
}

/// Sets the level of a feed, or of one record type in it. A level for the whole
/// feed takes the place of the levels of its record types.
pub(crate) async fn set(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
    entity: Option<&str>,
    level: Level,
    now: Timestamp,
) -> Result<Set, Error> {
    check(feed, entity)?;
    sqlx::query(
        "DELETE FROM node_entitlement
         WHERE node_id = $1 AND feed = $2 AND ($3 = '' OR entity = $3)",
    )
    .bind(node_id)
    .bind(feed)
    .bind(entity.unwrap_or_default())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO node_entitlement (node_id, feed, entity, level, set_at_us)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(node_id)
    .bind(feed)
    .bind(entity.unwrap_or_default())
    .bind(level.as_str())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(Set { feed: feed.to_owned(), entity: entity.unwrap_or_default().to_owned(), level })
}

fn check(feed: &str, entity: Option<&str>) -> Result<(), Error> {
    let allowed = ["master-data", "transactions"];
    if !allowed.contains(&feed) {
        let allowed = allowed.join(", ");
        return Err(Error::WordUnknown { what: "feed", value: feed.to_owned(), allowed });
    }
    let of_feed = || Entity::ALL.iter().filter(|entity| entity.feed() == feed);
    match entity {
        Some(name) if !of_feed().any(|entity| entity.name() == name) => {
            let allowed = of_feed().map(|entity| entity.name()).collect::<Vec<_>>().join(", ");
            Err(Error::WordUnknown { what: "entity", value: name.to_owned(), allowed })
        }
        _ => Ok(()),
    }
}
