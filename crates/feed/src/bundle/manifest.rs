//! What a part says of itself, within bounds.
//!
//! A [`Manifest`] cannot be had without its checks: every list and text is
//! bounded, the parts follow one another, and its own part is among them. Whether
//! it is true is for the signature and the digest to show, in `read`.

use prost::Message as _;
use rmd_proto::{PROTOCOL_RANGE, v1};

use super::{BUNDLE_ID_BYTES, Error, PARTS_MAX};
use crate::{
    error::shown,
    limits::{CHECKPOINT_BYTES_MAX, DIGEST_BYTES, NAME_BYTES_MAX, SIZE_MAX},
};

/// Feeds that a sender may acknowledge, record types of a feed, rules of a record
/// type: multiples of what there is.
const CURSORS_MAX: usize = 16;
const ENTITIES_MAX: usize = 64;
const RULES_MAX: usize = 512;

/// A manifest whose fields fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    message: v1::BundleManifest,
    state: v1::FeedState,
    number: usize,
}

impl Manifest {
    /// Reads the bytes of a manifest.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let message = v1::BundleManifest::decode(bytes)
            .map_err(|error| Error::malformed("manifest", shown(&error.to_string())))?;
        if !PROTOCOL_RANGE.contains(&message.protocol) {
            let (low, high) = (PROTOCOL_RANGE.start(), PROTOCOL_RANGE.end());
            let detail = format!("{}, {low} to {high} are spoken here", message.protocol);
            return Err(Error::malformed("protocol", detail));
        }
        check_texts(&message)?;
        let Some(state) = message.state.clone() else {
            return Err(Error::malformed("state", "it is missing"));
        };
        check_state(&state)?;
        let number = check_parts(&message, &state)?;
        Ok(Self { message, state, number })
    }

    /// The message as its sender wrote it.
    pub const fn message(&self) -> &v1::BundleManifest {
        &self.message
    }

    /// The feed as its owner saw it.
    pub const fn state(&self) -> &v1::FeedState {
        &self.state
    }

    /// seq of the first entry of this part.
    pub fn first_seq(&self) -> u64 {
        self.message.part[self.number].first_seq
    }

    /// seq of the last entry of this part; `first_seq - 1` where it holds none.
    pub fn last_seq(&self) -> u64 {
        self.message.part[self.number].last_seq
    }

    /// Number of this part from 1, and how many there are.
    pub fn part(&self) -> (usize, usize) {
        (self.number + 1, self.message.part.len())
    }

    /// The number of the bundle in hexadecimal.
    pub fn bundle_id(&self) -> String {
        hex::encode(&self.message.bundle_id)
    }
}

fn at_most(field: &'static str, seen: usize, limit: usize) -> Result<(), Error> {
    if seen <= limit {
        return Ok(());
    }
    Err(Error::malformed(field, format!("it has {seen}, at most {limit} are taken")))
}

fn named(field: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::malformed(field, "it is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::malformed(field, "it holds control characters"));
    }
    at_most(field, text.len(), NAME_BYTES_MAX)
}

fn check_texts(message: &v1::BundleManifest) -> Result<(), Error> {
    named("network", &message.network)?;
    named("sender", &message.sender)?;
    named("receiver", &message.receiver)?;
    named("software_version", &message.software_version)?;
    for (field, bytes, expected) in [
        ("bundle_id", &message.bundle_id, BUNDLE_ID_BYTES),
        ("frames_sha256", &message.frames_sha256, DIGEST_BYTES),
    ] {
        if bytes.len() != expected {
            let detail = format!("{} bytes, expected {expected}", bytes.len());
            return Err(Error::malformed(field, detail));
        }
    }
    at_most("acknowledged", message.acknowledged.len(), CURSORS_MAX)?;
    message.acknowledged.iter().try_for_each(|cursor| {
        named("acknowledged.feed", &cursor.feed)?;
        at_most("acknowledged.checkpoint", cursor.checkpoint.len(), CHECKPOINT_BYTES_MAX)?;
        at_most("acknowledged.receipt", cursor.receipt.len(), CHECKPOINT_BYTES_MAX)
    })?;
    let vkey = message.cosigner.as_ref().map_or(0, |cosigner| cosigner.vkey.len());
    at_most("cosigner.vkey", vkey, CHECKPOINT_BYTES_MAX)
}

fn check_state(state: &v1::FeedState) -> Result<(), Error> {
    named("state.feed", &state.feed)?;
    if state.epoch == 0 {
        return Err(Error::malformed("state.epoch", "0, epochs begin at 1"));
    }
    at_most("state.checkpoint", state.checkpoint.len(), CHECKPOINT_BYTES_MAX)?;
    at_most("state.schema_id", state.schema_id.len(), ENTITIES_MAX)?;
    at_most("state.entity", state.entity.len(), ENTITIES_MAX)?;
    for entity in &state.entity {
        named("state.entity.entity", &entity.entity)?;
        at_most("state.entity.entitlement", entity.entitlement.len(), NAME_BYTES_MAX)?;
        at_most("state.entity.refused", entity.refused.len(), RULES_MAX)?;
        entity
            .refused
            .iter()
            .try_for_each(|rule| named("state.entity.refused.rule", &rule.rule))?;
    }
    Ok(())
}

/// Index of this part among the parts, which follow one another up to at most the
/// size of the feed.
fn check_parts(message: &v1::BundleManifest, state: &v1::FeedState) -> Result<usize, Error> {
    let parts = &message.part;
    at_most("part", parts.len(), PARTS_MAX)?;
    let number = usize::try_from(message.part_number).ok().and_then(|number| number.checked_sub(1));
    let number = number.filter(|&number| number < parts.len()).ok_or_else(|| {
        let detail = format!("part {} of {}", message.part_number, parts.len());
        Error::malformed("part_number", detail)
    })?;
    let mut expected = parts[0].first_seq;
    for part in parts {
        let (first, last) = (part.first_seq, part.last_seq);
        let is_empty = parts.len() == 1 && last.checked_add(1) == Some(first);
        let is_range = first == expected && first > 0 && (first <= last || is_empty);
        if !is_range || last > SIZE_MAX || last > state.size {
            let detail = format!("seq {first} to {last} in a feed of {} entries", state.size);
            return Err(Error::malformed("part", detail));
        }
        expected = last + 1;
    }
    let part = &parts[number];
    let entries = part.last_seq + 1 - part.first_seq;
    if message.frames > entries || (message.frames == 0) != (entries == 0) {
        let detail = format!("{} frames for {entries} entries", message.frames);
        return Err(Error::malformed("frames", detail));
    }
    Ok(number)
}
