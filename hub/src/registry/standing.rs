//! Whether a node is taken: active, suspended or revoked.
//!
//! Owns the table `node_standing`. A suspended node is neither followed nor given
//! anything, and nothing of it is lost: its cursors wait. A revoked one has no
//! certificate any more: every serial that it was ever given is on the deny-list, and
//! it comes back by a new invitation alone. A certificate that is on no list, from
//! before the lists were kept, is known by its end: it is from before the revocation.

pub(crate) mod certificates;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use rmd_link::authority::LEAF_LIFETIME;
use rmd_proto::{Code, Fault};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::{Error, node};
use crate::{
    recover::{Word, event, hold},
    store::{self, expect_rows},
};

/// How often a running hub looks for what an officer decided in another process.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What a node is to the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It is followed and given everything.
    #[default]
    Active,
    /// It is left alone until an officer resumes it.
    Suspended,
    /// Its certificates are void; only a new invitation brings it back.
    Revoked,
}

impl State {
    /// The word in the table, on the command line and on pages.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Revoked].into_iter().find(|s| s.as_str() == word)
    }
}

/// The standing of a node, and whose word it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// Since when, UTC microseconds; none if nobody ever said anything.
    pub(crate) since_us: Option<i64>,
    pub(crate) decided_by: Option<String>,
    pub(crate) reason: Option<String>,
    /// The last revocation, also of a node that came back.
    #[serde(skip)]
    revoked_at_us: Option<i64>,
}

impl Standing {
    /// Whether the node is kept out, for whatever reason.
    pub(crate) fn is_out(&self) -> bool {
        self.state != State::Active
    }

    /// Whether a certificate with this end was given out before the last revocation.
    pub(crate) fn voids(&self, not_after: Timestamp) -> bool {
        let Some(revoked_us) = self.revoked_at_us else { return false };
        let life = i64::try_from(LEAF_LIFETIME.as_secs()).unwrap_or(i64::MAX);
        // The end of a certificate is a whole second.
        not_after.as_second().saturating_sub(life) < revoked_us.div_euclid(1_000_000)
    }

    /// Why nothing is taken from a node and nothing given to it; none if it may be.
    pub(crate) fn refusal(&self, id: &str) -> Option<Fault> {
        let by = self.decided_by.as_deref().unwrap_or_default();
        let why = self.reason.as_deref().unwrap_or_default();
        match self.state {
            State::Active => None,
            State::Suspended => Some(Fault::new(
                Code::RoleForbidden,
                format!(
                    "{id} is suspended by {by} ({why}); nothing is taken from it or given to it until \
                     an officer runs `rmd-hub node resume {id} --by NAME --reason TEXT`\n\
                     {id} est suspendu par {by} ({why}) ; rien n'en est pris ni ne lui est remis avant \
                     qu'un agent lance `rmd-hub node resume {id} --by NOM --reason TEXTE`"
                ),
            )),
            State::Revoked => Some(Fault::new(
                Code::CertificateRevoked,
                format!(
                    "{id} was revoked by {by} ({why}); it comes back by a new invitation, \
                     `rmd-hub node invite`, and nothing that it sends counts until then\n\
                     {id} a été révoqué par {by} ({why}) ; il revient par une nouvelle invitation, \
                     `rmd-hub node invite`, et rien de ce qu'il envoie ne compte d'ici là"
                ),
            )),
        }
    }
}

#[derive(FromRow)]
struct Row {
    node_id: String,
    state: String,
    since_us: i64,
    decided_by: String,
    reason: String,
    revoked_at_us: Option<i64>,
}

impl TryFrom<Row> for Standing {
    type Error = store::Error;

    fn try_from(row: Row) -> Result<Self, store::Error> {
        let (table, column) = ("node_standing", "state");
        let wrong = || store::Error::Inconsistent { table, column, id: row.node_id.clone() };
        Ok(Self {
            state: State::parse(&row.state).ok_or_else(wrong)?,
            since_us: Some(row.since_us),
            decided_by: Some(row.decided_by),
            reason: Some(row.reason),
            revoked_at_us: row.revoked_at_us,
        })
    }
}

/// The standing of one node.
pub(crate) async fn of(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Standing, store::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT node_id, state, since_us, decided_by, reason, revoked_at_us
         FROM node_standing
         WHERE node_id = $1",
    )
    .bind(node_id)
    .fetch_optional(connection)
    .await?;
    row.map_or_else(|| Ok(Standing::default()), Standing::try_from)
}

/// The standing of every node about which somebody said something.
pub(crate) async fn all(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<String, Standing>, store::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, state, since_us, decided_by, reason, revoked_at_us
         FROM node_standing
         ORDER BY node_id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.node_id.clone(), Standing::try_from(row)?))).collect()
}

/// Takes a node out of the network: its certificates, open invitations and streams.
pub(crate) async fn revoke(
    connection: &mut AnyConnection,
    node_id: &str,
    word: &Word,
    now: Timestamp,
) -> Result<Standing, Error> {
    let before = known(connection, node_id).await?;
    if before.state == State::Revoked {
        return Ok(before);
    }
    let now_us = now.as_microsecond();
    // A restored hub does not wait for one that it no longer asks.
    hold::heard(connection, node_id).await?;
    certificates::deny_issued(connection, node_id, now).await?;
    sqlx::query(
        "UPDATE invitation SET expires_at_us = $1
         WHERE node_id = $2 AND used_at_us IS NULL AND expires_at_us >= $3",
    )
    .bind(now_us - 1)
    .bind(node_id)
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    set(connection, node_id, State::Revoked, word, Some(now_us), now_us).await
}

/// Leaves a node alone for a while.
pub(crate) async fn suspend(
    connection: &mut AnyConnection,
    node_id: &str,
    word: &Word,
    now: Timestamp,
) -> Result<Standing, Error> {
    turn(connection, node_id, State::Suspended, word, now).await
}

/// Follows a suspended node again.
pub(crate) async fn resume(
    connection: &mut AnyConnection,
    node_id: &str,
    word: &Word,
    now: Timestamp,
) -> Result<Standing, Error> {
    turn(connection, node_id, State::Active, word, now).await
}

/// Sets the state of a node that was not revoked; nothing where it has it already.
async fn turn(
    connection: &mut AnyConnection,
    node_id: &str,
    state: State,
    word: &Word,
    now: Timestamp,
) -> Result<Standing, Error> {
    let before = known(connection, node_id).await?;
    if before.state == state {
        return Ok(before);
    }
    if before.state == State::Revoked {
        return Err(Error::Revoked(node_id.to_owned()));
    }
    set(connection, node_id, state, word, before.revoked_at_us, now.as_microsecond()).await
}

/// A revoked node came with an invitation that was made after its revocation.
pub(super) async fn admitted(
    connection: &mut AnyConnection,
    node_id: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let before = of(connection, node_id).await?;
    if before.state != State::Revoked {
        return Ok(());
    }
    let word = Word::new("rmd-hub", "enrolled with a new invitation").map_err(own)?;
    let (revoked, now_us) = (before.revoked_at_us, now.as_microsecond());
    set(connection, node_id, State::Active, &word, revoked, now_us).await?;
    Ok(())
}

async fn known(connection: &mut AnyConnection, node_id: &str) -> Result<Standing, Error> {
    let found = node::find(connection, node_id).await?;
    found.ok_or_else(|| Error::NodeUnknown(node_id.to_owned()))?;
    Ok(of(connection, node_id).await?)
}

async fn set(
    connection: &mut AnyConnection,
    node_id: &str,
    state: State,
    word: &Word,
    revoked_at_us: Option<i64>,
    now_us: i64,
) -> Result<Standing, Error> {
    let affected = sqlx::query(
        "INSERT INTO node_standing (node_id, state, since_us, decided_by, reason, revoked_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (node_id) DO UPDATE SET
             state = excluded.state,
             since_us = excluded.since_us,
             decided_by = excluded.decided_by,
             reason = excluded.reason,
             revoked_at_us = excluded.revoked_at_us",
    )
    .bind(node_id)
    .bind(state.as_str())
    .bind(now_us)
    .bind(&word.by)
    .bind(&word.reason)
    .bind(revoked_at_us)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("node_standing", 1, affected)?;
    event::keep(connection, (node_id, "", state.as_str()), "", Some(word), now_us).await?;
    Ok(of(connection, node_id).await?)
}

fn own(error: crate::recover::Error) -> Error {
    Error::Malformed { what: "an officer's word", source: Box::new(error) }
}

#[cfg(test)]
mod tests;
