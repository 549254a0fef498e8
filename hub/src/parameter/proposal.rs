//! A change of a limit from the proposal to the decision about it.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{FeedKey, NewEntry};
use rmd_proto::v1::{self, Op};
use rmd_reconcile::parameter::Row;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    ENTITY, Error, amount,
    in_force::{self, Changed},
};
use crate::{
    recover::Word,
    share::{OwnFeed, log},
    store::expect_rows,
};

/// A proposal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Proposal {
    /// Its number.
    #[sqlx(rename = "proposal_id")]
    pub(crate) number: i64,
    /// Name of the limit.
    pub(crate) parameter: String,
    /// State, alpha-2; every state if none.
    pub(crate) country: Option<String>,
    /// Mineral, HS6; every mineral if none.
    pub(crate) mineral: Option<String>,
    /// In the unit of the limit.
    pub(crate) value: i64,
    /// Who asks for it.
    pub(crate) proposed_by: String,
    /// Why.
    pub(crate) reason: String,
    /// When, UTC microseconds.
    pub(crate) proposed_at_us: i64,
    /// proposed, approved or refused.
    pub(crate) state: String,
    /// Who decided; none yet.
    pub(crate) decided_by: Option<String>,
    /// Why it was refused.
    pub(crate) decided_reason: Option<String>,
    /// When it was decided, UTC microseconds.
    pub(crate) decided_at_us: Option<i64>,
    /// The version that it became.
    pub(crate) version: Option<i64>,
}

/// Who approves, and with what the hub signs that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Approver<'a> {
    /// The officer.
    pub(crate) by: &'a Word,
    /// Key and name of the hub.
    pub(crate) signer: (&'a FeedKey, &'a str),
}

/// Asks for a change; it has no effect yet.
pub(crate) async fn propose(
    connection: &mut AnyConnection,
    row: &Row,
    word: &Word,
    now: Timestamp,
) -> Result<Proposal, Error> {
    amount::limit(&row.parameter)?;
    amount::check(row)?;
    let last = sqlx::query("SELECT COALESCE(MAX(proposal_id), 0) FROM parameter_proposal")
        .fetch_one(&mut *connection)
        .await?;
    let proposal_id = last.try_get::<i64, _>(0)? + 1;
    let affected = sqlx::query(
        "INSERT INTO parameter_proposal
             (proposal_id, parameter, country, mineral, value, proposed_by, reason,
              proposed_at_us, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'proposed')",
    )
    .bind(proposal_id)
    .bind(&row.parameter)
    .bind(row.country.as_deref())
    .bind(row.mineral.as_deref())
    .bind(row.value)
    .bind(&word.by)
    .bind(&word.reason)
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("parameter_proposal", 1, affected)?;
    waiting(connection, proposal_id).await
}

/// Puts a change in force and tells the nodes.
pub(crate) async fn approve(
    connection: &mut AnyConnection,
    proposal_id: i64,
    approver: Approver<'_>,
    now: Timestamp,
) -> Result<Proposal, Error> {
    let (key, hub) = approver.signer;
    // The log's lock comes first: two approvals are made one after the other.
    let mut locked = log::lock(connection, &OwnFeed::shared(), hub).await?;
    let proposal = waiting(connection, proposal_id).await?;
    if letters(&proposal.proposed_by) == letters(&approver.by.by) {
        return Err(Error::SamePerson(approver.by.by.clone()));
    }
    let version = in_force::changes(connection).await?.last().map_or(0, |last| last.version) + 1;
    let change = Changed {
        version,
        parameter: proposal.parameter.clone(),
        country: proposal.country.clone(),
        mineral: proposal.mineral.clone(),
        value: proposal.value,
        decided_by: approver.by.by.clone(),
        reason: proposal.reason.clone(),
        at_us: now.as_microsecond(),
    };
    in_force::write(connection, &change).await?;
    log::append(connection, &mut locked, &[entry(&proposal, &change, now)], key, now).await?;
    decide(connection, (proposal_id, "approved"), (approver.by, Some(version)), now).await
}

/// The letters and digits of a name: another spacing is no other person.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Refuses a change; the limits stay as they are.
pub(crate) async fn refuse(
    connection: &mut AnyConnection,
    proposal_id: i64,
    word: &Word,
    now: Timestamp,
) -> Result<Proposal, Error> {
    waiting(connection, proposal_id).await?;
    decide(connection, (proposal_id, "refused"), (word, None), now).await
}

/// Every proposal, the last one first.
pub(crate) async fn list(connection: &mut AnyConnection) -> Result<Vec<Proposal>, Error> {
    Ok(sqlx::query_as(
        "SELECT proposal_id, parameter, country, mineral, value, proposed_by, reason,
                proposed_at_us, state, decided_by, decided_reason, decided_at_us, version
         FROM parameter_proposal
         ORDER BY proposal_id DESC",
    )
    .fetch_all(connection)
    .await?)
}

async fn waiting(connection: &mut AnyConnection, proposal_id: i64) -> Result<Proposal, Error> {
    let all = list(connection).await?;
    let found = all.into_iter().find(|one| one.number == proposal_id);
    found.filter(|one| one.state == "proposed").ok_or(Error::NotProposed(proposal_id))
}

async fn decide(
    connection: &mut AnyConnection,
    (proposal_id, state): (i64, &str),
    (word, version): (&Word, Option<i64>),
    now: Timestamp,
) -> Result<Proposal, Error> {
    let affected = sqlx::query(
        "UPDATE parameter_proposal SET
             state = $1,
             decided_by = $2,
             decided_reason = $3,
             decided_at_us = $4,
             version = $5
         WHERE proposal_id = $6 AND state = 'proposed'",
    )
    .bind(state)
    .bind(&word.by)
    .bind(&word.reason)
    .bind(now.as_microsecond())
    .bind(version)
    .bind(proposal_id)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("parameter_proposal", 1, affected)?;
    let all = list(connection).await?;
    all.into_iter().find(|one| one.number == proposal_id).ok_or(Error::NotProposed(proposal_id))
}

/// The bulletin of a change; each version is said once.
fn entry(proposal: &Proposal, change: &Changed, now: Timestamp) -> NewEntry {
    let told = v1::RuleLimit {
        version: u32::try_from(change.version).unwrap_or(u32::MAX),
        parameter: change.parameter.clone(),
        country: change.country.clone().unwrap_or_default(),
        mineral: change.mineral.clone().unwrap_or_default(),
        value: change.value,
        proposed_by: proposal.proposed_by.clone(),
        approved_by: change.decided_by.clone(),
        ground: change.reason.clone(),
    };
    NewEntry {
        entity: ENTITY.to_owned(),
        key: change.version.to_string(),
        rev: 1,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: now.as_microsecond(),
        mapping_id: String::new(),
        previous_seq: 0,
        payload: told.encode_to_vec(),
    }
}
