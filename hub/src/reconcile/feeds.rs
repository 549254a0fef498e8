//! What no record tells: how feeds stand, and how many tags of a site are in use.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use rmd_reconcile::view::FeedView;
use rmd_standard::{country, effective::calendar_day};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _};

use super::{Error, Reader, shelf::KeySet};
use crate::{
    registry::node,
    share::FEED,
    store::{self, bulk},
};

/// SHA-256 of what no record tells: feeds, and the statistics of partners.
pub(super) async fn digest(connection: &mut AnyConnection) -> Result<String, Error> {
    let feeds = feeds(connection).await?;
    let row = sqlx::query("SELECT COUNT(*), MAX(loaded_at_us) FROM partner_statistic")
        .fetch_one(&mut *connection)
        .await?;
    let loaded: (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let row = sqlx::query("SELECT COUNT(*) FROM month_closing").fetch_one(connection).await?;
    let closed: i64 = row.try_get(0)?;
    Ok(hex::encode(Sha256::digest(format!("{feeds:?}{loaded:?}{closed}"))))
}

/// A view of every followed feed.
pub(super) async fn feeds(connection: &mut AnyConnection) -> Result<Vec<FeedView>, Error> {
    let waiting = waiting(connection).await?;
    let rows = sqlx::query(
        "SELECT f.node_id, f.feed, f.state,
                (SELECT CAST(COALESCE(SUM(o.captured), 0) AS BIGINT) FROM owner_entity o
                 WHERE o.node_id = f.node_id AND o.feed = f.feed) AS captured,
                (SELECT CAST(COALESCE(SUM(o.published), 0) AS BIGINT) FROM owner_entity o
                 WHERE o.node_id = f.node_id AND o.feed = f.feed) AS published,
                (SELECT CAST(COALESCE(SUM(o.refused), 0) AS BIGINT) FROM owner_entity o
                 WHERE o.node_id = f.node_id AND o.feed = f.feed) AS refused_there,
                (SELECT COUNT(*) FROM quarantine q
                 WHERE q.node_id = f.node_id AND q.feed = f.feed
                   AND q.superseded_by_seq IS NULL) AS refused_here
         FROM feed_cursor f
         ORDER BY f.node_id, f.feed",
    )
    .fetch_all(&mut *connection)
    .await?;
    let nodes = node::all(connection).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let node_id: String = row.try_get("node_id")?;
        let of_node = nodes.iter().find(|node| node.id == node_id);
        let Some(alpha2) = of_node.and_then(|node| country::alpha2_of(&node.country)) else {
            continue;
        };
        let number = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
        let state: String = row.try_get("state")?;
        let feed: String = row.try_get("feed")?;
        let refused = number("refused_there")? + number("refused_here")?;
        // An owner that does not count its rows publishes some and refuses some.
        let captured = number("captured")?.max(number("published")? + number("refused_there")?);
        views.push(FeedView {
            country: alpha2.to_owned(),
            is_frozen: state == "frozen",
            captured,
            refused,
            // A node takes bulletins as a whole: told of once, with its first feed.
            bulletin_waits_since: waiting.get(&node_id).copied().filter(|_| feed == "master-data"),
            node: node_id,
            feed,
        });
    }
    Ok(views)
}

/// Of each node the day of the oldest bulletin that it has not applied.
async fn waiting(connection: &mut AnyConnection) -> Result<BTreeMap<String, Date>, Error> {
    let rows = sqlx::query(
        "SELECT n.node_id,
                (SELECT MIN(b.published_at_us) FROM bulletin b
                 WHERE b.seq > COALESCE(d.cursor, 0)) AS since
         FROM node n
         LEFT JOIN delivery d ON d.node_id = n.node_id AND d.feed = $1",
    )
    .bind(FEED)
    .fetch_all(connection)
    .await?;
    let mut waiting = BTreeMap::new();
    for row in rows {
        let since: Option<i64> = row.try_get("since")?;
        let since = since.and_then(|since| jiff::Timestamp::from_microsecond(since).ok());
        waiting.extend(
            since
                .map(|since| Ok::<_, sqlx::Error>((row.try_get(0)?, calendar_day(since))))
                .transpose()?,
        );
    }
    Ok(waiting)
}

/// How many mine tags are on the production lots of each of these sites, each once.
pub(super) async fn applied_tags(
    reader: &mut Reader,
    sites: &KeySet,
) -> Result<BTreeMap<Arc<str>, u64>, store::Error> {
    let head = "SELECT l.mine_site_key, COUNT(DISTINCT COALESCE(t.scheme, '') || '/' || t.identifier) \
                FROM lot l JOIN lot_tag t ON t.record_key = l.record_key \
                WHERE l.void = 0 AND t.identifier IS NOT NULL \
                AND (t.kind IS NULL OR t.kind = 'mine') \
                AND ';' || l.originating_operation || ';' LIKE '%;production;%' \
                AND l.mine_site_key IN (";
    let sites: Vec<&str> = sites.iter().map(|key| &**key).collect();
    let tail = ") GROUP BY l.mine_site_key";
    let rows = bulk::select_in(&mut reader.records, (head, None), &sites, tail).await?;
    let mut counts = BTreeMap::new();
    for row in rows {
        let (site, count): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        counts.insert(site.into(), count.unsigned_abs());
    }
    Ok(counts)
}
