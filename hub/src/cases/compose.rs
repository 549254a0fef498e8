//! What a notice says. Pure.

use std::cmp::Reverse;

use prost::Message as _;
use rmd_proto::v1;

use super::{
    file::{Decision, File},
    finding::Known,
    redact,
};

/// Findings of one notice: more would not be read.
pub(super) const FINDINGS_MAX: usize = 64;

/// Bytes of a notice: findings that would go beyond are counted and left out. An entry
/// takes more than that.
const BYTES_MAX: usize = 256 << 10;

/// Keys of answers that are named.
pub(super) const ANSWERED_MAX: usize = 64;

/// The notice about a case to its state.
pub(super) fn compose(file: &File, findings: &[Known], answered: Vec<String>) -> v1::CaseNotice {
    let all = usize::try_from(file.findings).unwrap_or(usize::MAX).max(findings.len());
    let mut notice = v1::CaseNotice {
        case_id: file.case_id.clone(),
        country: file.country.clone(),
        subject_kind: file.subject_kind.clone(),
        subject_key: file.subject_key.clone(),
        cause: file.cause.clone(),
        severity: u32::try_from(file.severity).unwrap_or_default(),
        state: file.state.as_str().to_owned(),
        sent_at_us: file.sent_at_us.unwrap_or_default(),
        due: file.due.clone().unwrap_or_default(),
        finding: Vec::new(),
        found: 0,
        decision: file.decision.as_ref().map(decided),
        answered,
    };
    let mut bytes = notice.encoded_len();
    let told = findings.iter().take(FINDINGS_MAX).map(|known| redact::told(known, &file.country));
    let mut told: Vec<_> = told.collect();
    // By what is told alone: their ids follow from keys of other states.
    told.sort_by_cached_key(|one| (!one.is_open, Reverse(one.severity), one.encode_to_vec()));
    for told in told {
        bytes += told.encoded_len() + 8;
        if bytes > BYTES_MAX {
            break;
        }
        notice.finding.push(told);
    }
    if notice.finding.len() < all {
        notice.found = u32::try_from(all).unwrap_or(u32::MAX);
    }
    notice
}

fn decided(decision: &Decision) -> v1::CaseDecision {
    v1::CaseDecision {
        outcome: decision.outcome.clone(),
        decided_by: decision.decided_by.clone(),
        reason: decision.reason.clone(),
        document_sha256: hex::decode(&decision.document_sha256).unwrap_or_default(),
        decided_at_us: decision.decided_at_us,
    }
}
