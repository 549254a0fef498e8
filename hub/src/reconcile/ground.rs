//! On what ground rules judge: the day, the limits, the clocks, and what states report.
//!
//! A record type of a state is live where a node of it releases it into the regional view,
//! on both ends, and records of it are there, or the state has closed a month of its feed:
//! then there being none is a statement. A feed is overdue from its first month that is
//! past its deadline and not closed. Where the ground changed, everything is judged again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rmd_reconcile::{Context, Coverage, Parameter, Parameters, parameter::Row, region::Region};
use rmd_standard::{Entity, country, effective::Policy, mineral};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _};

use super::{Error, shelf};
use crate::{
    parameter,
    registry::{entitlement::Level, node},
    verdict::source,
};

/// What rules judge by, and what tells whether it changed.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) context: Context,
    /// Months that were closed, void ones among them.
    pub(super) periods: Region,
    /// SHA-256 of limits, coverage and clocks, in hexadecimal.
    pub(super) digest: String,
    /// Levels in force of each node's record types.
    pub(super) levels: String,
    /// Limits that were set, those of earlier versions among them.
    set: Vec<Row>,
}

impl Ground {
    /// The most that a limit is anywhere, and ever was.
    pub(super) fn most(&self, parameter: Parameter) -> i64 {
        let set = self.set.iter().filter(|row| row.parameter == parameter.name());
        let context = &self.context;
        let minerals = mineral::DESIGNATED.iter().filter_map(|(_, code, _)| mineral::hs6(code));
        let usual = minerals.map(|mineral| context.limit(parameter, "", &mineral));
        set.map(|row| row.value).chain(usual).fold(parameter.limit().default, std::cmp::Ord::max)
    }
}

/// The ground on a day.
pub(super) async fn read(
    connection: &mut AnyConnection,
    day: Date,
    policy: &Policy,
) -> Result<Ground, Error> {
    let (version, set) = parameter::table(connection, None).await?;
    let parameters = Parameters::with(version, &set)?;
    let periods = periods(connection).await?;
    let (levels, live) = live(connection, &periods.stated()).await?;
    let mut context = Context::new(day, parameters, Coverage::default());
    for (alpha2, ..) in country::MEMBERS {
        context.policies.insert(alpha2.to_owned(), policy.of(alpha2));
    }
    let mut coverage = periods.overdue(&context);
    for (country, entity) in &live {
        coverage.set_live(country, *entity);
    }
    context.coverage = coverage;
    let said = format!("{:?}{:?}{:?}", context.parameters, context.coverage, context.policies);
    let digest = hex::encode(Sha256::digest(said));
    Ok(Ground { context, periods, digest, levels, set })
}

/// Levels in force, and states with the record types that count.
async fn live(
    connection: &mut AnyConnection,
    stated: &BTreeSet<(String, String)>,
) -> Result<(String, BTreeSet<(String, Entity)>), Error> {
    let shown = sqlx::query("SELECT node_id, entity FROM record_tally WHERE shown > 0")
        .fetch_all(&mut *connection)
        .await?;
    let shown: BTreeSet<(String, String)> = shown
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let (mut levels, mut live) = (Vec::new(), BTreeSet::new());
    for node in node::all(connection).await? {
        let Some(alpha2) = country::alpha2_of(&node.country) else { continue };
        for (entity, level) in source::in_force(connection, &node.id).await? {
            levels.push(format!("{}/{entity}={level}", node.id));
            let is_there = shown.contains(&(node.id.clone(), entity.name().to_owned()));
            let is_stated = stated.contains(&(alpha2.to_owned(), entity.feed().to_owned()));
            if level == Level::Live && (is_there || is_stated) {
                live.insert((alpha2.to_owned(), entity));
            }
        }
    }
    Ok((levels.join(";"), live))
}

/// Every month that was closed: a few hundred a year.
async fn periods(connection: &mut AnyConnection) -> Result<Region, Error> {
    let entity = Entity::ReportingPeriod;
    let rows = sqlx::query(
        "SELECT r.record_key, r.country, r.rev, r.op, r.payload
         FROM reporting_period p
         JOIN record r ON r.entity = $1 AND r.record_key = p.record_key
         WHERE r.payload IS NOT NULL",
    )
    .bind(entity.name())
    .fetch_all(connection)
    .await?;
    let mut region = Region::default();
    for row in &rows {
        if let Some(held) = shelf::held(entity, row)? {
            held.put(&mut region);
        }
    }
    Ok(region)
}

/// Whether records of some type stand where another level wants them: follow moves them
/// when the node comes next.
pub(super) async fn is_unsettled(connection: &mut AnyConnection) -> Result<bool, Error> {
    let rows = sqlx::query("SELECT node_id, feed, epoch FROM feed_cursor")
        .fetch_all(&mut *connection)
        .await?;
    let mut in_force = BTreeMap::new();
    for row in rows {
        let (node_id, feed): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let epoch: i64 = row.try_get(2)?;
        if !in_force.contains_key(&node_id) {
            let levels = source::in_force(connection, &node_id).await?;
            in_force.insert(node_id.clone(), levels);
        }
        let of_feed = in_force[&node_id].iter().filter(|(entity, _)| entity.feed() == feed);
        for (entity, level) in of_feed {
            let row = sqlx::query(
                "SELECT record_key
                 FROM record
                 WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND entity = $4 AND shadow = $5
                 LIMIT 1",
            )
            .bind(&node_id)
            .bind(&feed)
            .bind(epoch)
            .bind(entity.name())
            .bind(i64::from(*level == Level::Live))
            .fetch_optional(&mut *connection)
            .await?;
            if row.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
