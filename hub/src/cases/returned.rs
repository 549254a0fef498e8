//! Cases that come back after the store was restored, with the notices that nodes still have.
//!
//! The findings of a case are found again by the engine; how it stood, what was decided and
//! at which revision its notice is, only the notice says. Refuses nothing: what cannot be
//! read leaves no case, and its place in the feed is kept all the same.

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1::{self, Op};
use sqlx::{AnyConnection, Row as _};

use super::{
    Error, State,
    file::{self, Decision, Event, File},
    notice::{self, Last},
    reply,
};
use crate::share::{self, log};

/// Word of the event with which a case comes back.
const RETURNED: &str = "returned";

/// Keeps what an entry said that came back after the store was restored: how the case
/// stood, and at which revision its notice is.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    node_id: &str,
    entry: &StoredEntry,
) -> Result<(), share::Error> {
    put_back(connection, node_id, entry).await.map_err(|error| match error {
        Error::Share(error) => error,
        Error::Store(error) => error.into(),
        Error::Registry(error) => error.into(),
        _ => share::Error::Inconsistent("a case cannot be read"),
    })
}

async fn put_back(
    connection: &mut AnyConnection,
    node_id: &str,
    entry: &StoredEntry,
) -> Result<(), Error> {
    let header = &entry.header;
    let payload = entry.payload().unwrap_or_default().to_vec();
    let is_notice = entry.op() == Op::Upsert && !payload.is_empty();
    let next = Last {
        rev: log::signed(header.rev),
        seq: log::signed(entry.seq()),
        payload: if is_notice { payload.clone() } else { Vec::new() },
    };
    notice::save(connection, (&header.key, node_id), &next, header.captured_at_us).await?;
    let Ok(notice) = v1::CaseNotice::decode(payload.as_slice()) else { return Ok(()) };
    let Some(state) = State::of(&notice.state).filter(|_| is_notice) else { return Ok(()) };
    let records = notice.finding.iter().flat_map(|finding| &finding.record);
    let records = records.map(|one| (one.entity.as_str(), one.record_key.as_str()));
    notice::name(connection, (&notice.case_id, node_id), records).await?;
    let at_us = header.captured_at_us;
    let known = file::find(connection, &notice.case_id).await?;
    let file = File {
        state,
        sent_at_us: Some(notice.sent_at_us),
        due: Some(notice.due.clone()).filter(|due| !due.is_empty()),
        decision: notice.decision.as_ref().map(decided),
        changed_at_us: at_us,
        is_due: false,
        ..known.unwrap_or_else(|| File {
            case_id: notice.case_id.clone(),
            country: notice.country.clone(),
            subject_kind: notice.subject_kind.clone(),
            subject_key: notice.subject_key.clone(),
            cause: notice.cause.clone(),
            state,
            severity: i64::from(notice.severity).clamp(1, 3),
            open_findings: 0,
            findings: 0,
            opened_at_us: notice.sent_at_us,
            sent_at_us: None,
            due: None,
            decision: None,
            changed_at_us: at_us,
            is_due: false,
        })
    };
    let event = Event::of_hub(at_us, RETURNED, format!("{node_id} {}", entry.seq()));
    file::save(connection, &file, &[event]).await?;
    reply::look_again(connection, &file.case_id).await
}

fn decided(decision: &v1::CaseDecision) -> Decision {
    Decision {
        outcome: decision.outcome.clone(),
        decided_by: decision.decided_by.clone(),
        reason: decision.reason.clone(),
        document_name: String::new(),
        document_sha256: hex::encode(&decision.document_sha256),
        decided_at_us: decision.decided_at_us,
    }
}

/// How many findings a case had that came back and to which nothing has happened since;
/// 0 for any other.
pub(super) async fn findings(connection: &mut AnyConnection, case_id: &str) -> Result<i64, Error> {
    let row = sqlx::query(
        "SELECT action FROM case_event WHERE case_id = $1 ORDER BY event_no DESC LIMIT 1",
    )
    .bind(case_id)
    .fetch_optional(&mut *connection)
    .await?;
    let last: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    if last.as_deref() != Some(RETURNED) {
        return Ok(0);
    }
    let rows = sqlx::query("SELECT payload FROM case_notice WHERE case_id = $1")
        .bind(case_id)
        .fetch_all(connection)
        .await?;
    let mut most = 0;
    for row in rows {
        let payload: Vec<u8> = row.try_get(0)?;
        let notice = v1::CaseNotice::decode(payload.as_slice()).unwrap_or_default();
        let told = i64::try_from(notice.finding.len()).unwrap_or(i64::MAX);
        most = most.max(told).max(i64::from(notice.found));
    }
    Ok(most)
}
