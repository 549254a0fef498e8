//! What officers of the Secretariat do with a case.
//!
//! Owns no table. An officer asks a state, and decides. Nothing is confirmed before the
//! state was asked and has answered, or let the day pass.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use sqlx::AnyConnection;

use super::{
    Error, State,
    drain::Terms,
    file::{self, Decision, Event},
    finding, notice,
};
use crate::share::decision::{BY_CHARS_MAX, check_word};

/// Characters of `--reason`, which goes to the state.
const REASON_CHARS_MAX: usize = 2_000;

/// How a case may be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Ruling {
    /// The answer explains it · La réponse l'explique
    Explained,
    /// It stands · Il est confirmé
    Confirmed,
    /// There was nothing · Fausse alerte
    FalseAlarm,
}

impl Ruling {
    const fn state(self) -> State {
        match self {
            Self::Explained => State::Explained,
            Self::Confirmed => State::Confirmed,
            Self::FalseAlarm => State::FalseAlarm,
        }
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    /// Its number.
    pub(crate) case_id: String,
    /// The state that is asked, alpha-2.
    pub(crate) country: String,
    /// How it stands.
    pub(crate) state: State,
    /// ISO day until which an answer is awaited.
    pub(crate) due: Option<String>,
    /// The nodes that are told.
    pub(crate) nodes: Vec<String>,
}

/// Asks the state; a second time asks again, with a new day.
pub(crate) async fn send(
    connection: &mut AnyConnection,
    begin: &str,
    by: &str,
    terms: Terms,
    (now, today): (Timestamp, Date),
) -> Result<Outcome, Error> {
    check_word("--by", by, BY_CHARS_MAX)?;
    file::turn(connection).await?;
    let mut file = file::named(connection, begin).await?;
    if file.state.is_decided() || file.state == State::Resolved {
        return Err(Error::Over { case_id: file.case_id, state: file.state.as_str() });
    }
    let nodes = notice::nodes_of(connection, &file.country).await?;
    if nodes.is_empty() {
        let (case_id, country) = (file.case_id, file.country);
        return Err(Error::NobodyToAsk { case_id, country });
    }
    let now_us = now.as_microsecond();
    file.send(today, terms.answer_days, now_us);
    file.changed_at_us = now_us;
    let event = Event {
        at_us: now_us,
        actor: by.trim().to_owned(),
        action: "sent".to_owned(),
        reason: format!("due {}", file.due.clone().unwrap_or_default()),
        ..Event::default()
    };
    file::save(connection, &file, &[event]).await?;
    finding::ask(connection, (&file.case_id, &file.country)).await?;
    let (case_id, country) = (file.case_id, file.country);
    Ok(Outcome { case_id, country, state: file.state, due: file.due, nodes })
}

/// Decides a case. What was decided before stays in its history.
pub(crate) async fn decide(
    connection: &mut AnyConnection,
    begin: &str,
    ruling: Ruling,
    word: Decision,
    today: Date,
) -> Result<Outcome, Error> {
    check_word("--by", &word.decided_by, BY_CHARS_MAX)?;
    check_word("--reason", &word.reason, REASON_CHARS_MAX)?;
    file::turn(connection).await?;
    let mut file = file::named(connection, begin).await?;
    let is_heard = match file.state {
        State::Open => false,
        State::Sent => file.is_overdue(today),
        // A case that was decided without an answer was heard of as little as before.
        State::Explained | State::FalseAlarm | State::Resolved => file.sent_at_us.is_some(),
        State::Answered | State::Confirmed => true,
    };
    if ruling == Ruling::Confirmed && !is_heard {
        return Err(Error::NotHeard { case_id: file.case_id, due: file.due });
    }
    let state = ruling.state();
    let decision = Decision { outcome: state.as_str().to_owned(), ..word };
    let event = Event {
        at_us: decision.decided_at_us,
        actor: decision.decided_by.trim().to_owned(),
        action: state.as_str().to_owned(),
        reason: decision.reason.clone(),
        document_name: decision.document_name.clone(),
        document_sha256: decision.document_sha256.clone(),
    };
    file.state = state;
    file.changed_at_us = decision.decided_at_us;
    file.is_due = file.sent_at_us.is_some();
    file.decision = Some(decision);
    file::save(connection, &file, &[event]).await?;
    let nodes =
        if file.is_due { notice::nodes_of(connection, &file.country).await? } else { Vec::new() };
    let (case_id, country) = (file.case_id, file.country);
    Ok(Outcome { case_id, country, state, due: file.due, nodes })
}
