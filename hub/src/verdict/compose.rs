//! What one record's verdict says. Pure.
//!
//! A verdict is about the newest revision that the hub has: one that was refused
//! says why, one that was accepted says what it lacks and what it waits for.

use prost::Message as _;
use rmd_proto::v1;

use super::{
    Found, Severity,
    source::Sources,
    subject::{Revision, Subject},
};

/// Findings of one verdict: more would not be read, and an entry has its limit.
const FINDINGS_MAX: usize = 64;

/// Bytes of a message, and of a path or a value: with all findings at their
/// longest an entry is half of what a feed takes.
const MESSAGE_BYTES_MAX: usize = 1_500;
/// See [`MESSAGE_BYTES_MAX`].
const VALUE_BYTES_MAX: usize = 256;

/// A verdict that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Composed {
    pub(super) severity: Severity,
    pub(super) raised_at_us: i64,
    /// The exact bytes that are appended.
    pub(super) payload: Vec<u8>,
}

/// The verdict about a record; none if there is nothing to say.
pub(super) fn compose(
    entity: &str,
    record_key: &str,
    subject: &Subject,
    sources: &Sources,
) -> Option<Composed> {
    let accepted = subject.accepted.as_ref().map(|accepted| &accepted.revision);
    let place = |revision: &Revision| (revision.epoch, revision.seq);
    let refused = subject.refused.as_ref().filter(|one| accepted.map(place) <= Some(place(one)));
    let revision = refused.or(accepted)?;
    let mut found: Vec<Found> = revision.findings.iter().map(Found::from).collect();
    if refused.is_none() {
        let missing = subject.missing.iter().filter(|parked| sources.is_telling(parked));
        found.extend(missing.map(super::parked::Parked::finding));
    }
    // Stable, so that the order within one weight is that of the record's fields.
    found.sort_by_key(|one| one.severity);
    let severity = found.first()?.severity;
    let count = found.len();
    let verdict = v1::Verdict {
        entity: entity.to_owned(),
        record_key: record_key.to_owned(),
        feed: revision.feed.clone(),
        epoch: u32::try_from(revision.epoch).unwrap_or_default(),
        seq: revision.seq.unsigned_abs(),
        rev: revision.rev.unsigned_abs(),
        raised_at_us: revision.received_at_us,
        finding: found.into_iter().take(FINDINGS_MAX).map(finding).collect(),
        found: if count > FINDINGS_MAX { u32::try_from(count).unwrap_or(u32::MAX) } else { 0 },
    };
    Some(Composed {
        severity,
        raised_at_us: revision.received_at_us,
        payload: verdict.encode_to_vec(),
    })
}

fn finding(found: Found) -> v1::VerdictFinding {
    let Found { rule, severity, path, value, en, fr, params } = found;
    let param = |(name, value): (&str, String)| v1::VerdictParam { name: name.to_owned(), value };
    v1::VerdictFinding {
        rule,
        severity: severity.as_str().to_owned(),
        path: cut(path, VALUE_BYTES_MAX),
        value: cut(value, VALUE_BYTES_MAX),
        en: cut(en, MESSAGE_BYTES_MAX),
        fr: cut(fr, MESSAGE_BYTES_MAX),
        param: params.into_iter().map(param).collect(),
    }
}

fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push('…');
    }
    text
}
