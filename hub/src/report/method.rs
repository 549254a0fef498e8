//! On what a report rests: the limits by which was evaluated, and the feeds.

use jiff::Timestamp;
use rmd_feed::{Checkpoint, FeedVerifier, Origin};
use rmd_reconcile::{Parameter, Parameters, Rule};
use rmd_report::{Edition, FeedCheckpoint, LimitLine, Method, RuleLine, Unit};
use rmd_standard::{
    country::{self, MEMBERS},
    effective::calendar_day,
    mineral::{DESIGNATED, hs6},
};
use sqlx::AnyConnection;

use super::{Error, Occasion};
use crate::{
    calendar::closing::{Closing, FeedMark},
    cases::ANSWERS,
    parameter,
    statistics::figure,
    status,
};

pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    network: &str,
    closing: Option<&Closing>,
) -> Result<Method, Error> {
    let parameters = &occasion.parameters;
    let deadline = parameters.get(Parameter::DeadlineDay, "", "");
    let rule = |rule: Rule| RuleLine {
        id: rule.id().to_owned(),
        version: rule.info().version,
        en: rule.info().en.to_owned(),
        fr: rule.info().fr.to_owned(),
        limits: limits(rule, parameters),
    };
    Ok(Method {
        software: format!("rmd-hub {}", env!("CARGO_PKG_VERSION")),
        parameters_version: occasion.is_evaluated.then_some(parameters.version),
        parties_least: u32::try_from(figure::LEAST).unwrap_or(u32::MAX),
        deadline_day: u32::try_from(deadline).unwrap_or(1),
        rules: Rule::ALL.into_iter().map(rule).collect(),
        feeds: feeds(connection, occasion, network, closing).await?,
    })
}

/// The table of limits as it was at a version.
pub(super) async fn limits_of(
    connection: &mut AnyConnection,
    version: u32,
) -> Result<Parameters, Error> {
    let (version, rows) = parameter::table(connection, Some(i64::from(version))).await?;
    Parameters::with(version, &rows).map_err(|error| Error::Parameter(error.into()))
}

/// The limits of a rule: the general ones, each before those that differ from it.
fn limits(rule: Rule, parameters: &Parameters) -> Vec<LimitLine> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut lines = Vec::new();
    for limit in Parameter::all().filter(|limit| limit.rule == rule) {
        let get = |country: &str, mineral: &str| parameters.get(limit.parameter, country, mineral);
        lines.extend(scopes(get).into_iter().map(|(country, mineral)| LimitLine {
            name: limit.name.to_owned(),
            en: limit.en.to_owned(),
            fr: limit.fr.to_owned(),
            unit: unit(limit.unit),
            value: get(country, &mineral),
            country: some(country),
            mineral: some(&mineral),
        }));
    }
    lines
}

/// Everywhere, and the states and minerals for which a limit is another than what would
/// count there without a row of their own.
fn scopes(get: impl Fn(&str, &str) -> i64) -> Vec<(&'static str, String)> {
    let minerals: Vec<String> = DESIGNATED.iter().filter_map(|one| hs6(one.1)).collect();
    let mut scopes = vec![("", String::new())];
    let differing = minerals.iter().filter(|mineral| get("", mineral) != get("", ""));
    scopes.extend(differing.map(|mineral| ("", mineral.clone())));
    for (state, ..) in MEMBERS {
        let own = get(state, "");
        let has_own = own != get("", "");
        scopes.extend(has_own.then(|| (state, String::new())));
        let usual = |mineral: &str| if has_own { own } else { get("", mineral) };
        let differing = minerals.iter().filter(|mineral| get(state, mineral) != usual(mineral));
        scopes.extend(differing.map(|mineral| (state, mineral.clone())));
    }
    scopes
}

const fn unit(unit: rmd_reconcile::Unit) -> Unit {
    match unit {
        rmd_reconcile::Unit::Mass => Unit::Mass,
        rmd_reconcile::Unit::Share => Unit::Share,
        rmd_reconcile::Unit::Days => Unit::Days,
        rmd_reconcile::Unit::Metres => Unit::Metres,
        rmd_reconcile::Unit::Money | rmd_reconcile::Unit::Count | rmd_reconcile::Unit::Text => {
            Unit::Count
        }
    }
}

/// The feeds as they were when the month was closed, else as they are now.
async fn feeds(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    network: &str,
    closing: Option<&Closing>,
) -> Result<Vec<FeedCheckpoint>, Error> {
    let mut feeds = Vec::new();
    for node in status::nodes(connection).await? {
        let alpha2 = country::alpha2_of(&node.country).unwrap_or(&node.country).to_owned();
        for feed in node.feeds {
            let exchange =
                feed.last_exchange_us.and_then(|at| Timestamp::from_microsecond(at).ok());
            feeds.push(FeedCheckpoint {
                country: alpha2.clone(),
                node: node.id.clone(),
                frozen: feed.state == "frozen",
                feed: feed.feed,
                epoch: feed.epoch,
                size: feed.cursor,
                root: feed.root,
                verified: feed.verified,
                last_exchange_on: exchange.map(calendar_day),
            });
        }
    }
    if let Some(closing) = closing {
        feeds = closing.feeds.iter().map(|mark| marked(network, mark, &feeds)).collect();
    }
    // That a state answers to a case is nobody else's to know.
    feeds.retain(|one| occasion.edition == Edition::Full || one.feed != ANSWERS);
    feeds.sort_by(|one, other| {
        (&one.country, &one.node, &one.feed).cmp(&(&other.country, &other.node, &other.feed))
    });
    Ok(feeds)
}

/// A feed as it was marked when the month was closed.
fn marked(network: &str, mark: &FeedMark, now: &[FeedCheckpoint]) -> FeedCheckpoint {
    let now = now.iter().find(|one| one.node == mark.node_id && one.feed == mark.feed);
    FeedCheckpoint {
        country: mark.country.clone(),
        node: mark.node_id.clone(),
        feed: mark.feed.clone(),
        epoch: mark.epoch,
        size: mark.size,
        root: mark.root.clone(),
        verified: is_signed(network, mark),
        frozen: now.is_some_and(|now| now.frozen),
        last_exchange_on: now.and_then(|now| now.last_exchange_on),
    }
}

/// Whether the state signed the root, by the key that was pinned.
fn is_signed(network: &str, mark: &FeedMark) -> bool {
    let owner = format!("rmd.{network}/{}", mark.node_id);
    let origin = Origin::new(&owner, &mark.feed, mark.epoch);
    let Ok(verifier) = FeedVerifier::parse(&mark.feed_vkey) else { return false };
    Checkpoint::open(&mark.checkpoint, &origin, &verifier, mark.size)
        .is_ok_and(|signed| signed.size == mark.size && hex::encode(signed.root) == mark.root)
}
