//! What the Secretariat asks this state about its records, as rows.
//!
//! Owns the table `case_notice`. A later notice about a case replaces the earlier one;
//! one that was erased takes the row away. Words that this version does not know are
//! shown as they came. Needs no network.

use jiff::civil::Date;
use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1::{self, Op};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::journal::{Error, Store, answers};

/// Entity of a notice.
pub(super) const NOTICE: &str = "CaseNotice";

/// States of a case in which an answer is awaited or useful.
const ASKED: [&str; 2] = ["sent", "answered"];

/// Applies a notice; what this version cannot read.
pub(super) async fn save(
    connection: &mut SqliteConnection,
    entry: &StoredEntry,
    now_us: i64,
) -> Result<Option<String>, Error> {
    let key = entry.header.key.as_str();
    let payload = match (entry.op(), entry.payload()) {
        (Op::Upsert, Some(payload)) => payload,
        (Op::Upsert | Op::Tombstone | Op::Erase, _) => {
            sqlx::query("DELETE FROM case_notice WHERE case_id = ?1")
                .bind(key)
                .execute(connection)
                .await?;
            return Ok(None);
        }
        (op, _) => return Ok(Some(format!("{} of a case is not known here", op.as_str_name()))),
    };
    let notice = match v1::CaseNotice::decode(payload) {
        Ok(notice) if notice.case_id == key => notice,
        Ok(_) => return Ok(Some(format!("the notice under {key} is about another case"))),
        Err(error) => return Ok(Some(error.to_string())),
    };
    let written = sqlx::query(
        "INSERT OR REPLACE INTO case_notice (
             case_id, state, severity, cause, subject_kind, subject_key, sent_at_us, due, notice,
             notice_seq, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(key)
    .bind(&notice.state)
    .bind(notice.severity)
    .bind(&notice.cause)
    .bind(&notice.subject_kind)
    .bind(&notice.subject_key)
    .bind(notice.sent_at_us)
    .bind(&notice.due)
    .bind(payload)
    .bind(entry.seq().cast_signed())
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("case_notice", written.rows_affected(), 1)?;
    Ok(None)
}

/// Whether something of the same case that came later stands already.
pub(super) async fn is_known(
    connection: &mut SqliteConnection,
    entry: &StoredEntry,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM case_notice WHERE case_id = ?1 AND notice_seq >= ?2)",
    )
    .bind(&entry.header.key)
    .bind(entry.seq().cast_signed())
    .fetch_one(connection)
    .await?)
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the words of the tables, and of programs that read JSON"
)]
pub(crate) struct Case {
    /// Its number.
    pub(crate) case_id: String,
    /// How it stands, in the Secretariat's word.
    pub(crate) state: String,
    /// 1 information, 2 warning, 3 serious.
    pub(crate) severity: i64,
    /// The cause.
    pub(crate) cause: String,
    /// What it is about.
    pub(crate) subject_kind: String,
    /// Its name.
    pub(crate) subject_key: String,
    /// When it was sent first, UTC microseconds.
    pub(crate) sent_at_us: i64,
    /// ISO day until which an answer is awaited.
    pub(crate) due: String,
    /// Whether that day has passed without one.
    pub(crate) is_overdue: bool,
    /// Answers that were written here.
    pub(crate) answers: i64,
    /// seq of the notice in the feed of verdicts.
    pub(crate) notice_seq: i64,
    /// When the notice came, UTC microseconds.
    pub(crate) received_at_us: i64,
}

#[derive(Debug, FromRow)]
struct Row {
    case_id: String,
    state: String,
    severity: i64,
    cause: String,
    subject_kind: String,
    subject_key: String,
    sent_at_us: i64,
    due: String,
    notice_seq: i64,
    received_at_us: i64,
    answers: i64,
}

impl Row {
    fn case(self, today: Date) -> Case {
        let due = self.due.parse::<Date>().ok();
        let is_overdue =
            self.state == "sent" && self.answers == 0 && due.is_some_and(|due| today > due);
        Case {
            case_id: self.case_id,
            state: self.state,
            severity: self.severity,
            cause: self.cause,
            subject_kind: self.subject_kind,
            subject_key: self.subject_key,
            sent_at_us: self.sent_at_us,
            due: self.due,
            is_overdue,
            answers: self.answers,
            notice_seq: self.notice_seq,
            received_at_us: self.received_at_us,
        }
    }
}

/// Cases, those that await an answer first, then the gravest; only these if `is_open`.
pub(crate) async fn list(
    store: &Store,
    today: Date,
    is_open: bool,
    limit: u32,
) -> Result<Vec<Case>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT n.case_id,
                n.state,
                n.severity,
                n.cause,
                n.subject_kind,
                n.subject_key,
                n.sent_at_us,
                n.due,
                n.notice_seq,
                n.received_at_us,
                (SELECT COUNT(*) FROM case_reply r WHERE r.case_id = n.case_id) AS answers
         FROM case_notice n
         WHERE ?1 = 0 OR n.state IN (?2, ?3)
         ORDER BY n.state NOT IN (?2, ?3), n.severity DESC, n.due, n.case_id
         LIMIT ?4",
    )
    .bind(is_open)
    .bind(ASKED[0])
    .bind(ASKED[1])
    .bind(limit)
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(|row| row.case(today)).collect())
}

/// A case with everything that is known of it here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Shown {
    /// As in the list.
    #[serde(flatten)]
    pub(crate) case: Case,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
    /// How many were found, where not all are told.
    pub(crate) found: u32,
    /// What the Secretariat decided.
    pub(crate) decision: Option<Decision>,
    /// What was answered from here.
    pub(crate) replies: Vec<Reply>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: String,
    /// 1 information, 2 warning, 3 serious.
    pub(crate) severity: u32,
    /// Whether it stands.
    pub(crate) is_open: bool,
    /// ISO day of its opening.
    pub(crate) opened_on: String,
    /// What it says.
    pub(crate) en: String,
    /// The same in French.
    pub(crate) fr: String,
    /// The own records on which it rests: type, key, revision.
    pub(crate) records: Vec<(String, String, u64)>,
    /// Other states on whose records it rests.
    pub(crate) others: Vec<String>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Decision {
    /// explained, confirmed or false_alarm.
    pub(crate) outcome: String,
    /// By whom.
    pub(crate) decided_by: String,
    /// Why.
    pub(crate) reason: String,
    /// SHA-256 of the document, hexadecimal; empty if there is none.
    pub(crate) document_sha256: String,
    /// When, UTC microseconds.
    pub(crate) decided_at_us: i64,
}

/// One answer from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the words of the tables, and of programs that read JSON"
)]
pub(crate) struct Reply {
    /// Its key.
    pub(crate) reply_key: String,
    /// Who answered.
    pub(crate) replied_by: String,
    /// The answer.
    pub(crate) text: String,
    /// Documents: name, SHA-256, bytes.
    pub(crate) attachments: Vec<(String, String, u64)>,
    /// When, UTC microseconds.
    pub(crate) replied_at_us: i64,
    /// Whether the Secretariat says that it has it.
    pub(crate) is_received: bool,
    /// Whether what it said was erased.
    pub(crate) is_erased: bool,
}

/// One case by the beginning of its number; none, or several.
pub(crate) async fn find(
    store: &Store,
    begin: &str,
    today: Date,
) -> Result<Vec<(Case, v1::CaseNotice)>, Error> {
    let begin = begin.trim().to_ascii_lowercase();
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT case_id, notice
         FROM case_notice
         WHERE case_id >= ?1 AND case_id < ?2
         ORDER BY case_id
         LIMIT 2",
    )
    .bind(&begin)
    // After every digit.
    .bind(format!("{begin}g"))
    .fetch_all(store.readers())
    .await?;
    let all = list(store, today, false, u32::MAX).await?;
    let mut found = Vec::new();
    for (case_id, notice) in rows {
        let notice = v1::CaseNotice::decode(notice.as_slice())
            .map_err(|_| Error::inconsistent("case_notice", "notice", 0))?;
        let case = all.iter().find(|case| case.case_id == case_id).cloned();
        found.extend(case.map(|case| (case, notice)));
    }
    Ok(found)
}

/// Everything about a case that was found.
pub(crate) async fn show(
    store: &Store,
    case: Case,
    notice: v1::CaseNotice,
) -> Result<Shown, Error> {
    let replies = answers::of_case(store, &case.case_id).await?;
    let reply = |(reply_key, reply): (String, v1::CaseReply)| Reply {
        is_received: notice.answered.contains(&reply_key),
        is_erased: reply.case_id.is_empty(),
        reply_key,
        replied_by: reply.replied_by,
        text: reply.text,
        attachments: reply
            .attachment
            .into_iter()
            .map(|one| (one.name, hex::encode(one.sha256), one.bytes))
            .collect(),
        replied_at_us: reply.replied_at_us,
    };
    let replies = replies.into_iter().map(reply).collect();
    let findings = notice.finding.into_iter().map(finding).collect();
    let decision = notice.decision.map(|decision| Decision {
        outcome: decision.outcome,
        decided_by: decision.decided_by,
        reason: decision.reason,
        document_sha256: hex::encode(decision.document_sha256),
        decided_at_us: decision.decided_at_us,
    });
    Ok(Shown { case, findings, found: notice.found, decision, replies })
}

fn finding(finding: v1::CaseFinding) -> Finding {
    let record = |one: v1::CaseRecord| (one.entity, one.record_key, one.rev);
    Finding {
        rule: finding.rule,
        severity: finding.severity,
        is_open: finding.is_open,
        opened_on: finding.opened_on,
        en: finding.en,
        fr: finding.fr,
        records: finding.record.into_iter().map(record).collect(),
        others: finding
            .other
            .into_iter()
            .map(|other| other.country)
            .filter(|country| !country.is_empty())
            .collect(),
    }
}

#[cfg(test)]
mod tests;
