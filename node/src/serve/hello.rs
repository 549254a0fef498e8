//! Hello: who is here, which feeds exist, how large they are.
//!
//! Refuses a peer without a protocol version in common, and one whose clock is
//! more than a day away: certificates and instants would mean nothing.

use std::time::Duration;

use rmd_link::{Peer, Role};
use rmd_proto::{Code, Fault, PROTOCOL_RANGE, SCHEMA_ID, v1};
use tracing::{debug, info, warn};

use super::{Context, fault};
use crate::{
    journal::{
        self, Store, audit,
        report::{self, EntityReport, FeedReport},
    },
    recover,
};

/// Beyond this the peer is told to set its clock.
const SKEW_REFUSED: Duration = Duration::from_hours(24);

/// Beyond this an operator should look.
const SKEW_ALERT: Duration = Duration::from_mins(5);

/// Answers a Hello of a peer that may make it.
pub(super) async fn answer(
    context: &Context,
    peer: &Peer,
    request: v1::HelloRequest,
) -> Result<v1::HelloResponse, Fault> {
    let protocol = agree(request.protocol_min, request.protocol_max)?;
    let store = context.journal.store();
    let now_us = store.now_us();
    check_clock(peer, request.clock_us, now_us)?;
    let is_new = audit::seen(store, peer).await.map_err(fault)?;
    if peer.identity.role == Role::Hub {
        recover::heard(&context.journal, &request.known).await.map_err(fault)?;
        let receipts: Vec<&str> = request.known.iter().map(|one| one.receipt.as_str()).collect();
        let (owner, cosigner) = (context.journal.owner(), request.cosigner.as_ref());
        context.inbox.receipts(owner, cosigner, &receipts).await.map_err(fault)?;
    }
    let feeds = report::feeds(store).await.map_err(fault)?;
    let entities = report::entities(store).await.map_err(fault)?;
    // A hub says hello before each exchange, which may be every few seconds.
    let (id, tls) = (peer.identity.node_id(), &peer.tls_version);
    if is_new {
        info!(peer.id = id, tls, "peer said hello with a new certificate");
    } else {
        debug!(peer.id = id, tls, "peer said hello");
    }
    let identity = context.credentials.identity().map(|identity| identity.to_string());
    Ok(v1::HelloResponse {
        protocol,
        identity: identity.unwrap_or_default(),
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
        boot_number: context.boot.number.cast_unsigned(),
        boot_random: context.boot.random.cast_unsigned(),
        clock_us: now_us,
        feed: feeds.into_iter().map(|feed| state(feed, &entities)).collect(),
        boot_previous_random: context.boot.previous_random.cast_unsigned(),
        pauses_until_us: pauses_until_us(context),
    })
}

fn pauses_until_us(context: &Context) -> i64 {
    context.limits.opening.closed_until().map_or(0, jiff::Timestamp::as_microsecond)
}

/// Every feed as Hello states it.
pub(crate) async fn feed_states(store: &Store) -> Result<Vec<v1::FeedState>, journal::Error> {
    let (feeds, entities) = (report::feeds(store).await?, report::entities(store).await?);
    Ok(feeds.into_iter().map(|feed| state(feed, &entities)).collect())
}

/// The highest version that both speak.
fn agree(min: u32, max: u32) -> Result<u32, Fault> {
    let (ours_min, ours_max) = (*PROTOCOL_RANGE.start(), *PROTOCOL_RANGE.end());
    let highest = max.min(ours_max);
    if min > max || highest < min.max(ours_min) {
        let message =
            format!("this node speaks versions {ours_min} to {ours_max}, the peer {min} to {max}");
        return Err(Fault::at(Code::ProtocolUnsupported, "protocol_max", message));
    }
    Ok(highest)
}

fn check_clock(peer: &Peer, theirs_us: i64, ours_us: i64) -> Result<(), Fault> {
    let skew = Duration::from_micros(theirs_us.abs_diff(ours_us));
    if skew > SKEW_REFUSED {
        let message = format!("the clocks are {} s apart; set the wrong one", skew.as_secs());
        return Err(Fault::at(Code::ClockUnsound, "clock_us", message));
    }
    if skew > SKEW_ALERT {
        let skew_s = skew.as_secs();
        warn!(
            peer.id = peer.identity.node_id(),
            skew_s, "clocks of the peer and of this node differ"
        );
    }
    Ok(())
}

fn state(feed: FeedReport, entities: &[EntityReport]) -> v1::FeedState {
    let entity = entities.iter().filter(|entity| entity.feed == feed.feed).map(count).collect();
    v1::FeedState {
        feed: feed.feed.to_owned(),
        epoch: feed.epoch,
        size: feed.size,
        checkpoint: feed.checkpoint,
        schema_id: vec![SCHEMA_ID.to_owned()],
        entity,
    }
}

fn count(entity: &EntityReport) -> v1::EntityCount {
    let positive = |count: i64| u64::try_from(count).unwrap_or(0);
    let refused = entity
        .refused_by_rule
        .iter()
        .map(|(rule, records)| v1::RuleCount { rule: rule.clone(), records: positive(*records) });
    v1::EntityCount {
        entity: entity.entity.to_owned(),
        entitlement: entity.entitlement.as_str().to_owned(),
        published: positive(entity.published),
        refused: refused.collect(),
        held: positive(entity.held),
        captured: positive(entity.captured),
        withheld: positive(entity.off),
        outdated: positive(entity.outdated),
        refused_rows: positive(entity.refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_is_spoken() {
        assert_eq!(agree(1, 1), Ok(1));
        assert_eq!(agree(0, 9), Ok(1));
        for (min, max) in [(2, 3), (0, 0), (2, 1)] {
            assert_eq!(agree(min, max).unwrap_err().code, Code::ProtocolUnsupported);
        }
    }
}
