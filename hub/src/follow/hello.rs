//! The first words with a node.
//!
//! Owns what the hub says, and what it refuses to hear: a protocol that it does
//! not speak, a clock that is a day off. A clock that is five minutes off is
//! worth a warning.

use jiff::SignedDuration;
use rmd_proto::{
    Code, Fault, PROTOCOL_RANGE, SCHEMA_ID,
    v1::{self, feed_service_client::FeedServiceClient},
};
use tonic::transport::Channel;
use tracing::warn;

use super::{Error, FollowContext, cursor};

/// Beyond this, days differ and no time stamp can be believed.
const SKEW_REFUSED: SignedDuration = SignedDuration::from_hours(24);

/// Beyond this, somebody should look at the clock.
const SKEW_WARNED: SignedDuration = SignedDuration::from_mins(5);

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
    mut client: FeedServiceClient<Channel>,
) -> Result<Greeting, Error> {
    let known = known(context, node_id).await?;
    let asked_us = context.clock.now().as_microsecond();
    let request = v1::HelloRequest {
        protocol_min: *PROTOCOL_RANGE.start(),
        protocol_max: *PROTOCOL_RANGE.end(),
        schema_id: vec![SCHEMA_ID.to_owned()],
        clock_us: asked_us,
        known,
    };
    let answer = client.hello(request).await;
    let hello = answer.map_err(|status| Error::Peer(Fault::from(status)))?.into_inner();
    let answered_us = context.clock.now().as_microsecond();
    if !PROTOCOL_RANGE.contains(&hello.protocol) {
        return Err(Error::Unfit(protocol(hello.protocol)));
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
    for feed in ["master-data", "transactions"] {
        let position = cursor::load(&mut connection, node_id, feed).await?;
        if let Some(checkpoint) = position.and_then(|position| position.checkpoint) {
            known.push(v1::KnownCheckpoint { feed: feed.to_owned(), checkpoint });
        }
    }
    Ok(known)
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
    fn the_way_there_and_back_is_no_skew() {
        assert_eq!(skew(1_500, 1_000, 2_000).unwrap(), 0);
    }
}
