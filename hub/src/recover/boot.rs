//! The starts of a node, and whether two copies of it are in use.
//!
//! Owns the table `node_boot`. Each start of a node draws a random number and
//! names the one before it, so the starts of one state directory form a chain. A
//! start that was left behind and speaks again, or a number that came before
//! without anything lost, shows a second copy: then both are refused until an
//! officer names the one to keep. A store that was put back from a backup shows by
//! what it lost, and is no copy: the start that it left behind must not come again.

use rmd_proto::{Code, Fault, v1};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::{Error, Word, event};
use crate::store::{self, expect_rows};

const TABLE: &str = "node_boot";

/// Starts that a message lists.
const SHOWN_MAX: usize = 5;

/// Starts of a node that are kept of those that may go: one that was left behind longer
/// ago is known by its number alone. A dispute names no more rivals than this either.
const KEPT_MAX: u32 = 256;

/// What a start is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is the one that is followed.
    Current,
    /// Another start came after it.
    Past,
    /// Its store was lost and restored from before it.
    Retired,
    /// It and others cannot be told apart.
    Rival,
    /// An officer turned it away.
    Dropped,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Past => "past",
            Self::Retired => "retired",
            Self::Rival => "rival",
            Self::Dropped => "dropped",
        }
    }
}

/// A start of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Start {
    boot_random: i64,
    boot_number: i64,
    previous_random: i64,
    state: String,
    first_seen_us: i64,
    last_seen_us: i64,
}

impl Start {
    /// As a row of a table for people.
    pub(crate) fn row(&self) -> Vec<String> {
        let last = jiff::Timestamp::from_microsecond(self.last_seen_us);
        let last = last.map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string());
        let number = self.boot_number.to_string();
        vec![number, random_of(self), self.state.clone(), last.unwrap_or_default()]
    }
}

/// What follows from a Hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is followed; the start before it becomes this.
    Follow(Option<State>),
    /// It is refused alone.
    Drop,
    /// It and the one that was followed are refused.
    Dispute,
}

/// Judges a start by its Hello. `is_behind`: it lost entries that the hub holds.
pub(crate) async fn admit(
    connection: &mut AnyConnection,
    node_id: &str,
    hello: &v1::HelloResponse,
    is_behind: bool,
    now_us: i64,
) -> Result<Result<(), Fault>, store::Error> {
    let boots = of_node(connection, node_id).await?;
    let verdict = judge(&boots, hello, is_behind);
    let state = match verdict {
        Verdict::Follow(_) => State::Current,
        Verdict::Drop => State::Dropped,
        Verdict::Dispute => State::Rival,
    };
    let others = match verdict {
        Verdict::Follow(before) => before,
        Verdict::Drop => None,
        Verdict::Dispute => Some(State::Rival),
    };
    if let Some(others) = others {
        sqlx::query("UPDATE node_boot SET state = $1 WHERE node_id = $2 AND state = 'current'")
            .bind(others.as_str())
            .bind(node_id)
            .execute(&mut *connection)
            .await?;
    }
    let is_known = boots.iter().any(|b| b.boot_random == hello.boot_random.cast_signed());
    let rivals = boots.iter().filter(|boot| boot.state == State::Rival.as_str()).count();
    // Each start of a copy is another number: past some, they tell nothing new.
    let is_full = u32::try_from(rivals).is_ok_and(|rivals| rivals >= KEPT_MAX);
    let is_one_more = state == State::Rival && !is_known && is_full;
    if !is_one_more {
        save(connection, node_id, hello, state, now_us).await?;
        forget_old(connection, node_id).await?;
    }
    if verdict == Verdict::Dispute && !boots.iter().any(|boot| boot.state == "rival") {
        let detail = format!("boot {} random {}", hello.boot_number, hello.boot_random);
        event::keep(connection, (node_id, "", "clone"), &detail, None, now_us).await?;
    }
    Ok(match verdict {
        Verdict::Follow(_) => Ok(()),
        Verdict::Drop => Err(dropped(node_id, hello.boot_random)),
        Verdict::Dispute => Err(disputed(node_id, &of_node(connection, node_id).await?)),
    })
}

/// Why nothing of a start is taken from a file; none if it may be. A file tells of no
/// start that is new: it may be older than the last Hello.
pub(crate) async fn refusal(
    connection: &mut AnyConnection,
    node_id: &str,
    random: u64,
) -> Result<Option<Fault>, store::Error> {
    let boots = of_node(connection, node_id).await?;
    let is = |boot: &Start, state: State| boot.state == state.as_str();
    let of = |boot: &&Start| boot.boot_random == random.cast_signed();
    if boots.iter().find(of).is_some_and(|boot| is(boot, State::Dropped)) {
        return Ok(Some(dropped(node_id, random)));
    }
    let is_open = boots.iter().any(|boot| is(boot, State::Rival));
    Ok(is_open.then(|| disputed(node_id, &boots)))
}

/// Why nothing is given to a node now; none if it may be: copies of it are in use, or
/// the one that spoke last was turned away.
pub(super) async fn refusal_of_last(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Option<Fault>, store::Error> {
    match of_node(connection, node_id).await?.first() {
        Some(last) => refusal(connection, node_id, last.boot_random.cast_unsigned()).await,
        None => Ok(None),
    }
}

fn judge(boots: &[Start], hello: &v1::HelloResponse, is_behind: bool) -> Verdict {
    let of = |random: u64| boots.iter().find(|boot| boot.boot_random == random.cast_signed());
    let is = |random: u64, state: State| of(random).is_some_and(|b| b.state == state.as_str());
    let (random, previous) = (hello.boot_random, hello.boot_previous_random);
    if is(random, State::Dropped) || (previous != 0 && is(previous, State::Dropped)) {
        return Verdict::Drop;
    }
    if boots.iter().any(|boot| boot.state == State::Rival.as_str()) {
        return Verdict::Dispute;
    }
    if is(random, State::Current) {
        return Verdict::Follow(None);
    }
    // It was left behind, or goes on from a start that was lost.
    if of(random).is_some() || (previous != 0 && is(previous, State::Retired)) {
        return Verdict::Dispute;
    }
    let current = boots.iter().find(|boot| boot.state == State::Current.as_str());
    let Some(current) = current else { return Verdict::Follow(None) };
    let goes_on = current.boot_random == previous.cast_signed();
    if is_behind && !goes_on {
        return Verdict::Follow(Some(State::Retired));
    }
    if hello.boot_number.cast_signed() > current.boot_number {
        return Verdict::Follow(Some(State::Past));
    }
    if is_behind { Verdict::Follow(Some(State::Past)) } else { Verdict::Dispute }
}

async fn save(
    connection: &mut AnyConnection,
    node_id: &str,
    hello: &v1::HelloResponse,
    state: State,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO node_boot
             (node_id, boot_random, boot_number, previous_random, state,
              first_seen_us, last_seen_us)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (node_id, boot_random) DO UPDATE SET
             state = excluded.state,
             last_seen_us = excluded.last_seen_us",
    )
    .bind(node_id)
    .bind(hello.boot_random.cast_signed())
    .bind(hello.boot_number.cast_signed())
    .bind(hello.boot_previous_random.cast_signed())
    .bind(state.as_str())
    .bind(now_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

/// Forgets the oldest of the starts that were left behind, and of those turned away:
/// what goes on from one of the latter is turned away with it as long as it is kept.
async fn forget_old(connection: &mut AnyConnection, node_id: &str) -> Result<(), store::Error> {
    for state in [State::Past, State::Retired, State::Dropped] {
        sqlx::query(
            "DELETE FROM node_boot
             WHERE node_id = $1 AND state = $2 AND boot_random NOT IN (
                 SELECT boot_random FROM node_boot
                 WHERE node_id = $1 AND state = $2
                 ORDER BY last_seen_us DESC, boot_number DESC
                 LIMIT $3)",
        )
        .bind(node_id)
        .bind(state.as_str())
        .bind(i64::from(KEPT_MAX))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The starts of a node, newest first.
pub(crate) async fn of_node(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Vec<Start>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT boot_random, boot_number, previous_random, state, first_seen_us, last_seen_us
         FROM node_boot
         WHERE node_id = $1
         ORDER BY last_seen_us DESC, boot_number DESC",
    )
    .bind(node_id)
    .fetch_all(connection)
    .await?)
}

/// Keeps the copy whose start has this random number; the other rivals are turned away.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    node_id: &str,
    random: u64,
    word: &Word,
    now_us: i64,
) -> Result<(), Error> {
    let boots = of_node(connection, node_id).await?;
    if !boots.iter().any(|boot| boot.boot_random == random.cast_signed()) {
        let known = listed(boots.iter().map(random_of));
        let node_id = node_id.to_owned();
        return Err(Error::BootUnknown { node_id, random, known });
    }
    // The machine that is kept may have been started again since.
    let kept = line_of(&boots, random.cast_signed());
    for boot in &boots {
        let state = match kept.iter().position(|random| *random == boot.boot_random) {
            Some(at) if at + 1 == kept.len() => State::Current,
            Some(_) => State::Past,
            None if [State::Rival, State::Current].iter().any(|s| s.as_str() == boot.state) => {
                State::Dropped
            }
            None => continue,
        };
        let affected = sqlx::query(
            "UPDATE node_boot SET state = $1, decided_by = $2, reason = $3
             WHERE node_id = $4 AND boot_random = $5",
        )
        .bind(state.as_str())
        .bind(&word.by)
        .bind(&word.reason)
        .bind(node_id)
        .bind(boot.boot_random)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        expect_rows(TABLE, 1, affected)?;
    }
    let detail = format!("random {random}");
    Ok(event::keep(connection, (node_id, "", "kept"), &detail, Some(word), now_us).await?)
}

/// A start and those that came after it on the same machine.
fn line_of(boots: &[Start], random: i64) -> Vec<i64> {
    let mut line = vec![random];
    while let Some(next) = boots.iter().find(|boot| {
        line.last() == Some(&boot.previous_random) && !line.contains(&boot.boot_random)
    }) {
        line.push(next.boot_random);
    }
    line
}

/// After an enrolment any start is the first one; those before it are past.
pub(crate) async fn enrolled(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<(), store::Error> {
    sqlx::query(
        "UPDATE node_boot SET state = 'past' WHERE node_id = $1 AND state IN ('current', 'rival')",
    )
    .bind(node_id)
    .execute(connection)
    .await?;
    Ok(())
}

fn random_of(boot: &Start) -> String {
    boot.boot_random.cast_unsigned().to_string()
}

/// The first of them, and how many more there are.
fn listed(mut all: impl Iterator<Item = String>) -> String {
    let first: Vec<String> = all.by_ref().take(SHOWN_MAX).collect();
    match all.count() {
        0 => first.join(", "),
        more => format!("{}, … +{more}", first.join(", ")),
    }
}

fn disputed(node_id: &str, boots: &[Start]) -> Fault {
    let rivals = boots.iter().filter(|boot| boot.state == State::Rival.as_str());
    let rivals =
        listed(rivals.map(|boot| format!("boot {} random {}", boot.boot_number, random_of(boot))));
    let message = format!(
        "two copies of {node_id} are in use ({rivals}); both are refused until an officer runs \
         `rmd-hub node keep {node_id} --boot-random N --by NAME --reason TEXT`\n\
         deux copies de {node_id} sont en service ({rivals}) ; les deux sont refusées jusqu'à ce qu'un \
         agent lance `rmd-hub node keep {node_id} --boot-random N --by NOM --reason TEXTE`"
    );
    Fault::at(Code::NodeCloned, "boot_random", message)
}

fn dropped(node_id: &str, random: u64) -> Fault {
    let message = format!(
        "this copy of {node_id} (boot random {random}) was turned away by an officer; stop it\n\
         cette copie de {node_id} (nombre de démarrage {random}) a été écartée par un agent ; arrêtez-la"
    );
    Fault::at(Code::NodeCloned, "boot_random", message)
}

#[cfg(test)]
mod tests;
