//! The first words with a node.
//!
//! Owns what the hub says, and what it refuses to hear: a protocol that it does
//! not speak, a clock that is a day off. A clock that is five minutes off is
//! worth a warning.

use std::time::Duration;

use jiff::SignedDuration;
use rmd_proto::{
    Code, Fault, PROTOCOL_RANGE, SCHEMA_ID,
    v1::{self, feed_service_client::FeedServiceClient},
};
use tokio::time::timeout;
use tonic::transport::Channel;
use tracing::warn;

use super::{Error, FollowContext, cursor};
use crate::{audit::Cosigning, cases};

/// Beyond this, days differ and no time stamp can be believed.
const SKEW_REFUSED: SignedDuration = SignedDuration::from_hours(24);

/// Beyond this, somebody should look at the clock.
const SKEW_WARNED: SignedDuration = SignedDuration::from_mins(5);

/// How long a node may take to answer, stalls of a 2G link included. The
/// keep-alive of the link would never end the wait for a program that hangs.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);

/// The feeds that a node may own.
const FEEDS: [&str; 3] = ["master-data", "transactions", cases::ANSWERS];

/// Whether this version knows a feed of that name.
pub(crate) fn is_known(feed: &str) -> bool {
    FEEDS.contains(&feed)
}

/// The epoch of a feed that never lost its store or key.
const FIRST_EPOCH: u32 = 1;

/// Record types of a feed, rules of a record type, and characters of a name: a
/// multiple of what the standard has, and little enough to be kept at each Hello.
const ENTITIES_MAX: usize = 32;
const RULES_MAX: usize = 512;
const NAME_CHARS_MAX: usize = 64;

/// Most bytes of an answer: a multiple of every rule counted for every record
/// type. Empty elements of a list are many times larger in memory.
const HELLO_BYTES_MAX: usize = 256 * 1024;

/// What the node said, accepted.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) hello: v1::HelloResponse,
    /// The node's clock minus ours.
    pub(super) skew_us: i64,
}

/// Says Hello and judges the answer.
pub(super) async fn greet(
    context: &FollowContext,
    node_id: &str,
    client: FeedServiceClient<Channel>,
) -> Result<Greeting, Error> {
    let mut client = client.max_decoding_message_size(HELLO_BYTES_MAX);
    let known = known(context, node_id).await?;
    let asked_us = context.clock.now().as_microsecond();
    let request = v1::HelloRequest {
        protocol_min: *PROTOCOL_RANGE.start(),
        protocol_max: *PROTOCOL_RANGE.end(),
        schema_id: vec![SCHEMA_ID.to_owned()],
        clock_us: asked_us,
        known,
        cosigner: context.cosigning.as_ref().map(Cosigning::key),
    };
    let answer = timeout(ANSWER_TIMEOUT, client.hello(request)).await.map_err(|_| silent())?;
    let mut hello = answer.map_err(|status| Error::Peer(Fault::from(status)))?.into_inner();
    let answered_us = context.clock.now().as_microsecond();
    if !PROTOCOL_RANGE.contains(&hello.protocol) {
        return Err(Error::Unfit(protocol(hello.protocol)));
    }
    // Other feeds are of a later version of the protocol.
    hello.feed.retain(|feed| FEEDS.contains(&feed.feed.as_str()));
    check_sizes(&hello)?;
    if hello.pauses_until_us > 0 {
        // Nothing is due, so that nothing came says nothing about the link.
        context.progress.frame_landed();
    }
    let skew_us = skew(hello.clock_us, asked_us, answered_us)?;
    if SignedDuration::from_micros(skew_us).abs() > SKEW_WARNED {
        warn!(node.id = node_id, clock.skew_us = skew_us, "clocks of node and hub differ");
    }
    Ok(Greeting { hello, skew_us })
}

/// The checkpoints that are held of the node's feeds.
async fn known(context: &FollowContext, node_id: &str) -> Result<Vec<v1::KnownCheckpoint>, Error> {
    let mut connection = context.store.acquire().await?;
    let mut known = Vec::new();
    for feed in FEEDS {
        let Some(position) = cursor::load(&mut connection, node_id, feed).await? else { continue };
        let epoch = position.epoch;
        // A store from before a later epoch must hear of it, though nothing of it came yet.
        let is_later = position.checkpoint.is_none() && epoch > FIRST_EPOCH;
        if is_later || position.checkpoint.is_some() {
            let checkpoint = position.checkpoint.unwrap_or_default();
            let cosigning = context.cosigning.as_ref();
            let receipt = cosigning.map(|cosigning| cosigning.receipt(&checkpoint));
            let (feed, receipt) = (feed.to_owned(), receipt.unwrap_or_default());
            known.push(v1::KnownCheckpoint { feed, checkpoint, receipt, epoch });
        }
    }
    Ok(known)
}

/// Refuses what would fill the store: every list and text of a Hello is bounded.
fn check_sizes(hello: &v1::HelloResponse) -> Result<(), Error> {
    let at_most = |field: &str, seen: usize, limit: usize| {
        if seen <= limit {
            return Ok(());
        }
        let message = format!(
            "{field} has {seen}, at most {limit} are taken; upgrade or repair the node\n\
             {field} compte {seen}, au plus {limit} sont acceptés ; mettez à jour ou réparez le nœud"
        );
        Err(Error::Unfit(Fault::at(Code::RequestInvalid, field, message)))
    };
    let name = |field: &str, text: &str| at_most(field, text.chars().count(), NAME_CHARS_MAX);
    name("software_version", &hello.software_version)?;
    at_most("feed", hello.feed.len(), FEEDS.len())?;
    for feed in &hello.feed {
        at_most("feed.entity", feed.entity.len(), ENTITIES_MAX)?;
        for entity in &feed.entity {
            name("feed.entity.entity", &entity.entity)?;
            name("feed.entity.entitlement", &entity.entitlement)?;
            at_most("feed.entity.refused", entity.refused.len(), RULES_MAX)?;
            entity
                .refused
                .iter()
                .try_for_each(|rule| name("feed.entity.refused.rule", &rule.rule))?;
        }
    }
    Ok(())
}

/// The node's clock minus ours at the middle of the exchange. Refused by name
/// if it is more than a day.
fn skew(theirs_us: i64, asked_us: i64, answered_us: i64) -> Result<i64, Error> {
    let ours_us = asked_us + (answered_us - asked_us) / 2;
    let skew_us = theirs_us.saturating_sub(ours_us);
    if SignedDuration::from_micros(skew_us).unsigned_abs() <= SKEW_REFUSED.unsigned_abs() {
        return Ok(skew_us);
    }
    let shown = |us| {
        jiff::Timestamp::from_microsecond(us)
            .map_or_else(|_| format!("{us} µs"), |instant| instant.to_string())
    };
    let (theirs, ours) = (shown(theirs_us), shown(ours_us));
    let message = format!(
        "the node's clock says {theirs}, the hub's {ours}: more than 24 h apart; set the clock that is wrong\n\
         l'horloge du nœud indique {theirs}, celle du pivot {ours} : plus de 24 h d'écart ; réglez \
         celle qui est fausse"
    );
    Err(Error::Unfit(Fault::at(Code::ClockUnsound, "clock_us", message)))
}

fn silent() -> Error {
    let seconds = ANSWER_TIMEOUT.as_secs();
    let message = format!(
        "no answer to Hello within {seconds} s; it is tried again\n\
         pas de réponse à Hello en {seconds} s ; nouvel essai"
    );
    Error::Peer(Fault::new(Code::PeerUnreachable, message))
}

fn protocol(version: u32) -> Fault {
    let (low, high) = (PROTOCOL_RANGE.start(), PROTOCOL_RANGE.end());
    let message = format!(
        "the node chose protocol {version}, the hub speaks {low} to {high}; upgrade the older side\n\
         le nœud a choisi le protocole {version}, le pivot parle {low} à {high} ; mettez à jour le \
         plus ancien"
    );
    Fault::at(Code::ProtocolUnsupported, "protocol", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_US: i64 = 24 * 3600 * 1_000_000;

    #[test]
    fn a_clock_a_day_off_is_refused_by_name_in_both_directions() {
        let now = 1_700_000_000_000_000;
        assert_eq!(skew(now + DAY_US, now, now).unwrap(), DAY_US);
        assert_eq!(skew(now - DAY_US, now, now).unwrap(), -DAY_US);
        for theirs in [now + DAY_US + 1, now - DAY_US - 1, i64::MIN, i64::MAX] {
            let error = skew(theirs, now, now).unwrap_err();
            assert_eq!(error.code(), Code::ClockUnsound);
            assert!(error.to_string().contains("clock") && error.to_string().contains("horloge"));
        }
    }

    #[test]
    fn a_hello_that_would_fill_the_store_is_refused_by_field() {
        let entity = |rules: usize, name: &str| v1::EntityCount {
            entity: name.to_owned(),
            refused: vec![v1::RuleCount::default(); rules],
            ..Default::default()
        };
        let of = |entity: Vec<v1::EntityCount>| v1::HelloResponse {
            feed: vec![v1::FeedState { feed: FEEDS[0].to_owned(), entity, ..Default::default() }],
            ..Default::default()
        };
        assert!(check_sizes(&of(vec![entity(RULES_MAX, "Lot"); ENTITIES_MAX])).is_ok());
        let too_many = vec![v1::FeedState::default(); FEEDS.len() + 1];
        for (hello, field) in [
            (of(vec![entity(0, "Lot"); ENTITIES_MAX + 1]), "feed.entity"),
            (of(vec![entity(RULES_MAX + 1, "Lot")]), "feed.entity.refused"),
            (of(vec![entity(0, &"é".repeat(NAME_CHARS_MAX + 1))]), "feed.entity.entity"),
            (v1::HelloResponse { feed: too_many, ..Default::default() }, "feed"),
            (
                v1::HelloResponse { software_version: "1".repeat(65), ..Default::default() },
                "software_version",
            ),
        ] {
            let Err(Error::Unfit(fault)) = check_sizes(&hello) else { panic!("{field} was taken") };
            assert_eq!((fault.code, fault.field.as_deref()), (Code::RequestInvalid, Some(field)));
            assert_eq!(fault.message.matches(field).count(), 2, "{}", fault.message);
        }
    }

    #[test]
    fn the_way_there_and_back_is_no_skew() {
        assert_eq!(skew(1_500, 1_000, 2_000).unwrap(), 0);
    }
}
